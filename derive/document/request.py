"""What a user asked to be printed: the options that fix every byte of a generated file.

They stand in the file's name (where they differ from the defaults) and, as the command that makes
it, in its header; `Request.from_header` reads them back, so that a check needs nothing else.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from derive.series.read_number import whole

HEADER = "Made by the command:"
TERMS_PER_LINE = 4


@dataclass(frozen=True)
class Request:
    """Order, number of singular values, g = 0 or general g, and the layout of the LaTeX.

    ``alignment`` is w.m, "rho" or an exact number as text (3/10); ``train`` what learns (W,m,w).
    """

    order: int
    singular_values: int = 2
    g0: bool = False
    terms_per_line: int = TERMS_PER_LINE
    standalone: bool = False
    alignment: str = "0"
    train: str = "W"

    @property
    def stem(self) -> str:
        """The files' name without extension, e.g. ``order_5_g0_sv4``."""
        parts = [f"order_{self.order}"]
        if self.g0:
            parts.append("g0")
        if self.alignment != "0":
            parts.append("alignment" if self.alignment == "rho" else f"alignment_{self._number}")
        if self.train != "W":
            parts.append("train_" + self.train.replace(",", ""))
        if self.singular_values != 2:
            parts.append(f"sv{self.singular_values}")
        if self.terms_per_line != TERMS_PER_LINE:
            parts.append(f"terms{self.terms_per_line}")
        return "_".join(parts)

    @property
    def _number(self) -> str:
        """The alignment in letters that a file name may hold: -3/10 is minus3over10."""
        return self.alignment.replace("-", "minus").replace("/", "over")

    @property
    def command(self) -> str:
        """The command line that makes the file."""
        words = ["derive", "--order", str(self.order)]
        if self.g0:
            words.append("--g0")
        if self.alignment != "0":
            words += ["--alignment", self.alignment]
        if self.train != "W":
            words += ["--train", self.train]
        if self.singular_values != 2:
            words += ["--singular-values", str(self.singular_values)]
        if self.terms_per_line != TERMS_PER_LINE:
            words += ["--terms-per-line", str(self.terms_per_line)]
        if self.standalone:
            words.append("--standalone")
        return " ".join(words)

    @property
    def header(self) -> str:
        """The provenance line, the same in every generated file (behind its comment sign)."""
        return f"{HEADER} {self.command}"

    @classmethod
    def from_header(cls, text: str) -> Request | None:
        """The request whose header stands in the first lines of a file; None where none does."""
        for line in text.splitlines()[:5]:
            _, found, command = line.partition(f"{HEADER} ")
            if found:
                try:
                    return cls._from_words(shlex.split(command))
                except ValueError:  # a quote without its partner
                    return None
        return None

    @classmethod
    def _from_words(cls, words: list[str]) -> Request | None:
        numbers = {"--order": "order", "--singular-values": "singular_values"}
        numbers["--terms-per-line"] = "terms_per_line"
        flags = {"--g0": "g0", "--standalone": "standalone"}
        texts = {"--alignment": "alignment", "--train": "train"}
        values: dict[str, int | bool | str] = {}
        rest = iter(words[1:])
        for word in rest:
            if word in flags:
                values[flags[word]] = True
            elif word in texts:
                values[texts[word]] = next(rest, "")
            elif word in numbers:
                number = next(rest, "")
                try:
                    values[numbers[word]] = whole(number)
                except ValueError:
                    return None
            else:
                return None
        if "order" not in values or any(
            isinstance(v, int) and not isinstance(v, bool) and v < 1 for v in values.values()
        ):
            return None
        return cls(**values)  # type: ignore[arg-type]
