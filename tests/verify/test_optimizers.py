"""What optimizers move: descent and momentum stay in the chain, Adam does not."""

import numpy as np
import pytest
import torch

from derive import Instance
from derive.exact.descent import descent
from derive.exact.momentum import Momentum
from derive.flow.reduction import instance_bases
from verify.simulators.optimizers import MOMENTUM, OPTIMIZERS, optimizer_run

NETWORK, ZHAT = Instance.sample(64, 0.6, 3), 1.0
REDUCTION, LEFT, RIGHT = instance_bases(NETWORK, 24)
METHODS = {
    "descent": Momentum(),
    "momentum": Momentum(MOMENTUM),
    "nesterov": Momentum(MOMENTUM, nesterov=True),
}


@pytest.mark.parametrize("name", METHODS)
def test_the_reduction_follows(name):
    """Readout and W - W0 of `derive curve --learning-rate --momentum`, from full matrices."""
    run = optimizer_run(NETWORK, ZHAT, name, 0.004, 60)
    exact = descent(REDUCTION, ZHAT, 0.004, 60, keep=True, momentum=METHODS[name])
    np.testing.assert_allclose(run.readout, exact.readout[:-1], rtol=0, atol=1e-11)
    np.testing.assert_allclose(run.change, LEFT.T @ exact.change[-1] @ RIGHT, rtol=0, atol=1e-11)
    assert run.outside(LEFT, RIGHT) < 1e-12


def test_adam_leaves_the_chain():
    """At the end of learning, and after a path as short as that of descent: most of W - W0 lies off 24
    vectors of either side, and its rank is several times that of descent."""
    plain = optimizer_run(NETWORK, ZHAT, "descent", 0.01, 300)
    assert abs(plain.readout[-1] - ZHAT) < 1e-6
    rank = np.sum(plain.singular_values > 1e-3 * plain.singular_values[0])
    assert rank <= 3
    for rate, epochs, length in ((0.002, 200, np.inf), (0.0001, 2000, plain.path_length)):
        adam = optimizer_run(NETWORK, ZHAT, "adam", rate, epochs, length)
        assert adam.outside(LEFT, RIGHT) > 0.3
        assert np.sum(adam.singular_values > 1e-3 * adam.singular_values[0]) >= 2 * rank


def test_adam_is_that_of_torch():
    W = torch.tensor(NETWORK.W0, dtype=torch.float64, requires_grad=True)
    m, w = (torch.tensor(x, dtype=torch.float64) for x in (NETWORK.m, NETWORK.w))
    optimizer = torch.optim.Adam([W], lr=0.002)
    for _ in range(20):
        optimizer.zero_grad()
        z = w @ torch.linalg.solve(torch.eye(len(m), dtype=torch.float64) - W, m)
        ((ZHAT - z) ** 2 / 2).backward()
        optimizer.step()
    change = optimizer_run(NETWORK, ZHAT, "adam", 0.002, 20).change
    np.testing.assert_allclose(change, W.detach().numpy() - NETWORK.W0, rtol=0, atol=1e-9)


def test_unknown_optimizer():
    with pytest.raises(ValueError, match=", ".join(OPTIMIZERS)):
        optimizer_run(NETWORK, ZHAT, "newton", 0.1, 1)
