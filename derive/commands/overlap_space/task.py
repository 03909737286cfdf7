"""``derive overlap --decay``, ``--target``, ``--teacher`` and ``--task``: what is learned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.command_line import UsageProblem, one_of, real_number, refused, whole_number
from derive.commands.overlap_space.start import read, read_overlaps

if TYPE_CHECKING:
    import numpy as np

    from derive.overlaps.batches.source import BatchSource
    from derive.overlaps.problem import OverlapProblem

TASKS = ("flip-flop", "decision", "teacher")
SAMPLINGS = ("ours", "published")
STEPS = 400
TRIALS = {"flip-flop": "10", "decision": "128", "teacher": "128"}  # as published


@dataclass(frozen=True)
class TaskOptions:
    """The texts of the options that say what is learned, as given."""

    decay: str | None
    amplitude: str
    frequency: str
    target: Path | None
    teacher: Path | None
    task: str | None
    sampling: str
    batch: str | None
    fixed_batch: bool
    dt: str
    steps: str | None

    def given(self) -> list[tuple[str, object]]:
        """The options that have no meaning without a start, with their values."""
        named = (
            ("--decay", self.decay),
            ("--target", self.target),
            ("--teacher", self.teacher),
            ("--task", self.task),
            ("--batch", self.batch),
        )
        found: list[tuple[str, object]] = [pair for pair in named if pair[1] is not None]
        if self.sampling != SAMPLINGS[0]:
            found.append(("--sampling", self.sampling))
        if self.fixed_batch:
            found.append(("--fixed-batch", "given"))
        return found


def read_batches(problem: OverlapProblem, options: TaskOptions, seed: int) -> tuple[BatchSource, Any]:
    """The batch of each epoch; for a filter also its samples, shape (T, outputs, inputs), else None."""
    dt = real_number("--dt", options.dt, "0 < dt < 2", 0, 2)
    steps = whole_number("--steps", options.steps, 1) if options.steps is not None else None
    one_of("--sampling", options.sampling, SAMPLINGS)
    if options.task is None:
        from derive.overlaps.batches.source import one_task
        from derive.overlaps.tasks import impulse_task

        samples = _samples(problem, options, dt, steps)
        return one_task(impulse_task(dt, samples)), samples
    if options.decay is not None or options.target is not None:
        raise UsageProblem(
            "--evolve and --start: allowed is exactly one of --decay, --target and --teacher, or --task"
        )
    if options.sampling != SAMPLINGS[0]:
        raise UsageProblem(f"--sampling {options.sampling}: allowed with --decay only")
    if options.task.endswith(".npz"):
        return _file_batches(problem, options, dt, steps), None
    one_of("--task", options.task, (*TASKS, "a FILE.npz"))
    return _published(problem, options, dt, steps or STEPS, seed), None


def _samples(problem: OverlapProblem, options: TaskOptions, dt: float, steps: int | None) -> Any:
    """The samples y*_n of a filter, shape (T, outputs, inputs)."""
    if sum(given is not None for given in (options.decay, options.target, options.teacher)) != 1:
        raise UsageProblem(
            "--evolve and --start: allowed is exactly one of --decay, --target and --teacher, or --task"
        )
    import numpy as np

    from derive.overlaps.discrete_filter import DiscreteFilter, exponential_target

    if options.sampling != SAMPLINGS[0] and options.decay is None:
        raise UsageProblem(f"--sampling {options.sampling}: allowed with --decay only")
    if options.decay is not None:
        infinite = float("inf")
        rate = real_number("--decay", options.decay, "a number > 0", 0)
        scale = real_number("--amplitude", options.amplitude, "a number", -infinite)
        turning = real_number("--frequency", options.frequency, "a number", -infinite)
        with refused(f"--sampling {options.sampling}: "):
            return exponential_target(
                problem, dt, steps or STEPS, rate, turning, scale, sampling=options.sampling
            )
    if options.teacher is not None:
        S = read_overlaps(problem, options.teacher, "--teacher")
        empty = np.zeros((steps or STEPS, problem.outputs, problem.inputs))
        return DiscreteFilter(problem, dt, empty).response(S)
    return _target_file(problem, options, steps)


def _target_file(problem: OverlapProblem, options: TaskOptions, steps: int | None) -> Any:
    import numpy as np

    target = options.target
    try:
        samples = np.asarray(read(target, "--target") if target else None, dtype=float)
    except (TypeError, ValueError):
        samples = np.full(1, np.nan)
    if samples.ndim == 1 and problem.inputs == problem.outputs == 1:
        samples = samples[:, None, None]
    shape = (problem.outputs, problem.inputs)
    wanted = (
        "one number a time step" if shape == (1, 1) else f"numbers of shape (steps, {shape[0]}, {shape[1]})"
    )
    if samples.ndim != 3 or samples.shape[1:] != shape or not len(samples) or not np.isfinite(samples).all():
        raise UsageProblem(f"--target {target}: allowed is a list, {wanted}")
    if steps is not None and len(samples) != steps:
        raise UsageProblem(f"--steps {steps}: the target has {len(samples)}, allowed is the same number")
    return samples


def _file_batches(problem: OverlapProblem, options: TaskOptions, dt: float, steps: int | None) -> BatchSource:
    from derive.overlaps.batches.source import one_task
    from derive.overlaps.batches.task_file import task_of_file

    given = [name for name, value in options.given() if name not in ("--task",) and value is not None]
    if given:
        raise UsageProblem(f"{given[0]} with --task {options.task}: the file holds its batch")
    try:
        with refused(f"--task {options.task}: "):
            task = task_of_file(Path(str(options.task)), problem, dt)
    except OSError as reason:
        raise UsageProblem(f"--task {options.task}: cannot be read ({reason.strerror})") from None
    if steps is not None and task.steps != steps:
        raise UsageProblem(f"--steps {steps}: the task has {task.steps}, allowed is the same number")
    return one_task(task)


def _published(
    problem: OverlapProblem, options: TaskOptions, dt: float, steps: int, seed: int
) -> BatchSource:
    """The published tasks, drawn anew at every epoch unless the batch is fixed."""
    name = str(options.task)
    trials = whole_number("--batch", options.batch or TRIALS[name], 1)
    from derive.overlaps.batches import published
    from derive.overlaps.batches.source import BatchSource

    if name != "teacher" and options.teacher is not None:
        raise UsageProblem(f"--teacher {options.teacher}: allowed with --task teacher, or without --task")
    channels = (problem.inputs, problem.outputs)
    if name == "decision" and channels != (1, 1):
        raise UsageProblem(f"--task decision: allowed with one input and one output, not {channels}")
    if name == "flip-flop" and channels[0] != channels[1]:
        raise UsageProblem(f"--task flip-flop: allowed with as many inputs as outputs, not {channels}")
    teacher: Any = _teacher(problem, options) if name == "teacher" else None

    def draw(random: np.random.Generator) -> Any:
        if name == "flip-flop":
            return published.flip_flop_batch(random, trials, dt, steps, channels[0])
        if name == "decision":
            return published.decision_batch(random, trials, dt, steps)
        return published.taught_batch(random, trials, dt, steps, problem, teacher)

    batches = BatchSource(draw, seed, options.fixed_batch)
    with refused(f"--task {name}: "):
        batches.batch(0)
    return batches


def _teacher(problem: OverlapProblem, options: TaskOptions) -> Any:
    """The overlaps of the teacher: from a file, or the published ones for a nonlinear network of rank 1."""
    if options.teacher is not None:
        return read_overlaps(problem, options.teacher, "--teacher")
    if problem.size != 4 or problem.nonlinearity == "linear":
        raise UsageProblem(
            "--task teacher: needed is --teacher JSON (the published one is nonlinear, of rank 1)"
        )
    from derive.overlaps.batches.published import published_teacher

    return published_teacher(problem)
