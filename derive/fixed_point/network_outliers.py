"""Outliers of one given network along its own learning (THEORY 2, 4, 5).

Gradient flow of the network is followed exactly in the orthonormal bases of its chains,

    W(tau) = W0 + Qa C(tau) Qb^T,

with as many chain vectors as it takes for C to stand still, and all eigenvalues of W(tau) are
computed. No limit N -> infinity enters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.fixed_point.instance import Instance
from derive.fixed_point.learning_curve import LearningCurve
from derive.fixed_point.learning_path import learning_path
from derive.fixed_point.outliers import MARGIN, by_size
from derive.fixed_point.reduction import instance_bases

SIZES = (12, 18, 26, 38, 56)  # numbers of chain vectors tried
STILL = 1e-9  # change of C on adding chain vectors, relative

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NetworkOutliers:
    """``values[k]``: the eigenvalues of W at the k-th time with |lambda| > ``radius``, largest first.

    ``spectral_radius`` is that of W0, ``radius`` 1.02 times it.
    """

    values: list[NDArray[np.complex128]]
    spectral_radius: float

    @property
    def radius(self) -> float:
        return MARGIN * self.spectral_radius


def network_outliers(
    network: Instance, zhat: float, times: Sequence[float] | Array, on_time: Callable[[], None] = lambda: None
) -> NetworkOutliers:
    """Outliers of W at learning times tau >= 0; ``on_time`` is called after each one.

    Costs O(N^3) a time. Raises ValueError where I - W0 is singular, m or w is zero, zhat is the
    network's readout before learning, or the chain does not converge.
    """
    spectral_radius = float(np.abs(np.linalg.eigvals(network.W0)).max())
    result = NetworkOutliers([], spectral_radius)
    for change in network_changes(network, zhat, times):
        eigenvalues = np.linalg.eigvals(network.W0 + change).astype(np.complex128)
        result.values.append(by_size(eigenvalues[np.abs(eigenvalues) > result.radius]))
        on_time()
    return result


def network_changes(network: Instance, zhat: float, times: Sequence[float] | Array) -> Iterator[Array]:
    """W - W0 at each learning time, shape (N, N) each; raises as `network_outliers`."""
    network.chains(1)
    if not (network.m.any() and network.w.any()):
        raise ValueError("m or w is zero, nothing is learned: allowed are vectors that are not")
    tau, before = np.asarray(times, dtype=float), np.zeros((len(times), 0, 0))
    for size in SIZES:
        reduction, left, right = instance_bases(network, size)
        path = learning_path(reduction, direction=1 if zhat > reduction.readout else -1)
        C = path.change(LearningCurve(path, zhat).position(tau)[0])
        known = before.shape[1]
        moved = np.array(C)
        moved[:, :known, :known] -= before
        if len(left) == known or np.linalg.norm(moved) <= STILL * np.linalg.norm(C):
            return (left.T @ x @ right for x in C)
        before = C
    raise ValueError(
        f"the flow of this network needs more than {SIZES[-1]} chain vectors: allowed are networks whose "
        "I - W0 is better conditioned"
    )
