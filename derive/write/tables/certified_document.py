"""Certified enclosures of the readout as text, JSON or CSV."""

from __future__ import annotations

import json
from collections.abc import Sequence

from derive.exact.certified import SIZE, certified_readout


def certified_document(g: str, zhat: str, ttilde: Sequence[float], form: str) -> str:
    """``g`` and ``zhat`` as the decimal strings given, taken exactly. ``form``: text, json or csv."""
    balls = certified_readout(g, zhat, list(ttilde))
    rows = [
        (float(t), float(b.lower()), float(b.upper()), b.str(12)) for t, b in zip(ttilde, balls, strict=True)
    ]
    # doubles are rounded outwards, so that they still enclose
    rows = [(t, _down(low), _up(high), text) for t, low, high, text in rows]
    if form == "json":
        document = {
            "g": float(g),
            "zhat": float(zhat),
            "ttilde": [t for t, *_ in rows],
            "readout_low": [low for _, low, _, _ in rows],
            "readout_high": [high for _, _, high, _ in rows],
            "chain_vectors": SIZE,
            "accuracy": max(high - low for _, low, high, _ in rows) / float(zhat),
        }
        return json.dumps(document, indent=2) + "\n"
    if form == "csv":
        lines = [f"{t!r},{low!r},{high!r}" for t, low, high, _ in rows]
        return "\n".join(["ttilde,readout_low,readout_high", *lines]) + "\n"
    head = (
        f"Certified: the network of {SIZE} chain vectors (2n-network, n = {SIZE // 2}) that stands for "
        f"N -> infinity,\ng = {g}, zhat = {zhat} exactly; its readout lies inside every ball.\n\n"
    )
    return head + "\n".join(f"{t:>10.6g}  {text}" for t, _, _, text in rows) + "\n"


def _down(x: float) -> float:
    from math import inf, nextafter

    return nextafter(x, -inf)


def _up(x: float) -> float:
    from math import inf, nextafter

    return nextafter(x, inf)
