"""The exact limit of several inputs and outputs, mode by mode (THEORY 4, 5), and when to look at it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.limit import learning_curve
from verify.checks.judging import Values
from verify.comparison.schedule import LEARNED, Schedule, reached
from verify.truth.descent import observable_names
from verify.truth.flow_curve import LIMIT_CHAIN, learned_observables

GRID = 201


def exact_values(
    modes: Sequence[tuple[Any, Any, Any]], shape: tuple[int, int], g: float, tau: NDArray[np.float64]
) -> tuple[Values, NDArray[np.float64]]:
    """Every observable at learning times ``tau``, as many singular values as modes; and the curvature.

    The curvature, shape (T,), is that of the sharpest mode: descent is stable below 2 over it.
    """
    curves = [learned_observables(learning_curve(g, zhat, size=LIMIT_CHAIN), tau) for zhat, _, _ in modes]
    Z = sum(
        curve.values["readout"][:, None, None] * np.outer(left, right)
        for curve, (_, left, right) in zip(curves, modes, strict=True)
    )
    loss = sum(curve.values["loss"] for curve in curves)
    norm = np.sqrt(sum(curve.values["frobenius_norm"] ** 2 for curve in curves))
    singular = np.sort([curve.values[s] for curve in curves for s in ("s1", "s2")], axis=0)[::-1]
    count = len(modes)
    table = [*np.asarray(Z).reshape(len(tau), -1).T, loss, norm, *singular[:count]]
    curvature = np.max([curve.curvature for curve in curves], axis=0)
    return dict(zip(observable_names(shape, count), table, strict=True)), curvature


def modes_schedule(
    modes: Sequence[tuple[Any, Any, Any]], shape: tuple[int, int], g: float, epochs: int
) -> Schedule:
    """Times until the loss has fallen to 5%, or as far as ``epochs`` steps reach at half the stable rate."""
    unit = (1 - g * g) ** -2
    grid = np.linspace(0, math.log(1 / LEARNED) / 2, GRID)
    values, curvature = exact_values(modes, shape, g, grid / unit)
    unlearned = values["loss"] >= LEARNED * values["loss"][0]
    return reached(grid, unlearned, curvature, epochs, unit)
