"""The clock of a limit whose overlaps change, packed, and how it answers (THEORY 8).

With eps = 1 - z/zhat, at a fixed learning time  delta theta = -eps integral of (delta z/zhat)/eps^2 dtheta.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from derive.flow.clock import clock_powers
from derive.series.jet import Jet
from derive.series.power_series import product

Polynomials = list[Any]


class FluctuatingClock:
    """The clock and its answer, ``raised`` multiplies by a power of h; what answers is multiplied by h."""

    def __init__(self, z: Sequence[Jet], one: Any, stride: int, raised: Callable[[Any, int], Any]) -> None:
        self.stride, self._raised, self._zero = stride, raised, one * 0
        order = len(z) - 1
        readout = self.packed([x.value for x in z], -1)
        self.powers = clock_powers(readout, one, order)
        self.error = [one - readout[0], *(-x for x in readout[1:])]
        inverse = [one]
        for n in range(1, order + 1):
            inverse.append(-sum((self.error[i] * inverse[n - i] for i in range(1, n + 1)), self._zero))
        self._z, self._over = z, product(inverse, inverse)
        self._answers: dict[int, tuple[Polynomials, Polynomials]] = {}

    def answer(self, k: int) -> tuple[Polynomials, Polynomials]:
        """delta z/zhat at fixed theta, and delta theta at fixed time, by x_k."""
        if k not in self._answers:
            change = self.packed([x.slopes.get(k, self._zero) for x in self._z], 0)
            integrand = product(self._over, change)
            integral = [self._zero, *(x / n for n, x in enumerate(integrand[:-1], 1))]
            self._answers[k] = change, [-x for x in product(self.error, integral)]
        return self._answers[k]

    def packed(self, values: Sequence[Any], shift: int) -> Polynomials:
        """F_n h^(n + shift); what would be a negative power vanishes."""
        return [
            self._raised(value, n + shift) if value != 0 else self._zero for n, value in enumerate(values)
        ]
