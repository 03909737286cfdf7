"""Taylor series of overlaps and loss in learning time, where the loss is rational (THEORY 6).

Gradient flow of the rank-1 filter task in continuous time: dsigma/dtau is rational in the ten
overlaps, so that their Taylor coefficients at tau = 0 are rational in S(0) and the target, and one
more comes out of every pass of

    sigma(tau) = sigma(0) + int_0^tau dsigma/dtau(sigma(tau')) dtau'.

The coefficients are exact: rational numbers, or rational functions of the symbols given. The only
denominators are those of the loss at tau = 0 (1 - vu, 2 - vu, ...), so that in symbols everything is
a polynomial in the symbols and these reciprocals, and no greatest common divisor is ever taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

from derive.overlaps.exact_scalars import Numbers, Symbols, exact
from derive.overlaps.filter_formula import loss_and_derivatives
from derive.overlaps.gram_flow import gram_flow
from derive.overlaps.problem import OverlapProblem

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, eq=False)
class LearningSeries(Sequence["sympy.Expr"]):
    """A truncated Taylor series in tau; entry k multiplies tau**k. Calling it evaluates it."""

    symbol: str
    coefficients: tuple[Any, ...]
    scalars: Numbers | Symbols

    @property
    def order(self) -> int:
        """The highest power of tau through which the series is exact."""
        return len(self.coefficients) - 1

    def __len__(self) -> int:
        return len(self.coefficients)

    @overload
    def __getitem__(self, index: int) -> sympy.Expr: ...
    @overload
    def __getitem__(self, index: slice) -> list[sympy.Expr]: ...
    def __getitem__(self, index: int | slice) -> sympy.Expr | list[sympy.Expr]:
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(len(self)))]
        return self.scalars.expression(self.coefficients[index])

    def as_expr(self) -> sympy.Expr:
        """The whole series as one sympy expression in ``tau``."""
        from derive.algebra.symbols import rational, tau

        return sum((c * tau**k for k, c in enumerate(self)), start=rational(0))

    def truncate(self, order: int) -> LearningSeries:
        """The same series through tau**order only. Raises ValueError above the known order."""
        if not 0 <= order <= self.order:
            raise ValueError(f"cannot truncate to order {order}: allowed are 0..{self.order}")
        return replace(self, coefficients=self.coefficients[: order + 1])

    def __call__(self, tau: Any) -> Any:
        """The truncated sum at learning time ``tau``, where the coefficients are numbers."""
        total = 0 * tau
        for coefficient in reversed(self.coefficients):
            total = total * tau + int(coefficient.p) / int(coefficient.q)
        return total

    def __str__(self) -> str:
        body = " + ".join(f"({c})*tau**{k}" for k, c in enumerate(self) if c != 0)
        return f"{body or '0'} + O(tau**{self.order + 1})"

    def _repr_latex_(self) -> str:
        import sympy

        return f"${sympy.latex(self.as_expr())} + O\\left(\\tau^{{{self.order + 1}}}\\right)$"


def learning_series(
    initial: Mapping[str, Any], decay: Any, order: int, amplitude: Any = 1, frequency: Any = 0
) -> dict[str, LearningSeries]:
    """The series of ``loss`` and of all ten overlaps through tau**order, by name.

    ``initial`` names the ten overlaps; values (and the target's numbers) are integers, strings such
    as ``"3/10"``, floats (taken as the decimal they print as), sympy numbers or sympy expressions.
    Raises ValueError for order < 0, missing or unknown names, or zm, vu at which the loss is infinite.
    """
    problem = OverlapProblem()
    if order < 0:
        raise ValueError(f"order {order}: allowed are integers >= 0")
    if set(initial) != set(problem.names):
        raise ValueError(f"overlaps {', '.join(initial)}: needed are exactly {', '.join(problem.names)}")
    given = [exact(value) for value in (*(initial[n] for n in problem.names), amplitude, decay, frequency)]
    scalars = Symbols(given, _denominators) if any(v.free_symbols for v in given) else Numbers(given)
    start = dict(zip(problem.names, scalars.values, strict=False))
    target = scalars.values[-3:]
    vu, decay_rate = given[problem.names.index("vu")], given[-2]
    if vu.is_number and vu >= 1:
        raise ValueError(f"vu = {vu}: the loss is finite for vu < 1 only")
    if decay_rate.is_number and decay_rate <= 0:
        raise ValueError(f"decay {decay_rate}: allowed are numbers > 0")
    rows = gram_flow(problem).rows
    sigma = {name: [value] for name, value in start.items()}
    zero = target[0] * 0
    for k in range(order):
        series = {
            name: Truncated((*values, *[zero] * (k + 1 - len(values))), scalars)
            for name, values in sigma.items()
        }
        _, derivatives = _evaluated(series, target, k + 1)
        for name, row in rows.items():
            speed = zero
            for d, overlaps in row.items():
                for other, count in overlaps.items():
                    speed = speed - count * (series[other] * derivatives[d]).coefficients[k]
            sigma[name].append(speed / (k + 1))
    loss, _ = _evaluated({n: Truncated(tuple(v), scalars) for n, v in sigma.items()}, target, order + 1)
    result = {"loss": LearningSeries("loss", loss.coefficients, scalars)}
    return result | {n: LearningSeries(f"sigma_{n}", tuple(values), scalars) for n, values in sigma.items()}


def _denominators(given: Sequence[Any]) -> list[Any]:
    """What the loss divides by at tau = 0, where it holds a symbol."""
    vu, decay, frequency = given[OverlapProblem().names.index("vu")], given[-2], given[-1]
    A, square = 1 + decay, frequency**2
    below = [1 - vu, 2 - vu, A**2 + square, (A - vu) ** 2 + square, decay, decay**2 + square]
    return [value for value in below if value.free_symbols]


@dataclass(frozen=True)
class Truncated:
    """A polynomial in tau, products truncated."""

    coefficients: tuple[Any, ...]
    scalars: Numbers | Symbols

    def __add__(self, other: Any) -> Truncated:
        other = self._as_series(other)
        return self._with(a + b for a, b in zip(self.coefficients, other.coefficients, strict=True))

    def __neg__(self) -> Truncated:
        return self._with(-a for a in self.coefficients)

    def __sub__(self, other: Any) -> Truncated:
        return self + -self._as_series(other)

    def __rsub__(self, other: Any) -> Truncated:
        return self._as_series(other) + -self

    def __mul__(self, other: Any) -> Truncated:
        if not isinstance(other, Truncated):
            return self._with(a * other for a in self.coefficients)
        left, right = self.coefficients, other.coefficients
        return self._with(
            sum((left[i] * right[n - i] for i in range(1, n + 1)), start=left[0] * right[n])
            for n in range(len(left))
        )

    def __truediv__(self, divisor: int) -> Truncated:
        return self._with(a / divisor for a in self.coefficients)

    def __rtruediv__(self, above: Any) -> Truncated:
        """above/self, coefficient by coefficient: only the first one is ever divided by."""
        below = self.coefficients
        inverse = self.scalars.reciprocal(below[0])
        quotient: list[Any] = []
        for n, value in enumerate(self._as_series(above).coefficients):
            for i in range(1, n + 1):
                value = value - below[i] * quotient[n - i]
            quotient.append(value * inverse)
        return self._with(quotient)

    __radd__ = __add__
    __rmul__ = __mul__

    def _with(self, coefficients: Iterable[Any]) -> Truncated:
        return replace(self, coefficients=tuple(coefficients))

    def _as_series(self, value: Any) -> Truncated:
        if isinstance(value, Truncated):
            return value
        zero = self.coefficients[0] * 0
        return self._with((zero + value, *[zero] * (len(self.coefficients) - 1)))


def _evaluated(
    series: dict[str, Truncated], target: list[Any], length: int
) -> tuple[Truncated, dict[str, Truncated]]:
    zm, zu, vm, vu = (series[name] for name in ("zm", "zu", "vm", "vu"))
    zero = target[0] * 0
    amplitude, decay, frequency = (zm._with((value, *[zero] * (length - 1))) for value in target)
    loss, derivatives = loss_and_derivatives(zm, zu, vm, vu, amplitude, decay, frequency)
    return loss, derivatives
