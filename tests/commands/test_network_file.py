"""A network read from a file, and one line for every file that holds none."""

import numpy as np
import pytest

from derive import Instance
from derive.command_line import UsageProblem
from derive.commands.network_file import read_network


def test_what_is_saved_is_read(tmp_path):
    network = Instance.sample(7, 0.5, 1)
    np.savez(tmp_path / "network.npz", W0=network.W0, m=network.m, w=network.w)
    read = read_network(tmp_path / "network.npz")
    for name in ("W0", "m", "w"):
        assert np.array_equal(getattr(read, name), getattr(network, name))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"W0": np.eye(2), "m": np.ones(2)}, "w missing"),
        ({"W0": np.eye(3), "m": np.ones(2), "w": np.ones(2)}, "shapes"),
        ({"W0": np.eye(2), "m": np.array(1.0), "w": np.ones(2)}, "m of shape"),
        ({"W0": np.eye(2), "m": np.array([1, np.nan]), "w": np.ones(2)}, "m holds other"),
        ({"W0": np.eye(2) * 1j, "m": np.ones(2), "w": np.ones(2)}, "W0 holds other"),
        ({"W0": np.array([["a"]]), "m": np.ones(1), "w": np.ones(1)}, "W0 holds other"),
    ],
)
def test_other_arrays_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "network.npz", **arrays)
    with pytest.raises(UsageProblem, match=message):
        read_network(tmp_path / "network.npz")


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04 cut"])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "network.npz"
    path.write_bytes(content)
    with pytest.raises(UsageProblem, match="allowed is a file of numpy"):
        read_network(path)
    with pytest.raises(UsageProblem, match="No such file"):
        read_network(tmp_path / "missing.npz")
    np.save(tmp_path / "one.npy", np.eye(2))
    with pytest.raises(UsageProblem, match="allowed is a file of numpy"):
        read_network(tmp_path / "one.npy")
