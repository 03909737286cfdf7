"""The outputs that are kept under tests/golden: every command in every format with its main options.

A case is a command line; its name is the words of it. Outputs made of exact arithmetic are kept byte for
byte; those that hold floating-point results are compared as text around numbers, to the case's tolerance.
`verify` is given modules that were printed once and are kept beside the outputs, so that its outputs stay
where the emitted code changes its form.
"""

from __future__ import annotations

import json
import lzma
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from project import TESTS

TOLERANCE = 1e-6
"""Relative, or absolute below 1: BLAS builds differ in the last digits, and tables print 6 to 10 of them."""

ROUNDING = 1e-11
"""What `verify` measures spans twenty decades: relative `TOLERANCE`, but absolute below this, where
differences that should vanish are nothing but rounding."""

MODULES = TESTS / "golden" / "modules.xz"
"""Printed modules by name, as JSON."""


def _overlaps(**given: float | str) -> dict[str, float | str]:
    """The ten overlaps of rank 1: vectors of norm 1, orthogonal but for what is given."""
    names = ["zz", "zv", "zm", "zu", "vv", "vm", "vu", "mm", "mu", "uu"]
    return {name: given.get(name, 1 if name[0] == name[1] else 0) for name in names}


INPUTS = {
    "target.json": [[0.5, 0.2], [-0.1, 0.4], [0.1, 0.3]],
    "overlaps.json": _overlaps(zm=0.3, vu=0.4, zu=0.2, vm=0.2),
    "symbols.json": _overlaps(zm="x", vu="1/4", uu="y"),
    "teacher.json": _overlaps(zm=1, vu=0.5, zz=2, vv=2, mm=2, uu=2, zu=0.3, vm=0.4),
    "samples.json": [1.0, 0.6, 0.3, 0.1, 0.0],
}

FOUR = ("text", "json", "latex", "python")
TABLES = ("text", "json", "csv")


@dataclass(frozen=True)
class Case:
    """A command line, whether its output is exact, and below which size numbers may differ by `TOLERANCE`."""

    arguments: str
    exact: bool = True
    program: str = "derive"
    floor: float = 1.0

    @property
    def name(self) -> str:
        """The arguments as the name of a file."""
        program = "" if self.program == "derive" else f"{self.program} "
        return re.sub(r"[^A-Za-z0-9.]+", "_", program + self.arguments.replace("--no-write", "")).strip("_")

    @property
    def words(self) -> list[str]:
        """The arguments as the command line takes them."""
        return shlex.split(self.arguments)


def _each(forms: tuple[str, ...], arguments: str, exact: bool = True) -> list[Case]:
    return [Case(f"{arguments} --format {form}", exact) for form in forms]


CASES = [
    *(case for order in (1, 2, 5) for case in _each(FOUR, f"--order {order} --no-write")),
    *(
        case
        for options in (
            "--g0",
            "--alignment rho",
            "--alignment 3/10",
            "--train W,m,w",
            "--train m",
            "--g0 --alignment rho --train W,m",
        )
        for case in _each(FOUR, f"--order 4 {options} --no-write")
    ),
    *_each(FOUR, "--order 7 --singular-values 4 --no-write"),
    Case("--order 6 --terms-per-line 2 --format latex --no-write"),
    Case("--order 4 --standalone --format latex --no-write"),
    Case("--order 4 --g0 --alignment rho --standalone --format latex --no-write"),
    *_each(FOUR, "moment \"B B B' B'\""),
    *_each(FOUR, "moment \"B B[lam] B' B[2]'\""),
    *_each(FOUR, "network --order 3"),
    *_each(FOUR, "network --order 2 --train W,m,w"),
    *_each(FOUR, "network network.npz --order 3 --zhat 0.7", False),
    *_each(FOUR, "network network.npz --order 3 --zhat 0.7 --train W,m,w", False),
    *_each(FOUR, "modes target.json --order 3"),
    Case("modes target.json --order 2 --g0 --format text"),
    Case("modes target.json --order 2 --singular-values 1 --standalone --format latex"),
    *_each((*FOUR, "torch"), "overlap"),
    *_each((*FOUR, "torch"), "overlap --rank 2 --nonlinearity tanh"),
    *_each(("text", "json", "latex"), "overlap --rank 2"),
    *_each(FOUR, "overlap --inputs 2 --outputs 2 --frozen m1,m2"),
    Case("overlap --standalone --format latex"),
    *_each(("text", "json"), "overlap --solutions"),
    *_each(FOUR, "overlap --series 2 --evolve symbols.json --decay c"),
    *_each(FOUR, "overlap --series 3 --evolve overlaps.json --decay 0.2"),
    Case("overlap --evolve overlaps.json --decay 0.2 --steps 50 --epochs 20", False),
    Case("overlap --evolve overlaps.json --decay 0.2 --steps 50 --epochs 20 --direct --format text", False),
    Case("overlap --evolve overlaps.json --decay 0.2 --steps 50 --epochs 6 --direct --format csv", False),
    Case(
        "overlap --evolve overlaps.json --decay 0.2 --steps 50 --epochs 6 --label-noise 0.1 --format text",
        False,
    ),
    Case("overlap --evolve overlaps.json --target samples.json --epochs 5", False),
    Case("overlap --evolve overlaps.json --teacher teacher.json --steps 30 --epochs 5", False),
    Case(
        "overlap --nonlinearity erf --limit closure --evolve overlaps.json --decay 0.3 --steps 20 --epochs 5",
        False,
    ),
    Case(
        "overlap --nonlinearity tanh --limit exact --nodes 4 --evolve overlaps.json --decay 0.3 --steps 20"
        " --epochs 5",
        False,
    ),
    *_each(TABLES, "curve --g 0.6 --zhat 2 --times 0,0.1,0.25,0.5", False),
    *_each(TABLES, "curve --g 0.3 --zhat 1.5 --vectors --until 1", False),
    Case("curve --g 0.6 --zhat 2 --alignment 0.3 --until 0.4", False),
    Case("curve --g 0 --zhat 1 --times 0.5,1 --singular-values 3 --order 7", False),
    Case("curve --g 0.6 --zhat 2 --times 0.25 --certified", False),
    *_each(TABLES, "curve --g 0.6 --zhat 1 --learning-rate 0.01 --epochs 12", False),
    *_each(TABLES, "curve --network network.npz --zhat 0.7 --until 1", False),
    *_each(TABLES, "outliers --g 0.6 --zhat 2 --times 0.1,0.3,0.5", False),
    Case("outliers --network network.npz --zhat 0.7 --until 1", False),
    *_each(TABLES, "radius --g 0,0.6 --zhat 0.5,2", False),
    *_each(TABLES, "learning-times --g 0,0.6 --zhat 0.5,2", False),
    *_each(TABLES, "stability --g 0.6 --zhat 2 --multiples 0.5,0.9 --epochs 200", False),
]

SMALL = "--quick --seeds 2 --epochs 8"
VERIFIED = [
    Case(arguments, False, "verify", ROUNDING / TOLERANCE)
    for arguments in (
        f"{SMALL} --order 3 --size 64 --generated . --format json",
        f"{SMALL} --order 2 --size 32 --alignment 3/10 --train W,m --zhat 1 --generated .",
        f"modes target.json {SMALL} --order 3 --size 48 --module modes_order_3.py --format json",
        f"modes target.json {SMALL} --order 3 --size 32 --g 0 --module modes_order_3.py",
        "regress --quick order_2.py --format json",
        "outliers --size 60 --seeds 2 --epochs 24",
    )
]
"""Those of `verify`; each takes seconds."""


def write_inputs(folder: Path) -> None:
    """The files that the command lines name."""
    for name, content in json.loads(lzma.decompress(MODULES.read_bytes())).items():
        (folder / name).write_text(content, encoding="utf-8")
    for name, content in INPUTS.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    random = np.random.default_rng(5)
    W0 = random.normal(size=(12, 12)) * 0.5 / np.sqrt(12)
    m, w = random.normal(size=(2, 12))
    np.savez(folder / "network.npz", W0=W0, m=m / np.linalg.norm(m), w=w / np.linalg.norm(w))
