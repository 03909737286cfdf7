"""The tokens of a flow's language, and its errors, which name the token, its place and the line of the
file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<operator>\*\*|[-+*/^'()]))",
    re.ASCII,
)
LONGEST = 4000
"""Characters of one expression."""


class FlowProblem(ValueError):
    """A flow that makes no sense: the message names what was given, where, and what is allowed."""


@dataclass(frozen=True)
class Source:
    """One expression: its text and where it stands, e.g. ``velocity W, line 12``."""

    text: str
    where: str


@dataclass(frozen=True)
class Token:
    """A number, name or operator; ``kind`` "end" stands behind the last one. ``place`` counts from 1."""

    kind: str
    text: str
    place: int


def complain(source: Source, token: Token, message: str) -> NoReturn:
    """Raise FlowProblem with the place of a token."""
    place = f"at character {token.place} of" if token.kind != "end" else "at the end of"
    raise FlowProblem(f'{source.where}: {message} {place} "{_shown(source.text)}"')


def tokens(source: Source) -> list[Token]:
    """The tokens of an expression, an "end" last. Raises FlowProblem at a character that begins none."""
    text = source.text
    if len(text) > LONGEST:
        raise FlowProblem(f"{source.where}: {len(text)} characters: allowed are {LONGEST} an expression")
    found: list[Token] = []
    at = 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            odd = Token("odd", text[start], start + 1)
            complain(
                source,
                odd,
                f"{text[start]!r} is no part of the language: allowed are numbers, names, "
                "+ - * / ** ^ ' and brackets,",
            )
        found.append(Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup) + 1))
        at = match.end()
    return [*found, Token("end", "", len(text) + 1)]


def _shown(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 80 else f"{flat[:77]}..."
