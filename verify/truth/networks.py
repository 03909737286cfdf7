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
from typing import Any

import torch
from torch import Tensor, nn

from derive import Instance
from derive.flow.fixed_point_task import TRAINABLE

TIME_STEP = 0.5
INPUT_START = 1.0
TRIAL_END = 100.0


class LinearNetwork(nn.Module):
    """W (N, N), input m and readout w of one instance; those named in ``train`` are parameters.

    m and w have the shape (N,), or (N, p) and (q, N) with several inputs and readouts.
    """

    def __init__(
        self,
        instance: Instance,
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
    gives dz/dd_t, and since W x_t, m and d_t enter alike, dz/dW = sum_t (dz/dd_t) x_t^T is one product
    and dz/dm = sum_t dz/dd_t.
    """

    @staticmethod
    def forward(ctx: Any, W: Tensor, m: Tensor, w: Tensor, dt: float, steps: int) -> Tensor:
        with torch.enable_grad():
            drive = torch.zeros(steps, *m.shape, dtype=m.dtype, device=m.device, requires_grad=True)
            fixed, source, x, states = W.detach(), m.detach(), torch.zeros_like(drive[0]), []
            for d in drive:
                states.append(x.detach())
                x = x + dt * (-x + fixed @ x + d + source)
            z = w.detach() @ x
        ctx.z, ctx.drive, ctx.states, ctx.last = z, drive, torch.stack(states), x.detach()
        ctx.shape = w.shape
        return z.detach()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (by_drive,) = torch.autograd.grad(ctx.z, ctx.drive, gradients[0])
        pushes, states = (x.movedim(1, -1).flatten(0, -2) for x in (by_drive, ctx.states))
        last = ctx.last.reshape(len(ctx.last), -1)
        learns_W, learns_m, learns_w, *_ = ctx.needs_input_grad
        return (
            pushes.T @ states if learns_W else None,
            by_drive.sum(dim=0) if learns_m else None,
            (gradients[0].reshape(-1, last.shape[1]) @ last.T).reshape(ctx.shape) if learns_w else None,
            None,
            None,
        )


NETWORKS: dict[str, type[LinearNetwork]] = {"unrolled": UnrolledNetwork, "fixed_point": FixedPointNetwork}
