"""``derive overlap``: the equations of learning in overlap space, and learning curves from them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.command_line import TermsPerLine, UsageProblem, one_of, real_number, refuse, whole_number
from derive.commands.deliver import deliver, deliver_document, latex_layout, picture_needs_file, rendered
from derive.commands.options import Columns, Out, Standalone
from derive.commands.overlap_space import options
from derive.commands.overlap_space.in_use import RULES
from derive.commands.overlap_space.learning import learned_document
from derive.commands.overlap_space.preconditioner import whole
from derive.commands.overlap_space.run import Learning
from derive.commands.overlap_space.series import series_of
from derive.commands.overlap_space.start import random_overlaps, read_overlaps, start_file
from derive.commands.overlap_space.system import QUICK, check_vectors, read_problem, system
from derive.commands.overlap_space.task import TaskOptions, read_batches
from derive.commands.progress import progress_bar
from derive.document.model import TERMS_PER_LINE
from derive.options_in_use import in_use
from derive.write.writers import curve_formats, formula_formats

if TYPE_CHECKING:
    from derive.document.model import Document, Layout


@in_use(*RULES)
def overlap(
    rank: options.Rank = "1",
    inputs: options.Inputs = "1",
    outputs: options.Outputs = "1",
    nonlinearity: options.Nonlinearity = "linear",
    frozen: options.Frozen = "",
    form: Annotated[str | None, options.form_option()] = None,
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
    nodes: options.Nodes = None,
    series: options.Series = None,
    solutions: options.Solutions = False,
    yes: options.Yes = False,
) -> None:
    """Derive how the overlaps of a low-rank network learn (Ger and Barak 2026), for any rank.

    Prints the flow, the exact descent map, the preconditioner and the invariants. With --evolve or --start
    it runs exact gradient descent of the discrete-time network on a filter task (h = 0 at first, an impulse
    1/dt at the first Euler step, output read after each step, loss = dt times the sum of squared errors) or
    on batches of trials (--task): the loss and every overlap, entry 0 before learning, as JSON unless
    another --format is asked for.
    """
    problem = read_problem(rank, inputs, outputs, nonlinearity, frozen)
    path = start_file(evolve, start)
    wanted = TaskOptions(
        decay, amplitude, frequency, target, teacher, task, sampling, batch, fixed_batch, dt, steps
    )
    runs = (path is not None or start is not None) and series is None and not solutions
    form = form or ("json" if runs else "text")
    if whole_preconditioner:
        _alone("--whole-preconditioner", solutions, series, path or start)
        document = whole(problem, form)
        deliver_document(document, form, out, latex_layout(form, terms_per_line, columns, standalone))
        return
    one_of("--format", form, curve_formats() if runs else formula_formats("torch"))
    picture_needs_file(form, out)
    layout = latex_layout(form, terms_per_line, columns, standalone)
    if solutions or series is not None:
        plain = problem.size == 4 and problem.nonlinearity == "linear" and not problem.frozen
        option = "--solutions" if solutions else f"--series {series}"
        refuse((not plain, f"{option}: allowed for the linear network of rank 1, all vectors learning"))
        one_of("--format", form, ("text", "json") if solutions else formula_formats())
        document = _solutions() if solutions else series_of(path, str(series), decay, amplitude, frequency)
        deliver_document(document, form, out, layout)
        return
    if path is None and start is None:
        check_vectors(problem, yes)
        with progress_bar(f"equations of {problem.size} vectors", None, problem.size > QUICK):
            content = rendered(system(problem), form, layout)
        deliver(content, out)
        return
    noisy = label_noise is not None
    refuse((direct and noisy, f"--direct with --label-noise {label_noise}: allowed is one of them"))
    rate = real_number("--learning-rate", learning_rate, "a number > 0", 0)
    count = whole_number("--epochs", epochs, 0)
    noise = None
    if label_noise is not None:
        noise = real_number("--label-noise", label_noise, "a number >= 0", 0, from_low=True)
    if limit is not None:
        one_of("--limit", limit, options.LIMITS)
    number = whole_number("--seed", seed or "0", 0)
    if path is None:
        S = random_overlaps(problem, str(start), size, number)
    else:
        S = read_overlaps(problem, path, "--evolve" if start is None else "--start")
    batches, samples = read_batches(problem, wanted, number)
    rule = None if nodes is None else whole_number("--nodes", nodes, 2)
    several = None if paths is None else whole_number("--paths", paths, 1)
    learning = Learning(
        problem, S, batches, samples, rate, count, limit, rule, noise, several, number, direct
    )
    _run(learning, form, out, layout)


def _solutions() -> Document:
    from derive.document.overlaps.filter_solutions import solutions_document

    return solutions_document()


def _run(learning: Learning, form: str, out: Path | None, layout: Layout) -> None:
    document, complaint = learned_document(learning)
    if document is not None:
        deliver_document(document, form, out, layout)
    if complaint:
        sys.stderr.write(f"derive: {complaint}\n")
        raise typer.Exit(1)


def _alone(option: str, solutions: bool, series: str | None, start: object) -> None:
    given = [
        ("--solutions", "given" if solutions else None),
        ("--series", series),
        ("--evolve or --start", start),
    ]
    for other, value in given:
        if value is not None:
            raise UsageProblem(f"{option} with {other} {value}: allowed is one of them")
