"""Laying out a long sum in LaTeX: groups of monomials, cut into pieces, joined into lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

LINE_GLYPHS = 58  # what fits on a line of an A4 article at 11 pt,
LEFT_GLYPHS = 8  # behind a left side of this width
LONGEST_LEFT = 24  # glyphs of a left-hand side that shares its line
WIDE = {r"\drvBT": 3, r"\drvwT": 2, r"\drvmT": 2, r"\drvB": 2, r"\drvnorm": 4, r"\drvgradient": 8, r"\lim": 2}


@dataclass(frozen=True)
class Group:
    """``+- prefix (sum of monomials) suffix``; monomials are (negative, LaTeX) pairs."""

    prefix: str
    monomials: tuple[tuple[bool, str], ...]
    suffix: str
    negative: bool = False


def display(
    left: str, groups: Iterable[Group], label: str, per_line: int, *, bracket: str = "", remainder: str = ""
) -> str:
    """An align environment, ``left = groups + remainder``, broken into lines, after a long ``left`` too.

    ``bracket`` stands before the groups, in brackets then; ``per_line`` terms stand on a line.
    """
    pieces = _pieces(groups, bracket)
    if remainder:
        pieces.append(f" + {remainder}")
    width = glyphs(left)
    alone = width > LONGEST_LEFT
    lines = _lines(pieces, per_line, LINE_GLYPHS - (0 if alone else max(0, width - LEFT_GLYPHS)))
    rows = [rf"  &{left}", rf"  &\quad = {lines[0]}"] if alone else [rf"  {left} &= {lines[0]}"]
    rows += [rf"  &\quad{line}" for line in lines[1:]]
    rows = [*(rf"{row} \notag \\" for row in rows[:-1]), rf"{rows[-1]} \label{{{label}}}"]
    return "\\begin{align}\n" + "\n".join(rows) + "\n\\end{align}\n"


def _lines(pieces: list[str], per_line: int, room: float) -> list[str]:
    """Pieces joined into lines of at most ``per_line`` terms and about ``room`` glyphs."""
    lines: list[list[str]] = [[pieces[0]]]
    for piece in pieces[1:]:
        line = lines[-1]
        full = len(line) == per_line and r"\drvO" not in piece
        if full or sum(map(glyphs, line)) + glyphs(piece) > room:
            dangling = len(line) > 1 and line[-1].endswith("(1")
            lines.append([line.pop(), piece] if dangling else [piece])
        else:
            line.append(piece)
    return ["".join(line) for line in lines]


def glyphs(piece: str) -> float:
    """A rough width, in letters: a fraction counts its wider half, an index half a letter each."""
    text = re.sub(r"\\frac\{(\d+)\}\{(\d+)\}", lambda match: max(match.groups(), key=len), piece)
    superscripts = sum(len(digits) for digits in re.findall(r"\^\{(\d+)\}", text))
    text = re.sub(r"\^\{\d+\}", "", text)
    text = re.sub(r"\\drv\w+|\\lim", lambda match: "x" * WIDE.get(match.group().rstrip("_"), 1), text)
    text = re.sub(r"\\[A-Za-z]+|[{}\s]", "", text).replace(r"\,", "")
    return len(text) + superscripts / 2


def _pieces(groups: Iterable[Group], bracket: str) -> list[str]:
    """The sum cut into breakable pieces, one for each monomial."""
    pieces: list[str] = []
    for group in groups:
        grouped = len(group.monomials) > 1
        flipped = grouped and all(negative for negative, _ in group.monomials)
        size = "Big" if any("frac" in body for _, body in group.monomials) else "big"
        for index, (negative, body) in enumerate(group.monomials):
            first = not pieces
            if not grouped:
                factors = [part for part in (group.prefix, body, group.suffix) if part]
                if body == "1" and len(factors) > 1:
                    factors.remove("1")
                text = signed(negative, r"\,".join(factors), first)
            elif index == 0:
                opened = rf"{group.prefix}\{size}l({signed(negative and not flipped, body, True)}"
                text = signed(flipped or group.negative, opened, first)
            else:
                text = signed(negative and not flipped, body, False)
            if grouped and index == len(group.monomials) - 1:
                text += rf"\{size}r)" + (rf"\,{group.suffix}" if group.suffix else "")
            pieces.append(text)
    if not pieces:
        return ["0"]
    if bracket:
        pieces[0] = rf"{bracket} \Bigl[ {pieces[0]}"
        pieces[-1] += r" \Bigr]"
    return pieces


def fraction(numerator: int, denominator: int) -> str:
    """A rational number; empty for one."""
    if denominator == 1:
        return str(numerator) if numerator != 1 else ""
    return rf"\frac{{{numerator}}}{{{denominator}}}"


def power(name: str, power: int) -> str:
    return "" if power == 0 else name if power == 1 else f"{name}^{{{power}}}"


def monomial(coefficient: Any, powers: Iterable[tuple[str, int]]) -> tuple[bool, str]:
    """An integer or flint's rational number times powers of symbols, as (negative, LaTeX)."""
    numerator, denominator = int(getattr(coefficient, "p", coefficient)), int(getattr(coefficient, "q", 1))
    parts = [fraction(abs(numerator), denominator), *(power(name, n) for name, n in powers)]
    return numerator < 0, r"\,".join(part for part in parts if part) or "1"


def joined(monomials: Iterable[tuple[bool, str]]) -> str:
    text = ""
    for negative, body in monomials:
        text += signed(negative, body, first=not text)
    return text


def signed(negative: bool, body: str, first: bool) -> str:
    if first:
        return f"-{body}" if negative else body
    return f" - {body}" if negative else f" + {body}"
