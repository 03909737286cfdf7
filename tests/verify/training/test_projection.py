"""The spans of the chain, on the linear task they are derived for."""

import numpy as np
import pytest

from verify.training import Task, Trials, train
from verify.training.networks import initial_network
from verify.training.projection import SPANS, explained, spans


def _constant(rng, count):
    """The paper's simplified task: a constant input, the readout at the end is to be 0.5."""
    mask = np.zeros((count, 120, 1))
    mask[:, -2:] = 1
    return Trials(np.ones((count, 120, 1)), np.full((count, 120, 1), 0.5), mask)


LINEAR = Task("constant", 1, 1, _constant, 160, batch=1, nonlinearity="linear", train=("W",), optimizer="sgd")


@pytest.fixture(scope="module")
def run():
    return train(LINEAR, 40, (0.4,), rate=0.01, dtype="float64")[0]


def test_the_chain_explains_the_linear_task(run):
    found = explained(LINEAR, run)
    first, last = found.both[0], found.both[-1]
    assert first[SPANS.index("vectors")] < 0.95
    gaps = 1 - last[1:]
    assert gaps[0] > 3 * gaps[1] > 0
    assert gaps[1] > 3 * gaps[2] > 0
    assert gaps[2] < 1e-3
    assert (found.both <= np.minimum(found.left, found.right) + 1e-6).all()  # kept in float32


@pytest.mark.slow
def test_the_change_leaves_the_first_order_as_its_square():
    """After e steps the second order is to the first as tau (e - 1): its part of |dW|^2 is the square."""
    (run,) = train(LINEAR, 40, (0.4,), rate=0.002, dtype="float64")
    found = explained(LINEAR, run)
    leaving = 1 - found.both[:2, SPANS.index("chain 1")]
    assert found.epochs[:2].tolist() == [4, 8]
    assert leaving[1] / leaving[0] == pytest.approx((7 / 3) ** 2, rel=0.02)  # tau = 0.016: third order


def test_the_first_update_is_the_first_order(run):
    start = initial_network(LINEAR, run.identity)
    (once,) = train(LINEAR, 40, (0.4,), rate=0.01, epochs=1, dtype="float64")
    change = once.end.W - start.W
    B = np.linalg.inv(np.eye(40) - start.W.astype(float))
    expected = np.outer(B.T @ start.w[:, 0], B @ start.m[0])
    cosine = (change * expected).sum() / np.linalg.norm(change) / np.linalg.norm(expected)
    assert cosine > 1 - 1e-4


def test_random_changes_are_explained_by_chance(run):
    bases = spans(initial_network(LINEAR, run.identity))
    change = np.random.default_rng(0).standard_normal((400, 40, 40))
    for (one, other), chance in zip(bases, explained(LINEAR, run).chance, strict=True):
        assert one.T @ one == pytest.approx(np.eye(one.shape[1]), abs=1e-10)
        parts = ((one.T @ change @ other) ** 2).sum(axis=(1, 2)) / (change**2).sum(axis=(1, 2))
        assert parts.mean() == pytest.approx(chance, abs=4 * parts.std() / 20)


def test_without_w0_the_chains_are_the_vectors():
    (run,) = train(LINEAR, 20, (0.0,), rate=0.01, epochs=40)
    found = explained(LINEAR, run)
    np.testing.assert_allclose(found.both[:, 0], found.both[:, 1], atol=1e-10)
    assert found.both[-1, 2] > 1 - 1e-6  # m and w on both sides: all there is at g = 0
