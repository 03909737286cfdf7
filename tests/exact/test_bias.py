"""The mean at order 1/N: the series against the curve, hand-made values, and random networks."""

import json

import numpy as np
import pytest
from in_process import derive_here, refusal

import derive
from derive import FixedPointTask, expand, limit
from derive.exact.fluctuations.bias import biases, shifted_weights
from derive.exact.fluctuations.deviations import deviations
from derive.exact.fluctuations.measure import overlap_measure

BETA = 1 / (1 - 0.36)


@pytest.mark.slow
@pytest.mark.parametrize(("g", "zhat"), [(0.0, 1.0), (0.6, 0.5), (0.6, 2.0)])
def test_series_against_the_curve(g, zhat):
    """Exact coefficients from second-order jets, numbers from second differences of the exact curve."""
    times = np.array([0.01, 0.03])
    series = expand(FixedPointTask(g0=g == 0), 10).fluctuations.readout_bias
    printed = [series(t * (1 - g * g) ** 2, zhat, g) for t in times]
    assert biases(g, zhat, times)["readout"] == pytest.approx(printed, rel=1e-6, abs=1e-9)


def test_first_coefficients():
    """z_1 = zhat A_2 D_2, E A_2 = E D_2 = beta + mu'_1/N; at g = 0 z_2 = -(zhat - c)/2 + 2 c (zhat - c)^2."""
    beta, zhat = derive.beta, derive.zhat
    series = expand(FixedPointTask(), 2).fluctuations.readout_bias
    assert (series[1] - 2 * zhat * beta * (2 * beta**3 - 2 * beta**2)).expand() == 0
    assert expand(FixedPointTask(g0=True), 2).fluctuations.readout_bias[2] == -4 * zhat


@pytest.mark.slow
def test_before_learning():
    """E z(0) = 0, E L(0) - zhat^2/2 = beta/2N; E h(0) - beta^2 = 2 beta mu'_1/N, h = |a|^2 |b|^2."""
    found = biases(0.6, 0.7, np.array([0.0]))
    assert found["readout"][0] == pytest.approx(0, abs=1e-6)
    assert found["loss"][0] == pytest.approx(BETA / 2, rel=1e-6)
    assert found["sharpness"][0] == pytest.approx(2 * BETA * (2 * BETA**3 - 2 * BETA**2), rel=1e-6)


def test_signed_weights_have_the_moments():
    measure = overlap_measure(0.6, 0.0, 8)
    weights = shifted_weights(measure)
    moments = [weights @ measure.nodes**k for k in range(5)]
    expected = [0, 0, 2 * BETA**3 - 2 * BETA**2, 0, 13 * BETA**6 - 20 * BETA**5 + 7 * BETA**4]
    assert moments == pytest.approx(expected, rel=1e-9, abs=1e-7)


@pytest.mark.slow
def test_random_networks():
    """g = 0.3: mean loss of 1000 networks of 32 neurons, within 4.5 standard errors and the next order."""
    g, zhat, size, count, ttilde = 0.3, 1.0, 32, 1000, 0.3
    theory = biases(g, zhat, np.array([ttilde]))
    exact = limit.curve(g, zhat, [ttilde])
    found = []
    for seed in range(count):
        random = np.random.default_rng(seed)
        m, w = random.standard_normal((2, size))
        network = derive.Instance(
            random.standard_normal((size, size)) * (g / size**0.5),
            m=m / np.linalg.norm(m),
            w=w / np.linalg.norm(w),
        )
        path = limit.learning_path(limit.instance_reduction(network, 5))
        found.append(float(limit.LearningCurve(path, zhat).loss(ttilde * (1 - g * g) ** 2)))
    shift = (np.mean(found) - exact.loss[0]) * size
    error = np.std(found) / count**0.5 * size
    assert error < theory["loss"][0] / 4
    assert abs(shift - theory["loss"][0]) < 4.5 * error + 1 / size


@pytest.mark.slow
def test_printed():
    """JSON keys, the text's column, and what --bias does not go with."""
    arguments = ("curve", "--g", "0.6", "--zhat", "0.7", "--times", "0.1,0.3", "--size", "100", "--bias")
    printed = json.loads(derive_here(*arguments, "--format", "json").stdout)
    found = deviations(0.6, 0.7, [0.1, 0.3], 100, bias=True).bias
    assert printed["readout_bias"] == found["readout"].tolist()
    assert printed["singular_values_bias"] == [found["s1"].tolist(), found["s2"].tolist()]
    assert printed["time_to_5_percent_loss_bias"] == float(found["learning_time"])
    text = derive_here(*arguments).stdout
    assert f"{found['readout'][0]:.2e}" in text
    refusal(derive_here(*arguments, "--alignment", "0.2"))


@pytest.mark.parametrize(("g", "zhat", "train"), [(0.6, 0.5, "W"), (0.3, 1.0, "W,m,w")])
def test_time_to_learn_follows_from_the_readout(g, zhat, train):
    """x + z' dt + z'' dt^2/2 + dz' dt = 0, x = dz(t) - q dz(0), q^2 of the loss left; z' = (zhat - z) h."""
    unit, q = (1 - g * g) ** 2, 0.05**0.5
    at = limit.learning_curve(g, zhat, train=train).time_to(0.05) / unit
    step = 1e-4 * at
    curve = limit.curve(g, zhat, [at - step, at, at + step], train=train)
    assert curve.loss[1] == pytest.approx(0.05 * zhat**2 / 2)
    before, h, after = curve.values["sharpness"]
    found = deviations(g, zhat, [0, at], 1, train=train, bias=True)
    slope = q * zhat * h
    bend = q * zhat * ((after - before) / (2 * step * unit) - h * h)
    zz, zh = (found.covariance("readout", name) for name in ("readout", "sharpness"))
    spread = zz[1, 1] + q * q * zz[0, 0] - 2 * q * zz[0, 1]
    assert found.learning_time == pytest.approx(spread**0.5 / slope / unit, rel=1e-6)
    turned = -h * (zz[1, 1] - q * zz[0, 1]) + q * zhat * (zh[1, 1] - q * zh[0, 1])
    moved = found.bias["readout"][1] - q * found.bias["readout"][0] + bend * spread / slope**2 / 2
    shift = (turned / slope - moved) / slope / unit
    assert float(found.bias["learning_time"]) == pytest.approx(shift, rel=1e-4)


@pytest.mark.slow
def test_second_order_takes_over():
    """Where the deviation of z is half of what is left: later for larger networks."""
    small, large = (deviations(0.6, 0.5, [0.5], size).second_order for size in (400, 4000))
    assert small < large
    spread = deviations(0.6, 0.5, [small], 400)
    left = 0.5 - limit.curve(0.6, 0.5, [small]).readout[0]
    assert spread.values["readout"][0] == pytest.approx(left / 2, rel=1e-3)
    assert deviations(0.6, 0.5, [0.5], 10**9).second_order is None


def test_next_order_of_the_variance_before_learning():
    """N Var z of fixed W0 is tr(B B^T)/N, over real W0 on average beta (1 + 2 beta (beta - 1)/N)."""
    g, size, random = 0.6, 64, np.random.default_rng(2)
    W0 = random.standard_normal((600, size, size)) * (g / size**0.5)
    traces = np.sum(np.linalg.inv(np.eye(size) - W0) ** 2, axis=(1, 2)) / size
    beta, error = 1 / (1 - g * g), traces.std() / 600**0.5
    assert abs(traces.mean() - beta * (1 + 2 * beta * (beta - 1) / size)) < 4 * error
    assert traces.mean() - beta > 5 * error


@pytest.mark.slow
def test_where_bias_and_deviation_meet():
    """(bias/deviation)^2 (1 - g)^2 tends to a constant at fixed zhat^2 beta and ttilde, linearly in 1 - g."""
    found = []
    for g in (0.98, 0.99, 0.995):
        bars = deviations(g, (0.5 * (1 - g * g)) ** 0.5, [0.3], 1, bias=True)
        found.append(float((bars.bias["readout"] / bars.values["readout"])[0] * (1 - g)) ** 2)
    assert (found[1] - found[0]) / (found[2] - found[1]) == pytest.approx(2, abs=0.15)
