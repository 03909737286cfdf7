"""``verify figures``: the paper's figures with simulation, series and the exact limit."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derive.command_line import UsageProblem, one_of, takes, whole_number
from derive.options_in_use import Counts, Values, in_use
from verify.papers.ger_barak.command import NAMES as OVERLAP_NAMES
from verify.papers.ger_barak.command import overlap_figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from verify.papers.trained import Trained

LINEAR = ("fig3", "fig4", "divergence", "scaling", "hierarchy")
"""The linear task: simulations beside series and limit, at N = 1024."""

TRAINED = ("fig1", "fig2", "spectra", "size", "cosine")
"""Networks of `verify task`."""

SEEDED = (*LINEAR, "fig2", "size")
"""Figures of several networks a point."""

TWINS = ("overlap-fig9", "overlap-fig10")
"""Figures of stages of learning, of which --epochs says how long each is."""

NAMES = (
    *(f"fig{number}" for number in range(1, 6)),
    "spectra",
    "size",
    "cosine",
    "hierarchy",
    "divergence",
    "scaling",
    "optimizers",
)
LINEAR_SIZE, LINEAR_SEEDS = {False: 1024, True: 256}, {False: 5, True: 3}
LSTM_SIZE = {False: 256, True: 32}
LSTM_EPOCHS = {False: 500, True: 6}
QUICK_LSTM_RATE = 0.04


def _drawn(v: Values, *names: str) -> bool:
    """Whether one of these figures is among those drawn."""
    return v["name"] in names or (v["name"] == "all" and (names != ("fig5",) or v["data"] is not None))


RULES = (
    Counts(
        ("generated", "order", "size", "seeds", "workers", "device", "store", "data", "embeddings"),
        "with the figures of Schuessler et al. (those of Ger and Barak take --out and --quick)",
        lambda v: not v["name"].startswith("overlap-"),
    ),
    Counts(("generated", "order"), f"with {', '.join(LINEAR)}", lambda v: _drawn(v, *LINEAR)),
    Counts(
        ("device", "store"), f"with {', '.join((*TRAINED, 'fig5'))}", lambda v: _drawn(v, *TRAINED, "fig5")
    ),
    Counts(
        ("epochs",),
        f"with {', '.join((*TRAINED, 'fig5'))} and, the length of a stage, {' and '.join(TWINS)}",
        lambda v: _drawn(v, *TRAINED, "fig5", *TWINS),
    ),
    Counts(("seeds",), f"with {', '.join(SEEDED)}", lambda v: _drawn(v, *SEEDED)),
    Counts(
        ("workers",),
        "with the others than fig5 and optimizers",
        lambda v: v["name"] not in ("fig5", "optimizers"),
    ),
    Counts(("data",), "with fig5", lambda v: v["name"] in ("fig5", "all")),
    Counts(("embeddings",), "with --data", lambda v: v["data"] is not None),
)


@in_use(*RULES)
def figures(
    name: Annotated[
        str,
        typer.Argument(
            metavar="|".join((*NAMES, "all", "overlap-fig1", "...", OVERLAP_NAMES[-1], "overlap-all")),
            help="Which figure; overlap-... are those of Ger and Barak.",
            autocompletion=lambda: [*NAMES, "all", *OVERLAP_NAMES, "overlap-all"],
        ),
    ] = "all",
    out: Annotated[Path, takes("DIR", "Folder of the figures, PDF and PNG, and of their runs.")] = Path(
        "figures"
    ),
    generated: Annotated[
        Path, takes("DIR", "Folder of what `derive` printed; its modules are executed.")
    ] = Path("generated"),
    order: Annotated[str, takes("K", "Order of the series beside the published 3.")] = "5",
    size: Annotated[
        str | None, takes("N", "Neurons; 1024, of nonlinear tasks and the LSTM 256, --quick less.")
    ] = None,
    seeds: Annotated[
        str | None, takes("S", "Networks for each point, at least 2; 5, with --quick 3.")
    ] = None,
    epochs: Annotated[
        str | None,
        takes("E", "Updates of fig1, fig2, fig5, spectra, size, cosine, of a stage of overlap-fig9, 10."),
    ] = None,
    workers: Annotated[str | None, takes("W", "Processes on this machine; default: one a core.")] = None,
    device: Annotated[str, takes("cpu|cuda", "Where the nonlinear networks are trained.")] = "cpu",
    store: Annotated[
        Path | None, takes("DIR", "Trained networks, as of `verify task`; default: OUT/networks.")
    ] = None,
    data: Annotated[Path | None, takes("FILE", "fig5: as in `verify task sentiment`.")] = None,
    embeddings: Annotated[Path | None, takes("FILE", "fig5: GloVe's text file.")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Minutes on two cores: smaller networks, fewer g and seeds.")
    ] = False,
) -> None:
    """Draw the paper's figures 1 to 5, its supplement's, and deviations and singular values.

    Simulations are kept in OUT/runs, trained networks in OUT/networks; what is there is not run again.
    """
    from verify.extras import need_extra

    one_of("figure", name, (*NAMES, "all", *OVERLAP_NAMES, "overlap-all"))
    length = None if epochs is None else whole_number("--epochs", epochs, 1)
    if name.startswith("overlap-"):
        overlap_figures(OVERLAP_NAMES if name == "overlap-all" else (name,), out, quick, length)
        return
    one_of("--device", device, ("cpu", "cuda"))
    whole_order = whole_number("--order", order, 1)
    neurons = None if size is None else whole_number("--size", size, 16)
    networks = None if seeds is None else whole_number("--seeds", seeds, 2)
    count = None if workers is None else whole_number("--workers", workers, 1)
    if name == "fig5" and data is None:
        raise UsageProblem(
            "fig5: --data is missing; allowed are SST-2's folder or tsv file, or vaderSentiment-2.5.tar.gz"
        )
    chosen = [each for each in NAMES if each != "fig5" or data is not None] if name == "all" else [name]
    need_extra("torch", "matplotlib", "xarray", "zarr", "distributed")
    from verify.device import check_device
    from verify.folders import prepare_folder
    from verify.papers.style import FIGURE_FORMS, files, paper_style
    from verify.papers.trained import Trained
    from verify.pictures import Pictures
    from verify.progress import labelled_progress

    check_device(device)
    makers: dict[str, Callable[[Any], Figure]] = {}
    command = " ".join(["verify", *sys.argv[1:]])
    with labelled_progress() as progress, paper_style() as plt:
        if set(chosen) & set(LINEAR):
            from verify.papers.context import Context
            from verify.truth.theory import load_theories

            published, whole = load_theories(generated, (3, whole_order))
            linear = Context(
                published,
                whole,
                neurons or LINEAR_SIZE[quick],
                networks or LINEAR_SEEDS[quick],
                out / "runs",
                command,
                progress,
                count,
            )
            makers |= dict.fromkeys(LINEAR, lambda module: module.draw(linear, plt))
        prepare_folder(out)
        trained = Trained(
            store or out / "networks", quick, neurons, networks, device, count, command, progress, length
        )
        makers |= dict.fromkeys(TRAINED, lambda module: module.draw(trained, plt))
        makers["optimizers"] = lambda module: module.draw(neurons, plt)
        makers["fig5"] = lambda module: module.draw_result(_lstm(trained, data, embeddings), plt)

        def in_forms(maker: Callable[[Any], Figure], module: Any) -> dict[str, bytes]:
            return files(maker(module))

        for each in chosen:
            maker, module = makers[each], import_module(f"verify.papers.{each}")
            pictures = Pictures(out, each, FIGURE_FORMS, partial(in_forms, maker, module))
            pictures.write()
            typer.echo("\n".join(map(str, pictures.paths)))


def _lstm(trained: Trained, data: Path | None, embeddings: Path | None) -> Any:
    from verify.training.sentiment.data import read_data
    from verify.training.sentiment.result import prepare, sentiment_result

    assert data is not None
    size = trained.size or LSTM_SIZE[trained.quick]
    epochs = trained.epochs or LSTM_EPOCHS[trained.quick]
    rate = QUICK_LSTM_RATE / size if trained.quick else None
    report = trained.progress("training", "epochs")
    prepared = prepare(read_data(data), embeddings, 0)
    return sentiment_result(
        prepared, size, 0, epochs, rate, trained.device, trained.store, lambda epoch: report(epoch, epochs)
    )
