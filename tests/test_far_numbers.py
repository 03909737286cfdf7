"""Numbers at the ends of their ranges, in every command: one line that refuses them, or finite results.

No warning, no nan and no infinity reaches a user.
"""

import json
import re
import warnings

import numpy as np
import pytest
from in_process import derive_here
from rank_one import RANK_ONE

from derive.command_line import FARTHEST, NEAREST

FAR = [f"{sign}{x:g}" for x in (NEAREST, 1e-8, 1e8, FARTHEST) for sign in ("", "-")]
NEAR_ONE = ["0", "0.999999999999999", "0.9999"]
EVOLVE = "overlap --evolve start.json --epochs 2 --steps 5"
LIMIT = "curve --g 0.3 --zhat 1"
USES = {  # of each use of a command, its options of numbers and what is tried
    f"{LIMIT} --times 0.1,2": {
        "--zhat": FAR,
        "--g": NEAR_ONE,
        "--times": FAR,
        "--alignment": ["-1", "1", *FAR],
        "--tolerance": ["1e-13", "0.999"],
        "--singular-values": ["1", "200"],
        "--size": ["1", "1000000"],
    },
    f"{LIMIT} --until 2": {"--until": FAR},
    f"{LIMIT} --times 0.1,0.2 --certified": {"--zhat": FAR, "--g": NEAR_ONE, "--times": FAR},
    f"{LIMIT} --times 0.1,2 --size 100": {"--zhat": FAR, "--g": NEAR_ONE, "--times": FAR},
    f"{LIMIT} --learning-rate 0.1 --epochs 9": {
        "--learning-rate": FAR,
        "--zhat": FAR,
        "--g": NEAR_ONE,
        "--alignment": ["-1", "1"],
        "--momentum": ["0.999999999999999", "1e-15"],
    },
    "curve --zhat 1 --network network.npz --times 0.1,2": {"--zhat": FAR, "--g": NEAR_ONE, "--times": FAR},
    "curve --zhat 1 --network network.npz --learning-rate 0.1 --epochs 9": {
        "--learning-rate": FAR,
        "--zhat": FAR,
    },
    "outliers --g 0.3 --zhat 2 --times 0.1,2": {"--zhat": FAR, "--g": NEAR_ONE, "--times": FAR},
    "outliers --zhat 2 --network network.npz --times 0.1,2": {"--zhat": FAR, "--times": FAR},
    "closed-form --g 0.3 --nodes 3 --zhat 1": {"--zhat": FAR, "--g": NEAR_ONE, "--nodes": ["1", "64"]},
    "closed-form --g 0.3 --nodes 2": {"--g": NEAR_ONE, "--times": FAR},
    "radius --g 0.3 --zhat 1": {"--zhat": FAR, "--g": NEAR_ONE, "--fraction": ["1e-15", "0.999999999999999"]},
    "learning-times --g 0.3 --zhat 1": {
        "--zhat": FAR,
        "--g": NEAR_ONE,
        "--fraction": ["1e-15", "0.999999999999999"],
    },
    "stability --g 0.3 --zhat 1 --multiples 0.5 --epochs 9": {
        "--zhat": FAR,
        "--g": NEAR_ONE,
        "--multiples": FAR,
    },
    "stability --g 0.3 --zhat 1 --multiples 0.5 --epochs 9 --size 8 --seeds 1": {
        "--zhat": FAR,
        "--g": NEAR_ONE,
        "--multiples": FAR,
        "--size": ["2"],
    },
    "network network.npz --order 5 --zhat 1": {"--zhat": FAR, "--order": ["1", "40"]},
    "network large.npz --order 5 --zhat 1": {"--zhat": FAR},
    f"{EVOLVE} --decay 0.5": {
        "--decay": FAR,
        "--amplitude": FAR,
        "--frequency": FAR,
        "--learning-rate": FAR,
        "--dt": ["1e-15", "1.999999999999999"],
        "--label-noise": FAR,
        "--steps": ["1"],
        "--epochs": ["0"],
    },
    f"{EVOLVE} --decay 0.5 --nonlinearity erf --nodes 3": {
        "--amplitude": FAR,
        "--learning-rate": FAR,
        "--dt": ["1e-15", "1.999999999999999"],
    },
    f"{EVOLVE} --decay 0.5 --nonlinearity tanh --limit closure": {"--amplitude": FAR, "--learning-rate": FAR},
    f"{EVOLVE} --task flip-flop --batch 2": {"--learning-rate": FAR, "--dt": ["1e-15", "1.9"]},
    "overlap --evolve start.json --series 2 --decay 1/2": {
        "--decay": FAR,
        "--amplitude": FAR,
        "--frequency": FAR,
    },
}
CASES = [
    (use, option, value)
    for use, options in USES.items()
    for option, values in options.items()
    for value in values
]


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    folder = tmp_path_factory.mktemp("far")
    (folder / "start.json").write_text(json.dumps(RANK_ONE))
    random = np.random.default_rng(0)
    W0, m, w = random.standard_normal((5, 5)) / 8, *(random.standard_normal((2, 5)) / 2)
    np.savez(folder / "network.npz", W0=W0, m=m, w=w)
    np.savez(folder / "large.npz", W0=W0 * 1e99, m=m * 1e99, w=w)
    return folder


def said(words, form):
    """What a command prints in a format, or refuses; neither with warnings."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        done = derive_here(*words, *(["--format", form] if form else []))
    assert warned == [], [str(each.message) for each in warned]
    if done.returncode:
        assert done.returncode == 2 or "every entry before it is kept" in done.stderr
        assert done.stderr.count("\n") == 1
        assert re.search("allowed|needs|kept", done.stderr), done.stderr
        assert "itself" not in done.stderr
    else:
        assert done.stderr == ""
    return done.stdout


FOUND = {  # once warnings, nan, faults of the program or minutes without a word
    ("outliers --g 0.3 --zhat 2 --times 0.1,2", "--times", "1e+08"),
    ("outliers --g 0.3 --zhat 2 --times 0.1,2", "--g", "0.999999999999999"),
    ("outliers --g 0.3 --zhat 2 --times 0.1,2", "--zhat", "1e+08"),
    ("radius --g 0.3 --zhat 1", "--g", "0.999999999999999"),
    ("closed-form --g 0.3 --nodes 3 --zhat 1", "--g", "0.999999999999999"),
    (f"{LIMIT} --learning-rate 0.1 --epochs 9", "--g", "0.999999999999999"),
    (f"{LIMIT} --times 0.1,0.2 --certified", "--zhat", "1e-15"),
}


def marked(case):
    return (
        case
        if case in FOUND and "--certified" not in case[0]
        else pytest.param(*case, marks=pytest.mark.slow)
    )


@pytest.mark.parametrize(("use", "option", "value"), [marked(case) for case in CASES])
def test_far_numbers(use, option, value, given, monkeypatch):
    monkeypatch.chdir(given)
    words = use.split()
    place = words.index(option) if option in words else len(words)
    words = [*words[:place], *words[place + 2 :], f"{option}={value}"]
    if not use.startswith("overlap"):
        printed = said(words, "text")
        assert not re.search(r"(?<![\w.])[-+]?(nan|inf)(?!\w)", printed, re.IGNORECASE), printed
    content = said(words, "json" if not use.startswith("overlap") or "--series" in words else "")

    def refuse(text):
        raise AssertionError(text)

    if content:
        json.loads(content, parse_constant=refuse)
