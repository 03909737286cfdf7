"""The readout z = w^T R m at the fixed point (Schuessler et al. 2020, Eq. 13 and 15)."""

from __future__ import annotations

from derive.observables.observable import PAPER, Observable

READOUT = Observable(
    name="readout",
    symbol="z",
    macro=r"\drvz",
    latex="z",
    left=r"\drvz(\drvtau)",
    title="readout z",
    source=f"{PAPER}, Eq. 13 and 15",
    zhat_power=1,
    beta_power=0,
    series=lambda change: change.in_time(change.readout_in_clock, odd=True),
    value=lambda state: state.zhat - state.error,
)
