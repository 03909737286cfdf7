"""Options that several commands have, typed once; in command_line.py those that ``verify`` has too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.command_line import UsageProblem, real_number, refused, takes, whole_number

if TYPE_CHECKING:
    from derive.exact import momentum as rule


Out = Annotated[Path | None, takes("FILE", "Write there instead of printing.", "--out")]
"""Of a command that prints its result."""

Folder = Annotated[Path, takes("DIR", "Folder of the generated files.", "--out")]
"""Of a command that writes files of its own names."""

NoWrite = Annotated[bool, typer.Option("--no-write", help="Print only.")]
Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; exit 1 if the files are not up to date.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask about a large order.")]

Order = Annotated[
    str | None,
    typer.Option("--order", metavar="K", help="Expand through tau**K, K >= 1.", show_default=False),
]
AtG0 = Annotated[bool, typer.Option("--g0", help="Set g = 0, beta = 1 in everything.")]
Train = Annotated[str, takes("W,m,w", "What learns: a non-empty subset of W, m, w.", "--train")]

Momentum = Annotated[
    str, takes("MU", "Momentum of gradient descent, 0 <= MU < 1 (heavy ball).", "--momentum")
]
Nesterov = Annotated[bool, typer.Option("--nesterov", help="Nesterov's method instead of the heavy ball.")]

Columns = Annotated[str, takes("1|2", "Columns of the page that the LaTeX formulas must fit.", "--columns")]
Standalone = Annotated[bool, typer.Option("--standalone", help="A LaTeX document that compiles by itself.")]
AlsoStandalone = Annotated[
    bool, typer.Option("--standalone", help="Also a LaTeX document that compiles by itself.")
]


def momentum_of(momentum: str, nesterov: bool) -> rule.Momentum:
    """What --momentum and --nesterov ask for. Raises UsageProblem."""
    mu = real_number("--momentum", momentum, "0 <= MU < 1", 0, 1, from_low=True)
    from derive.exact.momentum import Momentum

    return Momentum(mu, nesterov)


def strength_of(g: str, allowed: str = "0 <= G < 1") -> float:
    """What --g asks for. Raises UsageProblem."""
    return real_number("--g", g, allowed, 0, 1, from_low=True)


def order_of(order: str | None, most: int | None = None, example: str = "--order 5") -> int:
    """What --order asks for. Raises UsageProblem."""
    if order is None:
        raise UsageProblem(f"no --order given: allowed are integers >= 1 (try: {example})")
    return whole_number("--order", order, 1, most)


def learning_of(train: str) -> tuple[str, ...]:
    """What --train asks for. Raises UsageProblem."""
    from derive.flow.fixed_point_task import parse_train

    with refused("--"):
        return parse_train(train)
