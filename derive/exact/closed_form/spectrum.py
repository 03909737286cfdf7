"""The bound states of learning: what the closed form needs of the spectrum of B B^T (THEORY 7).

Let the measure of B B^T be n nodes lambda_1 > ... > lambda_n with weights r_j, and

    c = sum_j r_j lambda_j,     omega_j = r_j lambda_j/c,     e = 1/sum_j (omega_j/lambda_j)
    sum_j omega_j/(x - lambda_j) = prod_j (x - xi_j)/prod_j (x - lambda_j),     xi_1 > ... > xi_(n-1),

so that lambda_1 > xi_1 > lambda_2 > ... > lambda_n: their square roots are the 2n - 1 kappas. In an
orthonormal basis that begins with p = (sqrt omega_j) the matrix diag(lambda) is an arrow,

    V^T diag(lambda) V = [[mean, slope^T], [slope, diag(xi)]],      V_j0 = sqrt(omega_j),
    V_jk = sqrt(omega_j) slope_k/(lambda_j - xi_k),                 slope_k^2 = -Lambda(xi_k)/Xi'(xi_k),

with an orthogonal V of Cauchy's form: nothing in the closed form is worse conditioned than V.

Everything is computed in balls (flint arb) from the exact moments of g and rounded once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat, arb_poly, ctx

from derive.exact.limit_network import jacobi_matrix
from derive.series.balls import at_sufficient_precision
from derive.words.moments import scaled_chain_moment
from derive.words.overlap_moments import overlap_moments

TINY = 2.0**-60  # largest relative radius of a ball that is then rounded to a double
NEWTON_STEPS = 60


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The same numbers as balls, or as doubles in numpy arrays.

    ``nodes`` lambda (n,), ``weights`` r (n,), ``between`` xi (n-1,), ``slope`` (n-1,), ``frame`` V (n, n),
    ``speed`` c = |a| |b| at T = 0, ``rest`` e (equal to c where the weights sum to 1).
    """

    nodes: Any
    weights: Any
    between: Any
    slope: Any
    frame: Any
    speed: Any
    rest: Any

    @property
    def size(self) -> int:
        """The number n of nodes."""
        return len(self.nodes)


def limit_spectrum(g: float | arb, nodes: int) -> Spectrum:
    """Balls at flint's working precision for n = ``nodes`` Gauss nodes at N -> infinity; one node at g = 0.

    Raises ArithmeticError where the precision does not suffice.
    """
    strength = arb(g)
    if strength == 0:
        return measure_spectrum([arb(1)], [arb(1)])
    return measure_spectrum(*_gauss_rule(_moments(strength, 2 * nodes), nodes))


def chain_spectrum(g: float | arb, nodes: int) -> Spectrum:
    """The same for the first 2n chain vectors of `derive.flow.reduction`.

    Their overlaps are mu_1..mu_(2n): the Gauss rule of lambda times the measure of B B^T.
    """
    strength = arb(g)
    if strength == 0:
        return limit_spectrum(strength, 1)
    moments = _moments(strength, 2 * nodes + 1)[1:]
    places, shares = _gauss_rule([mu / moments[0] for mu in moments], nodes)
    weights = [moments[0] * share / x for share, x in zip(shares, places, strict=True)]
    return measure_spectrum(places, weights)


def measure_spectrum(nodes: Sequence[arb], weights: Sequence[arb]) -> Spectrum:
    """Balls of any discrete measure: positive ``nodes`` in descending order with positive ``weights``."""
    speed = sum((r * x for r, x in zip(weights, nodes, strict=True)), arb(0))
    omega = [r * x / speed for r, x in zip(weights, nodes, strict=True)]
    above, below = _fraction(nodes, omega)
    change = below.derivative()
    between, slope = [], []
    for k, guess in enumerate(_guesses(nodes, omega)):
        xi = _refined(below, change, guess)
        if not nodes[k + 1] < xi < nodes[k]:
            raise ArithmeticError("balls too wide for the zeros between the nodes")
        between.append(xi)
        slope.append((-above(xi) / change(xi)).sqrt())
    frame = []
    for x, weight in zip(nodes, omega, strict=True):
        first = weight.sqrt()
        frame.append([first, *(first * s / (x - xi) for s, xi in zip(slope, between, strict=True))])
    rest = speed / sum(weights, arb(0))
    return Spectrum(list(nodes), list(weights), between, slope, frame, speed, rest)


def aligned_phases(g: float | arb, alignment: float | arb, spectrum: Spectrum) -> list[float]:
    """artanh(c_j/r_j) of the overlaps across, sum_j c_j lambda_j^(k + 1/2) = alignment nu_(k+1), k < n.

    ``spectrum`` in balls. Raises ArithmeticError where the precision does not suffice.
    """
    n = spectrum.size
    moments = overlap_moments(arb(g), arb(alignment), 2 * n + 2)
    roots = [x.sqrt() for x in spectrum.nodes]
    powers = arb_mat([[x**k * root for x, root in zip(spectrum.nodes, roots, strict=True)] for k in range(n)])
    try:
        across = powers.solve(arb_mat([[moments[2 * k + 1]] for k in range(n)]))
    except ZeroDivisionError:
        raise ArithmeticError("balls too wide for the overlaps across") from None
    shares = [across[j, 0] / spectrum.weights[j] for j in range(n)]
    return [_double(x.atanh()) for x in shares]


def rounded(compute: Callable[[], Spectrum], bits: int) -> Spectrum:
    """The doubles of what ``compute`` returns, with as many bits as they need."""

    def doubles() -> Spectrum:
        exact = compute()
        n = exact.size
        return Spectrum(
            np.array([_double(x) for x in exact.nodes]),
            np.array([_double(x) for x in exact.weights]),
            np.array([_double(x) for x in exact.between]),
            np.array([_double(x) for x in exact.slope]),
            np.array([[_double(x) for x in row] for row in exact.frame]).reshape(n, n),
            _double(exact.speed),
            _double(exact.rest),
        )

    return at_sufficient_precision(doubles, bits)


def _gauss_rule(moments: Sequence[arb], count: int) -> tuple[list[arb], list[arb]]:
    """Nodes, descending, and weights of the Gauss rule with ``count`` nodes from mu_0..mu_(2 count - 1)."""
    diagonal, squares = jacobi_matrix(moments[: 2 * count])
    if len(diagonal) < count:
        raise ArithmeticError("balls too wide for the Jacobi matrix")
    below, now = arb_poly([0]), arb_poly([1])
    norm = arb(1)
    for a, b in zip(diagonal, [arb(0), *squares], strict=True):
        below, now = now, arb_poly([-a, 1]) * now - b * below
    for b in squares:
        norm *= b
    change = now.derivative()
    nodes = [_refined(now, change, guess**2) for guess in _bidiagonal_values(diagonal, squares)]
    weights = [norm / (change(x) * below(x)) for x in nodes]
    if not all(weight > 0 for weight in weights):
        raise ArithmeticError("balls too wide for the weights")
    return nodes, weights


def _bidiagonal_values(diagonal: Sequence[arb], squares: Sequence[arb]) -> list[float]:
    """Square roots of the eigenvalues, descending, as guesses: singular values of the Cholesky factor."""
    n = len(diagonal)
    factor = np.zeros((n, n))
    pivot = diagonal[0]
    for k in range(n):
        if not pivot > 0:
            raise ArithmeticError("balls too wide for the Jacobi matrix")
        factor[k, k] = float(pivot.mid()) ** 0.5
        if k + 1 < n:
            below = squares[k] / pivot
            factor[k + 1, k] = float(below.mid()) ** 0.5
            pivot = diagonal[k + 1] - below
    return [float(x) for x in np.linalg.svd(factor, compute_uv=False)]


def _fraction(nodes: Sequence[arb], omega: Sequence[arb]) -> tuple[arb_poly, arb_poly]:
    """Lambda = prod_j (x - lambda_j) and Xi = Lambda sum_j omega_j/(x - lambda_j)."""
    factors = [arb_poly([-x, 1]) for x in nodes]
    after = [arb_poly([1])]
    for factor in reversed(factors[1:]):
        after.append(after[-1] * factor)
    before, total = arb_poly([1]), arb_poly([0])
    for weight, factor, rest in zip(omega, factors, reversed(after), strict=True):
        total += weight * (before * rest)
        before *= factor
    return before, total


def _guesses(nodes: Sequence[arb], omega: Sequence[arb]) -> list[float]:
    """The zeros of sum_j omega_j/(x - lambda_j): eigenvalues of diag(lambda) off sqrt(omega)."""
    roots = np.array([float(x.mid()) ** 0.5 for x in nodes])
    first = np.sqrt([float(x.mid()) for x in omega])
    first[0] += 1  # Householder's reflection of the first unit vector onto the direction
    rest = np.eye(len(roots))[:, 1:] - np.outer(first, first[1:]) / first[0]
    return [float(x) ** 2 for x in np.linalg.svd(roots[:, None] * rest, compute_uv=False)]


def _moments(g: arb, count: int) -> list[arb]:
    """mu_0..mu_(count - 1)."""
    square = g * g
    beta = 1 / (1 - square)
    cube, power, moments = beta**3, beta, [arb(1)]
    for n in range(1, count):
        moments.append(power * arb_poly(scaled_chain_moment(n))(square))
        power *= cube
    return moments


def _refined(polynomial: arb_poly, derivative: arb_poly, guess: float) -> arb:
    """A simple zero as a ball that provably contains it, by Newton's method from ``guess``.

    A last step in interval arithmetic proves it: the image of a ball X under N(X) = x - f(x)/f'(X) lies
    inside X only if X holds exactly one zero.
    """
    x, size = arb(guess), arb(0)
    for _ in range(NEWTON_STEPS):
        step = polynomial(x) / derivative(x)
        size, x = abs(step).upper(), (x - step).mid()
        if size <= abs(x) * arb(2) ** (16 - ctx.prec // 2):
            break
    value = polynomial(x)
    size = abs(value / derivative(x)).upper()
    ball = arb(x, 4 * size + abs(x).upper() * arb(2) ** (-ctx.prec))
    image: arb = x - value / derivative(ball)
    if not ball.contains(image):
        raise ArithmeticError("balls too wide for a zero")
    return image


def _double(ball: arb) -> float:
    middle = float(ball.mid())
    if not float(ball.rad()) <= TINY * abs(middle):
        raise ArithmeticError("balls too wide for doubles")
    return middle
