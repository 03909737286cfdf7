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

from flint import acb, acb_poly, arb, arb_mat, arb_poly, arb_series

from derive.flow.high_order import enough_bits, padded
from derive.series.balls import working_precision

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
        above, below = _middle(self.numerator), _middle(self.denominator).derivative()
        place = acb(pole.real.mid(), pole.imag.mid())
        return above(place) / below(place)


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
        system = arb_mat(
            n, n, [c[m + i - j] if m + i >= j else arb(0) for i in range(1, n + 1) for j in range(1, n + 1)]
        )
        right = arb_mat(n, 1, [-c[m + i] for i in range(1, n + 1)])
        try:
            q += system.solve(right).entries()
        except ZeroDivisionError:
            raise ValueError(f"[{m}/{n}] does not exist: its system is singular") from None
    p = [sum((q[j] * c[i - j] for j in range(min(i, n) + 1)), arb(0)) for i in range(m + 1)]
    return Pade(arb_poly(p), arb_poly(q))


def estimated_singularities(
    coefficients: Sequence[arb], count: int = 1, uniformise: float | None = None
) -> list[Estimate]:
    """The nearest singularities (Im >= 0) of a series, from approximants of z''/z'.

    Two approximants, of orders an eighth apart, are compared; a pole that is spurious, or that has no partner
    within a tenth of its size in the other one, is not listed. ``uniformise``: the place x_* of a
    known branch point of exponent -1/4; the series is rewritten in y, x = x_* (1 - (1 - y)^4), in
    which it is a simple pole, so that the cut behind it no longer hides the singularities beyond.
    """
    with working_precision(enough_bits(len(coefficients)), len(coefficients) + 1):
        return _estimates(list(coefficients), count, uniformise)


def _estimates(series: list[arb], count: int, uniformise: float | None) -> list[Estimate]:
    if uniformise is not None:
        y = arb_series([0, 1], len(series))
        inner = arb(uniformise) * (1 - (1 - y) ** 4)
        series = padded(arb_series(series, len(series))(inner).coeffs(), len(series))
    first = [k * c for k, c in enumerate(series)][1:]
    second = [k * c for k, c in enumerate(first)][1:]
    ratio = _quotient(second, first[: len(second)])
    n = (len(ratio) - 1) // 2
    best, other = pade(ratio, n, n), pade(ratio, n - n // 8 - 1, n - n // 8)
    rivals = [(complex(x), other.residue(x)) for x in other.poles()]
    spurious = [complex(x) for x in best.spurious()]
    found: list[Estimate] = []
    for pole in best.poles():
        y0, residue = complex(pole), best.residue(pole)
        at_one = uniformise is not None and abs(y0 - 1) < 1e-2
        if y0 in spurious or y0.imag < -1e-12 * abs(y0) or at_one:
            continue
        y1, rival_residue = min(rivals, key=lambda pair: abs(pair[0] - y0))
        if abs(y1 - y0) > 0.1 * abs(y0):
            continue
        x0, x1 = (y if uniformise is None else uniformise * (1 - (1 - y) ** 4) for y in (y0, y1))
        if x0.imag < -1e-12 * abs(x0):
            x0, x1 = x0.conjugate(), x1.conjugate()
        exponent = complex(residue).real + 1
        found.append(Estimate(x0, abs(x1 - x0), exponent, abs(complex(rival_residue - residue))))
        if len(found) == count:
            break
    return found


def ratio_estimate(coefficients: Sequence[arb], most: int = 12) -> Estimate:
    """The nearest singularity, on the real axis, from ratios of coefficients (Darboux).

    At a branch point where z is a series in (x - x_*)^(1/4) from the power -1/4 on,

        c_k/c_(k-1) = (1/x_*) (1 + b_0/k + b_1/k^(5/4) + b_2/k^(6/4) + ...),

    and 1/x_*, b_0 = -1 - e, b_1, ... are solved for from the last part of the coefficients. The error
    is the change on adding one term, or the one before if larger; of up to ``most`` terms the number with
    the least error is kept (more terms amplify what the next singularities contribute).
    """
    with working_precision(enough_bits(len(coefficients))):
        fits = [_ratio_fit(coefficients, count) for count in range(2, most + 1)]
    changes = [abs(x / y - 1) for (x, _), (y, _) in zip(fits[1:], fits[:-1], strict=True)]
    errors = [max(pair) for pair in zip(changes[1:], changes[:-1], strict=True)]
    best = min(range(len(errors)), key=errors.__getitem__)
    (place, drift), (_, other_drift) = fits[best + 2], fits[best + 1]
    return Estimate(complex(place), errors[best] * abs(place), -1 - drift, abs(drift - other_drift))


def _ratio_fit(coefficients: Sequence[arb], count: int) -> tuple[float, float]:
    last = len(coefficients) - 1
    spacing = max(last // (3 * count), 1)
    ks = [last - spacing * i for i in range(count)]
    powers = [arb(0), *(arb(1) + arb(i) / 4 for i in range(count - 1))]
    system = arb_mat(count, count, [arb(k) ** -p for k in ks for p in powers])
    ratios = arb_mat(count, 1, [coefficients[k] / coefficients[k - 1] for k in ks])
    solution = system.solve(ratios).entries()
    place = 1 / solution[0]
    return float(place.mid()), float((solution[1] * place).mid())


def _quotient(above: Sequence[arb], below: Sequence[arb]) -> list[arb]:
    result: list[arb] = []
    for k, value in enumerate(above):
        known = sum((below[j] * result[k - j] for j in range(1, k + 1)), arb(0))
        result.append((value - known) / below[0])
    return result


def _roots(polynomial: arb_poly) -> list[acb]:
    middle = _middle(polynomial)
    return sorted(middle.roots(), key=_size) if middle.degree() > 0 else []


def _middle(polynomial: arb_poly) -> acb_poly:
    return acb_poly([acb(c.mid()) for c in polynomial.coeffs()])


def _size(x: acb) -> float:
    return abs(complex(x))


def _horner(coefficients: Sequence[float], x: Any) -> Any:
    total = coefficients[-1] + 0 * x
    for c in coefficients[-2::-1]:
        total = total * x + c
    return total
