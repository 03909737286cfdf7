"""Descent with momentum, the rule of one epoch (THEORY 10); light, for command lines that only read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Momentum:
    """``mu``, 0 <= mu < 1, 0: plain descent; ``nesterov``: the gradient is taken at W + mu V.

    The rule of an epoch, for whatever can be added (arrays, torch's tensors, weights of a sum): `velocity`
    and `step`. Raises ValueError for other mu.
    """

    mu: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.mu < 1:
            raise ValueError(f"momentum {self.mu}: allowed is 0 <= mu < 1")

    @property
    def stable_below(self) -> float:
        """The eta h below which descent is linearly stable at a minimum."""
        return 2 * (1 + self.mu) / (1 + 2 * self.mu * self.nesterov)

    def time_step(self, learning_rate: float) -> float:
        """Learning time of one epoch where steps are small: eta/(1 - mu)."""
        return learning_rate / (1 - self.mu)

    def radius(self, step: float) -> float:
        """What the error falls by an epoch near a minimum, ``step`` = eta h: the larger root of

        e'' = (1 + mu - eta h) e' - mu e, with Nesterov's method e'' = (1 - eta h) ((1 + mu) e' - mu e).
        """
        now, before = 1 + self.mu - step, self.mu
        if self.nesterov:
            now, before = (1 - step) * (1 + self.mu), (1 - step) * self.mu
        inner = now * now - 4 * before
        return float((abs(now) + inner**0.5) / 2 if inner >= 0 else before**0.5)

    def velocity(self, before: Any, force: Any) -> Any:
        """V from V before the epoch and ``force`` = eta (zhat - z) dz/dW, G in the formulas."""
        return self.mu * before + force if self.mu else force

    def step(self, velocity: Any, force: Any) -> Any:
        """How far that goes where gradients are taken: W of the heavy ball, W + mu V of Nesterov's."""
        return force + self.mu * velocity if self.nesterov and self.mu else velocity

    def response(self, epochs: int) -> Array:
        """How far a force of 1 has moved that point after 1, 2, ... ``epochs`` epochs; towards 1/(1 - mu)."""
        import numpy as np

        velocity, moved, force = 0.0, np.zeros(epochs), 1.0
        for epoch in range(epochs):
            velocity = self.velocity(velocity, force)
            moved[epoch] = self.step(velocity, force)
            force = 0.0
        return np.cumsum(moved)


PLAIN = Momentum()
