"""Series and what holds them are values: they pickle, copy, cross processes, compare, hash and print.

What is printed of numbers is short, and sympy's functions take every series.
"""

import copy
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
import sympy
from project import ROOT

import derive
from derive.exact.flows.flow_curve import limit_curve
from derive.jupyter import MOST
from derive.observables.leading_singular_value import leading_coefficient
from derive.observables.scaling_function import scaling_function
from derive.overlaps.learning_series import learning_series
from derive.overlaps.problem import OverlapProblem
from derive.tasks.modes import MatrixTask

OVERLAPS = {name: "1/5" if name[0] != name[1] else "1" for name in OverlapProblem().names}
OVERLAPS |= {"zm": "x", "vu": "v"}


def flow():
    return derive.Flow(
        derive.Ensemble("w, m, f", overlaps={"f.w": "rho"}),
        readouts={"z": "w' R m"},
        velocity={"W": "(zhat - z) f m' R' - lam (W - W0)"},
        parameters={"zhat": "3/2", "lam": "1/10", "rho": "1/2"},
    )


def objects():
    """One of every kind, derived anew."""
    expansion = derive.expand(derive.FixedPointTask(), 5)
    aligned = derive.expand(derive.FixedPointTask(alignment="rho"), 4)
    end = expansion.learning_end
    flowing = derive.expand(flow(), 3)
    return {
        "series": expansion.readout,
        "series with a denominator": aligned.singular_values[1],
        "singular values": expansion.singular_values,
        "singular vectors": expansion.singular_vectors,
        "A": expansion.a_matrix,
        "W": expansion.W,
        "outlier equation": expansion.outlier_equation,
        "learning time": end.time,
        "learning end": end,
        "scaling function": scaling_function(expansion.readout),
        "leading coefficient": leading_coefficient(4),
        "flow": flow(),
        "ensemble": flow().ensemble,
        "expansion of a flow": flowing,
        "series of a flow": flowing.readouts["z"],
        "outlier equation of a flow": flowing.observables["outlier_equation"],
        "expansion": expansion,
        "expansion with overlap": aligned,
        "modes": derive.expand(MatrixTask([[0.5, 0.2], [0.1, 0.3]]), 3),
        "exact series": learning_series(OVERLAPS, "c", 1)["loss"],
        "exact series of numbers": learning_series({**OVERLAPS, "zm": "1/3", "vu": "1/4"}, "3/10", 2)["loss"],
    }


FIRST, SECOND = objects(), objects()


@pytest.mark.parametrize("name", FIRST)
def test_equal_ones_compare_and_hash_equal(name):
    first, second = FIRST[name], SECOND[name]
    assert first is not second
    assert first == second
    assert hash(first) == hash(second)


@pytest.mark.parametrize("name", FIRST)
def test_copies_and_pickles(name):
    one = FIRST[name]
    _used(one)  # what was worked out before must not stand in the way
    for other in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one), copy.copy(one)):
        assert type(other) is type(one)
        assert other == one
        assert repr(other) == repr(one)
        assert str(_used(other)) == str(_used(one))


def _used(value):
    """What a caller does with it."""
    if isinstance(value, derive.Series):
        return value[2]
    if isinstance(value, derive.LearningEnd):
        return value.time[2]
    if hasattr(value, "readout") and not hasattr(value, "modes"):
        return value.readout(0.05, 1.2, 0.6, *([0.2] * (value.task.alignment != 0)))
    return value


def test_different_ones_differ():
    expansion = derive.expand(derive.FixedPointTask(), 5)
    assert expansion.readout != expansion.loss
    assert expansion.readout != expansion.readout.truncate(4)
    assert expansion.readout != derive.expand(derive.FixedPointTask(g0=True), 5).readout
    assert len({expansion.readout, derive.expand(derive.FixedPointTask(), 5).readout, expansion.loss}) == 2


@pytest.mark.slow
def test_they_cross_processes():
    """Into a process that was started anew and back."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for name, value in FIRST.items():
            assert pool.submit(copy.copy, value).result() == value, name
        assert pool.submit(FIRST["series"], 0.1, 1.0, 0.5).result() == FIRST["series"](0.1, 1.0, 0.5)


@pytest.mark.parametrize("text", ["m", "B' B m", "B w"])
def test_the_repr_of_a_word_evaluates(text):
    from derive.words.words import OuterProduct, Word

    word = Word.parse(text)
    outer = OuterProduct(word, Word.parse("B' w"))
    for value in (word, outer):
        assert eval(repr(value), {"Word": Word, "OuterProduct": OuterProduct}) == value


SERIES = [name for name, value in FIRST.items() if hasattr(value, "as_expr")]


@pytest.mark.parametrize("name", SERIES)
def test_sympy_prints_series_with_rising_powers(name):
    series = FIRST[name]
    latex = sympy.latex(series)
    if max(len(sympy.Add.make_args(c)) for c in series) <= MOST and len(latex) < 100:
        assert series._repr_latex_().removeprefix("$z &=").lstrip("$ ") == f"{latex}$"
    x = sympy.Symbol(series.variable)
    places = [latex.find(sympy.latex(x**k)) for k, c in enumerate(series) if k and c]
    assert places == sorted(places)
    assert -1 not in places
    assert latex.endswith(rf"O\left({sympy.latex(x ** (series.order + 1))}\right)")
    assert latex in sympy.latex([series, sympy.Symbol("x")])
    assert sympy.pretty(series)
    assert sympy.pretty([series])
    assert sympy.sstr(series) == str(series)
    assert sympy.srepr([series]) == f"[{series!r}]"


@pytest.mark.parametrize("name", SERIES)
def test_sympy_takes_a_series_as_its_sum(name):
    series = FIRST[name]
    x = sympy.Symbol(series.variable, positive=True)
    assert sympy.sympify(series) == series.as_expr()
    assert sympy.diff(series, x) == sympy.diff(series.as_expr(), x)
    assert x + series == series.as_expr() + x
    for k, coefficient in enumerate(series[:3]):
        taken = sympy.diff(series, x, k).subs(x, 0) / sympy.factorial(k)
        assert sympy.simplify(taken - coefficient) == 0
    assert series[-1] == series[series.order]
    with pytest.raises(TypeError):
        series["1"]
    with pytest.raises(IndexError, match=f"of a series of order {series.order}"):
        series[series.order + 1]


def test_the_letters_of_a_flow_are_those_of_the_package():
    """A number put in for derive.rho reaches a series of any flow, as it does of the fixed-point task."""
    series = derive.expand(flow(), 3).readouts["z"]
    of_package = {derive.zhat, derive.beta, derive.rho, derive.lam}
    assert series[2].free_symbols == of_package
    chain = derive.expand(derive.read_flow(ROOT / "docs" / "flows" / "feedforward_chain.toml"), 3)
    assert chain.readouts["z"][3].free_symbols == {derive.zhat, derive.g}


def numbers():
    """What the functions of the package give in numbers, one of every kind."""
    network = derive.Instance.sample(20, 0.5, 1)
    problem = derive.OverlapProblem(rank=3)
    yield derive.limit.curve(0.6, 1.0, np.linspace(0.1, 2, 50))
    yield derive.limit.learning_curve(0.6, 1.0)
    yield derive.limit.limit_descent(0.6, 1.0, 0.01, 100)
    yield derive.limit.NetworkLearning(network, 1.0)
    yield derive.gradient_flow(network, 1.0, [0.0, 0.1])
    yield derive.network_outliers(network, 1.0, [0.1, 0.2])
    yield derive.closed_form(0.6, 16)
    yield derive.instance_series(network, 1.0, 10)
    yield derive.overlap_formula(4)
    yield derive.gram_flow(problem)
    square = lambda S: (float(np.sum(S**2)), S)  # noqa: E731
    yield derive.descent_curve(derive.OverlapProblem(), square, np.eye(4), 0.01, 3)
    yield derive.FlowInstance.sample(flow(), 20, 0.5, 1)
    yield limit_curve(derive.read_flow(ROOT / "docs" / "flows" / "gradient.toml"), [0.1])


def test_the_repr_of_numbers_fits_a_terminal():
    for value in numbers():
        assert "\n" not in repr(value)
        assert len(repr(value)) < 600, type(value)


def test_the_printed_series_is_the_series():
    """Each term as sympy prints it alone."""
    series = derive.expand(derive.FixedPointTask(), 3).readout
    first, second, third = (sympy.latex(c) for c in list(series)[1:])
    expected = (
        rf"{first} \tau {second} \tau^{{2}} + \left({third}\right) \tau^{{3}} + O\left(\tau^{{4}}\right)"
    )
    assert sympy.latex(series) == expected
