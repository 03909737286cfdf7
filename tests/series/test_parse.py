"""Reading numbers and formulas: what is read means what it means in Python, and no more is allowed."""

import ast
import time
from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.reading.formula import as_sympy, evaluate, names_in
from derive.reading.parse import Limits, ParseError, parse
from derive.reading.read_number import rational, whole
from derive.series.exact_scalars import exact

ATOMS = st.sampled_from(["x", "y", "2", "0.5", "3/7", "1e-2"])
FORMULAS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", "-", "*", "/", " * "]), inner).map("".join),
        inner.map("({})".format),
        inner.map("-{}".format),
        inner.map("({})**2".format),
        inner.map("({})**-1".format),
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(FORMULAS)
def test_a_formula_means_what_python_s_grammar_says(text):
    """Against Python's own parser, its numbers made exact."""
    tree = ast.parse(text, mode="eval")
    names = {"x": Fraction(5, 3), "y": Fraction(-7, 11)}

    def worth(node):
        if isinstance(node, ast.Constant):
            return Fraction(ast.get_source_segment(text, node))
        if isinstance(node, ast.Name):
            return names[node.id]
        if isinstance(node, ast.UnaryOp):
            return -worth(node.operand)
        if isinstance(node.op, ast.Pow):
            return worth(node.left) ** ast.literal_eval(node.right)
        a, b = worth(node.left), worth(node.right)
        if isinstance(node.op, ast.Div):
            return a / b
        return {ast.Add: a + b, ast.Sub: a - b, ast.Mult: a * b}[type(node.op)]

    try:
        expected = worth(tree.body)
    except ZeroDivisionError:
        with pytest.raises(ZeroDivisionError):
            evaluate(parse(text), names)
        return
    formula = parse(text)
    assert evaluate(formula, names) == expected
    assert names_in(formula) == {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    symbolic = as_sympy(formula).subs({sympy.Symbol(k): sympy.Rational(v) for k, v in names.items()})
    assert symbolic == sympy.Rational(expected)


def test_functions_and_names_are_those_of_a_table():
    formula = parse("exp(-z**2)*tau", functions={"exp": 1}, names={"z", "tau"}.__contains__)
    z, tau = sympy.symbols("z tau", positive=True)
    assert as_sympy(formula, {"z": z, "tau": tau}, {"exp": sympy.exp}) == tau * sympy.exp(-(z**2))
    with pytest.raises(ParseError, match=r"unexpected function sin at character 3: allowed are z"):
        parse("2*sin(z)", functions={"exp": 1}, allowed="z")
    with pytest.raises(ParseError, match=r"unexpected y at character 1"):
        parse("y", names={"z"}.__contains__)
    with pytest.raises(ParseError, match=r"exp of 2 arguments, it takes 1"):
        parse("exp(z, z)", functions={"exp": 1})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "unexpected end at character 1"),
        ("x +", "unexpected end at character 4"),
        ("x y", "unexpected y at character 3"),
        ("x^2", r"unexpected \^ at character 2"),
        ("2(x)", r"unexpected \( at character 2"),
        ("(x", r"unexpected end, \) expected at character 3"),
        ("x.real", r"unexpected \. at character 2"),
        ("x[0]", r"unexpected \[ at character 2"),
        ("x\ny", r"x\\ny: unexpected \\n at character 2"),
        ("\uff58", r"\\uff58: unexpected \\uff58 at character 1"),
        ("x\u00b2", r"unexpected \\xb2 at character 2"),
        ("\u0661", "unexpected"),
        ("1_000", "unexpected _000 at character 2"),
        ("0x10", "unexpected x10"),
        ("1j", "unexpected j"),
        ("nan", "unexpected nan"),
        ("-inf", "unexpected inf"),
        ("lambda", "unexpected lambda"),
        ("x**y", "unexpected y, a whole number expected"),
        ("x**0.5", "exponent 0.5, allowed are whole numbers"),
        ("x**(1/2)", "unexpected /"),
        ("x**1001", "exponent 1001, allowed are whole numbers up to 1000"),
        ("9**9**9**9", r"unexpected \*\*"),
        ("(9**1000)**100", "too large"),
        ("((x + 1)**1000)**1000", "too large"),
        ("(a + b + c)**200", "too large"),
        ("+".join(f"x{k}" for k in range(1500)), "too large"),
        ("1e999999999", "a number beyond 1e400"),
        ("1" * 1001, "more than 1000 digits"),
        ("(" * 4000 + "1" + ")" * 4000, "61 deep"),
        ("-" * 9000 + "1", "61 deep"),
        ("1+" * 6000 + "1", "12001 characters, allowed are 10000"),
    ],
)
def test_what_is_no_formula_is_refused_at_once(text, problem):
    start = time.process_time()
    with pytest.raises(ParseError, match=problem) as refusal:
        parse(text)
    assert time.process_time() - start < 0.5
    assert str(refusal.value).isascii()
    assert len(str(refusal.value)) < 300


def test_limits_are_the_caller_s():
    assert evaluate(parse("2**2000", limits=Limits(exponent=2000))) == 2**2000
    with pytest.raises(ParseError):
        parse("(x)", limits=Limits(depth=0))


@pytest.mark.parametrize("text", ["1e-7", "-.5", "+2", "3/10", " 7 ", "25e-2", "6.02E23"])
def test_numbers_are_exact(text):
    assert rational(text) == Fraction(text.strip())


@pytest.mark.parametrize(
    "text", ["", "inf", "nan", "1e401", "3/0", "1/3e5", "1_0", "0x1", "１", "1 2", "--1", "x"]
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ParseError, match="allowed"):
        rational(text)
    with pytest.raises(ParseError, match="allowed are integers"):
        whole(text)


def test_exact_scalars_of_every_kind():
    import numpy as np

    x = sympy.Symbol("x")
    assert exact("0.3*x - 1/3") == 3 * x / 10 - sympy.Rational(1, 3)
    assert exact(0.1) == exact(np.float64(0.1)) == exact(np.float32(0.1)) == sympy.Rational(1, 10)
    assert exact(Fraction(2, 3)) == sympy.Rational(2, 3)
    assert exact(7) == 7
    assert exact(sympy.Float("0.25") * x) == x / 4
    for value in (True, None, [1], {"x": 1}, float("nan"), -float("inf"), "1/0", "x.y", 1j, sympy.oo):
        with pytest.raises(ValueError, match="allowed are numbers and polynomials in symbols"):
            exact(value)
