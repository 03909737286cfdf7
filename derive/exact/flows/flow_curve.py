"""A flow at all times as numbers: the limit N -> infinity in growing bases of words, or one network exactly.

Of the limit two bases are compared, that of the words through tau**n and the one before: their difference is
the stated error. Where the words end, the basis is closed, and what is left is the integrator's error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from derive.arrays import Array
from derive.exact.flows.limit_numbers import LimitNumbers
from derive.exact.flows.word_basis import WordBasis, word_basis
from derive.flow.given.network import FlowInstance, FlowStops, State
from derive.flow.product_rule.engine import ProductRule
from derive.flow.statement.scalar import Scalar, holds_imaginary
from derive.flow.statement.task import Flow
from derive.flow.statement.tokens import FlowProblem
from derive.observables.of_flows.flow_registry import shown_by_states
from derive.reading.fields import Brief

ENOUGH = 1e-7
"""The largest difference of two bases, beside the largest value, at which no larger basis is tried."""
GOOD = 1e-2
"""The difference, beside a column's largest value, below which a time counts as good."""
MOST_WORDS = 200
LAST = 16
"""Orders of the bases that are tried."""
CLOSED = 4
"""Orders without a new word after which the words of a flow are taken to have ended."""
LOOKED_AT, FEW_WORDS = 6, 48
"""Orders, and words, up to which an end is looked for."""
INTEGRATOR = 1e-9
SERIES_ORDER = 6
RADII = 4.0
"""The last time that is shown unless others are asked for, in estimated radii of convergence."""
ROWS = 21
SAME_EIGENVALUE = 1e-3
SAME_STOP = 1e-3
"""Relative difference of the times at which two bases stop: that of few words stops at another time."""


@dataclass(frozen=True, eq=False)
class FlowMoment:
    """One network at one moment, as observables read it."""

    network: FlowInstance
    state: State

    @property
    def change(self) -> Any:
        """W - W0."""
        return self.state["W"] - self.network.W0

    @cached_property
    def velocity(self) -> Mapping[str, Any]:
        """d/dtau of all that moves."""
        return self.network.velocity(self.state)

    def scalar(self, scalar: Scalar) -> Any:
        """The value of a scalar of the language."""
        return self.network.value(self.state, scalar)


@dataclass(frozen=True, eq=False, repr=False)
class NumericalCurve(Brief):
    """Readouts, loss and observables by name, shape (T,), at rising times ``tau``.

    ``outliers[t]`` are the eigenvalues of W with modulus above g at time t, largest first. ``errors`` are
    largest differences from the smaller basis; None for one network, which is integrated to 11 digits.
    Through the time ``good_until`` every column differs by less than `GOOD` of its largest absolute value.
    """

    tau: Array
    g: float
    values: Mapping[str, Array]
    outliers: tuple[tuple[complex, ...], ...]
    errors: Mapping[str, float] | None = None
    order: int = 0
    size: int = 0
    closed: bool = False
    good_until: float | None = None

    @property
    def error(self) -> float:
        """The largest of ``errors``, of readouts and loss beside their own size."""
        return max(_relative(self), default=INTEGRATOR)


def _relative(curve: NumericalCurve) -> Iterator[float]:
    for name, error in (curve.errors or {}).items():
        yield error / max(float(np.abs(curve.values[name]).max()), 1e-300) if error else 0.0


def network_curve(network: FlowInstance, tau: Sequence[float], g: float) -> NumericalCurve:
    """One network's exact flow. ``g`` is the radius beyond which eigenvalues are outliers.

    Raises FlowProblem where the flow stops.
    """
    return _curve(network, tau, g, grows=False)


def limit_curve(
    flow: Flow,
    tau: Sequence[float],
    g: Fraction | float | None = None,
    values: Mapping[str, Fraction] | None = None,
    enough: float = ENOUGH,
    most: int = MOST_WORDS,
) -> NumericalCurve:
    """The limit's flow, by default at the flow's own g and parameters.

    Raises FlowProblem without a g, where the flow stops, and where even the first words are too many.
    """
    g, values = _numbers(flow, g, values)
    if (closed := closed_basis(flow, g, values)) is not None:
        exact = _curve(closed.network, tau, float(g), closed.grows)
        none = dict.fromkeys(exact.values, 0.0)
        return replace(exact, errors=none, order=closed.order, size=closed.size, closed=True)
    known: tuple[WordBasis, NumericalCurve] | None = None
    compared: NumericalCurve | None = None
    stop: FlowStops | None = None
    size = 0
    for order in range(1, LAST + 1):
        basis = word_basis(flow, order, g, values, most)
        if basis is None:
            break
        if basis.size == size:
            continue
        size = basis.size
        try:
            curve = _curve(basis.network, tau, float(g), basis.grows)
        except FlowStops as found:
            if stop is not None and abs(found.tau - stop.tau) < SAME_STOP * stop.tau:
                raise
            known, compared, stop = None, None, found
            continue
        if known is not None:
            compared = _compared(curve, known[1], basis)
        if compared is not None and compared.error < enough:
            return compared
        known, stop = (basis, curve), None
    if stop is not None:
        raise stop
    if compared is None:
        allowed = "allowed is a larger --words, or the series by --order"
        raise FlowProblem(f"the words through tau**2 are more than {most}: {allowed}")
    return compared


def closed_basis(flow: Flow, g: Fraction, values: Mapping[str, Fraction]) -> WordBasis | None:
    """The basis of all words where these end: where `CLOSED` further orders bring no new one."""
    first: WordBasis | None = None
    for order in range(1, LOOKED_AT + CLOSED + 1):
        basis = word_basis(flow, order, g, values, FEW_WORDS)
        if basis is None:
            return None
        if first is None or basis.size != first.size:
            if order > LOOKED_AT:
                return None
            first = basis
        elif order - first.order >= CLOSED:
            return first
    return None


def _compared(curve: NumericalCurve, smaller: NumericalCurve, basis: WordBasis) -> NumericalCurve:
    """A curve with its differences from the one of a smaller basis."""
    differences = {name: np.abs(curve.values[name] - smaller.values[name]) for name in curve.values}
    errors = {name: float(difference.max()) for name, difference in differences.items()}
    bad = np.zeros(len(curve.tau), dtype=bool)
    for name, difference in differences.items():
        bad |= difference > GOOD * np.abs(curve.values[name]).max()
    good = np.flatnonzero(bad)[0] if bad.any() else len(bad)
    until = float(curve.tau[good - 1]) if good else None
    outliers = tuple(map(_common, curve.outliers, smaller.outliers))
    found = replace(curve, outliers=outliers, errors=errors, good_until=until)
    return replace(found, order=basis.order, size=basis.size)


def natural_time(
    flow: Flow, g: Fraction | None = None, values: Mapping[str, Fraction] | None = None
) -> float:
    """`RADII` times the radius of convergence that the first coefficients of the limit show; else 1."""
    g, values = _numbers(flow, g, values)
    rule = ProductRule(flow.meaning, LimitNumbers(flow.meaning, g, values))
    radii = []
    for scalar in flow.meaning.readouts.values():
        series = rule.scalar(scalar)
        sizes = [abs(series[k]) for k in range(SERIES_ORDER + 1)]
        present = [k for k in range(1, SERIES_ORDER + 1) if sizes[k] > 1e-12 * max(sizes)]
        if len(present) > 1:
            low, high = present[0], present[-1]
            radii.append((sizes[low] / sizes[high]) ** (1 / (high - low)))
    return RADII * min(radii) if radii else 1.0


def natural_times(last: float) -> list[float]:
    """Times from 0 to the last one, evenly."""
    return [last * k / (ROWS - 1) for k in range(ROWS)]


def _numbers(
    flow: Flow, g: Fraction | float | None, values: Mapping[str, Fraction] | None
) -> tuple[Fraction, Mapping[str, Fraction]]:
    strength = flow.meaning.g if g is None else g
    if strength is None or not 0 <= strength < 1:
        shown = "no g" if strength is None else f"g = {strength}"
        raise FlowProblem(f"{shown}: allowed is 0 <= g < 1, under [ensemble] or by --g")
    return Fraction(strength), flow.values if values is None else values


def _curve(network: FlowInstance, tau: Sequence[float], g: float, grows: bool) -> NumericalCurve:
    observables = shown_by_states(network.flow.meaning, grows)
    rows: list[dict[str, float]] = []
    outliers: list[tuple[complex, ...]] = []
    for state in network.curve(tau):
        row: dict[str, float] = {}
        for name, value in network.readouts(state).items():
            row |= _parts(network.flow, name, value)
        moment = FlowMoment(network, state)
        row |= {o.name: o.number(moment) for o in observables if o.name not in row}
        rows.append(row)
        eigenvalues = np.linalg.eigvals(state["W"])
        outside = sorted((complex(x) for x in eigenvalues if abs(x) > g + 1e-9), key=lambda x: -abs(x))
        outliers.append(tuple(outside))
    values = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return NumericalCurve(np.asarray(tau, dtype=float), g, values, tuple(outliers))


def _parts(flow: Flow, name: str, value: complex) -> dict[str, float]:
    if name != "loss" and holds_imaginary(flow.meaning.readouts[name]):
        return {f"{name}_re": value.real, f"{name}_im": value.imag}
    return {name: value.real}


def _common(found: Sequence[complex], smaller: Sequence[complex]) -> tuple[complex, ...]:
    """The eigenvalues that both bases have."""
    return tuple(x for x in found if any(abs(x - y) < SAME_EIGENVALUE * max(abs(x), 1e-300) for y in smaller))
