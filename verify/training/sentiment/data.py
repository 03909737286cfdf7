"""Rated sentences, from a file that the user has; nothing is downloaded, nothing is kept.

- GLUE's SST-2: a folder with train.tsv and dev.tsv, or one such file (then a fixed tenth of it is for
  validation); lines ``sentence TAB label`` under that header, label 0 or 1.
- vaderSentiment's source archive (version 2.5): in it, inside another archive, 10,604 sentences of
  film reviews with the mean of their ratings from -4 to 4. A sentence is positive or negative by the
  sign; ratings nearer to 0 than `LEAST_RATING` are left out. A tenth is for validation and a tenth
  for testing, the same ones always.

Archives are read in memory: nothing of them is written anywhere.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from derive.command_line import UsageProblem

LEAST_RATING = 0.5
RATINGS = "movieReviewSnippets_GroundTruth.txt"
INNER = "hutto_ICWSM_2014.tar.gz"
LARGEST = 64 << 20  # bytes of an archive's member
TOKEN = re.compile(r"[^\W_]+?(?=n't\b)|n't\b|'(?:s|re|ve|ll|d|m)\b|[^\W_]+|[^\w\s]")
"""Words without their contractions, contractions (as in GloVe's words: n't, 's, ...), signs."""
ALLOWED = (
    "allowed are SST-2's folder or tsv file (header: sentence TAB label), or the archive "
    "vaderSentiment-2.5.tar.gz"
)


@dataclass(frozen=True, eq=False)
class Sentences:
    """Tokenised sentences and their labels, 1 positive, 0 negative."""

    tokens: tuple[tuple[str, ...], ...]
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.tokens)


@dataclass(frozen=True, eq=False)
class RatedSentences:
    """What to train on, what to choose and judge by; ``source`` says where it is from."""

    training: Sentences
    validation: Sentences
    source: str


def read_data(path: Path) -> RatedSentences:
    """The sentences at ``path``. Raises UsageProblem naming it and what is allowed."""
    try:
        if path.is_dir():
            training, validation = (_sentences(_tsv(path / name)) for name in ("train.tsv", "dev.tsv"))
            data = RatedSentences(training, validation, "SST-2")
        elif tarfile.is_tarfile(path):
            data = _split(_ratings(path), tenths=(8, 1), source="ratings of film reviews, vaderSentiment 2.5")
        else:
            data = _split(_tsv(path), tenths=(9, 1), source="SST-2")
    except (OSError, tarfile.TarError, EOFError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
        raise UsageProblem(f"--data {path}: {reason}; {ALLOWED}") from None
    except UnicodeDecodeError:
        raise UsageProblem(f"--data {path}: not text; {ALLOWED}") from None
    for part, name in ((data.training, "training"), (data.validation, "validation")):
        if len(part) == 0 or len(set(part.labels.tolist())) < 2:
            raise UsageProblem(
                f"--data {path}: {len(part)} sentences for {name}; allowed are both positive and "
                "negative ones"
            )
    return data


def tokenise(text: str) -> tuple[str, ...]:
    """Lower-case words, numbers and signs; contractions are cut off, as GloVe's words are.

    >>> tokenise("It isn't GOOD, it's 2 hours!")
    ('it', 'is', "n't", 'good', ',', 'it', "'s", '2', 'hours', '!')
    """
    return tuple(TOKEN.findall(text.lower()))


Rows = list[tuple[str, int]]


def _tsv(path: Path) -> Rows:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    if not lines or lines[0].strip().split("\t") != ["sentence", "label"]:
        raise UsageProblem(f"--data {path}: the first line is not 'sentence TAB label'; {ALLOWED}")
    rows: Rows = []
    for number, line in enumerate(lines[1:], 2):
        sentence, tab, label = line.rpartition("\t")
        if not tab or label.strip() not in ("0", "1"):
            raise UsageProblem(f"--data {path}: line {number} has no label 0 or 1 after a tab; {ALLOWED}")
        rows.append((sentence, int(label)))
    return rows


def _ratings(path: Path) -> Rows:
    with tarfile.open(path) as outer:
        inner = _member(outer, INNER) if any(name.endswith(INNER) for name in outer.getnames()) else None
        if inner is None:
            raise UsageProblem(f"--data {path}: no {INNER} in it; {ALLOWED}")
    with tarfile.open(fileobj=io.BytesIO(inner)) as archive:
        text = _member(archive, RATINGS).decode("utf-8", "replace")
    rows: Rows = []
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split("\t", 2)
        try:
            rating, sentence = float(fields[1]), fields[2]
        except (IndexError, ValueError):
            raise UsageProblem(f"--data {path}: line {number} of its ratings has none; {ALLOWED}") from None
        if abs(rating) >= LEAST_RATING:
            rows.append((sentence, int(rating > 0)))
    return rows


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    """The content of the member whose path ends so. Raises TarError where there is none."""
    for member in archive.getmembers():
        if member.isfile() and Path(member.name).name == name and member.size <= LARGEST:
            stream = archive.extractfile(member)
            assert stream is not None  # a regular file has content
            return stream.read()
    raise tarfile.TarError(f"no {name} in it")


def _sentences(rows: Sequence[tuple[str, int]]) -> Sentences:
    kept = [(tokens, label) for text, label in rows if (tokens := tokenise(text))]
    return Sentences(tuple(tokens for tokens, _ in kept), np.array([label for _, label in kept], np.int64))


def _split(rows: Rows, tenths: tuple[int, int], source: str) -> RatedSentences:
    """A fixed random split; what the tenths leave over is for testing and not used here."""
    order = np.random.default_rng(0).permutation(len(rows))
    first, second = (len(rows) * sum(tenths[:k]) // 10 for k in (1, 2))
    pick = [[rows[k] for k in part] for part in (order[:first], order[first:second])]
    return RatedSentences(_sentences(pick[0]), _sentences(pick[1]), source)
