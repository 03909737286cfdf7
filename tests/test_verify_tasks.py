"""Check (i) for overlapping vectors and other trained parameters: slope K + 1 of the printed functions."""

import mpmath
import numpy as np
import pytest

from derive import FixedPointTask, expand
from derive.emit.render import Rendering
from derive.emit.request import Request
from verify.task_slope import precise_aligned_network, task_errors

NAMES = ("readout", "loss", "gradient_norm", "frobenius_norm", "sharpness")


@pytest.mark.parametrize(
    ("order", "train", "rho", "g"),
    [
        (5, "W", "3/10", 0.6),
        (4, "W", "-1/2", 0.0),
        (4, "W,m,w", "0", 0.6),
        (3, "W,m", "0", 0.5),
        (3, "m,w", "1/4", 0.5),
        (4, "W,m,w", "3/10", 0.6),
    ],
)
def test_printed_functions_err_at_the_next_order(order, train, rho, g):
    namespace = {}
    exec(Rendering(Request(order, alignment=rho, train=train)).module, namespace)
    names = [n for n in NAMES if "W" in train.split(",") or n not in ("gradient_norm", "frobenius_norm")]
    functions = {name: namespace[name] for name in names}
    functions["s1"] = lambda *x: namespace["singular_values"](*x)[0]
    if "W" not in train.split(","):
        del functions["s1"]
    with mpmath.workdps(100):
        top, _, below = rho.partition("/")
        overlap = mpmath.mpf(int(top)) / int(below or 1)
        times = [mpmath.mpf(10) ** -5 * (1 - g * g) ** 2 / 2**k for k in range(4)]
        errors = task_errors(functions, order, g, 1.25, overlap, train.split(","), times)
        x = [float(mpmath.log(t)) for t in times]
        for name, values in errors.items():
            slope = np.polyfit(x, [float(mpmath.log(abs(v))) for v in values], 1)[0]
            # 1e-5 of the radius or less: the next term shifts the slope by 1e-5 times a ratio of coefficients
            assert slope == pytest.approx(order + 1, abs=0.01), name


def test_the_network_has_the_overlap_as_its_first_readout():
    network = precise_aligned_network(0.6, mpmath.mpf("0.3"), 6)
    assert abs(network.w @ network.B @ network.m - mpmath.mpf("0.3")) < 1e-90


def test_one_coefficient_wrong_by_a_hundredth_gives_its_own_slope():
    exact = expand(FixedPointTask(train="W,m,w", alignment="3/10"), 4).readout

    def wrong(*point):
        return exact(*point) + (exact.truncate(3)(*point) - exact.truncate(2)(*point)) / 100

    with mpmath.workdps(100):
        times = [mpmath.mpf(10) ** -6 / 2**k for k in range(4)]
        found = task_errors({"readout": wrong}, 4, 0.6, 1.25, mpmath.mpf(3) / 10, ("W", "m", "w"), times)
        logs = [[float(mpmath.log(abs(v))) for v in values] for values in (times, found["readout"])]
    assert np.polyfit(*logs, 1)[0] == pytest.approx(3, abs=0.01)
