"""Numbers from text: exact, ASCII, of a bounded size."""

from __future__ import annotations

import re
from fractions import Fraction

from derive.reading.formula import evaluate
from derive.reading.parse import NUMBER, ParseError, parse, shown

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


def number_text(value: float) -> str:
    """The shortest text that reads back as this very number: no two numbers share it.

    >>> number_text(0.6), number_text(2.0), number_text(0.1 + 0.2)
    ('0.6', '2', '0.30000000000000004')
    """
    return repr(float(value)).removesuffix(".0")


def whole(text: str) -> int:
    """An integer in ASCII digits. Raises ParseError."""
    if not WHOLE.fullmatch(text):
        raise ParseError(f"{shown(text)}: allowed are integers")
    return int(text)
