"""How everything shows itself in Jupyter: lines that fit a page, long sums folded.

A sum of more than `MOST` terms shows its first `SHOWN` and dots, at any depth of a formula; a last line says
how many terms are left out and what gives them all. Only what is shown is turned into LaTeX, so that the time
does not grow with the order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sympy

MOST, SHOWN = 6, 4
"""Terms of a sum inside a formula: as many as are shown whole, and those shown of a longer one."""
MOST_TERMS, SHOWN_TERMS = 12, 8
"""The same of the terms of one row, powers of tau for instance."""
MOST_ROWS = 16
WIDEST = 80
"""Signs on a line."""
SORTED = 200
"""Terms of a sum up to which it is sorted before its first ones are taken."""
UNSEEN = re.compile(r"\\(left|right|frac|hat|tilde|displaystyle|mathsf|text|texttt|mathtt|,|;)|[{}^_\s]")


@dataclass(frozen=True)
class Row:
    """left = sum of (coefficient, LaTeX behind it), ``end`` last; without ``left`` the sum alone.

    ``left_out`` terms are not even given.
    """

    left: str
    terms: Sequence[tuple[sympy.Expr, str]]
    end: str = ""
    left_out: int = 0

    def first(self, count: int) -> Row:
        """The row with its first terms alone."""
        left_out = self.left_out + max(len(self.terms) - count, 0)
        return replace(self, terms=self.terms[:count], left_out=left_out)


def shown(rows: Iterable[Row], everything: str, note: str = "", rows_left_out: int = 0) -> str:
    """Rows as the LaTeX of a notebook's cell; ``everything`` says what shows all, where anything is folded.

    ``note`` stands in a last line of text; ``rows_left_out`` rows are not even given.
    """
    printer = _folding()
    rows = list(rows)
    lines = [line for row in rows[:MOST_ROWS] for line in _lines(row, printer)]
    folded = []
    if rows_left_out := rows_left_out + max(len(rows) - MOST_ROWS, 0):
        lines.append(r"& \vdots")
        folded.append(f"{rows_left_out} more rows")
    if printer.left_out:
        folded.append(f"{printer.left_out} more terms")
    if folded:
        lines.append(r"&\quad " + _words(f"folded: {' and '.join(folded)}; to see all: {everything}"))
    if note:
        lines.append(r"&\quad " + _words(note))
    return cell(lines)


def _words(text: str) -> str:
    """Words between formulas, names of code in them: MathJax reads neither inside its texts."""
    found = ""
    for words, code, formula in re.findall(r"([^$\\]+)|\\texttt\{(.*?)\}|\$(.*?)\$", text):
        found += rf"\text{{{words}}}" if words else rf"\mathtt{{{code}}}" if code else formula
    return found


def cell(lines: Sequence[str]) -> str:
    """Lines of LaTeX, aligned at their ``&`` where they are several, as Jupyter reads them."""
    if len(lines) == 1:
        return f"${lines[0].replace('&', '').strip()}$"
    return r"$\begin{aligned}" + r" \\ ".join(lines) + r"\end{aligned}$"


def times(coefficient: sympy.Expr, behind: str, printed: Callable[[Any], str]) -> str:
    """A coefficient and the LaTeX of what it multiplies; a sum stands in brackets."""
    import sympy

    text = printed(coefficient).strip("$")
    if not behind:
        return text
    if coefficient in (1, -1):
        return text.removesuffix("1") + behind
    if isinstance(coefficient, sympy.Add):
        return rf"\left({text}\right) {behind}"
    return f"{text} {behind}"


def joined(text: str, term: str) -> str:
    """A sum with one more term, whose sign is its own."""
    return f"{text} + {term}" if text and not term.startswith("-") else f"{text} {term}" if text else term


def number(value: Any) -> sympy.Expr:
    """A double as it is shown: six digits."""
    import sympy

    return sympy.Float(float(value), 6)


def _lines(row: Row, printer: Any) -> list[str]:
    """The row on lines of `WIDEST` signs."""
    terms = row.terms if len(row.terms) <= MOST_TERMS else row.terms[:SHOWN_TERMS]
    pieces = [times(coefficient, behind, printer.doprint) for coefficient, behind in terms]
    if left_out := row.left_out + len(row.terms) - len(terms):
        printer.left_out += left_out
        pieces.append(r"\cdots")
    pieces += [row.end] if row.end else []
    opening = f"{row.left} &= " if row.left else "& "
    lines = [opening]
    text = ""
    for piece in pieces or ["0"]:
        if text and _signs(opening + text + piece) > WIDEST:
            lines[-1] += text
            opening, text = r"&\quad ", piece if piece.startswith("-") else f"+ {piece}"
            lines.append(opening)
        else:
            text = joined(text, piece)
    lines[-1] += text
    return lines


def _signs(latex: str) -> int:
    """Roughly how many signs wide a formula is: a command is one, the two halves of a fraction are both."""
    return len(re.sub(r"\\[A-Za-z]+", "x", UNSEEN.sub("", latex)))


def _folding() -> Any:
    return _printer()()


@cache
def _printer() -> type:
    """sympy's printer, whose class is made when it is first needed: the import takes a while."""
    from sympy.core.add import Add
    from sympy.printing.latex import LatexPrinter

    class Folding(LatexPrinter):  # type: ignore[misc]
        """Sums of more than `MOST` terms end in dots; ``left_out`` counts what is not shown."""

        left_out = 0

        def _print_Add(self, expr: Any, order: Any = None) -> str:
            if len(expr.args) <= MOST:
                return str(super()._print_Add(expr, order))
            few = len(expr.args) <= SORTED
            terms = self._as_ordered_terms(expr, order=order) if few else expr.args
            self.left_out += len(terms) - SHOWN
            first = super()._print_Add(Add(*terms[:SHOWN], evaluate=False), order="none")
            return rf"{first} + \cdots"

    return Folding
