"""Outliers of one given network along its own learning (THEORY 2, 4, 5).

Gradient flow of the network is followed exactly in its chains (`derive.exact.network_curve`), and all
eigenvalues of W(tau) are computed. No limit N -> infinity enters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array
from derive.exact.network_curve import NetworkLearning
from derive.exact.outliers import MARGIN, by_size
from derive.flow.instance import Instance
from derive.reading.arguments import of_kind, real_array, target
from derive.reading.fields import Brief


@dataclass(frozen=True, eq=False, repr=False)
class NetworkOutliers(Brief):
    """``values[k]``: the eigenvalues of W at the k-th time with |lambda| > ``radius``, largest first.

    ``spectral_radius`` is that of W0, ``radius`` 1.02 times it.
    """

    values: list[NDArray[np.complex128]]
    spectral_radius: float

    @property
    def radius(self) -> float:
        """What an eigenvalue of W must exceed in modulus to be listed."""
        return MARGIN * self.spectral_radius


def network_outliers(
    instance: Instance,
    zhat: float,
    times: Sequence[float] | Array,
    on_time: Callable[[], None] = lambda: None,
) -> NetworkOutliers:
    """Outliers of W at learning times tau >= 0; ``on_time`` is called after each one.

    Costs O(N^3) a time. Raises ValueError where I - W0 is singular, m or w is zero, zhat is the
    network's readout before learning, or its chains do not converge.
    """
    of_kind("instance", instance, Instance, "an Instance")
    target(zhat)
    return learned_outliers(NetworkLearning(instance, zhat), times, on_time)


def learned_outliers(
    learning: NetworkLearning, times: Sequence[float] | Array, on_time: Callable[[], None] = lambda: None
) -> NetworkOutliers:
    """The same of a network whose learning is at hand."""
    W0 = learning.instance.W0
    result = NetworkOutliers([], float(np.abs(np.linalg.eigvals(W0)).max()))
    tau = real_array("times", times)
    if tau.ndim != 1 or np.any(tau < 0):
        raise ValueError("times: allowed is a list of numbers >= 0")
    for change in learning.changes(tau):
        eigenvalues = np.linalg.eigvals(W0 + change).astype(np.complex128)
        result.values.append(by_size(eigenvalues[np.abs(eigenvalues) > result.radius]))
        on_time()
    return result
