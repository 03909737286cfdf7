"""Power series on any exact scalars, each coefficient worked out when it is first asked for.

A series may be defined by one that is defined by it (a differential equation), as long as coefficient n
needs lower ones only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import RLock
from typing import Any

_GROWTH = RLock()
"""One for all series, which define each other: two threads that ask for coefficients take turns."""


class PowerSeries:
    """sum_n c_n x^n; ``rule(n)`` gives c_n and is called once for each n, in order.

    ``reciprocal`` gives 1/c_0 where the series is divided by.
    """

    def __init__(self, rule: Callable[[int], Any], reciprocal: Callable[[Any], Any]) -> None:
        self._rule, self._reciprocal = rule, reciprocal
        self._known: list[Any] = []

    def __getitem__(self, n: int) -> Any:
        if len(self._known) <= n:
            with _GROWTH:
                while len(self._known) <= n:
                    self._known.append(self._rule(len(self._known)))
        return self._known[n]

    def _new(self, rule: Callable[[int], Any]) -> PowerSeries:
        return PowerSeries(rule, self._reciprocal)

    def __add__(self, other: Any) -> PowerSeries:
        if isinstance(other, PowerSeries):
            return self._new(lambda n: self[n] + other[n])
        return self._new(lambda n: self[n] + other if n == 0 else self[n])

    def __neg__(self) -> PowerSeries:
        return self._new(lambda n: -self[n])

    def __sub__(self, other: Any) -> PowerSeries:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> PowerSeries:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> PowerSeries:
        if isinstance(other, PowerSeries):
            return self._new(lambda n: product_coefficient(self, other, n))
        return self._new(lambda n: self[n] * other)

    def __truediv__(self, divisor: int) -> PowerSeries:
        return self._new(lambda n: self[n] / divisor)

    def __rtruediv__(self, above: Any) -> PowerSeries:
        """above/self for a scalar ``above``; only c_0 is ever divided by."""

        def rule(n: int) -> Any:
            if n == 0:
                return self._reciprocal(self[0]) * above
            total = self[n] * quotient[0]
            for i in range(1, n):
                total = total + self[i] * quotient[n - i]
            return -total * self._reciprocal(self[0])

        quotient = self._new(rule)
        return quotient

    __radd__ = __add__
    __rmul__ = __mul__


def product_coefficient(left: PowerSeries | Sequence[Any], right: PowerSeries | Sequence[Any], n: int) -> Any:
    """Coefficient n of a product."""
    total = left[0] * right[n]
    for i in range(1, n + 1):
        if left[i] != 0:
            total = total + left[i] * right[n - i]
    return total


def product(left: Sequence[Any], right: Sequence[Any]) -> list[Any]:
    """The coefficients of a product, through the order of the shorter factor."""
    return [product_coefficient(left, right, n) for n in range(min(len(left), len(right)))]
