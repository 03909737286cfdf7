"""``verify outliers``: trained networks' eigenvalues against the limit."""

import json
from functools import partial

import pytest
from in_process import refusal, verify_here

pytest.importorskip("torch")
pytest.importorskip("matplotlib")


verify = partial(verify_here, "outliers")


@pytest.mark.slow
def test_outlier_of_trained_networks(tmp_path):
    done = verify("--size", "80", "--seeds", "3", "--epochs", "60", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("pass  outlier of W")
    assert {path.name for path in tmp_path.iterdir()} == {"outliers.png", "outliers.svg"}


@pytest.mark.slow
def test_json_has_the_path_of_every_network(tmp_path):
    arguments = ["--size", "40", "--seeds", "2", "--epochs", "40", "--out", str(tmp_path), "--format", "json"]
    document = json.loads(verify(*arguments).stdout)
    assert document["passed"] == all(check["passed"] for check in document["checks"])
    assert [len(network) for network in document["largest"]] == 2 * [len(document["ttilde"])]
    assert all(abs(complex(*network[-1])) > 0.7 for network in document["largest"])  # the limit: 0.84


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--g", "0"], "--g 0: allowed is 0 < g < 1"),
        (["--seeds", "1"], "--seeds 1: allowed are integers >= 2"),
        (["--size", "20", "--seeds", "2", "--epochs", "12", "--until", "0.05"], "allowed are later times"),
    ],
)
def test_what_makes_no_sense_is_one_line(arguments, message, tmp_path):
    assert message in refusal(verify(*arguments, "--out", str(tmp_path))).splitlines()[-1]
    assert list(tmp_path.iterdir()) == []
