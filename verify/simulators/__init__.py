"""Four ways to the same run of gradient descent, from slow and plain to fast (one interface).

- ``unrolled``: (a) backpropagation through the Euler dynamics;
- ``fixed_point``: (b) autograd at the fixed point;
- ``inverse``: (c) rank-one updates of (I - W)^-1, with momentum of few ranks;
- ``reduced``: (d) the same in the bases of the two chains, O(d^2) an epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

from derive.exact.momentum import PLAIN, Momentum
from verify.simulators.run import DEFAULT, DescentTask, Options, SimulatedRun
from verify.simulators.sampling import sample_instance, sample_shuffled

__all__ = [
    "DTYPES",
    "READERS",
    "SIMULATORS",
    "DescentTask",
    "Options",
    "SimulatedRun",
    "sample_instance",
    "sample_shuffled",
    "sample_task",
    "simulate",
    "simulate_together",
]

SIMULATORS = {
    "unrolled": ("verify.simulators.full_networks", "simulate_full"),
    "fixed_point": ("verify.simulators.full_networks", "simulate_full"),
    "inverse": ("verify.simulators.inverse", "simulate_inverse"),
    "reduced": ("verify.simulators.reduced", "simulate_reduced"),
}
TOGETHER = ("unrolled", "fixed_point")
"""Simulators that compute many runs at once."""

READERS = {"tolerance": ("reduced",), "matrix_free": ("reduced", "inverse")}
"""Options that not all simulators read, and those that do."""

DTYPES = ("float64", "float32")


def simulate(
    simulator: str,
    problem: DescentTask,
    options: Options = DEFAULT,
    on_epoch: Callable[[], None] = lambda: None,
) -> SimulatedRun:
    """Run ``problem`` by the simulator of this name; ``on_epoch`` is called after every epoch.

    Raises ValueError where I - W0 is singular (no fixed point).
    """
    module, name = SIMULATORS[simulator]
    function = getattr(import_module(module), name)
    if simulator in TOGETHER:
        (run,) = function(simulator, [problem], options, on_epoch)
    else:
        run = function(problem, options, on_epoch)
    assert isinstance(run, SimulatedRun)
    return run


def simulate_together(
    simulator: str,
    problems: Sequence[DescentTask],
    options: Options = DEFAULT,
    on_epoch: Callable[[], None] = lambda: None,
) -> list[SimulatedRun | ValueError]:
    """The runs of ``problems``, of one size, number of epochs and momentum: `simulate` of each, to rounding.

    Those of `TOGETHER` are one computation, the others follow one another. What `simulate` raises for a
    run stands in its place. Raises ValueError for problems that differ in size, epochs or momentum.
    """
    if simulator in TOGETHER:
        module, name = SIMULATORS[simulator]
        runs: list[SimulatedRun | ValueError] = getattr(import_module(module), name)(
            simulator, problems, options, on_epoch
        )
        return runs
    return [_run_or_reason(simulator, problem, options, on_epoch) for problem in problems]


def _run_or_reason(
    simulator: str, problem: DescentTask, options: Options, on_epoch: Callable[[], None]
) -> SimulatedRun | ValueError:
    try:
        return simulate(simulator, problem, options, on_epoch)
    except ValueError as reason:
        return reason


def sample_task(
    size: int,
    g: float,
    seed: int,
    zhat: float,
    learning_rate: float,
    epochs: int,
    dtype: str = "float64",
    momentum: Momentum = PLAIN,
) -> DescentTask:
    """The run that a seed stands for."""
    return DescentTask(
        sample_instance(size, g, seed, dtype),
        lambda: sample_shuffled(size, g, seed, dtype),
        zhat,
        learning_rate,
        epochs,
        momentum,
    )
