"""How networks are trained; what is not asked for comes from the task."""

from __future__ import annotations

from dataclasses import dataclass

from verify.training.dynamics import NONLINEARITIES
from verify.training.networks import PARTS
from verify.training.optimizers import OPTIMIZERS, default_rate
from verify.training.tasks.task import Task


@dataclass(frozen=True)
class Settings:
    """``rate`` is the learning rate; ``clip`` the largest gradient norm of a network, None: no clipping."""

    epochs: int
    optimizer: str
    rate: float
    train: tuple[str, ...]
    nonlinearity: str
    clip: float | None = None
    dtype: str = "float32"

    def __post_init__(self) -> None:
        for name, value, choices in (
            ("optimizer", self.optimizer, OPTIMIZERS),
            ("nonlinearity", self.nonlinearity, NONLINEARITIES),
            ("dtype", self.dtype, ("float32", "float64")),
        ):
            if value not in choices:
                raise ValueError(f"{name} {value}; allowed are {', '.join(choices)}")
        if not self.train or set(self.train) - set(PARTS):
            raise ValueError(
                f"train {','.join(self.train)}; allowed is a non-empty subset of {','.join(PARTS)}"
            )
        if self.epochs < 1 or self.rate <= 0 or (self.clip is not None and self.clip <= 0):
            raise ValueError(
                f"epochs {self.epochs}, rate {self.rate:g}, clip {self.clip}; allowed are epochs >= 1 and "
                "numbers > 0"
            )


def settings_for(
    task: Task,
    size: int,
    g: float,
    epochs: int | None = None,
    optimizer: str | None = None,
    rate: float | None = None,
    train: tuple[str, ...] | None = None,
    nonlinearity: str | None = None,
    clip: float | None = None,
    dtype: str = "float32",
) -> Settings:
    """The settings of one network; raises ValueError naming what was given and what is allowed."""
    chosen = optimizer or task.optimizer
    if rate is None:
        own = task.rate if chosen == task.optimizer else None
        rate = own(size, g) if own is not None else default_rate(chosen, size)
    parts = task.train if train is None else tuple(part for part in PARTS if part in train)
    if train is not None and set(train) - set(PARTS):
        parts = tuple(train)
    return Settings(
        epochs or task.epochs, chosen, rate, parts, nonlinearity or task.nonlinearity, clip, dtype
    )
