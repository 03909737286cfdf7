"""Complex numbers over any real scalars: pairs that mix with the scalars themselves."""

from __future__ import annotations

from typing import Any


class Gaussian:
    """re + I im."""

    __slots__ = ("im", "re")

    def __init__(self, re: Any, im: Any) -> None:
        self.re, self.im = re, im

    def conjugate(self) -> Gaussian:
        return Gaussian(self.re, -self.im)

    def simplified(self) -> Any:
        """The real part alone where there is no other."""
        return self.re if self.im == 0 else self

    def __add__(self, other: Any) -> Gaussian:
        if isinstance(other, Gaussian):
            return Gaussian(self.re + other.re, self.im + other.im)
        return Gaussian(self.re + other, self.im)

    def __neg__(self) -> Gaussian:
        return Gaussian(-self.re, -self.im)

    def __sub__(self, other: Any) -> Gaussian:
        return self + (-other)

    def __rsub__(self, other: Any) -> Gaussian:
        return (-self) + other

    def __mul__(self, other: Any) -> Gaussian:
        if isinstance(other, Gaussian):
            return Gaussian(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)
        return Gaussian(self.re * other, self.im * other)

    def __truediv__(self, divisor: Any) -> Gaussian:
        return Gaussian(self.re / divisor, self.im / divisor)

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Gaussian):
            return bool(self.re == other.re and self.im == other.im)
        return bool(self.im == 0 and self.re == other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"({self.re}) + I*({self.im})"
