"""The derivation of the closed form, line by line (THEORY 7), from (7.1) to W - W0."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

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

        signs = [np.exp(-2 * k * T) * dressed(k, S, v) / dressed(-k, S, v) for k in learning.form.kappa]
        np.testing.assert_allclose(signs, [-1, 1, -1, 1, -1], rtol=0, atol=1e-8)


PARTS = (0.1, 0.6, 0.95)  # of the way to T*


@pytest.fixture(scope="module")
def followed(learning):
    """S and v at `PARTS` from the differential equation S' = q q^T, v' = q - rho v: nothing of (7.5)."""
    size = len(learning.start)
    first = np.append(learning.form.spectrum.frame[:, 0], np.zeros(size // 2))

    def slope(_, state):
        S, v = state[:-size].reshape(size, size), state[-size:]
        q = S @ v
        return np.append(np.outer(q, q), q - (v @ q) * v)

    T = np.array(PARTS) * learning.form.blow_up
    start = np.append(learning.start, first)
    states = solve_ivp(slope, (0, T[-1]), start, "DOP853", T, rtol=3e-14, atol=1e-13).y.T
    return [(at, y[:-size].reshape(size, size), y[-size:]) for at, y in zip(T, states, strict=True)]


def test_the_frame(learning):
    """V is orthogonal, diag(lambda) in it an arrow with the xi; slope^2 and c_0 by products."""
    spectrum = learning.form.spectrum
    x, xi, V = spectrum.nodes, spectrum.between, spectrum.frame
    np.testing.assert_allclose(V.T @ V, np.eye(3), rtol=0, atol=1e-14)
    arrow = np.diag(np.append(V[:, 0] ** 2 @ x, xi))
    arrow[0, 1:] = arrow[1:, 0] = spectrum.slope
    np.testing.assert_allclose(V.T @ (x[:, None] * V), arrow, rtol=0, atol=1e-13 * x[0])
    for k, place in enumerate(xi):
        others = np.prod([place - y for y in np.delete(xi, k)])
        assert spectrum.slope[k] ** 2 == pytest.approx(-np.prod(place - x) / others, rel=1e-12)
    assert np.prod(x) / np.prod(xi) == pytest.approx(spectrum.speed, rel=1e-13)


def test_the_linear_equations(learning, followed):
    """(7.5): y and eps give O and E of the followed S, and with them N, D and v; 1 - G t is not singular."""
    spectrum = learning.form.spectrum
    x, xi, V, slope, c = spectrum.nodes, spectrum.between, spectrum.frame, spectrum.slope, spectrum.speed
    kappa, other, first = np.sqrt(x), np.sqrt(xi), V[:, 0]
    for T, S, v in followed:
        s, t = kappa * np.tanh(kappa * T), np.tanh(other * T) / other
        G = V.T @ (s[:, None] * V)
        bound = np.diag(np.tanh(other * T) ** 2) - np.sqrt(t)[:, None] * G[1:, 1:] * np.sqrt(t)
        assert np.linalg.eigvalsh(bound)[0] > 0
        rest = np.linalg.solve(np.eye(2) - G[1:, 1:] * t, G[1:, 0])
        y = np.append(1.0, t * rest)
        eps = s * (V @ y)
        np.testing.assert_allclose(y[1:], t * (V.T @ eps)[1:], rtol=1e-13)
        for square in (0.37, 2.9, 20.0):
            odd = np.prod(square - xi) * (1 + np.sum(slope * y[1:] / (square - xi)))
            even = np.prod(square - x) * np.sum(first * eps / (square - x))
            np.testing.assert_allclose(odd_and_even(square, S, v), (odd, even), rtol=1e-10)
        for rate in kappa:
            odd, even = odd_and_even(rate**2, S, v)
            assert even == pytest.approx(rate * np.tanh(rate * T) * odd, rel=1e-9)
        for rate in other:
            odd, even = odd_and_even(rate**2, S, v)
            assert odd == pytest.approx(np.tanh(rate * T) / rate * even, rel=1e-9)
        N = c * np.sum(first * np.tanh(kappa * T) / kappa * (V @ y))
        D = 1 - T * N - np.sum(slope * y[1:] / xi)
        direction = [*(V @ y) / np.cosh(kappa * T), *rest / (other * np.cosh(other * T)), N / np.sqrt(c)]
        np.testing.assert_allclose(direction, v, rtol=0, atol=1e-11)
        assert np.linalg.norm(direction) == pytest.approx(1, abs=1e-14)
        step = 1e-30  # of k, along the imaginary axis
        even, odd = dressed(0.0, S, v), dressed(1j * step, S, v).imag / step
        assert -c * even / np.prod(-x) == pytest.approx(N, rel=1e-10)
        assert (odd - T * even) / np.prod(-xi) == pytest.approx(D, abs=1e-10)


def dressed(k, S, v):
    """f(k) exp(k T) = v.(det(k - S) (k - S)^-1 v)."""
    matrix = k * np.eye(len(v)) - S
    return np.linalg.det(matrix) * (v @ np.linalg.solve(matrix, v))


def odd_and_even(square, S, v):
    """O and E at k^2: f exp(k T) = k O + E."""
    k = np.sqrt(square)
    above, below = dressed(k, S, v), dressed(-k, S, v)
    return (above - below) / (2 * k), (above + below) / 2


def test_the_change_of_W(learning, followed):
    """S^-1 A - A S^-1 = q v^T - v q^T; S_0^-1 - S^-1 has the singular values of W - W0 of the 2n-network."""
    spectrum = learning.form.spectrum
    A = np.diag([*spectrum.nodes, *spectrum.between, 0.0])
    n = spectrum.size
    start = np.tile(spectrum.nodes**-0.5, 2)  # I - W0
    m = np.append(np.zeros(n), np.sqrt(spectrum.weights))
    w = np.roll(m, n)

    def slope(_, flat):
        R = np.linalg.inv(np.diag(start) - flat.reshape(2 * n, 2 * n))
        a, b = R.T @ w, R @ m
        return np.outer(a, b).ravel() / (np.linalg.norm(a) * np.linalg.norm(b))

    T = [at for at, _, _ in followed]
    changes = solve_ivp(slope, (0, T[-1]), np.zeros(4 * n * n), "DOP853", T, rtol=3e-14, atol=1e-13).y.T
    for (_, S, v), change in zip(followed, changes, strict=True):
        inverse, q = np.linalg.inv(S), S @ v
        commutator = inverse @ A - A @ inverse
        np.testing.assert_allclose(
            commutator, np.outer(q, v) - np.outer(v, q), rtol=0, atol=1e-9 * np.abs(commutator).max()
        )
        C = np.linalg.inv(learning.start) - inverse
        singular = np.linalg.svd(change.reshape(2 * n, 2 * n), compute_uv=False)
        np.testing.assert_allclose(np.linalg.eigvalsh(C)[::-1], singular, rtol=0, atol=1e-11)


def test_one_eigenvalue_passes_zero_at_every_zero_of_D(learning):
    """S^-1 falls: its three positive eigenvalues leave one by one, D changes sign with each."""
    for T, left in ((0.5, 3), (1.0, 2), (2.0, 1), (4.0, 0)):
        eigenvalues = np.linalg.eigvalsh(np.linalg.inv(learning.S(T)))
        assert np.count_nonzero(eigenvalues > 0) == left
        assert np.sign(learning.D(T)) == (-1) ** (3 - left)
