"""W(tau) - W0 as outer products of words, W(tau) = sum_k W_k tau^k/k! (paper's Eq. 7 and 11, THEORY 2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import factorial
from typing import TYPE_CHECKING, Any

from derive.jupyter import MOST, SHOWN, Row, shown
from derive.reading.fields import Brief
from derive.series.series import Series
from derive.words.words import OuterProduct, Word

if TYPE_CHECKING:
    import sympy


class WeightedWords(tuple[tuple["sympy.Expr", "OuterProduct | Word"], ...]):
    """A sum of coefficients times outer products or words, as pairs."""

    def row(self, left: str = "") -> Row:
        """What Jupyter shows, behind ``left``."""
        return Row(left, [(coefficient, product.latex()) for coefficient, product in self])

    def _repr_latex_(self) -> str:
        return shown([self.row()], r"\texttt{print} it")


@dataclass(frozen=True, repr=False)
class Connectivity(Brief):
    """W(tau) - W0 = sum over outer products of a series in tau times the product.

    Where m or w learns, m(tau) - m and w(tau) - w have the same form with words for outer products.
    Item k is W_k of W(tau) = sum_k W_k tau^k/k! (Eq. 7), k = 1..order, as pairs of a sympy
    coefficient and an outer product; item 0 is empty (W0 itself is not an outer product).
    """

    order: int
    entries: tuple[tuple[OuterProduct | Word, Series], ...]

    def __len__(self) -> int:
        return self.order + 1

    def present(self, k: int) -> Iterator[tuple[OuterProduct | Word, Series]]:
        """The outer products that occur in W_k, with their series in tau."""
        if not 0 <= k <= self.order:
            raise IndexError(f"W_{k} of an expansion of order {self.order}")
        return ((product, series) for product, series in self.entries if series.scaled[k])

    def __getitem__(self, k: int) -> WeightedWords:
        return WeightedWords(
            (series.coefficient(k, factorial(k)), product) for product, series in self.present(k)
        )

    def rows(self) -> list[Row]:
        """What Jupyter shows: the first coefficients of every power."""
        found = []
        for k in range(1, len(self)):
            present = list(self.present(k))
            needed = present if len(present) <= MOST else present[:SHOWN]
            terms = [(series.coefficient(k, factorial(k)), product.latex()) for product, series in needed]
            found.append(Row(f"W_{{{k}}}", terms, left_out=len(present) - len(needed)))
        return found

    def _repr_latex_(self) -> str:
        note = r"entry $k$ multiplies $\tau^k/k!$"
        return shown(self.rows(), r"\texttt{print} one entry", note)

    def json(self) -> list[dict[str, Any]]:
        """W_1..W_order, each coefficient in Python syntax, the words as text."""
        return [
            {
                "k": k,
                "terms": [
                    {"coefficient": series.text(k, factorial(k)), **product.json()}
                    for product, series in self.present(k)
                ],
            }
            for k in range(1, self.order + 1)
        ]
