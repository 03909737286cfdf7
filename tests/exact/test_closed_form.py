"""The closed form: against Wronskians in many digits, the flow, the differential equation, and as printed."""

import json
import types
from itertools import pairwise

import mpmath
import numpy as np
import pytest
import sympy
from gauss_rule import gauss_rule
from in_process import run_here
from pdflatex import compiled, needs_latex
from scipy.optimize import brentq

import derive
from derive import limit
from derive.cli import main
from derive.exact.closed_form.digits import DigitsClosedForm
from derive.exact.closed_form.path import chain_frame, chain_path, closed_form_path
from derive.exact.closed_form.solution import closed_form, closed_form_of_measure, solved
from derive.exact.closed_form.spectrum import Spectrum, _jacobi_matrix
from derive.exact.closed_form.symbols import T as LENGTH
from derive.exact.closed_form.symbols import symbolic_form
from derive.series.balls import working_precision
from derive.words.overlap_moments import overlap_moments


def wronskian_form(nodes, weights, T):
    """Wr(f, T)/Wr(f) and Wr(f, 1)/Wr(f) of cosh and sinh (THEORY 7), in the digits of the context."""
    order = sorted(range(len(nodes)), key=lambda i: -nodes[i])
    x, r = [nodes[i] for i in order], [weights[i] for i in order]
    between = [
        mpmath.findroot(
            lambda y: sum(
                w * a * mpmath.fprod(y - b for b in x if b != a) for w, a in zip(r, x, strict=True)
            ),
            (low, high),
            solver="anderson",
        )
        for high, low in pairwise(x)
    ]
    kappa = [mpmath.sqrt(v) for v in sorted([*x, *between], reverse=True)]
    count = len(kappa)

    columns = [
        [k**d * (mpmath.cosh if (i + d) % 2 == 0 else mpmath.sinh)(k * T) for d in range(count + 1)]
        for i, k in enumerate(kappa)
    ]
    below = mpmath.det(mpmath.matrix([column[:count] for column in columns]))
    zeros = [mpmath.mpf(0)] * (count - 1)
    return [mpmath.det(mpmath.matrix([*columns, last])) / below for last in ([T, 1, *zeros], [1, 0, *zeros])]


@pytest.mark.parametrize(("g", "count"), [(0.6, 1), (0.6, 2), (0.3, 3), (0.6, 4), (0.9, 4)])
def test_wronskians_give_the_same(g, count):
    """D = d Wr(f, T)/Wr(f), N = c Wr(f, 1)/Wr(f): d and c are taken at one place, the rest is compared."""
    form = closed_form(g, count)
    with mpmath.workdps(60):
        nodes, weights = gauss_rule(g, count)
        at = [form.blow_up * mpmath.mpf(x) for x in ("0.01", "0.3", "0.6", "0.97")]
        values = [wronskian_form(nodes, weights, T) for T in at]
        exact = DigitsClosedForm(g, count, 40)
        d, c = exact.D(at[0]) / values[0][0], exact.N(at[0]) / values[0][1]
        for T, (below, above) in zip(at, values, strict=True):
            assert abs(d * below - exact.D(T)) < 1e-35
            assert abs(c * above - exact.N(T)) < 1e-35
            assert float(form.D(float(T))) == pytest.approx(float(exact.D(float(T))), abs=3e-15)


def test_published_values():
    """THEORY 7: four Gauss nodes of g = 0.6, and two nodes followed by the flow of the 2n-network."""
    form = closed_form(0.6, 4)
    assert float(form.readout(0.45)) == pytest.approx(1.782517623, abs=1e-9)
    assert float(form.D(0.45)) == pytest.approx(0.2909123939, abs=1e-10)
    nodes, weights = np.array([3.1, 0.7]), np.array([0.35, 0.65])
    zero, root = np.zeros(2), np.sqrt(weights)
    network = derive.Instance(
        np.diag(1 - 1 / np.sqrt(np.tile(nodes, 2))), m=np.append(zero, root), w=np.append(root, zero)
    )
    curve = limit.NetworkLearning(network, 1.8).learning()
    T = np.linspace(0, 0.999 * curve.length, 20)
    two = closed_form_of_measure(nodes, weights)
    np.testing.assert_allclose(two.readout(T), curve.path.readout(T), rtol=0, atol=1e-12)
    assert two.readout(T)[-1] > 1.73


@pytest.mark.parametrize("g", [0.01, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("size", [2, 8, 16, 32])
def test_path_is_that_of_the_differential_equation(g, size):
    """Taylor steps of dC/dT = a b^T/(|a| |b|) from the same chain vectors; W - W0 too.

    At g = 0.01 the bound states lie so close together that the chain's frame costs two digits.
    """
    exact, steps = chain_path(g, size, 1), limit.learning_path(limit.limit_reduction(g, size))
    assert exact.end == pytest.approx(steps.end, rel=1e-14)
    T = np.linspace(0, steps.end, 40)
    for ours, theirs in zip(exact.scalars(T), steps.scalars(T), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=3e-14 * max(1, np.abs(theirs).max()))
    C = steps.change(T)
    np.testing.assert_allclose(exact.change(T), C, rtol=0, atol=1e-13 * np.abs(C).max())


@pytest.mark.parametrize("g", [0.3, 0.9, 0.99])
def test_doubles_keep_their_digits(g):
    """n = 16: errors of D, N and T* against 30 digits, absolute as D goes to 0."""
    form, exact = closed_form(g, 16), DigitsClosedForm(g, 16, 30)
    for part in (0.1, 0.7, 0.99):
        T = part * form.blow_up
        D, N = form.scalars(T)
        assert abs(float(D - exact.D(T))) < 2e-15
        assert abs(float(N / exact.N(T) - 1)) < 2e-15
    assert form.blow_up == pytest.approx(float(exact.blow_up), rel=1e-15)
    assert np.all(np.diff(form.kappa) < 0)


def test_direction_moves_as_on_a_sphere():
    """u'' = (A + Q) u with A = diag(kappa^2), 0 and Q = -(|u'|^2 + u.A u): Neumann's oscillator; |u| = 1."""
    form = closed_form(0.6, 4)
    A = np.concatenate([form.spectrum.nodes, form.spectrum.between, [0.0]])
    step = 1e-3 * form.blow_up
    T = np.linspace(0.2, 0.9, 8)[:, None] * form.blow_up + step * np.arange(-3, 4)
    u = form.direction(T)
    first = np.tensordot([-1 / 60, 3 / 20, -3 / 4, 0, 3 / 4, -3 / 20, 1 / 60], u, axes=(0, 1)) / step
    weights = [1 / 90, -3 / 20, 3 / 2, -49 / 18, 3 / 2, -3 / 20, 1 / 90]
    second = np.tensordot(weights, u, axes=(0, 1)) / step**2
    u = u[:, 3]
    np.testing.assert_allclose(np.sum(u * u, axis=1), 1, rtol=0, atol=1e-14)
    Q = -np.sum(first**2 + A * u * u, axis=1)
    np.testing.assert_allclose(second, (A + Q[:, None]) * u, rtol=0, atol=1e-6 * A[0])


def test_digits():
    """Time by quadrature in 40 digits, and the closed case g = 0: D = 1 - T tanh T."""
    with mpmath.workdps(40):
        zero = DigitsClosedForm("0", 8, 40)
        T = mpmath.mpf("0.4")
        assert abs(zero.D("0.4") - (1 - T * mpmath.tanh(T))) < 1e-39
        assert zero.kappa == [1]
        assert abs(zero.blow_up * mpmath.tanh(zero.blow_up) - 1) < 1e-38
        exact = DigitsClosedForm("0.6", 8, 40)
        tau = exact.time("0.45", 2)
        readout = exact.readout("0.45")
    curve = limit.curve(0.6, 2.0, [float(tau) / (1 - 0.36) ** 2])
    assert curve.readout[0] == pytest.approx(float(readout), abs=1e-12)
    with pytest.raises(ValueError, match="allowed are path lengths from 0 to where z"):
        exact.time("0.5", 1)


@pytest.mark.parametrize("nodes", [1, 2])
def test_symbols(nodes):
    form = symbolic_form(nodes)
    for g in (sympy.Rational(1, 4), sympy.Rational(9, 10)):
        numbers = closed_form(float(g), nodes)
        T = numbers.blow_up / 2
        beta = 1 / (1 - g**2)
        for formula, value in zip((form.D, form.N), numbers.scalars(T), strict=True):
            exact = form.at(formula).subs({derive.beta: beta, LENGTH: sympy.Float(T, 30)})
            assert float(sympy.N(exact, 30)) == pytest.approx(float(value), rel=1e-13)
    with pytest.raises(ValueError, match="allowed are 1 and 2"):
        symbolic_form(3)


def run(*arguments):
    return run_here(main, "derive", "closed-form", *arguments)


@pytest.mark.parametrize("nodes", [1, 2, 5])
def test_printed_python(nodes):
    source = run("--g", "0.6", "--nodes", nodes, "--format", "python").stdout
    module = types.ModuleType("printed")
    exec(compile(source, "printed", "exec"), module.__dict__)
    form = closed_form(0.6, nodes)
    T = np.linspace(0, 0.9, 5) * form.blow_up
    arguments = (T, 0.6) if nodes < 3 else (T,)
    for name in ("D", "readout", "sharpness"):
        np.testing.assert_allclose(getattr(module, name)(*arguments), getattr(form, name)(T), rtol=1e-13)
    assert (module.BLOW_UP, list(module.KAPPA)) == (form.blow_up, form.kappa.tolist())


@needs_latex
@pytest.mark.parametrize("nodes", ["1", "2", "8"])
def test_printed_latex_compiles(nodes, tmp_path):
    for columns in ("1", "2"):
        printed = run(
            "--g", "0.6", "--nodes", nodes, "--format", "latex", "--standalone", "--columns", columns
        )
        assert "Overfull" not in compiled(tmp_path, printed.stdout)


def test_printed_json():
    printed = json.loads(
        run("--g", "0.6", "--nodes", "4", "--times", "0.1,0.45", "--zhat", "2", "--format", "json").stdout
    )
    keys = {"g", "nodes", "kappa", "T", "readout", "D", "sharpness", "blow_up", "tau", "ttilde"}
    assert keys <= set(printed)
    assert printed["readout"][1] == pytest.approx(1.782517623, abs=1e-9)
    curve = limit.curve(0.6, 2.0, printed["ttilde"], tolerance=1e-6)
    np.testing.assert_allclose(curve.readout, printed["readout"], rtol=2e-7)
    assert printed["kappa"] == closed_form(0.6, 4).kappa.tolist()
    assert printed["backward_singularity"] == pytest.approx(-0.189836, abs=1e-5)


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (("--g", "1"), "--g 1: allowed is 0 <= G < 1"),
        (("--g", "0.5", "--nodes", "0"), "--nodes 0: allowed are integers >= 1"),
        (("--g", "0.5", "--nodes", "65"), "--nodes 65: allowed are integers from 1 to 64"),
        (("--g", "0.5", "--times", "0.1,x"), "--times x: allowed is a list of path lengths"),
        (("--g", "0.5", "--times", "9"), "--times 9: allowed is a list of path lengths from 0 to below"),
        (("--g", "0.5", "--zhat", "-1"), "--zhat -1: allowed is a number > 0"),
        (("--g", "0.5", "--zhat", "1", "--times", "0.6"), "the end of learning at zhat = 1"),
        (("--g", "0.5", "--format", "yaml"), "--format yaml: allowed are text"),
    ],
)
def test_refusals(arguments, allowed):
    done = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert allowed in done.stderr


def test_measure_refusals():
    for nodes, weights in (([1.0, 1.0], [0.5, 0.5]), ([1.0, -1.0], [0.5, 0.5]), ([], [])):
        with pytest.raises(ValueError, match="distinct positive nodes"):
            closed_form_of_measure(nodes, weights)


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


def test_quotient_of_determinants():
    """D = det(1 - t(Xi+) s)/det(1 - t(Xi) G), Xi+ = sqrt(Lambda) (1 - p p^T) sqrt(Lambda)."""
    form = closed_form(0.6, 5)
    x, V = form.spectrum.nodes, form.spectrum.frame
    root, p = np.sqrt(x), V[:, 0]
    plus = root[:, None] * (np.eye(5) - np.outer(p, p)) * root
    values, vectors = np.linalg.eigh(plus)
    np.testing.assert_allclose(values[1:][::-1], form.spectrum.between, rtol=1e-12)
    for T in (0.1, 0.3, 0.5):
        s = root * np.tanh(root * T)
        safe = np.sqrt(np.maximum(values, 1e-20))
        t_plus = (vectors * (np.tanh(safe * T) / safe)) @ vectors.T
        t = np.tanh(np.sqrt(form.spectrum.between) * T) / np.sqrt(form.spectrum.between)
        G = V[:, 1:].T @ (s[:, None] * V[:, 1:])
        above, below = np.linalg.det(np.eye(5) - t_plus * s), np.linalg.det(np.eye(4) - t[:, None] * G)
        assert above / below == pytest.approx(float(form.D(T)), abs=1e-13)


def radau_form(g, count, edge):
    """The closed form of the Gauss-Radau rule of ``count`` + 1 nodes, one of them the ``edge``."""
    with working_precision(512):
        diagonal, squares = _jacobi_matrix(overlap_moments(g, 0.0, 4 * count + 4)[::2], count + 1)
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
    g, u, beta = 0.6, 0.36, 1 / 0.64
    m = (3 * u * beta + np.sqrt(9 * u**2 * beta**2 + 8 * u * beta)) / (4 * u)
    edge = beta * m * (1 + u * m) ** 2 / (m - beta)
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
