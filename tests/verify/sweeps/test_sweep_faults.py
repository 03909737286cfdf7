"""Sweeps in a bad world: near points, damaged stores, other systems."""

import dataclasses
import json
import os
import re
import sys

import dask
import numpy as np
import pytest
from in_process import verify_here

import verify
import verify.cli
from derive.command_line import UsageProblem
from derive.reading.read_number import number_text
from verify.simulators import sample_task, simulate
from verify.sweeps import cluster, lock
from verify.sweeps.engine import sweep
from verify.sweeps.grid import RunKey, make_grid
from verify.sweeps.layout import SIMULATIONS
from verify.sweeps.store import Store
from verify.training.layout import NETWORKS

NEAR = {"g": [0.3, 0.3000001], "zhat": [1.0, 1.0000001], "size": 24, "seeds": 1, "epochs": 4}
NEAR |= {"learning_rate": [0.01, 0.0100000001]}


def expected(k):
    return simulate(k.simulator, sample_task(k.size, k.g, k.seed, k.zhat, k.learning_rate, k.epochs))


def key(seed, **changes):
    return RunKey("reduced", 24, 0.5, 1.0, seed, 0.01, 5)


@pytest.fixture
def store(tmp_path):
    """A store of three runs."""
    with Store(tmp_path / "runs", "verify sweep a") as opened:
        for k in (key(0), key(1), key(2)):
            opened.add(k, expected(k))
    return tmp_path / "runs"


@pytest.mark.slow
def test_near_points_have_results_of_their_own(tmp_path):
    """Points that agree to seven digits: each run is what computing it alone gives."""
    grid = make_grid(NEAR)
    assert len({str(k) for k in grid.keys}) == len(grid.keys) == 8
    with Store(tmp_path / "runs") as opened:
        assert sweep(grid, opened, workers=1) == []
    data = verify.open(tmp_path / "runs")
    rows = list(zip(*(data[n].values.tolist() for n in ("g", "zhat", "learning_rate")), strict=True))
    assert sorted(rows) == sorted((k.g, k.zhat, k.learning_rate) for k in grid.keys)
    for k in grid.keys:
        row = data.readout.values[rows.index((k.g, k.zhat, k.learning_rate))]
        np.testing.assert_array_equal(row, expected(k).readout)
    assert len({row.tobytes() for row in data.readout.values}) == 8


@pytest.mark.parametrize("value", [0.3, 0.30000000000000004, 1.0, 1e-300, 123456789.125])
def test_numbers_in_names_are_exact(value):
    assert float(number_text(value)) == value


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["half", "no JSON", "missing", "no arrays", "chunk"])
def test_damaged_groups_name_the_file_and_are_put_aside(damage, store, monkeypatch):
    monkeypatch.chdir(store.parent)
    group = store / "reduced" / "N_24"
    file = group / "zarr.json"
    if damage == "half":
        file.write_text(file.read_text()[:1000])
    elif damage == "no JSON":
        file.write_bytes(b"\xff\x00")
    elif damage == "missing":
        file.unlink()
    elif damage == "no arrays":
        file.write_text(json.dumps({"attributes": {}}))
    else:
        file = group / "g" / "c" / "1"
        file.write_bytes(b"nothing")
    for call in (lambda: verify.open(store), lambda: Store(store)):
        with pytest.raises(UsageProblem, match=rf"{re.escape(str(file))}: .*(missing|damaged).*--repair"):
            call().close()
    grid = ["--g", "0.5", "--zhat", "1", "--learning-rate", "0.01", "--size", "24", "--epochs", "5"]
    done = verify_here("sweep", *grid, "--seeds", "1", "--workers", "1", "--repair")
    assert done.returncode == 0, done
    assert str(file.relative_to(store)) in done.stderr
    assert "about 3 runs" in done.stderr
    assert "put aside in" in done.stderr
    assert done.stdout == "runs: 1 runs added, 0 were there\n"
    assert len(list((store / "reduced").glob("damaged-N_24-*"))) == 1
    assert verify.open(store).sizes["run"] == 1


@pytest.mark.slow
def test_a_damaged_chunk_of_any_array_is_named(store):
    """Of every array that is there, whenever it is read."""
    arrays = [path.parent.parent for path in sorted((store / "reduced" / "N_24").glob("*/c/0"))]
    arrays += [store / "reduced" / "N_24" / "epoch"]
    assert {"left", "readout", "eigenvalues", "strengths"} < {path.name for path in arrays}
    for array in dict.fromkeys(arrays):
        chunk = next(path for path in sorted((array / "c").rglob("*")) if path.is_file())
        content = chunk.read_bytes()
        chunk.write_bytes(b"nothing")
        said = rf"{re.escape(str(chunk))}: damaged .*--repair"
        with pytest.raises(UsageProblem, match=said):
            verify.open(store).load()
        if array.name in (*SIMULATIONS.coordinates, "epoch"):
            with pytest.raises(UsageProblem, match=said):
                Store(store)
        chunk.write_bytes(content)
    assert verify.open(store).load().sizes["run"] == 3


@pytest.mark.parametrize("damaged", [True, False])
def test_a_damaged_root_is_named_and_written_anew(damaged, store):
    root = store / "zarr.json"
    root.write_text("{") if damaged else root.unlink()
    for call in (lambda: verify.open(store), lambda: Store(store)):
        with pytest.raises(UsageProblem, match=r"zarr\.json.*--repair|--repair.* zarr\.json"):
            call()
    with pytest.raises(UsageProblem):  # the runs are not networks
        Store(store, "verify sweep b", repair=True, layout=NETWORKS)
    with Store(store, "verify sweep b", repair=True) as opened:
        assert all(key(seed) in opened for seed in (0, 1, 2))
        assert [line.split(":")[0] for line in opened.repaired] == [str(root)]
    runs = verify.open(store)
    assert (runs.sizes["run"], runs.attrs["commands"]) == (3, ["verify sweep b"])


def test_a_damaged_file_above_groups_is_written_anew(store):
    (store / "reduced" / "zarr.json").write_text("{")
    larger = dataclasses.replace(key(0), size=30)
    with Store(store) as opened:
        opened.add(larger, expected(larger))
    assert sorted(verify.open(store)["size"].values) == [24, 24, 24, 30]
    assert json.loads((store / "reduced" / "zarr.json").read_text())["node_type"] == "group"


def test_other_folders_are_no_groups(store):
    (store / "reduced" / "N_x").mkdir()
    assert verify.open(store).sizes["run"] == 3


def test_netcdf_as_documented(store, tmp_path):
    """`verify.open(store, plain=True).to_netcdf(file)`, read back."""
    import xarray

    with dask.config.set(scheduler="synchronous"):  # a client lost in another test stays in dask's settings
        verify.open(store, plain=True).to_netcdf(tmp_path / "runs.nc", engine="scipy")
    back, runs = xarray.load_dataset(tmp_path / "runs.nc", engine="scipy"), verify.open(store)
    for name in ("readout", "singular_values", "g", "seed", "left"):
        np.testing.assert_array_equal(back[name].values, runs[name].values)
    complex_values = back.eigenvalues.values[..., 0] + 1j * back.eigenvalues.values[..., 1]
    np.testing.assert_array_equal(complex_values, runs.eigenvalues.values)
    assert json.loads(back.attrs["commands"]) == runs.attrs["commands"] == ["verify sweep a"]
    assert json.loads(back.attrs["versions"]) == runs.attrs["versions"]


def test_other_systems(tmp_path, monkeypatch):
    """macOS has no sched_getaffinity, Windows no fcntl but msvcrt."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert cluster.cores() == os.cpu_count()
    taken = []

    class Windows:
        LK_NBLCK = 2

        @staticmethod
        def locking(descriptor, mode, size):
            if taken:
                raise OSError
            taken.append((mode, size))

    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", Windows)
    os.close(lock.locked(tmp_path / "runs"))
    assert taken == [(2, 1)]
    with pytest.raises(UsageProblem, match="another sweep"):
        lock.locked(tmp_path / "runs")
