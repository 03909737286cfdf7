"""Check (i): the printed functions of all modes err as tau^(K+1) against many-digit flow of the limit.

The truth is the flow of one network with all inputs and outputs (`verify.modes.flow.precise_limit`); no
modes enter it. The printed functions are given the modes of the target with as many digits; that the
printed modes are these, rounded, is a check of its own.
"""

from __future__ import annotations

import mpmath
import numpy as np

from derive.radius.singularities import singularities
from verify.checks.check import Check
from verify.checks.error_slope import Errors, NextTerms, ladder_times
from verify.modes.flow import full_flow, precise_limit
from verify.modes.theory import ModesTheory
from verify.truth.digits import working_digits
from verify.truth.precise_flow import DIGITS, norm

ROUNDING = 2.0**-52


def modes_series_checks(theory: ModesTheory, g: float) -> tuple[list[Check], dict[str, NextTerms]]:
    """Slopes of Z as a whole, loss, norm and singular values; and what each series leaves out."""
    shape, order = theory.target.shape, theory.order
    checks = [_modes_check(theory)]
    with working_digits(DIGITS):
        target = np.vectorize(mpmath.mpf, otypes=[object])(theory.target)
        modes = _precise_modes(theory, target)
        radius = singularities(g, float(modes[0][0])).radius * (1 - g * g) ** 2
        times = ladder_times(radius)
        network = precise_limit(g, order // 2 + 2, shape)
        errors: dict[str, list[mpmath.mpf]] = {}
        for tau in times:
            printed = theory.observables(tau, mpmath.mpf(g), modes)
            Z, change = full_flow(network, target, tau, order // 2 + 3)
            names = list(printed)[Z.size + 2 :]
            squares = mpmath.eigsy(mpmath.matrix((change @ change.T).tolist()), eigvals_only=True)
            singular = [mpmath.sqrt(abs(x)) for x in sorted(squares, reverse=True)[: len(names)]]
            truth = dict(
                zip(printed, [*Z.ravel(), norm(target - Z) ** 2 / 2, norm(change), *singular], strict=False)
            )
            for name, value in truth.items():
                errors.setdefault(name, []).append(printed[name] - value)
        entries = list(errors)[: theory.target.size]
        whole = [norm(np.array(x)) for x in zip(*(errors[name] for name in entries), strict=True)]
        ranks = {f"s{r + 1}": 2 * (r // len(modes)) + 1 for r in range(len(errors))}
        left_out = {}
        for name, found in [("Z", whole), *list(errors.items())]:
            error = Errors(max(order + 1, ranks.get(name, 0)), times, found)
            if name not in entries and any(found):
                checks.append(error.check(f"series of {name}: printed against limit flow of all modes"))
            left_out[name] = error.left_out
        return checks, left_out


def _precise_modes(
    theory: ModesTheory, target: np.ndarray
) -> list[tuple[mpmath.mpf, list[mpmath.mpf], list[mpmath.mpf]]]:
    """As many modes as are printed, of the printed target, with many digits."""
    left, values, right = mpmath.svd_r(mpmath.matrix(target.tolist()), full_matrices=False)
    return [(values[k], list(left[:, k]), list(right[k, :])) for k in range(len(theory.modes))]


def _modes_check(theory: ModesTheory) -> Check:
    """The printed modes recombine to the target and their vectors are orthonormal."""
    zhat, left, right = (np.array(x, dtype=float) for x in zip(*theory.modes, strict=True))
    unit = np.eye(len(zhat))
    errors = [np.abs(left.T @ np.diag(zhat) @ right - theory.target).max() / zhat[0]]
    errors += [np.abs(vectors @ vectors.T - unit).max() for vectors in (left, right)]
    size = len(zhat) + 2
    return Check(
        "printed modes: Zhat = sum of zhat u v^T, u and v orthonormal",
        float(max(errors)),
        0.0,
        size * ROUNDING,
        f"largest deviation, that of Zhat relative to its largest singular value; the tolerance is {size} "
        "roundings of 2^-52, those of the printed numbers and of the sums over them",
    )
