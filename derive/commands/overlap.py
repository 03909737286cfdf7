"""``derive overlap``: the equations of learning in overlap space, and learning curves from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.command_line import TermsPerLine, UsageProblem, format_option, one_of, real_number, whole_number
from derive.commands.deliver import Out, deliver
from derive.commands.overlap_learning import learn, read, read_overlaps, read_target
from derive.document.request import TERMS_PER_LINE

if TYPE_CHECKING:
    from derive.overlaps.problem import OverlapProblem

FORMATS = ("text", "json", "latex", "python", "torch")
NONLINEARITY_NAMES = ("linear", "erf", "tanh", "relu")
LIMITS = ("closure", "exact")


def overlap(
    rank: Annotated[str, typer.Option(metavar="R", help="Rank of the connectivity, R >= 1.")] = "1",
    inputs: Annotated[str, typer.Option(metavar="P", help="Input channels.")] = "1",
    outputs: Annotated[str, typer.Option(metavar="Q", help="Output channels.")] = "1",
    nonlinearity: Annotated[
        str, typer.Option(metavar="|".join(NONLINEARITY_NAMES), help="Single-neuron nonlinearity.")
    ] = "linear",
    frozen: Annotated[
        str, typer.Option(metavar="A,B,...", help="Vectors that do not learn, e.g. m or u1,u2.")
    ] = "",
    form: Annotated[
        str,
        format_option(FORMATS),
    ] = "text",
    terms_per_line: TermsPerLine = str(TERMS_PER_LINE),
    standalone: Annotated[
        bool, typer.Option("--standalone", help="A LaTeX document that compiles by itself.")
    ] = False,
    out: Out = None,
    evolve: Annotated[
        Path | None,
        typer.Option(metavar="JSON", help='Learn from these named overlaps, e.g. {"zm": 0.3, ...}.'),
    ] = None,
    decay: Annotated[
        str | None, typer.Option(metavar="C", help="Target impulse response A exp(-C t) cos(F t), C > 0.")
    ] = None,
    amplitude: Annotated[str, typer.Option(metavar="A", help="A of the target.")] = "1",
    frequency: Annotated[str, typer.Option(metavar="F", help="F of the target, radians a unit time.")] = "0",
    target: Annotated[
        Path | None,
        typer.Option(metavar="JSON", help="Target impulse response, one number a time step."),
    ] = None,
    teacher: Annotated[
        Path | None,
        typer.Option(metavar="JSON", help="Target: the response of the linear network of these overlaps."),
    ] = None,
    dt: Annotated[str, typer.Option(metavar="DT", help="Euler step of the network, 0 < DT < 2.")] = "0.05",
    steps: Annotated[
        str | None, typer.Option(metavar="T", help="Time steps; 400, or as many as the target has.")
    ] = None,
    learning_rate: Annotated[
        str, typer.Option(metavar="LR", help="The network of N neurons learns with N*LR.")
    ] = "0.005",
    epochs: Annotated[str, typer.Option(metavar="E", help="Epochs of gradient descent.")] = "2000",
    series: Annotated[
        str | None,
        typer.Option(
            metavar="K",
            help="With --evolve: Taylor series in learning time through tau**K, continuous-time filter, "
            "rank 1; the file's values may be symbols (strings).",
        ),
    ] = None,
    solutions: Annotated[
        bool, typer.Option("--solutions", help="All zero-loss overlaps of the target a exp(-c t), rank 1.")
    ] = False,
    limit: Annotated[
        str,
        typer.Option(
            metavar="|".join(LIMITS),
            help="Nonlinear networks: the Gaussian closure, or N = infinity by quadrature.",
        ),
    ] = "closure",
    nodes: Annotated[
        str, typer.Option(metavar="K", help="Gauss-Hermite nodes a dimension; above rank 1 2**K points.")
    ] = "8",
) -> None:
    """Derive how the overlaps of a low-rank network learn (Ger and Barak 2026), for any rank.

    Prints the flow, the exact descent map, the preconditioner and the invariants. With --evolve it
    runs exact gradient descent of the discrete-time network on a filter task (h = 0 at first, an
    impulse 1/dt at the first Euler step, output read after each step, loss = dt times the sum of
    squared errors) and prints JSON: the loss and every overlap, entry 0 before learning.
    """
    one_of("--format", form, FORMATS)
    problem = _problem(rank, inputs, outputs, nonlinearity, frozen)
    if solutions or series is not None:
        if problem.size != 4 or problem.nonlinearity != "linear" or problem.frozen:
            option = "--solutions" if solutions else f"--series {series}"
            raise UsageProblem(f"{option}: allowed for the linear network of rank 1, all vectors learning")
        one_of("--format", form, FORMATS[:2] if solutions else FORMATS[:4])
        if solutions:
            deliver(_solutions(form), out)
            return
        order = whole_number("--series", str(series), 0)
        layout = whole_number("--terms-per-line", terms_per_line, 1), standalone
        deliver(_series(evolve, order, decay, amplitude, frequency, form, layout), out)
        return
    if evolve is None:
        _refuse_without_evolve(decay, target, teacher)
        text = _system(problem, form, whole_number("--terms-per-line", terms_per_line, 1), standalone)
        deliver(text, out)
        return
    step = real_number("--dt", dt, "0 < dt < 2", 0, 2)
    rate = real_number("--learning-rate", learning_rate, "a number > 0", 0)
    count = whole_number("--epochs", epochs, 0)
    one_of("--limit", limit, LIMITS)
    wanted = whole_number("--steps", steps, 1) if steps is not None else None
    S = read_overlaps(problem, evolve, "--evolve")
    samples = read_target(problem, step, wanted, decay, amplitude, frequency, target, teacher)
    exact = limit == "exact" and nonlinearity != "linear"
    learn(problem, S, samples, step, rate, count, whole_number("--nodes", nodes, 2) if exact else 0, out)


def _problem(rank: str, inputs: str, outputs: str, nonlinearity: str, frozen: str) -> OverlapProblem:
    one_of("--nonlinearity", nonlinearity, NONLINEARITY_NAMES)
    counts = [
        whole_number(option, text, 1)
        for option, text in (("--rank", rank), ("--inputs", inputs), ("--outputs", outputs))
    ]
    from derive.overlaps.problem import OverlapProblem

    try:
        names = tuple(name.strip() for name in frozen.split(",") if name.strip())
        return OverlapProblem(counts[0], counts[1], counts[2], nonlinearity, names)
    except ValueError as problem:
        raise UsageProblem(f"--frozen {frozen}: {problem}") from None


def _system(problem: OverlapProblem, form: str, terms_per_line: int, standalone: bool) -> str:
    from derive.document.overlap_request import OverlapRequest
    from derive.overlaps.gram_flow import gram_flow

    system = gram_flow(problem)
    request = OverlapRequest(problem, terms_per_line, standalone)
    if form == "json":
        from derive.write.tables.overlap_json import overlap_json

        return overlap_json(system)
    if form == "latex":
        from derive.write.latex.overlap_latex import overlap_document, overlap_latex

        return overlap_document(system, request) if standalone else overlap_latex(system, request)
    if form in ("python", "torch"):
        from derive.write.python.overlap_python import overlap_python

        return overlap_python(system, request, torch=form == "torch")
    from derive.write.tables.overlap_text import overlap_text

    return overlap_text(system)


def _solutions(form: str) -> str:
    from derive.overlaps.filter_formula import filter_solutions

    found = {"continuous": filter_solutions(), "euler": filter_solutions(euler=True)}
    if form == "json":
        return (
            json.dumps(
                {
                    time: {
                        "values": {name: str(value) for name, value in family.values.items()},
                        "visible_dimension": family.dimension,
                        "overlap_dimension": family.dimension + 6,
                    }
                    for time, family in found.items()
                },
                indent=2,
            )
            + "\n"
        )
    titles = {
        "continuous": "Zero loss for y*(t) = a exp(-c t), c != 1, continuous time",
        "euler": "Euler steps of dt, target a exp(-c n dt), output after each step n = 1, 2, ...",
    }
    lines = []
    for time, family in found.items():
        lines += [titles[time], *(f"  {name} = {value}" for name, value in family.values.items())]
        lines.append(
            f"  dimension {family.dimension} among the 4 visible overlaps, {family.dimension + 6} among "
            f"all 10, 4N - {4 - family.dimension} among the weights of N neurons"
        )
    return "\n".join(lines) + "\n"


def _series(
    path: Path | None,
    order: int,
    decay: str | None,
    amplitude: str,
    frequency: str,
    form: str,
    layout: tuple[int, bool],
) -> str:
    if path is None or decay is None:
        raise UsageProblem(f"--series {order}: allowed with --evolve and --decay")
    initial = read(path, "--evolve")
    if not isinstance(initial, dict):
        raise UsageProblem(f"--evolve {path}: allowed is an object of named overlaps")
    from derive.document.learning_series_request import LearningSeriesRequest
    from derive.overlaps.learning_series import learning_series
    from derive.overlaps.series_trust import ORDER, series_trust

    request = LearningSeriesRequest(order, initial, decay, amplitude, frequency, *layout)
    try:
        symbolic = bool(learning_series(initial, decay, 0, amplitude, frequency)["loss"].scalars.names)
        highest = order if symbolic else max(order + 1, ORDER)
        known = learning_series(initial, decay, highest, amplitude, frequency)
        found = {name: series.truncate(order) for name, series in known.items()}
        trust = None if symbolic else series_trust(known, order)
        if form == "python":
            from derive.write.python.learning_series_python import learning_series_python

            return learning_series_python(found, request, trust)
    except (ValueError, SyntaxError, TypeError) as reason:
        raise UsageProblem(f"--series {order}: {reason}") from None
    if form == "latex":
        from derive.write.latex.learning_series_latex import learning_series_latex

        return learning_series_latex(found, request, trust)
    from derive.write.tables.learning_series_text import learning_series_json, learning_series_text

    return learning_series_json(found, trust) if form == "json" else learning_series_text(found, trust)


def _refuse_without_evolve(decay: str | None, target: Path | None, teacher: Path | None) -> None:
    given = [("--decay", decay), ("--target", target), ("--teacher", teacher)]
    for option, value in given:
        if value is not None:
            raise UsageProblem(f"{option} {value}: allowed with --evolve only")
