"""The exact curve beside what the series through tau^K make of it (THEORY 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.exact.fluctuations.deviations import Deviations
from derive.exact.learning_path import learning_path
from derive.exact.limit import Curve, curve
from derive.exact.network_curve import SIZES, NetworkLearning
from derive.flow.fixed_point_task import parse_train
from derive.flow.high_order import readout_coefficients
from derive.observables.instance_series import instance_series
from derive.radius.resummation import METHODS, resummed_readout
from derive.radius.singularities import Singularities, path_singularities, singularities


@dataclass(frozen=True, eq=False)
class Comparison:
    """``series[k]`` (T,): the truncation at ttilde^k, k = 1..K; ``resummed``: by method, None where
    the approximant does not exist. Without an expansion (m and w trained) all of it is absent.
    ``deviations`` are those between networks of one size, where asked for.
    """

    exact: Curve
    series: dict[int, Array]
    resummed: dict[str, Array | None]
    singularities: Singularities | None
    deviations: Deviations | None = None


def comparison(
    g: float,
    zhat: float,
    ttilde: Array,
    order: int,
    *,
    singular_values: int = 2,
    alignment: float = 0.0,
    train: str | Sequence[str] = ("W",),
    tolerance: float = 1e-10,
) -> Comparison:
    """Exact curve, truncations 1..order and resummations at the times ``ttilde``.

    Raises ValueError as `derive.limit.curve` does.
    """
    exact = curve(
        g,
        zhat,
        ttilde,
        singular_values=singular_values,
        alignment=alignment,
        train=train,
        tolerance=tolerance,
    )
    if parse_train(train) != ("W",):
        return Comparison(exact, {}, {}, None)
    coefficients = [float(c.mid()) for c in readout_coefficients(g, zhat, order, alignment=alignment)]
    resummed: dict[str, Array | None] = {}
    for method in METHODS if alignment == 0 else ():
        try:
            resummed[method] = resummed_readout(g, zhat, order, method)(ttilde)
        except ValueError:
            resummed[method] = None
    try:
        found = singularities(g, zhat, alignment=alignment)
    except ValueError:  # a one-dimensional W, which has none of them
        found = None
    return Comparison(exact, truncations(coefficients, ttilde), resummed, found)


def network_comparison(
    network: NetworkLearning,
    ttilde: Array,
    order: int,
    *,
    g: float = 0.0,
    singular_values: int = 2,
    tolerance: float = 1e-10,
) -> Comparison:
    """The curve of one network beside its own Taylor series through ttilde^1..ttilde^order, and their radius.

    Raises ValueError as `NetworkLearning.curve` does.
    """
    exact = network.curve(ttilde, g=g, singular_values=singular_values, tolerance=tolerance)
    unit = ((1 - g) * (1 + g)) ** 2
    series = instance_series(network.instance, network.zhat, order, network.train).readout
    coefficients = [c * unit**k for k, c in enumerate(series)]
    found = None
    if network.train == ("W",):
        forward = exact.learning
        opposite = learning_path(network.reduced(SIZES[-1]), direction=-forward.path.direction)
        if forward.path.pole and opposite.pole:
            found = path_singularities(forward, opposite, 1 / unit)
    return Comparison(exact, truncations(coefficients, ttilde), {}, found)


def truncations(coefficients: Sequence[float], ttilde: Array) -> dict[int, Array]:
    """The sums through ttilde^1, ttilde^2, ... of a Taylor series."""
    return {
        k: np.asarray(np.polynomial.polynomial.polyval(ttilde, coefficients[: k + 1]), dtype=np.float64)
        for k in range(1, len(coefficients))
    }
