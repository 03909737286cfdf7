"""The closed form as a Python module of numpy alone (THEORY 7)."""

from __future__ import annotations

from typing import Any

import numpy as np

from derive.document.closed_form import SYMBOLS, ClosedFormReport, nodes_text


def closed_form_python(report: ClosedFormReport, header: str) -> str:
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
        header=header,
        nodes=nodes_text(form),
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


def _literal(value: Any) -> str:
    if isinstance(value, float):
        return repr(value)
    rows = ["[" + ", ".join(repr(float(x)) for x in row) + "]" for row in np.atleast_2d(value)]
    if value.ndim == 1:
        return f"np.array({rows[0]})"
    inside = "".join(f"\n    {row}," for row in rows)
    return f"np.array([{inside}\n])"
