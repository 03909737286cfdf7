"""The observables that every format prints, in order, with their meaning and their source."""

from __future__ import annotations

from dataclasses import dataclass

from derive.flow.fixed_point_task import FixedPointTask
from derive.observables.leading_singular_value import LeadingCoefficient, leading_coefficient
from derive.observables.learning_end import ProgressSeries
from derive.observables.observable import Observable
from derive.observables.readout import READOUT
from derive.observables.registry import expanded_observables
from derive.observables.scaling_function import ScalingFunction, scaling_function
from derive.observables.singular_values import is_singular_value
from derive.observables.variance import PRINTED_ORDER, variance_name
from derive.series.series import Series
from derive.tasks.expansion import Expansion
from derive.tasks.fluctuations import fluctuates
from derive.tasks.series_groups import SingularVector

SYMBOLS = {
    "tau": "learning time, learning rate times epochs",
    "ttilde": "effective learning time, beta**2 * tau",
    "zhat": "target of the readout, zhat > 0",
    "beta": "1/(1 - g**2), g the strength of the initial connectivity, 0 <= g < 1",
    "B": "(I - W0)^-1",
    "w": "readout vector, of norm 1",
    "m": "input vector, of norm 1, independent of w",
}

VALIDITY = (
    "Exact through tau**{order} at N -> infinity, for independent m and w of norm 1, 0 <= g < 1 and "
    "zhat > 0. A Taylor series at tau = 0: trust it for ttilde below its radius of convergence (0.58, "
    "0.34, 0.19 at zhat = 0.5, 1, 2 and g = 0.6), which is often shorter than the time to learn (1.05, "
    "0.59, 0.27 to 5% of the loss there); more orders do not help beyond it. The command derive curve "
    "gives the exact curve at all times."
)


ALIGNED = (
    "Here m and w overlap, w.m = rho{value}: z starts at rho, and the norms and singular values hold for "
    "zhat > rho (below it they change sign)."
)
RANK_ONE = "At g = 0 with rho = 1 or -1 all of them but s1 are 0, and their formulas are 0/0."
TRAINED = "Here {names} learn{s}, at one learning rate."


def symbols(task: FixedPointTask) -> dict[str, str]:
    """The symbols of a task's formulas and what they mean."""
    if task.alignment == 0:
        return SYMBOLS
    value = "" if isinstance(task.alignment, str) else f"; here {task.alignment}"
    return SYMBOLS | {
        "m": "input vector, of norm 1",
        "rho": f"w.m, the overlap of the two vectors, -1 <= rho <= 1{value}",
    }


def validity(expansion: Expansion) -> str:
    """Where the formulas hold."""
    task = expansion.task
    sentences = VALIDITY.format(order=expansion.order)
    if task.alignment != 0:
        value = "" if isinstance(task.alignment, str) else f" = {task.alignment}"
        sentences = sentences.replace("independent m and w of norm 1", "m and w of norm 1")
        sentences = f"{sentences} {ALIGNED.format(value=value)}"
        if _divides_by_zero(expansion):
            sentences = f"{sentences} {RANK_ONE}"
    if task.train != ("W",):
        *names, last = task.train
        text = f"{', '.join(names)} and {last}" if names else last
        sentences = f"{sentences} {TRAINED.format(names=text, s='' if names else 's')}"
    if task.alignment != 0 or task.train != ("W",):
        for example in (  # of the paper's own task
            " (0.58, 0.34, 0.19 at zhat = 0.5, 1, 2 and g = 0.6)",
            " (1.05, 0.59, 0.27 to 5% of the loss there)",
            " The command derive curve gives the exact curve at all times.",
        ):
            sentences = sentences.replace(example, "")
    return sentences


def _divides_by_zero(expansion: Expansion) -> bool:
    """Whether a printed singular value is a quotient by 1 - rho**2/beta, and this can be 0."""
    task = expansion.task
    parallel = isinstance(task.alignment, str) or abs(task.alignment) == 1
    several = expansion.order >= 5 and expansion.singular_value_count > 1
    return parallel and several and "W" in task.train and not task.g0


@dataclass(frozen=True)
class PrintedSeries:
    """A series as it is printed: its name as a function, its title, and the equation it extends.

    ``left`` is the left side of its formula in LaTeX, where it is one of the registry's observables.
    """

    name: str
    title: str
    source: str
    series: Series
    left: str = ""


def observables(expansion: Expansion) -> list[PrintedSeries]:
    """Everything in the registry, derived."""
    expansion.singular_values  # noqa: B018  (all of them from one chain)
    found = expanded_observables(expansion.task, expansion.singular_value_count)
    return [PrintedSeries(o.name, o.title, o.source, expansion.series(o), o.left) for o in found]


def fluctuations(expansion: Expansion) -> list[PrintedSeries]:
    """Variances between networks and the readout's bias, derived.

    Of singular values those that do not vanish at this order. Nothing where one of m and w learns without
    the other, or where nothing fluctuates (overlapping vectors at g = 0); above `PRINTED_ORDER` the variance
    of the readout alone.
    """
    task = expansion.task
    if not fluctuates(task) or (task.g0 and task.alignment != 0):
        return []
    found, source = [], "to leading order in 1/N"
    if task.alignment != 0:
        source += ", norms and overlap exact"
    for o in expanded_observables(task, expansion.singular_value_count):
        if o is READOUT:
            series = expansion.fluctuations.readout_variance
        elif expansion.order > PRINTED_ORDER:
            continue
        else:
            series = expansion.fluctuations.variance(o)
        if is_singular_value(o.name) and not any(series.scaled):
            continue
        title = f"variance of the {o.title} between networks of size N, N Var {o.symbol}"
        left = rf"N\,\operatorname{{Var}}{o.left}"
        found.append(PrintedSeries(variance_name(o.name), title, source, series, left))
    if is_papers_task(expansion.task) and expansion.order <= PRINTED_ORDER:
        title = "bias of the readout z: mean over networks of size N minus limit, N (E z - z)"
        left = r"N\,(\operatorname{E}\drvz(\drvtau) - \drvz_{\infty}(\drvtau))"
        bias = expansion.fluctuations.readout_bias
        found.append(PrintedSeries("readout_bias", title, "at order 1/N", bias, left))
    return found


def covariance_pair(task: FixedPointTask, names: str, singular_values: int) -> tuple[Observable, Observable]:
    """Two observables from their names, A,B. Raises ValueError where they have no covariance as a series."""
    if not fluctuates(task):
        raise ValueError(f"{names} with {','.join(task.train)} learning: allowed are W or W,m,w")
    known = {o.name: o for o in expanded_observables(task, singular_values)}
    pair = names.split(",")
    if len(pair) != 2 or not set(pair) <= set(known):
        raise ValueError(f"{names[:80]}: allowed are two of {', '.join(known)}")
    return known[pair[0]], known[pair[1]]


def covariance(expansion: Expansion, names: str) -> list[PrintedSeries]:
    """N Cov(A at tau, B at other_tau) of a pair A,B: series in tau, the j-th multiplies other_tau**j."""
    left, right = covariance_pair(expansion.task, names, expansion.singular_value_count)
    a, b = (o.left.removesuffix(r"(\drvtau)") for o in (left, right))
    title = f"N Cov({left.symbol}(tau), {right.symbol}(other_tau)) between networks of size N, other_tau**"
    return [
        PrintedSeries(
            f"{left.name}_{right.name}_covariance",
            f"{title}{j}",
            "to leading order in 1/N",
            series,
            rf"N\,\operatorname{{Cov}}({a}, {b}')_{{{j}}}",
        )
        for j, series in enumerate(expansion.fluctuations.covariance_between_times(left, right))
    ]


def is_papers_task(task: FixedPointTask) -> bool:
    """W alone learns, m and w independent: the task of eigenvalues at g = 0 and the end of learning."""
    return task.train == ("W",) and task.alignment == 0


LEADING = 5
"""How many leading coefficients of singular values are printed, whatever the order."""


def leading_coefficients(expansion: Expansion) -> list[LeadingCoefficient]:
    """Those of s_1, s_2, ... in closed form; nothing for other tasks than the paper's."""
    if not is_papers_task(expansion.task):
        return []
    return [leading_coefficient(r, expansion.task.g0) for r in range(1, LEADING + 1)]


@dataclass(frozen=True)
class ProgressObservable:
    """A printed series in delta = z/zhat: its name as a function, and its title."""

    name: str
    title: str
    series: ProgressSeries


def progress_observables(expansion: Expansion) -> list[ProgressObservable]:
    """The end of learning, derived (paper's Fig. 4); nothing for other tasks than the paper's."""
    if not is_papers_task(expansion.task):
        return []
    end = expansion.learning_end
    return [
        ProgressObservable("learning_time", "learning time tau* until z = delta*zhat", end.time),
        ProgressObservable("weight_change", "weight change |W - W0| at that time", end.weight_change),
        ProgressObservable(
            "mean_gradient_norm", "mean gradient norm |dW/dtau| until that time", end.mean_gradient_norm
        ),
        ProgressObservable(
            "shuffled_loss", "loss after W0 is shuffled, over the initial loss", end.shuffled_loss
        ),
    ]


def scaling_functions(expansion: Expansion) -> dict[str, ScalingFunction]:
    """By name, the limits g -> 1 of the observables and of the end of learning; for the paper's task."""
    if not is_papers_task(expansion.task) or expansion.task.g0:
        return {}
    printed: list[PrintedSeries | ProgressObservable] = [*observables(expansion)]
    printed += progress_observables(expansion)
    return {o.name: scaling_function(o.series) for o in printed}


def singular_vectors(expansion: Expansion) -> tuple[SingularVector, ...]:
    """The singular vectors where they are derived: W learns, and of independent m and w both or none."""
    derived = expansion.task.alignment == 0 and expansion.task.train in (("W",), ("W", "m", "w"))
    return expansion.singular_vectors if derived else ()
