"""What is printed of one mode of a target, and where its formulas hold."""

from __future__ import annotations

from derive.document.observables import PrintedSeries, observables
from derive.observables.singular_values import is_singular_value
from derive.tasks.modes import MatrixExpansion

PRINTED = ("readout", "loss", "frobenius_norm")


def modes_validity(expansion: MatrixExpansion) -> str:
    """Where the formulas hold."""
    return (
        f"Exact through tau**{expansion.order} at N -> infinity, for Gaussian orthonormal inputs and "
        "readouts, 0 <= g < 1. A Taylor series at tau = 0: trust it for ttilde below its radius of "
        "convergence, that of the largest zhat (0.58, 0.34, 0.19 at zhat = 0.5, 1, 2 and g = 0.6). The "
        "command derive curve gives the exact curve of each mode at all times."
    )


def mode_observables(expansion: MatrixExpansion) -> list[PrintedSeries]:
    """Readout, loss, Frobenius norm and singular values of one mode, derived."""
    return [
        observable
        for observable in observables(expansion.scalar)
        if observable.name in PRINTED or is_singular_value(observable.name)
    ]
