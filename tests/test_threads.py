"""Public functions called from several threads at once: right values, and the context as it was."""

from concurrent.futures import ThreadPoolExecutor

import flint
import mpmath
import numpy as np
import pytest

import derive
from derive.exact.certified import certified_readout
from derive.flow.high_order import clock_by_readout, readout_coefficients
from derive.flow.reduction import limit_reduction
from derive.overlaps.learning_series import learning_series
from derive.radius.resummation import METHODS, resummed_readout
from derive.tasks.modes import MatrixTask, target_modes

OVERLAPS = {"zz": 1, "zv": 0, "zm": 0.3, "zu": 0.2, "vv": 1, "vm": 0.2, "vu": 0.4, "mm": 1, "mu": 0, "uu": 1}
TIMES = np.array([0.05, 0.1, 0.2])


def calls():
    """(function, arguments) of mixed orders and precisions: whoever shares a context mixes them up."""
    for order in (4, 60, 9, 33):
        yield "coefficients", lambda n=order: [str(c) for c in readout_coefficients(0.5, 1.2, n)]
        yield "clock", lambda n=order: [str(c) for c in clock_by_readout(0.4, n)]
    for method in METHODS:
        for order in (5, 12):
            yield method, lambda m=method, n=order: resummed_readout(0.6, 1.0, n, m)(TIMES).tolist()
    for g in (0.1, 0.45, 0.73):
        yield "curve", lambda g=g: derive.limit.curve(g, 1.0, TIMES).readout.tolist()
        yield "outliers", lambda g=g: np.abs(derive.outliers(g, 2.0, [0.1])[0]).tolist()
        yield "certified", lambda g=g: [str(x) for x in certified_readout(g, 1.0, [0.05], size=6)]
    shared = derive.expand(derive.FixedPointTask(), order=8)
    yield "expansion", lambda: [str(x) for x in (shared.readout[8], *(s[7] for s in shared.singular_values))]
    series = learning_series(OVERLAPS, "1/3", 6)
    yield "series", lambda: [float(c) for c in series["loss"]]
    yield "modes", lambda: [m.zhat for m in target_modes(MatrixTask([[1, 0.5, 0.2], [0, 0.25, 1]]))]
    yield "moment", lambda: str(derive.moment("B B' B B B' B' B"))


def forget():
    """What is remembered from call to call is worked out anew, so that all threads work."""
    limit_reduction.cache_clear()


@pytest.mark.slow
def test_every_function_in_a_pool_of_threads():
    context = flint.ctx.prec, flint.ctx.cap, mpmath.mp.dps
    alone = [(name, call()) for name, call in calls()]
    forget()
    jobs = [pair for pair in calls() for _ in range(3)]
    expected = [value for _, value in alone for _ in range(3)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda pair: pair[1](), jobs))
    wrong = {name for (name, _), a, b in zip(jobs, found, expected, strict=True) if a != b}
    assert wrong == set()
    assert (flint.ctx.prec, flint.ctx.cap, mpmath.mp.dps) == context
