"""Check (ii): gradient descent leaves gradient flow in proportion to the learning rate (THEORY 5)."""

from __future__ import annotations

import math

import numpy as np

from derive.exact.momentum import PLAIN, Momentum
from verify.checks.check import Check
from verify.checks.slope import EPOCHS, learning_rate_slope
from verify.truth.descent import descend
from verify.truth.networks import FixedPointNetwork
from verify.truth.precise_flow import flow_state
from verify.truth.precise_networks import network_in_doubles
from verify.truth.setting import Setting

INSTANCE_SIZE = 100
COLUMNS, STEPS = 10, 8
"""Of the extrapolated flow: at half the radius of convergence its error is of relative order 2^-80."""


def learning_rate_checks(setting: Setting, size: int, tau: float, method: Momentum = PLAIN) -> list[Check]:
    """Readout and all that learns in the torch network (fixed point) against its flow at ``tau``.

    The instance has N = min(size, INSTANCE_SIZE) neurons; the law holds at any N. With momentum an epoch is
    eta/(1 - mu) of learning time and the start lags by some 1/(1 - mu) epochs: of so many times as many.
    """
    counts = [math.ceil(method.time_step(1)) * epochs for epochs in EPOCHS]
    instance, train = setting.sample(min(size, INSTANCE_SIZE), 0), setting.task.train
    flow = flow_state(network_in_doubles(instance), setting.target, tau, COLUMNS, train, STEPS)
    Wout = flow.Wout.T.reshape(instance.w.shape)
    exact = {"W": instance.W0 + flow.change, "m": flow.M.reshape(instance.m.shape), "w": Wout}
    errors = []
    for epochs in counts:
        network, rate = FixedPointNetwork(instance, train=train), (1 - method.mu) * tau / epochs
        run = descend(network, setting.array, rate, epochs, momentum=method)
        readout = np.array([values[-1] for values in list(run.observables.values())[: flow.Z.size]])
        learned = {"W": run.W, "m": run.m, "w": run.w}
        errors.append(
            [
                np.linalg.norm(readout - flow.Z.ravel()),
                *(np.linalg.norm(learned[name] - exact[name]) for name in train),
            ]
        )
    names = ("Z" if setting.shape else "readout", *train)
    return [
        learning_rate_slope(
            f"learning rate: {name} of descent against flow (N = {instance.size})", error, tau, counts
        )
        for name, error in zip(names, np.array(errors).T, strict=True)
    ]
