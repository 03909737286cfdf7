"""Singular values and Frobenius norm of W - W0 as series (THEORY 4)."""

from functools import cache

import mpmath
import numpy as np
import pytest
import sympy
from dense_taylor import dense_taylor
from flint import arb, ctx
from gauss_rule import gauss_rule
from slow_cases import slow_but

from derive import FixedPointTask, beta, expand, zhat

ORDER, COUNT = 13, 7  # 2 * 7 - 1 >= 13: every singular value that order 13 can see


def squared(series, through):
    """Coefficients of the square of a truncated series."""
    padded = [*series, *[sympy.S.Zero] * (through + 1 - len(series))]
    return [sum(padded[i] * padded[k - i] for i in range(k + 1)) for k in range(through + 1)]


@pytest.mark.slow
def test_frobenius_norm_is_the_sum_of_squared_singular_values():
    """Exactly, through tau^(order + 1): each square starts at tau^2 or later, one power above its root."""
    expansion = expand(FixedPointTask(), ORDER, singular_values=COUNT)
    squares = [squared(s, ORDER + 1) for s in expansion.singular_values]
    norm = squared(expansion.frobenius_norm, ORDER + 1)
    total = [sum(parts) for parts in zip(*squares, strict=True)]
    assert all(sympy.cancel(left - right) == 0 for left, right in zip(norm, total, strict=True))
    # s_4^2 = O(tau^14) is the last that takes part
    assert expansion.singular_values[3][7] != 0


@pytest.mark.parametrize("r", range(1, COUNT + 1))
def test_each_singular_value_starts_at_its_own_power(r):
    """s_r = O(tau^(2r-1)), a hierarchy without end for g > 0; positive where it starts."""
    series = expand(FixedPointTask(), ORDER, singular_values=COUNT).singular_values[r - 1]
    assert all(c == 0 for c in series[: 2 * r - 1])
    leading = sympy.lambdify((zhat, beta), series[2 * r - 1])
    assert all(leading(1.0, 1 / (1 - g * g)) > 0 for g in np.linspace(0.05, 0.99, 40))


def test_fourth_singular_value_needs_a_denominator_from_order_11_on():
    """The first coefficient that is not a polynomial; its text is the same quotient."""
    series = expand(FixedPointTask(), 11, singular_values=4).singular_values[3]
    assert sympy.expand(series[7] - zhat**7 * beta**14 * (3 * beta - 1) * (beta - 1) / 100800) == 0
    for k in range(7, 12):
        assert sympy.cancel(series[k]).as_numer_denom()[1].has(beta) == (k == 11)
        assert sympy.sympify(series.text(k), locals={"zhat": zhat, "beta": beta}) == series[k]
    assert series.text(11).endswith(")/(3*beta - 1)")
    _, denominator = sympy.fraction(sympy.cancel(series[11]))
    assert sympy.rem(denominator, 3 * beta - 1, beta) == 0


# High precision: s_3 and s_4 are far below what doubles resolve beside s_1

DIGITS = 60
CASES = [(0.6, 0.5, 0.58), (0.6, 2.0, 0.19), (0.3, 1.0, 0.40), (0.8, 2.0, 0.14)]  # g, zhat, radius


@pytest.fixture(autouse=True)
def precision():
    before = ctx.prec
    ctx.prec = 220
    with mpmath.workdps(DIGITS):
        yield
    ctx.prec = before


def ball(x):
    return arb(mpmath.nstr(mpmath.mpf(x), DIGITS))


def number(x):
    return mpmath.mpf(x.mid().str(DIGITS, radius=False))


@cache
def weight_change(g, target, count, order):
    """W_0..W_order of the limit network, W - W0 = sum_k W_k tau^k, as dense matrices of balls."""
    nodes, weights = gauss_rule(g, count)
    none = [arb(0)] * len(nodes)
    B = np.diag(np.array([ball(mpmath.sqrt(x)) for x in (*nodes, *nodes)]))
    root = [ball(mpmath.sqrt(r)) for r in weights]
    B = np.where(np.eye(len(B)) == 1, B, arb(0))
    return dense_taylor(B, np.array(none + root), np.array(root + none), arb(target), order)[0]


@cache
def flow(g, target, radius, count=8, order=24):
    """Times tau, 1/40 to 1/20 of the radius of convergence, and the singular values of W - W0 there."""
    scale = (1 - arb(g) ** 2) ** 2  # 1/beta^2
    times = [scale * radius / 40 * 2 ** (arb(i) / 3) for i in range(4)]
    W = weight_change(g, target, count, order)
    values = []
    for time in times:
        change = sum(W[k] * time**k for k in range(1, len(W)))  # leaves out (1/20)^(order + 1)
        matrix = mpmath.matrix([[number(x) for x in row] for row in change])
        values.append(list(mpmath.svd_r(matrix, compute_uv=False)))
    return times, values


@pytest.mark.parametrize(("g", "target", "radius"), slow_but(CASES[:1], CASES, several=True))
@pytest.mark.parametrize(("order", "count"), [(3, 2), (5, 3), (9, 4), (9, 5), (11, 4)])
def test_singular_values_leave_the_flow_with_slope_order_plus_one(g, target, radius, order, count):
    """Error of s_r through tau^K against the SVD of the limit network's flow: ~ tau^(K+1).

    The slope bends by tau/radius, at most 1/20, times the ratio of neighbouring coefficients in units
    of the radius (1 to 4 here); a wrong coefficient would give a slope of K or less.
    """
    check_slopes(g, target, order, count, *flow(g, target, radius))


@pytest.mark.slow
def test_slope_at_order_20():
    """11 nodes hold the N = infinity coefficients through tau^21."""
    g, target, radius = CASES[1]
    check_slopes(g, target, 20, 4, *flow(g, target, radius, 11, 36))


def check_slopes(g, target, order, count, times, values):
    expansion = expand(FixedPointTask(), order, singular_values=count)
    for r, series in enumerate(expansion.singular_values):
        errors = [
            abs(number(series(time, arb(target), arb(g))) - row[r])
            for time, row in zip(times, values, strict=True)
        ]
        slope = float(mpmath.log(errors[-1] / errors[0]) / mpmath.log(2))
        assert abs(slope - (order + 1)) < 0.2, f"s_{r + 1}"
        assert errors[-1] < values[-1][r] / 5
