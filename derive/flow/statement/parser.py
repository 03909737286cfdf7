"""The language of flows: text to forms, by a parser of its own over ASCII tokens (no text ever runs as code).

    sum     = ["+" | "-"] product {("+" | "-") product}
    product = factor {["*"] factor | "/" factor}            a scalar stands before a word with or without *
    factor  = atom {"'"} ["^" or "**" exponent] {"'"}
    atom    = number | name | name "(" sum ")" | "(" sum ")"

R(c) is the resolvent (c - W)^-1 and R is R(1); conj, re, im, abs, sqrt, exp, log, tanh take a scalar, the
first three a word too; I is the imaginary unit.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NoReturn

from derive.flow.statement import form as forms
from derive.flow.statement.form import ColumnForm, Form, MatrixForm, letter_form, shape
from derive.flow.statement.scalar import (
    FUNCTIONS,
    ONE,
    I,
    Letter,
    Number,
    Overlap,
    call,
    leaves,
    multiply,
    number,
    power,
)
from derive.flow.statement.tokens import FlowProblem, Source, Token, complain, tokens

ON_WORDS = ("conj", "re", "im")
CALLS = (*FUNCTIONS, "sqrt", "abs", *ON_WORDS)
RESERVED = ("W", "W0", "R", "I", "tau", "g", "beta", "B", "ttilde", *CALLS)
"""Names with a meaning of their own, which vectors, matrices, parameters and definitions may not take."""
LARGEST_POWER = 40
DEEPEST = 60
ROW, COLUMN = "a row (such as m')", "a column (such as w)"
EXPECTED = {"row": ROW, "column": COLUMN, "matrix": "a matrix", "scalar": "a scalar"}

Names = Callable[[str], Form | None]


def parse(source: Source, names: Names, allowed: Callable[[], str]) -> Form:
    """The form of an expression. ``names`` gives the form of a name, None for an unknown one, and ``allowed``
    what is known, for the message. Raises FlowProblem.
    """
    parser = _Parser(source, names, allowed)
    result = parser.sum()
    if parser.now.kind != "end":
        parser.fail("unexpected " + repr(parser.now.text))
    return result


class _Parser:
    def __init__(self, source: Source, names: Names, allowed: Callable[[], str]) -> None:
        self.source, self.names, self.allowed = source, names, allowed
        self.tokens = tokens(source)
        self.at = self.depth = 0

    @property
    def now(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.now
        self.at += token.kind != "end"
        return token

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        complain(self.source, token or self.now, message)

    def is_next(self, *operators: str) -> bool:
        return self.now.kind == "operator" and self.now.text in operators

    def sum(self) -> Form:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(f"more than {DEEPEST} brackets inside each other")
        sign = self.take() if self.is_next("+", "-") else None
        result = self.product()
        if sign and sign.text == "-":
            result = forms.scaled(number(-1), result)
        while self.is_next("+", "-"):
            operator = self.take()
            term = self.product()
            if operator.text == "-":
                term = forms.scaled(number(-1), term)
            both = forms.total(result, term)
            if both is None:
                self.fail(f"'{operator.text}' joins a {shape(result)} and a {shape(term)}", operator)
            result = both
        self.depth -= 1
        return result

    def product(self) -> Form:
        result = self.factor()
        while self.is_next("*", "/", "(") or self.now.kind in ("name", "number"):
            operator = self.take() if self.is_next("*", "/") else None
            token = self.now
            factor = self.factor()
            if operator and operator.text == "/":
                result = self.quotient(result, factor, token)
                continue
            joined = forms.product(result, factor)
            if joined is None:
                fitting = "row" if shape(result) == "column" else "column"
                if shape(result) == "row":
                    fitting = "column"
                self.fail(
                    f"{token.text!r} begins a {shape(factor)} behind a {shape(result)}, where "
                    f"{EXPECTED[fitting]} belongs,",
                    token,
                )
            result = joined
        return result

    def quotient(self, above: Form, below: Form, token: Token) -> Form:
        if shape(below) != "scalar":
            self.fail(f"'/' by a {shape(below)}: allowed is a scalar,", token)
        if below == number(0):
            self.fail("division by 0", token)
        return forms.scaled(power(below, Fraction(-1)), above)  # type: ignore[arg-type]

    def factor(self) -> Form:
        token = self.now
        result = self.atom()
        while self.is_next("'", "^", "**"):
            operator = self.take()
            if operator.text == "'":
                result = forms.transpose(result)
            else:
                result = self.powered(result, token)
                if self.is_next("^", "**"):
                    self.fail("a power of a power: brackets belong around the first,")
        return result

    def powered(self, base: Form, token: Token) -> Form:
        start = self.now
        exponent = self.exponent()
        if shape(base) == "scalar":
            if base == number(0) and exponent < 0:
                self.fail("division by 0", token)
            if exponent.denominator > 2:
                self.fail(f"the power {exponent}: allowed are integers and halves such as 1/2,", start)
            return power(base, exponent)  # type: ignore[arg-type]
        if not isinstance(base, MatrixForm):
            self.fail(f"a power of a {shape(base)}: allowed are powers of scalars and matrices,", token)
        if exponent.denominator != 1 or not 1 <= exponent <= LARGEST_POWER:
            self.fail(
                f"the power {exponent} of a matrix: allowed are integers from 1 to {LARGEST_POWER}", start
            )
        result: Form = base
        for _ in range(int(exponent) - 1):
            longer = forms.product(result, base)
            assert longer is not None
            result = longer
            if isinstance(result, MatrixForm) and len(result.operators) + len(result.outers) > 200:
                self.fail("a power of a sum with more than 200 terms", token)
        return result

    def exponent(self) -> Fraction:
        start = self.now
        negative = self.is_next("-") and bool(self.take())
        if self.is_next("("):
            self.take()
            value = self.sum()
            self.close()
        elif self.now.kind == "number":
            value = number(_fraction(self.take().text))
        else:
            self.fail("an exponent that is no number: allowed are rational numbers", start)
        if not isinstance(value, Number):
            self.fail("an exponent that is no number: allowed are rational numbers", start)
        result = -value.value if negative else value.value
        if abs(result) > LARGEST_POWER:
            self.fail(f"the exponent {result}: allowed are numbers up to {LARGEST_POWER},", start)
        return result

    def close(self) -> None:
        if not self.is_next(")"):
            self.fail("')' is missing")
        self.take()

    def atom(self) -> Form:
        token = self.take()
        if token.kind == "number":
            return number(_fraction(token.text))
        if token.kind == "operator" and token.text == "(":
            result = self.sum()
            self.close()
            return result
        if token.kind != "name":
            shown = f"unexpected {token.text!r}" if token.text else "something is missing"
            self.fail(f"{shown}: a number, a name or a bracket belongs", token)
        if token.text == "R":
            return self.resolvent(token)
        if token.text in CALLS:
            return self.called(token)
        if token.text == "I":
            return I
        found = self.names(token.text)
        if found is None:
            self.fail(f"unknown name {token.text!r} (allowed: {self.allowed()})", token)
        return found

    def resolvent(self, token: Token) -> Form:
        """R or R(c); a scalar in brackets right behind R is its point, anything else a factor."""
        if not self.is_next("("):
            return letter_form(Letter("R", point=ONE))
        opening = self.at
        self.take()
        point = self.sum()
        self.close()
        if shape(point) != "scalar":
            self.at = opening
            return letter_form(Letter("R", point=ONE))
        if any(isinstance(leaf, Overlap) for leaf in leaves(point)):  # type: ignore[arg-type]
            self.fail("a resolvent whose point holds a word: allowed are numbers and parameters,", token)
        if point == number(0):
            self.fail("the resolvent R(0): its point c = 0 lies inside the disc |c| <= g,", token)
        return letter_form(Letter("R", point=point))  # type: ignore[arg-type]

    def called(self, token: Token) -> Form:
        if not self.is_next("("):
            self.fail(f"{token.text!r} without brackets: {token.text}(...) is meant?", token)
        self.take()
        argument = self.sum()
        self.close()
        if shape(argument) == "scalar":
            if token.text == "log" and argument == number(0):
                self.fail("log(0) is not smooth:", token)
            return call(token.text, argument)  # type: ignore[arg-type]
        if token.text not in ON_WORDS:
            self.fail(f"{token.text} of a {shape(argument)}: allowed is a scalar,", token)
        if token.text == "conj":
            return forms.conjugated(argument)
        if token.text == "re":
            return forms.real_part(argument)
        return forms.real_part(forms.scaled(multiply(number(-1), I), argument))


def _fraction(text: str) -> Fraction:
    if "e" in text.lower() and abs(int(text.lower().split("e")[1])) > 1000:
        raise FlowProblem(f"{text}: allowed are powers of ten up to 1000")
    return Fraction(text)


def parse_scalar(source: Source, names: Names, allowed: Callable[[], str]) -> forms.Scalar:
    """A scalar. Raises FlowProblem for any other shape."""
    found = parse(source, names, allowed)
    if isinstance(found, ColumnForm | MatrixForm):
        raise FlowProblem(f'{source.where}: "{source.text}" is a {shape(found)}: a scalar belongs here')
    return found
