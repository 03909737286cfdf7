"""The derivation of the closed form, line by line (THEORY 7): (7.1) to the conditions at the bound states."""

import numpy as np
import pytest

from derive.exact.closed_form.solution import closed_form

STEP = 1e-3  # of T, over 1/kappa_1; differences of fourth order


class Learning:
    """S, v and D along T in the basis of the bound states: S from S_0 and the integral of v v^T."""

    def __init__(self, g, nodes):
        self.form = closed_form(g, nodes)
        self.step = STEP / self.form.kappa[0]
        self.start = start_of(self.form.spectrum)

    def v(self, T):
        return self.form.direction(np.array(T))

    def S(self, T):
        x, share = np.polynomial.legendre.leggauss(40)
        v = self.form.direction(T * (1 + x) / 2)
        return np.linalg.inv(np.linalg.inv(self.start) - np.einsum("t,ti,tj->ij", share * T / 2, v, v))

    def D(self, T):
        return float(self.form.D(np.array(T)))

    def slope(self, function, T):
        h = self.step
        return (8 * (function(T + h) - function(T - h)) - function(T + 2 * h) + function(T - 2 * h)) / (
            12 * h
        )

    def curvature(self, function, T):
        h = self.step
        outer, inner = function(T + 2 * h) + function(T - 2 * h), function(T + h) + function(T - h)
        return (16 * inner - outer - 30 * function(T)) / (12 * h * h)


def start_of(spectrum):
    """S_0: even components to odd ones and back."""
    x, n = spectrum.nodes, spectrum.size
    lower = np.append(spectrum.slope / np.sqrt(spectrum.between), np.sqrt(spectrum.rest))
    K = (np.sqrt(x) * spectrum.frame[:, 0])[:, None] * lower / (x[:, None] - np.append(spectrum.between, 0.0))
    S = np.zeros((2 * n, 2 * n))
    S[n:, :n] = K.T * np.sqrt(x)
    S[:n, n:] = S[n:, :n].T
    return S


@pytest.fixture(scope="module")
def learning():
    return Learning(0.6, 3)


def test_flow_of_the_state_and_conserved_matrices(learning):
    """(7.1), (7.2), (7.3): S' = q q^T, v' = q - rho v, q' = S q, D'/D = -rho, S^2 = A + q q^T, Q = D''/D."""
    T = learning.form.blow_up / 2
    S, v = learning.S(T), learning.v(T)
    q, spectrum = S @ v, learning.form.spectrum
    rho, size = v @ q, np.abs(S).max()
    np.testing.assert_allclose(learning.slope(learning.S, T), np.outer(q, q), rtol=0, atol=1e-9 * size**2)
    np.testing.assert_allclose(learning.slope(learning.v, T), q - rho * v, rtol=0, atol=1e-9 * size)
    there = learning.slope(lambda t: learning.S(t) @ learning.v(t), T)
    np.testing.assert_allclose(there, S @ q, rtol=0, atol=1e-9 * size**2)
    assert learning.slope(learning.D, T) / learning.D(T) == pytest.approx(-rho, rel=1e-9)
    A = np.diag([*spectrum.nodes, *spectrum.between, 0.0])
    np.testing.assert_allclose(S @ S - np.outer(q, q), A, rtol=0, atol=1e-12 * size**2)
    Q = rho**2 - learning.slope(lambda t: learning.v(t) @ learning.S(t) @ learning.v(t), T)
    assert learning.curvature(learning.D, T) / learning.D(T) == pytest.approx(Q, rel=1e-6)
    np.testing.assert_allclose(learning.curvature(learning.v, T), A @ v + Q * v, rtol=0, atol=1e-6 * A.max())


@pytest.mark.parametrize("k", [0.7, 2.3])
def test_the_linear_equation_and_the_string(learning, k):
    """(log P)', Phi' = -k v (v.Phi), f'' = (Q + k^2) f, Krein's string psi_ss = k^2 h psi, the Wronskian."""
    T = learning.form.blow_up / 2
    speed, unit = learning.form.speed, np.eye(6)

    def P(t, k=k):
        return np.linalg.det(k * unit - learning.S(t))

    def Phi(t, k=k):
        return np.exp(-k * t) * P(t, k) * np.linalg.solve(k * unit - learning.S(t), learning.v(t))

    def f(t, k=k):
        return learning.v(t) @ Phi(t, k)

    v, S = learning.v(T), learning.S(T)
    rho, vw = v @ S @ v, v @ np.linalg.solve(k * unit - S, v)
    assert learning.slope(P, T) / P(T) == pytest.approx(rho + k - k * k * vw, rel=1e-8)
    np.testing.assert_allclose(
        learning.slope(Phi, T), -k * v * f(T), rtol=0, atol=1e-8 * np.abs(Phi(T)).max()
    )
    Q = learning.curvature(learning.D, T) / learning.D(T)
    assert learning.curvature(f, T) / f(T) == pytest.approx(Q + k * k, rel=1e-5)

    def psi(t):
        return np.exp(-k * t) * P(t) * learning.D(t)

    def psi_s(t):
        return speed / learning.D(t) ** 2 * learning.slope(psi, t)

    pss = speed / learning.D(T) ** 2 * learning.slope(psi_s, T)
    assert pss == pytest.approx(k * k * (speed / learning.D(T) ** 2) ** 2 * psi(T), rel=1e-5)
    wronskian = f(T) * learning.slope(lambda t: f(t, -k), T) - learning.slope(f, T) * f(T, -k)
    squares = learning.form.kappa**2
    assert wronskian == pytest.approx(-2 * k * np.prod(k * k - squares), rel=1e-7)


def test_conditions_at_the_bound_states(learning):
    """f(T, kappa) = -f(T, -kappa) at the lambda_j and +f(T, -kappa) at the xi_j, at all T."""
    for part in (0.1, 0.6):
        T = part * learning.form.blow_up
        S, v = learning.S(T), learning.v(T)

        def f(k, T=T, S=S, v=v):
            matrix = k * np.eye(6) - S
            return np.exp(-k * T) * np.linalg.det(matrix) * (v @ np.linalg.solve(matrix, v))

        signs = [f(k) / f(-k) for k in learning.form.kappa]
        np.testing.assert_allclose(signs, [-1, 1, -1, 1, -1], rtol=0, atol=1e-8)
