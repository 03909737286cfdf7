"""``verify sweep``: a grid of simulations, or of trained networks, into a store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from derive.command_line import UsageProblem, takes, whole_number
from verify.commands.training_flags import NETWORK_TASKS, NONLINEARITIES, OPTIMIZERS

GRID_HELP = "A TOML file with the grid; flags take the place of its keys."


def sweep(
    grid: Annotated[
        Path | None, typer.Argument(metavar="[GRID.toml]", help=GRID_HELP, show_default=False)
    ] = None,
    task: Annotated[
        str | None, takes("NAME1,...", f"Train networks instead, on {', '.join(NETWORK_TASKS)}.")
    ] = None,
    store: Annotated[
        Path | None,
        takes("DIR", "Folder of the store; what it has is not done again; runs, with --task networks."),
    ] = None,
    g: Annotated[
        str | None, takes("G1,G2,...", "Strengths of W0, 0 <= g < 1; with --task >= 0, the paper's.")
    ] = None,
    zhat: Annotated[str | None, takes("Z1,...", "Targets, > 0.")] = None,
    size: Annotated[str | None, takes("N1,...", "Neurons; 1024, with --task 256.")] = None,
    seeds: Annotated[str | None, takes("S", "How many seeds, from 0; 5.")] = None,
    learning_rate: Annotated[str | None, takes("LR1,...", "eta, in units of tau.")] = None,
    effective_learning_rate: Annotated[
        str | None, takes("LR1,...", "eta beta^2, in units of ttilde.")
    ] = None,
    epochs: Annotated[str | None, takes("E", "Steps of descent; 200, with --task the paper's.")] = None,
    simulator: Annotated[
        str | None, takes("NAME1,...", "unrolled, fixed_point, inverse or reduced (the default).")
    ] = None,
    dtype: Annotated[str | None, takes("float64|float32", "Precision; float64.")] = None,
    device: Annotated[str | None, takes("cpu|cuda", "Where to compute; cpu.")] = None,
    eigenvalue_stride: Annotated[
        str | None, takes("E", "Look for outliers every E epochs; 0: after the last.")
    ] = None,
    tolerance: Annotated[str | None, takes("EPS", "Of the reduced simulator's readout; 1e-10.")] = None,
    matrix_free: Annotated[
        bool, typer.Option("--matrix-free", help="The reduced simulator without a factorisation.")
    ] = False,
    momentum: Annotated[
        str | None, takes("MU1,...", "Momentum of descent, 0 <= MU < 1 (heavy ball).")
    ] = None,
    nesterov: Annotated[
        bool, typer.Option("--nesterov", help="Nesterov's method instead of the heavy ball.")
    ] = False,
    optimizer: Annotated[str | None, takes("|".join(OPTIMIZERS), "--task: default the paper's.")] = None,
    train: Annotated[str | None, takes("W,m,w", "--task: what learns, a subset of W, m, w.")] = None,
    nonlinearity: Annotated[
        str | None, takes("|".join(NONLINEARITIES), "--task: default the task's.")
    ] = None,
    clip: Annotated[str | None, takes("C", "--task: largest norm of a gradient; default: none.")] = None,
    group: Annotated[str | None, takes("K", "--task: networks in one computation; 8, on a GPU 64.")] = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Put groups of the store that are damaged aside, and say so.")
    ] = False,
    scheduler: Annotated[
        str | None, takes("ADDRESS", "A running dask scheduler; default: this machine.")
    ] = None,
    workers: Annotated[str | None, takes("W", "Processes on this machine; default: one a core.")] = None,
    batch: Annotated[
        str | None, takes("B", "Runs that a process computes together; 1, on a GPU up to 16.")
    ] = None,
) -> None:
    """Run a grid of simulations or train a grid of networks; what is finished is in the store at once.

    Interrupt it or kill it at will: the same command goes on where it stopped. `verify.open(store)`
    in Python gives the runs as one labelled Dataset, `verify.training.open_trained(store)` the networks.
    """
    from verify.extras import need_extra

    need_extra("torch", "xarray", "zarr", "distributed")
    count = None if workers is None else whole_number("--workers", workers, 1)
    words = [word for word in sys.argv[1:] if word != "--repair"]
    command = " ".join(["verify", *words])
    simulations_only: dict[str, Any] = {
        "zhat": zhat,
        "effective_learning_rate": effective_learning_rate,
        "simulator": simulator,
        "dtype": dtype,
        "eigenvalue_stride": eigenvalue_stride,
        "tolerance": tolerance,
        "matrix_free": True if matrix_free else None,
        "momentum": momentum,
        "nesterov": True if nesterov else None,
    }
    networks_only = {
        "optimizer": optimizer,
        "train": train,
        "nonlinearity": nonlinearity,
        "clip": clip,
        "group": group,
    }
    if task is not None:
        refuse("not with --task", GRID=grid, batch=batch, **simulations_only)
        from verify.commands.sweep_networks import sweep_networks

        folder = store or Path("networks")
        networks_only |= {"epochs": epochs, "learning_rate": learning_rate}
        sweep_networks(
            task, size, g, seeds, device or "cpu", folder, repair, scheduler, count, command, **networks_only
        )
        return
    refuse("allowed with --task", **networks_only)
    store = store or Path("runs")
    together = None if batch is None else whole_number("--batch", batch, 1)
    from verify.commands.grid_flags import grid_from_flags
    from verify.device import check_device
    from verify.progress import say, sweep_progress
    from verify.sweeps.cluster import check_scheduler
    from verify.sweeps.engine import sweep as run_sweep
    from verify.sweeps.store import Store

    flags: dict[str, Any] = {
        "g": g,
        "size": size,
        "seeds": seeds,
        "learning_rate": learning_rate,
        "epochs": epochs,
        "device": device,
        **simulations_only,
    }
    asked = grid_from_flags(grid, {key: value for key, value in flags.items() if value is not None})
    if scheduler is None:
        check_device(asked.device)
    elif not store.exists():  # nothing is left behind where there is no scheduler
        check_scheduler(scheduler)
    with Store(store, command, repair) as opened:
        for line in opened.repaired:
            say(line)
        there = sum(key in opened for key in asked.keys)
        with sweep_progress() as report:
            failures = run_sweep(asked, opened, scheduler, count, report, say, together)
    done = len(asked.keys) - there - len(failures)
    typer.echo(f"{store}: {done} runs added, {there} were there")
    if failures:
        key, reason = failures[0]
        raise UsageProblem(f"{len(failures)} runs could not be done, the first: {key}: {reason}")


def refuse(reason: str, **options: object) -> None:
    """Raises UsageProblem for the first option that is given."""
    for name, value in options.items():
        if value is not None:
            option = name if name.isupper() else f"--{name.replace('_', '-')}"
            given = "" if value is True else f" {value}"
            raise UsageProblem(f"{option}{given}: {reason}")
