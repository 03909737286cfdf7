"""Everything public shows itself in Jupyter: short, saying what is folded, and it compiles."""

import re
from fractions import Fraction

import pytest
import sympy
from pdflatex import compiled, needs_latex
from slow_cases import slow_but

import derive
from derive.jupyter import MOST, MOST_ROWS, MOST_TERMS, SHOWN, SHOWN_TERMS, Row, shown
from derive.observables.scaling_function import scaling_function
from derive.overlaps.learning_series import learning_series

ORDER = 10
LONGEST = 10_000
"""Signs: a browser sets as many at once."""
FLOW = derive.Flow(
    derive.Ensemble(("w", "m", "f"), overlaps={"f.w": "rho"}),
    readouts={"z": "w' R m"},
    velocity={"W": "(zhat - z) f m' R' - lam W"},
    parameters={"zhat": "3/2", "lam": "1/10", "rho": "1/2"},
)


def given_overlaps():
    values = dict.fromkeys(derive.OverlapProblem().names, Fraction(1, 3))
    return values | {"zm": sympy.Symbol("zm"), "vu": sympy.Symbol("vu")}


EXPANSION = derive.expand(derive.FixedPointTask(), ORDER, singular_values=4)
ALIGNED = derive.expand(derive.FixedPointTask(alignment="rho"), ORDER)
LEARNING = derive.expand(FLOW, 6)
OBJECTS = {
    "series": lambda: EXPANSION.readout,
    "gradient norm": lambda: EXPANSION.gradient_norm,
    "singular values": lambda: EXPANSION.singular_values,
    "singular vectors": lambda: EXPANSION.singular_vectors,
    "singular vector": lambda: EXPANSION.singular_vectors[1],
    "A": lambda: EXPANSION.a_matrix,
    "W": lambda: EXPANSION.W,
    "W_k": lambda: EXPANSION.W[ORDER],
    "expansion": lambda: EXPANSION,
    "expansion with overlap": lambda: ALIGNED,
    "singular value with overlap": lambda: ALIGNED.singular_values[1],
    "W with overlap": lambda: ALIGNED.W,
    "m learning": lambda: derive.expand(derive.FixedPointTask(train="W,m,w"), 5).vector("m"),
    "outlier equation": lambda: EXPANSION.outlier_equation,
    "learning end": lambda: EXPANSION.learning_end,
    "learning time": lambda: EXPANSION.learning_end.time,
    "scaling function": lambda: scaling_function(EXPANSION.readout),
    "flow": lambda: FLOW,
    "flow expansion": lambda: LEARNING,
    "flow readout": lambda: LEARNING.readouts["z"],
    "modes": lambda: derive.expand(derive.MatrixTask([[0.5, 0.2], [0.1, 0.3]]), ORDER),
    "no modes": lambda: derive.expand(derive.MatrixTask([[0.0]]), 3),
    "one network": lambda: EXPANSION.evaluate(derive.Instance.sample(20, 0.5, 1), 1.0),
    "moment": lambda: derive.moment("B[lam] B[lam]' B B'"),
    "overlaps": lambda: derive.gram_flow(derive.OverlapProblem()),
    "overlaps, rank 3": lambda: derive.gram_flow(derive.OverlapProblem(rank=3)),
    "series of overlaps": lambda: learning_series(given_overlaps(), "3/10", 3)["loss"],
    "overlap formula": lambda: derive.overlap_formula(4),
    "closed form": lambda: derive.closed_form(0.6),
    "word": lambda: EXPANSION.W[1][0][1],
}
DEAR = {"expansion with overlap", "singular value with overlap", "series of overlaps", "overlap formula"}
LATEX = {}


def latex(name):
    if name not in LATEX:
        LATEX[name] = OBJECTS[name]()._repr_latex_()
    return LATEX[name]


@pytest.mark.parametrize("name", slow_but(OBJECTS.keys() - DEAR, OBJECTS))
def test_it_is_there_and_short(name):
    text = latex(name)
    assert text.startswith("$")
    assert text.endswith("$")
    assert len(text) <= LONGEST
    assert text.count("{") == text.count("}")
    assert (r"\text{folded: " in text) == (r"\cdots" in text or r"\vdots" in text)


@needs_latex
@pytest.mark.slow
def test_all_compile(tmp_path):
    page = r"\usepackage[paperwidth=500mm,paperheight=400mm,margin=10mm]{geometry}"
    opening = r"\documentclass{article}\usepackage{amsmath}" + page + r"\begin{document}"
    body = "\n\n".join(latex(name) for name in OBJECTS)
    compiled(tmp_path, "\n".join([opening, body, r"\end{document}"]))


def test_what_is_folded_is_counted():
    """Terms shown and terms left out together are all there are."""
    x = sympy.symbols("x1:31")
    for count in (MOST, MOST + 1, 30):
        text = shown([Row("", [(sum(x[:count]), "t")])], "all")
        written = len(re.findall(r"x_\{\d+\}", text))
        if count <= MOST:
            assert (written, r"\cdots" in text) == (count, False)
        else:
            assert written == SHOWN
            assert f"folded: {count - SHOWN} more terms; to see all: all" in text
    for count in (MOST_TERMS, MOST_TERMS + 1, 30):
        text = shown([Row("s", [(value, f"t^{{{k}}}") for k, value in enumerate(x[:count])])], "all")
        left_out = 0 if count <= MOST_TERMS else count - SHOWN_TERMS
        assert len(re.findall(r"x_\{\d+\}", text)) == count - left_out
        assert (f"{left_out} more terms" in text) == (left_out > 0)
    text = shown([Row("s", [(value, "")]) for value in x[: MOST_ROWS + 3]], "all")
    assert "3 more rows" in text


def test_a_short_series_is_shown_whole():
    series = derive.expand(derive.FixedPointTask(), 3).readout
    assert series._repr_latex_() == f"${sympy.latex(series)}$"
