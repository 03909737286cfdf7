"""Series and what holds them are values: they pickle, copy, cross processes, compare, hash and print."""

import copy
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
import sympy

import derive
from derive.jupyter import MOST
from derive.observables.leading_singular_value import leading_coefficient
from derive.observables.scaling_function import scaling_function
from derive.overlaps.learning_series import learning_series
from derive.overlaps.problem import OverlapProblem
from derive.tasks.modes import MatrixTask

OVERLAPS = {name: "1/5" if name[0] != name[1] else "1" for name in OverlapProblem().names}
OVERLAPS |= {"zm": "x", "vu": "v"}


def objects():
    """One of every kind, derived anew."""
    expansion = derive.expand(derive.FixedPointTask(), 5)
    aligned = derive.expand(derive.FixedPointTask(alignment="rho"), 4)
    end = expansion.learning_end
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
        assert series._repr_latex_() == f"${latex}$"
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


def test_the_printed_series_is_the_series():
    """Each term as sympy prints it alone."""
    series = derive.expand(derive.FixedPointTask(), 3).readout
    first, second, third = (sympy.latex(c) for c in list(series)[1:])
    expected = (
        rf"{first} \tau {second} \tau^{{2}} + \left({third}\right) \tau^{{3}} + O\left(\tau^{{4}}\right)"
    )
    assert sympy.latex(series) == expected
