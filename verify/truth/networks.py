"""The paper's two networks in torch, float64 by default (Schuessler et al. 2020, section 3; THEORY 1).

    x_{t+dt} = x_t + dt (-x_t + W x_t + sqrt(N) m u),   x_1 = 0,   u = 1 from t = 1 to T,    unrolled
    x = (I - W)^-1 sqrt(N) m,                                                               fixed point
    z = w.x/sqrt(N)

Of W, m and w what is named is trained. Both are called without arguments and give z with its graph;
sqrt(N) cancels between input and readout and is left out. Several inputs are columns of m, several
readouts rows of w, and z is a matrix then.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from derive import Instance
from derive.flow.fixed_point_task import TRAINABLE
from verify.truth.euler import EulerReadout
from verify.truth.matrix_instance import MatrixInstance

TIME_STEP = 0.5
INPUT_START = 1.0
TRIAL_END = 100.0


class LinearNetwork(nn.Module):
    """W (N, N), input m and readout w of one instance; those named in ``train`` are parameters.

    m and w have the shape (N,), or (N, p) and (q, N) with several inputs and readouts.
    """

    def __init__(
        self,
        instance: Instance | MatrixInstance,
        dtype: torch.dtype = torch.float64,
        device: str = "cpu",
        train: Sequence[str] = ("W",),
    ) -> None:
        super().__init__()
        arrays = (instance.W0, instance.m, instance.w)
        self.W, self.m, self.w = (
            nn.Parameter(torch.tensor(array, dtype=dtype, device=device), requires_grad=name in train)
            for name, array in zip(TRAINABLE, arrays, strict=True)
        )


class FixedPointNetwork(LinearNetwork):
    """The readout at the fixed point, by a linear solve."""

    def forward(self) -> Tensor:
        identity = torch.eye(len(self.m), dtype=self.m.dtype, device=self.m.device)
        readout: Tensor = self.w @ torch.linalg.solve(identity - self.W, self.m)
        return readout


class UnrolledNetwork(LinearNetwork):
    """The readout at time T of the Euler dynamics (`verify.truth.euler`)."""

    steps = round((TRIAL_END - INPUT_START) / TIME_STEP)

    def forward(self) -> Tensor:
        readout: Tensor = EulerReadout.apply(  # type: ignore[no-untyped-call]
            self.W, self.m, self.w, TIME_STEP, self.steps
        )
        return readout


NETWORKS: dict[str, type[LinearNetwork]] = {"unrolled": UnrolledNetwork, "fixed_point": FixedPointNetwork}
