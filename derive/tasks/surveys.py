"""Numbers over the (g, zhat) plane at N = infinity, one flat record a point (THEORY 4, 5).

radius_record      where the series converges, against the time learning takes
learning_record    learning time, change of W, mean gradient and loss after W0 is shuffled: Schuessler
                   et al. 2020, Fig. 4, exactly, at each order, and by the laws of section 3.3
stability_record   what gradient descent does at a multiple of eta_c
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from derive.exact.learning_curve import LearningCurve
from derive.exact.limit import learning_curve
from derive.exact.shuffled_loss import shuffled_readout
from derive.exact.stability import (
    Outcome,
    critical_rate,
    limit_outcome,
    reduced_outcome,
    reduction_critical_rate,
)
from derive.flow.fixed_point_task import FixedPointTask
from derive.flow.instance import Instance
from derive.flow.reduction import Reduction, instance_reduction
from derive.observables.learning_end import LearningEnd
from derive.radius.singularities import singularities

CHAIN = 24  # chain vectors of a random network
FRACTION = 0.05  # of the initial loss, the paper's criterion
ORDERS = (1, 3, 5)  # of the series in delta
Record = dict[str, Any]


def radius_record(g: float, zhat: float, fraction: float = FRACTION) -> Record:
    """``trusted`` is the radius over the time to ``fraction`` of the loss: above 1 some order of the
    series covers that much of learning, below 1 none does."""
    found = singularities(g, zhat)
    time = learning_curve(g, zhat).time_to(fraction) / _unit(g)
    return {
        "g": g,
        "zhat": zhat,
        "backward": found.backward,
        "pair_real": found.pair.real,
        "pair_imaginary": found.pair.imag,
        "radius": found.radius,
        "ttilde_learned": time,
        "trusted": found.radius / time,
    }


def learning_record(
    g: float, zhat: float, fraction: float = FRACTION, orders: Sequence[int] = ORDERS
) -> Record:
    """Exactly, by the first-order laws, and by the series in delta = z/zhat of each of ``orders``:

    tau_star                  time at which ``fraction`` of the loss is left, delta = 1 - sqrt(fraction)
    change, change_learned    |W - W0|_F at the end of learning (delta = 1), and at tau*
    gradient                  mean |dW/dtau| over [0, tau*]
    shuffled_loss, ..._learned    loss over its start if W0 is shuffled at the end, and at tau*

    First-order laws: tau* = 1/beta^2, |W - W0| = zhat/beta, |dW/dtau| = zhat beta, each given normalised by
    its value at g = 0, as the paper's figure does, and g^4 (2 - g^2)^2 for the loss after shuffling.
    ``name_order_k`` comes from series through delta^k, the mean gradient's through delta^(k-1); the shuffled
    loss is (1 - z/zhat)^2 of the shuffled readout through delta^k, not the loss through delta^k.
    """
    curve, at_zero = learning_curve(g, zhat), learning_curve(0.0, zhat)
    values, zero = _learning(g, curve, fraction), _learning(0.0, at_zero, fraction)
    unit = _unit(g)
    laws = {"tau_star": unit, "change": unit**0.5, "gradient": unit**-0.5}
    record: Record = {"g": g, "zhat": zhat, "ttilde_star": values["tau_star"] / unit, **values}
    for name, law in laws.items():
        record[f"{name}_normalised"] = values[name] / zero[name]
        record[f"{name}_first_order"] = law
    record["shuffled_loss_first_order"] = (1 - unit) ** 2
    for order in orders:
        at_order = _learning_at_order(g, zhat, fraction, order)
        record |= {f"{name}_order_{order}": value for name, value in at_order.items()}
    return record


def stability_record(g: float, zhat: float, multiple: float, epochs: int) -> Record:
    """eta_c beta^2 and what descent at ``multiple`` eta_c does within ``epochs``."""
    critical = critical_rate(g, zhat)
    result = limit_outcome(g, zhat, multiple * critical, epochs)
    return _stability(g, zhat, multiple, multiple * critical / _unit(g), critical / _unit(g), result)


def network_record(g: float, zhat: float, multiple: float, epochs: int, size: int, seed: int) -> Record:
    """The same for one random network of ``size`` neurons, at the same learning rate; ``eta_c_beta2`` is
    its own."""
    reduction = sampled_reduction(size, g, seed)
    rate = multiple * critical_rate(g, zhat)
    result = reduced_outcome(reduction, zhat, rate, epochs)
    own = reduction_critical_rate(reduction, zhat) / _unit(g)
    return {**_stability(g, zhat, multiple, rate / _unit(g), own, result), "size": size, "seed": seed}


@lru_cache(maxsize=32)
def sampled_reduction(size: int, g: float, seed: int) -> Reduction:
    """The chain of one random network; kept, because it costs a factorisation."""
    return instance_reduction(Instance.sample(size, g, seed), CHAIN)


def _stability(
    g: float, zhat: float, multiple: float, rate: float, critical: float, result: Outcome
) -> Record:
    return {
        "g": g,
        "zhat": zhat,
        "eta_over_eta_c": multiple,
        "eta_beta2": rate,
        "eta_c_beta2": critical,
        "outcome": result.name,
        "final_eta_h": result.final_eta_h,
        "final_readout": result.final_readout,
        "highest": result.highest,
        "lowest": result.lowest,
        "crossings": result.crossings,
        "chaotic": result.chaotic,
    }


def _learning(g: float, curve: LearningCurve, fraction: float) -> dict[str, float]:
    tau = curve.time_to(fraction)
    travelled = float(curve.position(np.array([tau]))[0][0])
    changes = curve.path.change(np.array([curve.length, travelled]))
    end, learned = np.linalg.norm(changes, axis=(-2, -1)).tolist()
    shuffled = _lost(shuffled_readout(g, changes) / curve.zhat)
    return {
        "tau_star": tau,
        "change": end,
        "gradient": travelled / tau,  # T is the arc length of W
        "change_learned": learned,
        "shuffled_loss": shuffled[0],
        "shuffled_loss_learned": shuffled[1],
    }


def _learning_at_order(g: float, zhat: float, fraction: float, order: int) -> dict[str, float]:
    series, delta = _learning_end(order), 1 - fraction**0.5
    at = np.array([1.0, delta])
    end, learned = series.weight_change(at, zhat, g).tolist()
    shuffled = _lost(series.shuffled_readout(at, zhat, g) / zhat)
    return {
        "tau_star": series.time(delta, zhat, g),
        "change": end,
        "gradient": series.mean_gradient_norm(delta, zhat, g),
        "change_learned": learned,
        "shuffled_loss": shuffled[0],
        "shuffled_loss_learned": shuffled[1],
    }


def _lost(part: np.ndarray) -> list[float]:
    """Losses over their start from readouts over zhat."""
    losses: list[float] = ((1 - part) ** 2).tolist()
    return losses


@lru_cache(maxsize=16)
def _learning_end(order: int) -> LearningEnd:
    return LearningEnd(FixedPointTask(), order)


def _unit(g: float) -> float:
    """1/beta^2, i.e. tau/ttilde."""
    return ((1 - g) * (1 + g)) ** 2
