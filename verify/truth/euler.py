"""The Euler dynamics of many networks at once, and the adjoint of them (THEORY 1).

    x_0 = 0,   x_(t+1) = A x_t + dt m,   A = (1 - dt) + dt W,       z = w.x_n
    p_n = w,   p_t = A^T p_(t+1),                          dz/dW = dt sum_t p_(t+1) x_t^T

Both recursions are loops of one batched product a step, without a graph of operations to be kept, and the
gradient is one product of the stacked p and x. A state is a row: with S networks, W is (S, N, N), the
inputs m (S, p, N), the readouts w (S, q, N), and states are (steps, S, p, N).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def euler_step(W: Tensor, dt: float) -> Tensor:
    """A = (1 - dt) + dt W, shape (S, N, N)."""
    A = dt * W
    A.diagonal(dim1=-2, dim2=-1).add_(1 - dt)
    return A


def last_state(A: Tensor, m: Tensor, dt: float, steps: int) -> Tensor:
    """x_n alone, shape (S, p, N)."""
    source, x = dt * m, torch.zeros_like(m)
    for _ in range(steps):
        x = torch.baddbmm(source, x, A.mT)
    return x


def states(A: Tensor, m: Tensor, dt: float, steps: int) -> Tensor:
    """x_0 to x_n, shape (steps + 1, S, p, N)."""
    source = dt * m
    x = m.new_zeros(steps + 1, *m.shape)
    for t in range(steps):
        torch.baddbmm(source, x[t], A.mT, out=x[t + 1])
    return x


def adjoint_states(A: Tensor, last: Tensor, steps: int) -> Tensor:
    """p_1 to p_n for p_n = ``last`` (S, p, N), shape (steps, S, p, N)."""
    p = last.new_empty(steps, *last.shape)
    p[-1] = last
    for t in range(steps - 1, 0, -1):
        torch.bmm(p[t], A, out=p[t - 1])
    return p


def outer_sum(p: Tensor, x: Tensor) -> Tensor:
    """The sum over steps and inputs of p x^T, shape (S, N, N)."""
    left, right = (rows.transpose(0, 1).flatten(1, 2) for rows in (p, x))
    return torch.bmm(left.mT, right)


class EulerReadout(torch.autograd.Function):
    """z = w.x_n of one network with its gradients by W, m and w.

    W is (N, N), m (N,) or (N, p), w (N,) or (q, N); z has the shape that w @ x has.
    """

    @staticmethod
    def forward(ctx: Any, W: Tensor, m: Tensor, w: Tensor, dt: float, steps: int) -> Tensor:
        size = len(W)
        A = euler_step(W[None], dt)
        x = states(A, m.reshape(size, -1).T[None].contiguous(), dt, steps)
        ctx.save_for_backward(A, x, w)
        ctx.dt, ctx.steps, ctx.shape = dt, steps, m.shape
        return w @ x[-1, 0].T.reshape(m.shape)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        A, x, w = ctx.saved_tensors
        inputs, size = x.shape[-2:]
        gradient = gradients[0].reshape(-1, inputs)
        learns_W, learns_m, learns_w, *_ = ctx.needs_input_grad
        by_W = by_m = None
        if learns_W or learns_m:
            last = (gradient.T @ w.reshape(-1, size))[None]
            p = adjoint_states(A, last, ctx.steps)
            by_W = ctx.dt * outer_sum(p, x[:-1])[0] if learns_W else None
            by_m = ctx.dt * p.sum(dim=0)[0].T.reshape(ctx.shape) if learns_m else None
        by_w = (gradient @ x[-1, 0]).reshape(w.shape) if learns_w else None
        return by_W, by_m, by_w, None, None
