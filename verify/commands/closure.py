"""``verify closure``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from derive.command_line import UsageProblem, real_number, refused, takes, whole_number
from derive.commands.overlap_space.options import Nonlinearity, Rank
from verify.commands.overlap_options import FIGURE_FORMATS, Quick, TaskName, checked, prepare
from verify.commands.reporting import report
from verify.commands.simulation_options import Form, Out
from verify.pictures import Pictures

if TYPE_CHECKING:
    from derive.overlaps.problem import OverlapProblem


def closure(
    rank: Rank = "1",
    nonlinearity: Nonlinearity = "erf",
    task_name: TaskName = "filter",
    sizes: Annotated[str, takes("N1,N2,...", "Sizes of the real networks.")] = "1024,4096,16384,65536",
    seeds: Annotated[str, takes("S", "Networks of the largest size; of size N as 1/sqrt(N) more.")] = "4",
    learning_rate: Annotated[str, takes("LR", "Of the overlaps.")] = "0.02",
    epochs: Annotated[str | None, takes("E", "Epochs; 300, with --quick 100.")] = None,
    amplitude: Annotated[
        str | None, takes("A", "Size of the target; 1.2, flip-flop and decision 0.5.")
    ] = None,
    out: Out = Path("figures"),
    quick: Quick = False,
    form: Form = "text",
) -> None:
    """The Gaussian closure, the exact limit N = infinity and real networks of growing size."""
    problem, rate = checked(rank, nonlinearity, task_name, form, learning_rate)
    if nonlinearity == "linear":
        raise UsageProblem(
            "--nonlinearity linear: allowed are erf, tanh, relu (a linear network needs no closure)"
        )
    counts = sorted({whole_number("--sizes", text, problem.size) for text in sizes.split(",")})
    if quick:
        counts = [min(n, 256 * 4**k) for k, n in enumerate(counts[:3])]
    strength = None if amplitude is None else real_number("--amplitude", amplitude, "a number > 0", 0)
    number = whole_number("--seeds", seeds, 2)
    length = whole_number("--epochs", epochs or ("100" if quick else "300"), 1)
    prepare(out)
    from verify.overlaps.closure_limit import closure_limit, networks
    from verify.overlaps.figures import closure_figure
    from verify.overlaps.settings import make_task
    from verify.progress import progress_bars

    S = _published_start(problem)
    with progress_bars() as progress:
        step = progress("training", sum(networks(counts, number).values()) * (length + 1))
        task = make_task(task_name, problem, amplitude=strength)
        with refused(kinds=(ValueError, ArithmeticError)):
            result = closure_limit(problem, task, S, counts, number, rate, length, step)
    pictures = Pictures(
        out,
        f"closure_{nonlinearity}_rank_{problem.rank}_{task_name}",
        FIGURE_FORMATS,
        lambda: closure_figure(result),
    )
    tau = result.limit.time * rate
    lines = [
        f"{nonlinearity}, rank {rank}, {task_name}, {length} epochs of learning rate {rate:g}; the exact "
        f"limit by quadrature, accuracy {result.accuracy:.1e}",
        "",
        f"{'tau':>8}  {'loss, closure':>14}  {'loss, limit':>14}  {'zz, closure':>12}  "
        f"{'zz, limit':>12}  largest gap",
    ]
    name = "zz" if "zz" in problem.pairs else problem.names[0]
    for epoch in sorted({round(length * f) for f in (0.01, 0.03, 0.1, 0.3, 0.6, 1.0)}):
        gap = abs(result.closure.overlaps[epoch] - result.limit.overlaps[epoch]).max()
        lines.append(
            f"{tau[epoch]:>8.3g}  {result.closure.loss[epoch]:>14.6g}  {result.limit.loss[epoch]:>14.6g}  "
            f"{result.closure.overlap(name)[epoch]:>12.6g}  "
            f"{result.limit.overlap(name)[epoch]:>12.6g}  {gap:.2e}"
        )
    row, column = problem.pairs[name]
    lines += [
        "",
        f"{'N':>8}  {'networks':>8}  {name + ' at the end':>20}  {'from the limit':>14}  "
        f"{'from the closure':>16}",
    ]
    for n, ends in result.ends.items():
        values = ends[:, row, column]
        lines.append(
            f"{n:>8}  {len(ends):>8}  {values.mean():>10.5f} ± {values.std():<7.5f}  "
            f"{result.from_limit[n]:>14.3g}  {result.from_closure[n]:>16.3g}"
        )
    numbers = {
        "tau": tau.tolist(),
        "closure": {"loss": result.closure.loss.tolist(), name: result.closure.overlap(name).tolist()},
        "limit": {"loss": result.limit.loss.tolist(), name: result.limit.overlap(name).tolist()},
        "accuracy": result.accuracy,
        "networks": {str(n): len(ends) for n, ends in result.ends.items()},
        "from_limit": {str(n): value for n, value in result.from_limit.items()},
        "from_closure": {str(n): value for n, value in result.from_closure.items()},
    }
    report(form, lines, result.checks, numbers, pictures)


def _published_start(problem: OverlapProblem) -> Any:
    """Rank 1: unit norms, zm .3, vu .4, zu = vm = .2 (THEORY 6); else the demonstrations' start."""
    from verify.overlaps.settings import start

    if problem.size != 4:
        return start(problem)
    values = dict.fromkeys(problem.names, 0.0) | {"zm": 0.3, "vu": 0.4, "zu": 0.2, "vm": 0.2}
    return problem.matrix(values | dict.fromkeys(("zz", "vv", "mm", "uu"), 1.0))
