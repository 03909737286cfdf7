"""What a user asked of ``derive overlap``: the options that fix every byte it prints."""

from __future__ import annotations

from dataclasses import dataclass

from derive.document.request import HEADER, TERMS_PER_LINE
from derive.overlaps.problem import OverlapProblem


@dataclass(frozen=True)
class OverlapRequest:
    """The problem, and the layout of the LaTeX."""

    problem: OverlapProblem
    terms_per_line: int = TERMS_PER_LINE
    standalone: bool = False

    @property
    def stem(self) -> str:
        """The system's name in file names and labels, e.g. ``overlap_rank_2_erf``."""
        problem = self.problem
        parts = [f"overlap_rank_{problem.rank}"]
        if problem.inputs != 1:
            parts.append(f"inputs{problem.inputs}")
        if problem.outputs != 1:
            parts.append(f"outputs{problem.outputs}")
        if problem.nonlinearity != "linear":
            parts.append(problem.nonlinearity)
        if problem.frozen:
            parts.append("frozen_" + "".join(problem.frozen))
        return "_".join(parts)

    def command(self, form: str) -> str:
        """The command line that prints the system in the given format."""
        problem = self.problem
        words = ["derive overlap --rank", str(problem.rank)]
        if problem.inputs != 1:
            words += ["--inputs", str(problem.inputs)]
        if problem.outputs != 1:
            words += ["--outputs", str(problem.outputs)]
        if problem.nonlinearity != "linear":
            words += ["--nonlinearity", problem.nonlinearity]
        if problem.frozen:
            words += ["--frozen", ",".join(problem.frozen)]
        words += ["--format", form]
        if form == "latex":
            if self.terms_per_line != TERMS_PER_LINE:
                words += ["--terms-per-line", str(self.terms_per_line)]
            if self.standalone:
                words.append("--standalone")
        return " ".join(words)

    def header(self, form: str) -> str:
        """The provenance line, behind the comment sign of the format."""
        return f"{HEADER} {self.command(form)}"
