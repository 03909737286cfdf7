"""A grid of runs: the product of lists, read from a TOML file or from flags, checked before work starts.

    g = [0.0, 0.3, 0.6]                   strength of W0, 0 <= g < 1
    zhat = [0.5, 1.0, 2.0]                target of the readout, > 0
    size = 1024                           neurons N >= 2
    seeds = 5                             a number of seeds, 0 to 4 here, or a list of seeds
    effective_learning_rate = 0.004       eta beta^2, in units of ttilde; or learning_rate = eta
    epochs = 200
    simulator = "reduced"                 unrolled, fixed_point, inverse, reduced
    dtype = "float64"                     float64 or float32
    device = "cpu"                        cpu or cuda
    eigenvalue_stride = 0                 outliers every so many epochs, 0: after the last only
    tolerance = 1e-10                     of the reduced simulator's readout, relative to zhat
    matrix_free = false                   the reduced simulator without a factorisation
    momentum = 0                          of descent, 0 <= mu < 1
    nesterov = false                      Nesterov's method instead of the heavy ball

g, zhat, size, learning rates, seeds, simulator and momentum are a value or a list.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from derive.command_line import FARTHEST, LARGEST, MATRICES, NEAREST, UsageProblem, check_memory
from derive.exact.momentum import Momentum
from derive.reading.read_number import number_text
from verify.simulators import DTYPES, READERS, SIMULATORS, Options
from verify.simulators.run import DEFAULT

DEFAULTS: dict[str, Any] = {
    "size": 1024,
    "seeds": 5,
    "epochs": 200,
    "simulator": "reduced",
    "dtype": "float64",
    "device": "cpu",
    "eigenvalue_stride": 0,
    "tolerance": 1e-10,
    "matrix_free": False,
    "momentum": 0.0,
    "nesterov": False,
}
SIZES = f", of a size from {NEAREST:g} to {FARTHEST:g}"
MOST_RUNS = 10**6
RATES = ("learning_rate", "effective_learning_rate")
KEYS = ("g", "zhat", *RATES, *DEFAULTS)


@dataclass(frozen=True)
class RunKey:
    """What identifies a run in a store: the same key is the same run, to rounding whatever the device.

    ``learning_rate`` is eta in units of tau; ``tolerance``, ``eigenvalue_stride`` and ``matrix_free`` as in
    `verify.simulators.Options`.
    """

    simulator: str
    size: int
    g: float
    zhat: float
    seed: int
    learning_rate: float
    epochs: int
    dtype: str = DEFAULT.dtype
    tolerance: float = DEFAULT.tolerance
    eigenvalue_stride: int = DEFAULT.eigenvalue_stride
    matrix_free: bool = DEFAULT.matrix_free
    momentum: float = 0.0
    nesterov: bool = False

    @property
    def method(self) -> Momentum:
        """The rule of an epoch."""
        return Momentum(self.momentum, self.nesterov)

    def options(self, device: str = DEFAULT.device) -> Options:
        """How to compute it on a device."""
        return Options(self.dtype, device, self.tolerance, self.eigenvalue_stride, self.matrix_free)

    @property
    def precision(self) -> int:
        """Bits of a number: 64 or 32."""
        return int(self.dtype.removeprefix("float"))

    def __str__(self) -> str:
        return (
            f"{self.simulator}, N = {self.size}, g = {number_text(self.g)}, zhat = {number_text(self.zhat)}, "
            f"seed {self.seed}, learning rate {number_text(self.learning_rate)}"
            + f", momentum {number_text(self.momentum)}" * (self.momentum > 0)
            + " (Nesterov)" * self.nesterov
        )


@dataclass(frozen=True)
class Grid:
    """The runs asked for, and the device on which they are done."""

    keys: tuple[RunKey, ...]
    device: str = DEFAULT.device


def make_grid(table: dict[str, Any], name: str = "grid") -> Grid:
    """The grid of a table of keys; ``name`` stands in the messages of UsageProblem."""
    rate_key = _check_keys(table, name)
    given = _Given({**DEFAULTS, **table}, name)
    strengths = given.several("g", "0 <= g < 1", lambda v: _is_real(v) and 0 <= v < 1)
    targets = given.several("zhat", f"a number > 0{SIZES}", _is_positive)
    sizes = given.several("size", _whole_range("--size", 2), lambda v: _is_whole(v, "--size", 2))
    for size in sizes:
        check_memory(f"{name}: size = {size}", 8 * MATRICES * size * size)
    rates = given.several(rate_key, f"a number > 0{SIZES}", _is_positive)
    simulators = given.several("simulator", ", ".join(SIMULATORS), lambda v: v in list(SIMULATORS))
    seeds = given.seeds()
    epochs = given.one("epochs", _whole_range("--epochs", 1), lambda v: _is_whole(v, "--epochs", 1))
    dtype = given.one("dtype", " or ".join(DTYPES), lambda v: v in DTYPES)
    momenta = given.several("momentum", f"0 <= mu < 1{SIZES} or 0", lambda v: _is_real(v) and 0 <= v < 1)
    nesterov = given.one("nesterov", "true or false", _is_flag)
    if nesterov and not any(momenta):
        raise UsageProblem(f"{name}: nesterov = true: without effect; allowed with momentum > 0")
    runs = math.prod(map(len, (simulators, sizes, strengths, seeds, targets, rates, momenta)))
    if runs > MOST_RUNS:
        raise UsageProblem(f"{name}: {runs} runs; allowed are grids of up to {MOST_RUNS}")
    device = given.one("device", "cpu or cuda", lambda v: isinstance(v, str))
    stride = _whole_range("--epochs", 0)
    how: dict[str, Any] = {
        "tolerance": float(given.one("tolerance", f"a number > 0{SIZES}", _is_positive)),
        "eigenvalue_stride": given.one("eigenvalue_stride", stride, lambda v: _is_whole(v, "--epochs", 0)),
        "matrix_free": given.one("matrix_free", "true or false", _is_flag),
    }
    for key, readers in READERS.items():
        if key in table and not set(readers) & set(simulators):
            raise UsageProblem(
                f"{name}: {key} = {table[key]!r} with simulator {', '.join(simulators)}: without effect; "
                f"allowed with {' or '.join(readers)}"
            )
    keys = []
    for simulator, size, g, seed, zhat, rate, mu in itertools.product(
        simulators, sizes, strengths, seeds, targets, rates, momenta
    ):
        eta = rate if rate_key == "learning_rate" else rate * (1 - g) ** 2 * (1 + g) ** 2
        read = {key: value for key, value in how.items() if simulator in READERS.get(key, SIMULATORS)}
        read |= {"momentum": float(mu), "nesterov": nesterov and mu > 0}
        keys.append(RunKey(simulator, size, float(g), float(zhat), seed, float(eta), epochs, dtype, **read))
    return Grid(tuple(keys), device)


def _check_keys(table: dict[str, Any], name: str) -> str:
    """The key of the learning rate; all others are known, and g and zhat there. Raises UsageProblem."""
    for key in table:
        if key not in KEYS:
            raise UsageProblem(f"{name}: unknown key {key}; allowed are {', '.join(KEYS)}")
    for key in ("g", "zhat"):
        if key not in table:
            raise UsageProblem(f"{name}: {key} is missing; allowed are numbers or lists of them")
    given = [key for key in RATES if key in table]
    if len(given) != 1:
        raise UsageProblem(
            f"{name}: {' and '.join(given) or 'no learning rate'}; allowed is one of {', '.join(RATES)}"
        )
    return given[0]


@dataclass(frozen=True)
class _Given:
    """The values of a table, checked where they are taken. Methods raise UsageProblem."""

    table: dict[str, Any]
    name: str

    def several(self, key: str, allowed: str, accepts: Callable[[Any], bool]) -> list[Any]:
        values = self.table[key] if isinstance(self.table[key], list) else [self.table[key]]
        if not values:
            raise UsageProblem(f"{self.name}: {key} = []: an empty grid; allowed is {allowed}")
        for value in values:
            self._check(key, value, allowed, accepts)
        return list(dict.fromkeys(values))

    def one(self, key: str, allowed: str, accepts: Callable[[Any], bool]) -> Any:
        self._check(key, self.table[key], allowed, accepts)
        return self.table[key]

    def seeds(self) -> Sequence[int]:
        """A number of seeds, or a list of them."""
        if isinstance(self.table["seeds"], list):
            return self.several("seeds", _whole_range("--seed", 0), lambda v: _is_whole(v, "--seed", 0))
        allowed = f"{_whole_range('--seeds', 1)} or a list of seeds"
        return range(self.one("seeds", allowed, lambda v: _is_whole(v, "--seeds", 1)))

    def _check(self, key: str, value: Any, allowed: str, accepts: Callable[[Any], bool]) -> None:
        if not accepts(value):
            raise UsageProblem(f"{self.name}: {key} = {value!r}: allowed is {allowed}")


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_positive(value: Any) -> bool:
    return _is_real(value) and value > 0


def _is_real(value: Any) -> bool:
    """0, or a number of a size that options take."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return value == 0 or NEAREST <= abs(value) <= FARTHEST


def _is_whole(value: Any, option: str, least: int) -> bool:
    """An integer from ``least`` to the largest that the option takes."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= LARGEST[option]


def _whole_range(option: str, least: int) -> str:
    return f"an integer >= {least} up to {LARGEST[option]}"
