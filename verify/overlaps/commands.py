"""``verify degeneracy``, ``verify memory`` and ``verify closure``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derive.command_line import UsageProblem, real_number, whole_number
from derive.commands.overlap_space.options import Nonlinearity, Rank
from verify.overlaps.reporting import FORMATS, TASK_NAMES, checked, prepare, report
from verify.pictures import Pictures

if TYPE_CHECKING:
    from derive.overlaps.problem import OverlapProblem


FIGURE_FORMATS = ("png", "svg")
TaskName = Annotated[str, typer.Option("--task", metavar="|".join(TASK_NAMES), help="What is learned.")]
Form = Annotated[str, typer.Option("--format", metavar="|".join(FORMATS), help="What to print.")]
Out = Annotated[Path, typer.Option(help="Folder for the figure.")]
Quick = Annotated[bool, typer.Option("--quick", help="Smaller networks, fewer epochs.")]


def degeneracy(
    rank: Rank = "1",
    nonlinearity: Nonlinearity = "linear",
    task_name: TaskName = "filter",
    size: Annotated[str | None, typer.Option(metavar="N", help="Neurons; 500, nonlinear 2000.")] = None,
    learning_rate: Annotated[str, typer.Option(metavar="LR", help="Of the overlaps.")] = "0.01",
    epochs: Annotated[str | None, typer.Option(metavar="E", help="Epochs; 300, with --quick 60.")] = None,
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

    with progress_bars() as progress:
        try:
            result = compute(
                problem,
                make_task(task_name, problem),
                count,
                rate,
                length,
                on_epoch=progress("training", 2 * length),
            )
        except ValueError as reason:
            raise UsageProblem(str(reason)) from None
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


def memory(
    rank: Rank = "1",
    nonlinearity: Nonlinearity = "linear",
    task_name: TaskName = "filter",
    sequence: Annotated[
        str, typer.Option(metavar="TASKS", help="Tasks in order, letters A to D, e.g. ABA or ABABA.")
    ] = "ABA",
    size: Annotated[str, typer.Option(metavar="N", help="Neurons of the real networks.")] = "100",
    learning_rate: Annotated[
        str, typer.Option(metavar="LR", help="Largest of three rates of descent.")
    ] = "0.01",
    duration: Annotated[str, typer.Option(metavar="TAU", help="Learning time of a task.")] = "30",
    noise: Annotated[str, typer.Option(metavar="S", help="Gradient noise, relative to its size.")] = "0.1",
    out: Out = Path("figures"),
    form: Form = "text",
) -> None:
    """Which overlaps remember a sequence of tasks whose last is the first: flow, descent, noise, Adam."""
    problem, rate = checked(rank, nonlinearity, task_name, form, learning_rate)
    if len(sequence) < 3 or sequence[0] != sequence[-1] or not set(sequence) <= set("ABCD"):
        raise UsageProblem(
            f"--sequence {sequence}: allowed are three or more of the letters A to D, the last as the first"
        )
    count = whole_number("--size", size, problem.size)
    time = real_number("--duration", duration, "a number > 0", 0)
    level = real_number("--noise", noise, "a number >= 0", -1e-300)
    prepare(out)
    if nonlinearity != "linear":
        _nonlinear_memory(problem, task_name, sequence, rate, time, count, level, out, form)
        return
    from verify.overlaps import decoding
    from verify.overlaps.figures import memory_figure
    from verify.overlaps.memory import memory as compute
    from verify.progress import progress_bars

    with progress_bars() as progress:
        try:
            result = compute(problem, sequence, count, rate, time, level, progress("learning", 8))
        except (ValueError, ArithmeticError) as reason:
            raise UsageProblem(str(reason)) from None
    pictures = Pictures(
        out, f"memory_rank_{problem.rank}_{sequence}", FIGURE_FORMATS, lambda: memory_figure(result)
    )
    names = list(problem.names)
    lines = [
        f"rank {rank}, {sequence}: change of each overlap between the end of the first task and the end",
        f"{'':>28}" + "".join(f"{name:>10}" for name in names) + f"{'last loss':>11}",
    ]
    for phases in result.phases:
        trace = result.trace(phases)
        lines.append(
            f"{phases.way:>28}"
            + "".join(f"{trace[name]:>10.1e}" for name in names)
            + f"{phases.losses[-1]:>11.1e}"
        )
    lines += decoding.lines(result.decoding)
    numbers = {
        "traces": {phases.way: result.trace(phases) for phases in result.phases},
        "losses": {phases.way: phases.losses.tolist() for phases in result.phases},
        "decoding": decoding.numbers(result.decoding),
    }
    report(form, lines, result.checks, numbers, pictures)


def _nonlinear_memory(
    problem: OverlapProblem,
    task_name: str,
    sequence: str,
    rate: float,
    time: float,
    size: int,
    noise: float,
    out: Path,
    form: str,
) -> None:
    from verify.overlaps import decoding
    from verify.overlaps.figures import nonlinear_memory_figure
    from verify.overlaps.nonlinear_memory import DECODING_PHASES, nonlinear_memory
    from verify.progress import progress_bars

    with progress_bars() as progress:
        step = progress("learning", 7 * len(sequence) + DECODING_PHASES)
        try:
            result = nonlinear_memory(problem, task_name, sequence, rate, time, size, noise, step)
        except (ValueError, ArithmeticError) as reason:
            raise UsageProblem(str(reason)) from None
    stem = f"memory_{problem.nonlinearity}_rank_{problem.rank}_{task_name}_{sequence}"
    pictures = Pictures(out, stem, FIGURE_FORMATS, lambda: nonlinear_memory_figure(result))
    names = list(problem.names)
    lines = [
        f"{problem.nonlinearity}, rank {problem.rank}, {task_name}, {sequence}, N = infinity by quadrature: "
        "change of each overlap between the end of the first task and the end",
        f"{'':>28}" + "".join(f"{name:>10}" for name in names) + f"{'first loss':>12}{'last loss':>12}",
    ]
    runs = (*result.phases, result.control, *result.networks)
    for phases in runs:
        trace = result.trace(phases)
        ends = f"{phases.losses[1]:>12.2e}{phases.losses[-1]:>12.2e}"
        lines.append(f"{phases.way:>28}" + "".join(f"{trace[name]:>10.1e}" for name in names) + ends)
    lines.append(f"{'lr -> 0':>28}" + "".join(f"{result.flow_trace[name]:>10.1e}" for name in names))
    lines += ["", f"change of the output on A, root mean square: {result.function_change:.3g}"]
    lines += decoding.lines(result.decoding)
    numbers = {
        "traces": {phases.way: result.trace(phases) for phases in runs} | {"flow": result.flow_trace},
        "losses": {phases.way: phases.losses.tolist() for phases in runs},
        "function_change": result.function_change,
        "decoding": decoding.numbers(result.decoding),
    }
    report(form, lines, result.checks, numbers, pictures)


def closure(
    rank: Rank = "1",
    nonlinearity: Nonlinearity = "erf",
    task_name: TaskName = "filter",
    sizes: Annotated[
        str, typer.Option(metavar="N1,N2,...", help="Sizes of the real networks.")
    ] = "1024,4096,16384,65536",
    seeds: Annotated[
        str, typer.Option(metavar="S", help="Networks of the largest size; of size N as 1/sqrt(N) more.")
    ] = "4",
    learning_rate: Annotated[str, typer.Option(metavar="LR", help="Of the overlaps.")] = "0.02",
    epochs: Annotated[str | None, typer.Option(metavar="E", help="Epochs; 300, with --quick 100.")] = None,
    amplitude: Annotated[
        str | None, typer.Option(metavar="A", help="Size of the target; 1.2, flip-flop and decision 0.5.")
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
        try:
            result = closure_limit(
                problem,
                make_task(task_name, problem, amplitude=strength),
                S,
                counts,
                number,
                rate,
                length,
                step,
            )
        except (ValueError, ArithmeticError) as reason:
            raise UsageProblem(str(reason)) from None
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
