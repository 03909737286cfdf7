"""What a task is: a function that draws trials, and the numbers a network and its training need of it.

A task of your own is a function and three lines:

    import numpy as np
    from verify.training import Task, Trials, train

    def trials(rng, count):                       # a constant in, its square out, at the end
        level = rng.uniform(-1, 1, (count, 1, 1))
        inputs = np.broadcast_to(level, (count, 20, 1))
        mask = np.zeros((count, 20, 1)); mask[:, 15:] = 1
        return Trials(inputs, inputs**2, mask)

    square = Task("square", inputs=1, outputs=1, trials=trials, epochs=300)
    runs = train(square, size=64, g=(0.0, 0.9), seeds=(0, 1))
    print([run.convergence_epoch for run in runs])
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Trials:
    """``inputs`` (trial, step, input), ``targets`` and ``mask`` (trial, step, output).

    Step n's input drives the state from n to n + 1; its target belongs to the readout after it.
    """

    inputs: NDArray[Any]
    targets: NDArray[Any]
    mask: NDArray[Any]

    def __post_init__(self) -> None:
        for name in ("inputs", "targets", "mask"):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype=np.float32))
        trials, steps = self.inputs.shape[:2]
        if self.targets.shape != self.mask.shape or self.targets.shape[:2] != (trials, steps):
            raise ValueError(
                f"inputs {self.inputs.shape}, targets {self.targets.shape}, mask {self.mask.shape}; "
                "allowed are (trial, step, input), (trial, step, output) and the targets' shape"
            )
        if not self.mask.any():
            raise ValueError("a mask of zeros: no readout would be trained; allowed is a mask with ones")


@dataclass(frozen=True, eq=False)
class Task:
    """A task by the function ``trials(rng, count)``, which draws everything it draws from ``rng``.

    ``figure()`` gives the trials that a figure shows. ``dt``: Euler's step in time constants;
    ``batch``: fresh trials of an update; ``epochs``: updates. A network starts from h = 0, or, with
    ``starts_at_input``, from its first input vector; with ``shared_vector`` its readout vector is its
    input vector (w = m). The rest are what it is trained with where nothing else is asked for;
    ``rate`` gives the learning rate for N neurons and strength g, ``strengths`` the g of a full grid.
    """

    name: str
    inputs: int
    outputs: int
    trials: Callable[[np.random.Generator, int], Trials]
    epochs: int = 1000
    figure: Callable[[], Trials] | None = None
    dt: float = 0.5
    batch: int = 32
    nonlinearity: str = "tanh"
    starts_at_input: bool = False
    shared_vector: bool = False
    train: tuple[str, ...] = ("W", "m", "w")
    optimizer: str = "adam"
    rate: Callable[[int, float], float] | None = None
    strengths: tuple[float, ...] = (0.0, 0.9)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w][\w -]*", self.name):  # a folder of a store is called so
            raise ValueError(f"name {self.name!r}; allowed are letters, digits, spaces, _ and -")

    @property
    def least_size(self) -> int:
        """Neurons that its input and readout vectors need to be independent."""
        return max(2, self.inputs + (0 if self.shared_vector else self.outputs))


def strengths_to(last: float) -> tuple[float, ...]:
    """0, 0.3, 0.6, ... up to ``last``, as the paper's figures have them.

    >>> strengths_to(0.9)
    (0.0, 0.3, 0.6, 0.9)
    """
    return tuple(round(0.3 * k, 1) for k in range(round(last / 0.3) + 1))


def steps(time: float | NDArray[np.float64], dt: float) -> NDArray[np.int64]:
    """Whole Euler steps in a time, rounded down (times of the tasks are multiples of dt this way)."""
    return np.floor(np.asarray(time) / dt + 1e-9).astype(np.int64)
