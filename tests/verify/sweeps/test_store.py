"""Sweeps: grids, seeds that do not care about scheduling, and a store that survives kill -9."""

import json

import numpy as np
import pytest
from sweep_runs import GRID, check_contents, expected, key

import verify
from derive.command_line import UsageProblem
from verify.simulators import sample_task
from verify.sweeps import store as store_module
from verify.sweeps.grid import make_grid
from verify.sweeps.store import Store

# Grids


def test_a_grid_is_the_product_and_rates_are_in_tau():
    grid = make_grid({**GRID, "simulator": ["reduced", "inverse"]})
    assert len(grid.keys) == len(set(grid.keys)) == 2 * 2 * 2 * 3
    assert {k.g: k.learning_rate for k in grid.keys} == pytest.approx({0.0: 0.02, 0.5: 0.02 * 0.75**2})


@pytest.mark.parametrize(
    ("change", "given", "allowed"),
    [
        ({"gg": 1}, "unknown key gg", "effective_learning_rate"),
        ({"g": []}, "empty grid", "0 <= g < 1"),
        ({"g": [1.0]}, "g = 1.0", "0 <= g < 1"),
        ({"g": ["a"]}, "'a'", "0 <= g < 1"),
        ({"zhat": 0}, "zhat = 0", "> 0"),
        ({"size": 1}, "size = 1", ">= 2"),
        ({"seeds": 0}, "seeds = 0", ">= 1"),
        ({"seeds": []}, "seeds = []", ">= 0"),
        ({"epochs": 1.5}, "epochs = 1.5", ">= 1"),
        ({"simulator": "euler"}, "euler", "reduced"),
        ({"dtype": "float16"}, "float16", "float64 or float32"),
        ({"learning_rate": 0.1}, "learning_rate and effective_learning_rate", "one of"),
        ({"tolerance": float("nan")}, "nan", "> 0"),
    ],
)
def test_a_bad_grid_is_refused(change, given, allowed):
    with pytest.raises(UsageProblem) as refusal:
        make_grid({**GRID, **change}, "grid.toml")
    assert str(refusal.value).startswith("grid.toml")
    assert given in str(refusal.value)
    assert allowed in str(refusal.value)


# The store


@pytest.mark.slow
def test_runs_come_back_labelled_and_exact(tmp_path):
    keys = [key(0), key(1), key(2, epochs=9), key(3, epochs=4)]
    with Store(tmp_path / "runs") as store:
        for k in keys:
            store.add(k, expected(k))
    check_contents(tmp_path / "runs", keys)
    data = verify.open(tmp_path / "runs", "reduced", 40)
    assert data.readout.dims == ("run", "epoch")
    assert np.isnan(data.readout.values[0, 7:]).all()  # a shorter run
    assert data.attrs["verify_store"] == store_module.VERSION
    W = sample_task(40, 0.5, 1, 1.0, 0.01, 6).instance.W0
    W = W + (data.left[1] * data.strengths[1]).values @ data.right[1].values.T
    np.testing.assert_allclose(
        W, expected(keys[1]).connectivity(W * 0) + sample_task(40, 0.5, 1, 1.0, 0.01, 6).instance.W0
    )


def test_groups_of_several_sizes_open_as_one(tmp_path):
    with Store(tmp_path) as store:
        for k in (key(0), key(1), key(0, size=30)):
            store.add(k, expected(k))
    data = verify.open(tmp_path)
    assert sorted(data["size"].values) == [30, 40, 40]
    assert "left" not in data
    assert "left" in verify.open(tmp_path, size=30)
    with pytest.raises(UsageProblem, match="there are: reduced N_30, reduced N_40"):
        verify.open(tmp_path, size=50)


class Crash(RuntimeError):
    """Stands for the process ending at this very place."""


@pytest.mark.slow
@pytest.mark.parametrize("epochs", [6, 9])
def test_a_crash_at_any_write_leaves_every_finished_run(tmp_path, monkeypatch, epochs):
    """Adding a run, ended before each single file write in turn; the store is then opened, and used on.

    ``epochs`` = 9 lengthens the arrays along epochs as well.
    """
    from zarr.storage import _local

    write, left = _local._put, [None]

    def limited(*arguments, **options):
        if left[0] is not None:
            if left[0] == 0:
                raise Crash
            left[0] -= 1
        return write(*arguments, **options)

    monkeypatch.setattr(_local, "_put", limited)
    runs = {k: expected(k) for k in (key(0), key(1, epochs=epochs))}
    keys, path, writes = list(runs), tmp_path / "runs", 0
    store = Store(path)
    store.add(keys[0], runs[keys[0]])
    while True:
        left[0] = writes
        try:
            store.add(keys[1], runs[keys[1]])
        except Crash:
            store.close()
        else:
            break
        left[0] = None
        if writes % 7 == 0:
            check_contents(path, keys[:1])
        else:
            assert verify.open(path).readout.shape == (1, 7)
        store = Store(path)
        assert keys[0] in store
        assert keys[1] not in store
        writes += 3
    left[0] = None
    store.close()
    assert writes > 20
    check_contents(path, keys)


def test_a_crash_while_a_group_is_made_leaves_none(tmp_path, monkeypatch):
    from zarr.storage import _local

    write = _local._put
    with Store(tmp_path) as store:
        monkeypatch.setattr(_local, "_put", lambda *a, **k: (_ for _ in ()).throw(Crash))
        with pytest.raises(Crash):
            store.add(key(0), expected(key(0)))
        monkeypatch.setattr(_local, "_put", write)
        store.add(key(0), expected(key(0)))
    check_contents(tmp_path, [key(0)])


def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path, monkeypatch):
    from zarr.storage import _local

    from verify.sweeps.engine import write

    def full(path, *arguments, **options):
        raise OSError(28, "No space left on device", str(path))

    with Store(tmp_path) as store:
        store.add(key(0), expected(key(0)))
        run = expected(key(1))
        with monkeypatch.context() as patch:
            patch.setattr(_local, "_put", full)
            with pytest.raises(UsageProblem, match="no space left on the disk"):
                write(store, key(1), run)
    with Store(tmp_path) as store:
        store.add(key(1), expected(key(1)))
    check_contents(tmp_path, [key(0), key(1)])


def test_two_writers_another_version_and_other_folders_are_refused(tmp_path):
    with Store(tmp_path / "a"), pytest.raises(UsageProblem, match="another sweep is writing"):
        Store(tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "thesis.tex").write_text("x")
    with pytest.raises(UsageProblem, match=r"thesis.tex.*allowed is a store or an empty folder"):
        Store(tmp_path / "b")
    root = tmp_path / "a" / "zarr.json"
    content = json.loads(root.read_text())
    content["attributes"]["verify_store"] = 99
    root.write_text(json.dumps(content))
    for opening in (Store, verify.open):
        with pytest.raises(UsageProblem, match="version 99; allowed are versions 1 and 2"):
            opening(tmp_path / "a")
    with pytest.raises(UsageProblem, match="not a store"):
        verify.open(tmp_path / "c")
