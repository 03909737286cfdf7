"""Frozen word vectors: GloVe's text file, or co-occurrences of the training set.

Rows 0 and 1 (padding, unknown) are 0. The file says the dimension (GloVe comes with 50, 100, 200 and
300; the paper has 100); words that it lacks are drawn from N(0, 1), as in the paper. Without a file,
the vectors are the `DIMENSION` leading singular vectors, times the roots of their
singular values, of the positive pointwise mutual information of words at most `WINDOW` apart in the
training sentences, scaled to GloVe's spread.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from derive.command_line import UsageProblem
from verify.training.sentiment.data import Sentences

DIMENSION = 100
WINDOW = 5
SPREAD = 0.4  # standard deviation of an entry of GloVe 6B, 100 dimensions
RESERVED = 2
DENSE = 1000  # words whose matrix is decomposed whole: ARPACK is for the larger ones
PADDING, UNKNOWN = 0, 1

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Numbers of the training set's words, from `RESERVED` on."""

    numbers: dict[str, int]

    def encode(self, tokens: tuple[str, ...]) -> list[int]:
        return [self.numbers.get(token, UNKNOWN) for token in tokens]


def vocabulary(sentences: Sentences) -> Vocabulary:
    """All words, by falling frequency, ties in alphabetic order."""
    counts = Counter(token for tokens in sentences.tokens for token in tokens)
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return Vocabulary({word: RESERVED + k for k, word in enumerate(ordered)})


def read_glove(path: Path, words: Vocabulary, seed: int) -> Array:
    """Vectors (words + 2, D) from lines ``word x1 ... xD``, D as on the first line. Raises UsageProblem."""
    allowed = "allowed is a text file with lines of a word and always as many numbers, like glove.6B.100d.txt"
    found: dict[int, list[float]] = {}
    dimension = number = 0
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                word, *values = line.rstrip("\n").split(" ")
                dimension = dimension or len(values)
                if len(values) != dimension or not values:
                    raise UsageProblem(
                        f"--embeddings {path}: {len(values)} numbers on line {number}; {allowed}"
                    )
                if word in words.numbers:
                    found[words.numbers[word]] = [_finite(value) for value in values]
    except OSError as problem:
        raise UsageProblem(f"--embeddings {path}: {problem.strerror}; {allowed}") from None
    except UnicodeDecodeError:
        raise UsageProblem(f"--embeddings {path}: not text; {allowed}") from None
    except ValueError:
        raise UsageProblem(f"--embeddings {path}: line {number} is no vector; {allowed}") from None
    if not found:
        raise UsageProblem(f"--embeddings {path}: none of the training set's words in it; {allowed}")
    shape = (RESERVED + len(words.numbers), dimension)
    vectors = np.random.default_rng([seed, dimension]).standard_normal(shape).astype(np.float32)
    for row, vector in found.items():
        vectors[row] = vector
    vectors[:RESERVED] = 0
    return vectors


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def co_occurrence_vectors(sentences: Sentences, words: Vocabulary) -> Array:
    """Vectors (words + 2, `DIMENSION`) from the sentences alone."""
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import svds

    count = len(words.numbers)
    pairs: Counter[tuple[int, int]] = Counter()
    for tokens in sentences.tokens:
        numbers = [words.numbers[token] - RESERVED for token in tokens]
        for k, one in enumerate(numbers):
            for other in numbers[k + 1 : k + 1 + WINDOW]:
                pairs[one, other] += 1
                pairs[other, one] += 1
    rows, columns = np.array(list(pairs), dtype=np.int64).reshape(-1, 2).T
    values = np.fromiter(pairs.values(), float, len(pairs))
    totals = np.bincount(rows, values, minlength=count)
    information = np.log(values * values.sum() / (totals[rows] * totals[columns]))
    kept = information > 0
    matrix = coo_array((information[kept], (rows[kept], columns[kept])), shape=(count, count)).tocsr()
    rank = min(DIMENSION, count - 1)
    if count <= DENSE:
        left, strengths, _ = np.linalg.svd(matrix.toarray())
        left, strengths = left[:, :rank], strengths[:rank]
    else:
        left, strengths, _ = svds(matrix, k=rank, v0=np.ones(count))
        left, strengths = left[:, ::-1], strengths[::-1]
    found = left * np.sqrt(strengths)
    found *= np.sign(found[np.abs(found).argmax(axis=0), np.arange(rank)])  # a fixed sign
    vectors = np.zeros((RESERVED + count, DIMENSION), np.float32)
    vectors[RESERVED:, :rank] = SPREAD / found.std() * found
    return vectors
