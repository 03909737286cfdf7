"""``derive outliers``: eigenvalues of W that leave the disc of W0's spectrum, along learning (THEORY 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from derive.command_line import UsageProblem, format_option, one_of, reason
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
from derive.commands.options import Out
from derive.commands.progress import progress_bar
from derive.write.writers import PICTURES, curve_formats

if TYPE_CHECKING:
    import numpy as np

    from derive.document.outliers import OutlierPaths

SLOW, REST = 1e-8, 25.0  # of the loss; from there on the error falls as exp(-sharpness tau), to 1e-15
POINTS = {"text": 21, "json": 51, "csv": 51, **dict.fromkeys(PICTURES, 81)}


def outliers(
    g: Strength = None,
    zhat: Target = None,
    times: Times = None,
    until: Until = None,
    network: Network = None,
    form: Annotated[str, format_option(curve_formats())] = "text",
    out: Out = None,
) -> None:
    """Eigenvalues of W outside the disc of W0's spectrum along gradient flow, exactly.

    At N -> infinity, where the disc has radius G, or for one given network, where it has the largest
    modulus of its own W0's eigenvalues; those within 2% of the edge are not listed.
    """
    one_of("--format", form, curve_formats())
    strength, target = strength_and_target(g, zhat, network, "outliers")
    picture_needs_file(form, out, "outliers")
    case = Case(strength, target, 0.0, ("W",), network_learning(network, target, ("W",)))
    try:
        ttilde = effective_times(times, until, POINTS.get(form, POINTS["text"]), case)
        paths = _limit(strength, target, ttilde) if case.network is None else _network(case, ttilde)
    except ValueError as problem:
        raise UsageProblem(reason(problem)) from None
    from derive.document.outliers import outliers_document

    def draw() -> Any:
        from derive.write.figures.outlier_figures import outliers_figure

        return outliers_figure(paths)

    deliver_document(outliers_document(paths, draw), form, out)


def _limit(g: float, zhat: float, ttilde: np.ndarray) -> OutlierPaths:
    import numpy as np

    from derive.document.outliers import OutlierPaths
    from derive.exact.limit import learning_curve
    from derive.exact.outliers import MARGIN, outliers

    curve = learning_curve(g, zhat)
    end = curve.time_to(SLOW) + REST / curve.sharpness  # later W stands still
    rising, place = np.unique(np.minimum(ttilde * ((1 - g) * (1 + g)) ** 2, end), return_inverse=True)
    found = outliers(g, zhat, rising.tolist())
    return OutlierPaths(g, zhat, ttilde, [found[k] for k in place], MARGIN * g, g)


def _network(case: Case, ttilde: np.ndarray) -> OutlierPaths:
    from derive.document.outliers import OutlierPaths
    from derive.exact.network_outliers import learned_outliers

    assert case.network is not None
    tau = ttilde * ((1 - case.g) * (1 + case.g)) ** 2
    with progress_bar("eigenvalues", len(tau)) as advance:
        result = learned_outliers(case.network, tau, advance)
    return OutlierPaths(
        case.g, case.zhat, ttilde, result.values, result.radius, result.spectral_radius, case.neurons
    )
