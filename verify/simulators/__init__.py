"""Four ways to the same run of gradient descent, from slow and plain to fast (one interface).

- ``unrolled``: (a) autograd through the Euler dynamics;
- ``fixed_point``: (b) autograd at the fixed point;
- ``inverse``: (c) rank-one updates of (I - W)^-1;
- ``reduced``: (d) the same in the bases of the two chains, O(d^2) an epoch.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from derive.command_line import UsageProblem
from verify.simulators.run import DEFAULT, DescentTask, Options, SimulatedRun
from verify.simulators.sampling import sample_instance, sample_shuffled

__all__ = [
    "DTYPES",
    "READERS",
    "SIMULATORS",
    "DescentTask",
    "Options",
    "SimulatedRun",
    "check_device",
    "sample_instance",
    "sample_shuffled",
    "sample_task",
    "simulate",
]

SIMULATORS = {
    "unrolled": ("verify.simulators.autograd", "simulate_unrolled"),
    "fixed_point": ("verify.simulators.autograd", "simulate_fixed_point"),
    "inverse": ("verify.simulators.inverse", "simulate_inverse"),
    "reduced": ("verify.simulators.reduced", "simulate_reduced"),
}
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
    run: SimulatedRun = getattr(import_module(module), name)(problem, options, on_epoch)
    return run


def sample_task(
    size: int, g: float, seed: int, zhat: float, learning_rate: float, epochs: int, dtype: str = "float64"
) -> DescentTask:
    """The run that a seed stands for."""
    return DescentTask(
        sample_instance(size, g, seed, dtype),
        lambda: sample_shuffled(size, g, seed, dtype),
        zhat,
        learning_rate,
        epochs,
    )


def check_device(device: str) -> None:
    """Raises UsageProblem where torch has no such device."""
    import torch

    if device == "cpu":
        return
    if not device.startswith("cuda"):
        raise UsageProblem(f"device {device}: allowed are cpu, cuda, cuda:0, ...")
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as problem:
        reason = str(problem).splitlines()[0]
        raise UsageProblem(f"device {device}: {reason}; allowed here is cpu") from None
