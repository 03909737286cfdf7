"""``verify sweep``: a grid of simulations into a store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from derive.command_line import UsageProblem, whole_number

GRID_HELP = "A TOML file with the grid; flags take the place of its keys."


def sweep(
    grid: Annotated[
        Path | None, typer.Argument(metavar="[GRID.toml]", help=GRID_HELP, show_default=False)
    ] = None,
    store: Annotated[
        Path, typer.Option(help="Folder of the store; runs that it has are not done again.")
    ] = Path("runs"),
    g: Annotated[str | None, typer.Option(metavar="G1,G2,...", help="Strengths of W0, 0 <= g < 1.")] = None,
    zhat: Annotated[str | None, typer.Option(metavar="Z1,...", help="Targets, > 0.")] = None,
    size: Annotated[str | None, typer.Option(metavar="N1,...", help="Neurons; 1024.")] = None,
    seeds: Annotated[str | None, typer.Option(metavar="S", help="How many seeds, from 0; 5.")] = None,
    learning_rate: Annotated[
        str | None, typer.Option(metavar="LR1,...", help="eta, in units of tau.")
    ] = None,
    effective_learning_rate: Annotated[
        str | None, typer.Option(metavar="LR1,...", help="eta beta^2, in units of ttilde.")
    ] = None,
    epochs: Annotated[str | None, typer.Option(metavar="E", help="Steps of descent; 200.")] = None,
    simulator: Annotated[
        str | None,
        typer.Option(metavar="NAME1,...", help="unrolled, fixed_point, inverse or reduced (the default)."),
    ] = None,
    dtype: Annotated[str | None, typer.Option(help="float64 (the default) or float32.")] = None,
    device: Annotated[str | None, typer.Option(help="cpu (the default) or cuda.")] = None,
    eigenvalue_stride: Annotated[
        str | None, typer.Option(metavar="E", help="Look for outliers every E epochs; 0: after the last.")
    ] = None,
    tolerance: Annotated[
        str | None, typer.Option(metavar="T", help="Of the reduced simulator's readout; 1e-10.")
    ] = None,
    matrix_free: Annotated[
        bool, typer.Option("--matrix-free", help="The reduced simulator without a factorisation.")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Put groups of the store that are damaged aside, and say so.")
    ] = False,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A running dask scheduler; default: this machine.")
    ] = None,
    workers: Annotated[
        str | None, typer.Option(metavar="W", help="Processes on this machine; default: one a core.")
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option(metavar="B", help="Runs that a process computes together; 1, on a GPU up to 16."),
    ] = None,
) -> None:
    """Run a grid of simulations; every finished run is in the store at once.

    Interrupt it or kill it at will: the same command goes on where it stopped. `verify.open(store)`
    in Python gives the runs as one labelled Dataset.
    """
    from verify.extras import need_extra

    need_extra("torch", "xarray", "zarr", "distributed")
    from verify.commands.grid_flags import grid_from_flags
    from verify.progress import sweep_progress
    from verify.simulators import check_device
    from verify.sweeps.cluster import check_scheduler
    from verify.sweeps.engine import sweep as run_sweep
    from verify.sweeps.store import Store

    flags: dict[str, Any] = {
        "g": g,
        "zhat": zhat,
        "size": size,
        "seeds": seeds,
        "learning_rate": learning_rate,
        "effective_learning_rate": effective_learning_rate,
        "epochs": epochs,
        "simulator": simulator,
        "dtype": dtype,
        "device": device,
        "eigenvalue_stride": eigenvalue_stride,
        "tolerance": tolerance,
        "matrix_free": True if matrix_free else None,
    }
    asked = grid_from_flags(grid, {key: value for key, value in flags.items() if value is not None})
    count = None if workers is None else whole_number("--workers", workers, 1)
    together = None if batch is None else whole_number("--batch", batch, 1)
    if scheduler is None:
        check_device(asked.device)
    elif not store.exists():  # nothing is left behind where there is no scheduler
        check_scheduler(scheduler)
    words = [word for word in sys.argv[1:] if word != "--repair"]
    with Store(store, " ".join(["verify", *words]), repair) as opened:
        for line in opened.repaired:
            _say(line)
        there = sum(key in opened for key in asked.keys)
        with sweep_progress() as report:
            failures = run_sweep(asked, opened, scheduler, count, report, _say, together)
    done = len(asked.keys) - there - len(failures)
    typer.echo(f"{store}: {done} runs added, {there} were there")
    if failures:
        key, reason = failures[0]
        raise UsageProblem(f"{len(failures)} runs could not be done, the first: {key}: {reason}")


def _say(line: str) -> None:
    sys.stderr.write(f"verify: {line}\n")
