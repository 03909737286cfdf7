"""What words are worth at N -> infinity as numbers, at one g and one set of parameters: floats, or balls.

The same recursion as of exact scalars (`derive.flow.product_rule.moments`): floats tell which words a flow
reaches, complex balls of many digits what their Gram matrix is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from derive.flow.given.sampling import value_of
from derive.flow.product_rule.moments import Moments
from derive.flow.product_rule.words import Word, letter_number, transposed
from derive.flow.statement.checks import exact_value
from derive.flow.statement.meaning import Meaning
from derive.flow.statement.scalar import Scalar

Number = Callable[[Fraction, Fraction], Any]
"""A number from its real and imaginary part."""
NEGLIGIBLE = 1e-14


def as_float(re: Fraction, im: Fraction) -> Any:
    """A float, or a complex number."""
    return complex(float(re), float(im)) if im else float(re)


def as_ball(re: Fraction, im: Fraction) -> Any:
    """A complex ball in the digits of flint's context."""
    from flint import acb, arb, fmpq

    real, imaginary = (arb(fmpq(x.numerator, x.denominator)) for x in (re, im))
    return acb(real, imaginary)


class LimitNumbers:
    """Numbers of one kind as scalars of the product rule."""

    def __init__(
        self,
        meaning: Meaning,
        g: Fraction,
        values: Mapping[str, Fraction],
        number: Number = as_float,
        points: Sequence[tuple[Fraction, Fraction]] = (),
    ) -> None:
        self.number, self._values = number, values
        self.zero, self.one = number(Fraction(0), Fraction(0)), number(Fraction(1), Fraction(0))
        self.exact_points = list(points)
        self.points = [number(*point) for point in points]
        self._square = number(g * g, Fraction(0))
        self._overlaps = {pair: self.constant(value) for pair, value in meaning.overlaps.items()}
        self._moments = Moments(self)
        self._inner: dict[tuple[Word, Word], Any] = {}

    def _parts(self, scalar: Scalar) -> tuple[Fraction, Fraction]:
        exact = exact_value(scalar, self._values)
        if exact is not None:
            return exact
        found = complex(value_of(scalar, {name: float(x) for name, x in self._values.items()}))
        return Fraction(found.real), Fraction(found.imag)

    def constant(self, scalar: Scalar) -> Any:
        return self.number(*self._parts(scalar))

    def point(self, scalar: Scalar) -> int:
        """The number of a resolvent's point; that of its complex conjugate gets the next one."""
        re, im = self._parts(scalar)
        for exact in dict.fromkeys([(re, im), (re, -im)]):
            if exact not in self.exact_points:
                self.exact_points.append(exact)
                self.points.append(self.number(*exact))
        return self.exact_points.index((re, im))

    def is_real(self, word: Word) -> bool:
        """Whether all points of a word are real."""
        return all(c in "zZ" or not self.exact_points[letter_number(c)][1] for c in word[0])

    def conjugate_word(self, word: Word) -> Word:
        """The word at the conjugate points."""
        letters, vector = word
        return "".join(self._conjugate_letter(c) for c in letters), vector

    def _conjugate_letter(self, code: str) -> str:
        if code in "zZ":
            return code
        re, im = self.exact_points[letter_number(code)]
        return chr(ord("A" if code.isupper() else "a") + self.exact_points.index((re, -im)))

    def square(self) -> Any:
        return self._square

    def opened(self, i: int) -> Any:
        return self.one / self.points[i]

    def closed(self, i: int, j: int) -> Any:
        return self.points[j] / (self.points[i] * self.points[j] - self._square)

    def inner(self, left: Word, right: Word) -> Any:
        key = left, right
        if key not in self._inner:
            (x, a), (y, b) = left, right
            between = self._overlaps.get((a, b), self.one if a == b else self.zero)
            value = between if between == 0 else between * self._moments(transposed(x) + y)
            self._inner[key] = value
        return self._inner[key]

    def reciprocal(self, value: Any) -> Any:
        return self.one / value

    def function(self, name: str, value: Any) -> Any:
        import cmath

        result = {"exp": cmath.exp, "log": cmath.log, "tanh": cmath.tanh}[name](value)
        return result if result.imag else result.real

    def rational_power(self, value: Any, exponent: Fraction) -> Any:
        if value == 0:
            raise ZeroDivisionError
        return value ** float(exponent)

    def normal(self, value: Any) -> Any:
        return 0.0 if abs(value) < NEGLIGIBLE else value
