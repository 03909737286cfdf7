"""Outliers of W along learning as a document. Times are ttilde = beta^2 tau."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array
from derive.document.model import Document, Figure, Lines, Rows, Section


@dataclass(frozen=True, eq=False)
class OutlierPaths:
    """``values[k]``: the outliers at ``ttilde[k]`` with |lambda| > ``radius``, largest first.

    ``disc`` is the radius of W0's spectrum: g in the limit (``neurons`` None), or that of the network.
    """

    g: float
    zhat: float
    ttilde: Array
    values: list[NDArray[np.complex128]]
    radius: float
    disc: float
    neurons: int | None = None

    @property
    def where(self) -> str:
        """The limit, or the size of the network."""
        return "N -> infinity" if self.neurons is None else f"a network of N = {self.neurons}"


def outliers_document(paths: OutlierPaths, draw: Callable[[], Any]) -> Document:
    """Facts g, zhat, neurons (null: the limit), disc, radius, ttilde, and outliers, a list of [re, im] for
    each time; in CSV one row a time, empty where there are fewer outliers."""
    most = max((len(values) for values in paths.values), default=0)
    names = ("ttilde", *(f"{part}{k}" for k in range(1, most + 1) for part in ("re", "im")))
    rows = []
    for time, values in zip(paths.ttilde, paths.values, strict=True):
        row: list[Any] = [float(x) for x in (time, *(part for x in values for part in (x.real, x.imag)))]
        rows.append(row + [""] * (len(names) - len(row)))
    head = [
        f"Outliers of W along gradient flow, {paths.where}, g = {paths.g:g}, zhat = {paths.zhat:g}",
        f"  eigenvalues with |lambda| > {paths.radius:.6g}; those of W0 reach {paths.disc:.6g}",
    ]
    table = [f"{'ttilde':>10}  outliers (ttilde = beta**2 * tau)"]
    for time, values in zip(paths.ttilde, paths.values, strict=True):
        table.append(f"{time:>10.6g}  {'  '.join(map(_shown, values)) or 'none'}")
    return Document(
        ("outliers",),
        "outliers",
        "",
        (
            Section((Lines(lambda: head),)),
            Section((Lines(lambda: table), Rows(names, rows, formats=("csv",)), Figure(draw))),
        ),
        facts={
            "g": paths.g,
            "zhat": paths.zhat,
            "neurons": paths.neurons,
            "disc": paths.disc,
            "radius": paths.radius,
            "ttilde": paths.ttilde.tolist(),
            "outliers": [[[float(x.real), float(x.imag)] for x in values] for values in paths.values],
        },
    )


def _shown(value: complex) -> str:
    sign = "-" if value.imag < 0 else "+"
    return f"{value.real:.8f}" + (f" {sign} {abs(value.imag):.8f} i" if value.imag else "")
