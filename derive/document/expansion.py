"""The expansion of the fixed-point task as a document: what is derived, in one order for every format."""

from __future__ import annotations

from derive.document import variables
from derive.document.model import Coordinates, Data, Document, Formula, Matrix, Paragraph, Section, WordSum
from derive.document.observables import (
    covariance,
    fluctuations,
    is_papers_task,
    leading_coefficients,
    observables,
    progress_observables,
    scaling_functions,
    singular_vectors,
    symbols,
    validity,
)
from derive.document.request import Request
from derive.observables.scaling_function import ScalingFunction
from derive.observables.singular_values import is_singular_value
from derive.tasks.expansion import Expansion

END = {
    "learning_time": r"\drvtaustar(\drvdelta)",
    "weight_change": r"\drvnorm",
    "mean_gradient_norm": r"\drvmeangradient(\drvdelta)",
    "shuffled_loss": r"\drvshuffled",
}
SETTING = r"""
Gradient flow $\mathrm{d}W/\mathrm{d}\tau = (\hat z - z)\, R^{\top} w\, m^{\top} R^{\top}$ of a
linear network with $R = (I - W)^{-1}$, readout $z = w^{\top} R\, m$ and loss
$\mathcal{L} = (\hat z - z)^2/2$, from $W(0) = W_0$ with independent entries of variance $g^2/N$, in the
limit $N \to \infty$ (Schuessler et al.\ 2020, section~3).
Here $B = (I - W_0)^{-1}$, $\beta = 1/(1 - g^2)$, $\tilde\tau = \beta^2 \tau$, $\Delta W = W - W_0$, and
$W(\tau) = W_0 + \sum_{k \ge 1} W_k \tau^k / k!$."""
VECTORS = r"""

With $a_0 = B^{\top} w$, $b_0 = B\, m$, $a_{i+1} = B^{\top} b_i$ and $b_{j+1} = B\, a_j$, the $r$-th left and
right singular vectors of $\Delta W$ are $u = \sum_i v^{(r)}_i a_i$ and $v = \sum_j v^{(r)}_j b_j$. Both have
the same coordinates, scaled so that $v^{(r)}_{r-1} = 1$, and the norm $|v^{(r)}|$."""
PAPERS = r"""

$\lambda_\pm$ are the eigenvalues of $\Delta W$ at $g = 0$. The eigenvalues of $W$ that have left the disc
$|\lambda| \le g$ are the roots of $D(\lambda, \tau) = \det(1 - C\,\Gamma(\lambda))$ outside of it, where
$\Delta W = \sum_{ij} C_{ij}\, a_i b_j^{\top}$ and $\Gamma_{ji} = b_j^{\top} (\lambda - W_0)^{-1} a_i$.

The series in $\delta = z/\hat z$, the part of the way that is done, tell of the end of learning: the time
$\tau^*$ at which $\delta$ is reached, $\Delta W$ there, the mean $\gamma$ of the gradient norm until then,
and the loss $\mathcal{L}_{\mathrm{s}}$ after $W_0$ is shuffled, over the initial loss $\mathcal{L}_0$."""
LIMITS = r"""
The limits $g \to 1$ are taken at fixed $y = \hat z^2 \beta$ and fixed $\tilde\tau$ or $\delta$."""


def expansion_document(expansion: Expansion, request: Request) -> Document:
    """All of it; every observable is derived when a format asks for it."""
    task = expansion.task
    known = {variable.name: variable for variable in variables.FIXED_POINT}
    papers = is_papers_task(task)
    latex = SETTING + VECTORS * bool(singular_vectors(expansion)) + PAPERS * papers
    return Document(
        request.words,
        request.stem,
        f"Fixed-point task, N -> infinity{', g = 0' if task.g0 else ''}: expansion through "
        f"tau**{expansion.order} (Schuessler et al. 2020, section 3)",
        tuple(_sections(expansion, request.covariance)),
        facts={
            "order": expansion.order,
            "system": "fixed-point",
            "limit": "N->oo",
            "alignment": str(task.alignment),
            "train": list(task.train),
        },
        symbols=tuple(known[name].meaning_here(text) for name, text in symbols(task).items()),
        validity=validity(expansion),
        setting=Paragraph(
            f"What learns: {', '.join(task.train)}" if task.train != ("W",) else "",
            latex + LIMITS * bool(scaling_functions(expansion)) + "\n",
        ),
        heading=f"The fixed-point task through order {expansion.order}{_conditions(expansion)}",
    )


def _conditions(expansion: Expansion) -> str:
    """What the heading adds where the task is not the paper's."""
    task, conditions = expansion.task, ""
    if task.g0:
        conditions += " at $g = 0$"
    if task.alignment != 0:
        value = r"\rho" if isinstance(task.alignment, str) else rf"\rho = {task.alignment}"
        conditions += rf", $w^{{\top}} m = {value}$"
    if task.train != ("W",):
        conditions += f", learning: ${', '.join(task.train)}$"
    return conditions


def _sections(expansion: Expansion, pair: str) -> list[Section]:
    sections, number = [], 0
    for o in observables(expansion):
        singular = is_singular_value(o.name)
        key = ("singular_values", number) if singular else (o.name,)
        number += singular
        sections.append(Section((Formula(key, o.left, o.series, o.title, series_label(o.name)),)))
    for o in fluctuations(expansion):
        sections.append(Section((Formula((o.name,), o.left, o.series, o.title, series_label(o.name)),)))
    if pair:
        sections.append(_covariance(expansion, pair))
    sections.append(_a_matrix(expansion))
    sections += _changes(expansion)
    sections += _singular_vectors(expansion)
    if is_papers_task(expansion.task):
        sections += [_leading(expansion), _eigenvalues_g0(expansion), _outliers(expansion)]
        sections += _end_of_learning(expansion)
    if functions := scaling_functions(expansion):
        line = "Scaling functions: the limits g -> 1 at fixed y = zhat**2*beta and fixed ttilde or delta"
        left = {o.name: o.left for o in observables(expansion)} | END
        formulas = []
        for name, f in functions.items():
            label = f"universal-{series_label(name)}"
            formulas.append(Formula(("universal", name), _limit(left[name], f), f, label=label, in_line=True))
        sections.append(Section(tuple(formulas), (line,)))
    return sections


def _covariance(expansion: Expansion, pair: str) -> Section:
    """The covariance of two observables at two times, row by row."""
    formulas = (
        Formula(("covariance", j), o.left, o.series, o.title, f"{series_label(o.name)}-{j}")
        for j, o in enumerate(covariance(expansion, pair))
    )
    line = "covariance between networks: the sum over j of other_tau**j times the j-th series in tau"
    return Section((Data(("covariance_of",), lambda: pair.split(",")), *formulas), (line,))


def series_label(name: str) -> str:
    """The end of the label of a quantity."""
    return name.replace("_", "-")


def _a_matrix(expansion: Expansion) -> Section:
    entries = [
        Formula(("A", f"A{i}{j}"), rf"\drvA_{{{i}{j}}}", series, f"A{i}{j}", f"A{i}{j}")
        for i, row in enumerate(expansion.a_matrix, 1)
        for j, series in enumerate(row, 1)
    ]
    return Section((Matrix(tuple(entries)),), ("A at g = 0, W - W0 = [w m] A [w m]^T (Eq. 9, 10)",))


def _changes(expansion: Expansion) -> list[Section]:
    line = "W(tau) = W0 + sum over k of W_k tau**k/k!; a prime is the transpose (Eq. 7, 11)"
    sections = [Section((WordSum(("W",), "W", r"\drvW", expansion.W),), (line,))]
    for name in ("m", "w"):
        if name in expansion.task.train:
            change = WordSum((name,), name, rf"\drv{name}", expansion.vector(name))
            sections.append(Section((change,), (f"{name}(tau) = {name} + sum over k of {name}_k tau**k/k!",)))
    return sections


def _singular_vectors(expansion: Expansion) -> list[Section]:
    """The coordinate that is 1 by convention has no remainder."""
    sections = []
    for r, vector in enumerate(singular_vectors(expansion), 1):
        name, path = rf"\drvv^{{({r})}}", ("singular_vectors", r - 1)
        formulas = [
            Formula(
                (*path, "coordinates", i), f"{name}_{{{i}}}", x, f"v_{i}", f"v{r}-{i}", terminates=i == r - 1
            )
            for i, x in enumerate(vector.coordinates)
        ]
        norm = rf"\bigl\lvert {name} \bigr\rvert^{{2}}"
        formulas.append(Formula((*path, "squared_norm"), norm, vector.squared_norm, "|v|**2", f"v{r}-norm"))
        line = (
            f"singular vectors of s{r}: u = sum over i of v_i a_i and v = sum over j of v_j b_j, same v_i; "
            "a_0 = B' w, b_0 = B m, a_i = B' b_(i-1), b_j = B a_(j-1)"
        )
        sections.append(Section((Coordinates(tuple(formulas)),), (line,)))
    return sections


def _leading(expansion: Expansion) -> Section:
    formulas = (
        Formula(
            ("leading_singular_values", x.r - 1),
            rf"\drvs_{{{x.r}}}",
            x,
            label=f"s{x.r}-leading",
            in_line=True,
        )
        for x in leading_coefficients(expansion)
    )
    return Section(tuple(formulas), ("first terms of the singular values of W - W0, whatever the order",))


def _eigenvalues_g0(expansion: Expansion) -> Section:
    """Half the sum of the two eigenvalues of W - W0 at g = 0, and sqrt(3)/2 times their difference."""
    plus, minus = r"\drvlambda_{+}", r"\drvlambda_{-}"
    sides = (rf"\tfrac{{1}}{{2}}({plus} + {minus})", rf"\tfrac{{\sqrt{{3}}}}{{2}}({plus} - {minus})")
    formulas = (
        Formula(("eigenvalues_g0", x.symbol), left, x, x.symbol, f"eigenvalues-{x.symbol}")
        for left, x in zip(sides, expansion.eigenvalues_g0, strict=True)
    )
    return Section(tuple(formulas), ("eigenvalues of W - W0 at g = 0: mean +- split/sqrt(3)",))


def _outliers(expansion: Expansion) -> Section:
    """D, and the series that multiply the powers of lambda."""
    equation, name = expansion.outlier_equation, "outlier-equation"
    left = r"\drvD(\drvlambda, \drvtau)"
    formulas = [Formula(("outlier_equation",), left, equation, label=name, in_line=True)]
    for part in equation.parts[1:]:
        index = f"{part.m}{part.q}" if part.q < 10 else f"{part.m},{part.q}"
        left, end = rf"\drvD_{{{index}}}(\drvtau)", f"{name}-{part.m}-{part.q}"
        formulas.append(Formula((), left, part.series, part.series.symbol, end))
    line = "outliers of W, its eigenvalues with |lam| > g: the roots of"
    return Section(tuple(formulas), (line,), symbols=(variables.LAMBDA,))


def _end_of_learning(expansion: Expansion) -> list[Section]:
    lines = (
        "The end of learning, in delta = z/zhat, the part of the way that is done (Fig. 4):",
        "5% of the loss are left at delta = 1 - sqrt(0.05) = 0.776393",
    )
    formulas = [
        Formula(("learning_end", o.name), END[o.name], o.series, o.title, series_label(o.name))
        for o in progress_observables(expansion)
    ]
    first = Section((), lines, symbols=(variables.DELTA, variables.Y))
    return [first, *(Section((formula,)) for formula in formulas)]


def _limit(left: str, function: ScalingFunction) -> str:
    """lim of a quantity over the prefactor zhat^p beta^q of its series."""
    of, symbol = function.of, left.partition("(")[0]

    def product(*factors: tuple[str, int]) -> str:
        powers = (base if n == 1 else f"{base}^{{{n}}}" for base, n in factors if n)
        return r"\,".join(powers)

    above = product((r"\drvbeta", max(-of.beta_power, 0)), (symbol, 1))
    below = product((r"\drvzhat", of.zhat_power), (r"\drvbeta", max(of.beta_power, 0)))
    return r"\lim_{\drvg \to 1} " + (rf"\frac{{{above}}}{{{below}}}" if below else above)
