"""``derive overlap --evolve``: reading overlaps and targets, running descent, printing the curve."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from derive.command_line import UsageProblem, real_number
from derive.commands.data_file import read_json
from derive.commands.deliver import deliver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.overlaps.descent import LearningCurve
    from derive.overlaps.problem import OverlapProblem

SLOW = 2e7  # neurons times steps times epochs above which a progress bar is worth it


def read_overlaps(problem: OverlapProblem, path: Path, option: str) -> Any:
    """S from a file of named overlaps; the linear network must be stable."""
    named = read(path, option)
    if not isinstance(named, dict):
        raise UsageProblem(f"{option} {path}: allowed is an object of named overlaps")
    from derive.overlaps.continuous_filter import UnstableNetwork, effective_system

    try:
        S = problem.matrix(named)
        if problem.nonlinearity == "linear":
            effective_system(problem, S)
    except (ValueError, UnstableNetwork) as reason:
        raise UsageProblem(f"{option} {path}: {reason}") from None
    return S


def read_target(
    problem: OverlapProblem,
    dt: float,
    steps: int | None,
    decay: str | None,
    amplitude: str,
    frequency: str,
    target: Path | None,
    teacher: Path | None,
) -> Any:
    """The samples y*_n, shape (T, outputs, inputs)."""
    if sum(given is not None for given in (decay, target, teacher)) != 1:
        raise UsageProblem("--evolve: allowed is exactly one of --decay, --target and --teacher")
    import numpy as np

    from derive.overlaps.discrete_filter import DiscreteFilter, exponential_target

    if decay is not None:
        infinite = float("inf")
        rate = real_number("--decay", decay, "a number > 0", 0)
        scale = real_number("--amplitude", amplitude, "a number", -infinite)
        turning = real_number("--frequency", frequency, "a number", -infinite)
        return exponential_target(problem, dt, steps or 400, rate, turning, scale)
    if teacher is not None:
        S = read_overlaps(problem, teacher, "--teacher")
        empty = np.zeros((steps or 400, problem.outputs, problem.inputs))
        return DiscreteFilter(problem, dt, empty).response(S)
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


def read(path: Path, option: str) -> Any:
    """What the JSON file of an option holds. Raises UsageProblem."""
    return read_json(path, f"{option} {path}", "allowed is a JSON file")


def learn(
    problem: OverlapProblem,
    S: Any,
    samples: Any,
    dt: float,
    learning_rate: float,
    epochs: int,
    nodes: int,
    out: Path | None,
) -> None:
    """Run descent and print it; stop at a loss that is not finite, keeping what was before."""
    from derive.overlaps.closure import GaussianClosure
    from derive.overlaps.descent import LossNotFinite, descent_curve
    from derive.overlaps.discrete_filter import DiscreteFilter
    from derive.overlaps.tasks import impulse_task

    extra: dict[str, Any] = {}
    try:
        if problem.nonlinearity == "linear":
            curve = descent_curve(problem, DiscreteFilter(problem, dt, samples), S, learning_rate, epochs)
        elif not nodes:
            closure = GaussianClosure(problem, impulse_task(dt, samples))
            curve = descent_curve(problem, closure, S, learning_rate, epochs)
            extra = {"limit": "closure"}
        else:
            task = impulse_task(dt, samples)
            curve, accuracy = _exact_limit(problem, S, task, learning_rate, epochs, nodes)
            extra = {"limit": "exact", "accuracy": accuracy}
    except LossNotFinite as failure:
        if failure.curve is not None:
            deliver(_curve_json(failure.curve, extra), out)
        sys.stderr.write(f"derive: {failure}; every entry before it is kept\n")
        raise typer.Exit(1) from None
    except ValueError as reason:
        raise UsageProblem(str(reason)) from None
    deliver(_curve_json(curve, extra), out)


def _exact_limit(
    problem: OverlapProblem, S: Any, task: Any, learning_rate: float, epochs: int, nodes: int
) -> tuple[LearningCurve, float]:
    """The curve of the quadrature neurons, and its distance from a coarser or another rule."""
    import numpy as np

    from derive.overlaps.neurons import gauss_hermite_neurons, neuron_curve, quasi_random_neurons

    if problem.size == 4:
        rules = [gauss_hermite_neurons(problem, S, nodes), gauss_hermite_neurons(problem, S, nodes - 1)]
    else:
        rules = [quasi_random_neurons(problem, S, 2**nodes, seed) for seed in (0, 1)]
    curves = []
    with _progress(sum(len(rule.X) for rule in rules) * task.steps * epochs > SLOW) as advance:
        for rule in rules:
            curves.append(neuron_curve(problem, task, rule, learning_rate, epochs, advance))
    difference = np.abs(curves[0].overlaps - curves[1].overlaps).max()
    return curves[0], float(difference)


def _progress(wanted: bool) -> Any:
    """A context that gives a function to call once an epoch; a bar on a terminal, else nothing."""
    from contextlib import contextmanager

    @contextmanager
    def shown() -> Iterator[Any]:
        if not (wanted and sys.stderr.isatty()):
            yield lambda: None
            return
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as progress:
            bar = progress.add_task("learning", total=None)
            yield lambda: progress.advance(bar)

    return shown()


def _curve_json(curve: LearningCurve, extra: dict[str, Any]) -> str:
    overlaps = {name: curve.overlap(name).tolist() for name in curve.problem.names}
    return json.dumps({"loss": curve.loss.tolist(), "overlaps": overlaps, **extra}) + "\n"
