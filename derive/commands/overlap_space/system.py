"""``derive overlap``: which network the options name, and the equations of its overlaps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.command_line import UsageProblem, one_of, refused, whole_number
from derive.commands.overlap_space.options import NONLINEARITY_NAMES

if TYPE_CHECKING:
    from derive.document.model import Document
    from derive.overlaps.problem import OverlapProblem

MOST_VECTORS = 24  # outputs + inputs + 2 rank: a minute on a quiet core
QUICK = 12  # up to here a second


def read_problem(rank: str, inputs: str, outputs: str, nonlinearity: str, frozen: str) -> OverlapProblem:
    """The network of the options. Raises UsageProblem."""
    one_of("--nonlinearity", nonlinearity, NONLINEARITY_NAMES)
    counts = [
        whole_number(option, text, 1)
        for option, text in (("--rank", rank), ("--inputs", inputs), ("--outputs", outputs))
    ]
    from derive.overlaps.problem import OverlapProblem

    names = tuple(name.strip() for name in frozen.split(",") if name.strip())
    with refused(f"--frozen {frozen}: "):
        problem = OverlapProblem(counts[0], counts[1], counts[2], nonlinearity, names)
    if not any(problem.learns):
        raise UsageProblem(f"--frozen {frozen}: nothing learns; allowed are some of the vectors")
    return problem


def check_vectors(problem: OverlapProblem, yes: bool) -> None:
    """Raises UsageProblem where the equations of so many vectors would take minutes, unless ``yes``."""
    if problem.size > MOST_VECTORS and not yes:
        raise UsageProblem(
            f"--rank {problem.rank}: {problem.size} vectors; the equations grow as the cube of their number "
            f"(22: half a minute), allowed are {MOST_VECTORS}, or more with --yes; learning from numbers "
            "(--evolve) goes further"
        )


def system(problem: OverlapProblem) -> Document:
    """The document of its overlap system."""
    from derive.document.overlaps.overlap_request import OverlapRequest
    from derive.document.overlaps.overlap_system import overlap_document
    from derive.overlaps.gram_flow import gram_flow
    from derive.write.code.languages import in_languages
    from derive.write.modules.overlap import overlap_module
    from derive.write.torch_module import overlap_torch

    found, request = gram_flow(problem), OverlapRequest(problem)
    modules = in_languages(lambda language, header: overlap_module(found, header))
    torch = {"torch": lambda header: overlap_torch(found, header)}
    return replace(overlap_document(found, request), modules={**modules, **torch})
