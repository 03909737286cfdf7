"""What is printed of one mode of a target, and where its formulas hold."""

from __future__ import annotations

from derive.document.observables import PrintedSeries, fluctuations, observables
from derive.observables.singular_values import is_singular_value
from derive.observables.variance import variance_name
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
    return [o for o in observables(expansion.scalar) if _printed(o.name)]


def mode_fluctuations(expansion: MatrixExpansion) -> list[PrintedSeries]:
    """Their variances between networks of size N.

    Those of the scalar problem: to first order a mode does not see the overlaps across modes, whose sign
    changes with that of both vectors of one mode while nothing of the mode itself does.
    """
    return [x for x in fluctuations(expansion.scalar) if _printed(x.name.removesuffix(variance_name("")))]


def whole_variances(expansion: MatrixExpansion) -> tuple[str, ...]:
    """Of the loss and the norm of the whole target: the names of the functions that recombine."""
    known = {x.name for x in mode_fluctuations(expansion)}
    return tuple(name for name in ("loss_variance", "frobenius_norm_variance") if name in known)


def _printed(name: str) -> bool:
    return name in PRINTED or is_singular_value(name)
