"""The field's letters: how numbers are put in, and how they print in Jupyter."""

import pytest
import sympy

import derive
from derive.document.variables import latex_name


def test_numbers_go_in_by_the_symbols_themselves():
    coefficient = derive.expand(derive.FixedPointTask(), order=3).readout[3]  # Eq. 15
    assert coefficient.subs({derive.zhat: 1, derive.beta: 2}) == sympy.Rational(4 * 2**7, 3) + sympy.Rational(
        2**6, 6
    )


def test_lambda_prints_as_the_letter():
    equation = derive.expand(derive.FixedPointTask(), order=2).outlier_equation
    for printed in (
        sympy.latex(derive.lam),
        derive.lam._repr_latex_(),
        equation._repr_latex_(),
        sympy.latex(derive.moment("B[lam] B'")),
    ):
        assert r"\lambda" in printed
        assert "lam" not in printed.replace(r"\lambda", "")
    assert derive.lam == sympy.Symbol("lam")


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("lam", r"\lambda"),
        ("Gamma", r"\Gamma"),
        ("Omega_12", r"\Omega_{12}"),
        ("beta2", r"\beta_{2}"),
        ("x", "x"),
        ("rate", r"\mathrm{rate}"),
        ("off_set", r"\mathrm{off\_set}"),
        ("_", r"\mathrm{\_}"),
    ],
)
def test_names_of_a_user_in_latex(name, printed):
    assert latex_name(name) == printed
