"""``derive flow --curve`` and ``--network``: tables, JSON, files, and one line for what makes no sense."""

import csv
import io
import json
from functools import partial

import numpy as np
import pytest
from in_process import derive_here, refusal
from project import ROOT

import derive
from derive.write.code.languages import LANGUAGES

TASK = ROOT / "docs" / "flows" / "feedback_alignment.toml"


flow = partial(derive_here, "flow")


@pytest.fixture
def network(tmp_path):
    sample = derive.FlowInstance.sample(derive.read_flow(TASK), 12, 0.4, 2)
    np.savez(tmp_path / "one.npz", W0=sample.W0, **sample.vectors)
    return sample, tmp_path / "one.npz"


def test_curve_of_the_limit():
    found = json.loads(flow(TASK, "--curve", "--times", "0.5,1.5", "--format", "json").stdout)
    assert (found["limit"], found["closed"], found["tau"]) == ("N->oo", True, [0.5, 1.5])
    assert set(found["readouts"]) == {"z", "alignment"}
    assert {
        "frobenius_norm_squared",
        "s1",
        "s2",
        "ntk_z",
        "velocity_norm_squared",
        "outliers",
        "errors",
    } <= found.keys()
    again = flow(TASK, "--curve", "--times", "0.5,1.5", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(again)))
    assert [float(row["z"]) for row in rows] == found["readouts"]["z"]
    text = flow(TASK, "--curve", "--times", "0.5,1.5").stdout
    assert "the limit exactly" in text
    assert flow(TASK, "--curve", "--times", "0.5", "--g", "0").stdout.count("g = 0") == 1


def test_curve_of_one_network(network):
    sample, path = network
    found = json.loads(flow(TASK, "--network", path, "--curve", "--times", "0.1", "--format", "json").stdout)
    state = sample.curve([0.1])[0]
    assert found["readouts"]["z"][0] == pytest.approx(sample.readouts(state)["z"].real, rel=1e-9)
    singular = np.linalg.svd(state["W"] - sample.W0, compute_uv=False)
    assert found["s1"][0] == pytest.approx(singular[0], rel=1e-9)
    assert "errors" not in found


def test_series_of_one_network(network, tmp_path):
    sample, path = network
    found = json.loads(
        flow(TASK, "--order", 3, "--network", path, "--format", "json", "--out", tmp_path / "out").stdout
    )
    series = sample.series().scalar(sample.flow.meaning.readouts["z"])
    assert found["readouts"]["z"] == pytest.approx([series[k] for k in range(4)])
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "feedback_alignment_one.py", "feedback_alignment_one.tex"
    ]  # fmt: skip
    module = {}
    exec((tmp_path / "out" / "feedback_alignment_one.py").read_text(), module)
    assert module["z"](0.01) == pytest.approx(sum(series[k] * 0.01**k for k in range(4)))
    for form in ("text", "latex", *LANGUAGES):
        done = flow(TASK, "--order", 2, "--network", path, "--format", form, "--no-write")
        assert done.returncode == 0, done.stderr
        assert len(done.stdout) > 200


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--curve", "--times", "1,0.5"], "--times"),
        (["--curve", "--times", "x"], "--times"),
        (["--curve", "--g", "1"], "--g"),
        (["--curve", "--words", "1"], "--words"),
        (["--curve", "--order", "3"], "--order"),
        (["--curve", "--format", "latex"], "--format"),
        (["--curve", "--network", "gone.npz"], "gone.npz"),
        (["--order", "2", "--times", "1"], "--times"),
        (["--order", "2", "--singular-values", "-1"], "--singular-values"),
    ],
)
def test_what_makes_no_sense(arguments, said):
    assert said in refusal(flow(TASK, *arguments))


def test_a_network_of_other_vectors(network, tmp_path):
    sample, _ = network
    np.savez(tmp_path / "short.npz", W0=sample.W0, w=sample.vectors["w"])
    assert "m, f missing" in refusal(flow(TASK, "--order", 2, "--network", tmp_path / "short.npz"))


def test_a_flow_that_runs_away():
    task = ROOT / "docs" / "flows" / "hebbian.toml"
    assert "the flow stops at tau = 0.2" in refusal(flow(task, "--curve", "--times", "0.5"))
