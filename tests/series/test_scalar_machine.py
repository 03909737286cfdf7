"""One number at a time: the same to the last bit as the machine that arrays go through."""

import math
import random

import pytest
from slow_cases import slow_but

from derive import FixedPointTask, expand

TASKS = {order: FixedPointTask() for order in (1, 2, 5, 12, 20)} | {4: FixedPointTask(alignment="rho")}


def outcome(function, values):
    """What a call gives: a number and its type, or the kind of its complaint."""
    try:
        value = function(*values)
    except ArithmeticError as problem:
        return type(problem)
    return type(value), "nan" if value != value else value


@pytest.mark.parametrize("order", slow_but({1, 2, 4, 5, 12}, TASKS))
def test_numbers_are_those_of_the_machine(order):
    """Over signs, zeros, integers and changes of one argument at a time, kept values or not."""
    expansion, draw = expand(TASKS[order], order), random.Random(order)
    series = [expansion.readout, expansion.loss, expansion.frobenius_norm, *expansion.singular_values]
    if TASKS[order].alignment == 0:
        series += [
            expansion.outlier_equation,
            expansion.fluctuations.readout_variance,
            *expansion.eigenvalues_g0,
        ]
    for one in series:
        function = one.program()
        for _ in range(20):
            values = [
                draw.choice([0.0, 0, 1, -1.5, draw.uniform(-0.9, 0.9)])
                for _ in range(len(function.arguments))
            ]
            for _ in range(4):
                values[0] = draw.uniform(-1, 1)
                assert outcome(function, values) == outcome(function.machine, values)


def test_a_call_is_the_function():
    """The series itself takes the same way; what is not finite is refused."""
    readout = expand(FixedPointTask(), 5).readout
    for g in (0.0, 0.5, 0.5, 0.5, 0.9):
        for tau in (0.0, 0.1, -0.3, 1e300):
            assert outcome(readout, (tau, 1.5, g)) == outcome(readout.program().machine, (tau, 1.5, g))
    for wrong in ((math.nan, 1.5, 0.5), (0.1, math.inf, 0.5)):
        with pytest.raises(ValueError, match="allowed are finite real numbers"):
            readout(*wrong)
