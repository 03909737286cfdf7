"""The closed form as a Python module of numpy alone (THEORY 7)."""

from __future__ import annotations

from typing import Any

import numpy as np

from derive.document.closed_form import ClosedFormReport, nodes_text


def closed_form_python(report: ClosedFormReport, header: str) -> str:
    """A module of numpy alone: functions of T at one g, with the spectrum in digits."""
    form = report.form
    spectrum = form.spectrum
    arrays = {
        "STRENGTH": report.g,
        "SPEED": form.speed,
        "LAMBDA": spectrum.nodes,
        "XI": spectrum.between,
        "SLOPE": spectrum.slope,
        "V": spectrum.frame,
    }
    return PYTHON.format(
        header=header,
        nodes=nodes_text(form),
        g=repr(report.g),
        kappa=", ".join(repr(float(k)) for k in form.kappa),
        blow_up=repr(form.blow_up),
        arrays="\n".join(f"{name} = {_literal(value)}" for name, value in arrays.items()),
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

{arrays}


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
    return 1 - T * N - np.sum(SLOPE / XI * tv, axis=-1), N


def D(T):
    """(h/h(0))**(-1/4)."""
    return scalars(T)[0]


def readout(T):
    """z."""
    below, above = scalars(T)
    return above / below


def sharpness(T):
    """h = dz/ds."""
    return SPEED ** 2 / scalars(T)[0] ** 4
'''


def _literal(value: Any) -> str:
    if isinstance(value, float):
        return repr(value)
    rows = ["[" + ", ".join(repr(float(x)) for x in row) + "]" for row in np.atleast_2d(value)]
    if value.ndim == 1:
        return f"np.array({rows[0]})"
    inside = "".join(f"\n    {row}," for row in rows)
    return f"np.array([{inside}\n])"
