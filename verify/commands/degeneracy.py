"""``verify degeneracy``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from derive.command_line import refused, takes, whole_number
from derive.commands.overlap_space.options import Nonlinearity, Rank
from derive.options_in_use import Counts, in_use
from verify.commands.overlap_options import FIGURE_FORMATS, Quick, TaskName, checked, prepare
from verify.commands.reporting import report
from verify.commands.simulation_options import Form, Out
from verify.pictures import Pictures


@in_use(
    Counts(
        ("quick",), "without --size and --epochs together", lambda v: v["size"] is None or v["epochs"] is None
    )
)
def degeneracy(
    rank: Rank = "1",
    nonlinearity: Nonlinearity = "linear",
    task_name: TaskName = "filter",
    size: Annotated[str | None, takes("N", "Neurons; 500, nonlinear 2000.")] = None,
    learning_rate: Annotated[str, takes("LR", "Of the overlaps.")] = "0.01",
    epochs: Annotated[str | None, takes("E", "Epochs; 300, with --quick 60.")] = None,
    out: Out = Path("figures"),
    quick: Quick = False,
    form: Form = "text",
) -> None:
    """Two networks with one function (to 1e-12) and two learning curves, theory on top of both."""
    problem, rate = checked(rank, nonlinearity, task_name, form, learning_rate)
    linear = nonlinearity == "linear"
    default_size = ("200" if quick else "500") if linear else ("1000" if quick else "2000")
    count = whole_number("--size", size or default_size, 2 * problem.size)
    length = whole_number("--epochs", epochs or ("60" if quick else "300"), 1)
    prepare(out)
    from verify.overlaps.degeneracy import degeneracy as compute
    from verify.overlaps.figures import degeneracy_figure
    from verify.overlaps.settings import make_task
    from verify.progress import progress_bars

    with progress_bars() as progress, refused():
        step, task = progress("training", 2 * length), make_task(task_name, problem)
        result = compute(problem, task, count, rate, length, on_epoch=step)
    pictures = Pictures(
        out,
        f"degeneracy_{nonlinearity}_rank_{problem.rank}_{task_name}",
        FIGURE_FORMATS,
        lambda: degeneracy_figure(result),
    )
    numbers = {
        "training": [t.loss.tolist() for t in result.trainings],
        "theory": [t.loss.tolist() for t in result.theories],
    }
    lines = [
        f"{nonlinearity}, rank {rank}, {task_name}, N = {count}, {length} epochs of learning rate {rate:g}",
        f"{'epoch':>6}  {'first network':>14}  {'theory':>12}  {'second network':>14}  {'theory':>12}",
    ]
    for epoch in sorted({round(length * k / 6) for k in range(7)}):
        lines.append(
            f"{epoch:>6}  {result.trainings[0].loss[epoch]:>14.6g}  {result.theories[0].loss[epoch]:>12.6g}  "
            f"{result.trainings[1].loss[epoch]:>14.6g}  {result.theories[1].loss[epoch]:>12.6g}"
        )
    report(form, lines, result.checks, numbers, pictures)
