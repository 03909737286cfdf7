"""The closed form goes on: aligned and trained vectors, W itself, determinants, bounds on the limit."""

import numpy as np
import pytest
from scipy.optimize import brentq

from derive import limit
from derive.exact.closed_form.path import chain_frame, closed_form_path
from derive.exact.closed_form.solution import closed_form, closed_form_of_measure, solved
from derive.exact.closed_form.spectrum import Spectrum
from derive.exact.limit_network import jacobi_matrix
from derive.series.balls import working_precision
from derive.words.overlap_moments import overlap_moments


@pytest.mark.parametrize("rho", [-0.6, 0.3, 0.9])
def test_aligned_vectors(rho):
    """w.m = rho is a phase of every second bound state: against the differential equation."""
    form, path = closed_form(0.6, 12, rho), limit.path(0.6, alignment=rho, size=24)
    T = np.linspace(0, path.end, 9)
    for ours, theirs in zip(form.scalars(T), path.scalars(T), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-13)
    assert form.blow_up == pytest.approx(path.end, rel=1e-13)
    assert form.readout(np.array(0.0)) == pytest.approx(rho, abs=1e-14)
    with pytest.raises(ValueError, match="allowed is -1 < alignment < 1"):
        closed_form(0.6, 4, 1.0)


def solution_of(nodes, omega, speed, rest):
    """D and N of any measure with numpy's eigenvectors, a node at 0 allowed."""
    first = np.sqrt(omega)
    frame = np.linalg.qr(np.column_stack([first, np.eye(len(nodes))[:, :-1]]))[0][:, 1:]
    between = np.sort(np.linalg.eigvalsh(frame.T @ (nodes[:, None] * frame)))[::-1]
    gap = nodes[:, None] - between
    slope = np.sum(omega[:, None] / gap**2, axis=0) ** -0.5
    V = np.column_stack([first, first[:, None] * slope / gap])
    return Spectrum(nodes, omega, between, slope, V, speed, rest)


def test_trained_vectors():
    """m and w learn too: a node at 0 of weight 1 more; h = (c/D^2)^2 - 1 and z = N/D - s, s by quadrature."""
    base = closed_form(0.6, 8).spectrum
    weights = np.append(base.weights * base.nodes, 1.0)
    speed = weights.sum()
    spectrum = solution_of(np.append(base.nodes, 1e-26), weights / speed, speed, 1e-26)
    x, share = np.polynomial.legendre.leggauss(40)
    path = limit.learning_curve(0.6, 2.0, train="W,m,w").path
    for end in (0.05, 0.15, 0.25):
        D, N, _ = solved(spectrum, np.append(end * (1 + x) / 2, end))
        s = end / 2 * (share @ D[:-1] ** 2) / speed
        there = np.array(path.length_at(N[-1] / D[-1] - s))
        assert path.sharpness(there) == pytest.approx(speed**2 / D[-1] ** 4 - 1, rel=1e-12)


def test_the_change_of_W_in_closed_form():
    """S^2 = A + q q^T, and S^-1 = S_0^-1 - C entry by entry from v and q = v' - (D'/D) v; C = int v v^T."""
    form = closed_form(0.6, 3)
    T, step = 0.6 * form.blow_up, 1e-30
    D, _, v = solved(form.spectrum, np.array([T + 1j * step]))
    D, v, rho = D.real[0], v.real[0], -D.imag[0] / step / D.real[0]
    q = solved(form.spectrum, np.array([T + 1j * step]))[2].imag[0] / step + rho * v
    squares = np.concatenate([form.spectrum.nodes, form.spectrum.between, [0.0]])
    gap = squares - squares[:, None]
    inverse = (np.outer(q, v) - np.outer(v, q)) / (gap + np.eye(6))
    inverse[np.diag_indices(6)] = (v - (inverse - np.diag(np.diag(inverse))) @ q) / q
    S = np.linalg.inv(inverse)
    np.testing.assert_allclose(S @ S, np.diag(squares) + np.outer(q, q), rtol=0, atol=1e-11)
    path = closed_form_path(form)
    values = np.linalg.eigvalsh(path.change(np.array(T)))
    start = chain_frame(form.spectrum)
    x, share = np.polynomial.legendre.leggauss(40)
    outer = np.einsum("t,ti,tj->ij", share * T / 2, *[form.direction(T * (1 + x) / 2)] * 2)
    np.testing.assert_allclose(np.linalg.eigvalsh(outer), values, rtol=0, atol=1e-13)
    np.testing.assert_allclose(start.T @ outer @ start, path.change(np.array(T)), rtol=0, atol=1e-13)
    initial = inverse + outer  # S_0^-1 : even components to odd ones and back
    assert np.abs(initial[:3, :3]).max() < 1e-11
    assert np.abs(initial[3:, 3:]).max() < 1e-11
    np.testing.assert_allclose(np.linalg.eigvalsh(initial)[3:] ** -2, form.spectrum.nodes, rtol=1e-9)


def determinants(form, T):
    """det(1 - t(Xi+) s) and det(1 - t(Xi) G), Xi+ = sqrt(Lambda) (1 - p p^T) sqrt(Lambda); Xi+ too."""
    x, between, V = form.spectrum.nodes, form.spectrum.between, form.spectrum.frame
    root, p, n = np.sqrt(x), V[:, 0], len(x)
    plus = root[:, None] * (np.eye(n) - np.outer(p, p)) * root
    values, vectors = np.linalg.eigh(plus)
    s, safe = root * np.tanh(root * T), np.sqrt(np.maximum(values, 1e-20))
    t_plus = (vectors * (np.tanh(safe * T) / safe)) @ vectors.T
    t = np.tanh(np.sqrt(between) * T) / np.sqrt(between)
    G = V[:, 1:].T @ (s[:, None] * V[:, 1:])
    return np.linalg.det(np.eye(n) - t_plus * s), np.linalg.det(np.eye(n - 1) - t[:, None] * G), values


def test_quotient_of_determinants():
    """D = det(1 - t(Xi+) s)/det(1 - t(Xi) G)."""
    form = closed_form(0.6, 5)
    for T in (0.1, 0.3, 0.5):
        above, below, values = determinants(form, T)
        np.testing.assert_allclose(values[1:][::-1], form.spectrum.between, rtol=1e-12)
        assert above / below == pytest.approx(float(form.D(T)), abs=1e-13)


@pytest.mark.parametrize(("g", "precision"), [(0.3, 1e-8), (0.6, 1e-7), (0.9, 1e-3)])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_only_the_quotient_has_a_limit(g, precision, part):
    """n = 4 to 16: D stands still, each determinant falls by Szego's mean of 1 - tanh^2 for every node."""
    T = part * closed_form(g, 12).blow_up
    above, below, _ = zip(*(determinants(closed_form(g, n), T) for n in (4, 8, 12, 16)), strict=True)
    above, below = np.array(above), np.array(below)
    np.testing.assert_allclose(above[1:] / below[1:], float(closed_form(g, 16).D(T)), rtol=0, atol=1e-13)
    low, high = edges(g)
    x = (high + low) / 2 + (high - low) / 2 * np.cos((np.arange(400) + 0.5) * np.pi / 400)
    mean = np.exp(np.mean(np.log(1 - np.tanh(np.sqrt(x) * T) ** 2)))
    assert 0 < mean < 1
    for values in (above, below):
        off = np.abs((values[1:] / values[:-1]) ** 0.25 / mean - 1)
        assert off[2] < precision
        assert off[2] < off[0] / 10 or off[0] < 1e-12


def edges(g):
    """Both ends of the spectrum of B B^T, from ds/dm = 0 in the cubic."""
    u, beta = g * g, 1 / (1 - g * g)
    root = np.sqrt(9 * u**2 * beta**2 + 8 * u * beta)
    zeros = (3 * u * beta - root) / (4 * u), (3 * u * beta + root) / (4 * u)
    return [beta * m * (1 + u * m) ** 2 / (m - beta) for m in zeros]


def radau_form(g, count, edge):
    """The closed form of the Gauss-Radau rule of ``count`` + 1 nodes, one of them the ``edge``."""
    with working_precision(512):
        diagonal, squares = jacobi_matrix(overlap_moments(g, 0.0, 4 * count + 4)[::2][: 2 * count + 2])
    a, b = ([float(x.mid()) for x in row] for row in (diagonal, squares))
    before, now = 1.0, edge - a[0]
    for k in range(1, count):
        before, now = now, (edge - a[k]) * now - b[k - 1] * before
    a[count] = edge - b[count - 1] * before / now
    root = np.sqrt(b)
    nodes, vectors = np.linalg.eigh(np.diag(a) + np.diag(root, 1) + np.diag(root, -1))
    assert nodes[-1] == pytest.approx(edge, rel=1e-12)
    return closed_form_of_measure(nodes, vectors[0] ** 2)


def test_gauss_and_radau_rules_enclose_the_limit():
    """z(s) grows with every moment: Gauss rules lie below, Gauss-Radau rules with the upper edge above."""
    g = 0.6
    edge = edges(g)[1]
    exact = closed_form(g, 12)
    assert exact.spectrum.nodes[0] < edge < 1.03 * exact.spectrum.nodes[0]
    x, share = np.polynomial.legendre.leggauss(40)

    def at_clock(form, s):
        """z at s, the integral of D^2/c."""

        def excess(T):
            return T / 2 * (form.D(T * (1 + x) / 2) ** 2 @ share) / form.speed - s

        return float(form.readout(brentq(excess, 0, form.blow_up, xtol=1e-15)))

    for part in (0.6, 0.85):
        T = part * exact.blow_up
        s = T / 2 * (exact.D(T * (1 + x) / 2) ** 2 @ share) / exact.speed
        z, widths = float(exact.readout(T)), []
        for count in (2, 3):
            below, above = at_clock(closed_form(g, count), s), at_clock(radau_form(g, count, edge), s)
            assert below < z < above
            widths.append(above - below)
        assert widths[1] < widths[0] / 30
