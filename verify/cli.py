"""The console command ``verify``."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Annotated

import typer

from derive.command_line import UsageProblem, format_option, one_of, real_number, run, whole_number
from derive.series.read_number import number_text
from verify.commands.figures import figures
from verify.commands.modes import modes
from verify.commands.regress import regress
from verify.commands.simulation_options import Epochs, Order, Quick, Seeds, Strength
from verify.commands.sweep import sweep
from verify.comparison.request import Request, parse_task, parse_times, prepare_folder
from verify.extras import need_extra
from verify.overlaps.commands import closure, degeneracy, memory
from verify.pictures import Pictures, finish

FORMATS = ("text", "json")
FULL = {"size": "1024", "seeds": "5", "epochs": "60"}
QUICK = {"size": "256", "seeds": "3", "epochs": "20"}

app = typer.Typer(add_completion=True, rich_markup_mode=None, pretty_exceptions_enable=False)
app.command()(sweep)
app.command()(figures)
app.command()(modes)
app.command()(regress)


@app.callback(invoke_without_command=True)
def verify(
    context: typer.Context,
    order: Order = "5",
    size: Annotated[
        str | None, typer.Option(metavar="N", help="Neurons, N >= 2; 1024, with --quick 256.")
    ] = None,
    g: Strength = "0.6",
    zhat: Annotated[str, typer.Option(metavar="Z", help="Target of the readout, zhat > 0.")] = "0.5",
    alignment: Annotated[
        str, typer.Option(metavar="RHO", help="Overlap w.m of the vectors, a number from -1 to 1 below zhat.")
    ] = "0",
    train: Annotated[
        str, typer.Option(metavar="W,m,w", help="What learns: a non-empty subset of W, m, w.")
    ] = "W",
    seeds: Seeds = None,
    epochs: Epochs = None,
    learning_rate: Annotated[
        str | None,
        typer.Option(
            metavar="LR", help="In units of tau; by default the last epoch reaches the last time shown."
        ),
    ] = None,
    times: Annotated[
        str | None,
        typer.Option(
            metavar="T1,T2,...",
            help="Effective times ttilde = beta^2 tau to show; by default until the loss has fallen to 5%.",
        ),
    ] = None,
    generated: Annotated[
        Path, typer.Option(help="Folder of what `derive` printed; its module is executed.")
    ] = Path("generated"),
    out: Annotated[Path, typer.Option(help="Folder for the figure.")] = Path("figures"),
    quick: Quick = False,
    form: Annotated[
        str,
        format_option(FORMATS),
    ] = "text",
) -> None:
    """Hold the printed theory of learning against real gradient descent.

    Trains linear recurrent networks with torch, unrolled in time and at the fixed point, prints
    theory and simulations side by side with every check and its reason, and draws a figure.
    Exits 1 when a check fails.
    """
    if context.invoked_subcommand is not None:
        return
    one_of("--format", form, FORMATS)
    default = QUICK if quick else FULL
    whole_order = whole_number("--order", order, 1)
    numbers = {
        "size": whole_number("--size", default["size"] if size is None else size, 2),
        "seeds": whole_number("--seeds", default["seeds"] if seeds is None else seeds, 1),
        "epochs": whole_number("--epochs", default["epochs"] if epochs is None else epochs, 1),
    }
    strength = real_number("--g", g, "0 <= g < 1", -math.ulp(0.0), 1)
    target = real_number("--zhat", zhat, "a finite number > 0", 0)
    task = parse_task(alignment, train, target)
    rate = (
        None
        if learning_rate is None
        else real_number("--learning-rate", learning_rate, "a finite number > 0", 0)
    )
    shown = None if times is None else parse_times(times)
    need_extra("torch", "matplotlib")

    from verify.truth.theory import load_theory, printed_module

    theory = load_theory(generated, whole_order, task)

    from verify.checks.size_slope import ensemble
    from verify.comparison.comparison import compare
    from verify.comparison.figure import comparison_figure
    from verify.comparison.report import json_report, text_report
    from verify.comparison.schedule import schedule
    from verify.progress import progress_bars

    request = Request(
        order=whole_order,
        **numbers,
        g=strength,
        zhat=target,
        learning_rate=rate,
        times=shown,
        ensemble=ensemble(strength, quick),
        task=task,
    )
    plan = schedule(request)
    prepare_folder(out)
    with progress_bars() as progress:
        comparison = compare(request, plan, theory, progress)
    point = f"g_{number_text(strength)}_zhat_{number_text(target)}"
    stem = f"verify_{printed_module(whole_order, task).stem}_N_{request.size}_{point}"
    pictures = Pictures(out, stem, ("png",), lambda: {"png": comparison_figure(comparison)})
    print_as = json_report if form == "json" else text_report
    finish(print_as(comparison, pictures.paths[0]), comparison.passed, pictures)


@app.command("outliers")
def outliers_command(
    g: Annotated[str, typer.Option(metavar="G", help="Strength of W0, 0 < g < 1.")] = "0.5",
    zhat: Annotated[str, typer.Option(metavar="Z", help="Target of the readout, zhat > 0.")] = "2",
    size: Annotated[str, typer.Option(metavar="N", help="Neurons.")] = "400",
    seeds: Annotated[str, typer.Option(metavar="S", help="Networks trained, at least 2.")] = "5",
    epochs: Annotated[str, typer.Option(metavar="E", help="Steps of gradient descent.")] = "240",
    until: Annotated[str, typer.Option(metavar="T", help="Last effective time ttilde.")] = "0.5",
    out: Annotated[Path, typer.Option(help="Folder for the figure.")] = Path("figures"),
) -> None:
    """Follow the eigenvalue of W that leaves W0's disc, in trained networks and in the limit."""
    strength = real_number("--g", g, "0 < g < 1", 0, 1)
    target = real_number("--zhat", zhat, "a finite number > 0", 0)
    end = real_number("--until", until, "a finite number > 0", 0)
    count = whole_number("--seeds", seeds, 2)
    neurons, steps = whole_number("--size", size, 2), whole_number("--epochs", epochs, 1)
    need_extra("torch", "matplotlib")

    from verify.checks.outlier_path import outlier_checks, outlier_figure, outlier_path
    from verify.progress import progress_bars

    prepare_folder(out)
    with progress_bars() as progress:
        path = outlier_path(strength, target, neurons, count, end, steps, progress("networks", count))
    try:
        checks = outlier_checks(path)
    except ValueError as problem:
        raise UsageProblem(f"--until {until}: {problem}; allowed are later times") from None
    lines = [
        f"{'pass' if check.passed else 'FAIL'}  {check.name}: {check.measured:.6g}, expected "
        f"{check.expected:.6g}, tolerance {check.tolerance:.2g}\n      {check.reason}"
        for check in checks
    ]
    pictures = Pictures(out, "outliers", ("svg", "png"), lambda: outlier_figure(path))
    passed = all(check.passed for check in checks)
    finish("\n".join([*lines, f"figure: {out / 'outliers.png'}"]), passed, pictures)


for subcommand in (degeneracy, memory, closure):
    app.command(subcommand.__name__)(subcommand)


def main() -> None:
    """Entry point of the console command."""
    # the parallel work is one run a core (`verify.truth.simulation`); within a run the matrices are small
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    run(app, "verify")
