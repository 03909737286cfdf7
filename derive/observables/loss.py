"""The loss L = (zhat - z)^2/2 (Schuessler et al. 2020, section 3), truncated as a series of its own."""

from __future__ import annotations

from derive.observables.observable import PAPER, Observable

LOSS = Observable(
    name="loss",
    symbol="L",
    macro=r"\drvloss",
    latex=r"\mathcal{L}",
    left=r"\drvloss(\drvtau)",
    title="loss L = (zhat - z)^2/2",
    source=f"{PAPER}, section 3",
    zhat_power=2,
    beta_power=0,
    series=lambda change: change.error_times(change.constant(1, 2), 2),
    value=lambda state: state.error**2 / 2,
)
