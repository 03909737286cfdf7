"""The emitted readout on large arrays: numpy, numpy in blocks, numexpr, numba, C, against sympy's lambdify.

python benchmarks/emitted_functions.py [--order K] [--points N]

Whole arrays cost numpy a pass over memory for every sign; blocks that fit a core's cache, numexpr, numba and
C do not. numexpr, numba and a C compiler are taken where they are installed. One
thread each; times are the thread's own.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import inspect
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

os.environ |= {"OMP_NUM_THREADS": "1", "NUMEXPR_NUM_THREADS": "1"}

import numpy as np
import sympy

import derive
from derive.arrays import Array

Readout = Callable[[Array, float, float], Array]
BLOCK = 4096
LOOP = """#include "order_{order}.c"
void readouts(long n, const double *tau, double zhat, double g, double *z)
{{ for (long i = 0; i < n; i++) z[i] = readout(tau[i], zhat, g); }}
"""


def emitted(folder: Path, order: int) -> ModuleType:
    """The module that ``derive --order K --format c`` writes; the C file lies beside it."""
    command = [sys.executable, "-m", "derive", "--order", str(order), "--format", "c", "--out", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    spec = importlib.util.spec_from_file_location("emitted", folder / f"order_{order}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def in_blocks(function: Readout) -> Readout:
    """The function on blocks of the first argument that stay in cache."""

    def blocked(tau: Array, zhat: float, g: float) -> Array:
        result = np.empty_like(tau)
        for start in range(0, len(tau), BLOCK):
            result[start : start + BLOCK] = function(tau[start : start + BLOCK], zhat, g)
        return result

    return blocked


def by_numexpr(function: Readout) -> Readout:
    """The function's lines put into one expression for numexpr, which finds what repeats in it."""
    import numexpr

    lines = [line.strip() for line in inspect.getsource(function).rsplit('"""', 1)[1].splitlines()]
    known: dict[str, str] = {}
    for line in filter(None, lines):
        name, value = line.split(" = ") if " = " in line else ("", line.removeprefix("return "))
        known[name] = re.sub(r"[a-z]\w*", lambda word: known.get(word[0], word[0]), f"({value})")
    expression = known[""]
    return lambda tau, zhat, g: np.asarray(
        numexpr.evaluate(expression, {"tau": tau, "zhat": zhat, "g": g}, {})
    )


def by_c(folder: Path, order: int) -> Readout:
    """A loop around the C function, compiled into a shared library."""
    source, library = folder / "loop.c", folder / "loop.so"
    source.write_text(LOOP.format(order=order))
    subprocess.run(
        ["cc", "-O3", "-march=native", "-shared", "-fPIC", str(source), "-o", str(library)], check=True
    )
    loop = ctypes.CDLL(str(library)).readouts
    array = np.ctypeslib.ndpointer(float, flags="C_CONTIGUOUS")
    loop.argtypes, loop.restype = [ctypes.c_long, array, ctypes.c_double, ctypes.c_double, array], None

    def called(tau: Array, zhat: float, g: float) -> Array:
        result = np.empty_like(tau)
        loop(len(tau), tau, zhat, g, result)
        return result

    return called


def routes(folder: Path, order: int) -> dict[str, Readout]:
    """Each way to evaluate the readout that this machine has."""
    readout: Readout = emitted(folder, order).readout
    tau, zhat, g = sympy.symbols("tau zhat g", real=True)
    series = derive.expand(derive.FixedPointTask(), order).readout
    formula = sum(series[k] * tau**k for k in range(order + 1))
    formula = formula.subs({derive.zhat: zhat, derive.beta: 1 / (1 - g**2)})
    found = {
        "lambdify, cse": sympy.lambdify((tau, zhat, g), formula, "numpy", cse=True),
        "emitted, numpy": readout,
        f"emitted, numpy, blocks of {BLOCK}": in_blocks(readout),
    }
    if importlib.util.find_spec("numexpr"):
        found["emitted, numexpr"] = by_numexpr(readout)
    if importlib.util.find_spec("numba"):
        import numba

        found["emitted, numba.vectorize"] = numba.vectorize(readout)
    if shutil.which("cc"):
        found["emitted as C"] = by_c(folder, order)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--order", type=int, default=5)
    parser.add_argument("--points", type=int, default=10**6)
    given = parser.parse_args()
    tau = np.linspace(0, 0.05, given.points)
    with tempfile.TemporaryDirectory() as folder:
        found = routes(Path(folder), given.order)
        truth = found["emitted, numpy"](tau, 1.2, 0.6)
        times: dict[str, list[float]] = {name: [] for name in found}
        for function in found.values():
            np.testing.assert_allclose(function(tau, 1.2, 0.6), truth, rtol=1e-9)
        for _ in range(15):
            for name, function in found.items():
                start = time.thread_time()
                function(tau, 1.2, 0.6)
                times[name].append(time.thread_time() - start)
    base = statistics.median(times["lambdify, cse"])
    print(f"readout of order {given.order} at {given.points} times\n")
    for name, all_times in times.items():
        middle = statistics.median(all_times)
        print(f"{name:<34} {middle * 1e3:8.2f} ms {middle / base:6.3f}x")


if __name__ == "__main__":
    main()
