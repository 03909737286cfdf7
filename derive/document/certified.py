"""Certified enclosures of the readout as a document."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nextafter

from derive.document.model import Document, Lines, Rows, Section
from derive.exact.certified import SIZE
from derive.exact.certified_limit import certified_limit_readout


def certified_document(g: str, zhat: str, ttilde: Sequence[float]) -> Document:
    """``g`` and ``zhat`` as the decimal strings given, taken exactly. Raises ArithmeticError."""
    balls = certified_limit_readout(g, zhat, list(ttilde))
    times = [float(t) for t in ttilde]
    # doubles are rounded outwards, so that they still enclose
    low = [nextafter(float(ball.lower()), -inf) for ball in balls]
    high = [nextafter(float(ball.upper()), inf) for ball in balls]
    lines = [
        f"Certified: N = infinity, g = {g}, zhat = {zhat} exactly; the readout lies inside every ball, "
        "between",
        f"the networks of {SIZE} chain vectors of a Gauss rule (below) and of a Gauss-Radau rule (above).",
    ]
    table = [f"{t:>10.6g}  {ball.str(12)}" for t, ball in zip(times, balls, strict=True)]
    rows = list(zip(times, low, high, strict=True))
    return Document(
        ("curve",),
        "curve_certified",
        "",
        (
            Section((Lines(lambda: lines),)),
            Section((Lines(lambda: table),)),
            Section((Rows(("ttilde", "readout_low", "readout_high"), rows, formats=("csv",)),)),
        ),
        facts={
            "g": float(g),
            "zhat": float(zhat),
            "ttilde": times,
            "readout_low": low,
            "readout_high": high,
            "chain_vectors": SIZE,
            "encloses": "N->oo",
            "accuracy": max(b - a for a, b in zip(low, high, strict=True)) / float(zhat),
        },
    )
