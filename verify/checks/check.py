"""A check: what was measured, what was expected, and why the difference may be what it is."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """|measured - expected| <= tolerance, with the origin of the tolerance in ``reason``.

    A measurement that is not a number fails. ``interval`` is a fitted slope's 95% confidence interval.
    """

    name: str
    measured: float
    expected: float
    tolerance: float
    reason: str
    interval: tuple[float, float] | None = None

    @property
    def passed(self) -> bool:
        return bool(abs(self.measured - self.expected) <= self.tolerance)

    def json(self) -> dict[str, object]:
        """The check as JSON knows it: a number that is not finite becomes null."""
        return {
            "name": self.name,
            "measured": _finite(self.measured),
            "expected": _finite(self.expected),
            "tolerance": _finite(self.tolerance),
            "passed": self.passed,
            "reason": self.reason,
        }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
