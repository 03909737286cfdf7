"""The exact curve at N = infinity: reference values, closed forms, and three independent routes."""

import numpy as np
import pytest
from brute_force import phi
from scipy.integrate import solve_ivp

from derive import FixedPointTask, Instance, expand, gradient_flow, limit, limit_network
from derive.exact.limit_path import limit_path
from derive.flow.high_order import readout_coefficients
from derive.words.moments import scaled_odd_moment


def unit(g):
    """tau/ttilde."""
    return (1 - g * g) ** 2


def test_reference_values():
    """THEORY 5, given to seven decimals."""
    curve = limit.curve(0.6, 2.0, [0.25, 50.0])
    assert curve.readout[0] == pytest.approx(1.0474760, abs=1e-7)
    assert curve.singular_values[1] == pytest.approx([0.4280945, 0.0321057], abs=1e-7)
    assert curve.accuracy < 1e-10


@pytest.mark.parametrize(("g", "zhat"), [(0.0, 1.0), (0.3, 0.7), (0.6, 2.0), (0.9, 2.0), (0.99, 1.0)])
def test_series_inside_the_radius(g, zhat):
    """Exact coefficients by another route (dressed moments); at half the radius order 60 leaves 2^-60."""
    from derive.radius.singularities import singularities

    t = 0.5 * singularities(g, zhat).radius
    coefficients = [float(c.mid()) for c in readout_coefficients(g, zhat, 60)]
    series = np.polynomial.polynomial.polyval(t, coefficients)
    assert limit.curve(g, zhat, [t]).readout[0] == pytest.approx(series, abs=1e-12 * zhat)


def test_every_observable_against_its_series():
    """The chain recursion (a third route); errors of order tau^10 at a twentieth of the radius."""
    g, zhat = 0.6, 1.0
    t = 0.34 / 20
    expansion = expand(FixedPointTask(), 9, singular_values=3)
    curve = limit.curve(g, zhat, [t], singular_values=3)
    tau = t * unit(g)
    for name in ("readout", "loss", "gradient_norm", "frobenius_norm"):
        assert getattr(curve, name)[0] == pytest.approx(getattr(expansion, name)(tau, zhat, g), rel=1e-11)
    # s_3 = O(tau^5): nine orders leave tau^10/tau^5
    assert curve.singular_values[0] == pytest.approx(expansion.singular_values(tau, zhat, g), rel=2e-6)


@pytest.mark.parametrize(("g", "zhat", "last"), [(0.0, 1.0, 2.0), (0.6, 2.0, 0.32), (0.8, 0.5, 1.5)])
def test_against_the_flow_of_the_limit_network(g, zhat, last):
    """Full-matrix integration in tau of the 2n-network of Gauss nodes; its tolerance is 1e-13 a step."""
    t = np.linspace(0, last, 8)
    flow = gradient_flow(limit_network(g, 10), zhat, t * unit(g))
    curve = limit.curve(g, zhat, t)
    assert curve.readout == pytest.approx(flow.readout, abs=1e-9)
    assert curve.singular_values == pytest.approx(flow.singular_values(2), abs=1e-9)


def test_elementary_path_without_initial_connectivity():
    """g = 0: D = 1 - T tanh T, N = tanh T, and T is the sum of the singular values."""
    path = limit_path(0.0, 16)
    T = np.linspace(0, path.end, 50)
    D, N = path.scalars(T)
    assert pytest.approx(1 - T * np.tanh(T), abs=1e-12) == D
    assert pytest.approx(np.tanh(T), abs=1e-12) == N
    assert path.end * np.tanh(path.end) == pytest.approx(1, abs=1e-13)
    values = np.linalg.svd(path.change(T), compute_uv=False)
    assert values.sum(axis=1) == pytest.approx(T, abs=1e-12)


@pytest.mark.parametrize("g", [0.9, 0.99, 0.9999])
def test_strength_close_to_one(g):
    """No stiffness and no more chain vectors than elsewhere."""
    last = 1.5 * limit.learning_curve(g, 2.0).time_to(0.05) / unit(g)
    curve = limit.curve(g, 2.0, np.linspace(0, last, 50))
    assert curve.chain_vectors <= 20
    assert curve.accuracy < 1e-10
    assert np.all(np.diff(curve.readout) >= 0)
    assert curve.readout[-1] == pytest.approx(2.0, rel=1e-6)


def test_one_network_from_its_chain():
    """The reduction of an instance against the flow of its full matrix."""
    instance = Instance.sample(48, 0.6, 5)
    reduction = limit.instance_reduction(instance, 20)
    curve = limit.LearningCurve(limit.learning_path(reduction), 2.0)
    tau = np.array([0.01, 0.05, 0.1])
    flow = gradient_flow(instance, 2.0, tau, 1e-12)
    assert curve.readout(tau) == pytest.approx(flow.readout, abs=1e-9)
    assert curve.singular_values(tau, 3) == pytest.approx(flow.singular_values(3), abs=1e-9)


def test_gram_matrices_give_the_same_reduction():
    """Cholesky of exact Gram matrices against Golub-Kahan steps, for one network of 6 neurons."""
    from flint import arb_mat

    from derive.series.balls import working_precision

    instance = Instance.sample(6, 0.5, 2)
    with working_precision(600):
        rows = (np.eye(6) - instance.W0).tolist()  # the same rounded matrix on both sides
        B = arb_mat(rows).inv()
        w, m = (arb_mat(6, 1, vector.tolist()) for vector in (instance.w, instance.m))
        a, b = [B.transpose() * w], [B * m]
        for _ in range(5):
            a, b = [*a, B.transpose() * b[-1]], [*b, B * a[-1]]
        gram_a, gram_b = ([[(x.transpose() * y)[0, 0] for y in chain] for x in chain] for chain in (a, b))
        exact = limit.reduction_from_overlaps(gram_a, gram_b, [(w.transpose() * x)[0, 0] for x in b])
    tau = np.array([0.02, 0.1])
    curves = [
        limit.LearningCurve(limit.learning_path(r), 1.5)
        for r in (exact, limit.instance_reduction(instance, 5))
    ]
    assert exact.size == 5
    assert curves[0].readout(tau) == pytest.approx(curves[1].readout(tau), abs=1e-11)


@pytest.mark.slow
def test_instances_approach_the_limit_as_the_root_of_their_size():
    """Slope -1/2 of the deviation over 60 seeds: each has a relative error 1/sqrt(120), so 0.05 in the
    slope over a factor 16 in N; allowed are three of these."""
    g, zhat, tau = 0.6, 1.0, np.array([0.15 * unit(0.6)])
    exact = limit.learning_curve(g, zhat).readout(tau)[0]
    deviations = []
    sizes = (32, 128, 512)
    for size in sizes:
        square = 0.0
        for seed in range(60):
            reduction = limit.instance_reduction(Instance.sample(size, g, 1000 + seed), 8)
            path = limit.learning_path(reduction, direction=1)
            square += (limit.LearningCurve(path, zhat).readout(tau)[0] - exact) ** 2
        deviations.append(np.sqrt(square / 60))
    slope = np.polyfit(np.log(sizes), np.log(deviations), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.15)


def test_descent_approaches_flow_as_the_learning_rate():
    """Slope 1 in the learning rate, to its next order."""
    g, zhat, last = 0.6, 2.0, 0.2 * unit(0.6)
    exact = limit.learning_curve(g, zhat).readout(np.array([last]))[0]
    errors = [
        abs(limit.limit_descent(g, zhat, last / n, n).readout[-1] - exact) for n in (200, 400, 800, 1600)
    ]
    slopes = np.diff(np.log(errors)) / np.log(0.5)
    assert slopes[-1] == pytest.approx(1, abs=0.02)


def test_descent_is_descent_of_the_full_network():
    instance = Instance.sample(40, 0.6, 3)
    W, rate, readout = instance.W0.copy(), 0.004, []
    for _ in range(31):
        R = np.linalg.inv(np.eye(40) - W)
        a, b = R.T @ instance.w, R @ instance.m
        readout.append(instance.w @ b)
        W += rate * (2.0 - readout[-1]) * np.outer(a, b)
    reduced = limit.descent(limit.instance_reduction(instance, 20), 2.0, rate, 30)
    assert reduced.readout == pytest.approx(readout, abs=1e-10)


def test_readout_and_input_that_learn_too():
    """All of W, m and w on a network of 5 neurons, by plain integration in tau."""
    instance, zhat = Instance.sample(5, 0.6, 11), 2.0

    def velocity(_, flat):
        W, m, w = flat[:25].reshape(5, 5), flat[25:30], flat[30:]
        R = np.linalg.inv(np.eye(5) - W)
        a, b = R.T @ w, R @ m
        return (zhat - w @ b) * np.concatenate([np.outer(a, b).ravel(), a, b])

    start = np.concatenate([instance.W0.ravel(), instance.m, instance.w])
    tau = np.array([0.02, 0.08])
    states = solve_ivp(velocity, (0, tau[-1]), start, "DOP853", tau, rtol=1e-12, atol=1e-12).y.T
    truth = [s[30:] @ np.linalg.solve(np.eye(5) - s[:25].reshape(5, 5), s[25:30]) for s in states]
    path = limit.learning_path(limit.instance_reduction(instance, 5), train="W,m,w")
    assert limit.LearningCurve(path, zhat).readout(tau) == pytest.approx(truth, abs=1e-9)


def test_first_coefficient_when_the_vectors_learn():
    """THEORY 4: z_1 = zhat (beta^2 + 2 beta)."""
    g, zhat, tau = 0.6, 2.0, 1e-6
    beta = 1 / (1 - g * g)
    z = limit.learning_curve(g, zhat, train="W,m,w").readout(np.array([tau]))[0]
    assert z / tau == pytest.approx(zhat * (beta**2 + 2 * beta), rel=1e-4)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_moments_of_aligned_vectors(n):
    """nu_n = phi(B (B' B)^n) in closed form against Gaussian integration by parts on words."""
    from derive import beta

    word = ("B",) + ("B'", "B") * n
    closed = sum(int(c.p) * (1 - 1 / beta) ** i for i, c in enumerate(scaled_odd_moment(n).coeffs()))
    assert (phi(word).subs(beta.name, beta) - beta ** (3 * n - 1) * closed).expand() == 0


@pytest.mark.slow
def test_aligned_networks_approach_the_aligned_limit():
    """w.m = 0.5 exactly, 40 networks of 256 neurons: the mean within four standard errors and O(1/N)."""
    g, zhat, rho = 0.6, 2.0, 0.5
    tau = np.array([0.15 * unit(g)])
    values = []
    for seed in range(40):
        plain = Instance.sample(256, g, seed)
        across = plain.w - (plain.w @ plain.m) * plain.m
        w = rho * plain.m + np.sqrt(1 - rho**2) * across / np.linalg.norm(across)
        path = limit.learning_path(limit.instance_reduction(Instance(plain.W0, plain.m, w), 10))
        values.append(limit.LearningCurve(path, zhat).readout(tau)[0])
    exact = limit.curve(g, zhat, tau / unit(g), alignment=rho).readout[0]
    assert abs(np.mean(values) - exact) < 4 * np.std(values) / np.sqrt(40) + 5 / 256


def test_target_below_the_initial_readout():
    """z falls from w.m = 0.5 to 0.2, and never past it."""
    curve = limit.curve(0.6, 0.2, np.linspace(0, 8, 20), alignment=0.5)
    assert curve.readout[0] == pytest.approx(0.5, abs=1e-15)
    assert np.all(np.diff(curve.readout) <= 0)
    assert curve.readout[-1] == pytest.approx(0.2, abs=1e-2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.0, 2.0, [0.1]), "0 <= g < 1"),
        ((0.6, -1.0, [0.1]), "zhat > 0"),
        ((0.6, 2.0, [-0.1]), "times >= 0"),
        ((0.6, 2.0, [float("nan")]), "times >= 0"),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(ValueError, match=message):
        limit.curve(*arguments)


def test_a_tolerance_out_of_reach_names_the_one_within():
    with pytest.raises(ValueError, match="allowed is tolerance >= 2e-13"):
        limit.curve(0.6, 2.0, [0.1], tolerance=1e-15)


def test_one_dimensional_networks():
    """g = 0 and w = m: z = 1/(1 - c), dc/dtau = (zhat - z)/(1 - c)^2 for the one weight c; for w = -m the
    readout stays negative and no target above 0 is ever reached."""

    def velocity(_, c):
        return (zhat - 1 / (1 - c)) / (1 - c) ** 2

    for zhat in (0.1, 2.0):
        t = np.array([0.1, 1.0, 4.0])
        c = solve_ivp(velocity, (0, 4), [0.0], "DOP853", t, rtol=1e-12, atol=1e-12).y[0]
        assert limit.curve(0.0, zhat, t, alignment=1.0).readout == pytest.approx(1 / (1 - c), abs=1e-9)
    with pytest.raises(ValueError, match=r"never comes to 0\.5"):
        limit.curve(0.0, 0.5, [1.0], alignment=-1.0)


def test_close_to_one():
    """The closed form goes closer to g = 1 than the steps; where it does, the scaling function is reached."""
    for short, reached in ((1e-6, 1e-5), (1e-9, 1e-8)):
        g = 1 - short
        zhat = 0.5 * (short * (1 + g)) ** 0.5
        exact = limit.curve(g, zhat, [0.3, 0.6]).readout / zhat
        assert exact == pytest.approx([0.26474958, 0.47988698], abs=reached)
    with pytest.raises(ValueError, match=r"allowed is g <= 0\.999999999"):
        limit.curve(1 - 1e-11, 1.0, [1.0])
    with pytest.raises(ValueError, match=r"allowed is g <= 0\.999999$"):
        limit.curve(1 - 1e-9, 1.0, [1.0], train="W,m,w")
