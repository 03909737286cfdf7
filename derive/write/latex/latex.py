"""The expansion as LaTeX: fragments for \\input under amsmath, and a document that stands alone.

Every symbol of the field is one macro, set by \\providecommand, so that a paper changes its notation
in one place. Long sums are broken after a given number of terms.
"""

from __future__ import annotations

from dataclasses import replace
from math import factorial

from derive.document.observables import (
    is_papers_task,
    observables,
    scaling_functions,
    singular_vectors,
    validity,
)
from derive.document.request import Request
from derive.tasks.expansion import Expansion
from derive.write.latex.latex_document import document, preamble
from derive.write.latex.latex_layout import Group, display
from derive.write.latex.latex_papers_task import LIMITS, PAPERS_SYMBOLS, papers_task_displays
from derive.write.latex.latex_series import (
    RHO,
    TAU,
    in_tau,
    latex_target,
    latex_terms,
    remainder,
    series_displays,
)

MACROS = {
    r"\drvtau": r"\tau",
    r"\drvttilde": r"\tilde{\tau}",
    r"\drvzhat": r"\hat{z}",
    r"\drvbeta": r"\beta",
    r"\drvg": "g",
    r"\drvz": "z",
    r"\drvloss": r"\mathcal{L}",
    r"\drvgradient": r"\left\lVert \mathrm{d}W/\mathrm{d}\tau \right\rVert",
    r"\drvnorm": r"\left\lVert \Delta W \right\rVert",
    r"\drvs": "s",
    r"\drvA": "A",
    r"\drvW": "W",
    r"\drvB": "B",
    r"\drvBT": r"B^{\top}",
    r"\drvw": "w",
    r"\drvwT": r"w^{\top}",
    r"\drvm": "m",
    r"\drvmT": r"m^{\top}",
    r"\drvO": r"\mathcal{O}",
    r"\drvh": "h",
    r"\drvv": "v",
    r"\drvy": "y",
    r"\drvD": "D",
    r"\drvlambda": r"\lambda",
    r"\drvdelta": r"\delta",
    r"\drvtaustar": r"\tau^{*}",
    r"\drvmeangradient": r"\gamma",
    r"\drvshuffled": r"\mathcal{L}_{\mathrm{s}}/\mathcal{L}_0",
}
WORD_MACROS = {
    "B": r"\drvB",
    "B'": r"\drvBT",
    "w": r"\drvw",
    "w'": r"\drvwT",
    "m": r"\drvm",
    "m'": r"\drvmT",
}

INTRODUCTION = r"""
Gradient flow $\mathrm{{d}}W/\mathrm{{d}}\tau = (\hat z - z)\, R^{{\top}} w\, m^{{\top}} R^{{\top}}$ of a
linear network with $R = (I - W)^{{-1}}$, readout $z = w^{{\top}} R\, m$ and loss
$\mathcal{{L}} = (\hat z - z)^2/2$, from $W(0) = W_0$ with independent entries of variance $g^2/N$, in the
limit $N \to \infty$ (Schuessler et al.\ 2020, section~3).
Here $B = (I - W_0)^{{-1}}$, $\beta = 1/(1 - g^2)$, $\tilde\tau = \beta^2 \tau$, $\Delta W = W - W_0$, and
$W(\tau) = W_0 + \sum_{{k \ge 1}} W_k \tau^k / k!$.{symbols}
"""

VECTORS = r"""

With $a_0 = B^{\top} w$, $b_0 = B\, m$, $a_{i+1} = B^{\top} b_i$ and $b_{j+1} = B\, a_j$, the $r$-th left and
right singular vectors of $\Delta W$ are $u = \sum_i v^{(r)}_i a_i$ and $v = \sum_j v^{(r)}_j b_j$. Both have
the same coordinates, scaled so that $v^{(r)}_{r-1} = 1$, and the norm $|v^{(r)}|$."""


def latex_fragment(expansion: Expansion, request: Request) -> str:
    """Macros and displayed formulas, for \\input into a document that loads amsmath."""
    per_line = request.terms_per_line
    label = f"eq:{request.stem.replace('_', '-')}"
    displays = []
    for printed in observables(expansion):
        name = printed.name.replace("_", "-")
        displays += series_displays(printed.left, printed.series, f"{label}-{name}", per_line)
    displays += _singular_vectors(expansion, label, per_line)
    for i, row in enumerate(expansion.a_matrix, 1):
        for j, series in enumerate(row, 1):
            displays += series_displays(rf"\drvA_{{{i}{j}}}", series, f"{label}-A{i}{j}", per_line)
    if is_papers_task(expansion.task):
        displays += papers_task_displays(expansion, label, per_line)
    changes = [(r"\drvW", "W", expansion.W)]
    changes += [(rf"\drv{x}", x, expansion.vector(x)) for x in expansion.task.train if x != "W"]
    for macro, name, change in changes:
        for k in range(1, expansion.order + 1):
            groups = [
                Group(
                    "",
                    tuple(latex_terms(series.terms(k, factorial(k))[0], latex_target(series))),
                    product.latex(WORD_MACROS),
                )
                for product, series in change.present(k)
            ]
            displays.append(display(rf"{macro}_{{{k}}}", groups, f"{label}-{name}{k}", per_line))
    return "\n".join([_preamble(request, expansion), *displays])


def standalone_document(expansion: Expansion, request: Request) -> str:
    """A complete document around the fragment; compiles with pdflatex."""
    introduction = INTRODUCTION.format(
        symbols=VECTORS * bool(singular_vectors(expansion))
        + PAPERS_SYMBOLS * is_papers_task(expansion.task)
        + LIMITS * bool(scaling_functions(expansion)),
    )
    fragment = latex_fragment(expansion, replace(request, standalone=False))
    title = f"The fixed-point task through order {expansion.order}{_conditions(expansion)}"
    return document(request.header, title, introduction, fragment)


def _conditions(expansion: Expansion) -> str:
    """What the title of the document adds where the task is not the paper's."""
    task, conditions = expansion.task, ""
    if task.g0:
        conditions += " at $g = 0$"
    if task.alignment != 0:
        value = r"\rho" if isinstance(task.alignment, str) else rf"\rho = {task.alignment}"
        conditions += rf", $w^{{\top}} m = {value}$"
    if task.train != ("W",):
        conditions += f", learning: ${', '.join(task.train)}$"
    return conditions


def _preamble(request: Request, expansion: Expansion) -> str:
    macros = MACROS if expansion.task.alignment == 0 else MACROS | {RHO: r"\rho"}
    return "\n".join(preamble(request.header, macros, validity(expansion))) + "\n"


def _singular_vectors(expansion: Expansion, label: str, per_line: int) -> list[str]:
    """Coordinates in the chain and squared norm; the coordinate that is 1 by convention has no remainder."""
    displays = []
    for r, vector in enumerate(singular_vectors(expansion), 1):
        name = rf"\drvv^{{({r})}}"
        named = [(f"{name}_{{{i}}}", f"v{r}-{i}", series) for i, series in enumerate(vector.coordinates)]
        named.append((rf"\bigl\lvert {name} \bigr\rvert^{{2}}", f"v{r}-norm", vector.squared_norm))
        for i, (left, end, series) in enumerate(named):
            rest = "" if i == r - 1 else remainder(TAU, series.order)
            displays.append(display(left, in_tau(series), f"{label}-{end}", per_line, remainder=rest))
    return displays
