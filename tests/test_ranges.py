"""Numbers far out, requests too large, options without effect, wrong arguments: one line, at once."""

import inspect
import json
import time

import mpmath
import numpy as np
import pytest
from in_process import derive_here, refusal
from rank_one import RANK_ONE

import derive
import derive.cli
from derive.command_line import LARGEST
from derive.exact.gradient_flow import gradient_flow
from derive.exact.network_outliers import network_outliers

EVOLVE = "overlap --evolve start.json --epochs 1 --decay"
REFUSED = [
    ("--order 2 --no-write --alignment 1e999999999", "--alignment"),
    ("--order 2 --alignment 1e-400", "--alignment"),
    ("--order 2 --train W,W", "train W,W"),
    ("--order 99999999999999999999", "--order"),
    ("radius --g 0:0.5:100000000000", "100000000000"),
    ("radius --g 0:0.5:1000000", "up to 10000"),
    ("outliers --g 0.5 --zhat 1e-308", "--zhat 1e-308"),
    ("outliers --g 0.5 --zhat 1 --until 1e300", "--until 1e300"),
    ("curve --g 0.5 --zhat 1e300", "--zhat 1e300"),
    ("curve --g 0.5 --zhat 1 --times 1e300", "--times 1e300"),
    ("curve --g 0.5 --zhat 1 --learning-rate 1e300 --epochs 1", "--learning-rate 1e300"),
    ("curve --network huge.npz --zhat 1", "huge.npz: W0"),
    ("curve --network empty.npz --zhat 1", "empty.npz"),
    ("overlap --rank 100000", "--rank 100000"),
    ("overlap --rank 50", "102 vectors"),
    ("overlap --frozen m,u,v,z", "nothing learns"),
    (f"{EVOLVE} 1e400", "--decay 1e400"),
    (f"{EVOLVE} 1 --steps 99999999999999", "--steps"),
    ("overlap --evolve power.json --series 2 --decay 1", "9**9**9**9"),
    ("stability --size 10000000", "--size 10000000"),
    ("stability --seeds 3", "--seeds 3: allowed with --size"),
    ("moment B[g]", "B[g]"),
    ("moment B[nan]", "B[nan]"),
    ("--order 2 --terms-per-line 99999999", "--terms-per-line"),
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "start.json").write_text(json.dumps(RANK_ONE))
    (tmp_path / "power.json").write_text(json.dumps(RANK_ONE | {"zz": "9**9**9**9"}))
    np.savez("huge.npz", W0=np.full((3, 3), 1e300), m=np.ones(3), w=np.ones(3))
    np.savez("empty.npz", W0=np.zeros((0, 0)), m=np.zeros(0), w=np.zeros(0))
    return tmp_path


@pytest.mark.parametrize(("arguments", "named"), REFUSED, ids=[words for words, _ in REFUSED])
def test_commands_refuse_at_once(arguments, named, folder):
    before, start = sorted(folder.iterdir()), time.process_time()
    done = derive_here(*arguments.split())
    assert time.process_time() - start < 20
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1, done.stderr
    assert named in done.stderr
    assert "allowed" in done.stderr
    assert "itself" not in done.stderr  # no fault of the program
    assert sorted(folder.iterdir()) == before


def test_words_of_many_points(folder):
    word = " ".join(["B[a]", "B[b]'", "B[c]", "B[d]'"] * 6)
    complaint = refusal(derive_here("moment", word))
    assert "24 letters with 4 different points" in complaint
    assert derive_here("moment", "B[a] B[b]' B[c] B[d]'").returncode == 0


def test_the_table_names_options():
    assert all(option.startswith("--") and largest >= 64 for option, largest in LARGEST.items())


def test_functions_say_what_is_allowed():
    task = derive.FixedPointTask()
    identity, ones = np.eye(2) / 2, np.ones(2)
    for call in (
        lambda: derive.expand(None, order=3),
        lambda: derive.universal(None),
        lambda: derive.gram_flow(None),
        lambda: gradient_flow(None, 1, [1]),
        lambda: network_outliers(None, 1, [1]),
        lambda: derive.checked(None),
        lambda: derive.Instance("a", ones, ones),
        lambda: derive.Instance(np.zeros((0, 0)), np.zeros(0), np.zeros(0)),
        lambda: derive.Instance(identity * 1j, ones, ones),
        lambda: derive.Instance(identity * np.nan, ones, ones),
        lambda: derive.Instance(1.0, 2.0, 3.0),
        lambda: derive.OverlapProblem(rank=1.5),
        lambda: derive.expand(task, order=1.5),
        lambda: derive.expand(task, order=True),
        lambda: derive.FixedPointTask(train="W,W"),
    ):
        with pytest.raises((TypeError, ValueError), match="allowed"):
            call()


def test_integers_and_matrices_of_numpy():
    assert derive.expand(derive.FixedPointTask(), order=np.int64(3)).order == 3
    W0 = np.array([[0.1, 0.2], [0.0, 0.3]])
    network = derive.Instance(np.asmatrix(W0), [1, 0], np.array([0, 1], dtype=np.float32))
    assert type(network.W0) is np.ndarray
    np.testing.assert_array_equal(network.overlaps(2)[2], derive.Instance(W0, *np.eye(2)).overlaps(2)[2])


@pytest.mark.parametrize(
    "g", [1, 1.0, 2, -0.1, 0.5 + 0j, float("nan"), np.array([0.5, 1.0]), np.array([0.5 + 0j])]
)
def test_series_refuse_strengths_outside(g):
    expansion = derive.expand(derive.FixedPointTask(), order=2)
    for series in (expansion.readout, expansion.loss, expansion.singular_values):
        with pytest.raises(ValueError, match=r"g = .*: allowed is 0 <= g < 1"):
            series(0.1, 1.0, g)
    assert expansion.readout(0.1, 1.0, 0) == pytest.approx(0.1 - 0.005)


RESULTS = ("MatrixExpansion", "OutlierEquation", "OutsideRadius", "Series")
"""Public classes that are made by functions only."""


def _public():
    for name in derive.__all__:
        if name not in RESULTS and callable(value := getattr(derive, name)):
            yield name, value


@pytest.mark.parametrize("wrong", [None, "x", 1.5])
@pytest.mark.parametrize(("name", "function"), list(_public()))
def test_wrong_first_arguments_say_what_is_allowed(name, function, wrong):
    """Of every public function and class; the other arguments are fit or come later."""
    if (name, wrong) == ("Ensemble", "x"):
        assert derive.Ensemble("x").vectors == ("x",)
        return
    others = [
        parameter
        for parameter in list(inspect.signature(function).parameters.values())[1:]
        if parameter.default is parameter.empty
    ]
    with pytest.raises((TypeError, ValueError), match=r"allowed|needed are exactly"):
        function(wrong, **{parameter.name: 1 for parameter in others})


NO_NUMBERS = [
    float("nan"),
    float("inf"),
    0.5 + 0j,
    np.array([1.0, np.nan]),
    np.array([0.5 + 0j]),
    mpmath.mpc(1, 1),
]


@pytest.mark.parametrize("wrong", [*NO_NUMBERS, None, "x", [1.0]], ids=str)
def test_series_refuse_times_and_targets_that_are_no_real_numbers(wrong):
    expansion = derive.expand(derive.FixedPointTask(), order=2)
    error = ValueError if any(wrong is x for x in NO_NUMBERS) else TypeError
    series = (expansion.readout, expansion.loss, expansion.singular_values, expansion.learning_end.time)
    for function in series:
        for arguments in ((wrong, 1.0, 0.5), (0.1, wrong, 0.5)):
            with pytest.raises(error, match=r"(tau|delta|zhat) .*allowed are"):
                function(*arguments)


@pytest.mark.parametrize("place", range(4))
def test_series_refuse_matrices_of_numpy(place):
    """Their powers would be those of matrices."""
    arguments = [0.1, 0.5, 0.6, 0.2]
    arguments[place] = np.asmatrix([[0.1, 0.2], [0.3, 0.4]])
    aligned = derive.expand(derive.FixedPointTask(alignment="rho"), order=3)
    expansion = derive.expand(derive.FixedPointTask(), order=3)
    with pytest.raises(TypeError, match=r"numpy\.asarray of it"):
        aligned.readout(*arguments)
    for series in (expansion.readout, expansion.learning_end.time) if place < 3 else ():
        with pytest.raises(TypeError, match=r"numpy\.asarray of it"):
            series(*arguments[:3])


TWO_NEURONS = derive.Instance([[0.1, 0.2], [0.0, 0.3]], [1.0, 0.0], [0.6, 0.8])
LEARNING = {
    "gradient_flow": lambda zhat, times: derive.gradient_flow(TWO_NEURONS, zhat, times).readout,
    "curve": lambda zhat, times: derive.limit.curve(0.5, zhat, times).readout,
    "network": lambda zhat, times: derive.limit.NetworkLearning(TWO_NEURONS, zhat).curve(times).readout,
    "outliers": lambda zhat, times: derive.outliers(0.5, zhat, times)[0].real,
    "network_outliers": lambda zhat, times: derive.network_outliers(TWO_NEURONS, zhat, times).values[0].real,
}


@pytest.mark.parametrize("name", LEARNING)
def test_learning_says_which_targets_and_times_are_allowed(name):
    """Nothing leads out of the range of numbers; what is allowed gives a number."""
    learn = LEARNING[name]
    assert np.all(np.isfinite(learn(1.0, [0.0, 0.1])))
    for wrong in (1e16, 1e300, float("nan"), float("inf"), "1", None, 1j):
        with pytest.raises((TypeError, ValueError), match=r"zhat.*allowed"):
            learn(wrong, [0.1])
    for wrong in ([float("nan")], [-0.1], [float("inf")], 0.1, [[0.1]]):
        with pytest.raises(ValueError, match="allowed"):
            learn(1.0, wrong)


def test_matrices_of_numpy_are_arrays_everywhere():
    """np.matrix, whose * and ravel mean something else, gives what np.ndarray gives."""
    W0 = np.array([[0.1, 0.2], [0.0, 0.3]])
    m, w = np.array([1.0, 0.0]), np.array([0.6, 0.8])
    flow = derive.Flow(
        derive.Ensemble(["w", "m"]), {"z": "w' R m"}, loss="(zhat - z)^2/2", parameters={"zhat": "1"}
    )
    problem = derive.OverlapProblem()
    S = np.eye(4) + 0.1

    def loss(overlaps):
        assert type(overlaps) is np.ndarray
        return float(np.sum(overlaps**2)), overlaps

    def results(kind):
        network = derive.Instance(kind(W0), m, w)
        yield derive.gradient_flow(network, 1.0, [0.5]).change
        yield derive.MatrixTask(kind(W0)).target
        yield derive.FlowInstance(flow, kind(W0), {"w": w, "m": m}).curve([0.5])[0]["W"]
        yield derive.chain_outliers(kind(W0 * 5), 0.5)
        yield derive.instance_outliers(network, kind(W0 * 5), 0.5)
        yield derive.sample_network(problem, kind(S), 9, 0)
        yield derive.descent_curve(problem, loss, kind(S), 0.01, 3).overlaps
        yield derive.flow_curve(problem, loss, kind(S), [0.0, 0.1]).overlaps

    for plain, matrix in zip(results(np.asarray), results(np.asmatrix), strict=True):
        assert type(matrix) is np.ndarray
        np.testing.assert_array_equal(plain, matrix)
    with pytest.raises(ValueError, match=r"shapes W0 .*allowed are"):
        derive.Instance(W0, np.asmatrix(m), w)
    with pytest.raises(ValueError, match=r"shapes .*allowed are"):
        derive.FlowInstance(flow, W0, {"w": np.asmatrix(w), "m": m})
