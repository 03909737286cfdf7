"""Fit the radius of convergence in ttilde, and measure the accuracy of the fit that derive prints.

The radius depends on A = zhat sqrt(beta) and g^2 only. Printed are the coefficients of a new fit and,
for it and for the one in `derive.radius.trust`, the largest relative error on points between
those of the fit.

    python benchmarks/radius_fit.py
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import least_squares

from derive.radius.singularities import singularities
from derive.radius.trust import LARGEST_G, ZHAT_RANGE, fitted_radius

START = np.array([0.3, 1.0, 1.0, 0.5, 1.0, 0.5, 0.0, 0.0, 0.0, 0.0])


def model(p: np.ndarray, A: np.ndarray, u: np.ndarray) -> np.ndarray:
    """(1 + d1 A + d2 A^2)/sum (n_i + m_i u) A^i, p = n0..n3, d1, d2, m0..m3."""
    below = sum((p[i] + p[6 + i] * u) * A**i for i in range(4))
    return (1 + p[4] * A + p[5] * A**2) / below


def grid(strengths: int, targets: int) -> tuple[np.ndarray, ...]:
    """g, zhat and the radius on a grid over the range."""
    gs = np.linspace(0, LARGEST_G, strengths)
    zhats = np.geomspace(*ZHAT_RANGE, targets)
    points = [(g, z, singularities(float(g), float(z)).radius) for g in gs for z in zhats]
    return tuple(np.array(points).T)


def main() -> None:
    g, zhat, radius = grid(20, 25)
    A, u = zhat / np.sqrt(1 - g * g), g * g
    random = np.random.default_rng(0)
    fits = [
        least_squares(
            lambda p: np.log(np.abs(model(p, A, u)) / radius),
            START * (1 + 0.3 * random.standard_normal(10)),
            max_nfev=4000,
            xtol=1e-14,
            ftol=1e-14,
        ).x
        for _ in range(6)
    ]
    best = min(fits, key=lambda p: np.abs(model(p, A, u) / radius - 1).max())
    names = ("n0", "n1", "n2", "n3", "d1", "d2", "m0", "m1", "m2", "m3")
    print("new fit:", ", ".join(f"{name} {value:.4g}" for name, value in zip(names, best, strict=True)))
    g, zhat, radius = grid(37, 41)
    A, u = zhat / np.sqrt(1 - g * g), g * g
    print(f"largest relative error, new fit:     {np.abs(model(best, A, u) / radius - 1).max():.4f}")
    print(f"largest relative error, printed fit: {np.abs(fitted_radius(zhat, g) / radius - 1).max():.4f}")


if __name__ == "__main__":
    main()
