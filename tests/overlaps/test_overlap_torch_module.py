"""The emitted torch module differentiated through and through, against differences."""

import numpy as np
import pytest
import torch
from overlap_cases import random_overlaps
from slow_cases import slow_but

from derive.overlaps.descent import descend
from derive.overlaps.discrete_filter import DiscreteFilter, exponential_target
from derive.overlaps.gram_flow import gram_flow
from derive.overlaps.problem import OverlapProblem
from derive.write.torch_module import overlap_torch

DT, STEPS = 0.1, 20
PROBLEM = OverlapProblem(2, frozen=("u1",))


@pytest.fixture(scope="module")
def module():
    namespace = {}
    exec(overlap_torch(gram_flow(PROBLEM), ""), namespace)
    return namespace


def loss(S, decay=0.3):
    A = (1 - DT) * torch.eye(3, dtype=S.dtype)
    A = torch.cat([A[:1], A[1:] + DT * S[1:3, 3:]])
    k, total = torch.eye(3, 1, dtype=S.dtype), 0
    times = DT * torch.arange(1, STEPS + 1, dtype=S.dtype)
    for wanted in torch.exp(-decay * times):
        total = total + DT * ((S[:1, 3:] @ k - wanted) ** 2).sum()
        k = A @ k
    return total


def start():
    return torch.tensor(random_overlaps(PROBLEM, 1))


def after(module, S, rate, epochs=5, decay=0.3):
    for _ in range(epochs):
        _, S = module["descend"](lambda x: loss(x, decay), S, rate)
    return loss(S, decay)


def test_derivative_by_the_learning_rate(module):
    rate = torch.tensor(0.02, dtype=torch.float64, requires_grad=True)
    (found,) = torch.autograd.grad(after(module, start(), rate), rate)
    e = 1e-5
    expected = (after(module, start(), 0.02 + e) - after(module, start(), 0.02 - e)) / (2 * e)
    assert found.item() == pytest.approx(expected.item(), rel=1e-7)


def test_derivative_by_what_the_loss_holds(module):
    decay = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    (found,) = torch.autograd.grad(after(module, start(), 0.02, decay=decay), decay)
    e = 1e-4
    expected = (
        (after(module, start(), 0.02, decay=0.3 + e) - after(module, start(), 0.02, decay=0.3 - e)) / 2 / e
    )
    assert found.item() == pytest.approx(expected.item(), rel=1e-6)


@pytest.mark.parametrize("way", slow_but(["jacrev"], ["jacrev", "jacfwd", "autograd"]))
def test_jacobian_of_the_flow(module, way):
    def flow(S):
        return module["flow"](loss, S)

    S, e = start(), 1e-5
    jacobian = {
        "jacrev": lambda: torch.func.jacrev(flow)(S),
        "jacfwd": lambda: torch.func.jacfwd(flow)(S),
        "autograd": lambda: torch.autograd.functional.jacobian(flow, S),
    }[way]()
    for i, j in ((0, 3), (3, 0), (2, 4), (1, 1)):
        unit = torch.zeros_like(S)
        unit[i, j] = e
        expected = (flow(S + unit) - flow(S - unit)) / (2 * e)
        assert (jacobian[:, :, i, j] - expected).abs().max() < 1e-8


def test_vmap_over_networks(module):
    several = torch.stack([torch.tensor(random_overlaps(PROBLEM, seed)) for seed in range(3)])
    values, found = torch.func.vmap(lambda S: module["descend"](loss, S, 0.02))(several)
    for S, value, moved in zip(several, values, found, strict=True):
        one, expected = module["descend"](loss, S, 0.02)
        assert value == pytest.approx(one.item(), rel=1e-14)
        assert (moved - expected).abs().max() < 1e-14


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_without_a_graph(module, context):
    """The numbers are those of the exact map, and no graph is left."""
    with context():
        S = start()
        for _ in range(5):
            value, S = module["descend"](loss, S, 0.02)
    assert not S.requires_grad
    samples = DiscreteFilter(PROBLEM, DT, exponential_target(PROBLEM, DT, STEPS, 0.3))
    run = descend(PROBLEM, samples, start().numpy(), 0.02)
    states = [next(run) for _ in range(6)]
    assert value.item() == pytest.approx(states[4][0], rel=1e-13)
    assert np.abs(S.numpy() - states[5][1]).max() < 1e-13


def test_constant_loss_moves_nothing(module):
    value, S = module["descend"](lambda S: torch.tensor(2.0, dtype=S.dtype), start(), 0.02)
    assert value.item() == 2
    assert torch.equal(S, start())
    assert module["flow"](lambda S: torch.zeros((), dtype=S.dtype), start()).abs().max() == 0


def test_single_precision(module):
    value, S = module["descend"](loss, start().float(), 0.02)
    assert S.dtype == value.dtype == torch.float32
