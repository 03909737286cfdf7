"""``verify degeneracy``, ``verify memory`` and ``verify closure``, small."""

import json

import numpy as np
import pytest
from in_process import refusal, verify_here

from derive.overlaps.neurons import Neurons, neuron_curve
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import sample_network
from verify.checks.slope import log_slope
from verify.overlaps.degeneracy import degeneracy
from verify.overlaps.memory import memory
from verify.overlaps.nonlinear_memory import AMPLITUDES, nonlinear_memory
from verify.overlaps.settings import make_task, start


def failed(checks):
    return [check.name for check in checks if not check.passed]


@pytest.mark.slow
def test_linear_networks_of_one_function():
    problem = OverlapProblem(2)
    result = degeneracy(problem, make_task("filter", problem), 100, 0.01, 40)
    assert failed(result.checks) == []
    first, second = result.trainings
    assert np.abs(first.loss - second.loss).max() > 0.1 * first.loss[0]


@pytest.mark.slow
@pytest.mark.parametrize("task", ["filter", "flip-flop", "decision"])
def test_nonlinear_networks_of_one_function(task):
    """Equal outputs to 1e-12, different learning curves, and the exact limit on top."""
    problem = OverlapProblem(nonlinearity="tanh")
    result = degeneracy(problem, make_task(task, problem), 800, 0.02, 30)
    assert failed(result.checks) == []
    first, second = result.trainings
    assert np.abs(first.loss - second.loss).max() > 0.03 * first.loss[0]


@pytest.mark.slow
def test_memory_of_a_sequence():
    result = memory(OverlapProblem(), "ABA", 50, 0.01, 30, 0.1)
    assert failed(result.checks) == []
    flow, exact = result.trace(result.phases[0]), result.trace(result.phases[1])
    assert abs(flow["zm"]) < 1e-8 < 1e-5 < abs(flow["vv"]) < abs(exact["vv"])
    assert abs(flow["vv"] - flow["uu"]) < 1e-9  # an invariant, in flow and not in descent
    assert abs(exact["vv"] - exact["uu"]) > 1e-5
    finest = next(d for d in result.decoding if d.way == "flow" and d.error == 1e-5)
    assert finest.accuracy["loss-invisible overlaps"] > 2 * finest.chance
    assert finest.accuracy["the function"] == pytest.approx(finest.chance, abs=0.03)


@pytest.mark.slow
def test_nonlinear_memory():
    """The drift is of the order of the learning rate; going on with A moves the overlaps as much."""
    problem = OverlapProblem(nonlinearity="tanh")
    result = nonlinear_memory(problem, "decision", "ABA", 0.1, 3, 200, 0.1)
    assert failed(result.checks) == []
    assert abs(result.flow_trace["vv"]) > 1e-2
    plain, noisy, adam = result.networks
    task = make_task("decision", problem, amplitude=AMPLITUDES["A"])
    first = Neurons.network(sample_network(problem, start(problem), 200, 0))
    exact = neuron_curve(problem, task, first, 0.1, 30).overlaps[-1]
    assert np.abs(plain.overlaps[1] - exact).max() < 1e-12  # rounding of 30 epochs
    assert all(np.abs(other.overlaps - plain.overlaps)[1:].max() > 1e-3 for other in (noisy, adam))
    assert np.abs(result.control.overlaps[-1] - result.control.overlaps[1]).max() > 1e-2
    finest, _, coarsest = result.decoding
    assert finest.accuracy["loss-invisible overlaps"] > 3 * finest.chance
    assert coarsest.accuracy["loss-invisible overlaps"] < finest.accuracy["loss-invisible overlaps"]


@pytest.mark.slow
def test_command(tmp_path):
    sizes = ("--sizes", "64,256", "--seeds", 3, "--epochs", 10)
    run = verify_here("closure", *sizes, "--out", tmp_path, "--format", "json")
    assert run.returncode == 0, run.stderr
    document = json.loads(run.stdout)
    assert document["passed"]
    assert all({"name", "measured", "expected", "tolerance", "passed"} <= set(c) for c in document["checks"])
    assert {path.suffix for path in tmp_path.iterdir()} == {".png", ".svg"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("memory", "--sequence", "AB"), "--sequence AB: allowed are three or more"),
        (("degeneracy", "--task", "decision"), "--task decision: allowed with a nonlinear network only"),
        (("closure", "--nonlinearity", "linear"), "--nonlinearity linear: allowed are erf, tanh, relu"),
    ],
)
def test_bad_input_is_one_line(arguments, message, tmp_path):
    assert message in refusal(verify_here(*arguments, "--out", tmp_path))


@pytest.mark.parametrize("counts", [(8, 8, 8), (32, 8, 2)])
def test_standard_error_of_the_slope(counts):
    """Of Gaussian samples falling as N^(-1/2), against the scatter of 2000 fits."""
    sizes, random = np.array([64, 256, 1024]), np.random.default_rng(0)
    slopes = []
    for _ in range(2000):
        rms = [
            np.sqrt(np.mean(random.normal(0, n**-0.5, (k, 10)) ** 2))
            for n, k in zip(sizes, counts, strict=True)
        ]
        slope, error = log_slope(sizes, rms, counts, 0.2)  # ten numbers: 2/10
        slopes.append(slope)
    # 2000 fits know their scatter to 1.6%, log RMS is Gaussian to the order 1/(10 k)
    assert np.std(slopes) == pytest.approx(error, rel=0.1)
    assert np.mean(slopes) == pytest.approx(-0.5, abs=0.01)
    assert log_slope(sizes, 3 * sizes**-0.5, counts)[0] == pytest.approx(-0.5, abs=1e-14)
