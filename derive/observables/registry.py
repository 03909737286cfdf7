"""The observables of a fixed-point task, in the order in which every format prints them.

A new observable is a file beside this one and an entry of ``OBSERVABLES``: text, JSON, LaTeX, every
code language, one network, the exact curve and the checks of ``verify`` loop over this registry.
"""

from __future__ import annotations

from derive.flow.fixed_point_task import FixedPointTask
from derive.observables.frobenius_norm import FROBENIUS_NORM
from derive.observables.gradient_norm import GRADIENT_NORM
from derive.observables.loss import LOSS
from derive.observables.observable import Observable
from derive.observables.readout import READOUT
from derive.observables.sharpness import SHARPNESS
from derive.observables.singular_values import singular_value
from derive.observables.total_gradient_norm import TOTAL_GRADIENT_NORM

OBSERVABLES: list[Observable | str] = [
    READOUT,
    LOSS,
    GRADIENT_NORM,
    FROBENIUS_NORM,
    "singular_values",
    SHARPNESS,
    TOTAL_GRADIENT_NORM,
]
"""``singular_values`` stands for s1, s2, ...: their number is the user's choice."""


def observables(task: FixedPointTask, singular_values: int = 2) -> tuple[Observable, ...]:
    """Those that a task has, with ``singular_values`` >= 0 of the singular values."""
    found: list[Observable] = []
    for entry in OBSERVABLES:
        if isinstance(entry, str):
            found += [singular_value(r) for r in range(1, singular_values + 1)]
        else:
            found.append(entry)
    return tuple(observable for observable in found if observable.holds(task))


def expanded_observables(task: FixedPointTask, singular_values: int = 2) -> tuple[Observable, ...]:
    """The same less those that have no series with exact coefficients."""
    return tuple(o for o in observables(task, singular_values) if o.series is not None)
