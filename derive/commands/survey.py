"""``derive radius``, ``derive learning-times``, ``derive stability``: numbers over (g, zhat)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from derive.command_line import UsageProblem, format_option, one_of, real_number, takes, whole_number
from derive.commands.deliver import deliver_document, picture_needs_file
from derive.commands.options import Nesterov, Out, momentum_of
from derive.commands.progress import progress_bar
from derive.options_in_use import Counts, in_use
from derive.write.writers import PICTURES, curve_formats

if TYPE_CHECKING:
    from derive.document.model import Document

MOST_EPOCHS = 10**6
MOST_POINTS = 10**4
LARGEST_ORDER = 20  # of the series in delta

Strengths = Annotated[str, takes("G1,G2,...|LOW:HIGH:COUNT", "Strengths of W0, 0 <= G < 1.", "--g")]
Targets = Annotated[str, takes("Z1,Z2,...|LOW:HIGH:COUNT", "Targets > 0; ranges are geometric.", "--zhat")]
Fraction = Annotated[str, takes("F", "Learned: this fraction of the loss, 0 < F < 1.")]


def radius(
    g: Strengths = "0:0.98:25",
    zhat: Targets = "0.1:4:25",
    fraction: Fraction = "0.05",
    form: Annotated[str, format_option(curve_formats())] = "text",
    out: Out = None,
) -> None:
    """Where the series converges: nearest singularities and radius against the learning time."""
    from derive.tasks.surveys import radius_record
    from derive.write.figures.survey_figures import radius_figure

    points, share = _points(g, zhat), real_number("--fraction", fraction, "0 < F < 1", 0, 1)
    _survey(lambda p: radius_record(p[0], p[1], share), points, radius_figure, form, out)


MOMENTUM_ONLY = ("nesterov", "multiples", "size", "seeds")


@in_use(
    Counts(MOMENTUM_ONLY, "with --momentum only", lambda v: v["momentum"] is not None),
    Counts(("orders",), "without --momentum", lambda v: v["momentum"] is None),
    Counts(("seeds",), "with --size only", lambda v: v["size"] is not None),
)
def learning_times(
    g: Strengths = "0:0.99:34",
    zhat: Targets = "0.1,0.5,1,2,4",
    fraction: Fraction = "0.05",
    orders: Annotated[str, takes("K1,K2,...", "Orders of the series in delta = z/zhat beside it.")] = "1,3,5",
    momentum: Annotated[
        str | None, takes("MU|best", "Epochs of descent with momentum and without instead.")
    ] = None,
    nesterov: Nesterov = False,
    multiples: Annotated[str, takes("F1,F2,...|best", "Learning rates over eta_c, with --momentum.")] = "0.1",
    size: Annotated[
        str | None, takes("N", "With --momentum: random networks of N neurons beside it.")
    ] = None,
    seeds: Annotated[str | None, takes("S", "How many networks, with --size; 5.")] = None,
    form: Annotated[str, format_option(curve_formats())] = "text",
    out: Out = None,
) -> None:
    """Learning time, change of W, mean gradient and loss after shuffling W0, exactly and at each order.

    Beside them the first-order laws of Schuessler et al. 2020, section 3. With --momentum the epochs that
    gradient descent takes, against plain descent.
    """
    if momentum is not None:
        _epochs(g, zhat, fraction, momentum, nesterov, multiples, size, seeds, form, out)
        return
    from derive.document.survey import learning_document
    from derive.tasks.surveys import learning_record
    from derive.write.figures.survey_figures import learning_figure

    points, share = _points(g, zhat), real_number("--fraction", fraction, "0 < F < 1", 0, 1)
    given = sorted({whole_number("--orders", part, 1) for part in orders.split(",")})
    if given[-1] > LARGEST_ORDER:
        raise UsageProblem(f"--orders {orders}: allowed are integers from 1 to {LARGEST_ORDER}")
    _survey(
        lambda p: learning_record(p[0], p[1], share, given),
        points,
        learning_figure,
        form,
        out,
        learning_document,
    )


def _epochs(
    g: str,
    zhat: str,
    fraction: str,
    momentum: str,
    nesterov: bool,
    multiples: str,
    size: str | None,
    seeds: str | None,
    form: str,
    out: Path | None,
) -> None:
    if form in PICTURES:
        raise UsageProblem("--momentum goes with --format text, json or csv: allowed are pictures without it")
    mu = None if momentum == "best" else momentum_of(momentum, nesterov).mu
    if ":" in multiples:
        raise UsageProblem(
            f"--multiples {multiples}: allowed with --momentum is a list of numbers > 0 or best"
        )
    factors = [
        None if part == "best" else _numbers("--multiples", part, geometric=True)[0]
        for part in multiples.split(",")
    ]
    points = [(x, z, f) for x, z in _points(g, zhat) for f in factors]
    share = real_number("--fraction", fraction, "0 < F < 1", 0, 1)
    neurons = None if size is None else whole_number("--size", size, 2)
    count = whole_number("--seeds", seeds or "5", 1)
    from derive.document.survey import epochs_document
    from derive.tasks.epochs_to_learn import epochs_record

    def record(point: tuple[float, float, float | None]) -> dict[str, Any]:
        return epochs_record(*point, mu, nesterov=nesterov, fraction=share, size=neurons, seeds=count)

    _survey(record, points, lambda records: None, form, out, epochs_document)


@in_use(Counts(("seeds",), "with --size only", lambda v: v["size"] is not None))
def stability(
    g: Strengths = "0,0.6,0.8",
    zhat: Targets = "0.25:4:13",
    multiples: Annotated[str, takes("F1,F2,...|LOW:HIGH:COUNT", "Learning rates over eta_c.")] = "0.5:10:21",
    epochs: Annotated[str, takes("E", "Epochs of descent.")] = "2000",
    size: Annotated[str | None, takes("N", "Random networks of N neurons instead of the limit.")] = None,
    seeds: Annotated[str | None, takes("S", "How many networks, with --size; 5.")] = None,
    form: Annotated[str, format_option(curve_formats())] = "text",
    out: Out = None,
) -> None:
    """What gradient descent does below and above the stability limit eta_c, at N = infinity.

    With --size, what random networks do at the same learning rates, exactly, in their chain basis.
    A pair (g, zhat) takes some two seconds, all 39 of the usual grid two minutes.
    """
    from derive.tasks.surveys import network_record, stability_record
    from derive.write.figures.survey_figures import stability_figure

    number = whole_number("--epochs", epochs, 1, MOST_EPOCHS)
    factors = _numbers("--multiples", multiples, geometric=True)
    points = [(x, z, f) for x, z in _points(g, zhat) for f in factors]
    if size is None:
        _survey(lambda p: stability_record(p[0], p[1], p[2], number), points, stability_figure, form, out)
        return
    if form in PICTURES:
        raise UsageProblem("--size goes with --format text, json or csv: allowed are pictures without --size")
    neurons, count = whole_number("--size", size, 2), whole_number("--seeds", seeds or "5", 1)
    runs = [(*point, float(seed)) for point in points for seed in range(count)]
    _survey(
        lambda p: network_record(p[0], p[1], p[2], number, neurons, int(p[3])),
        runs,
        stability_figure,
        form,
        out,
    )


def _survey(
    record: Callable[[Any], dict[str, Any]],
    points: Sequence[tuple[Any, ...]],
    figure: Callable[[list[dict[str, Any]]], Any],
    form: str,
    out: Path | None,
    say: Callable[..., Document] | None = None,
) -> None:
    from derive.document.survey import survey_document

    one_of("--format", form, curve_formats())
    picture_needs_file(form, out, "map")
    if form in PICTURES:
        _require_matplotlib()
    records = []
    with progress_bar("computing", len(points)) as advance:
        for point in points:
            records.append(record(point))
            advance()
    deliver_document((say or survey_document)(records, lambda: figure(records)), form, out)


def _require_matplotlib() -> None:
    from importlib.util import find_spec

    from derive.write.figures.curve_figures import MissingPlot

    if find_spec("matplotlib") is None:
        raise UsageProblem(str(MissingPlot()))


def _points(g: str, zhat: str) -> list[tuple[float, float]]:
    strengths = _numbers("--g", g, geometric=False)
    for value in strengths:
        if not 0 <= value < 1:
            raise UsageProblem(f"--g {g}: allowed is 0 <= G < 1")
    return [(x, z) for x in strengths for z in _numbers("--zhat", zhat, geometric=True)]


def _numbers(option: str, text: str, geometric: bool) -> list[float]:
    """A comma-separated list, or LOW:HIGH:COUNT; positive where ranges are geometric."""
    allowed = f"numbers {'>' if geometric else '>='} 0, as a list A,B,... or a range LOW:HIGH:COUNT"

    def number(part: str) -> float:
        return abs(real_number(option, part, allowed, 0, from_low=not geometric))

    if ":" not in text:
        return [number(part) for part in text.split(",")]
    parts = text.split(":")
    if len(parts) != 3:
        raise UsageProblem(f"{option} {text}: allowed are {allowed}")
    first, last, count = number(parts[0]), number(parts[1]), whole_number(option, parts[2], 2)
    if count > MOST_POINTS:
        raise UsageProblem(f"{option} {text}: allowed are ranges of up to {MOST_POINTS} numbers")
    if geometric:
        values = [first * (last / first) ** (i / (count - 1)) for i in range(count)]
    else:
        values = [first + (last - first) * i / (count - 1) for i in range(count)]
    return [float(f"{value:.12g}") for value in values]
