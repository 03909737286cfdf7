"""What the commands on flows in words share: reading the file, and problems as one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from derive.command_line import UsageProblem

if TYPE_CHECKING:
    from derive.flow.statement.task import Flow
    from derive.tasks.flow_expansion import FlowExpansion


def read_task(path: Path) -> Flow:
    """The flow in a file. Raises UsageProblem."""
    from derive.flow.statement.task_file import read_flow
    from derive.flow.statement.tokens import FlowProblem

    try:
        return read_flow(path)
    except FlowProblem as problem:
        raise UsageProblem(str(problem)) from None


def expanded(
    flow: Flow, order: int, path: Path, singular_values: int = 2, named_overlaps: bool = False
) -> FlowExpansion:
    """Its expansion. Raises UsageProblem."""
    from derive.flow.statement.tokens import FlowProblem
    from derive.tasks.flow_expansion import FlowExpansion

    try:
        return FlowExpansion(flow, order, singular_value_count=singular_values, named_overlaps=named_overlaps)
    except FlowProblem as problem:
        raise UsageProblem(f"{path}: {problem}") from None


@contextmanager
def flow_problems(path: Path) -> Iterator[None]:
    """FlowProblem as one line."""
    from derive.flow.statement.tokens import FlowProblem

    try:
        yield
    except FlowProblem as problem:
        raise UsageProblem(f"{path}: {problem}") from None
