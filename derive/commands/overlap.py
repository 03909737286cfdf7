"""``derive overlap``: the equations of learning in overlap space, and learning curves from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.command_line import TermsPerLine, UsageProblem, format_option, one_of, real_number, whole_number
from derive.commands import overlap_options as options
from derive.commands.deliver import Out, deliver
from derive.commands.overlap_learning import Learning, learn
from derive.commands.overlap_options import LIMITS
from derive.commands.overlap_start import random_overlaps, read, read_overlaps, start_file
from derive.commands.overlap_task import TaskOptions, read_batches
from derive.document.request import TERMS_PER_LINE

if TYPE_CHECKING:
    from derive.overlaps.problem import OverlapProblem

FORMATS = ("text", "json", "latex", "python", "torch")
NONLINEARITY_NAMES = ("linear", "erf", "tanh", "relu")
NOISE = "a number >= 0"


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
    evolve: options.Evolve = None,
    start: options.Start = None,
    size: options.Size = None,
    seed: options.Seed = None,
    decay: options.Decay = None,
    amplitude: options.Amplitude = "1",
    frequency: options.Frequency = "0",
    target: options.Target = None,
    teacher: options.Teacher = None,
    task: options.TaskName = None,
    batch: options.Batch = None,
    fixed_batch: options.FixedBatch = False,
    sampling: options.Sampling = "ours",
    dt: options.Dt = "0.05",
    steps: options.Steps = None,
    learning_rate: options.LearningRate = "0.005",
    epochs: options.Epochs = "2000",
    label_noise: options.LabelNoise = None,
    paths: options.Paths = None,
    direct: options.Direct = False,
    limit: options.Limit = None,
    nodes: options.Nodes = "8",
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
) -> None:
    """Derive how the overlaps of a low-rank network learn (Ger and Barak 2026), for any rank.

    Prints the flow, the exact descent map, the preconditioner and the invariants. With --evolve or --start
    it runs exact gradient descent of the discrete-time network on a filter task (h = 0 at first, an impulse
    1/dt at the first Euler step, output read after each step, loss = dt times the sum of squared errors) or
    on batches of trials (--task) and prints JSON: the loss and every overlap, entry 0 before learning.
    """
    one_of("--format", form, FORMATS)
    problem = _problem(rank, inputs, outputs, nonlinearity, frozen)
    path = start_file(evolve, start)
    wanted = TaskOptions(
        decay, amplitude, frequency, target, teacher, task, sampling, batch, fixed_batch, dt, steps
    )
    layout = whole_number("--terms-per-line", terms_per_line, 1), standalone
    if solutions or series is not None:
        if problem.size != 4 or problem.nonlinearity != "linear" or problem.frozen:
            option = "--solutions" if solutions else f"--series {series}"
            raise UsageProblem(f"{option}: allowed for the linear network of rank 1, all vectors learning")
        one_of("--format", form, FORMATS[:2] if solutions else FORMATS[:4])
        if solutions:
            deliver(_solutions(form), out)
            return
        order = whole_number("--series", str(series), 0)
        deliver(_series(path, order, decay, amplitude, frequency, form, layout), out)
        return
    if path is None and start is None:
        given = [*wanted.given(), ("--label-noise", label_noise), ("--paths", paths), ("--size", size)]
        _refuse_without_start([*given, ("--seed", seed), ("--direct", "given" if direct else None)])
        deliver(_system(problem, form, *layout), out)
        return
    if path is not None and size is not None:
        raise UsageProblem(f"--size {size}: allowed with --start random or balanced")
    if paths is not None and label_noise is None:
        raise UsageProblem(f"--paths {paths}: allowed with --label-noise")
    if direct and label_noise is not None:
        raise UsageProblem(f"--direct with --label-noise {label_noise}: allowed is one of them")
    rate = real_number("--learning-rate", learning_rate, "a number > 0", 0)
    count = whole_number("--epochs", epochs, 0)
    noise = None if label_noise is None else real_number("--label-noise", label_noise, NOISE, -1e-300)
    if limit is not None:
        one_of("--limit", limit, LIMITS)
    number = whole_number("--seed", seed or "0", 0)
    if path is None:
        S = random_overlaps(problem, str(start), size, number)
    else:
        S = read_overlaps(problem, path, "--evolve" if start is None else "--start")
    batches, samples = read_batches(problem, wanted, number)
    rule = whole_number("--nodes", nodes, 2)
    several = None if paths is None else whole_number("--paths", paths, 1)
    learn(
        Learning(problem, S, batches, samples, rate, count, limit, rule, noise, several, number, direct),
        out,
    )


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


def _refuse_without_start(given: list[tuple[str, object]]) -> None:
    for option, value in given:
        if value is not None:
            raise UsageProblem(f"{option} {value}: allowed with --evolve or --start only")
