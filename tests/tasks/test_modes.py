"""Several inputs and outputs (THEORY 4): the modes against the flow of the whole network."""

import json
from fractions import Fraction

import numpy as np
import pytest
from in_process import derive_here
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp
from slow_cases import slow_but

import derive
from derive import MatrixTask, expand
from derive.tasks.modes import target_modes

TARGETS = {
    "2x2": np.array([[0.5, 0.2], [-0.1, 0.4]]),
    "3x2": np.array([[0.5, 0.2], [-0.1, 0.4], [0.1, 0.3]]),
    "2x3": np.array([[0.4, -0.3, 0.1], [0.2, 0.35, 0.0]]),
    "3x3": np.array([[0.4, 0.1, 0.0], [0.2, 0.3, -0.2], [0.0, 0.1, 0.35]]),
    "1x3": np.array([[0.5, -0.3, 0.1]]),
}


def _flow(W0, inputs, readouts, target, times):
    """Changes of W, (T, N, N), and Z, (T, q, p), under gradient flow of |Zhat - Z|^2/2."""
    size = len(W0)

    def both(flat):
        R = np.linalg.inv(np.eye(size) - W0 - flat.reshape(size, size))
        return R, readouts.T @ R @ inputs

    def velocity(_, flat):
        R, Z = both(flat)
        return (R.T @ readouts @ (target - Z) @ inputs.T @ R.T).ravel()

    solution = solve_ivp(
        velocity, (0, times[-1]), np.zeros(size * size), "DOP853", times, rtol=1e-12, atol=1e-14
    )
    return solution.y.T.reshape(len(times), size, size), np.array([both(state)[1] for state in solution.y.T])


def _limit(g, nodes, target, seed=0):
    """N = infinity for several modes: a limit network for each input-output pair, side by side."""
    one = derive.limit_network(g, nodes)
    count = max(target.shape)
    W0 = np.kron(np.eye(count), one.W0)
    inputs, readouts = (np.kron(np.eye(count), x[:, None]) for x in (one.m, one.w))
    # any orthonormal choice within the span is the same limit: overlaps of different vectors vanish
    random = np.random.default_rng(seed)
    rotation = np.linalg.qr(random.standard_normal((count, count)))[0]
    return W0, (inputs @ rotation)[:, : target.shape[1]], (readouts @ rotation)[:, : target.shape[0]]


@pytest.mark.parametrize("g", [0.0, 0.5])
@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_modes_follow_the_flow_of_all_outputs(g, target):
    order, nodes = 6, 4
    expansion = expand(MatrixTask(target), order)
    times = np.array([0.06, 0.12]) * (1 - g**2) ** 2
    change, Z = _flow(*_limit(g, nodes, target), target, times)
    errors = [np.linalg.norm(z - expansion.readout(t, g)) for t, z in zip(times, Z, strict=True)]
    assert np.log2(errors[1] / errors[0]) == pytest.approx(order + 1, abs=0.5)
    losses = [np.sum((target - z) ** 2) / 2 - expansion.loss(t, g) for t, z in zip(times, Z, strict=True)]
    assert np.log2(abs(losses[1] / losses[0])) == pytest.approx(order + 1, abs=0.5)
    count = len(expansion.modes)
    errors = [
        np.linalg.svd(W, compute_uv=False)[:count] - expansion.singular_values(t, g)[:count]
        for t, W in zip(times, change, strict=True)
    ]
    assert_allclose(np.log2(np.abs(errors[1] / errors[0])), order + 1, atol=0.6)


@pytest.mark.parametrize("shape", slow_but(["3x2"], ["2x2", "3x2", "3x3"]))
def test_random_networks_approach_the_modes(shape):
    g, order, target = 0.4, 8, TARGETS[shape]
    tau = 0.3 * (1 - g**2) ** 2
    limit = expand(MatrixTask(target), order).readout(tau, g)  # 0.3 of a radius above 0.5: error < 1e-3

    def deviation(size, seeds):
        squares = []
        for seed in range(seeds):
            random = np.random.default_rng(seed)
            W0 = random.standard_normal((size, size)) * g / np.sqrt(size)
            vectors = [np.linalg.qr(random.standard_normal((size, n)))[0] for n in target.shape[::-1]]
            Z = _flow(W0, *vectors, target, np.array([tau]))[1][0]
            squares.append(np.mean((Z - limit) ** 2))
        return np.sqrt(np.mean(squares))

    # N^(-1/2): a factor 2; root mean squares over 4 to 9 entries and 12 seeds put 15 % on it
    assert 1.5 < deviation(24, 12) / deviation(96, 12) < 2.7


def test_coefficients_recombine_to_the_readout():
    expansion = expand(MatrixTask(TARGETS["2x2"]), 5)
    Z = expansion.readout_coefficients(0.5)
    tau = 0.05
    assert_allclose(sum(c * tau**k for k, c in enumerate(Z)), expansion.readout(tau, 0.5), rtol=1e-13)
    assert_allclose(Z[1], TARGETS["2x2"] / (1 - 0.25) ** 2, rtol=1e-13)  # first order: zhat beta^2 (Eq. 13)


def modes_of(target):
    return expand(MatrixTask(target), 1).modes


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_modes_are_the_singular_value_decomposition(target):
    modes = modes_of(target)
    values = [mode.zhat for mode in modes]
    assert_allclose(values, np.linalg.svd(target, compute_uv=False), rtol=1e-14)
    left, right = (np.array([getattr(mode, side) for mode in modes]) for side in ("left", "right"))
    # entries rounded to doubles: a few 2^-53 each
    assert_allclose(left.T @ np.diag(values) @ right, target, atol=1e-15)
    for vectors in (left, right):
        assert_allclose(vectors @ vectors.T, np.eye(len(modes)), atol=1e-15)
    assert all(mode.right[np.flatnonzero(mode.right)[0]] > 0 for mode in modes)


def test_equal_singular_values_have_one_basis():
    """Whatever decomposition the library finds, rows of a rotation give the unit vectors in turn."""
    tenth = Fraction(1, 10)
    modes = modes_of([[3 * tenth, -4 * tenth], [4 * tenth, 3 * tenth]])
    assert [mode.zhat for mode in modes] == [0.5, 0.5]
    assert [mode.right.tolist() for mode in modes] == [[1, 0], [0, 1]]
    assert [mode.left.tolist() for mode in modes] == [[0.6, 0.8], [-0.8, 0.6]]
    modes = modes_of(2 * np.eye(3)[::-1])
    assert [mode.left.tolist() for mode in modes] == np.eye(3)[::-1].tolist()


def test_modes_of_zhat_0_are_left_out():
    tenth = Fraction(1, 10)
    deficient = expand(MatrixTask([[tenth, 2 * tenth], [3 * tenth, 6 * tenth]]), 3)  # exactly of rank 1
    assert len(deficient.modes) == 1
    assert_allclose(deficient.modes[0].zhat, np.sqrt(0.5), rtol=1e-15)
    rounded = target_modes(MatrixTask([[0.1, 0.2], [0.3, 0.6]]))  # of rank 1 but for the rounding of decimals
    assert [mode.zhat for mode in rounded] == pytest.approx([np.sqrt(0.5)], rel=1e-15)
    almost = target_modes(MatrixTask([[1.0, 0.0], [0.0, 1e-14]]))
    assert [mode.zhat for mode in almost] == [1.0, 1e-14]
    zero = expand(MatrixTask(np.zeros((2, 3))), 3)
    assert zero.modes == ()
    assert_allclose(zero.readout(0.1, 0.5), np.zeros((2, 3)))
    assert (zero.loss(0.1, 0.5), zero.frobenius_norm(0.1, 0.5)) == (0, 0)
    assert len(zero.singular_values(0.1, 0.5)) == 0


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ([[10**400]], "not finite"),
        (np.full((2, 2), 1.7e308), "singular values below"),
        ([1.0, 2.0], "of shape"),
        (3.0, "of shape"),
        (np.zeros((0, 2)), "of shape"),
        ([[1.0], [1.0, 2.0]], "of one length"),
        ([[1.0, float("nan")]], "not finite"),
        ([[1.0, float("inf")]], "not finite"),
    ],
)
def test_other_targets_are_refused(target, message):
    with pytest.raises(ValueError, match=message):
        modes_of(target)


def _learned(seed, size, g, targets, tau, steps=6):
    """Z_11, Z_22, loss and |dW| of one network of two modes, by Runge-Kutta steps of the whole W."""
    random = np.random.default_rng(seed)
    W0 = random.standard_normal((size, size)) * g / size**0.5
    inputs, readouts = (np.linalg.qr(random.standard_normal((size, 2)))[0] for _ in range(2))
    W, step, one, target = W0.copy(), tau / steps, np.eye(size), np.diag(targets)

    def readout(W):
        return readouts.T @ np.linalg.solve(one - W, inputs)

    def velocity(W):
        b, a = np.linalg.solve(one - W, inputs), np.linalg.solve((one - W).T, readouts)
        return a @ (target - readouts.T @ b) @ b.T

    for _ in range(steps):
        first = velocity(W)
        second = velocity(W + step / 2 * first)
        third = velocity(W + step / 2 * second)
        W = W + step / 6 * (first + 2 * second + 2 * third + velocity(W + step * third))
    Z = readout(W)
    return *np.diag(Z), np.sum((target - Z) ** 2) / 2, np.linalg.norm(W - W0)


@pytest.mark.slow
def test_variances_between_networks(tmp_path):
    """400 networks of 64 neurons: ratios are 1 within 4.5 of their own deviations, (2/399)^(1/2)."""
    g, tau, targets = 0.3, 0.15, (1.0, 0.6)
    (tmp_path / "target.json").write_text(json.dumps(np.diag(targets).tolist()))
    arguments = ("modes", str(tmp_path / "target.json"), "--order", "8", "--format", "python")
    namespace = {}
    exec(derive_here(*arguments).stdout, namespace)
    predicted = [namespace["mode_readout_variance"](tau, zhat, g) for zhat in targets]
    predicted += [namespace[name](tau, g) for name in ("loss_variance", "frobenius_norm_variance")]
    found = np.array([_learned(seed, 64, g, targets, tau) for seed in range(400)])
    assert_allclose(64 * found.var(axis=0, ddof=1) / predicted, 1, atol=4.5 * (2 / 399) ** 0.5)
