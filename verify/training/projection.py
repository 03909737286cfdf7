"""How much of dW lies where the linear theory says it grows (Schuessler et al. 2020, section 3).

In the linear task the first order of dW is B^T w (B m)^T, B = (I - W0)^-1, and each further order adds
one vector of the chain on either side:

    left    B^T w,  B^T B m,  B^T B B^T w, ...          right    B m,  B B^T w,  B B^T B m, ...

For tasks with several vectors, here are the spans of all of them: `vectors` (w on the left, m on the
right, no W0), then the chain cut after its first, second and third vectors, B^T w | B m being the first.
Explained is |P dW Q|^2/|dW|^2, P and Q the projectors on the two spans; a random pair of spans of l
and r dimensions explains l r/N^2 on average (`chance`).

At g >= 1 there is no fixed point that B would describe; B is still a matrix, and the numbers say what
it explains. The memory of a task is no fixed point either: a span that explains little is a finding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array
from verify.training.networks import Network, initial_network
from verify.training.run import TrainedNetwork
from verify.training.tasks.task import Task

CHAIN = 3
SPANS = ("vectors", *(f"chain {k}" for k in range(1, CHAIN + 1)))


@dataclass(frozen=True, eq=False)
class Explained:
    """Parts of |dW|^2 (looks, spans) at the epochs of the run's looks (from the first with dW != 0).

    ``left`` and ``right``: with only one side projected. ``chance`` (spans,): of random spans.
    """

    epochs: NDArray[np.int64]
    both: Array
    left: Array
    right: Array
    chance: Array


def spans(start: Network) -> list[tuple[Array, Array]]:
    """Orthonormal bases (N, dimension) of the left and right spans, in the order of `SPANS`."""
    size = len(start.W)
    w, m = start.w.astype(np.float64), start.m.astype(np.float64).T
    B = np.linalg.inv(np.eye(size) - start.W.astype(np.float64))
    left, right = [B.T @ w], [B @ m]
    for _ in range(CHAIN - 1):
        # the next left vectors are B^T on the right ones, and the other way round
        left.append(B.T @ right[-1])
        right.append(B @ left[-2])
    pairs = [(w, m), *((np.hstack(left[:k]), np.hstack(right[:k])) for k in range(1, CHAIN + 1))]
    return [(_basis(one), _basis(other)) for one, other in pairs]


def explained(task: Task, run: TrainedNetwork) -> Explained:
    """Along training, by the leading terms of dW that the run keeps."""
    bases = spans(initial_network(task, run.identity))
    size = len(run.end.W)
    rows, epochs = [], []
    for look, epoch in enumerate(run.recorded):
        strengths = run.strengths[look]
        if not np.isfinite(strengths).all() or strengths[0] == 0:
            continue
        epochs.append(int(epoch))
        whole, row = (strengths**2).sum(), []
        for one, other in bases:
            left = one.T @ (run.left[look].astype(np.float64) * strengths)
            right = run.right[look].astype(np.float64).T @ other
            alone = (run.right[look] * strengths).astype(np.float64).T @ other
            row.append([(part**2).sum() / whole for part in (left @ right, left, alone)])
        rows.append(row)
    values = np.array(rows).reshape(len(rows), len(SPANS), 3)
    chance = np.array([one.shape[1] * other.shape[1] / size**2 for one, other in bases])
    both, left_alone, right_alone = values.transpose(2, 0, 1)
    return Explained(np.array(epochs, np.int64), both, left_alone, right_alone, chance)


def _basis(vectors: Array) -> Array:
    scaled = vectors / np.linalg.norm(vectors, axis=0)
    left, strengths, _ = np.linalg.svd(scaled, full_matrices=False)
    kept: Array = left[:, strengths > 1e-10 * strengths[0]]
    return kept
