"""A document: what a command says, in which order, whatever the format.

A subject (one file each in `derive.document`) builds one; a format (one file each in `derive.write`) prints
any. A block is one thing said; a section is blocks with the words before them. Mathematics is held as the
objects themselves (series, sums of words), so that each format prints them its own way; what is said in one
format only is a block of its own, made when that format is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.flow.connectivity import Connectivity

TERMS_PER_LINE = 4

Key = tuple[str | int, ...]
"""Where a value stands in JSON: names of objects, and positions in lists. Empty: nowhere."""


@dataclass(frozen=True)
class Layout:
    """How a document is laid out: none of this changes what it says, its labels or its names.

    ``terms_per_line`` and ``columns`` (of the page, 1 or 2) are those of LaTeX formulas; ``standalone`` asks
    for LaTeX that compiles by itself.
    """

    terms_per_line: int = TERMS_PER_LINE
    columns: int = 1
    standalone: bool = False


USUAL = Layout()


@dataclass(frozen=True)
class Variable:
    """A letter of the field: its name in code and JSON, its LaTeX, and what it means.

    In LaTeX it is printed as the macro ``\\drv`` + name, or ``macro``, which a paper may define as it likes.
    """

    name: str
    latex: str
    meaning: str = ""
    macro: str = ""

    @property
    def command(self) -> str:
        """The macro, e.g. ``\\drvzhat``."""
        return rf"\drv{self.macro or self.name}"

    def meaning_here(self, meaning: str) -> Variable:
        """The same letter where it means something more special."""
        return Variable(self.name, self.latex, meaning, self.macro)


@dataclass(frozen=True)
class Paragraph:
    """Words before the formulas, for a terminal and in LaTeX; either may be empty."""

    text: str = ""
    latex: str = ""


@dataclass(frozen=True, eq=False)
class Formula:
    """``left = series``, a truncated Taylor series (`derive.series.taylor.TaylorSeries` or alike).

    ``left`` is LaTeX in macros; ``title`` names it in words; ``label`` ends its label; with ``in_line`` the
    text has the whole series on lines instead of a table; ``terminates`` where nothing is left out.
    """

    key: Key
    left: str
    series: Any
    title: str = ""
    label: str = ""
    in_line: bool = False
    terminates: bool = False
    formats: tuple[str, ...] = ("text", "json", "latex")


@dataclass(frozen=True, eq=False)
class Matrix:
    """Formulas that are the entries of a matrix: columns of one table in text."""

    formulas: tuple[Formula, ...]


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Formulas that are the coordinates of one vector: lines of one table in text."""

    formulas: tuple[Formula, ...]


@dataclass(frozen=True, eq=False)
class WordSum:
    """name_k, k = 1, 2, ...: sums of words or of their outer products; ``left`` is the macro of the name."""

    key: Key
    name: str
    left: str
    change: Connectivity


@dataclass(frozen=True, eq=False)
class Equation:
    """LaTeX alone: ``left`` = pieces one behind the other, broken between them where it is long."""

    left: str | tuple[str, ...]
    pieces: tuple[str, ...]
    label: str = ""
    sign: str = "="


@dataclass(frozen=True, eq=False)
class Equations:
    """LaTeX alone: equations under one another, each with its number."""

    equations: tuple[Equation, ...]


@dataclass(frozen=True, eq=False)
class Array:
    """LaTeX alone: ``left`` = a matrix of formulas, after ``words``; entry by entry where it is too wide.

    ``indices`` name its rows and columns then; of a ``symmetric`` one only half is printed.
    """

    left: str
    cells: tuple[tuple[str, ...], ...]
    indices: tuple[str, ...]
    label: str = ""
    words: str = ""
    symmetric: bool = False


@dataclass(frozen=True, eq=False)
class Words:
    """LaTeX alone: words between formulas."""

    latex: str


@dataclass(frozen=True, eq=False)
class Numbers:
    """LaTeX alone: ``left`` = a matrix of numbers, a vector where it has one column."""

    left: str
    rows: Sequence[Sequence[float]]
    label: str = ""


@dataclass(frozen=True, eq=False)
class Rows:
    """A table of numbers: floats in full in CSV; text aligns its cells, floats to ``digits``.

    With ``folded`` cells of text are folded to the width of the terminal.
    """

    names: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    formats: tuple[str, ...] = ("text", "csv")
    digits: int = 6
    folded: bool = False


@dataclass(frozen=True, eq=False)
class Lines:
    """Text alone: lines made when asked for."""

    make: Callable[[], Sequence[str]]


@dataclass(frozen=True, eq=False)
class Data:
    """JSON alone: a value made when asked for."""

    key: Key
    make: Callable[[], Any]


@dataclass(frozen=True, eq=False)
class Figure:
    """A picture alone: a figure of matplotlib drawn when asked for."""

    draw: Callable[[], Any]


Block = (
    Formula
    | Matrix
    | Coordinates
    | WordSum
    | Equation
    | Equations
    | Array
    | Words
    | Numbers
    | Rows
    | Lines
    | Data
    | Figure
)


@dataclass(frozen=True, eq=False)
class Section:
    """Blocks after the words that introduce them; ``symbols`` are letters that it alone has."""

    blocks: tuple[Block, ...]
    lines: tuple[str, ...] = ()
    latex: str = ""
    symbols: tuple[Variable, ...] = ()


@dataclass(frozen=True, eq=False)
class Document:
    """All that a command says.

    ``command`` are the words after ``derive`` that make it, without ``--format``, layout and ``--out``;
    input files by their bare names. ``stem`` begins its labels and names its files: two documents that say
    different things have different stems. ``facts`` are the first entries of its JSON, or all of it,
    a list, ``symbols`` the
    next, with ``json_symbols``, which the text explains in its own words.
    ``heading`` is its title in LaTeX; ``origin`` says what a printed file is made from besides its command.
    ``modules`` holds, by the name of a programming language, what prints it after the given header.
    """

    command: tuple[str, ...]
    stem: str
    title: str
    sections: tuple[Section, ...]
    facts: Mapping[str, Any] | Sequence[Any] = field(default_factory=dict)
    symbols: tuple[Variable, ...] = ()
    json_symbols: tuple[Variable, ...] = ()
    validity: str = ""
    setting: Paragraph = Paragraph()
    heading: str = ""
    origin: str = ""
    comments: tuple[str, ...] = ()
    modules: Mapping[str, Callable[[str], str]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The beginning of its labels."""
        return f"eq:{self.stem.replace('_', '-')}"

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks in their order."""
        return tuple(block for section in self.sections for block in section.blocks)
