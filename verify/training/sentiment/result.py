"""One LSTM from its data to its measures, kept in a folder so that nothing is done twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array
from derive.reading.read_number import number_text
from verify.training.layout import SENTIMENT
from verify.training.sentiment.data import RatedSentences
from verify.training.sentiment.embedding import co_occurrence_vectors, read_glove, vocabulary
from verify.training.sentiment.model import MATRICES, SentimentNetwork
from verify.training.sentiment.training import Course, Encoded, encode, train_network
from verify.training.sentiment.truncation import Truncation, bulk_edges, shuffled_loss, truncate

EPOCHS = 500
RATE = 0.01
"""The paper's learning rate is `RATE`/N."""

FINE_RANKS = 26


@dataclass(frozen=True, eq=False)
class MatrixSpectra:
    """Singular values, descending, of dW, W0 and W, and the edges of W0's bulk."""

    change: Array
    initial: Array
    whole: Array
    edges: tuple[float, float]


@dataclass(frozen=True, eq=False)
class SentimentResult:
    """``spectra`` by torch's name of the stacked matrix; the rest as `Course` and `Truncation`."""

    size: int
    seed: int
    epochs: int
    rate: float
    course: Course
    truncation: Truncation
    shuffled_loss: float
    spectra: dict[str, MatrixSpectra]


@dataclass(frozen=True, eq=False)
class Prepared:
    """Encoded sentences and the embedding, and what identifies them in a store."""

    training: Encoded
    validation: Encoded
    embedding: NDArray[np.float32]
    source: str
    digest: str


def prepare(data: RatedSentences, embeddings: Path | None, seed: int) -> Prepared:
    """Numbers for words and vectors for numbers. Raises UsageProblem for a bad embedding file."""
    words = vocabulary(data.training)
    vectors = (
        co_occurrence_vectors(data.training, words)
        if embeddings is None
        else read_glove(embeddings, words, seed)
    )
    dimension = f"GloVe's {vectors.shape[1]} dimensions"
    of = "co-occurrences of the training set" if embeddings is None else dimension
    training, validation = encode(data.training, words), encode(data.validation, words)
    hashed = hashlib.sha256(repr((training.words, validation.words, embeddings is None)).encode())
    if embeddings is not None:
        hashed.update(vectors.tobytes())
    source = (
        f"{data.source}: {len(data.training)} sentences for training, {len(data.validation)} for validation; "
        f"{len(words.numbers)} words, embedding from {of}"
    )
    return Prepared(training, validation, vectors, source, hashed.hexdigest()[:12])


def sentiment_result(
    prepared: Prepared,
    size: int,
    seed: int,
    epochs: int = EPOCHS,
    rate: float | None = None,
    device: str = "cpu",
    store: Path | None = None,
    on_epoch: Callable[[int], None] = lambda epoch: None,
) -> SentimentResult:
    """Train and measure one network; with ``store`` a finished or begun training is gone on from."""
    rate = RATE / size if rate is None else rate
    network = SentimentNetwork(prepared.embedding, size, seed).to(device)
    start = network.matrices()
    path = None
    if store is not None:
        folder = store / SENTIMENT / f"size_{size}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"seed_{seed}_epochs_{epochs}_rate_{number_text(rate)}_{prepared.digest}.npz"
    course = train_network(
        network, prepared.training, prepared.validation, epochs, rate, seed, device, path, on_epoch
    )
    end = network.matrices()
    spectra = {}
    for name in MATRICES:
        bound = (prepared.embedding.shape[1] if name == "weight_ih_l0" else size) ** -0.5
        matrices = (end[name] - start[name], start[name], end[name])
        change, initial, whole = (np.asarray(np.linalg.svd(one, compute_uv=False)) for one in matrices)
        spectra[name] = MatrixSpectra(change, initial, whole, bulk_edges(bound, start[name].shape))
    return SentimentResult(
        size,
        seed,
        epochs,
        rate,
        course,
        truncate(network, start, prepared.validation, ranks(size), device),
        shuffled_loss(network, start, prepared.validation, seed, device),
        spectra,
    )


def ranks(size: int) -> list[int]:
    """0, 1, ..., 25, then some 10 to each doubling, up to N.

    >>> ranks(32)[-5:]
    [25, 27, 29, 31, 32]
    """
    found = list(range(min(FINE_RANKS, size + 1)))
    while found[-1] < size:
        found.append(min(size, max(found[-1] + 1, round(found[-1] * 1.07))))
    return found
