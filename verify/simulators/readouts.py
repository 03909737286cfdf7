"""The readouts of many networks and their gradients by W, as one function of all their W.

W is (S, N, N), m and w are (S, N): z is (S,) and dz/dW (S, N, N), nan for a network without a fixed point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import torch
from torch import Tensor

from verify.device import recorded
from verify.truth.euler import adjoint_states, euler_step, last_state, outer_sum, states
from verify.truth.networks import TIME_STEP, UnrolledNetwork

T = TypeVar("T")


class Readouts(Protocol):
    """z, and z with dz/dW."""

    def readout(self, W: Tensor) -> Tensor: ...
    def with_gradient(self, W: Tensor) -> tuple[Tensor, Tensor]: ...


class UnrolledReadouts:
    """Euler steps to T = 100, and the adjoint of them; on a GPU a recorded graph of launches each."""

    def __init__(self, m: Tensor, w: Tensor) -> None:
        self._m, self._w = m[:, None], w[:, None]
        self._steps = UnrolledNetwork.steps
        self.readout: Callable[[Tensor], Tensor] = Recorded(self._readout)
        self.with_gradient: Callable[[Tensor], tuple[Tensor, Tensor]] = Recorded(self._with_gradient)

    def _readout(self, W: Tensor) -> Tensor:
        x = last_state(euler_step(W, TIME_STEP), self._m, TIME_STEP, self._steps)
        return (self._w * x).sum(dim=(1, 2))

    def _with_gradient(self, W: Tensor) -> tuple[Tensor, Tensor]:
        A = euler_step(W, TIME_STEP)
        x = states(A, self._m, TIME_STEP, self._steps)
        p = adjoint_states(A, self._w, self._steps)
        return (self._w * x[-1]).sum(dim=(1, 2)), TIME_STEP * outer_sum(p, x[:-1])


class FixedPointReadouts:
    """A linear solve, and autograd's derivative of it."""

    def __init__(self, m: Tensor, w: Tensor) -> None:
        self._m, self._w = m, w

    def readout(self, W: Tensor) -> Tensor:
        identity = torch.eye(W.shape[-1], dtype=W.dtype, device=W.device)
        # unlike solve, it goes on where one network of many has no fixed point
        x, singular = torch.linalg.solve_ex(identity - W, self._m)
        z = (self._w * x).sum(dim=1)
        return torch.where(singular == 0, z, torch.full_like(z, torch.nan))

    def with_gradient(self, W: Tensor) -> tuple[Tensor, Tensor]:
        W = W.detach().requires_grad_()
        with torch.enable_grad():
            z = self.readout(W)
        (gradient,) = torch.autograd.grad(z.sum(), W)
        return z.detach(), gradient


class Recorded(Generic[T]):
    """A function of one tensor that is called again and again.

    On a GPU the first call with an argument of its kind (shape, precision, device) records what it launches
    (`verify.device.recorded`), and every call replays that in one launch, where the launches themselves
    would take longer than the work: what a call returns is overwritten by the next. Elsewhere the function
    is called.
    """

    def __init__(self, function: Callable[[Tensor], T]) -> None:
        self._function = function
        self._replays: dict[object, tuple[Tensor, Callable[[], None], T]] = {}

    def __call__(self, argument: Tensor) -> T:
        if not argument.is_cuda:
            return self._function(argument)
        kind = argument.shape, argument.dtype, argument.device
        if kind not in self._replays:
            held = argument.clone()
            self._replays[kind] = (held, *recorded(lambda: self._function(held), held.device))
        held, replay, result = self._replays[kind]
        held.copy_(argument)
        replay()
        return result


READOUTS: dict[str, Callable[[Tensor, Tensor], Readouts]] = {
    "unrolled": UnrolledReadouts,
    "fixed_point": FixedPointReadouts,
}
