"""``derive curve``: the exact learning curve of the limit or of one network beside its series (THEORY 5)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derive.command_line import UsageProblem, one_of, real_number, whole_number
from derive.commands.deliver import deliver

if TYPE_CHECKING:
    import numpy as np

    from derive.fixed_point.learning_curve import LearningCurve
    from derive.fixed_point.network_curve import NetworkLearning

FORMATS = ("text", "json", "csv", "png")
POINTS = {"text": 21, "json": 101, "csv": 101, "png": 401}
LARGEST_ORDER = 60  # of the truncations shown
MOST_EPOCHS = 10**6


def curve(
    g: Annotated[str | None, typer.Option("--g", metavar="G", help="Strength of W0, 0 <= G < 1.")] = None,
    zhat: Annotated[
        str | None, typer.Option(metavar="Z", help="Target, Z > 0; of a network any number.")
    ] = None,
    network: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="One network, numpy.savez(FILE, W0=..., m=..., w=...), instead of the limit; --g then only "
            "sets the scale of ttilde, without it ttilde is tau.",
        ),
    ] = None,
    times: Annotated[
        str | None, typer.Option(metavar="T1,T2,...", help="Effective times ttilde = beta**2 * tau >= 0.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="T", help="Evenly spaced ttilde from 0 to T > 0.")
    ] = None,
    order: Annotated[str, typer.Option(metavar="K", help="Truncations through ttilde**K.")] = "5",
    singular_values: Annotated[str, typer.Option(metavar="R", help="How many singular values.")] = "2",
    alignment: Annotated[str, typer.Option(metavar="RHO", help="w.m, between -1 and 1.")] = "0",
    vectors: Annotated[bool, typer.Option("--vectors", help="m and w learn too.")] = False,
    tolerance: Annotated[
        str, typer.Option(metavar="EPS", help="Allowed error of the readout, relative to zhat.")
    ] = "1e-10",
    learning_rate: Annotated[
        str | None,
        typer.Option(metavar="ETA", help="Gradient descent with this learning rate instead of flow."),
    ] = None,
    epochs: Annotated[str | None, typer.Option(metavar="N", help="Epochs of gradient descent.")] = None,
    certified: Annotated[
        bool, typer.Option("--certified", help="Rigorous enclosures of the readout (slower).")
    ] = False,
    form: Annotated[str, typer.Option("--format", metavar="|".join(FORMATS), help="What to print.")] = "text",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write there instead of printing.")] = None,
) -> None:
    """The exact learning curve at N -> infinity or of one network, beside the series and its radius.

    Gradient flow by default; with --learning-rate and --epochs, exact gradient descent.
    """
    one_of("--format", form, FORMATS)
    strength, target = strength_and_target(g, zhat, network, "curve")
    overlap = real_number("--alignment", alignment, "-1 <= RHO <= 1", -1 - 1e-12, 1 + 1e-12)
    allowed = real_number("--tolerance", tolerance, "a number between 1e-13 and 1", 0, 1)
    count, highest = whole_number("--singular-values", singular_values, 1), whole_number("--order", order, 1)
    if abs(overlap) > 1:
        raise UsageProblem(f"--alignment {alignment}: allowed is -1 <= RHO <= 1")
    if network is not None and (overlap or certified):
        raise UsageProblem("--network goes without --alignment and --certified: its own m and w are taken")
    if overlap == target:
        raise UsageProblem(
            f"--zhat {zhat}: the readout starts there (--alignment); allowed are other targets"
        )
    if highest > LARGEST_ORDER:
        raise UsageProblem(f"--order {order}: allowed are integers from 1 to {LARGEST_ORDER}")
    if form == "png" and out is None:
        raise UsageProblem("--format png needs --out FILE, e.g. --out curve.png")
    if (learning_rate is None) != (epochs is None):
        raise UsageProblem("--learning-rate and --epochs belong together: allowed are both or none")
    case = Case(strength, target, overlap, vectors, network_learning(network, target, vectors))
    if learning_rate is not None and epochs is not None:
        if times is not None or until is not None or certified:
            raise UsageProblem(
                "--learning-rate goes without --times, --until and --certified: allowed is --epochs"
            )
        rate = real_number("--learning-rate", learning_rate, "a number > 0", 0)
        number = whole_number("--epochs", epochs, 0)
        if number > MOST_EPOCHS:
            raise UsageProblem(f"--epochs {epochs}: allowed are integers from 0 to {MOST_EPOCHS}")
        deliver(_descent(case, rate, number, form), out)
        return
    try:
        ttilde = effective_times(times, until, POINTS[form], case)
        if certified:
            if vectors or overlap or form == "png":
                raise UsageProblem("--certified goes without --vectors, --alignment and --format png")
            from derive.emit.certified_document import certified_document

            try:
                document = certified_document(str(g), str(zhat), ttilde.tolist(), form)
            except ArithmeticError as problem:
                raise UsageProblem(f"--certified: {problem} (g = {g}, zhat = {zhat})") from None
            deliver(document, out)
            return
        deliver(_flow(case, ttilde, highest, count, allowed, form), out)
    except ValueError as problem:
        raise UsageProblem(str(problem)) from None


@dataclass(frozen=True)
class Case:
    """What is asked for: the limit, or ``network`` on the time scale of ``g``."""

    g: float
    zhat: float
    alignment: float
    vectors: bool
    network: NetworkLearning | None

    @property
    def flow(self) -> LearningCurve:
        """Gradient flow as functions of tau."""
        if self.network is not None:
            return self.network.learning()
        from derive.fixed_point.limit import learning_curve

        return learning_curve(self.g, self.zhat, alignment=self.alignment, vectors=self.vectors)

    @property
    def neurons(self) -> int | None:
        """The size of the network, None for the limit."""
        return None if self.network is None else self.network.instance.size


def strength_and_target(
    g: str | None, zhat: str | None, network: Path | None, command: str
) -> tuple[float, float]:
    """g and zhat from their options; of a network zhat may be negative, and g is 0 where it is not given."""
    if zhat is None or (g is None and network is None):
        raise UsageProblem(f"--g and --zhat are needed (try: derive {command} --g 0.6 --zhat 2)")
    strength = 0.0 if g is None else real_number("--g", g, "0 <= G < 1", -1e-300, 1)
    if strength < 0:
        raise UsageProblem(f"--g {g}: allowed is 0 <= G < 1")
    if network is None:
        return strength, real_number("--zhat", zhat, "a number > 0", 0)
    target = real_number("--zhat", zhat, "a number other than 0", -math.inf)
    if target == 0:
        raise UsageProblem(f"--zhat {zhat}: allowed is a number other than 0")
    return strength, target


def network_learning(path: Path | None, zhat: float, vectors: bool) -> NetworkLearning | None:
    """Learning of the network in a file; None for none. Raises UsageProblem."""
    if path is None:
        return None
    from derive.commands.network_file import read_network
    from derive.fixed_point.network_curve import NetworkLearning

    try:
        return NetworkLearning(read_network(path), zhat, vectors=vectors)
    except ValueError as problem:
        raise UsageProblem(f"{path}: {problem}") from None


def effective_times(times: str | None, until: str | None, count: int, case: Case) -> np.ndarray:
    """ttilde from --times, or ``count`` even ones up to --until or else past the end of learning."""
    import numpy as np

    if times is not None and until is not None:
        raise UsageProblem("--times and --until are both given: allowed is one of them")

    if times is not None:
        entries = [real_number("--times", t, "a list of numbers >= 0", -1e-300) for t in times.split(",")]
        if any(t < 0 for t in entries):
            raise UsageProblem(f"--times {times}: allowed is a list of numbers >= 0")
        return np.array(entries)
    if until is not None:
        last = real_number("--until", until, "a number > 0", 0)
    else:
        scale = 1 / ((1 - case.g) * (1 + case.g)) ** 2
        last = 1.6 * scale * case.flow.time_to(0.05)
        last = float(f"{last:.1g}") if last < 1e300 else last
    return np.linspace(0, last, count)


def _flow(case: Case, ttilde: np.ndarray, order: int, count: int, tolerance: float, form: str) -> str | bytes:
    from derive.emit.curve_document import curve_csv, curve_json, curve_text
    from derive.fixed_point.comparison import comparison

    if case.network is not None:
        report = case.network.comparison(ttilde, order, g=case.g, singular_values=count, tolerance=tolerance)
    else:
        report = comparison(
            case.g,
            case.zhat,
            ttilde,
            order,
            singular_values=count,
            alignment=case.alignment,
            vectors=case.vectors,
            tolerance=tolerance,
        )
    if form == "png":
        from derive.emit.figures import curve_figure

        return picture(lambda: curve_figure(report))
    print_as = {"text": curve_text, "json": curve_json, "csv": curve_csv}
    return print_as[form](report)


def picture(draw: Callable[[], Any]) -> bytes:
    """The PNG of a figure. Raises UsageProblem where matplotlib is missing."""
    from derive.emit.figures import MissingPlot, as_png

    try:
        content: bytes = as_png(draw())
    except MissingPlot as problem:
        raise UsageProblem(str(problem)) from None
    return content


def _descent(case: Case, rate: float, epochs: int, form: str) -> str | bytes:
    import numpy as np

    from derive.emit.curve_document import descent_json, descent_table
    from derive.fixed_point.descent import descent
    from derive.fixed_point.limit import limit_descent
    from derive.fixed_point.problem import TRAINABLE

    g, zhat, vectors, neurons = case.g, case.zhat, case.vectors, case.neurons
    if case.network is not None:
        train = TRAINABLE if vectors else ("W",)
        result = descent(case.network.reduction, zhat, rate, epochs, train=train, keep=True)
    else:
        result = limit_descent(g, zhat, rate, epochs, alignment=case.alignment, vectors=vectors, keep=True)
    readout = case.flow.readout(rate * np.arange(len(result.readout), dtype=np.float64))
    if form == "json":
        return descent_json(g, zhat, result, readout, neurons)
    if form == "png":
        from derive.emit.figures import descent_figure

        return picture(lambda: descent_figure(g, zhat, result, readout, neurons))
    return descent_table(g, zhat, result, readout, form == "csv", neurons)
