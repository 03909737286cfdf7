"""The norm of the gradient with respect to everything that learns, |zhat - z| sqrt(h), h the sharpness.

Where W alone learns it is `gradient_norm`. Where m or w learn it is no polynomial in beta order by order
(h(0)/beta^2 = 1 + 2/beta where all three learn), so the exact curve has it and the expansions do not.
"""

from __future__ import annotations

from derive.observables.observable import Observable
from derive.observables.sharpness import SHARPNESS

TOTAL_GRADIENT_NORM = Observable(
    name="total_gradient_norm",
    symbol="|d(W, m, w)/dtau|",
    macro=r"\drvtotalgradient",
    latex=r"\left\lVert \mathrm{d}(W, m, w)/\mathrm{d}\tau \right\rVert",
    left=r"\drvtotalgradient",
    title="gradient norm by all that learns",
    source="|zhat - z| sqrt(h)",
    zhat_power=1,
    beta_power=1,
    series=None,
    value=lambda state: abs(state.error) * SHARPNESS.value(state) ** 0.5,
    holds=lambda task: task.train != ("W",),
)
