"""Numbers far out in every numeric option of `verify`: one line that names the option, at once.

Values that an option takes are not tried here; what they lead to is tried where the command is.
"""

import re
import warnings

import numpy as np
import pytest
from in_process import derive_here, refusal, verify_here
from project import ROOT

NO_NUMBERS = ("nan", "inf", "1e400", "-1")
WHOLE = (*NO_NUMBERS, "0", "1e300", "1e-308", "18446744073709551616")
REAL = (*NO_NUMBERS, "0", "1e300", "1e-308")
STRENGTH = (*NO_NUMBERS, "1e300", "1e-308", "1000000000000", "18446744073709551616")
USES = {  # of each use of a command, its options of numbers and what each refuses
    "--order 2 --size 16 --seeds 2 --epochs 5": {
        "--order": WHOLE,
        "--size": (*WHOLE, "1000000000000"),
        "--g": STRENGTH,
        "--zhat": REAL,
        "--alignment": ("nan", "inf", "1e400", "1e300", "1e-308", "1000000000000"),
        "--seeds": WHOLE,
        "--epochs": WHOLE,
        "--learning-rate": (*REAL, "1000000000000", "18446744073709551616"),
        "--times": REAL,
    },
    "outliers --g 0.5 --zhat 1 --size 16 --seeds 2 --epochs 5": {
        "--g": (*STRENGTH, "0"),
        "--zhat": REAL,
        "--size": (*WHOLE, "1000000000000"),
        "--seeds": WHOLE,
        "--epochs": WHOLE,
        "--until": (*REAL, "1000000000000", "18446744073709551616"),
    },
    "modes target.json --order 2": {
        "--order": WHOLE,
        "--size": (*WHOLE, "1000000000000"),
        "--g": STRENGTH,
        "--seeds": WHOLE,
        "--epochs": WHOLE,
    },
    "degeneracy --quick": {"--rank": WHOLE, "--size": WHOLE, "--learning-rate": REAL, "--epochs": WHOLE},
    "memory --sequence ABA": {
        "--rank": WHOLE,
        "--size": WHOLE,
        "--learning-rate": REAL,
        "--duration": REAL,
        "--noise": (*NO_NUMBERS, "1e300", "1e-308"),
    },
    "closure --quick": {
        "--rank": WHOLE,
        "--sizes": WHOLE,
        "--seeds": WHOLE,
        "--learning-rate": REAL,
        "--epochs": WHOLE,
        "--amplitude": REAL,
    },
    "task romo": {
        "--size": WHOLE,
        "--g": (*NO_NUMBERS, "1e300", "1e-308"),
        "--seeds": WHOLE,
        "--epochs": WHOLE,
        "--learning-rate": REAL,
        "--clip": REAL,
        "--workers": WHOLE,
        "--group": WHOLE,
    },
    "flow weight_decay.toml --order 2": {
        "--order": WHOLE,
        "--size": WHOLE,
        "--g": STRENGTH,
        "--seeds": WHOLE,
    },
    "sweep --store runs --g 0.5 --zhat 1 --size 8 --seeds 1 --epochs 3 --effective-learning-rate 0.02": {
        "--g": STRENGTH,
        "--zhat": REAL,
        "--size": WHOLE,
        "--seeds": WHOLE,
        "--effective-learning-rate": REAL,
        "--epochs": WHOLE,
        "--tolerance": REAL,
        "--workers": WHOLE,
        "--batch": WHOLE,
    },
    "figures fig3 --quick": {"--order": WHOLE, "--size": WHOLE, "--seeds": (*WHOLE, "1"), "--workers": WHOLE},
}
CASES = [(use, option) for use, options in USES.items() for option in options]


DEAR = ("task", "sweep", "figures")  # they load what trains networks
CASES = [
    pytest.param(use, option, marks=pytest.mark.slow if use.split()[0] in DEAR else ())
    for use, option in CASES
]


@pytest.mark.parametrize(("use", "option"), CASES, ids=lambda part: part.split(" --")[0])
def test_far_numbers_are_refused_in_one_line(use, option, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "target.json").write_text("[[0.5, 0.2], [0.1, 0.3]]")
    task = "weight_decay.toml"
    (tmp_path / task).write_text((ROOT / "docs" / "flows" / task).read_text())
    before = sorted(tmp_path.iterdir())
    for value in USES[use][option]:
        words = use.split()
        place = words.index(option) if option in words else len(words)
        words = [*words[:place], *words[place + 2 :], f"{option}={value}"]
        with warnings.catch_warnings(), np.errstate(all="warn"):
            warnings.simplefilter("error", RuntimeWarning)
            done = verify_here(*words)
        assert (done.returncode, done.stdout) == (2, ""), (value, done.stdout, done.stderr)
        assert done.stderr.count("\n") == 1, done.stderr
        named = option.removeprefix("--").replace("-", "_")  # as in a grid file
        assert re.search(f"{option}|{named}", done.stderr), done.stderr
        assert re.search("allowed|needs", done.stderr), done.stderr
        assert sorted(tmp_path.iterdir()) == before, value


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--zhat", "1e12"),
        ("--zhat", "1001"),
        ("--zhat", "1e-5"),
        ("--g", "0.9999"),
        ("--g", "0.999999999999999"),
    ],
)
def test_series_whose_powers_cannot_be_told_apart_are_refused(option, value, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert derive_here("--order", "1").returncode == 0
    before = sorted(tmp_path.iterdir())
    complaint = refusal(verify_here("--order", "1", option, value))
    assert f"{option} {float(value):g}" in complaint or f"{option} {value}" in complaint
    assert "allowed here" in complaint
    assert sorted(tmp_path.iterdir()) == before
