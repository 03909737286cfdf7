"""Check (ii): gradient descent leaves gradient flow in proportion to the learning rate (THEORY 5).

The same instance, the same learning time tau, ever more and smaller steps: the deviation is
c eta + O(eta^2), so its local slope log2(e(eta)/e(eta/2)) tends to 1 linearly in eta and one
Richardson step removes that correction.
"""

from __future__ import annotations

import numpy as np

from derive import Instance, gradient_flow
from derive.flow.problem import FixedPointTask
from verify.checks.check import Check
from verify.comparison.request import PAPERS_TASK
from verify.truth.descent import descend
from verify.truth.networks import FixedPointNetwork

INSTANCE_SIZE = 100
EPOCHS = (16, 32, 64)
LEAST_TOLERANCE = 0.002


def learning_rate_checks(
    g: float, zhat: float, size: int, tau: float, task: FixedPointTask = PAPERS_TASK
) -> list[Check]:
    """Readout and all that learns in the torch network (fixed point) against its flow at ``tau``.

    The instance has N = min(size, INSTANCE_SIZE) neurons; the law holds at any N.
    """
    instance = Instance.sample(min(size, INSTANCE_SIZE), g, 0, float(task.alignment))
    flow = gradient_flow(instance, zhat, [tau], train=task.train)
    errors = []
    for epochs in EPOCHS:
        run = descend(FixedPointNetwork(instance, train=task.train), zhat, tau / epochs, epochs)
        distances = {
            "W": run.W - instance.W0 - flow.change[0],
            "m": run.m - instance.m - flow.input_change[0],
            "w": run.w - instance.w - flow.readout_change[0],
        }
        errors.append(
            (
                abs(run.observables["readout"][-1] - flow.readout[0]),
                *(np.linalg.norm(distances[name]) for name in task.train),
            )
        )
    return [
        learning_rate_slope(
            f"learning rate: {name} of descent against flow (N = {instance.size})", error, tau
        )
        for name, error in zip(("readout", *task.train), np.array(errors).T, strict=True)
    ]


def learning_rate_slope(name: str, errors: np.ndarray, tau: float) -> Check:
    """The slope of errors after `EPOCHS` steps to ``tau`` against 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        coarse, fine = np.log2(errors[:-1] / errors[1:])
    return Check(
        name,
        float(2 * fine - coarse),
        1.0,
        max(float(abs(fine - coarse)), LEAST_TOLERANCE),
        f"error ~ eta at tau = {tau:.4g} in {', '.join(map(str, EPOCHS))} epochs, local slopes {coarse:.4f} "
        f"and {fine:.4f} extrapolated to eta = 0; the tolerance is the correction so removed, or "
        f"{LEAST_TOLERANCE}",
    )
