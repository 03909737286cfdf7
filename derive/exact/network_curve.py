"""The exact learning curve of one given network, for every learning time (THEORY 2, 5).

Its reduction to the orthonormal chain takes the place of the limit's; path and clock are the same.
Golub-Kahan bases are nested, so that one reduction gives those of fewer chain vectors. Where the
chain closes (a network of few neurons) nothing is left out; otherwise vectors are added until the
curve stands still. What rounding makes of the network itself, (I - W0)^-1 to the condition number
times 2^-53, is part of the accuracy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from derive.arrays import Array
from derive.exact.learning_curve import LearningCurve
from derive.exact.learning_path import learning_path
from derive.exact.limit import ROUNDING, Curve, standing_curve
from derive.flow.fixed_point_task import parse_train
from derive.flow.instance import Instance
from derive.flow.reduction import Reduction, instance_bases
from derive.reading.arguments import of_kind, target

SIZES = (12, 16, 20, 24, 32, 48)  # numbers of chain vectors tried
STILL = 1e-9  # change of W - W0 on adding chain vectors, relative


class NetworkLearning:
    """Learning of one network towards ``zhat``; ``train`` says what learns, W or W,m,w.

    Raises ValueError where I - W0 is singular, m or w is zero, or the readout starts at zhat.
    """

    def __init__(self, instance: Instance, zhat: float, *, train: str | Sequence[str] = ("W",)) -> None:
        of_kind("instance", instance, Instance, "an Instance")
        target(zhat)
        self.instance, self.zhat, self.train = instance, zhat, parse_train(train)
        self.reduction, self._left, self._right = instance_bases(instance, SIZES[-1])
        start = self.reduction.readout
        if abs(zhat - start) <= ROUNDING * abs(zhat):
            raise ValueError(f"the readout starts at {start}, zhat = {zhat}; allowed are other targets")

    def __repr__(self) -> str:
        return f"<NetworkLearning of {self.instance!r} towards {self.zhat}, {','.join(self.train)} learning>"

    def reduced(self, size: int) -> Reduction:
        """The reduction to at most ``size`` chain vectors."""
        whole = self.reduction
        return Reduction(whole.transfer[:size, :size], whole.alpha[:size], whole.beta[:size], whole.readout)

    def learning(self, size: int = SIZES[-1]) -> LearningCurve:
        """The curve as functions of tau, from at most ``size`` chain vectors."""
        direction = 1 if self.zhat > self.reduction.readout else -1
        path = learning_path(self.reduced(size), train=self.train, direction=direction)
        return LearningCurve(path, self.zhat)

    def curve(
        self, ttilde: Array, *, g: float = 0.0, singular_values: int = 2, tolerance: float = 1e-10
    ) -> Curve:
        """The exact curve at ttilde = beta^2 tau, beta = 1/(1 - g^2); at g = 0 the times are tau.

        Raises ValueError for a tolerance that cannot be met, naming the one that can.
        """
        condition = self.instance.condition
        found = standing_curve(
            self.learning,
            SIZES,
            g,
            self.zhat,
            ttilde,
            singular_values,
            tolerance,
            f"zhat = {self.zhat:g} for this network (condition number of I - W0: {condition:.1g})",
            condition * 2.0**-53,
        )
        return replace(found, neurons=self.instance.size)

    def changes(self, tau: Array) -> Iterator[Array]:
        """W - W0 at learning times ``tau``, shape (N, N) each, with as many chain vectors as it takes.

        Raises ValueError where the largest number of them does not stand still to `STILL`.
        """
        before = np.zeros((len(tau), 0, 0))
        for size in SIZES:
            curve = self.learning(size)
            C = curve.path.change(curve.position(tau)[0])
            known, count = before.shape[1], C.shape[1]
            moved = np.array(C)
            moved[:, :known, :known] -= before
            if count == known or np.linalg.norm(moved) <= STILL * np.linalg.norm(C):
                return (self._left[:count].T @ x @ self._right[:count] for x in C)
            before = C
        raise ValueError(
            f"the flow of this network needs more than {SIZES[-1]} chain vectors (condition number of "
            f"I - W0: {self.instance.condition:.1g}); allowed are networks that are better conditioned"
        )
