"""Flows at all times: bases of words against the exact curve, large networks and the flow's own series."""

from fractions import Fraction

import numpy as np
import pytest
from project import ROOT

import derive
from derive.exact.flows.flow_curve import GOOD, limit_curve, natural_time, network_curve
from derive.exact.flows.word_basis import word_basis
from derive.flow.expanded.growth import coefficients
from derive.flow.given.network import FlowStops
from derive.flow.statement.tokens import FlowProblem


def example(name):
    return derive.read_flow(ROOT / "docs" / "flows" / f"{name}.toml")


@pytest.mark.slow
def test_the_papers_task_at_all_times():
    """Past the radius of convergence, against `derive.limit`, to the stated error."""
    times = np.array([0.05, 0.1, 0.15, 0.3])
    exact = derive.limit.curve(0.6, 1.5, times / 0.64**2)
    found = limit_curve(example("gradient"), list(times))
    assert not found.closed
    assert found.error < 1e-7
    np.testing.assert_allclose(found.values["z"], exact.readout, atol=1e-8)
    for name in ("loss", "sharpness"):
        np.testing.assert_allclose(found.values[name], exact.values[name], rtol=1e-6, atol=1e-8)
    for r in (1, 2):
        np.testing.assert_allclose(found.values[f"s{r}"], exact.singular_values[:, r - 1], atol=1e-8)


@pytest.mark.slow
def test_outliers_are_those_of_the_limit():
    """Eigenvalues that two bases share, against the determinant of the exact limit (THEORY 4)."""
    tau = [0.1, 0.15, 0.4]
    found = limit_curve(example("gradient"), tau, g=Fraction(3, 5), values={"zhat": Fraction(2)})
    exact = derive.outliers(0.6, 2.0, tau)
    assert [len(one) for one in found.outliers] == [len(one) for one in exact]
    for mine, theirs in zip(found.outliers, exact, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-3)


@pytest.mark.parametrize("name", ["weight_decay", "momentum", "hebbian", "sensory_noise", "two_outputs"])
def test_the_basis_has_the_limits_series(name):
    """The projected network's own Taylor coefficients are the limit's, through the basis' order."""
    flow, order = example(name), 4
    values = [float(value) for value in flow.values.values()]
    basis = word_basis(flow, order, flow.meaning.g, flow.values, 200)
    own = basis.network.series()
    for readout, series in derive.expand(flow, order).readouts.items():
        mine = own.scalar(flow.meaning.readouts[readout])
        for k, expected in enumerate(coefficients(series, values, 0.6)):
            assert mine[k] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_words_that_end_are_exact():
    found = limit_curve(example("feedback_alignment"), [0.5, 1.5])
    assert found.closed
    assert found.error == 0
    larger = word_basis(
        example("feedback_alignment"), 9, Fraction(3, 5), example("feedback_alignment").values, 100
    )
    again = network_curve(larger.network, [0.5, 1.5], 0.6)
    np.testing.assert_allclose(again.values["z"], found.values["z"], rtol=1e-8)


@pytest.mark.slow
def test_momentum_brings_new_words_every_second_order():
    """A pause of one order is no end."""
    assert not limit_curve(example("momentum"), [0.5, 1.0]).closed


@pytest.mark.slow
@pytest.mark.parametrize("name", ["weight_decay", "frequency"])
def test_large_networks_lie_around_the_curve(name):
    """At a time beyond the radius: the mean of 24 networks, within 4 standard errors and 5/N."""
    flow, size = example(name), 64
    g, tau = 0.4, [0.6 if name == "weight_decay" else 1.6]
    found = limit_curve(flow, tau, Fraction(2, 5), enough=1e-4)
    curves = [network_curve(derive.FlowInstance.sample(flow, size, g, seed), tau, g) for seed in range(24)]
    for key in flow.meaning.readouts:
        for part in [name for name in found.values if name in (key, f"{key}_re", f"{key}_im")]:
            every = np.array([curve.values[part] for curve in curves])
            error = 4 * every.std(axis=0) / np.sqrt(24) + 5 / size
            assert np.all(np.abs(every.mean(axis=0) - found.values[part]) < error)


@pytest.mark.slow
def test_the_time_through_which_a_curve_is_good():
    flow, tau = example("frequency"), [0.05, 0.1, 0.5, 2.0, 8.0]
    found, larger = limit_curve(flow, tau, most=40), limit_curve(flow, tau, most=90)
    assert tau[0] <= found.good_until < tau[-1]
    at = tau.index(found.good_until)
    for name, values in larger.values.items():
        off = np.abs(found.values[name] - values)
        assert off[: at + 1].max() < GOOD * np.abs(values).max()
    assert limit_curve(example("gradient"), [0.1, 1.0]).good_until == 1.0


def test_where_a_flow_runs_away_it_stops():
    with pytest.raises(FlowStops, match="the flow stops at tau = 0\\.2"):
        limit_curve(example("hebbian"), [0.1, 0.5])


def test_the_time_of_the_stop_is_that_of_enough_words():
    """No feedback reaches the readout and W runs away; a basis of few words runs away at another time."""
    flow = derive.Flow(
        derive.Ensemble(["w", "m", "f"], g="3/5"),
        readouts={"z": "w' R m"},
        velocity={"W": "(zhat - z) f m' R' - lam W"},
        parameters={"zhat": "3/2", "lam": "1/10"},
    )
    stops = []
    for last in (0.5, 1.5):
        with pytest.raises(FlowStops) as stop:
            limit_curve(flow, [0.25, last])
        stops.append(stop.value.tau)
    assert stops == pytest.approx([stops[0]] * 2, rel=1e-4)
    assert limit_curve(flow, [0.99 * stops[0]]).values["z"] == pytest.approx([0], abs=1e-9)


def test_requests_that_make_no_sense():
    flow = example("two_frequencies")
    with pytest.raises(FlowProblem, match="more than 12"):
        limit_curve(flow, [0.1], most=12)
    assert natural_time(example("gradient")) == pytest.approx(0.63, abs=0.05)
