"""What the commands on flows in words share: reading the file, and problems as one line."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from derive.command_line import refused

if TYPE_CHECKING:
    from derive.flow.statement.task import Flow
    from derive.tasks.flow_expansion import FlowExpansion


def read_task(path: Path) -> Flow:
    """The flow in a file. Raises UsageProblem."""
    from derive.flow.statement.task_file import read_flow

    with flow_problems():
        return read_flow(path)


def expanded(
    flow: Flow, order: int, path: Path, singular_values: int = 2, named_overlaps: bool = False
) -> FlowExpansion:
    """Its expansion. Raises UsageProblem."""
    from derive.tasks.flow_expansion import FlowExpansion

    with flow_problems(path):
        return FlowExpansion(flow, order, singular_value_count=singular_values, named_overlaps=named_overlaps)


def flow_problems(path: Path | None = None) -> AbstractContextManager[None]:
    """FlowProblem as one line, which names the file if one is given."""
    from derive.flow.statement.tokens import FlowProblem

    return refused("" if path is None else f"{path}: ", (FlowProblem,))
