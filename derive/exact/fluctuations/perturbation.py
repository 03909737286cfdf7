"""How the closed form answers to a change of the overlaps, to first order (THEORY 7, 8).

Given W0, the vectors m and w are isotropic: what fluctuates between networks are the weights of the measures
of B B^T as m and w see it, and the overlaps across, on the 2n-network of nodes lambda_k and weights r_k

    m^T (B^T B)^i m = sum_k r_k lambda_k^i,     w^T B (B^T B)^i m = sum_k c_k lambda_k^(i + 1/2),    c_k = 0.

z does not change where m and w are exchanged, so that the mean r_k of both weights and the c_k are all that
counts to first order. A change of r_k moves the zeros xi_j between the nodes, and with them V; a change of
c_k adds the phase artanh(c_k/r_k) to kappa_(2k-1) T. Derivatives are the imaginary parts after a complex
step, exact to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.arrays import Array
from derive.exact.closed_form.solution import ClosedForm, solved
from derive.exact.closed_form.spectrum import Spectrum

STEP = 1e-30


@dataclass(frozen=True, eq=False)
class Perturbed:
    """The closed form under 2n imaginary changes, of r_1..r_n, then of c_1..c_n, along the first axis."""

    spectrum: Spectrum
    phases: Any

    def state(self, T: Any) -> tuple[Any, Any, Any]:
        """D, N (2n, ...) and the unit vector (2n, ..., 2n) at T (...) or, complex, (2n, ...)."""
        return solved(self.spectrum, np.asarray(T), self.phases)


def perturbed(form: ClosedForm) -> Perturbed:
    """All 2n changes of a closed form at once."""
    base, n = form.spectrum, form.nodes
    x, xi = base.nodes, base.between
    change = np.concatenate([np.eye(n), np.zeros((n, n))]) * (1j * STEP)
    weights = base.weights + change
    speed = weights @ x
    omega = weights * x / speed[:, None]
    gap = x[:, None] - xi  # (n, n - 1)
    excess = np.sum((omega - omega.real)[:, :, None] / gap, axis=1)  # of sum_j omega_j/(lambda_j - xi)
    between = xi - excess / np.sum(omega.real[0][:, None] / gap**2, axis=0)
    gap = x[:, None] - between[:, None, :]
    slope = np.sum(omega[:, :, None] / gap**2, axis=1) ** -0.5
    first = np.sqrt(omega)[:, :, None]
    frame = np.concatenate([first, first * slope[:, None, :] / gap], axis=2)
    phases = np.concatenate([np.zeros((n, n)), np.eye(n)]) * (1j * STEP) / base.weights
    spectrum = Spectrum(
        x,
        weights,
        between[:, None],
        slope[:, None],
        frame[:, None],
        speed[:, None],
        (speed / weights.sum(axis=1))[:, None],
    )
    return Perturbed(spectrum, phases[:, None])


def imaginary(value: Any) -> Array:
    """The derivative that a complex step has left."""
    return np.asarray(np.imag(value) / STEP, dtype=np.float64)
