"""``verify modes TARGET.json``: the printed modes of a target against gradient descent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from derive.command_line import one_of, takes, whole_number
from derive.commands.options import Momentum, Nesterov, momentum_of, strength_of
from derive.options_in_use import NESTEROV, in_use
from verify.commands.simulation_options import FORMATS, Epochs, Form, Order, Quick, Seeds, Strength

FULL = {"size": "512", "seeds": "5", "epochs": "60"}
QUICK = {"size": "192", "seeds": "3", "epochs": "20"}


@in_use(NESTEROV)
def modes(
    target: Annotated[
        Path, typer.Argument(metavar="TARGET.json", help="The target matrix, outputs x inputs, as rows.")
    ],
    order: Order = "5",
    size: Annotated[str | None, takes("N", "Neurons; 512, with --quick 192.")] = None,
    g: Strength = "0.6",
    seeds: Seeds = None,
    epochs: Epochs = None,
    momentum: Momentum = "0",
    nesterov: Nesterov = False,
    module: Annotated[
        Path | None,
        takes("FILE.py", "What derive modes printed, executed; by default generated/modes_order_K.py."),
    ] = None,
    out: Annotated[Path, takes("DIR", "Folder for the figure modes.png.")] = Path("figures"),
    quick: Quick = False,
    form: Form = "text",
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
    strength = strength_of(g, "0 <= g < 1")
    method = momentum_of(momentum, nesterov)
    task = read_target(target)
    least = 2 * max(task.target.shape)
    neurons = whole_number("--size", default["size"] if size is None else size, least)
    need_extra("torch", "matplotlib")
    from verify.truth.modes_theory import load_modes

    path = module or Path("generated") / f"modes_order_{whole_order}.py"
    theory = load_modes(path, task, whole_order, target)

    from verify.checks.sizes import ensemble
    from verify.commands.comparing import hold_against_simulations
    from verify.comparison.request import Experiment
    from verify.truth.setting import Setting

    rows, modes = (tuple(map(tuple, x)) for x in (theory.target.tolist(), theory.modes))
    setting = Setting(strength, rows, modes=modes)
    experiment = Experiment(setting, neurons, count, steps, None, None, ensemble(strength, quick), method)
    hold_against_simulations(experiment, theory, out, "modes", form)
