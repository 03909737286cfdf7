"""Words in B and B^T acting on m or w, and outer products of two such words.

THEORY 2: the weight change of the linear network is a sum of outer products of the chain vectors

    a_0 = B^T w,  a_1 = B^T B m,  a_2 = B^T B B^T w,  ...        a_{n+1} = B^T b_n
    b_0 = B m,    b_1 = B B^T w,  b_2 = B B^T B m,    ...        b_{n+1} = B a_n

with B = (I - W0)^-1. Text writes the transpose as a prime: ``B' w`` is B^T w, and its row form
(the transpose of the whole vector) is ``w' B``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derive.jupyter import cell
from derive.reading.arguments import of_kind

LETTERS = ("B", "B'")
VECTORS = ("w", "m")
PLAIN_LATEX = {"B": "B", "B'": r"B^{\top}", "w": "w", "m": "m", "w'": r"w^{\top}", "m'": r"m^{\top}"}


def _transposed(letter: str) -> str:
    return letter[:-1] if letter.endswith("'") else letter + "'"


@dataclass(frozen=True, order=True)
class Word:
    """A column vector: letters (each "B" or "B'") acting on the vector "w" or "m".

    Raises ValueError, naming the offending token, for any other letter or vector.
    """

    letters: tuple[str, ...]
    vector: str

    def __post_init__(self) -> None:
        of_kind("letters", self.letters, (tuple, list, str), "a tuple of letters")
        object.__setattr__(self, "letters", tuple(self.letters))
        for letter in self.letters:
            if letter not in LETTERS:
                raise ValueError(f"unknown letter {letter!r} in a word: allowed are B and B'")
        if self.vector not in VECTORS:
            raise ValueError(f"unknown vector {self.vector!r} in a word: allowed are w and m")

    @classmethod
    def parse(cls, text: str) -> Word:
        """Read a column word as it is printed: letters, then the vector, separated by spaces.

        >>> Word.parse("B' B m")
        Word.parse("B' B m")
        """
        *letters, vector = text.split() or [""]
        return cls(tuple(letters), vector)

    @property
    def column(self) -> tuple[str, ...]:
        """The tokens of the column vector, left to right."""
        return (*self.letters, self.vector)

    @property
    def row(self) -> tuple[str, ...]:
        """The tokens of the transposed (row) vector, left to right."""
        return tuple(_transposed(token) for token in reversed(self.column))

    def __str__(self) -> str:
        return " ".join(self.column)

    def __repr__(self) -> str:
        return f'Word.parse("{self}")'

    def json(self) -> dict[str, str]:
        """The vector as text."""
        return {"vector": str(self)}

    def latex(self, names: Mapping[str, str] = PLAIN_LATEX) -> str:
        """LaTeX of the column vector; ``names`` maps each token to its LaTeX."""
        return " ".join(names[token] for token in self.column)

    def _latex(self, printer: object) -> str:
        return self.latex()

    def _repr_latex_(self) -> str:
        return cell([self.latex()])


@dataclass(frozen=True, order=True)
class OuterProduct:
    """The matrix ``left right^T`` of two column words, e.g. B^T w (B m)^T = B^T w m^T B^T."""

    left: Word
    right: Word

    def __post_init__(self) -> None:
        of_kind("left", self.left, Word, "a Word")
        of_kind("right", self.right, Word, "a Word")

    def __str__(self) -> str:
        return " ".join((*self.left.column, *self.right.row))

    def __repr__(self) -> str:
        return f"OuterProduct({self.left!r}, {self.right!r})"

    def json(self) -> dict[str, str]:
        """The two factors as text: the column on the left, the row on the right."""
        return {"left": str(self.left), "right": " ".join(self.right.row)}

    def latex(self, names: Mapping[str, str] = PLAIN_LATEX) -> str:
        """LaTeX of the matrix; ``names`` maps each token to its LaTeX."""
        return " ".join(names[token] for token in (*self.left.column, *self.right.row))

    def _latex(self, printer: object) -> str:
        return self.latex()

    def _repr_latex_(self) -> str:
        return cell([self.latex()])


def chain_word(side: str, index: int) -> Word:
    """The chain vector a_index (side "a") or b_index (side "b") of THEORY 2.

    >>> chain_word("a", 1), chain_word("b", 1)
    (Word.parse("B' B m"), Word.parse("B B' w"))
    """
    letters = LETTERS if side == "b" else LETTERS[::-1]
    vector = "m" if (side == "b") == (index % 2 == 0) else "w"
    return Word(tuple(letters[i % 2] for i in range(index + 1)), vector)
