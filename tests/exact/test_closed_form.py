"""The closed form: against Wronskians in many digits, the flow, the differential equation, and as printed."""

import json
import types
from functools import partial
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from gauss_rule import gauss_rule
from in_process import derive_here, refusal
from pdflatex import compiled, needs_latex

import derive
from derive import limit
from derive.exact.closed_form.digits import DigitsClosedForm
from derive.exact.closed_form.path import chain_path
from derive.exact.closed_form.solution import closed_form, closed_form_of_measure


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


run = partial(derive_here, "closed-form")


@pytest.mark.parametrize("nodes", [1, 2, 5])
def test_printed_python(nodes):
    source = run("--g", "0.6", "--nodes", nodes, "--format", "python").stdout
    module = types.ModuleType("printed")
    exec(compile(source, "printed", "exec"), module.__dict__)
    for g in (0.25, 0.9, 0.6) if nodes < 3 else (0.6,):
        form = closed_form(g, nodes)
        T = np.linspace(0, 0.9, 5) * form.blow_up
        arguments = (T, g) if nodes < 3 else (T,)
        for name in ("D", "readout", "sharpness"):
            np.testing.assert_allclose(getattr(module, name)(*arguments), getattr(form, name)(T), rtol=1e-13)
    assert (module.BLOW_UP, list(module.KAPPA)) == (form.blow_up, form.kappa.tolist())


@needs_latex
@pytest.mark.parametrize("nodes", ["1", "2", "8"])
def test_printed_latex_compiles(nodes, tmp_path):
    shown = run("--g", "0.6", "--nodes", nodes, "--format", "latex", "--standalone").stdout
    compiled(tmp_path, shown)


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


@pytest.mark.parametrize(("g", "nodes", "zhat"), [("0.6", 1, "4"), ("0.6", 4, "2"), ("0.01", 2, "1.5")])
def test_learning_starts_at_time_zero(g, nodes, zhat):
    """The quadrature's rounding, of either sign, is no time."""
    request = ("--g", g, "--nodes", str(nodes), "--times", "0,0.1", "--zhat", zhat, "--format", "json")
    printed = json.loads(run(*request).stdout)
    assert [str(printed[name][0]) for name in ("tau", "ttilde", "readout")] == ["0.0"] * 3


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
    assert allowed in refusal(run(*arguments))


def test_measure_refusals():
    for nodes, weights in (([1.0, 1.0], [0.5, 0.5]), ([1.0, -1.0], [0.5, 0.5]), ([], [])):
        with pytest.raises(ValueError, match="distinct positive nodes"):
            closed_form_of_measure(nodes, weights)
