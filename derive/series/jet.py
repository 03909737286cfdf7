"""Numbers that carry their change under small changes of what they are made of (truncated Taylor algebra).

A `Jet` is  value + sum_d epsilon^d sum_k changes[d-1][k] x^k  with the powers of epsilon past the last
dropped: what is computed from jets by +, -, * and / is changed as they are. x tells directions of change
apart: at first order x^k is the k-th of many; at second order a product over them all, x^k x^l = x^(k+l),
which is what a measure that gains a point at x does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Changes = Mapping[int, Any]


class Jet:
    """``value`` and ``changes[d - 1]``, the coefficient of epsilon^d by the power of x; any exact scalars."""

    __slots__ = ("changes", "value")

    def __init__(self, value: Any, *changes: Changes) -> None:
        self.value, self.changes = value, changes

    @property
    def slopes(self) -> Changes:
        """The first order in epsilon."""
        return self.changes[0]

    def __add__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value + other, *self.changes)
        pairs = zip(self.changes, other.changes, strict=True)
        return Jet(self.value + other.value, *(_sum(left, right) for left, right in pairs))

    def __neg__(self) -> Jet:
        return self * -1

    def __sub__(self, other: Any) -> Jet:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Jet:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            if other == 0:
                return Jet(self.value * 0, *({} for _ in self.changes))
            return Jet(self.value * other, *({k: x * other for k, x in c.items()} for c in self.changes))
        return Jet(
            self.value * other.value,
            *(
                _sum(
                    _sum(_scaled(change, other.value), _scaled(other.changes[d], self.value)),
                    _products(self.changes[:d], other.changes[:d]),
                )
                for d, change in enumerate(self.changes)
            ),
        )

    def __truediv__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value / other, *({k: x / other for k, x in c.items()} for c in self.changes))
        quotient = self.value / other.value
        changes: list[Changes] = []
        for d, change in enumerate(self.changes):
            known = _sum(_scaled(other.changes[d], quotient), _products(changes, other.changes[:d]))
            changes.append({k: x / other.value for k, x in _sum(change, _scaled(known, -1)).items()})
        return Jet(quotient, *changes)

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Jet):
            return bool(self.value == other) and not any(self.changes)
        return bool(self.value == other.value) and self.changes == other.changes

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Jet({', '.join(map(repr, (self.value, *self.changes)))})"


def _scaled(change: Changes, factor: Any) -> Changes:
    return {} if factor == 0 else {k: x * factor for k, x in change.items()}


def _sum(left: Changes, right: Changes) -> Changes:
    if not right:
        return left
    total = dict(left)
    for k, x in right.items():
        total[k] = total[k] + x if k in total else x
    return {k: x for k, x in total.items() if x != 0}


def _products(left: Any, right: Any) -> Changes:
    """sum over a + b = d of left[a - 1] right[b - 1], d one more than the length of both."""
    total: Changes = {}
    for a, change in enumerate(left):
        other = right[len(right) - 1 - a]
        for k, x in change.items():
            total = _sum(total, {k + j: x * y for j, y in other.items()})
    return total
