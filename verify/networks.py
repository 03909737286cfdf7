"""The paper's two networks in torch, float64 by default (Schuessler et al. 2020, section 3; THEORY 1).

    x_{t+dt} = x_t + dt (-x_t + W x_t + sqrt(N) m u),   x_1 = 0,   u = 1 from t = 1 to T,    unrolled
    x = (I - W)^-1 sqrt(N) m,                                                               fixed point
    z = w.x/sqrt(N)

Only W is trained. Both are called without arguments and give z with its graph; sqrt(N) cancels
between input and readout and is left out. Several inputs are columns of m, several readouts rows of w,
and z is a matrix then.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from derive import Instance

TIME_STEP = 0.5
INPUT_START = 1.0
TRIAL_END = 100.0


class LinearNetwork(nn.Module):
    """W (a parameter, shape (N, N)), input m and readout w of one instance.

    Shapes (N,), or m (N, p) and w (q, N) with several inputs and readouts.
    """

    def __init__(self, instance: Instance, dtype: torch.dtype = torch.float64, device: str = "cpu") -> None:
        super().__init__()
        self.W = nn.Parameter(torch.tensor(instance.W0, dtype=dtype, device=device))
        self.m = torch.tensor(instance.m, dtype=dtype, device=device)
        self.w = torch.tensor(instance.w, dtype=dtype, device=device)


class FixedPointNetwork(LinearNetwork):
    """The readout at the fixed point, by a linear solve."""

    def forward(self) -> Tensor:
        identity = torch.eye(len(self.m), dtype=self.m.dtype, device=self.m.device)
        return self.w @ torch.linalg.solve(identity - self.W, self.m)


class UnrolledNetwork(LinearNetwork):
    """The readout at time T of the Euler dynamics."""

    steps = round((TRIAL_END - INPUT_START) / TIME_STEP)

    def forward(self) -> Tensor:
        readout: Tensor = _Unrolled.apply(self.W, self.m, self.w, TIME_STEP, self.steps)
        return readout


class _Unrolled(torch.autograd.Function):
    """z after ``steps`` Euler steps, with autograd through time.

    Autograd by itself adds one N x N outer product to W's gradient at every time step, which costs
    more than all else. Here each step also gets a zero drive d_t where W x_t enters, autograd
    gives dz/dd_t, and since W x_t and d_t enter alike, dz/dW = sum_t (dz/dd_t) x_t^T is one product.
    """

    @staticmethod
    def forward(ctx: Any, W: Tensor, m: Tensor, w: Tensor, dt: float, steps: int) -> Tensor:
        with torch.enable_grad():
            drive = torch.zeros(steps, *m.shape, dtype=m.dtype, device=m.device, requires_grad=True)
            fixed, x, states = W.detach(), torch.zeros_like(m), []
            for d in drive:
                states.append(x.detach())
                x = x + dt * (-x + fixed @ x + d + m)
            z = w @ x
        ctx.z, ctx.drive, ctx.states = z, drive, torch.stack(states)
        return z.detach()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None, None]:
        (by_drive,) = torch.autograd.grad(ctx.z, ctx.drive, gradients[0])
        by_drive, states = (x.movedim(1, -1).flatten(0, -2) for x in (by_drive, ctx.states))
        return by_drive.T @ states, None, None, None, None


NETWORKS: dict[str, type[LinearNetwork]] = {"unrolled": UnrolledNetwork, "fixed_point": FixedPointNetwork}
