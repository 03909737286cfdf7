"""The closed form as text, JSON, LaTeX and Python (THEORY 7): one subject, one file.

With one or two nodes the formulas stand in symbols; with more the general formula, and its numbers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.document.request import HEADER
from derive.exact.closed_form.solution import ClosedForm
from derive.write.latex.latex_document import preamble
from derive.write.tables.table_document import records_text

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ClosedFormReport:
    """A closed form of g and its values at the path lengths ``T``; times to ``zhat`` where one is given.

    ``command`` is the command line that makes it; ``singularities`` are in ttilde, the real one and one of
    the pair.
    """

    command: str
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

LATEX_SYMBOLS = {
    1: (r"\kappa_1^2 &= \beta, \qquad N = \kappa_1\tanh\kappa_1T, \qquad D = 1 - T\,N",),
    2: (
        r"\kappa_{1,3}^2 &= \frac{\beta^3}{2(\beta+1)}\Bigl(3\beta + 1 \pm"
        r" \sqrt{(\beta-1)(9\beta^2+15\beta+8)/\beta}\Bigr), \qquad \kappa_2^2 = \frac{2\beta^4}{\beta+1}",
        r"\omega_1 &= \frac{\kappa_1^2-\kappa_2^2}{\kappa_1^2-\kappa_3^2}, \qquad \omega_2 = 1 - \omega_1,"
        r" \qquad t_i = \frac{\tanh\kappa_iT}{\kappa_i}, \qquad s_i = \kappa_i\tanh\kappa_iT",
        r"M &= \frac{\omega_1\omega_2\,t_2\,(s_1-s_3)}{1 - t_2(\omega_2s_1+\omega_1s_3)}",
        r"N &= \beta\,\bigl(\omega_1t_1 + \omega_2t_3 + M\,(t_1-t_3)\bigr), \qquad"
        r" D = 1 - T\,N - M\,\frac{\kappa_1^2-\kappa_3^2}{\kappa_2^2}",
    ),
}
GENERAL = (
    r"s_j &= \kappa_{2j-1}\tanh\kappa_{2j-1}T, \qquad t_k = \frac{\tanh\kappa_{2k}T}{\kappa_{2k}}, \qquad"
    r" \omega_j = \frac{\prod_k(\kappa_{2j-1}^2-\kappa_{2k}^2)}"
    r"{\prod_{i\ne j}(\kappa_{2j-1}^2-\kappa_{2i-1}^2)}",
    r"\sigma_k^2 &= -\frac{\prod_j(\kappa_{2k}^2-\kappa_{2j-1}^2)}"
    r"{\prod_{i\ne k}(\kappa_{2k}^2-\kappa_{2i}^2)}, \qquad V_{j0} = \sqrt{\omega_j}, \qquad"
    r" V_{jk} = \frac{\sqrt{\omega_j}\,\sigma_k}{\kappa_{2j-1}^2-\kappa_{2k}^2}",
    r"V^{\mathsf T}sV &= \begin{pmatrix}\cdot & G_0^{\mathsf T}\\ G_0 & G\end{pmatrix}, \qquad"
    r" (1 - G\,t)\,v = G_0, \qquad y = (1, t\,v)",
    r"N &= \beta\sum_j\sqrt{\omega_j}\,\frac{\tanh\kappa_{2j-1}T}{\kappa_{2j-1}}\,(Vy)_j, \qquad"
    r" D = 1 - T\,N - \sum_k\frac{\sigma_kt_kv_k}{\kappa_{2k}^2}",
)
MEANING = (
    r"z &= \frac{N}{D}, \qquad \sqrt{h} = \frac{\beta}{D^2}, \qquad"
    r" \tau = \int_0^T\frac{D^3\,dT}{\beta\,(\hat z D - N)}",
)


def closed_form_text(report: ClosedFormReport) -> str:
    """The bound states, T*, the formulas where there are symbols, and a table."""
    form = report.form
    lines = [
        f"Closed form of learning at N -> infinity, g = {report.g:g}, {_nodes(form)}",
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
    lines += [f"  {name} = {value}" for name, value in SYMBOLS.get(form.nodes, ())]
    rows = [dict(zip(names, row, strict=True)) for names, row in _rows(report)]
    return "\n".join(lines) + "\n\n" + records_text([{k: f"{v:.10g}" for k, v in r.items()} for r in rows])


def closed_form_json(report: ClosedFormReport) -> str:
    """Keys g, nodes, kappa (descending), T, readout, D, sharpness, blow_up.

    With a target also zhat, tau, ttilde, backward_singularity and complex_pair; formulas where in symbols.
    """
    form = report.form
    document: dict[str, Any] = {"g": report.g, "nodes": form.nodes, "kappa": form.kappa.tolist()}
    document |= {name: values.tolist() for name, values in report.columns().items()}
    document["blow_up"] = form.blow_up
    if report.zhat is not None:
        document["zhat"] = report.zhat
    if report.singularities is not None:
        real, pair = report.singularities
        document["backward_singularity"], document["complex_pair"] = real, [pair.real, pair.imag]
    if form.nodes in SYMBOLS:
        document["formulas"] = dict(SYMBOLS[form.nodes])
    return json.dumps(document, indent=2) + "\n"


def closed_form_latex(report: ClosedFormReport) -> str:
    """A fragment for a paper: the formulas and the bound states."""
    form = report.form
    lines = preamble(f"{HEADER} {report.command}", {})
    lines += [f"% The fixed-point task at N -> infinity in closed form, {_nodes(form)}; beta = 1/(1 - g^2)."]
    formulas = LATEX_SYMBOLS.get(form.nodes, GENERAL)
    lines += [r"\begin{align}", *_joined([*formulas, *MEANING]), r"\end{align}"]
    values = r",\; ".join(f"{k:.10g}" for k in form.kappa)
    lines += [f"% the bound states at g = {report.g:g}, and where D vanishes"]
    lines += [r"\begin{gather}", rf"\kappa_i = {values} \\", rf"T_* = {form.blow_up:.12g}", r"\end{gather}"]
    return "\n".join(lines) + "\n"


def closed_form_python(report: ClosedFormReport) -> str:
    """A module of numpy alone: functions of T, and of g where there are symbols."""
    form = report.form
    if form.nodes in SYMBOLS:
        body, arguments = PYTHON_SYMBOLS[form.nodes], "T, g"
    else:
        spectrum = form.spectrum
        arrays = {
            "STRENGTH": report.g,
            "SPEED": form.speed,
            "LAMBDA": spectrum.nodes,
            "XI": spectrum.between,
            "SLOPE": spectrum.slope,
            "V": spectrum.frame,
        }
        body = (
            "\n" + "\n".join(f"{name} = {_literal(value)}" for name, value in arrays.items()) + PYTHON_GENERAL
        )
        arguments = "T"
    values = ", ".join(repr(float(k)) for k in form.kappa)
    return PYTHON.format(
        header=f"{HEADER} {report.command}",
        nodes=_nodes(form),
        g=repr(report.g),
        kappa=values,
        blow_up=repr(form.blow_up),
        body=body,
        arguments=arguments,
        speed="SPEED" if arguments == "T" else "1 / (1 - g**2)",
    )


PYTHON = '''\
# {header}
# Do not edit: the command above makes it again.
"""Learning of the fixed-point task at N -> infinity in closed form, {nodes}.

Functions of the path length T of W (0 <= T < T*): numbers and numpy arrays. z = N/D, h = beta**2/D**4.
"""

import numpy as np

KAPPA = ({kappa},)
"""The bound states at g = {g}, descending."""

BLOW_UP = {blow_up}
"""T* at g = {g}."""
{body}


def D({arguments}):
    """(h/h(0))**(-1/4)."""
    return scalars({arguments})[0]


def readout({arguments}):
    """z."""
    below, above = scalars({arguments})
    return above / below


def sharpness({arguments}):
    """h = dz/ds."""
    return ({speed}) ** 2 / scalars({arguments})[0] ** 4
'''

PYTHON_GENERAL = '''


def scalars(T):
    """D and N."""
    T = np.asarray(T, dtype=float)
    k, q = np.sqrt(LAMBDA), np.sqrt(XI)
    rise, t = np.tanh(T[..., None] * k), np.tanh(T[..., None] * q) / q
    G = V.T @ ((rise * k)[..., None] * V)
    system = np.eye(len(XI)) - G[..., 1:, 1:] * t[..., None, :]
    tv = t * np.linalg.solve(system, G[..., 1:, :1])[..., 0]
    y = V[:, 0] + tv @ V[:, 1:].T
    N = SPEED * np.sum(V[:, 0] / k * rise * y, axis=-1)
    return 1 - T * N - np.sum(SLOPE / XI * tv, axis=-1), N'''

PYTHON_SYMBOLS = {
    1: '''

def scalars(T, g):
    """D and N."""
    kappa = np.sqrt(1 / (1 - g**2))
    N = kappa * np.tanh(kappa * T)
    return 1 - T * N, N''',
    2: '''

def scalars(T, g):
    """D and N, for 0 < g < 1."""
    beta = 1 / (1 - g**2)
    root = np.sqrt((beta - 1) * (9 * beta**2 + 15 * beta + 8) / beta)
    scale = beta**3 / (2 * (beta + 1))
    x1, x2, x3 = scale * (3 * beta + 1 + root), 4 * scale * beta, scale * (3 * beta + 1 - root)
    k1, k2, k3 = np.sqrt(x1), np.sqrt(x2), np.sqrt(x3)
    omega1, omega2 = (x1 - x2) / (x1 - x3), (x2 - x3) / (x1 - x3)
    t1, t2, t3 = np.tanh(k1 * T) / k1, np.tanh(k2 * T) / k2, np.tanh(k3 * T) / k3
    s1, s3 = x1 * t1, x3 * t3
    M = omega1 * omega2 * t2 * (s1 - s3) / (1 - t2 * (omega2 * s1 + omega1 * s3))
    N = beta * (omega1 * t1 + omega2 * t3 + M * (t1 - t3))
    return 1 - T * N - M * (x1 - x3) / x2, N''',
}


def _nodes(form: ClosedForm) -> str:
    count = form.nodes
    return "one node: one soliton" if count == 1 else f"{count} nodes: {2 * count - 1} solitons"


def _rows(report: ClosedFormReport) -> list[tuple[list[str], list[float]]]:
    columns = report.columns()
    return [(list(columns), [float(x) for x in row]) for row in zip(*columns.values(), strict=True)]


def _joined(formulas: Sequence[str]) -> list[str]:
    return [line + r" \\" for line in formulas[:-1]] + [formulas[-1]]


def _literal(value: Any) -> str:
    if isinstance(value, float):
        return repr(value)
    rows = ["[" + ", ".join(repr(float(x)) for x in row) + "]" for row in np.atleast_2d(value)]
    if value.ndim == 1:
        return f"np.array({rows[0]})"
    inside = "".join(f"\n    {row}," for row in rows)
    return f"np.array([{inside}\n])"
