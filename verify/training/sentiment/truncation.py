"""Truncation of stacked LSTM matrices, and what their random bulk alone would look like.

A layer's matrix holds its four gates above each other (4N, columns); its singular value decomposition
is of the whole. Truncation at rank R is joint in the recurrent weights of both layers and the input
weights of the second: either W0 + the first R terms of dW, or the first R terms of W.

An n x p matrix of independent entries of variance s^2 has its singular values between
s |sqrt(n) - sqrt(p)| and s (sqrt(n) + sqrt(p)) (Marchenko and Pastur); U(-a, a) has s = a/sqrt(3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from derive.arrays import Array
from verify.training.sentiment.model import TRUNCATED, SentimentNetwork
from verify.training.sentiment.training import Encoded, judge

Matrices = Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class Truncation:
    """Validation loss and accuracy (ranks,) of W0 + dW and of W, each cut at the rank."""

    ranks: tuple[int, ...]
    change_loss: Array
    change_accuracy: Array
    whole_loss: Array
    whole_accuracy: Array


def bulk_edges(bound: float, shape: tuple[int, int]) -> tuple[float, float]:
    """Smallest and largest singular value of a large matrix with entries from U(-bound, bound).

    >>> low, high = bulk_edges(1 / 16, (1024, 256))
    >>> round(low, 3), round(high, 3)
    (0.577, 1.732)
    """
    deviation, roots = bound / np.sqrt(3), np.sqrt(shape)
    return float(deviation * abs(roots[0] - roots[1])), float(deviation * roots.sum())


class Decomposed:
    """A matrix by its singular values, decomposed once and cut at any rank."""

    def __init__(self, matrix: Array) -> None:
        self.left, self.strengths, self.right = np.linalg.svd(matrix, full_matrices=False)

    def cut(self, rank: int) -> Array:
        """The first ``rank`` terms."""
        result: Array = (self.left[:, :rank] * self.strengths[:rank]) @ self.right[:rank]
        return result


def set_matrices(network: SentimentNetwork, matrices: Matrices) -> None:
    """Put matrices in place, by torch's names."""
    with torch.no_grad():
        for name, values in matrices.items():
            getattr(network.lstm, name).copy_(torch.from_numpy(values))


def truncate(
    network: SentimentNetwork, start: Matrices, validation: Encoded, ranks: Sequence[int], device: str = "cpu"
) -> Truncation:
    """Judge the trained ``network`` at every rank; it is as before afterwards."""
    end = network.matrices()
    changes = {name: Decomposed(end[name] - start[name]) for name in TRUNCATED}
    wholes = {name: Decomposed(end[name]) for name in TRUNCATED}
    found = np.empty((4, len(ranks)))
    for k, rank in enumerate(ranks):
        for row, matrices in (
            (0, {name: start[name] + changes[name].cut(rank) for name in TRUNCATED}),
            (2, {name: wholes[name].cut(rank) for name in TRUNCATED}),
        ):
            set_matrices(network, matrices)
            found[row : row + 2, k] = judge(network, validation, device)
    set_matrices(network, end)
    return Truncation(tuple(ranks), *found)


def shuffled_loss(
    network: SentimentNetwork, start: Matrices, validation: Encoded, seed: int, device: str = "cpu"
) -> float:
    """Validation loss with the entries of every truncated W0 permuted, dW kept."""
    end, rng = network.matrices(), np.random.default_rng([seed, 0])
    shuffled = {
        name: rng.permutation(start[name].ravel()).reshape(start[name].shape) + end[name] - start[name]
        for name in TRUNCATED
    }
    set_matrices(network, shuffled)
    loss, _ = judge(network, validation, device)
    set_matrices(network, end)
    return loss
