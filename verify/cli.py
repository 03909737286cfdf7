"""The console command ``verify``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from derive.command_help import grouped
from derive.command_line import one_of, real_number, run, takes, whole_number
from derive.commands.options import Momentum, Nesterov, Train, momentum_of, strength_of
from derive.options_in_use import NESTEROV, in_use
from derive.reading.read_number import number_text
from verify.commands.closure import closure
from verify.commands.degeneracy import degeneracy
from verify.commands.figures import figures
from verify.commands.flow import flow
from verify.commands.memory import memory
from verify.commands.modes import modes
from verify.commands.outliers import outliers
from verify.commands.regress import regress
from verify.commands.simulation_options import FORMATS, Epochs, Form, Order, Out, Quick, Seeds, Strength
from verify.commands.sweep import sweep
from verify.commands.task import task as task_command
from verify.comparison.request import check_step, parse_task, parse_times
from verify.extras import need_extra

GROUPS = {
    "Theory against networks": ("flow", "modes", "outliers", "regress"),
    "Many networks": ("sweep", "task"),
    "Published figures": ("figures",),
    "Overlap space": ("degeneracy", "memory", "closure"),
}
FULL = {"size": "1024", "seeds": "5", "epochs": "60"}
QUICK = {"size": "256", "seeds": "3", "epochs": "20"}

app = typer.Typer(
    cls=grouped(GROUPS), add_completion=True, rich_markup_mode=None, pretty_exceptions_enable=False
)
app.command()(sweep)
app.command()(figures)
app.command()(flow)
app.command()(modes)
app.command()(outliers)
app.command()(regress)
app.command("task")(task_command)


@app.callback(invoke_without_command=True)
@in_use(NESTEROV)
def verify(
    context: typer.Context,
    order: Order = "5",
    size: Annotated[str | None, takes("N", "Neurons, N >= 2; 1024, with --quick 256.")] = None,
    g: Strength = "0.6",
    zhat: Annotated[str, takes("Z", "Target of the readout, zhat > 0.")] = "0.5",
    alignment: Annotated[
        str, takes("RHO", "Overlap w.m of the vectors, a number from -1 to 1 below zhat.")
    ] = "0",
    train: Train = "W",
    seeds: Seeds = None,
    epochs: Epochs = None,
    learning_rate: Annotated[
        str | None, takes("LR", "In units of tau; by default the last epoch reaches the last time shown.")
    ] = None,
    momentum: Momentum = "0",
    nesterov: Nesterov = False,
    times: Annotated[
        str | None,
        takes(
            "T1,T2,...",
            "Effective times ttilde = beta^2 tau to show; by default until the loss has fallen to 5%.",
        ),
    ] = None,
    generated: Annotated[
        Path, takes("DIR", "Folder of what `derive` printed; its module is executed.")
    ] = Path("generated"),
    out: Out = Path("figures"),
    quick: Quick = False,
    form: Form = "text",
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
    strength = strength_of(g, "0 <= g < 1")
    target = real_number("--zhat", zhat, "a finite number > 0", 0)
    task = parse_task(alignment, train, target)
    rate = None
    if learning_rate is not None:
        rate = real_number("--learning-rate", learning_rate, "a finite number > 0", 0)
        check_step("--learning-rate", learning_rate, rate / ((1 - strength) * (1 + strength)) ** 2)
    method = momentum_of(momentum, nesterov)
    shown = None if times is None else parse_times(times)
    need_extra("torch", "matplotlib")

    from verify.truth.theory import load_theory, printed_module

    theory = load_theory(generated, whole_order, task)

    from verify.checks.sizes import ensemble
    from verify.commands.comparing import hold_against_simulations
    from verify.comparison.request import Experiment
    from verify.truth.setting import Setting

    setting = Setting(strength, target, task)
    experiment = Experiment(
        setting, **numbers, learning_rate=rate, times=shown, ensemble=ensemble(strength, quick), method=method
    )
    stem = printed_module(whole_order, task).stem
    point = f"g_{number_text(strength)}_zhat_{number_text(target)}"
    way = f"_momentum_{number_text(method.mu)}" * (method.mu > 0) + "_nesterov" * nesterov
    hold_against_simulations(experiment, theory, out, f"verify_{stem}_N_{experiment.size}_{point}{way}", form)


for subcommand in (degeneracy, memory, closure):
    app.command(subcommand.__name__)(subcommand)


def main() -> None:
    """Entry point of the console command."""
    # the parallel work is one run a core (`verify.truth.simulation`); within a run the matrices are small
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    run(app, "verify")
