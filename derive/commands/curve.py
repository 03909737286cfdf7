"""``derive curve``: the exact learning curve of the limit or of one network beside its series (THEORY 5)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derive.command_line import (
    UsageProblem,
    format_option,
    one_of,
    real_number,
    reason,
    refuse,
    takes,
    whole_number,
)
from derive.commands.deliver import deliver_document, picture_needs_file
from derive.commands.learning_case import (
    Case,
    Network,
    Strength,
    Target,
    Times,
    Until,
    effective_times,
    network_learning,
    strength_and_target,
)
from derive.commands.options import Momentum, Nesterov, Out, learning_of, momentum_of
from derive.flow.fixed_point_task import TRAINABLE
from derive.options_in_use import NESTEROV, Counts, in_use
from derive.write.writers import PICTURES, curve_formats

if TYPE_CHECKING:
    import numpy as np

    from derive.document.model import Document
    from derive.exact import momentum as rule

NORMS = ("exact", "average")
POINTS = {"text": 21, "json": 101, "csv": 101, **dict.fromkeys(PICTURES, 401)}
LARGEST_ORDER = 60  # of the truncations shown
MOST_EPOCHS = 10**6


@in_use(
    Counts(("norms",), "with --size", lambda v: v["size"] is not None),
    NESTEROV,
    Counts(
        ("order", "singular_values", "tolerance"),
        "on gradient flow, without --learning-rate and --certified",
        lambda v: v["learning_rate"] is None and not v["certified"],
    ),
)
def curve(
    g: Strength = None,
    zhat: Target = None,
    network: Network = None,
    times: Times = None,
    until: Until = None,
    order: Annotated[str, takes("K", "Truncations through ttilde**K.")] = "5",
    singular_values: Annotated[str, takes("R", "How many singular values.")] = "2",
    alignment: Annotated[str, takes("RHO", "w.m, between -1 and 1.")] = "0",
    train: Annotated[str, takes("W|W,m,w", "What learns.")] = "W",
    vectors: Annotated[bool, typer.Option("--vectors", hidden=True)] = False,
    tolerance: Annotated[str, takes("EPS", "Allowed error of the readout, relative to zhat.")] = "1e-10",
    learning_rate: Annotated[
        str | None, takes("LR", "Gradient descent with this learning rate instead of flow.")
    ] = None,
    epochs: Annotated[str | None, takes("E", "Epochs of gradient descent.")] = None,
    momentum: Momentum = "0",
    nesterov: Nesterov = False,
    size: Annotated[
        str | None, takes("N", "Add the predicted standard deviation between networks of size N.")
    ] = None,
    norms: Annotated[
        str, takes("exact|average", "With --size: m and w have norm 1 exactly or on average.")
    ] = "exact",
    bias: Annotated[
        bool,
        typer.Option("--bias", help="With --size: the mean over networks minus the limit, at order 1/N."),
    ] = False,
    covariance: Annotated[
        str | None, takes("A,B", "With --size: covariance of observables A and B, at all pairs of times.")
    ] = None,
    certified: Annotated[
        bool, typer.Option("--certified", help="Rigorous enclosures of the readout (slower).")
    ] = False,
    form: Annotated[str, format_option(curve_formats())] = "text",
    out: Out = None,
) -> None:
    """The exact learning curve at N -> infinity or of one network, beside the series and its radius.

    Gradient flow by default; with --learning-rate and --epochs, exact gradient descent.
    """
    one_of("--format", form, curve_formats())
    strength, target = strength_and_target(g, zhat, network, "curve")
    overlap = real_number("--alignment", alignment, "-1 <= RHO <= 1", -1, math.nextafter(1, 2), from_low=True)
    allowed = real_number("--tolerance", tolerance, "a number between 1e-13 and 1", 0, 1)
    count = whole_number("--singular-values", singular_values, 1)
    highest = whole_number("--order", order, 1, LARGEST_ORDER)
    picture_needs_file(form, out, "curve")
    descends = learning_rate is not None
    method = momentum_of(momentum, nesterov)
    learning = _what_learns("W,m,w" if vectors else train)
    one_of("--norms", norms, NORMS)
    neurons = None if size is None else whole_number("--size", size, 1)
    timed = times is not None or until is not None
    refuse(
        (
            network is not None and (overlap or certified),
            "--network goes without --alignment and --certified: its own m and w are taken",
        ),
        (
            overlap == target,
            f"--zhat {zhat}: the readout starts there (--alignment); allowed are other targets",
        ),
        (
            descends != (epochs is not None),
            "--learning-rate and --epochs belong together: allowed are both or none",
        ),
        (
            (method.mu or nesterov) and not descends,
            "--momentum and --nesterov go with --learning-rate and --epochs",
        ),
        (
            neurons is not None and (network or certified or descends),
            f"--size {size} goes without --network, --learning-rate, --certified",
        ),
        (bias and (neurons is None or overlap), "--bias goes with --size, and without --alignment"),
        (
            descends and (timed or certified),
            "--learning-rate goes without --times, --until and --certified: allowed is --epochs",
        ),
        (
            certified and (learning != ("W",) or overlap or form in PICTURES),
            "--certified goes without --train W,m,w, --alignment and pictures",
        ),
    )
    pair = _pair(covariance, neurons)
    case = Case(strength, target, overlap, learning, network_learning(network, target, learning))
    if descends:
        rate = real_number("--learning-rate", str(learning_rate), "a number > 0", 0)
        number = whole_number("--epochs", str(epochs), 0, MOST_EPOCHS)
        deliver_document(_descent(case, rate, number, method), form, out)
        return
    try:
        ttilde = effective_times(times, until, POINTS.get(form, POINTS["text"]), case)
        if certified:
            document = _certified(str(g), str(zhat), ttilde)
        else:
            document = _flow(case, ttilde, highest, count, allowed, Bars(neurons, norms, pair, bias))
    except ValueError as problem:
        raise UsageProblem(reason(problem)) from None
    deliver_document(document, form, out)


def _certified(g: str, zhat: str, ttilde: np.ndarray) -> Document:
    from derive.document.certified import certified_document

    try:
        return certified_document(g, zhat, ttilde.tolist())
    except (ArithmeticError, ValueError) as problem:
        raise UsageProblem(f"--certified, g = {g}, zhat = {zhat}: {reason(problem)}") from None


@dataclass(frozen=True)
class Bars:
    """Error bars asked for: networks of ``size``, their ``norms``, the pair of --covariance."""

    size: int | None
    norms: str
    covariance: tuple[str, str] | None
    bias: bool


def _pair(text: str | None, size: int | None) -> tuple[str, str] | None:
    if text is None:
        return None
    names = [name.strip() for name in text.split(",")]
    if size is None or len(names) != 2:
        raise UsageProblem(f"--covariance {text}: allowed are two observables A,B together with --size")
    return names[0], names[1]


def _what_learns(text: str) -> tuple[str, ...]:
    learning = learning_of(text)
    if learning not in (("W",), TRAINABLE):
        raise UsageProblem(f"--train {text}: allowed on the exact curve are W and W,m,w")
    return learning


def _flow(
    case: Case,
    ttilde: np.ndarray,
    order: int,
    count: int,
    tolerance: float,
    bars: Bars,
) -> Document:
    from derive.document.curves.gradient_flow import curve_document
    from derive.radius.comparison import comparison, network_comparison

    if case.network is not None:
        report = network_comparison(
            case.network, ttilde, order, g=case.g, singular_values=count, tolerance=tolerance
        )
    else:
        report = comparison(
            case.g,
            case.zhat,
            ttilde,
            order,
            singular_values=count,
            alignment=case.alignment,
            train=case.train,
            tolerance=tolerance,
        )
    if bars.size is not None:
        from derive.exact.fluctuations.deviations import deviations

        found = deviations(
            case.g,
            case.zhat,
            ttilde,
            bars.size,
            norms=bars.norms,
            singular_values=count,
            alignment=case.alignment,
            train=case.train,
            bias=bars.bias,
        )
        report = replace(report, deviations=found)
        if bars.covariance is not None:
            found.covariance(*bars.covariance)  # names are refused before anything is printed

    def draw() -> Any:
        from derive.write.figures.curve_figures import curve_figure

        return curve_figure(report)

    return curve_document(report, draw, bars.covariance)


def _descent(case: Case, rate: float, epochs: int, method: rule.Momentum) -> Document:
    import numpy as np

    from derive.document.curves.descent import descent_document
    from derive.exact.descent import descent
    from derive.exact.limit import limit_descent

    g, zhat, train, neurons = case.g, case.zhat, case.train, case.neurons
    options: Any = {"train": train, "keep": True, "momentum": method}
    if case.network is not None:
        result = descent(case.network.reduction, zhat, rate, epochs, **options)
    else:
        result = limit_descent(g, zhat, rate, epochs, alignment=case.alignment, **options)
    readout = case.flow.readout(result.time_step * np.arange(len(result.readout), dtype=np.float64))

    def draw() -> Any:
        from derive.write.figures.curve_figures import descent_figure

        return descent_figure(g, zhat, result, readout, neurons)

    return descent_document(g, zhat, result, readout, neurons, draw)
