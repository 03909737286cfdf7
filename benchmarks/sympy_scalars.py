"""Sympy expressions as scalars of the engine's recursions, brought to one form after every operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class SympyScalar:
    """What a person computes with: ``form`` is sympy.expand, or sympy.cancel."""

    __slots__ = ("form", "value")

    def __init__(self, value: Any, form: Callable[[Any], Any]) -> None:
        self.value, self.form = form(getattr(value, "value", value)), form

    def _new(self, value: Any) -> SympyScalar:
        return SympyScalar(value, self.form)

    def __add__(self, other: Any) -> SympyScalar:
        return self._new(self.value + getattr(other, "value", other))

    def __sub__(self, other: Any) -> SympyScalar:
        return self._new(self.value - getattr(other, "value", other))

    def __mul__(self, other: Any) -> SympyScalar:
        return self._new(self.value * getattr(other, "value", other))

    def __truediv__(self, other: Any) -> SympyScalar:
        return self._new(self.value / getattr(other, "value", other))

    def __neg__(self) -> SympyScalar:
        return self._new(-self.value)

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return bool(self.value == getattr(other, "value", other))

    __hash__ = None  # type: ignore[assignment]
