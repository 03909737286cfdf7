"""`expand`: from a task to its expansion in learning time, after the request is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from derive.flow.fixed_point_task import FixedPointTask
from derive.reading.arguments import whole
from derive.tasks.expansion import Expansion

if TYPE_CHECKING:
    from derive.flow.statement.task import Flow
    from derive.tasks.flow_expansion import FlowExpansion
    from derive.tasks.modes import MatrixExpansion, MatrixTask


@overload
def expand(task: FixedPointTask, order: int, *, singular_values: int = 2) -> Expansion: ...
@overload
def expand(task: MatrixTask, order: int, *, singular_values: int = 2) -> MatrixExpansion: ...
@overload
def expand(task: Flow, order: int, *, singular_values: int = 2) -> FlowExpansion: ...
def expand(
    task: FixedPointTask | MatrixTask | Flow, order: int, *, singular_values: int = 2
) -> Expansion | MatrixExpansion | FlowExpansion:
    """The expansion of ``task`` in learning time through tau^order, exactly, at N -> infinity.

    Of a `MatrixTask` the modes and what they share, as a `MatrixExpansion`; of a `Flow` stated in words
    its readouts, loss and what moves, as a `FlowExpansion`.
    ``singular_values`` is the number of singular values listed. Raises ValueError unless
    order >= 1, 1 <= singular_values, and order >= 2 singular_values - 1 where more than the
    default two are asked for (s_r starts at tau^(2r-1)); TypeError for another task.

    >>> expand(FixedPointTask(), order=3).readout[3]
    4*beta**7*zhat**3/3 + beta**6*zhat/6
    """
    order, singular_values = whole("order", order), whole("singular values", singular_values)
    needed = 2 * singular_values - 1
    if singular_values > 2 and order < needed:
        raise ValueError(
            f"{singular_values} singular values at order {order}: s_{singular_values} starts at "
            f"tau^{needed}, so order >= {needed} is needed"
        )
    if isinstance(task, FixedPointTask):
        return Expansion(task, order, singular_values)
    from derive.flow.statement.task import Flow

    if isinstance(task, Flow):
        from derive.tasks.flow_expansion import FlowExpansion

        return FlowExpansion(task, order, singular_value_count=singular_values)
    from derive.tasks.modes import MatrixTask, expand_modes

    if not isinstance(task, MatrixTask):
        raise TypeError(f"task {task!r}: allowed are FixedPointTask, MatrixTask and Flow")
    return expand_modes(task, order, singular_values)
