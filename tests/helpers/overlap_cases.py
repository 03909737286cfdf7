"""Overlap problems and networks that several tests share; the simulator is plain torch autograd."""

import numpy as np
import torch
from rank_one import RANK_ONE as RANK_ONE

from derive.overlaps.problem import OverlapProblem


def random_overlaps(problem: OverlapProblem, seed: int) -> np.ndarray:
    """A positive definite S with a stable effective network."""
    mixing = 0.3 * np.random.default_rng(seed).standard_normal((problem.size, problem.size))
    return 0.5 * mixing @ mixing.T + 0.6 * np.eye(problem.size)


def phi_of(name: str):
    """The nonlinearity as torch knows it."""
    return {
        "linear": lambda h: h,
        "erf": lambda h: torch.erf(np.sqrt(np.pi) / 2 * h),
        "tanh": torch.tanh,
        "relu": torch.relu,
    }[name]


def simulated_loss(problem, X, dt, inputs, targets, weights, phi="linear"):
    """The loss of the full network, N neurons, Euler steps, one column of h a trial."""
    count, act = len(X), phi_of(phi)
    Z, V, M, U = (X[:, problem.blocks[letter]] for letter in "zvmu")
    h = torch.zeros(count, len(inputs), dtype=X.dtype)
    total = 0.0
    for n in range(inputs.shape[1]):
        h = h + dt * (-h + U @ (V.T @ act(h)) / count + M @ inputs[:, n].T)
        total = total + (weights[:, n] * ((Z.T @ act(h)).T / count - targets[:, n]) ** 2).sum()
    return total


def train(problem, X, task, learning_rate, epochs, phi="linear", dtype=torch.float64):
    """Gradient descent on X with learning rate N * ``learning_rate``: losses and S, each epoch."""
    parameters = torch.tensor(X, dtype=dtype, requires_grad=True)
    arrays = [torch.tensor(a, dtype=dtype) for a in (task.inputs, task.targets, task.weights)]
    learns = torch.tensor(problem.learns, dtype=dtype)
    losses, overlaps = [], []
    for _ in range(epochs + 1):
        loss = simulated_loss(problem, parameters, task.dt, *arrays, phi=phi)
        losses.append(loss.item())
        overlaps.append((parameters.T @ parameters / len(X)).detach().double().numpy())
        (gradient,) = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            parameters -= learning_rate * len(X) * learns * gradient
    return np.array(losses), np.array(overlaps)
