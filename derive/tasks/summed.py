"""Sums of series whose coefficients differ by powers of zhat, at g = 0 (THEORY 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from derive.series.coefficient import ONE, Coefficient


def summed(
    order: int, aligned: bool, parts: Iterable[tuple[int, Sequence[Coefficient]]]
) -> tuple[Coefficient, ...]:
    """The sum of series through tau^order, each with the power of zhat that it is multiplied by.

    ``aligned`` says that they hold powers of rho.
    """
    totals: list[dict[tuple[int, int], Any]] = [{} for _ in range(order + 1)]
    for above, series in parts:
        for total, coefficient in zip(totals, series, strict=True):
            for rho_power, power, value in coefficient.parts()[0]:
                key = (above + power, rho_power)
                total[key] = total.get(key, 0) + value
    return tuple(_collected(total, aligned) for total in totals)


def _collected(total: dict[tuple[int, int], Any], aligned: bool) -> Coefficient:
    """A coefficient without denominator from its parts by powers of zhat and of rho."""
    present = {key: value for key, value in sorted(total.items()) if value != 0}
    if aligned:
        parts = tuple((rho_power, power, value) for (power, rho_power), value in present.items())
        return Coefficient((), aligned=parts, aligned_denominator=((0, 0, ONE),))
    row: list[Any] = []
    for (power, _), value in present.items():
        row += [value * 0] * (power // 2 - len(row)) + [value]
    return Coefficient(tuple(row))
