"""Numbers from text: exact, ASCII, of a bounded size."""

from __future__ import annotations

import re
from fractions import Fraction

from derive.series.formula import evaluate
from derive.series.parse import NUMBER, ParseError, parse, shown

RATIONAL = re.compile(rf" *[+-]?{NUMBER}(?:/[0-9]+)? *")
WHOLE = re.compile(r" *[+-]?[0-9]{1,1000} *")
ALLOWED = "numbers like 2, -0.3, 1e-3 and 3/10"


def rational(text: str) -> Fraction:
    """An exact number: an integer, a decimal number with or without exponent, or a quotient of them and an
    integer. Raises ParseError.

    >>> rational("-0.3"), rational("3/10"), rational("25e-2")
    (Fraction(-3, 10), Fraction(3, 10), Fraction(1, 4))
    """
    if not RATIONAL.fullmatch(text):
        raise ParseError(f"{shown(text)}: allowed are {ALLOWED}")
    try:
        value: Fraction = evaluate(parse(text, allowed=ALLOWED))
    except ZeroDivisionError:
        raise ParseError(f"{shown(text)}: a division by zero; allowed are numbers") from None
    return value


def whole(text: str) -> int:
    """An integer in ASCII digits. Raises ParseError."""
    if not WHOLE.fullmatch(text):
        raise ParseError(f"{shown(text)}: allowed are integers")
    return int(text)
