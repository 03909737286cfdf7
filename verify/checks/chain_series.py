"""Check (i) for one network: its chain's series (THEORY 2) errs as tau^(K+1) against its own flow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath
import numpy as np

from derive import Instance
from verify.checks.check import Check
from verify.checks.slope import time_slope
from verify.truth.digits import working_digits
from verify.truth.limit_flow import flow_columns, ladder_times, precise_chain_series, radius_estimate
from verify.truth.precise_flow import DIGITS, chains, flow_state, norm
from verify.truth.precise_networks import precise_instance
from verify.truth.setting import Setting

INSTANCE_SIZE = 16


def chain_checks(setting: Setting, size: int, order: int) -> list[Check]:
    """Readout and all that learns, of one instance.

    The chain is exact at any N; N = min(size, INSTANCE_SIZE) keeps the many-digit flow short.
    """
    instance, train = setting.sample(min(size, INSTANCE_SIZE), 0), setting.task.train
    assert isinstance(instance, Instance)
    with working_digits(DIGITS):
        network = precise_instance(instance)
        a, b = chains(network, order)
        series = precise_chain_series(network, setting.zhat, order, train)
        times = ladder_times(radius_estimate(instance, setting.zhat, train))
        errors: dict[str, list[Any]] = {name: [] for name in ("readout", *train)}
        for tau in times:
            state = flow_state(network, setting.target, tau, flow_columns(order), train)
            errors["readout"].append(_value(series.readout, tau) - state.readout)
            if "W" in errors:
                terms = [_value(c, tau) * np.outer(a[i], b[j]) for (i, j), c in series.C.items()]
                errors["W"].append(norm(sum(terms) - state.change))
            if "m" in errors:
                kappa = np.array([_value(c, tau) for c in series.kappa])
                errors["m"].append(norm(kappa @ a + network.m - state.M[:, 0]))
            if "w" in errors:
                omega = np.array([_value(c, tau) for c in series.omega])
                errors["w"].append(norm(omega @ b + network.w - state.Wout[:, 0]))
        label = f"of an instance (N = {instance.size}): chain against its flow"
        return [
            time_slope(f"series of {name} {label}", times, values, order + 1)
            for name, values in errors.items()
        ]


def _value(coefficients: Sequence[Any], tau: Any) -> Any:
    return mpmath.polyval(coefficients[::-1], tau)
