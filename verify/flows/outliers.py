"""What holds a printed outliers' equation of a flow, D(x, tau), and alpha, the multiple of W0 in W.

alpha is seen in a network with one more neuron, apart from all words, whose weight on itself is multiplied by
alpha. D is seen in determinants, at one x:

    D = det(x - W/alpha)/det(x - W0),    dD/dtau = -D tr[(x - U)^-1 dU/dtau],    U = W/alpha.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from derive.arrays import Array
from derive.flow.given.network import FlowInstance
from verify.flows.torch_network import State

MULTIPLE, EQUATION = "multiple_of_W0", "outlier_equation"
EIGENVALUE = Fraction(2)
"""The x at which D is held."""
WEIGHT = 0.25
"""Of the further neuron on itself at the start."""
ROUNDING = 1e-11


def with_further_neuron(network: FlowInstance) -> FlowInstance:
    """The network beside a neuron that no vector meets."""
    size = network.size
    W0 = np.zeros((size + 1, size + 1))
    W0[:size, :size], W0[size, size] = network.W0, WEIGHT
    vectors = {name: np.append(vector, 0.0) for name, vector in network.vectors.items()}
    return replace(network, W0=W0, vectors=vectors)


def multiple(state: State) -> float:
    """alpha, from the state of such a network."""
    return float(state["W"][-1, -1]) / WEIGHT


def multiple_series(W: Array) -> Array:
    """Its coefficients, from those of W, shape (K + 1, N, N)."""
    found: Array = W[:, -1, -1] / WEIGHT
    return found


def without_rounding(W: Array) -> Array:
    """Entries of a coefficient that are rounding beside its largest one as 0."""
    largest = np.abs(W).max(axis=(1, 2), keepdims=True)
    found: Array = np.where(np.abs(W) < ROUNDING * largest, 0.0, W)
    return found


def determinant(W0: Array) -> Callable[[State], float]:
    """D at a state."""
    x = float(EIGENVALUE) * np.eye(len(W0))
    start = np.linalg.slogdet(x - W0)

    def read(state: State) -> float:
        found = np.linalg.slogdet(x - state["W"].numpy() / multiple(state))
        return float(found[0] * start[0] * np.exp(found[1] - start[1]))

    return read


def determinant_series(W: Array) -> Array:
    """The coefficients of D, from those of W."""
    alpha, U = multiple_series(W), np.zeros_like(W)
    for k in range(len(W)):
        U[k] = W[k] - sum((alpha[i] * U[k - i] for i in range(1, k + 1)), np.zeros_like(W[0]))
    inverse = np.linalg.inv(float(EIGENVALUE) * np.eye(len(W[0])) - W[0])
    resolvent: list[Array] = [inverse]
    D: Array = np.eye(len(W))[0]
    for k in range(1, len(W)):
        resolvent.append(inverse @ _product(U, resolvent, k))
    for n in range(1, len(W)):
        rates = [sum(i * np.sum(U[i].T * resolvent[k - i]) for i in range(1, k + 1)) for k in range(1, n + 1)]
        D[n] = -sum(rate * D[n - k] for k, rate in enumerate(rates, 1)) / n
    return D


def _product(U: Array, resolvent: Sequence[Array], k: int) -> Array:
    """Coefficient k of (U - U_0) (x - U)^-1."""
    found: Array = sum((U[i] @ resolvent[k - i] for i in range(1, k + 1)), np.zeros_like(U[0]))
    return found
