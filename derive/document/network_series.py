"""Series of one network: in its named overlaps, or in numbers. Light: neither numpy nor the network."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flint import fmpq_mpoly

from derive.document.model import Rows
from derive.series.polynomial_text import flint_text

ERROR = "(zhat - wm_0)"  # of the readout before learning, d in the polynomials


@dataclass(frozen=True, eq=False)
class OverlapSeries:
    """A Taylor series in tau whose coefficients are polynomials in d = zhat - wm_0 and the overlaps."""

    coefficients: Sequence[fmpq_mpoly]
    names: Sequence[str]
    variable = "tau"

    @property
    def order(self) -> int:
        """The highest power."""
        return len(self.coefficients) - 1

    def text(self, k: int) -> str:
        """The coefficient of tau**k in Python syntax, in zhat and the names of the overlaps."""
        return in_zhat(self.coefficients[k])

    def texts(self) -> list[str]:
        """All of them."""
        return [in_zhat(c) for c in self.coefficients]


def coefficient_table(columns: Mapping[str, Sequence[float]], order: int) -> Rows:
    """A line for each power, a column for each series of numbers, as far as it is known; for text."""
    rows = [
        [k, *(f"{values[k]:.10g}" if k < len(values) else "" for values in columns.values())]
        for k in range(order + 1)
    ]
    return Rows(("k", *columns), rows, formats=("text",))


def in_zhat(polynomial: fmpq_mpoly) -> str:
    """A polynomial in Python syntax, d written out."""
    return re.sub(r"\bd\b", ERROR, flint_text(polynomial))


@dataclass(frozen=True, eq=False)
class NumberSeries:
    """A Taylor series in tau with floats for coefficients."""

    coefficients: Sequence[float]
    variable = "tau"

    @property
    def order(self) -> int:
        """The highest power."""
        return len(self.coefficients) - 1

    def text(self, k: int) -> str:
        """The coefficient of tau**k to ten digits."""
        return f"{self.coefficients[k]:.10g}"

    def texts(self) -> list[float]:
        """All of them, in full."""
        return [float(x) for x in self.coefficients]
