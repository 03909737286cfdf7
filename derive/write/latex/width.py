"""How wide a formula is on paper, in points of Computer Modern at 10 pt, from the LaTeX that we print.

Enough of TeX's rules to break lines so that none sticks out: widths of characters, spaces around signs,
scripts, fractions; macros are measured by what they stand for. The log of pdflatex is the judge (tests).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from derive.document.variables import known_variables

DIGIT, LETTER, CAPITAL = 5.0, 5.5, 8.3
BINARY, RELATION = 12.3, 13.4  # a sign with the spaces around it
SCRIPT, SCRIPT_SPACE = 0.8, 0.5  # 7 pt fonts are wider than 7/10
FRACTION = 2.4  # beside its line
CHARACTERS = {
    **dict.fromkeys("()", 3.9),
    **dict.fromkeys("[]|/", 5.0),
    **dict.fromkeys(".:!", 2.8),
    ",": 4.5,
    ";": 4.5,
    "m": 8.8,
    "w": 7.2,
    "W_0": 13.9,
    "+": BINARY,
    "-": BINARY,
    "=": RELATION,
    "'": 3.0,
}
COMMANDS = {
    r"\,": 1.7,
    r"\;": 2.8,
    r"\ ": 3.4,
    r"\quad": 10.0,
    r"\qquad": 20.0,
    r"\cdot": 7.3,
    r"\times": BINARY,
    r"\to": 15.6,
    r"\leftarrow": 15.6,
    r"\in": 12.3,
    r"\sum": 14.5,
    r"\lim": 14.0,
    r"\top": 7.8,
    r"\ldots": 13.4,
    r"\tanh": 22.0,
    r"\exp": 17.0,
    r"\log": 14.5,
    r"\prod": 14.0,
    r"\int": 14.0,
    r"\pm": BINARY,
    r"\ne": RELATION,
    r"\lVert": 5.0,
    r"\rVert": 5.0,
    r"\lvert": 3.4,
    r"\rvert": 3.4,
    r"\{": 5.0,
    r"\}": 5.0,
    r"\partial": 5.7,
    r"\mathcal": 0.0,
    r"\mathrm": 0.0,
    r"\mathsf": 0.0,
    r"\hat": 0.0,
    r"\tilde": 0.0,
    r"\left": 2.0,
    r"\right": 2.0,
    r"\bigl": 0.8,
    r"\bigr": 0.8,
    r"\Bigl": 2.2,
    r"\Bigr": 2.2,
    r"\notag": 0.0,
}
TOKEN = re.compile(r"W_0|\\[A-Za-z]+|\\.|\{|\}|[\^_]|[^\s\\{}^_&]")


@lru_cache(maxsize=4096)
def width(latex: str) -> float:
    """The width of a formula in displayed style."""
    return _sequence(iter(TOKEN.findall(latex)))


def _sequence(tokens: Iterator[str]) -> float:
    """The width up to the end, or to the brace that closes the group."""
    total, last_scripts = 0.0, 0.0
    for token in tokens:
        if token == "}":
            break
        if token in "^_":
            script = SCRIPT * _argument(tokens) + SCRIPT_SPACE
            total += max(0.0, script - last_scripts)  # one above the other
            last_scripts = max(script, last_scripts)
            continue
        last_scripts = 0.0
        total += _token(token, tokens)
    return total


def _argument(tokens: Iterator[str]) -> float:
    token = next(tokens, "}")
    return _sequence(tokens) if token == "{" else _token(token, tokens)


def _token(token: str, tokens: Iterator[str]) -> float:
    if token == "{":
        return _sequence(tokens)
    if token in (r"\frac", r"\tfrac"):
        size = SCRIPT if token == r"\tfrac" else 1.0
        return size * max(_argument(tokens), _argument(tokens)) + FRACTION
    if token == r"\sqrt":
        return _argument(tokens) + 8.4
    if token == r"\label":
        _argument(tokens)
        return 0.0
    if token.startswith(r"\drv"):
        fixed, argument = _macro(token)
        return fixed + (SCRIPT * _argument(tokens) if argument else 0.0)
    if token.startswith("\\"):
        return COMMANDS.get(token, 6.3)
    if token.isdigit():
        return DIGIT
    return CHARACTERS.get(token, CAPITAL if token.isupper() else LETTER)


@cache
def _macro(command: str) -> tuple[float, bool]:
    """The width of what a macro stands for, without its argument, and whether it has one, as an index."""
    meaning = known_variables()[command].latex
    return width(meaning.replace("_{#1}", "")), "#1" in meaning
