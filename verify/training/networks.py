"""Many networks as one array, in the authors' parametrisation of Eqs. 2 and 3.

    h <- (1 - dt) h + dt (W phi(h) + sqrt(N) m u),     z = (w/sqrt(N))^T phi(h),   |m| = |w| = 1

What is trained is W and the vectors as they stand here, sqrt(N) m and w/sqrt(N). Descent on other
multiples of them is descent with other rates; Adam's steps are the same whatever the gradient's
scale, so that under it the parametrisation is part of the learning rule.

One array ``weights`` (network, N + inputs, N) holds W^T above the rows sqrt(N) m: a step of all
networks is then one matrix product, and so is the whole gradient. Readouts are ``readout``
(network, N, outputs).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from verify.training.tasks.task import Task

PARTS = ("W", "m", "w")
WEIGHTS_STREAM, TRIALS_STREAM, TEST_STREAM, SHUFFLE_STREAM = range(4)


@dataclass(frozen=True)
class Identity:
    """What a network and its trials are drawn from; the same in every grid and on every device."""

    size: int
    g: float
    seed: int

    def generator(self, stream: int, block: int = 0) -> np.random.Generator:
        """Independent for every network, stream and block of epochs."""
        millionths = round(self.g * 1e6)
        # a g of more than six decimals has its own draws; those of all others are as they ever were
        exact = [] if millionths / 1e6 == self.g else [int(np.float64(self.g).view(np.uint64))]
        return np.random.default_rng([self.seed, self.size, millionths, stream, block, *exact])


@dataclass(frozen=True, eq=False)
class Network:
    """One network: ``W`` (N, N), ``m`` (inputs, N) of norm sqrt(N), ``w`` (N, outputs) of norm 1/sqrt(N)."""

    W: NDArray[np.floating]
    m: NDArray[np.floating]
    w: NDArray[np.floating]


def initial_network(task: Task, identity: Identity) -> Network:
    """Entries of W0 from N(0, g^2/N); Gaussian vectors brought to their norms exactly."""
    size, rng = identity.size, identity.generator(WEIGHTS_STREAM)
    m = rng.standard_normal((task.inputs, size))
    m *= np.sqrt(size) / np.linalg.norm(m, axis=1, keepdims=True)
    w = rng.standard_normal((size, task.outputs))
    w /= np.sqrt(size) * np.linalg.norm(w, axis=0)
    if task.shared_vector:
        w = m.T / size
    W = identity.g / np.sqrt(size) * rng.standard_normal((size, size))
    return Network(W.astype(np.float32), m.astype(np.float32), w.astype(np.float32))


class Networks:
    """Several networks of one task and size on a device, as tensors that training changes in place."""

    def __init__(
        self,
        task: Task,
        networks: Sequence[Network],
        device: str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        stacked = np.stack([np.concatenate([n.W.T, n.m]) for n in networks])
        self.task = task
        self.size = networks[0].W.shape[0]
        self.weights = torch.tensor(stacked, device=device, dtype=dtype)
        self.readout = torch.tensor(np.stack([n.w for n in networks]), device=device, dtype=dtype)

    def __len__(self) -> int:
        return len(self.weights)

    def parts(self, weights: torch.Tensor, readout: torch.Tensor) -> dict[str, torch.Tensor]:
        """Views of W^T, m and w, of the networks' own arrays or of gradients of their shape."""
        return {"W": weights[:, : self.size], "m": weights[:, self.size :], "w": readout}

    def network(self, index: int) -> Network:
        """A copy of one network, in the precision it is trained in."""
        weights, readout = self.weights[index].cpu().numpy(), self.readout[index].cpu().numpy()
        return Network(weights[: self.size].T.copy(), weights[self.size :].copy(), readout.copy())
