"""Simulators on the played GPU: every tensor where it belongs, graphs as the functions that they record."""

from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from played_gpu import PlayedGPU, played_gpu
from slow_cases import slow_but

import verify.simulators.full_networks as full_networks
import verify.simulators.outliers_of_matrix as of_matrix
from derive import Instance
from derive.exact.momentum import PLAIN, Momentum
from verify.device import NoRoom
from verify.simulators import SIMULATORS, DescentTask, Options, sample_task, simulate_together
from verify.simulators.full_networks import MATRICES, run_bytes
from verify.simulators.linear_solver import linear_solver
from verify.simulators.readouts import READOUTS, Recorded
from verify.simulators.run import SimulatedRun, outlier_edge
from verify.sweeps.grid import RunKey
from verify.sweeps.groups import compute_group

SIZE, EPOCHS = 40, 6
METHODS = {"plain": PLAIN, "momentum": Momentum(0.5), "nesterov": Momentum(0.5, nesterov=True)}


@pytest.fixture
def gpu() -> Iterator[PlayedGPU]:
    with played_gpu() as played:
        yield played


def several(momentum=PLAIN, dtype="float64"):
    """Networks of different strengths; the second leaves the finite numbers after a few epochs."""
    settings = [(0.0, 0, 0.5, 0.02), (0.6, 1, 1.0, 80.0), (0.8, 2, 2.0, 0.003)]
    return [sample_task(SIZE, g, seed, z, rate, EPOCHS, dtype, momentum) for g, seed, z, rate in settings]


def close(first, second, tolerance):
    for field in fields(SimulatedRun):
        one, other = getattr(first, field.name), getattr(second, field.name)
        if field.name in ("left", "right", "simulator", "facts"):
            continue
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance, err_msg=field.name)
    zero = np.zeros((SIZE, SIZE))
    np.testing.assert_allclose(first.connectivity(zero), second.connectivity(zero), rtol=0, atol=tolerance)
    assert first.facts["finite_epochs"] == second.facts["finite_epochs"]


WAYS = [(name, False) for name in SIMULATORS] + [("reduced", True), ("inverse", True)]


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("simulator", "matrix_free"), WAYS)
def test_a_run_there_is_the_run_here(gpu, monkeypatch, simulator, matrix_free, method):
    """Graphs and batches give the same bits; a factorisation of torch's in place of LAPACK's, rounding.

    Outliers of the full W are found by Arnoldi's method, as those of large networks are.
    """
    monkeypatch.setattr(of_matrix, "SMALLEST", SIZE)
    options = Options(eigenvalue_stride=3, matrix_free=matrix_free)
    here = simulate_together(simulator, several(METHODS[method]), options)
    there = simulate_together(simulator, several(METHODS[method]), replace(options, device="cuda"))
    assert gpu.launches > 10
    for one, other in zip(here, there, strict=True):
        close(one, other, 1e-12)
    if simulator == "unrolled":  # at the fixed point it jumps about
        assert np.isnan(there[1].readout[-1])
    assert np.isfinite(there[2].readout).all()


@pytest.mark.slow
@pytest.mark.parametrize(("simulator", "matrix_free"), WAYS)
def test_single_precision_there_is_single_precision_here(gpu, simulator, matrix_free):
    """To 100 roundings of it, over six epochs of networks that converge."""
    tasks = several(dtype="float32")[::2]
    here, there = (
        simulate_together(simulator, tasks, Options("float32", device, 1e-4, matrix_free=matrix_free))
        for device in ("cpu", "cuda")
    )
    for one, other in zip(here, there, strict=True):
        np.testing.assert_allclose(one.readout, other.readout, rtol=1e-5)
        assert not np.isnan(other.loss).any()


def test_a_network_without_a_fixed_point_is_left_out_there_too(gpu):
    singular = Instance(np.eye(SIZE), *np.eye(SIZE)[:2])
    lost = DescentTask(singular, lambda: singular.W0, 1.0, 0.1, EPOCHS)
    for device in ("cpu", "cuda"):
        runs = simulate_together("fixed_point", [several()[0], lost], Options(device=device))
        assert np.isfinite(runs[0].readout).all()
        assert np.isnan(runs[1].readout).all()


def test_unrolled_epochs_are_two_graphs(gpu):
    """Launches of an epoch, all that is recorded of it among them; without graphs some 1,000."""
    count = []
    for epochs in (EPOCHS, EPOCHS + 4):
        before = gpu.launches
        runs = [replace(task, epochs=epochs) for task in several()]
        simulate_together("unrolled", runs, Options(device="cuda"))
        count.append(gpu.launches - before)
    assert gpu.graphs == 4
    assert (count[1] - count[0]) / 4 < 80


def test_a_recorded_function_is_recorded_for_each_kind_of_argument(gpu):
    function = Recorded(lambda W: (W.sum(dim=1), 2 * W))
    for shape, dtype in (((3, 4), torch.float32), ((1, 4), torch.float32), ((3, 4), torch.float64)):
        for _ in range(3):
            W = torch.randn(shape, dtype=dtype)
            sums, double = function(W.to("cuda"))
            assert torch.equal(sums.cpu(), W.sum(dim=1))
            assert torch.equal(double.cpu(), 2 * W)
    assert gpu.graphs == 3


@pytest.mark.parametrize("name", READOUTS)
def test_readouts_of_networks_given_anew_each_time(gpu, name):
    """Every call with another W, as many as the graph was recorded with and then fewer."""
    random = torch.Generator().manual_seed(0)
    m, w = torch.randn(2, 3, 20, dtype=torch.float64, generator=random) / 4
    here, there = READOUTS[name](m, w), READOUTS[name](m.to("cuda"), w.to("cuda"))
    for _ in range(3):
        W = torch.randn(3, 20, 20, dtype=torch.float64, generator=random) / 10
        z, gradient = there.with_gradient(W.to("cuda"))
        assert torch.equal(there.readout(W.to("cuda")).cpu(), here.readout(W))
        for one, other in zip((z, gradient), here.with_gradient(W), strict=True):
            assert torch.equal(one.cpu(), other)


def test_outliers_are_found_where_the_matrix_is(gpu, monkeypatch):
    monkeypatch.setattr(of_matrix, "SMALLEST", 100)
    for g, strength, expected in ((0.5, 1.5, 1), (0.5, 0.1, 0), (0.0, 0.7, 1)):
        W0 = Instance.sample(120, g, 0).W0
        a, b = Instance.sample(120, g, 1).W0[:2] if g else np.eye(120)[:2]
        W = W0 + strength * np.outer(a, a + 0.1 * b) / (a @ a)
        edge = max(outlier_edge(W0), 0.01)
        before = gpu.launches
        found = of_matrix.outliers_of_matrix(torch.tensor(W, device="cuda"), edge)
        assert gpu.launches > before + 30
        assert np.isfinite(found).sum() == expected
        np.testing.assert_array_equal(found, of_matrix.outliers_of_matrix(torch.tensor(W), edge))


@pytest.mark.parametrize("matrix_free", [True, False])
def test_solvers_solve_there(gpu, matrix_free):
    W0 = Instance.sample(30, 0.6, 0).W0
    r = np.random.default_rng(0).standard_normal((30, 2))
    there, here = linear_solver(W0, "cuda", matrix_free), linear_solver(W0)
    before = gpu.launches
    for name in ("plain", "transposed"):
        for given in (r, r[:, 0], np.asfortranarray(r)):
            np.testing.assert_allclose(getattr(there, name)(given), getattr(here, name)(given), atol=1e-13)
    assert gpu.launches > before


@pytest.mark.parametrize("simulator", MATRICES)
@pytest.mark.parametrize("size", [64, 160])
def test_memory_is_what_is_said_of_it(simulator, size):
    """`run_bytes` is no less than runs with momentum take, and not much more."""
    tasks = [
        sample_task(size, 0.6, seed, 1.0, 0.02, 3, momentum=Momentum(0.5, nesterov=True)) for seed in range(3)
    ]
    with played_gpu() as gpu:
        simulate_together(simulator, tasks, Options(device="cuda"))
    said = 3 * run_bytes(simulator, size, "float64")
    assert 0.8 * said < gpu.memory.peak <= said


@pytest.mark.parametrize("simulator", slow_but(["reduced"], SIMULATORS))
def test_what_has_no_room_says_what_has(simulator):
    keys = tuple(RunKey(simulator, SIZE, 0.5, 1.0, seed, 0.02, 2) for seed in range(8))
    each = run_bytes(simulator, SIZE, "float64") if simulator in MATRICES else SIZE**2 * 4
    line = "--batch 3 or less" if simulator in MATRICES else "a smaller --size, or --device cpu"
    with played_gpu(room=3.5 * each):
        with pytest.raises(NoRoom, match=rf"^device cuda: no memory for .*; allowed here is {line}$"):
            compute_group(keys, "cuda")
        if simulator in MATRICES:
            assert len(compute_group(keys[:3], "cuda")) == 3


def test_random_columns_are_brought_there_once_a_run(gpu, monkeypatch):
    """Not every epoch; a network's singular values are those that columns drawn anew each time give."""
    drawn = []
    true = full_networks.random_columns
    monkeypatch.setattr(full_networks, "random_columns", lambda *a: drawn.append(a) or true(*a))
    (run,) = simulate_together("fixed_point", several()[:1], Options(device="cuda"))
    assert len(drawn) == 1
    anew = full_networks.range_sketch
    monkeypatch.setattr(
        full_networks, "range_sketch", lambda change, old: anew(change, true(change, old.shape[-1]))
    )
    (again,) = simulate_together("fixed_point", several()[:1], Options(device="cuda"))
    assert (run.singular_values == again.singular_values).all()
