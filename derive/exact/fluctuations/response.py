"""First derivatives of every observable by the overlaps, at fixed learning time (THEORY 8).

At a part p = T/T_e of the way, y = -log(1 - p), the time and the error are

    tau = y/h_e + integral_0^p smooth dp,    smooth = T_e F - 1/(h_e (1 - p)),    F = 1/((zhat - z) sqrt(h)),
    zhat - z = (1 - p) quotient,

so that by any overlap theta, with ' = d/dtheta at fixed p,

    d log(zhat - z) = quotient'/quotient + h tau',       dp = -tau' (zhat - z) sqrt(h)/T_e      at fixed tau:

nothing cancels however late. Where p moves by dp, T moves by p T_e' + T_e dp.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array
from derive.exact.closed_form.path import closed_form_path
from derive.exact.closed_form.solution import ClosedForm, solved
from derive.exact.fluctuations.perturbation import STEP, Perturbed, imaginary, perturbed
from derive.exact.learning_curve import LearningCurve
from derive.exact.time_integral import PiecewiseIntegral

PRECISION = 1e-12  # of the derivatives
OBSERVED = ("readout", "loss", "gradient_norm", "frobenius_norm", "sharpness")
LEAST_REST = 1e-300  # of the way: what is less has underflowed


@dataclass(frozen=True, eq=False)
class Responses:
    """Derivatives by the 2n overlaps of `perturbed`, (T, 2n) each; the values themselves (T,).

    ``singular`` (T, R) and ``by_singular`` (T, R, 2n) are those of the singular values of W - W0.
    """

    form: ClosedForm
    values: dict[str, Array]
    by: dict[str, Array]
    singular: Array
    by_singular: Array


class ResponseCurve:
    """Learning towards ``zhat`` > 0 on a closed form, and its derivatives by the overlaps."""

    def __init__(self, form: ClosedForm, zhat: float) -> None:
        self.form, self.zhat = form, zhat
        self.curve = LearningCurve(closed_form_path(form), zhat)
        self.perturbed: Perturbed = perturbed(form)

    def responses(self, tau: Array, singular_values: int) -> Responses:
        """At the learning times ``tau`` (T,) >= 0."""
        T, rest = self.curve.position(tau)
        error, sharpness = self.curve.error_at(T, rest), self.curve.path.sharpness(T)
        root = np.sqrt(sharpness)
        part, y = T / self.curve.length, -np.log(np.maximum(rest / self.curve.length, LEAST_REST))
        rates, integrals = self._smooth.at(part)
        slower = (integrals[self._count :] + y * self._unit_change[:, None]).T
        by_error = error[:, None] * (rates[: self._count].T + sharpness[:, None] * slower)
        moved = part[:, None] * self._end_change - slower * (error * root)[:, None]
        D, _, unit = self.perturbed.state(T)
        by_log_sharpness = 2 * imaginary(np.log(self.perturbed.spectrum.speed) - 2 * np.log(D)).T
        by_log_sharpness += 4 * moved * self._log_slope(T)[:, None]
        change, by_change = self._changes(T)
        direction = np.real(unit[0])
        by_matrix = by_change + np.einsum("ta,tb,tk->tkab", direction, direction, moved)
        size = np.sqrt(np.sum(change**2, axis=(1, 2)))
        values, vectors = np.linalg.eigh(change)
        top = slice(None, -1 - singular_values, -1)
        values, vectors = values[:, top], vectors[:, :, top]
        by_singular = np.einsum("tar,tkab,tbr->trk", vectors, by_matrix, vectors)
        by_singular[size == 0] = 0  # before learning, whatever rounding says
        with np.errstate(divide="ignore", invalid="ignore"):
            by_size = np.einsum("tab,tkab->tk", change, by_matrix) / size[:, None]
        by_size[size == 0] = 0
        observables = {
            "readout": (self.zhat - error, -by_error),
            "loss": (error**2 / 2, error[:, None] * by_error),
            "gradient_norm": (
                np.abs(error) * root,
                root[:, None] * by_error + (error * root)[:, None] * by_log_sharpness / 2,
            ),
            "frobenius_norm": (size, by_size),
            "sharpness": (sharpness, sharpness[:, None] * by_log_sharpness),
        }
        return Responses(
            self.form,
            {name: value for name, (value, _) in observables.items()},
            {name: by for name, (_, by) in observables.items()},
            values,
            by_singular,
        )

    def time_response(self, fraction: float) -> Array:
        """Derivatives (2n,) of the tau at which the loss has fallen to ``fraction`` of its start."""
        tau = np.array([self.curve.time_to(fraction)])
        error = np.array([0.0, fraction**0.5]) * self.zhat
        error[0] = self.zhat
        start, now = (self.responses(at, 1) for at in (np.zeros(1), tau))
        # log(error/initial error) is kept: tau moves against d log(error)/dtau = -h
        relative = -now.by["readout"][0] / error[1] + start.by["readout"][0] / error[0]
        return np.asarray(relative / now.values["sharpness"][0])

    @property
    def _count(self) -> int:
        return 2 * self.form.nodes

    @cached_property
    def _end_change(self) -> Array:
        """T_e' by every overlap: where zhat D - N vanishes."""
        D, N, _ = self.perturbed.state(np.array([self.curve.length]))
        # d(zhat D - N)/dT there is -D dz/dT
        slope = float(np.real(D[0, 0])) * np.sqrt(self.curve.sharpness)
        return np.asarray(imaginary(self.zhat * D - N)[:, 0] / slope)

    @cached_property
    def _unit_change(self) -> Array:
        """(1/h_e)' by every overlap."""
        D, _, _ = self.perturbed.state(self._complex_end)
        return imaginary(D**4 / self.perturbed.spectrum.speed**2)[:, 0]

    @property
    def _complex_end(self) -> NDArray[np.complex128]:
        return np.asarray(self.curve.length + 1j * STEP * self._end_change, dtype=np.complex128)[:, None]

    @cached_property
    def _smooth(self) -> PiecewiseIntegral:
        """quotient'/quotient, and the derivatives of the smooth part of the time, as functions of p."""
        path, length = self.curve.path, self.curve.length
        edges = np.append(path.starts[path.starts < length], length)
        unit = 1 / self.curve.sharpness + 1j * STEP * self._unit_change

        def function(part: Array) -> Array:
            flat = part.ravel()
            end = self._complex_end
            D, N, _ = self.perturbed.state(end * flat)
            error = self.zhat - N / D
            rate = D**2 * end / (self.perturbed.spectrum.speed * error)
            parts = [imaginary(error) / np.real(error), imaginary(rate - unit[:, None] / (1 - flat))]
            return np.concatenate(parts).reshape(-1, *part.shape)

        return PiecewiseIntegral(function, edges / length, 0.0, PRECISION)

    def _changes(self, T: Array) -> tuple[Array, Array]:
        """W - W0 (T, 2n, 2n) and its derivatives (T, 2n, 2n, 2n), by overlap first, at fixed T."""
        count, last = self._count, float(np.max(T, initial=0.0))
        if last == 0:
            return np.zeros((*T.shape, count, count)), np.zeros((*T.shape, count, count, count))

        def outer(at: Array) -> Array:
            _, _, unit = self.perturbed.state(at.ravel())
            product = np.einsum("ktb,kta->kabt", unit, unit)
            both = np.concatenate([np.real(product[:1]), imaginary(product)])
            return both.reshape(*both.shape[:-1], *at.shape)

        edges = np.append(self.curve.path.starts[self.curve.path.starts < last], last)
        integral = PiecewiseIntegral(outer, edges, 0.0, PRECISION).at(T)[1]
        return np.moveaxis(integral[0], -1, 0), np.moveaxis(integral[1:], -1, 0)

    def _log_slope(self, T: Array) -> Array:
        """-(dD/dT)/D."""
        D, _, _ = solved(self.form.spectrum, T + 1j * STEP)
        return np.asarray(-imaginary(D) / np.real(D))
