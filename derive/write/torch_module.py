"""A self-contained module of an overlap system on torch tensors: any loss that torch can differentiate."""

from __future__ import annotations

from dataclasses import replace

from derive.overlaps.gram_flow import GramFlow
from derive.write.code.python import python
from derive.write.modules.overlap import overlap_module

USE = """\
``loss`` is any scalar function of the tensor S, shape (P, P), that torch can differentiate; the
entries of S count as variables of their own, so that it may read either triangle. Everything here can
be differentiated in turn, by S, by the learning rate and by what else ``loss`` holds, and takes torch.func
(vmap over S of shape (P, P), jacrev, jvp); torch.no_grad spares the graph."""

TORCH = '''

import torch

LEARNS = torch.tensor({learns})


def named(S):
    """The overlaps of S, shape (..., P, P), by name."""
    pairs = [(i, j) for i in range(len(VECTORS)) for j in range(i, len(VECTORS))]
    return {{name: S[..., i, j] for name, (i, j) in zip(OVERLAPS, pairs)}}


def update(loss, S):
    """The loss and F, shape (P, P), at S: dX/dtau = -X F."""
    with torch.inference_mode(False):
        point = S.clone() if S.is_inference() else S
        D, value = torch.func.grad_and_value(loss)(point)
    return value, (D + D.T) * LEARNS.to(S)


def flow(loss, S):
    """dS/dtau under gradient flow."""
    _, F = update(loss, S)
    return -(S @ F + F.T @ S)


def descend(loss, S, learning_rate):
    """The loss at S, and S after one epoch of gradient descent with learning rate N*learning_rate."""
    value, F = update(loss, S)
    step = torch.eye(len(S), dtype=S.dtype, device=S.device) - learning_rate * F
    return value, step.T @ S @ step
'''


def overlap_torch(system: GramFlow, header: str) -> str:
    """Source of the module; the same bytes on every machine."""
    module = overlap_module(system, header, USE)
    text = TORCH.format(learns=list(system.problem.learns)).lstrip("\n")
    return python(replace(module, functions=(), appendix=text))
