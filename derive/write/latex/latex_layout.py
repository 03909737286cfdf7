"""Laying out a long sum in LaTeX: groups of monomials, cut into pieces, joined into lines that fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from derive.document.model import USUAL, Layout
from derive.write.latex.width import BINARY, width

WIDTHS = {1: 332.0, 2: 188.0}
"""Of the columns of LaTeX's article, in points of 10 pt letters, by their number on the page: the narrowest,
those of 11 pt letters (360 and 221 points, on A4)."""
MARGIN = 4.0  # points, for what `width` neglects
LONGEST_LEFT = 0.4  # of the width: a left-hand side that shares its line
FACTOR = re.compile(r"\s*(?:(?!\\,)\S)+(?:\\,)*")
NEXT = r"&\quad"  # before every line after the first
INDENT = 10.0  # points, of \quad
EQUALS = 13.4  # points


@dataclass(frozen=True)
class Group:
    """``+- prefix (sum of monomials) suffix``; monomials are (negative, LaTeX) pairs.

    ``below`` is a sum that it all is divided by: a fraction before the sum, or a negative power behind it.
    ``behind`` are factors behind the sum, before the suffix, broken where they are many.
    """

    prefix: str
    monomials: tuple[tuple[bool, str], ...]
    suffix: str
    negative: bool = False
    below: tuple[tuple[bool, str], ...] = ()
    behind: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """What a line may hold: points, and terms of a sum."""

    width: float
    terms: int

    @property
    def inside(self) -> float:
        """Points on a line of their own, behind its indent."""
        return self.width - INDENT - MARGIN


def page(layout: Layout = USUAL) -> Page:
    """The page of a layout."""
    return Page(WIDTHS[layout.columns], layout.terms_per_line)


def display(
    left: str | Sequence[str],
    groups: Iterable[Group],
    label: str,
    on: Page,
    *,
    bracket: str = "",
    remainder: str = "",
) -> str:
    """An align environment, ``left = groups + remainder``, broken into lines, after a long ``left`` too.

    ``bracket`` stands before the groups, in brackets then.
    """
    pieces = _pieces(list(groups), bracket, on)
    if remainder:
        pieces.append(f" + {remainder}")
    return equation(left, pieces, label, on)


def equation(left: str | Sequence[str], pieces: Sequence[str], label: str, on: Page) -> str:
    """An align environment, ``left`` = the pieces one behind the other, broken between them."""
    return align(rows(left, pieces, label, on))


def align(made: Sequence[str], last: bool = False) -> str:
    """An align environment of rows; ``last``: the last row too ends with a line break, which is dropped."""
    lines = [*made[:-1], made[-1].removesuffix(r" \\")] if last else made
    return "\\begin{align}\n" + "\n".join(lines) + "\n\\end{align}\n"


def stands_alone(left: str | Sequence[str], on: Page) -> bool:
    """Whether a left side is too long to share its line with the equals sign."""
    if isinstance(left, str):
        return width(left) > LONGEST_LEFT * on.width
    return len(packed(left, on.inside)) > 1 or stands_alone("".join(left), on)


def rows(
    left: str | Sequence[str],
    pieces: Sequence[str],
    label: str,
    on: Page,
    sign: str = "=",
    space: float | None = None,
) -> list[str]:
    """The rows of an equation, all but the last without a number; no label: none has one.

    A left side in pieces is broken too where it is long. ``space`` is what the left sides of the equations
    above and below take, where they are aligned with this one.
    """
    above = [left] if isinstance(left, str) else packed(left, on.inside)
    beside = on.width - MARGIN - EQUALS - width(above[0])
    alone = stands_alone(left, on) or (space is None and max(map(width, pieces)) > beside)
    room = on.width - MARGIN - (INDENT if alone else space or width(above[0]))
    lines = _lines(pieces, on.terms, room - EQUALS, room - INDENT)
    if alone:
        made = [
            rf"  &{above[0]}",
            *map(_next, above[1:]),
            rf"  {NEXT} {sign} {lines[0]}",
        ]
    else:
        made = [rf"  {above[0]} &{sign} {lines[0]}"]
    made += map(_next, lines[1:])
    last = rf" \label{{{label}}}" if label else r" \notag"
    return [*(rf"{row} \notag \\" for row in made[:-1]), f"{made[-1]}{last}"]


def _next(line: str) -> str:
    """A line after the first; a letter in front of it is no part of the command before."""
    return rf"  {NEXT}{' ' * line[:1].isalpha()}{line}"


def _lines(pieces: Sequence[str], terms: int, first: float, room: float) -> list[str]:
    """Pieces joined into lines of at most ``terms`` terms and ``room`` points, the first of ``first``."""
    first_piece, *others = [part for piece in pieces for part in _parts(piece, room)]
    lines: list[list[str]] = [[first_piece]]
    taken = width(first_piece)
    for piece in others:
        line, space = lines[-1], width(piece)
        full = len(line) >= terms and r"\drvO" not in piece
        if full or taken + space > (first if len(lines) == 1 else room):
            dangling = len(line) > 1 and line[-1].endswith("(1")
            lines.append([line.pop(), piece] if dangling else [piece])
            taken = sum(map(width, lines[-1]))
        else:
            line.append(piece)
            taken += space
    return ["".join(line) for line in lines]


def _parts(piece: str, room: float) -> list[str]:
    """A piece cut between its factors where it is wider than a line; a number that is so is made small."""
    if r"\begin" in piece or width(piece) <= room:
        return [piece]
    parts = [""]
    for factor in _factors(piece):
        if width(factor) > room - BINARY:
            factor = factor.replace(r"\frac", r"\tfrac")
        if len(parts[-1].strip()) > 1 and width(parts[-1]) + width(factor) > room:
            parts.append("")
        parts[-1] += factor
    return parts


def _factors(piece: str) -> list[str]:
    """What stands between spaces, but not inside braces."""
    factors: list[str] = []
    depth = 0
    for part in FACTOR.findall(piece):
        if depth:
            factors[-1] += part
        else:
            factors.append(part)
        depth += part.count("{") - part.count("}")
    return factors


def packed(pieces: Sequence[str], room: float) -> list[str]:
    """Pieces joined into lines of at most ``room`` points."""
    return _lines(pieces, len(pieces), room, room)


def _pieces(groups: Sequence[Group], bracket: str, on: Page) -> list[str]:
    """The sum cut into breakable pieces, one for each monomial."""
    pieces: list[str] = []
    for group in groups:
        prefix, behind = group.prefix, [rf"\,{factor}" for factor in group.behind]
        if group.below:
            below = joined(group.below)
            if width(prefix) + width(below) < on.inside / 2:
                prefix = rf"{prefix}\frac{{1}}{{{below}}}"
            else:
                behind += _bracketed(r"\,", group.below, r"\bigr)^{-1}")
        suffix = "" if behind else group.suffix
        pieces += _group_pieces(group, prefix, suffix, first=not pieces) + behind
        if behind:
            pieces[-1] += _behind(group.suffix)
    if not pieces:
        return ["0"]
    if bracket:
        pieces[0] = rf"{bracket} \Bigl[ {pieces[0]}"
        pieces[-1] += r" \Bigr]"
    return pieces


def _bracketed(before: str, monomials: Sequence[tuple[bool, str]], closed: str) -> list[str]:
    """A sum in brackets, a piece for each monomial."""
    pieces = [signed(negative, body, first=not i) for i, (negative, body) in enumerate(monomials)]
    return [rf"{before}\bigl({pieces[0]}", *pieces[1:-1], f"{pieces[-1]}{closed}"]


def _behind(suffix: str) -> str:
    return rf"\,{suffix}" if suffix else ""


def _group_pieces(group: Group, prefix: str, suffix: str, first: bool) -> list[str]:
    pieces: list[str] = []
    grouped = len(group.monomials) > 1
    flipped = grouped and all(negative for negative, _ in group.monomials)
    size = "Big" if any("frac" in body for _, body in group.monomials) else "big"
    for index, (negative, body) in enumerate(group.monomials):
        if not grouped:
            factors = [part for part in (prefix, body, suffix) if part]
            if body == "1" and len(factors) > 1:
                factors.remove("1")
            text = signed(negative, r"\,".join(factors), first)
        elif index == 0:
            opened = rf"{prefix}\{size}l({signed(negative and not flipped, body, True)}"
            text = signed(flipped or group.negative, opened, first)
        else:
            text = signed(negative and not flipped, body, False)
        if grouped and index == len(group.monomials) - 1:
            text += rf"\{size}r)" + _behind(suffix)
        pieces.append(text)
    return pieces


def fraction(numerator: int, denominator: int) -> str:
    """A rational number; empty for one."""
    if denominator == 1:
        return str(numerator) if numerator != 1 else ""
    return rf"\frac{{{numerator}}}{{{denominator}}}"


def power(name: str, power: int) -> str:
    """A power of a symbol; empty for the zeroth."""
    return "" if power == 0 else name if power == 1 else f"{name}^{{{power}}}"


def monomial(coefficient: Any, powers: Iterable[tuple[str, int]]) -> tuple[bool, str]:
    """An integer or flint's rational number times powers of symbols, as (negative, LaTeX)."""
    numerator, denominator = int(getattr(coefficient, "p", coefficient)), int(getattr(coefficient, "q", 1))
    parts = [fraction(abs(numerator), denominator), *(power(name, n) for name, n in powers)]
    return numerator < 0, r"\,".join(part for part in parts if part) or "1"


def joined(monomials: Iterable[tuple[bool, str]]) -> str:
    """A sum of monomials."""
    text = ""
    for negative, body in monomials:
        text += signed(negative, body, first=not text)
    return text


def signed(negative: bool, body: str, first: bool) -> str:
    """A term behind others, or the first."""
    if first:
        return f"-{body}" if negative else body
    return f" - {body}" if negative else f" + {body}"
