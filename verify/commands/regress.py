"""``verify regress``: every printed function and every exact curve against its truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from derive.command_line import UsageProblem, one_of, takes
from derive.options_in_use import Counts, in_use
from verify.commands.simulation_options import FORMATS, Form


@in_use(Counts(("generated",), "without MODULE.py", lambda v: not v["modules"]))
def regress(
    modules: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[MODULE.py]...", help="Modules like generated/order_3.py.", show_default=False
        ),
    ] = None,
    generated: Annotated[
        Path, takes("DIR", "Folder whose order_K.py are tried where no module is named.")
    ] = Path("generated"),
    quick: Annotated[bool, typer.Option("--quick", help="Two points (g, zhat), small networks.")] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Twelve points, N to 2048 (the default), minutes.")
    ] = False,
    form: Form = "text",
) -> None:
    """Hold every printed function and every exact curve against its truth.

    Series against flow (slope K + 1, with every coefficient made wrong in turn and caught), descent
    against flow (slope 1 in the learning rate), networks against N = infinity (slope -1/2). Exits 1
    when a check fails. The modules are executed, as `import` does: name only files that you trust.
    """
    from verify.extras import need_extra

    one_of("--format", form, FORMATS)
    if quick and full:
        raise UsageProblem("--quick --full: allowed is one of them")
    need_extra("torch")
    from verify.progress import progress_bars
    from verify.regression.report import json_report, text_report
    from verify.regression.suite import modules_in
    from verify.regression.suite import regress as run_suite

    paths = modules_in(generated, modules or [])
    with progress_bars() as progress:
        result = run_suite(paths, quick, progress)
    typer.echo((json_report if form == "json" else text_report)(result))
    if not result.passed:
        raise typer.Exit(1)
