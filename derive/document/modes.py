"""The modes of a target and the series they share as a document: modes are numbers, formulas exact."""

from __future__ import annotations

from derive.document import variables
from derive.document.expansion import series_label
from derive.document.model import (
    Data,
    Document,
    Equation,
    Formula,
    Lines,
    Numbers,
    Paragraph,
    Rows,
    Section,
)
from derive.document.modes_request import (
    mode_fluctuations,
    mode_observables,
    modes_validity,
    whole_variances,
)
from derive.document.request import Request
from derive.document.stem import data_stem
from derive.observables.singular_values import is_singular_value
from derive.tasks.modes import MatrixExpansion

SYMBOLS = (
    variables.TAU,
    variables.TTILDE,
    variables.ZHAT.meaning_here("singular value of the target, the target of one mode"),
    variables.BETA,
)
RECOMBINATION = {
    "readout": "Z(tau) = sum over modes of z(tau; zhat) left right^T",
    "loss": "|Zhat - Z|^2/2 = sum over modes of L(tau; zhat)",
    "frobenius_norm": "|W - W0| = square root of the sum over modes of |dW|(tau; zhat)^2",
    "singular_values": "those of W - W0 are s1(tau; zhat), s2(tau; zhat), ... of all modes together",
    "loss_variance": "N Var |Zhat - Z|^2/2 = sum over modes of N Var L(tau; zhat)",
    "frobenius_norm_variance": (
        "N Var |W - W0| = sum over modes of |dW|^2 N Var |dW|, over the sum of |dW|^2"
    ),
}
VARIANCES = ("loss_variance", "frobenius_norm_variance")
DECIMALS = 8  # of the vectors in the text; significant digits of zhat


DIGITS = 6  # of the numbers in LaTeX
LEFT = {
    "loss": r"\drvlossone(\drvtau; \drvzhat)",
    "frobenius_norm": r"\drvnormone(\drvtau; \drvzhat)",
}

SETTING = r"""
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


def modes_document(expansion: MatrixExpansion, request: Request, file: str) -> Document:
    """The target and its modes, how they recombine, and the series of one mode; ``file`` holds the target."""
    task = expansion.task
    outputs, inputs = task.target.shape
    size = f"{outputs} x {inputs}"
    return Document(
        ("modes", file, *request.words),
        f"modes_{data_stem(file, [[str(x) for x in row] for row in task.exact])}_{request.stem}",
        f"Fixed-point task with outputs x inputs = {size}, N -> infinity"
        f"{', g = 0' if task.g0 else ''}: expansion through tau**{expansion.order}",
        (*_target(expansion), *_recombination(expansion), *_series(expansion)),
        facts={
            "order": expansion.order,
            "system": "fixed-point modes",
            "limit": "N->oo",
            "target": task.target.tolist(),
        },
        symbols=SYMBOLS,
        validity=modes_validity(expansion),
        setting=Paragraph(latex=SETTING.format(order=expansion.order, digits=DIGITS)),
        heading=rf"The fixed-point task with outputs $\times$ inputs = {outputs} $\times$ {inputs}"
        + " at $g = 0$" * task.g0,
        origin=" from the target below",
        comments=(f"Modes rounded to {DIGITS} digits.",),
    )


def _target(expansion: MatrixExpansion) -> list[Section]:
    """Zhat, and each mode's singular value and vectors."""
    target, count = expansion.task.target, len(expansion.modes)
    total = rf"\sum_{{k=1}}^{{{count}}} \drvzhat_{{k}}\,\drvleft_{{k}}\drvright_{{k}}\drvT" if count else "0"
    given = Section(
        (
            Lines(lambda: ["  " + "  ".join(f"{x:.12g}" for x in row) for row in target]),
            Numbers(r"\drvZhat", target.tolist(), "target"),
            Equation(r"\drvZhat", (total,), "target-modes"),
        ),
        ("Target Zhat",),
    )
    rows = []
    latex: list[Equation | Numbers] = []
    for k, mode in enumerate(expansion.modes, 1):
        vectors = ("  ".join(f"{x:.{DECIMALS}f}" for x in vector) for vector in (mode.left, mode.right))
        rows.append([str(k), f"{mode.zhat:.{DECIMALS}g}", *vectors])
        latex.append(Numbers(rf"\drvzhat_{{{k}}}", [[mode.zhat]], f"mode-{k}"))
        for name, vector in (("left", mode.left), ("right", mode.right)):
            latex.append(Numbers(rf"\drv{name}_{{{k}}}", [[x] for x in vector.tolist()], f"mode-{k}-{name}"))
    unlearned = min(target.shape) - count
    rank = [f"The target has rank {count}; where zhat = 0 nothing is learned."] if unlearned else []
    modes = Section(
        (
            Rows(("mode", "zhat", "left", "right"), rows, formats=("text",), folded=True),
            Lines(lambda: rank),
            Data(("modes",), lambda: _modes(expansion)),
            *latex,
        ),
        (f"Modes, Zhat = sum of zhat left right^T, rounded to {DECIMALS} digits and decimals",),
    )
    return [given, modes]


def _modes(expansion: MatrixExpansion) -> list[dict[str, object]]:
    return [
        {"zhat": mode.zhat, "left": mode.left.tolist(), "right": mode.right.tolist()}
        for mode in expansion.modes
    ]


def _recombination(expansion: MatrixExpansion) -> list[Section]:
    """Z, loss, norm and singular values of all modes from those of one."""
    latex: tuple[Equation, ...] = (Equation(r"\drvZ(\drvtau)", ("0",), "readout-sum"),)
    if expansion.modes:
        at_mode = r"(\drvtau; \drvzhat_{k})"
        ranks = rf"r = {_count(expansion.scalar.singular_value_count)},\ k = {_count(len(expansion.modes))}"
        total = rf"\sum_{{k}} \drvz{at_mode}\,\drvleft_{{k}}\drvright_{{k}}\drvT"
        latex = (
            Equation(r"\drvZ(\drvtau)", (total,), "readout-sum"),
            Equation(r"\drvloss(\drvtau)", (rf"\sum_{{k}} \drvlossone{at_mode}",), "loss-sum"),
            Equation(r"\drvnorm^{2}", (rf"\sum_{{k}} \drvnormone{at_mode}^{{2}}",), "frobenius-norm-sum"),
            Equation(
                r"\{\drvs\}",
                (rf"\{{\drvs_{{r}}{at_mode}\}},", rf" \quad {ranks}"),
                "singular-values-sum",
            ),
        )
    known = whole_variances(expansion)
    lines = {name: line for name, line in RECOMBINATION.items() if name not in VARIANCES or name in known}
    if expansion.modes and known:
        one, norm = rf"\drvlossone{at_mode}", rf"\drvnormone{at_mode}"
        variance = r"N\,\operatorname{Var}"
        latex += (
            Equation(rf"{variance}\drvloss(\drvtau)", (rf"\sum_{{k}} {variance}{one}",), "loss-variance-sum"),
            Equation(
                rf"\drvnorm^{{2}}\,{variance}\drvnorm",
                (rf"\sum_{{k}} {norm}^{{2}}\,{variance}{norm}",),
                "frobenius-norm-variance-sum",
            ),
        )
    return [Section((Data(("recombination",), lambda: lines), *latex), tuple(lines.values()))]


def _count(last: int) -> str:
    return ", ".join(map(str, range(1, last + 1))) if last <= 3 else rf"1, \ldots, {last}"


def _series(expansion: MatrixExpansion) -> list[Section]:
    sections, number = [], 0
    for o in mode_observables(expansion):
        singular = is_singular_value(o.name)
        key = ("singular_values", number) if singular else (o.name,)
        number += singular
        left = LEFT.get(o.name) or o.left.removesuffix(r"(\drvtau)") + r"(\drvtau; \drvzhat)"
        formula = Formula(key, left, o.series, f"of one mode: {o.title}", series_label(o.name))
        sections.append(Section((formula,)))
    for o in mode_fluctuations(expansion):
        observed = LEFT.get(o.name.removesuffix("_variance"))
        left = o.left.removesuffix(r"(\drvtau)") + r"(\drvtau; \drvzhat)"
        if observed:
            left = rf"N\,\operatorname{{Var}}{observed}"
        formula = Formula((o.name,), left, o.series, f"of one mode: {o.title}", series_label(o.name))
        sections.append(Section((formula,)))
    return sections
