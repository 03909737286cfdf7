"""``derive overlap``: the equations of learning in overlap space, and learning curves from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.command_line import TermsPerLine, UsageProblem, format_option, one_of, real_number, whole_number
from derive.commands.deliver import Columns, Out, Standalone, deliver_document, latex_layout
from derive.commands.overlap_space import options
from derive.commands.overlap_space.in_use import RULES
from derive.commands.overlap_space.learning import learn
from derive.commands.overlap_space.options import LIMITS
from derive.commands.overlap_space.preconditioner import whole
from derive.commands.overlap_space.run import Learning
from derive.commands.overlap_space.start import random_overlaps, read, read_overlaps, start_file
from derive.commands.overlap_space.task import TaskOptions, read_batches
from derive.document.model import TERMS_PER_LINE, Document
from derive.options_in_use import in_use
from derive.write.code.languages import LANGUAGES

if TYPE_CHECKING:
    from derive.overlaps.problem import OverlapProblem

FORMATS = ("text", "json", "latex", *LANGUAGES, "torch")
NONLINEARITY_NAMES = ("linear", "erf", "tanh", "relu")
NOISE = "a number >= 0"
MOST_VECTORS = 24  # outputs + inputs + 2 rank: a minute on a quiet core


@in_use(*RULES)
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
    columns: Columns = "1",
    standalone: Standalone = False,
    out: Out = None,
    whole_preconditioner: options.Whole = False,
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
    problem = _problem(rank, inputs, outputs, nonlinearity, frozen)
    path = start_file(evolve, start)
    wanted = TaskOptions(
        decay, amplitude, frequency, target, teacher, task, sampling, batch, fixed_batch, dt, steps
    )
    if whole_preconditioner:
        _alone("--whole-preconditioner", solutions, series, path or start)
        document = whole(problem, form)
        deliver_document(document, form, out, latex_layout(form, terms_per_line, columns, standalone))
        return
    one_of("--format", form, FORMATS)
    layout = latex_layout(form, terms_per_line, columns, standalone)
    if solutions or series is not None:
        if problem.size != 4 or problem.nonlinearity != "linear" or problem.frozen:
            option = "--solutions" if solutions else f"--series {series}"
            raise UsageProblem(f"{option}: allowed for the linear network of rank 1, all vectors learning")
        one_of("--format", form, FORMATS[:2] if solutions else FORMATS[:-1])
        if solutions:
            from derive.document.overlaps.filter_solutions import solutions_document

            deliver_document(solutions_document(), form, out, layout)
            return
        order = whole_number("--series", str(series), 0)
        deliver_document(_series(path, order, decay, amplitude, frequency), form, out, layout)
        return
    if path is None and start is None:
        deliver_document(_system(problem), form, out, layout)
        return
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
        problem = OverlapProblem(counts[0], counts[1], counts[2], nonlinearity, names)
    except ValueError as reason:
        raise UsageProblem(f"--frozen {frozen}: {reason}") from None
    if not any(problem.learns):
        raise UsageProblem(f"--frozen {frozen}: nothing learns; allowed are some of the vectors")
    return problem


def _system(problem: OverlapProblem) -> Document:
    if problem.size > MOST_VECTORS:
        raise UsageProblem(
            f"--rank {problem.rank}: {problem.size} vectors; the equations grow as the cube of their number "
            f"(22: half a minute), allowed are {MOST_VECTORS}; learning from numbers (--evolve) goes further"
        )
    from derive.document.overlaps.overlap_request import OverlapRequest
    from derive.document.overlaps.overlap_system import overlap_document
    from derive.overlaps.gram_flow import gram_flow
    from derive.write.code.languages import in_languages
    from derive.write.modules.overlap import overlap_module
    from derive.write.torch_module import overlap_torch

    system, request = gram_flow(problem), OverlapRequest(problem)
    modules = in_languages(lambda language, header: overlap_module(system, header))
    torch = {"torch": lambda header: overlap_torch(system, header)}
    return replace(overlap_document(system, request), modules={**modules, **torch})


def _series(path: Path | None, order: int, decay: str | None, amplitude: str, frequency: str) -> Document:
    if path is None or decay is None:
        raise UsageProblem(f"--series {order}: allowed with --evolve and --decay")
    initial = read(path, "--evolve")
    if not isinstance(initial, dict):
        raise UsageProblem(f"--evolve {path}: allowed is an object of named overlaps")
    from derive.document.overlaps.learning_series import learning_series_document
    from derive.document.overlaps.learning_series_request import LearningSeriesRequest
    from derive.overlaps.learning_series import learning_series
    from derive.overlaps.series_trust import ORDER, series_trust
    from derive.write.code.languages import in_languages
    from derive.write.code.module import Module
    from derive.write.modules.learning_series import learning_series_module

    request = LearningSeriesRequest(order, initial, decay, amplitude, frequency, path.name)
    try:
        symbolic = bool(learning_series(initial, decay, 0, amplitude, frequency)["loss"].scalars.names)
        highest = order if symbolic else max(order + 1, ORDER)
        known = learning_series(initial, decay, highest, amplitude, frequency)
        found = {name: series.truncate(order) for name, series in known.items()}
        trust = None if symbolic else series_trust(known, order)
        document = learning_series_document(found, request, trust)
    except (ValueError, SyntaxError, TypeError) as reason:
        raise UsageProblem(f"--series {order}: {reason}") from None

    def module(language: str, header: str) -> Module:
        try:
            return learning_series_module(found, request, header, trust)
        except ValueError as reason:
            raise UsageProblem(f"--series {order}: {reason}") from None

    return replace(document, modules=in_languages(module))


def _alone(option: str, solutions: bool, series: str | None, start: object) -> None:
    given = [
        ("--solutions", "given" if solutions else None),
        ("--series", series),
        ("--evolve or --start", start),
    ]
    for other, value in given:
        if value is not None:
            raise UsageProblem(f"{option} with {other} {value}: allowed is one of them")
