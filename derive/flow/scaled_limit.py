"""What the scaled N -> infinity problems share, over any ring of coefficients (THEORY 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derive.flow.spectrum import square_root
from derive.series.coefficient import Coefficient
from derive.series.power_series import product


class ScaledLimit:
    """A problem in scaled variables through tau^order; g = 0 throughout if ``g0``.

    ``train`` names what learns, of W, m, w; ``one`` is the ring's, ``slower`` is 1/beta = 1 - g^2 in it,
    the rate of m and w in these variables.
    """

    def __init__(self, order: int, g0: bool, train: Sequence[str], one: Any, slower: Any) -> None:
        self.order, self.g0, self.train = order, g0, tuple(train)
        self.one, self.zero = one, one * 0
        self._rates: dict[str, Any] = {
            "W_learns": "W" in train,
            "input_rate": slower if "m" in train else 0,
            "readout_rate": slower if "w" in train else 0,
        }
        # equal Gram matrices make p = q and C symmetric, unless one of m and w alone learns
        self.symmetric = ("m" in train) == ("w" in train)
        self._singular_values: list[tuple[Coefficient, ...]] = []

    def rate(self, name: str) -> Any:
        """Rate of W, m or w in these variables: 1, or 1/beta = 1 - g^2."""
        return {"W": self.one, "m": self._rates["input_rate"], "w": self._rates["readout_rate"]}[name]

    def singular_values(self, count: int) -> Sequence[tuple[Coefficient, ...]]:
        """beta s_r/(zhat - z(0)) in ttilde for r = 1..count at least."""
        if len(self._singular_values) < count:
            frozen = not self._rates["W_learns"]
            zero = [[self.zero] * (self.order + 1)] * count
            in_clock = zero if frozen else self._singular_values_in_clock(count)
            self._singular_values = [self.in_time(values, odd=True) for values in in_clock]
        return self._singular_values

    def product(self, left: Sequence[Any], right: Sequence[Any]) -> Sequence[Any]:
        """The product of two series in the clock."""
        return product(left, right)

    def root(self, squared: Sequence[Any]) -> Sequence[Any]:
        """The square root of a series in the clock that starts with 1 or s^2."""
        return square_root(squared) if squared[0] == 0 else square_root([self.zero, self.zero, *squared])[1:]

    def constant(self, numerator: int, denominator: int) -> Sequence[Any]:
        """A number as a series in the clock."""
        return [self.one * numerator / denominator] + [self.zero] * self.order

    def in_time(self, in_clock: Sequence[Any], odd: bool) -> tuple[Coefficient, ...]:
        """A series of the clock in ttilde; ``odd`` says that it has odd powers alone."""
        raise NotImplementedError

    def _singular_values_in_clock(self, count: int) -> list[list[Any]]:
        raise NotImplementedError
