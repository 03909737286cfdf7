"""``verify modes TARGET.json``: the printed modes of a target against gradient descent."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derive.command_line import UsageProblem, format_option, one_of, real_number, whole_number
from verify.commands.simulation_options import Epochs, Order, Quick, Seeds, Strength

if TYPE_CHECKING:
    from verify.modes.comparison import ModesComparison

FORMATS = ("text", "json")
FULL = {"size": "512", "seeds": "5", "epochs": "60"}
QUICK = {"size": "192", "seeds": "3", "epochs": "20"}


def modes(
    target: Annotated[
        Path, typer.Argument(metavar="TARGET.json", help="The target matrix, outputs x inputs, as rows.")
    ],
    order: Order = "5",
    size: Annotated[str | None, typer.Option(metavar="N", help="Neurons; 512, with --quick 192.")] = None,
    g: Strength = "0.6",
    seeds: Seeds = None,
    epochs: Epochs = None,
    module: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.py",
            help="What derive modes printed, executed; by default generated/modes_order_K.py.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the figure modes.png.")] = Path("figures"),
    quick: Quick = False,
    form: Annotated[str, format_option(FORMATS)] = "text",
) -> None:
    """Hold learning of a target matrix, as printed mode by mode, against real gradient descent.

    Trains networks with several inputs and outputs, unrolled in time and at the fixed point, prints
    every check with its reason, and draws a figure. Exits 1 when a check fails.
    """
    from derive.commands.modes import read_target
    from verify.extras import need_extra

    one_of("--format", form, FORMATS)
    default = QUICK if quick else FULL
    whole_order = whole_number("--order", order, 1)
    count = whole_number("--seeds", default["seeds"] if seeds is None else seeds, 1)
    steps = whole_number("--epochs", default["epochs"] if epochs is None else epochs, 1)
    strength = real_number("--g", g, "0 <= g < 1", -math.ulp(0.0), 1)
    task = read_target(target)
    least = 2 * max(task.target.shape)
    neurons = whole_number("--size", default["size"] if size is None else size, least)
    need_extra("torch", "matplotlib")
    from verify.modes.theory import load_modes

    path = module or Path("generated") / f"modes_order_{whole_order}.py"
    theory = load_modes(path, task, whole_order, target)

    from verify.checks.size_slope import ensemble
    from verify.comparison.request import prepare_folder
    from verify.modes.comparison import compare_modes
    from verify.modes.exact import modes_schedule
    from verify.modes.figure import modes_figure
    from verify.overlaps.reporting import report
    from verify.pictures import Pictures
    from verify.progress import progress_bars

    try:
        plan = modes_schedule(theory.modes, theory.target.shape, strength, steps)
    except ValueError as problem:
        raise UsageProblem(str(problem)) from None
    prepare_folder(out)
    with progress_bars() as progress:
        comparison = compare_modes(
            theory, strength, neurons, count, plan, ensemble(strength, quick), progress
        )
    pictures = Pictures(out, "modes", ("png",), lambda: {"png": modes_figure(comparison)})
    report(form, _lines(comparison), comparison.checks, _numbers(comparison), pictures)


def _lines(comparison: ModesComparison) -> list[str]:
    theory, plan = comparison.theory, comparison.plan
    outputs, inputs = theory.target.shape
    zhats = ", ".join(f"{float(zhat):.6g}" for zhat, _, _ in theory.modes)
    return [
        f"outputs x inputs = {outputs} x {inputs}, modes of zhat = {zhats}",
        f"order {theory.order}, N = {comparison.size}, g = {comparison.g:g}, {comparison.seeds} seeds, "
        f"{plan.epochs} epochs of learning rate {plan.learning_rate:.6g} to ttilde = {plan.ttilde[-1]:g} "
        f"({comparison.unit:.6g} tau)",
        f"series: {theory.path}; judged where its next terms are small, elsewhere only drawn",
    ]


def _numbers(comparison: ModesComparison) -> dict[str, Any]:
    tau = comparison.plan.ttilde / comparison.unit
    mean, deviation = comparison.simulation.statistics(tau)

    def lists(values: dict[str, Any]) -> dict[str, list[float | None]]:
        return {
            name: [float(x) if math.isfinite(x) else None for x in row]
            for name, row in values.items()
            if name in comparison.limit
        }

    return {
        "target": comparison.theory.target.tolist(),
        "ttilde": comparison.plan.ttilde.tolist(),
        "theory": lists(comparison.series),
        "judged": {name: rows.tolist() for name, rows in comparison.judgement.judged.items()},
        "limit": lists(comparison.limit),
        "simulation": {
            "mean": {name: lists(values) for name, values in mean.items()},
            "std": {name: lists(values) for name, values in deviation.items()},
        },
    }
