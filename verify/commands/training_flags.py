"""Options of `verify task` and `verify sweep --task` that say how networks are trained."""

from __future__ import annotations

from typing import Any

from derive.command_line import UsageProblem, one_of, real_number, whole_number

NETWORK_TASKS = ("flip-flop", "flip-flop-bits", "mante", "romo", "cosine")
OPTIMIZERS = ("adam", "sgd", "momentum")
NONLINEARITIES = ("tanh", "relu", "linear")
PARTS = ("W", "m", "w")


def strengths(text: str) -> list[float]:
    """``--g``: strengths of W0. Raises UsageProblem."""
    allowed = "numbers >= 0, like 0,0.9"
    parts = text.split(",")
    if not all(parts):
        raise UsageProblem(f"--g {text}: allowed is {allowed}")
    return [real_number("--g", part, allowed, 0, from_low=True) for part in parts]


def training_settings(
    epochs: str | None = None,
    learning_rate: str | None = None,
    optimizer: str | None = None,
    train: str | None = None,
    nonlinearity: str | None = None,
    clip: str | None = None,
) -> dict[str, Any]:
    """What is asked for, as `verify.training.settings.settings_for` takes it. Raises UsageProblem."""
    asked: dict[str, Any] = {}
    if epochs is not None:
        asked["epochs"] = whole_number("--epochs", epochs, 1)
    if learning_rate is not None:
        asked["rate"] = real_number("--learning-rate", learning_rate, "a finite number > 0", 0)
    if optimizer is not None:
        asked["optimizer"] = one_of("--optimizer", optimizer, OPTIMIZERS)
    if nonlinearity is not None:
        asked["nonlinearity"] = one_of("--nonlinearity", nonlinearity, NONLINEARITIES)
    if train is not None:
        parts = train.split(",")
        if not set(parts) <= set(PARTS) or len(set(parts)) < len(parts):
            raise UsageProblem(f"--train {train}: allowed is a non-empty subset of W,m,w")
        asked["train"] = tuple(parts)
    if clip is not None:
        asked["clip"] = real_number("--clip", clip, "a finite number > 0", 0)
    return asked


def check_vectors(size: int, task: Any) -> None:
    """Raises UsageProblem where N neurons have no room for a task's vectors."""
    if size < task.least_size:
        raise UsageProblem(
            f"--size {size}: {task.name} has {task.inputs} input and {task.outputs} readout vectors; "
            f"allowed is N >= {task.least_size}"
        )
