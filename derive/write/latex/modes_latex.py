"""The modes of a target and the series they share as LaTeX, in the macros of `derive.write.latex.latex`.

The modes are numbers with `DIGITS` digits, the formulas are symbols.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.document.modes_request import mode_observables, modes_header, modes_validity
from derive.document.request import Request
from derive.tasks.modes import MatrixExpansion
from derive.write.latex.latex import MACROS
from derive.write.latex.latex_document import document, preamble
from derive.write.latex.latex_series import series_displays

DIGITS = 6

USED = (
    r"\drvtau",
    r"\drvttilde",
    r"\drvzhat",
    r"\drvbeta",
    r"\drvg",
    r"\drvz",
    r"\drvloss",
    r"\drvnorm",
    r"\drvs",
    r"\drvO",
    r"\drvv",
)
MODE_MACROS = {
    r"\drvZ": "Z",
    r"\drvZhat": r"\hat{Z}",
    r"\drvu": "u",
    r"\drvT": r"^{\top}",
    r"\drvnormone": r"\left\lVert \Delta W \right\rVert_{1}",
    r"\drvlossone": r"\mathcal{L}_{1}",
}
LEFT = {
    "readout": r"\drvz(\drvtau; \drvzhat)",
    "loss": r"\drvlossone(\drvtau; \drvzhat)",
    "frobenius_norm": r"\drvnormone(\drvtau; \drvzhat)",
}

INTRODUCTION = r"""
Gradient flow
$\mathrm{{d}}W/\mathrm{{d}}\tau = R^{{\top}} W_{{\mathrm{{out}}}} (\hat Z - Z) M^{{\top}} R^{{\top}}$
of a linear network with $R = (I - W)^{{-1}}$, orthonormal inputs $M$ and readouts $W_{{\mathrm{{out}}}}$,
$Z = W_{{\mathrm{{out}}}}^{{\top}} R\, M$ and loss $\mathcal{{L}} = \lVert \hat Z - Z \rVert^2/2$, from
$W(0) = W_0$ with independent entries of variance $g^2/N$, in the limit $N \to \infty$. Every singular mode
$(\hat z_k, u_k, v_k)$ of the target learns like the task with one input and one output (Schuessler et al.\
2020, section~3), of which $z$, $\mathcal{{L}}_1$, $\lVert \Delta W \rVert_1$ and $s_r$ are readout, loss,
$\lVert W - W_0 \rVert$ and singular values. Here $\beta = 1/(1 - g^2)$, $\tilde\tau = \beta^2 \tau$ and
$\Delta W = W - W_0$; numbers are rounded to {digits} digits. All is exact
through order {order} in $\tau$.
"""


def modes_latex(expansion: MatrixExpansion, request: Request) -> str:
    """A fragment for \\input under amsmath, or with ``standalone`` a document that compiles."""
    if request.standalone:
        outputs, inputs = expansion.task.target.shape
        introduction = INTRODUCTION.format(order=expansion.order, digits=DIGITS)
        fragment = modes_latex(expansion, replace(request, standalone=False))
        title = rf"The fixed-point task with outputs $\times$ inputs = {outputs} $\times$ {inputs}"
        title += " at $g = 0$" * request.g0
        return document(modes_header(request, "latex"), title, introduction, fragment)
    label = f"eq:modes-{request.stem.replace('_', '-')}"
    displays = [_preamble(expansion, request), _target(expansion, label), _recombined(expansion, label)]
    for observable in mode_observables(expansion):
        left = LEFT.get(observable.name, rf"\drvs_{{{observable.name[1:]}}}(\drvtau; \drvzhat)")
        name = observable.name.replace("_", "-")
        displays += series_displays(left, observable.series, f"{label}-{name}", request.terms_per_line)
    return "\n".join(displays)


def _preamble(expansion: MatrixExpansion, request: Request) -> str:
    lines = preamble(
        modes_header(request, "latex"),
        {name: MACROS[name] for name in USED} | MODE_MACROS,
        modes_validity(expansion),
        f"Modes rounded to {DIGITS} digits.",
        origin=" from the target below",
    )
    return "\n".join(lines) + "\n"


def _target(expansion: MatrixExpansion, label: str) -> str:
    """Zhat, and each mode's singular value and vectors."""
    count = len(expansion.modes)
    total = rf"\sum_{{k=1}}^{{{count}}} \drvzhat_{{k}}\,\drvu_{{k}}\drvv_{{k}}\drvT" if count else "0"
    lines = [rf"  \drvZhat &= {_matrix(expansion.task.target.tolist())} = {total} \label{{{label}-target}}"]
    for k, mode in enumerate(expansion.modes, 1):
        parts = [rf"\drvzhat_{{{k}}} &= {_number(mode.zhat)}"]
        for name, vector in (("u", mode.left), ("v", mode.right)):
            parts.append(rf"\drv{name}_{{{k}}} = {_matrix([[x] for x in vector.tolist()])}")
        lines.append("  " + r", \quad ".join(parts) + rf" \label{{{label}-mode-{k}}}")
    return "\\begin{align}\n" + " \\\\\n".join(lines) + "\n\\end{align}\n"


def _recombined(expansion: MatrixExpansion, label: str) -> str:
    """Z, loss, norm and singular values of all modes from those of one."""
    if not expansion.modes:
        return (
            "\\begin{align}\n" + rf"  \drvZ(\drvtau) &= 0 \label{{{label}-readout-sum}}" + "\n\\end{align}\n"
        )
    at_mode = r"(\drvtau; \drvzhat_{k})"
    ranks = rf"r = {_count(expansion.scalar.singular_value_count)},\ k = {_count(len(expansion.modes))}"
    equations = {
        r"\drvZ(\drvtau)": rf"\sum_{{k}} \drvz{at_mode}\,\drvu_{{k}}\drvv_{{k}}\drvT",
        r"\drvloss(\drvtau)": rf"\sum_{{k}} \drvlossone{at_mode}",
        r"\drvnorm^{2}": rf"\sum_{{k}} \drvnormone{at_mode}^{{2}}",
        r"\{\drvs\}": rf"\{{\drvs_{{r}}{at_mode}\}}, \quad {ranks}",
    }
    names = ("readout", "loss", "frobenius-norm", "singular-values")
    lines = [
        rf"  {left} &= {right} \label{{{label}-{name}-sum}}"
        for name, (left, right) in zip(names, equations.items(), strict=True)
    ]
    return "\\begin{align}\n" + " \\\\\n".join(lines) + "\n\\end{align}\n"


def _count(last: int) -> str:
    return ", ".join(map(str, range(1, last + 1))) if last <= 3 else rf"1, \ldots, {last}"


def _matrix(rows: Sequence[Sequence[float]]) -> str:
    """Numbers in brackets, any number of columns."""
    body = r" \\ ".join(" & ".join(map(_number, row)) for row in rows)
    return rf"\left(\begin{{array}}{{{'r' * len(rows[0])}}} {body} \end{{array}}\right)"


def _number(value: float) -> str:
    mantissa, _, exponent = f"{value:.{DIGITS}g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
