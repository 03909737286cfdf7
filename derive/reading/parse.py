"""Reading numbers and formulas from text, so that no text ever runs as code.

    expression = term {("+" | "-") term}          power    = atom ["**" exponent]
    term       = factor {("*" | "/") factor}      exponent = {"+" | "-"} (whole number | "(" exponent ")")
    factor     = ("+" | "-") factor | power       atom     = number | name | "(" expression ")"
                                                           | function "(" expression {"," expression} ")"

Text is ASCII on one line. Numbers are exact (0.1 is 1/10), exponents whole numbers, and what may grow
without end is bounded by `Limits` before anything is computed: ``9**9**9`` is refused at once. The
result is a tree of plain data; `evaluate` works it out on any scalars, `as_sympy` on sympy's, by
building objects. Everything that reads numbers or formulas out of options, files and headers reads
them here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from keyword import iskeyword
from math import comb
from typing import NoReturn

from derive.reading.formula import MINUS, Addition, Call, Exponentiation, Identifier, Numeral, Tree, product

NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
TOKEN = re.compile(rf" *(?:(?P<number>{NUMBER})|(?P<name>[A-Za-z_][A-Za-z_0-9]*)|(?P<sign>\*\*|[-+*/(),]))")
DECIMAL_EXPONENT = 400  # beyond every double
DIGITS = 1000
SHOWN = 60
NUMBER_NAMES = ("nan", "inf", "infinity", "oo", "zoo")
FORMULA = "numbers, names, + - * / ** and brackets"


class ParseError(ValueError):
    """Text that is no formula: the message names what was given, the token, its place, what is allowed."""


@dataclass(frozen=True)
class Limits:
    """How large a formula may be.

    ``length`` of the text, ``depth`` of brackets and signs, ``exponent`` of a power, ``weight``: digits
    (in bits) and degrees that the expanded formula could have, ``terms`` of its expanded sums.
    """

    length: int = 10_000
    depth: int = 60
    exponent: int = 1_000
    weight: int = 50_000
    terms: int = 1_000


def is_symbol(name: str) -> bool:
    """Whether a name may stand for a symbol: no word of Python's, no number's name."""
    return not iskeyword(name) and name.lower() not in NUMBER_NAMES


def parse(
    text: str,
    *,
    functions: Mapping[str, int] | None = None,
    names: Callable[[str], bool] = is_symbol,
    allowed: str = FORMULA,
    limits: Limits | None = Limits(),
) -> Tree:
    """The formula in ``text``.

    ``functions`` gives the number of arguments of every function allowed, ``names`` says which other
    names are, ``allowed`` says it in words; ``limits=None`` is for text of the house's own making. Raises
    ParseError, a ValueError, naming the token and its place.

    >>> parse("x**2")
    Exponentiation(base=Identifier(name='x'), exponent=2)
    """
    return _Reader(text, functions or {}, names, allowed, limits).expression()


def shown(text: str) -> str:
    """Text of any kind on one line of printable ASCII, shortened."""
    plain = text if text.isascii() and text.isprintable() else ascii(text)[1:-1]
    return plain if len(plain) <= SHOWN else f"{plain[:SHOWN]}..."


@dataclass(frozen=True)
class _Size:
    """Bounds on a formula once expanded: digits and degrees, terms above and below its bar. Sums of
    numbers alone are one term."""

    weight: int
    above: int = 1
    below: int = 1
    named: bool = False


def _added(one: _Size, other: _Size) -> _Size:
    weight, named = one.weight + other.weight, one.named or other.named
    above = one.above * other.below + other.above * one.below if named else 1
    return _Size(weight, above, one.below * other.below, named)


class _Reader:
    """Recursive descent through the tokens: every method returns a node and a bound on its size."""

    def __init__(
        self,
        text: str,
        functions: Mapping[str, int],
        names: Callable[[str], bool],
        allowed: str,
        limits: Limits | None,
    ) -> None:
        self.text, self.functions, self.names, self.allowed = text, functions, names, allowed
        self.limits, self.depth = limits, 0
        if limits is not None and len(text) > limits.length:
            raise ParseError(f"{shown(text)}: {len(text)} characters, allowed are {limits.length}")
        self.tokens = list(self._split())
        self.place = 0

    def expression(self) -> Tree:
        """The whole text's formula."""
        node, _ = self._sum()
        if self._kind:
            self._fail("")
        return node

    def _split(self) -> Iterator[tuple[str, str, int]]:
        """Kind, text and place of every token, and an end of kind ""."""
        at, end = 0, len(self.text.rstrip(" "))
        while at < end:
            match = TOKEN.match(self.text, at)
            if match is None:
                strange = at + len(self.text[at:]) - len(self.text[at:].lstrip(" "))
                self._refuse(f"unexpected {shown(self.text[strange])}", strange)
            kind = str(match.lastgroup)
            word = match[kind]
            yield (word if kind == "sign" else kind), word, match.end() - len(word)
            at = match.end()
        yield "", "", end

    @property
    def _kind(self) -> str:
        return self.tokens[self.place][0]

    def _take(self, *kinds: str) -> str:
        """The next token's text if it is of these kinds, "" otherwise."""
        kind, word, _ = self.tokens[self.place]
        if kind not in kinds:
            return ""
        self.place += 1
        return word

    def _expect(self, kind: str) -> str:
        word = self._take(kind)
        if not word:
            self._fail(f", {'a whole number' if kind == 'number' else kind} expected")
        return word

    def _fail(self, wanted: str) -> NoReturn:
        _, word, place = self.tokens[self.place]
        self._refuse((f"unexpected {word}" if word else "unexpected end") + wanted, place)

    def _refuse(self, problem: str, place: int) -> NoReturn:
        raise ParseError(
            f"{shown(self.text)}: {problem} at character {place + 1}: allowed are {self.allowed}"
        )

    def _within(self, size: _Size) -> _Size:
        limits = self.limits
        if limits and (size.weight > limits.weight or max(size.above, size.below) > limits.terms):
            raise ParseError(
                f"{shown(self.text)}: too large to expand: allowed are up to {limits.terms} terms and powers "
                f"up to {limits.exponent}"
            )
        return size

    def _deeper(self, step: int) -> None:
        self.depth += step
        if self.limits is not None and self.depth > self.limits.depth:
            raise ParseError(
                f"{shown(self.text)}: brackets or signs {self.depth} deep, allowed are {self.limits.depth}"
            )

    def _sum(self) -> tuple[Tree, _Size]:
        node, size = self._product()
        terms = [node]
        while sign := self._take("+", "-"):
            node, other = self._product()
            terms.append(node if sign == "+" else product(MINUS, node))
            size = self._within(_added(size, other))
        return (Addition(tuple(terms)) if len(terms) > 1 else terms[0]), size

    def _product(self) -> tuple[Tree, _Size]:
        node, size = self._factor()
        factors = [node]
        while sign := self._take("*", "/"):
            node, other = self._factor()
            factors.append(node if sign == "*" else Exponentiation(node, -1))
            above, below = (other.above, other.below) if sign == "*" else (other.below, other.above)
            weight, named = size.weight + other.weight, size.named or other.named
            size = self._within(_Size(weight, size.above * above, size.below * below, named))
        return product(*factors), size

    def _factor(self) -> tuple[Tree, _Size]:
        sign = self._take("+", "-")
        if not sign:
            return self._power()
        self._deeper(1)
        node, size = self._factor()
        self._deeper(-1)
        return (node if sign == "+" else product(MINUS, node)), size

    def _power(self) -> tuple[Tree, _Size]:
        node, size = self._atom()
        if not self._take("**"):
            return node, size
        exponent = self._exponent()
        above, below = (size.above, size.below) if exponent >= 0 else (size.below, size.above)
        n = abs(exponent)
        grown = _Size(size.weight * max(n, 1), comb(above + n - 1, n), comb(below + n - 1, n), size.named)
        return Exponentiation(node, exponent), self._within(grown)

    def _exponent(self) -> int:
        sign = 1
        while mark := self._take("+", "-"):
            sign = -sign if mark == "-" else sign
        if self._take("("):
            self._deeper(1)
            value = self._exponent()
            self._deeper(-1)
            self._expect(")")
        else:
            place = self.tokens[self.place][2]
            word = self._expect("number")
            most = self.limits.exponent if self.limits is not None else 10**9
            if not word.isdigit() or len(word) > 10 or int(word) > most:
                self._refuse(f"exponent {shown(word)}, allowed are whole numbers up to {most}, ", place)
            value = int(word)
        if self._kind == "**":
            self._fail(" (a power of a power needs brackets around the first)")
        return sign * value

    def _atom(self) -> tuple[Tree, _Size]:
        place = self.tokens[self.place][2]
        if word := self._take("number"):
            value = self._number(word, place)
            return Numeral(value), _Size(value.numerator.bit_length() + value.denominator.bit_length())
        if word := self._take("name"):
            return self._called(word, place) if self._kind == "(" else self._named(word, place)
        if not self._take("("):
            self._fail("")
        self._deeper(1)
        inner = self._sum()
        self._deeper(-1)
        self._expect(")")
        return inner

    def _number(self, word: str, place: int) -> Fraction:
        _, _, exponent = word.lower().partition("e")
        if len(word) > DIGITS:
            self._refuse(f"a number of more than {DIGITS} digits", place)
        if len(exponent.lstrip("+-0")) > 3 or abs(int(exponent or "0")) > DECIMAL_EXPONENT:
            self._refuse(f"{word}, a number beyond 1e{DECIMAL_EXPONENT},", place)
        return Fraction(word)

    def _named(self, word: str, place: int) -> tuple[Tree, _Size]:
        if word in self.functions or not self.names(word):
            self._refuse(f"unexpected {shown(word)}", place)
        return Identifier(word), _Size(1, named=True)

    def _called(self, word: str, place: int) -> tuple[Tree, _Size]:
        if word not in self.functions:
            self._refuse(f"unexpected function {shown(word)}", place)
        self._expect("(")
        self._deeper(1)
        parts = [self._sum()]
        while self._take(","):
            parts.append(self._sum())
        self._deeper(-1)
        self._expect(")")
        if len(parts) != self.functions[word]:
            self._refuse(f"{word} of {len(parts)} arguments, it takes {self.functions[word]},", place)
        size = _Size(1 + sum(size.weight for _, size in parts), named=True)
        return Call(word, tuple(node for node, _ in parts)), self._within(size)
