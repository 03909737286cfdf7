"""What a user asked to be printed of the fixed-point task: the options that fix every byte of its files."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from derive.document.model import TERMS_PER_LINE as TERMS_PER_LINE
from derive.document.model import Layout


@dataclass(frozen=True)
class Request:
    """Order, number of singular values, g = 0 or general g, and the layout of the LaTeX.

    ``alignment`` is w.m, "rho" or an exact number as text (3/10); ``train`` what learns (W,m,w);
    ``covariance`` a pair of observables (readout,loss) or nothing.
    """

    order: int
    singular_values: int = 2
    g0: bool = False
    terms_per_line: int = TERMS_PER_LINE
    standalone: bool = False
    alignment: str = "0"
    train: str = "W"
    columns: int = 1
    covariance: str = ""

    @property
    def stem(self) -> str:
        """The expansion's name, which begins its labels, e.g. ``order_5_g0_sv4``."""
        parts = [f"order_{self.order}"]
        if self.g0:
            parts.append("g0")
        if self.alignment != "0":
            parts.append("alignment" if self.alignment == "rho" else f"alignment_{self._number}")
        if self.train != "W":
            parts.append("train_" + self.train.replace(",", ""))
        if self.singular_values != 2:
            parts.append(f"sv{self.singular_values}")
        if self.covariance:
            parts.append("covariance_" + self.covariance.replace(",", "_"))
        return "_".join(parts)

    @property
    def file_stem(self) -> str:
        """The files' name without extension: the layout stands in it too, where it is not the usual."""
        terms = f"_terms{self.terms_per_line}" if self.terms_per_line != TERMS_PER_LINE else ""
        return f"{self.stem}{terms}" + (f"_columns{self.columns}" if self.columns != 1 else "")

    @property
    def layout(self) -> Layout:
        """How the LaTeX is laid out."""
        return Layout(self.terms_per_line, self.columns, self.standalone)

    @property
    def _number(self) -> str:
        """The alignment in letters that a file name may hold: -3/10 is minus3over10."""
        return self.alignment.replace("-", "minus").replace("/", "over")

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the command that makes it, without those of the layout."""
        words = ["--order", str(self.order)]
        if self.g0:
            words.append("--g0")
        if self.alignment != "0":
            words += ["--alignment", self.alignment]
        if self.train != "W":
            words += ["--train", self.train]
        if self.singular_values != 2:
            words += ["--singular-values", str(self.singular_values)]
        if self.covariance:
            words += ["--covariance", self.covariance]
        return tuple(words)

    @property
    def command(self) -> str:
        """The command line without the layout."""
        return shlex.join(["derive", *self.words])
