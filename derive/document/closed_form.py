"""The closed form of learning at N -> infinity as a document (THEORY 7).

With one or two nodes the formulas stand in symbols; with more the general formula, and its numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.arrays import Array
from derive.document.model import Data, Document, Equation, Lines, Paragraph, Rows, Section
from derive.exact.closed_form.solution import ClosedForm


@dataclass(frozen=True, eq=False)
class ClosedFormReport:
    """A closed form of g and its values at the path lengths ``T``; times to ``zhat`` where one is given.

    ``given`` is g as text; ``singularities`` are in ttilde, the real one and one of
    the pair.
    """

    given: str
    g: float
    form: ClosedForm
    T: Array
    zhat: float | None = None
    tau: Array | None = None
    singularities: tuple[float, complex] | None = None

    @property
    def unit(self) -> float:
        """ttilde/tau = beta^2."""
        return 1 / ((1 - self.g) * (1 + self.g)) ** 2

    def columns(self) -> dict[str, Array]:
        """By name, what is printed at every T."""
        D, N = self.form.scalars(self.T)
        columns = {"T": self.T, "readout": N / D, "D": D, "sharpness": self.form.speed**2 / D**4}
        if self.tau is not None:
            columns |= {"tau": self.tau, "ttilde": self.tau * self.unit}
        return columns


SYMBOLS = {
    1: (
        ("kappa_1^2", "beta"),
        ("N", "kappa_1 tanh(kappa_1 T)"),
        ("D", "1 - T N"),
    ),
    2: (
        ("root", "sqrt((beta - 1) (9 beta^2 + 15 beta + 8)/beta)"),
        ("kappa_1^2, kappa_3^2", "beta^3 (3 beta + 1 +- root)/(2 (beta + 1))"),
        ("kappa_2^2", "2 beta^4/(beta + 1)"),
        ("omega_1", "(kappa_1^2 - kappa_2^2)/(kappa_1^2 - kappa_3^2),  omega_2 = 1 - omega_1"),
        ("t_i", "tanh(kappa_i T)/kappa_i"),
        ("s_i", "kappa_i tanh(kappa_i T)"),
        ("M", "omega_1 omega_2 t_2 (s_1 - s_3)/(1 - t_2 (omega_2 s_1 + omega_1 s_3))"),
        ("N", "beta (omega_1 t_1 + omega_2 t_3 + M (t_1 - t_3))"),
        ("D", "1 - T N - M (kappa_1^2 - kappa_3^2)/kappa_2^2"),
    ),
}
"""The formulas with one and two nodes, beta = 1/(1 - g^2)."""

LATEX: dict[int, tuple[tuple[str, str], ...]] = {
    1: (
        (r"\kappa_1^2", r"\beta"),
        (r"N", r"\kappa_1\tanh\kappa_1T"),
        (r"D", r"1 - T\,N"),
    ),
    2: (
        (
            r"\kappa_{1,3}^2",
            r"\frac{\beta^3}{2(\beta+1)}\Bigl(3\beta+1 \pm \sqrt{(\beta-1)(9\beta^2+15\beta+8)/\beta}\Bigr)",
        ),
        (r"\kappa_2^2", r"\frac{2\beta^4}{\beta+1}"),
        (r"\omega_1", r"\frac{\kappa_1^2-\kappa_2^2}{\kappa_1^2-\kappa_3^2}"),
        (r"\omega_2", r"1 - \omega_1"),
        (r"t_i", r"\frac{\tanh\kappa_iT}{\kappa_i}"),
        (r"s_i", r"\kappa_i\tanh\kappa_iT"),
        (r"M", r"\frac{\omega_1\omega_2\,t_2\,(s_1-s_3)}{1 - t_2(\omega_2s_1+\omega_1s_3)}"),
        (r"N", r"\beta\,\bigl(\omega_1t_1 + \omega_2t_3 + M\,(t_1-t_3)\bigr)"),
        (r"D", r"1 - T\,N - M\,\frac{\kappa_1^2-\kappa_3^2}{\kappa_2^2}"),
    ),
}
GENERAL = (
    (r"s_j", r"\kappa_{2j-1}\tanh\kappa_{2j-1}T"),
    (r"t_k", r"\frac{\tanh\kappa_{2k}T}{\kappa_{2k}}"),
    (
        r"\omega_j",
        r"\frac{\prod_k(\kappa_{2j-1}^2-\kappa_{2k}^2)}{\prod_{i\ne j}(\kappa_{2j-1}^2-\kappa_{2i-1}^2)}",
    ),
    (
        r"\sigma_k^2",
        r"-\frac{\prod_j(\kappa_{2k}^2-\kappa_{2j-1}^2)}{\prod_{i\ne k}(\kappa_{2k}^2-\kappa_{2i}^2)}",
    ),
    (r"V_{j0}", r"\sqrt{\omega_j}"),
    (r"V_{jk}", r"\frac{\sqrt{\omega_j}\,\sigma_k}{\kappa_{2j-1}^2-\kappa_{2k}^2}"),
    (r"V^{\mathsf T}sV", r"\begin{pmatrix}\cdot & G_0^{\mathsf T}\\ G_0 & G\end{pmatrix}"),
    (r"(1 - G\,t)\,v", r"G_0"),
    (r"y", r"(1, t\,v)"),
    (r"N", r"\beta\sum_j\sqrt{\omega_j}\,\frac{\tanh\kappa_{2j-1}T}{\kappa_{2j-1}}\,(Vy)_j"),
    (r"D", r"1 - T\,N - \sum_k\frac{\sigma_kt_kv_k}{\kappa_{2k}^2}"),
)
MEANING = (
    (r"z", r"\frac{N}{D}"),
    (r"\sqrt{h}", r"\frac{\beta}{D^2}"),
    (r"\tau", r"\int_0^T\frac{D^3\,dT}{\beta\,(\hat z D - N)}"),
)


def closed_form_document(report: ClosedFormReport) -> Document:
    """Keys g, nodes, kappa (descending), T, readout, D, sharpness, blow_up.

    With a target also zhat, tau, ttilde, backward_singularity and complex_pair; formulas where in symbols.
    """
    form, columns = report.form, report.columns()
    facts: dict[str, object] = {"g": report.g, "nodes": form.nodes, "kappa": form.kappa.tolist()}
    facts |= {name: values.tolist() for name, values in columns.items()}
    facts["blow_up"] = form.blow_up
    if report.zhat is not None:
        facts["zhat"] = report.zhat
    if report.singularities is not None:
        real, pair = report.singularities
        facts["backward_singularity"], facts["complex_pair"] = real, [pair.real, pair.imag]
    rows = [[f"{x:.10g}" for x in row] for row in zip(*columns.values(), strict=True)]
    formulas = (Data(("formulas",), lambda: dict(SYMBOLS[form.nodes])),) if form.nodes in SYMBOLS else ()
    return Document(
        ("closed-form", "--g", report.given, "--nodes", str(form.nodes)),
        f"closed_form_nodes_{form.nodes}_g_{report.given}",
        "",
        (
            Section((Lines(lambda: _lines(report)), *_equations(form), *formulas)),
            Section((Rows(tuple(columns), rows, formats=("text",)),)),
        ),
        facts=facts,
        setting=Paragraph(latex="\n"),
        heading=rf"Learning at $N \to \infty$ in closed form, $g = {report.given}$",
        comments=(
            f"The fixed-point task at N -> infinity in closed form, {nodes_text(form)}; beta = 1/(1 - g^2).",
            f"kappa_i, the bound states, and T_*, where D vanishes, at g = {report.g:g}.",
        ),
    )


def _lines(report: ClosedFormReport) -> list[str]:
    """The bound states, T*, and the formulas where there are symbols."""
    form = report.form
    lines = [
        f"Closed form of learning at N -> infinity, g = {report.g:g}, {nodes_text(form)}",
        "  z = N/D, h = beta^2/D^4, at the path length T = |a| |b| ds of W; D = 0 at T*",
        "  kappa  " + " ".join(f"{k:.10g}" for k in form.kappa),
        f"  T*     {form.blow_up:.12g}",
    ]
    if report.singularities is not None:
        real, pair = report.singularities
        lines.append(
            f"  singularities of z(ttilde) to zhat = {report.zhat:g}: {real:.6g} and "
            f"{pair.real:.6g} +- {pair.imag:.6g} i"
        )
    return lines + [f"  {name} = {value}" for name, value in SYMBOLS.get(form.nodes, ())]


def _equations(form: ClosedForm) -> list[Equation]:
    formulas = (*LATEX.get(form.nodes, GENERAL), *MEANING)
    found = [Equation(left, (right,), f"formula-{n}") for n, (left, right) in enumerate(formulas, 1)]
    first, *others = (f"{k:.10g}" for k in form.kappa)
    found.append(Equation(r"\kappa_i", (first, *(rf",\; {k}" for k in others)), "kappa"))
    found.append(Equation("T_*", (f"{form.blow_up:.12g}",), "blow-up"))
    return found


def nodes_text(form: ClosedForm) -> str:
    """How many nodes, and how many solitons."""
    count = form.nodes
    return "one node: one soliton" if count == 1 else f"{count} nodes: {2 * count - 1} solitons"
