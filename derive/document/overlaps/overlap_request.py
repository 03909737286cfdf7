"""What a user asked of ``derive overlap``: the options that fix every byte it prints."""

from __future__ import annotations

from dataclasses import dataclass

from derive.overlaps.problem import OverlapProblem


@dataclass(frozen=True)
class OverlapRequest:
    """The problem; ``whole``: its whole preconditioner, not the system."""

    problem: OverlapProblem
    whole: bool = False

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
        if self.whole:
            parts.append("whole_preconditioner")
        return "_".join(parts)

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the command that makes it."""
        problem = self.problem
        words = ["overlap", "--rank", str(problem.rank)]
        if problem.inputs != 1:
            words += ["--inputs", str(problem.inputs)]
        if problem.outputs != 1:
            words += ["--outputs", str(problem.outputs)]
        if problem.nonlinearity != "linear":
            words += ["--nonlinearity", problem.nonlinearity]
        if problem.frozen:
            words += ["--frozen", ",".join(problem.frozen)]
        if self.whole:
            words.append("--whole-preconditioner")
        return tuple(words)
