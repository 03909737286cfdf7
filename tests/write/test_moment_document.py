"""A word's moment as Python and LaTeX: against random matrices, the JSON and closed values."""

import re
import types

import numpy as np
import pytest
import sympy
from in_process import derive_here, refusal
from pdflatex import compiled, needs_latex

import derive
from derive.document.model import Layout
from derive.document.moment import moment_document
from derive.words.letters import parse_word
from derive.words.phi import word_moment
from derive.write.code.python import python
from derive.write.modules.moment import moment_module
from derive.write.writers import WRITERS

WORDS = {
    "B": {},
    "B B B' B'": {},
    "B B' B B' B B' B B' B B B' B'": {},
    "B[lam] B[lam]'": {"lam": 1.7},
    "B[lam] B' B B'": {"lam": -2.1},
    "B[u]' B[x] B[u]' B[s] B B'": {"u": 2.5, "x": 1.5, "s": -3.0},
    "B[3/2]'": {},
}


def moment_latex(letters):
    return WRITERS["latex"](moment_document(letters), Layout())


def module(word):
    found = types.ModuleType("moment")
    exec(compile(python(moment_module(parse_word(word), "")), "moment", "exec"), found.__dict__)
    return found


@pytest.mark.parametrize("word", WORDS)
def test_function_is_the_printed_quotient(word):
    points, g = WORDS[word], 0.55
    names = {name: sympy.Symbol(name) for name in ["beta", *points]}
    formula = sympy.sympify(str(word_moment(parse_word(word))), names)
    exact = formula.subs({"beta": 1 / (1 - sympy.Rational("0.55") ** 2), **points})
    assert module(word).moment(g, **points) == pytest.approx(float(exact), rel=1e-13)
    assert word == module(word).WORD


@pytest.mark.slow
@pytest.mark.parametrize("word", [word for word in WORDS if word != "B"])
def test_function_is_what_random_matrices_approach(word):
    """Mean of 16 traces at N = 300 and 600, extrapolated: the bias falls as 1/N."""
    g, points, random = 0.4, WORDS[word], np.random.default_rng(3)
    means, errors = [], []
    for size in (300, 600):
        traces = []
        for _ in range(16):
            W0 = random.standard_normal((size, size)) * (g / size**0.5)
            product = np.eye(size)
            for letter in parse_word(word):
                point = points.get(letter.point, letter.point)
                resolvent = np.linalg.inv(float(point) * np.eye(size) - W0)
                product = product @ (resolvent.T if letter.transposed else resolvent)
            traces.append(np.trace(product) / size)
        means.append(np.mean(traces))
        errors.append(np.std(traces, ddof=1) / 4)
    # 4 standard errors of 2 means[1] - means[0], and what is left of the bias, of order 1/N^2
    allowed = 4 * np.hypot(2 * errors[1], errors[0]) + 100 / 600**2
    assert module(word).moment(g, **points) == pytest.approx(2 * means[1] - means[0], abs=allowed)


def test_function_takes_arrays_and_many_digits():
    import mpmath

    moment = module("B B B' B'").moment
    assert moment(np.array([0.0, 0.6])) == pytest.approx([1, 2 / 0.64**3 - 1 / 0.64**2])
    with mpmath.workdps(40):
        beta = 1 / (1 - mpmath.mpf("0.6") ** 2)
        assert abs(moment(mpmath.mpf("0.6")) - (2 * beta**3 - beta**2)) < 1e-37


def test_long_words_are_as_accurate_as_doubles_allow():
    """mu_40 at g = 0.3 against the closed form in exact arithmetic; few roundings, no cancellation."""
    exact = derive.chain_moment(40).subs(derive.beta, 1 / (1 - sympy.Rational(3, 10) ** 2))
    assert module("B B' " * 40).moment(0.3) == pytest.approx(float(exact), rel=1e-13)


@needs_latex
def test_latex_compiles_and_fits_the_page(tmp_path):
    words = [*WORDS, "B[lam]' B[nu_12] B[x]' B[foo] B' B B", "B B' B B' B B B' " * 4]
    formulas = "\n".join(moment_latex(parse_word(word)) for word in words)
    paper = r"\documentclass[11pt]{article}\usepackage[a4paper, margin=25mm]{geometry}\usepackage{amsmath}"
    log = compiled(tmp_path, rf"{paper}\begin{{document}}{formulas}\end{{document}}")
    assert all(float(points) < 10 for points in re.findall(r"Overfull \\hbox \((\S+)pt", log))


def test_latex_is_the_formula_of_the_text():
    assert r"\drvphi(\drvB^{2}(\drvBT)^{2}) &= 2\,\drvbeta^{3} - \drvbeta^{2}" in moment_latex(
        parse_word("B B B' B'")
    )
    assert r"\drvphi(\drvB_{\lambda}\drvBT_{\lambda}) &= \frac{1}{\lambda^{2} - \drvg^{2}}" in moment_latex(
        parse_word("B[lam] B[lam]'")
    )


def test_command_prints_and_writes(tmp_path):
    out = tmp_path / "moment.py"
    arguments = ["moment", "B  B'", "--format", "python"]
    printed = derive_here(*arguments).stdout
    assert derive_here(*arguments, "--out", out).returncode == 0
    assert out.read_text() == printed
    assert printed.startswith('# Made by the command: derive moment "B B\'" --format python\n')
    refusal(derive_here("moment", "B[g]", "--format", "python"))
