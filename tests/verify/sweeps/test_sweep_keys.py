"""What identifies a run: all that changes its numbers, exactly; and the ranges of a grid's numbers."""

import json
import shutil
from dataclasses import fields, replace

import numpy as np
import pytest
import zarr

import verify
from derive.command_line import LARGEST, UsageProblem
from verify.simulators import Options, sample_task, simulate
from verify.sweeps.engine import compute, sweep
from verify.sweeps.grid import RunKey, make_grid
from verify.sweeps.layout import FIRST_COORDINATES, SECOND_COORDINATES, SIMULATIONS
from verify.sweeps.store import Store
from verify.training import TASKS, train
from verify.training.group import state_path
from verify.training.jobs import keys_for
from verify.training.store import networks_store, read_runs

KEY = RunKey("reduced", 60, 0.9, 2.0, 0, 0.002, 40)
CHANGES = {
    "simulator": "inverse",
    "size": 61,
    "g": 0.9000001,
    "zhat": 2.0000001,
    "seed": 1,
    "learning_rate": 0.0020000001,
    "epochs": 41,
    "dtype": "float32",
    "tolerance": 0.5,
    "eigenvalue_stride": 2,
    "matrix_free": True,
    "momentum": 0.5,
    "nesterov": True,
}
GRID = {"g": [0.3], "zhat": [1.0], "learning_rate": [0.1], "epochs": 2, "size": 20, "seeds": 1}


def numbers(run):
    return [run.readout, run.shuffled_loss, run.eigenvalue_epochs, run.eigenvalues]


def test_every_option_that_changes_numbers_identifies_a_run():
    assert set(CHANGES) == {field.name for field in fields(RunKey)}
    assert {field.name for field in fields(Options)} - {"device"} <= set(CHANGES)
    assert {*SIMULATIONS.coordinates, "simulator", "size", "dtype"} - {"precision"} == set(CHANGES)


@pytest.mark.slow
def test_runs_that_differ_in_one_thing_have_results_of_their_own(tmp_path):
    """Every change gives other numbers, and the store gives back each run's own."""
    keys = [KEY, *(replace(KEY, **{name: value}) for name, value in CHANGES.items() if name != "nesterov")]
    keys.append(replace(KEY, momentum=0.5, nesterov=True))
    runs = {key: compute(key) for key in keys}
    for key in keys[1:]:
        from_key = replace(key, nesterov=False) if key.nesterov else KEY
        pairs = zip(numbers(runs[key]), numbers(runs[from_key]), strict=True)
        assert not all(np.array_equal(a, b, equal_nan=True) for a, b in pairs), key
    with Store(tmp_path) as store:
        for key in keys:
            assert key not in store
            store.add(key, runs[key])
    with Store(tmp_path) as store:
        assert all(key in store for key in keys)
    for key in keys:
        data = verify.open(tmp_path, key.simulator, key.size)
        same = [name for name in SIMULATIONS.coordinates if name != "precision"]
        chosen = np.logical_and.reduce([data[name].values == getattr(key, name) for name in same])
        (place,) = np.flatnonzero(chosen & (data["precision"].values == key.precision))
        found = data.isel(run=place)
        np.testing.assert_array_equal(found.readout.values[: key.epochs + 1], runs[key].readout)
        looks = found.eigenvalue_epoch.values
        np.testing.assert_array_equal(looks[np.isfinite(looks)], runs[key].eigenvalue_epochs)


@pytest.mark.slow
def test_a_sweep_with_another_tolerance_is_run(tmp_path):
    for change, added in (({}, 1), ({"tolerance": 1e-3}, 1), ({"eigenvalue_stride": 1}, 1), ({}, 0)):
        grid, reports = make_grid(GRID | change), []
        with Store(tmp_path) as store:
            assert sweep(grid, store, workers=1, report=lambda *state, seen=reports: seen.append(state)) == []
        assert (reports[-1] if reports else (0, 0)) == (added, added)


def test_what_a_simulator_does_not_read_makes_no_second_run():
    (key,) = make_grid(GRID | {"simulator": "fixed_point"}).keys
    both = make_grid(GRID | {"simulator": ["fixed_point", "reduced"], "tolerance": 1e-3}).keys
    assert [k.tolerance for k in both] == [key.tolerance, 1e-3]
    for change, words in (({"tolerance": 1e-3}, "tolerance = 0.001"), ({"matrix_free": True}, "matrix_free")):
        with pytest.raises(UsageProblem, match=f"{words}.*fixed_point: without effect; allowed with"):
            make_grid(GRID | {"simulator": "fixed_point"} | change)


def as_version(store, version, coordinates):
    """The store as an earlier version of `verify sweep` wrote it."""
    for group in store.glob("*/N_*"):
        for name in set(SIMULATIONS.coordinates) - set(coordinates):
            shutil.rmtree(group / name)
        zarr.open_group(group, mode="a").update_attributes({"coordinates": " ".join(coordinates)})
        zarr.consolidate_metadata(group)
    zarr.open_group(store, mode="a").update_attributes({"verify_store": version})


def test_a_store_of_the_first_version_is_read_and_not_mixed(tmp_path):
    run = simulate("reduced", sample_task(20, 0.3, 0, 1.0, 0.1, 2))
    with Store(tmp_path / "runs") as store:
        store.add(RunKey("reduced", 20, 0.3, 1.0, 0, 0.1, 2), run)
    as_version(tmp_path / "runs", 1, FIRST_COORDINATES)
    data = verify.open(tmp_path / "runs")
    np.testing.assert_array_equal(data.readout.values[0], run.readout)
    assert "tolerance" not in data
    with pytest.raises(UsageProblem, match=r"store of version 1.*allowed is another --store"):
        Store(tmp_path / "runs")
    attributes = json.loads((tmp_path / "runs" / "zarr.json").read_text())["attributes"]
    assert attributes["verify_store"] == 1


@pytest.mark.slow
def test_a_store_without_momentum_is_read_and_gone_on_with(tmp_path):
    """Version 2: its runs are those of plain descent, are not done again, and others stand beside them."""
    keys = [RunKey("reduced", 20, 0.3, 1.0, seed, 0.1, 2) for seed in range(2)]
    others = [replace(keys[0], momentum=0.5), replace(keys[0], momentum=0.5, nesterov=True)]
    runs = {key: compute(key) for key in (*keys, *others)}
    with Store(tmp_path / "runs") as store:
        for key in keys:
            store.add(key, runs[key])
    as_version(tmp_path / "runs", 2, (*FIRST_COORDINATES, *SECOND_COORDINATES))
    data = verify.open(tmp_path / "runs")
    assert (data.momentum.values.tolist(), data.nesterov.values.tolist()) == ([0.0] * 2, [False] * 2)
    for key in others:  # opened anew each time, as interrupted sweeps do
        with Store(tmp_path / "runs") as store:
            assert all(plain in store for plain in keys)
            assert key not in store
            store.add(key, runs[key])
    with Store(tmp_path / "runs") as store:
        assert all(key in store for key in runs)
    data = verify.open(tmp_path / "runs")
    assert data.momentum.values.tolist() == [0.0, 0.0, 0.5, 0.5]
    assert data.nesterov.values.tolist() == [False, False, False, True]
    for place, (key, run) in enumerate(runs.items()):
        found = data.isel(run=place)
        np.testing.assert_array_equal(found.readout.values, run.readout)
        np.testing.assert_allclose(found.tau.values, run.tau, rtol=1e-15)
        assert run.tau[1] == pytest.approx(0.1 / (1 - key.momentum))
    attributes = json.loads((tmp_path / "runs" / "zarr.json").read_text())["attributes"]
    assert attributes["verify_store"] == 3


def test_momentum_of_a_grid():
    keys = make_grid(GRID | {"momentum": [0, 0.5], "nesterov": True}).keys
    assert [(key.momentum, key.nesterov) for key in keys] == [(0.0, False), (0.5, True)]
    assert keys[0] == make_grid(GRID).keys[0]  # without momentum there is nothing of Nesterov's
    assert str(keys[1]).endswith("learning rate 0.1, momentum 0.5 (Nesterov)")
    with pytest.raises(UsageProblem, match=r"nesterov = true: without effect; allowed with momentum > 0"):
        make_grid(GRID | {"nesterov": True})
    with pytest.raises(UsageProblem, match=r"nesterov = 1: allowed is true or false"):
        make_grid(GRID | {"momentum": 0.5, "nesterov": 1})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seeds", [2**64]),
        ("seeds", [0, 2**63]),
        ("seeds", [-1]),
        ("seeds", 10**7),
        ("seeds", 2**64),
        ("size", 10**7),
        ("size", 2**64),
        ("size", 900_000),
        ("epochs", 2**64),
        ("eigenvalue_stride", 2**64),
        ("zhat", [1e300]),
        ("zhat", 1e-300),
        ("g", [0.3, float("nan")]),
        ("learning_rate", [1e300]),
        ("tolerance", 1e300),
        ("tolerance", 1e-300),
        ("simulator", [["reduced"]]),
        ("momentum", 1),
        ("momentum", [0.5, -0.1]),
        ("momentum", float("nan")),
        ("momentum", 1e-300),
        ("momentum", "0.5"),
    ],
)
def test_ranges_of_a_grid(key, value):
    with pytest.raises(UsageProblem, match=rf"{key} = .*allowed (is|are) ") as refused:
        make_grid(GRID | {key: value}, "grid.toml")
    assert "\n" not in str(refused.value)


def test_the_largest_seed_runs():
    assert make_grid(GRID | {"seeds": [LARGEST["--seed"]]}).keys[0].seed == 2**63 - 1
    with pytest.raises(UsageProblem, match="runs; allowed are grids of up to"):
        make_grid(GRID | {"seeds": 10**6, "zhat": [1.0, 2.0]})


@pytest.mark.slow
def test_names_of_trained_networks_are_exact(tmp_path):
    """Near strengths and rates are runs and saved states of their own."""
    near, rates = (0.9, 0.9000001, 0.90000000001), (0.1, 0.10000000001)
    wanted = []
    for rate in rates:
        train(TASKS["romo"], 4, near, (0,), tmp_path, workers=1, epochs=1, rate=rate)
        wanted += keys_for(TASKS["romo"], 4, near, (0,), epochs=1, rate=rate)
    with networks_store(tmp_path) as store:
        assert all(key in store for key in wanted)
    assert len(read_runs(tmp_path)) == len(near) * len(rates)
    states = {state_path(tmp_path, key.task, key.identity, key.settings) for key in wanted}
    assert len(states) == len(wanted)
