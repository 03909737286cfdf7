"""Epochs of descent with momentum against plain descent, one flat record a point (THEORY 4, 10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from derive.exact.learning_epochs import MOST, Fewest, epochs_to, fewest_epochs
from derive.exact.limit import learning_curve
from derive.exact.momentum import PLAIN, Momentum
from derive.flow.reduction import Reduction, limit_reduction
from derive.tasks.surveys import sampled_reduction

CHAIN = 16  # chain vectors at N = infinity
MOMENTA = tuple(k / 40 for k in range(39, -1, -1))  # tried for the best; the largest first
MULTIPLES = tuple(float(x) for x in np.geomspace(1.9, 0.1, 30))  # of eta_c, tried for the best
Record = dict[str, Any]


def epochs_record(
    g: float,
    zhat: float,
    multiple: float | None,
    momentum: float | None,
    *,
    nesterov: bool = False,
    fraction: float = 0.05,
    size: int | None = None,
    seeds: int = 1,
) -> Record:
    """Epochs until the loss stays at or below ``fraction``, plain and with momentum, at N = infinity.

    ``multiple``: learning rate over eta_c; None: for each of the two the best of `MULTIPLES` that is stable
    at the minimum which the flow finds. ``momentum``: mu; None: the best of `MOMENTA`. ``..._fall``: what the
    error falls by an epoch at that minimum. With ``size`` also the mean and deviation of ``seeds`` networks
    at the same rates and momentum, over those that learn, and how many do. None: not within 5,000 epochs.
    """
    curve, reduction = learning_curve(g, zhat), limit_reduction(g, CHAIN)
    critical = curve.critical_rate
    methods = [Momentum(mu, nesterov) for mu in (MOMENTA if momentum is None else (momentum,))]
    plain = fewest_epochs(fraction, reduction, zhat, _tries(critical, multiple, [PLAIN]))
    most = plain.epochs if plain and momentum is None else MOST
    best = fewest_epochs(fraction, reduction, zhat, _tries(critical, multiple, methods), most)
    pairs = {"plain": plain, "momentum": best}
    record: Record = {"g": g, "zhat": zhat, "nesterov": nesterov, "mu": best and best.method.mu}
    for name, pair in pairs.items():
        record |= _said(name, pair, critical)
    record["gain"] = plain.epochs / best.epochs if plain and best else None
    if size is not None:
        networks = [sampled_reduction(size, g, seed) for seed in range(seeds)]
        for name, pair in pairs.items():
            record |= _networks(name, pair, networks, zhat, fraction)
    return record


def _tries(
    critical: float, multiple: float | None, methods: Sequence[Momentum]
) -> Iterator[tuple[float, Momentum]]:
    for method in methods:
        for factor in MULTIPLES if multiple is None else (multiple,):
            if multiple is not None or method.radius(2 * factor) < 1:
                yield factor * critical, method


def _said(name: str, pair: Fewest | None, critical: float) -> Record:
    keys = (f"{name}_eta_over_eta_c", f"{name}_epochs", f"{name}_fall")
    if pair is None:
        return dict.fromkeys(keys)
    multiple = pair.learning_rate / critical
    return dict(zip(keys, (multiple, pair.epochs, pair.method.radius(2 * multiple)), strict=True))


def _networks(
    name: str, pair: Fewest | None, networks: Sequence[Reduction], zhat: float, fraction: float
) -> Record:
    found: Sequence[int | None] = ()
    if pair is not None:
        found = [epochs_to(fraction, one, zhat, pair.learning_rate, pair.method) for one in networks]
    learned = [count for count in found if count is not None]
    return {
        f"{name}_networks": float(np.mean(learned)) if learned else None,
        f"{name}_networks_std": float(np.std(learned)) if learned else None,
        f"{name}_networks_learned": len(learned),
    }
