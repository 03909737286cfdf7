"""``derive explore``: the explorer, one HTML file that opens in any browser without a network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from derive.command_line import takes
from derive.commands.deliver import deliver
from derive.commands.progress import progress_bar

FILE = Path("explorer.html")


def explore(
    out: Annotated[Path, takes("FILE", "The page to write.", "--out")] = FILE,
) -> None:
    """Write the explorer: readout, loss and singular values as sliders for g, zhat, order and N move.

    One self-contained page: the exact limit, the spread between networks, the series of every order and its
    radius, the formulas; a link keeps a setting.
    """
    from derive.write.explorer.page import HIGHEST_ORDER, explorer_page

    with progress_bar("", 1 + HIGHEST_ORDER) as step:
        page = explorer_page(series_script, step)
    deliver(page, out)


def series_script(order: int, names: tuple[str, ...]) -> str:
    """The emitted JavaScript of the functions named, through tau**order."""
    from derive.document.request import Request
    from derive.flow.fixed_point_task import FixedPointTask
    from derive.tasks.expand import expand
    from derive.write.code.javascript import javascript
    from derive.write.modules.expansion import expansion_module

    module = expansion_module(expand(FixedPointTask(), order), Request(order), f"order {order}")
    return javascript(replace(module, functions=tuple(f for f in module.functions if f.name in names)))
