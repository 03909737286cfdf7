"""``verify memory``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from derive.command_line import UsageProblem, real_number, refused, takes, whole_number
from derive.commands.overlap_space.options import Nonlinearity, Rank
from verify.commands.overlap_options import FIGURE_FORMATS, TaskName, checked, prepare
from verify.commands.reporting import report
from verify.commands.simulation_options import Form, Out
from verify.pictures import Pictures

if TYPE_CHECKING:
    from derive.overlaps.problem import OverlapProblem


def memory(
    rank: Rank = "1",
    nonlinearity: Nonlinearity = "linear",
    task_name: TaskName = "filter",
    sequence: Annotated[str, takes("TASKS", "Tasks in order, letters A to D, e.g. ABA or ABABA.")] = "ABA",
    size: Annotated[str, takes("N", "Neurons of the real networks.")] = "100",
    learning_rate: Annotated[str, takes("LR", "Largest of three rates of descent.")] = "0.01",
    duration: Annotated[str, takes("TAU", "Learning time of a task.")] = "30",
    noise: Annotated[str, takes("S", "Gradient noise, relative to its size.")] = "0.1",
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
    level = real_number("--noise", noise, "a number >= 0", 0, from_low=True)
    prepare(out)
    if nonlinearity != "linear":
        _nonlinear_memory(problem, task_name, sequence, rate, time, count, level, out, form)
        return
    from verify.overlaps import decoding
    from verify.overlaps.figures import memory_figure
    from verify.overlaps.memory import memory as compute
    from verify.progress import progress_bars

    with progress_bars() as progress, refused(kinds=(ValueError, ArithmeticError)):
        result = compute(
            problem, sequence, count, rate, time, level, progress("learning", 5 + 3 * len(sequence))
        )
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

    with progress_bars() as progress, refused(kinds=(ValueError, ArithmeticError)):
        step = progress("learning", 7 * len(sequence) + DECODING_PHASES)
        result = nonlinear_memory(problem, task_name, sequence, rate, time, size, noise, step)
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
