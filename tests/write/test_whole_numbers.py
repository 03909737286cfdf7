"""Integers of fixed size as arguments of every emitted Python function: the value of the same numbers as
floats, where their powers and sums would wrap around; and exact numbers stay exact beside integers."""

import inspect
import warnings
from fractions import Fraction
from functools import cache

import mpmath
import numpy as np
import pytest
import sympy
from emitted_modules import OPTIONS, OTHERS, expansion_of, flat, other_module, point
from flint import fmpq

import derive
from derive.document.closed_form import ClosedFormReport
from derive.write.code.python import python
from derive.write.modules.closed_form import closed_form_python

DTYPES = ("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")
LARGEST = 10**5  # a float has room for all powers
VALUES = {
    "tau": (0, 1, LARGEST, -7),
    "g": (0, 0, 0, 0),  # 0 <= g < 1
    "rho": (0, 1, 1, 0),  # |rho| <= 1
    "lam": (3, 5, LARGEST, 100),  # |lam| > g
    "T": (0, 1, 0, 1),
}
ELSEWHERE = (2, 1, LARGEST, 15)
CLOSED = "closed form of 5 nodes"
MODULES = [*(f"{order} {option}" for order in (1, 5) for option in OPTIONS), "12 ", CLOSED]
MODULES += list(OTHERS)


@cache
def emitted(name):
    """The functions of the printed module, by name, with the keys of those arguments that are mappings."""
    known = ()
    if name == CLOSED:
        form = derive.closed_form(0.6, nodes=5)
        source = closed_form_python(ClosedFormReport("0.6", 0.6, form, np.array([0.1])), "Made here")
    else:
        order, _, option = name.partition(" ")
        module = expansion_of(int(order), option) if order.isdigit() else other_module(name)
        source, known = python(module), module.functions
    namespace = {}
    exec(compile(source, name, "exec"), namespace)
    keys = {f.name: {a.name: a.keys for a in f.arguments if a.keys} for f in known}
    helpers = ("smooth", "floating", "series")
    if name == "modes":
        helpers += ("singular_values",)  # of numbers only, for it sorts
    functions = {f: x for f, x in namespace.items() if inspect.isfunction(x) and f not in helpers}
    return {f: (x, keys.get(f, {})) for f, x in functions.items()}


def points(function, keys, dtype):
    """Arrays of a type for every argument, in mappings too."""
    largest = 1 if dtype == "bool" else min(LARGEST, np.iinfo(dtype).max)

    def values(name, shift=0):
        return np.minimum(np.roll(VALUES.get(name, ELSEWHERE), shift), largest).astype(dtype)

    return [
        {key: values(key, i) for i, key in enumerate(keys[name])} if name in keys else values(name)
        for name in inspect.signature(function).parameters
    ]


def converted(values, change):
    return [{k: change(x) for k, x in v.items()} if isinstance(v, dict) else change(v) for v in values]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", MODULES)
def test_integers_of_fixed_size_give_the_values_of_floats(name, dtype):
    for f, (function, keys) in emitted(name).items():
        arrays = points(function, keys, dtype)
        with np.errstate(all="ignore"):  # tau may be past every radius
            expected = flat(function(*converted(arrays, lambda x: x.astype(float))))
        for values, at in ((arrays, slice(None)), (converted(arrays, lambda x: x[2]), 2)):
            with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
                warnings.simplefilter("error")
                got = flat(function(*values))
            for one, other in zip(got, expected, strict=True):
                np.testing.assert_allclose(one, np.asarray(other)[..., at], rtol=1e-12, err_msg=f)


EXACT = {"fmpq": lambda x: fmpq(x.numerator, x.denominator), "Fraction": Fraction, "sympy": sympy.Rational}
POINT = {"tau": Fraction(1, 7), "zhat": Fraction(3, 5), "g": Fraction(1, 3), "rho": Fraction(1, 4)}
WHOLE = {"tau": 1, "zhat": 2, "g": 0, "rho": 1}


@pytest.mark.parametrize("kind", EXACT)
@pytest.mark.parametrize("name", ["1 ", "5 ", "5 g0", "5 rho", "5 number", "5 all"])
def test_exact_numbers_stay_exact_beside_integers(name, kind):
    """Each argument in turn an integer, the others exact: what Fraction gives of all of them."""
    for f in ("readout", "loss", "gradient_norm", "frobenius_norm", "sharpness"):
        function, _ = emitted(name)[f]
        names = list(inspect.signature(function).parameters)
        for whole in names:
            given = {x: Fraction(WHOLE[x]) if x == whole else POINT[x] for x in names}
            expected = function(**given)
            mixed = {x: WHOLE[x] if x == whole else EXACT[kind](value) for x, value in given.items()}
            found = function(**mixed)
            assert not isinstance(found, float | sympy.Float)
            assert found == EXACT[kind](expected)


def test_functions_of_smooth_rules_take_many_digits():
    """The exponent of one of mpmath's numbers is called exp, too."""
    module = other_module("flow")
    for function in module.functions:
        values = point(function)
        with mpmath.workdps(40):
            found = flat(emitted("flow")[function.name][0](*map(mpmath.mpf, values)))
        np.testing.assert_allclose([float(x) for x in found], flat(function(*values)), rtol=1e-12)
