"""Pade approximants in ball arithmetic, their poles, and what they say about singularities.

[m/n](x) = p(x)/q(x) with p, q of degree m, n, q(0) = 1, agreeing with a series through x^(m+n)
(Baker and Graves-Morris, Pade Approximants, 1996). Near a branch point (x - x_*)^e of z,

    z''/z' ~ (e - 1)/(x - x_*),

a simple pole that an approximant of z''/z' finds quickly, its residue giving e. A pole with a zero
next to it (a Froissart doublet) is spurious: it stands for rounding or for missing coefficients.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import acb, acb_poly, arb, arb_mat, arb_poly

DOUBLET = 1e-6  # a pole and a zero closer than this, relative to their size, are a doublet


@dataclass(frozen=True, eq=False)
class Pade:
    """The approximant ``numerator/denominator``; call it with a ball, a complex ball or a number."""

    numerator: arb_poly
    denominator: arb_poly

    def __call__(self, x: Any) -> Any:
        if isinstance(x, arb | acb):
            return self.numerator(x) / self.denominator(x)
        p = [float(c.mid()) for c in self.numerator.coeffs()]
        q = [float(c.mid()) for c in self.denominator.coeffs()]
        return _horner(p, x) / _horner(q, x)

    def poles(self) -> list[acb]:
        """The zeros of the denominator, nearest to 0 first."""
        return _roots(self.denominator)

    def spurious(self) -> list[acb]:
        """The poles that have a zero next to them."""
        zeros = _roots(self.numerator)
        return [x for x in self.poles() if any(_size(x - y) < DOUBLET * _size(x) for y in zeros)]

    def residue(self, pole: acb) -> acb:
        """The residue at a simple pole."""
        return acb_poly(self.numerator)(pole) / acb_poly(self.denominator).derivative()(pole)


@dataclass(frozen=True)
class Estimate:
    """A singularity seen in the coefficients: ``location`` (ttilde) and ``exponent``, with the change
    between neighbouring approximants as the error of each."""

    location: complex
    location_error: float
    exponent: float
    exponent_error: float


def pade(coefficients: Sequence[arb], m: int, n: int) -> Pade:
    """[m/n] of a series given through x^(m+n). Raises ValueError where it does not exist."""
    c = list(coefficients)
    if len(c) < m + n + 1:
        raise ValueError(f"[{m}/{n}] needs {m + n + 1} coefficients, {len(c)} are given")
    q = [arb(1)]
    if n:
        system = arb_mat(n, n, [c[m + i - j] if m + i >= j else arb(0) for i in range(1, n + 1) for j in range(1, n + 1)])
        right = arb_mat(n, 1, [-c[m + i] for i in range(1, n + 1)])
        try:
            q += system.solve(right).entries()
        except ZeroDivisionError:
            raise ValueError(f"[{m}/{n}] does not exist: its system is singular") from None
    p = [sum((q[j] * c[i - j] for j in range(min(i, n) + 1)), arb(0)) for i in range(m + 1)]
    return Pade(arb_poly(p), arb_poly(q))


def estimated_singularities(coefficients: Sequence[arb], count: int = 2) -> list[Estimate]:
    """The nearest singularities (Im >= 0) of a series, from approximants of z''/z'.

    Two neighbouring diagonal approximants are compared; a pole that has no partner nearby in the
    other one, or that is spurious, is not listed.
    """
    first = [k * c for k, c in enumerate(coefficients)][1:]
    second = [k * c for k, c in enumerate(first)][1:]
    ratio = _quotient(second, first[: len(second)])
    n = (len(ratio) - 1) // 2
    best, other = pade(ratio, n, n), pade(ratio, n - 2, n - 1)
    spurious = [complex(x) for x in best.spurious()]
    candidates = [(x, best.residue(x)) for x in best.poles() if complex(x) not in spurious]
    rivals = [(x, other.residue(x)) for x in other.poles()]
    found: list[Estimate] = []
    for pole, residue in candidates:
        place = complex(pole)
        if place.imag < -1e-12 * abs(place):
            continue
        rival, rival_residue = min(rivals, key=lambda pair: _size(pair[0] - pole))
        error = abs(complex(rival) - place)
        if error > 0.1 * abs(place):
            continue
        exponent = complex(residue).real + 1
        found.append(Estimate(place, error, exponent, abs(complex(rival_residue - residue))))
        if len(found) == count:
            break
    return found


def ratio_estimate(coefficients: Sequence[arb], columns: int = 12) -> Estimate:
    """The nearest singularity, on the real axis, from ratios of coefficients (Darboux).

    c_k/c_(k-1) = (1/x_*) (1 - (1 + e)/k + ...) is extrapolated in 1/k (Neville); the error is the
    difference of the last two columns of the tableau.
    """
    last = len(coefficients) - 1
    ks = range(last - columns, last + 1)
    inverse, inverse_error = _extrapolated([(k, coefficients[k] / coefficients[k - 1]) for k in ks])
    place = 1 / inverse
    drift, drift_error = _extrapolated([(k, k * (place * coefficients[k] / coefficients[k - 1] - 1)) for k in ks])
    x = float(place.mid())
    return Estimate(complex(x), inverse_error * x * x, -1 - float(drift.mid()), drift_error)


def _extrapolated(points: list[tuple[int, arb]]) -> tuple[arb, float]:
    """Neville extrapolation to 1/k = 0, and the difference of the last two columns."""
    ks = [k for k, _ in points]
    column = [value for _, value in points]
    previous = column[-1]
    for width in range(1, len(ks)):
        previous = column[-1]
        column = [
            (ks[i + width] * column[i + 1] - ks[i] * column[i]) / width for i in range(len(column) - 1)
        ]
    return column[-1], abs(float((column[-1] - previous).mid()))


def _quotient(above: Sequence[arb], below: Sequence[arb]) -> list[arb]:
    result: list[arb] = []
    for k, value in enumerate(above):
        known = sum((below[j] * result[k - j] for j in range(1, k + 1)), arb(0))
        result.append((value - known) / below[0])
    return result


def _roots(polynomial: arb_poly) -> list[acb]:
    middle = acb_poly([acb(c.mid()) for c in polynomial.coeffs()])
    return sorted(middle.roots(), key=_size) if middle.degree() > 0 else []


def _size(x: acb) -> float:
    return abs(complex(x))


def _horner(coefficients: Sequence[float], x: Any) -> Any:
    total = coefficients[-1] + 0 * x
    for c in coefficients[-2::-1]:
        total = total * x + c
    return total
