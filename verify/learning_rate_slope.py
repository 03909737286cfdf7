"""Check (ii): gradient descent leaves gradient flow in proportion to the learning rate (THEORY 5).

The same instance, the same learning time tau, ever more and smaller steps: the deviation is
c eta + O(eta^2), so its local slope log2(e(eta)/e(eta/2)) tends to 1 linearly in eta and one
Richardson step removes that correction.
"""

from __future__ import annotations

import numpy as np

from derive import Instance, gradient_flow
from verify.checks import Check
from verify.descent import descend
from verify.networks import FixedPointNetwork

INSTANCE_SIZE = 100
EPOCHS = (16, 32, 64)
LEAST_TOLERANCE = 0.002


def learning_rate_checks(g: float, zhat: float, size: int, tau: float) -> list[Check]:
    """Readout and W of the torch network (fixed point) against the flow of its instance at ``tau``.

    The instance has N = min(size, INSTANCE_SIZE) neurons; the law holds at any N.
    """
    instance = Instance.sample(min(size, INSTANCE_SIZE), g, seed=0)
    flow = gradient_flow(instance, zhat, [tau])
    errors = []
    for epochs in EPOCHS:
        run = descend(FixedPointNetwork(instance), zhat, tau / epochs, epochs)
        errors.append(
            (
                abs(run.observables["readout"][-1] - flow.readout[0]),
                np.linalg.norm(run.W - instance.W0 - flow.change[0]),
            )
        )
    return [
        learning_rate_slope(
            f"learning rate: {name} of descent against flow (N = {instance.size})", error, tau
        )
        for name, error in zip(("readout", "W"), np.array(errors).T, strict=True)
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
