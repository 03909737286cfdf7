"""``verify figures``: the paper's figures with simulation, series and the exact limit."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derive.command_line import one_of, whole_number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from verify.papers.context import Context

FORMS = ("pdf", "png")
NAMES = ("fig3", "fig4", "divergence", "scaling", "hierarchy")


def figures(
    name: Annotated[
        str,
        typer.Argument(
            metavar="|".join((*NAMES, "all")),
            help="Which figure.",
            autocompletion=lambda: [*NAMES, "all"],
        ),
    ] = "all",
    out: Annotated[Path, typer.Option(help="Folder of the figures, PDF and PNG, and of their runs.")] = Path(
        "figures"
    ),
    generated: Annotated[
        Path, typer.Option(help="Folder of what `derive` printed; its modules are executed.")
    ] = Path("generated"),
    order: Annotated[
        str, typer.Option(metavar="K", help="Order of the series beside the published 3.")
    ] = "5",
    size: Annotated[str, typer.Option(metavar="N", help="Neurons of the simulations.")] = "1024",
    seeds: Annotated[str, typer.Option(metavar="S", help="Networks for each point, at least 2.")] = "5",
    workers: Annotated[
        str | None, typer.Option(metavar="W", help="Processes on this machine; default: one a core.")
    ] = None,
) -> None:
    """Draw the paper's figures 3 and 4, failed learning, and deviations and singular values.

    Simulations are kept in the store OUT/runs; what is there is not run again.
    """
    from verify.extras import need_extra

    one_of("figure", name, (*NAMES, "all"))
    whole_order, neurons = whole_number("--order", order, 1), whole_number("--size", size, 16)
    networks = whole_number("--seeds", seeds, 2)
    count = None if workers is None else whole_number("--workers", workers, 1)
    need_extra("torch", "matplotlib", "xarray", "zarr", "distributed")
    from verify.comparison.request import prepare_folder
    from verify.papers.context import Context
    from verify.papers.style import paper_style
    from verify.pictures import Pictures
    from verify.progress import labelled_progress
    from verify.truth.theory import load_theory

    published, ours = load_theory(generated, 3), load_theory(generated, whole_order)
    prepare_folder(out)
    with labelled_progress() as progress, paper_style() as plt:
        command = " ".join(["verify", *sys.argv[1:]])
        context = Context(published, ours, neurons, networks, out / "runs", command, progress, count)
        for each in NAMES if name == "all" else (name,):
            pictures = Pictures(out, each, FORMS, _drawing(each, context, plt))
            pictures.write()
            typer.echo("\n".join(map(str, pictures.paths)))


def _drawing(name: str, context: Context, plt: Any) -> Callable[[], dict[str, bytes]]:
    from verify.papers.style import files

    figure: Callable[..., Figure] = import_module(f"verify.papers.{name}").draw
    return lambda: files(figure(context, plt))
