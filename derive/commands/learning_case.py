"""What the commands about one course of learning share: their options, and the limit or network meant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from derive.command_line import UsageProblem, real_number, refused, takes
from derive.commands.options import strength_of

if TYPE_CHECKING:
    import numpy as np

    from derive.exact.learning_curve import LearningCurve
    from derive.exact.network_curve import NetworkLearning

Strength = Annotated[str | None, takes("G", "Strength of W0, 0 <= G < 1.", "--g")]
Target = Annotated[str | None, takes("Z", "Target, Z > 0; of a network any but 0.", "--zhat")]
Network = Annotated[
    Path | None,
    takes(
        "FILE",
        "One network, numpy.savez(FILE, W0=..., m=..., w=...), instead of the limit; --g then only "
        "sets the scale of ttilde, without it ttilde is tau.",
        "--network",
    ),
]
Times = Annotated[str | None, takes("T1,T2,...", "Effective times ttilde = beta**2 * tau >= 0.", "--times")]
Until = Annotated[str | None, takes("T", "Evenly spaced ttilde from 0 to T > 0.", "--until")]


@dataclass(frozen=True)
class Case:
    """What is asked for: the limit, or ``network`` on the time scale of ``g``."""

    g: float
    zhat: float
    alignment: float
    train: tuple[str, ...]
    network: NetworkLearning | None

    @property
    def flow(self) -> LearningCurve:
        """Gradient flow as functions of tau."""
        if self.network is not None:
            return self.network.learning()
        from derive.exact.limit import learning_curve

        return learning_curve(self.g, self.zhat, alignment=self.alignment, train=self.train)

    @property
    def neurons(self) -> int | None:
        """The size of the network, None for the limit."""
        return None if self.network is None else self.network.instance.size


def strength_and_target(
    g: str | None, zhat: str | None, network: Path | None, command: str
) -> tuple[float, float]:
    """g and zhat from their options; of a network zhat may be negative, and g is 0 where it is not given."""
    if zhat is None and network is not None:
        raise UsageProblem(f"--zhat is needed with --network {network}: allowed is a number other than 0")
    if zhat is None or (g is None and network is None):
        raise UsageProblem(f"--g and --zhat are needed (try: derive {command} --g 0.6 --zhat 2)")
    strength = 0.0 if g is None else strength_of(g)
    if network is None:
        return strength, real_number("--zhat", zhat, "a number > 0", 0)
    target = real_number("--zhat", zhat, "a number other than 0", -math.inf)
    if target == 0:
        raise UsageProblem(f"--zhat {zhat}: allowed is a number other than 0")
    return strength, target


def network_learning(path: Path | None, zhat: float, train: tuple[str, ...]) -> NetworkLearning | None:
    """Learning of the network in a file; None for none. Raises UsageProblem."""
    if path is None:
        return None
    from derive.commands.network_file import read_network
    from derive.exact.network_curve import NetworkLearning

    with refused(f"{path}: "):
        return NetworkLearning(read_network(path), zhat, train=train)


def effective_times(times: str | None, until: str | None, count: int, case: Case) -> np.ndarray:
    """ttilde from --times, or ``count`` even ones up to --until or else past the end of learning."""
    import numpy as np

    if times is not None and until is not None:
        raise UsageProblem("--times and --until are both given: allowed is one of them")
    if times is not None:
        allowed = "a list of numbers >= 0"
        return np.array([real_number("--times", t, allowed, 0, from_low=True) for t in times.split(",")])
    if until is not None:
        last = real_number("--until", until, "a number > 0", 0)
    else:
        scale = 1 / ((1 - case.g) * (1 + case.g)) ** 2
        last = 1.6 * scale * case.flow.time_to(0.05)
        last = float(f"{last:.1g}") if last < 1e300 else last
    return np.linspace(0, last, count)
