"""The LaTeX fragments: macros, line breaks, and that pdflatex accepts them."""

import re

import pytest
from pdflatex import compiled, needs_latex

from derive.document.request import Request
from derive.write.latex.latex_layout import Page, rows
from derive.write.render import Rendering


@needs_latex
@pytest.mark.parametrize(
    "request_",
    [
        Request(5, standalone=True),
        pytest.param(Request(11, singular_values=5, standalone=True), marks=pytest.mark.slow),
        Request(4, g0=True),
    ],
    ids=lambda request: request.stem,
)
def test_the_standalone_document_compiles(tmp_path, request_):
    log = compiled(tmp_path, Rendering(request_).standalone)
    # a formula that sticks out by more than 10 pt would be seen on paper
    assert all(float(points) < 10 for points in re.findall(r"Overfull \\hbox \((\S+)pt", log))
    assert "undefined" not in log.lower()


@needs_latex
@pytest.mark.slow
def test_a_fragment_is_input_into_a_paper_and_its_notation_can_be_changed(tmp_path):
    (tmp_path / "order_5.tex").write_text(Rendering(Request(5)).fragment)
    paper = (
        r"\documentclass{article}\usepackage{amsmath}\newcommand{\drvzhat}{\hat{y}}"
        r"\begin{document}\input{order_5}See~\eqref{eq:order-5-readout}.\end{document}"
    )
    compiled(tmp_path, paper)
    assert "undefined" not in compiled(tmp_path, paper)  # the reference is resolved the second time


def test_every_symbol_is_a_macro():
    fragment = Rendering(Request(4)).fragment
    body = "\n".join(line for line in fragment.splitlines() if not line.startswith((r"\providecommand", "%")))
    for raw in (r"\tau", r"\beta", r"\hat", r"\top", r"\mathcal"):
        assert raw not in body


@pytest.mark.parametrize("terms", [1, 3, 5])
def test_terms_per_line(terms):
    fragment = Rendering(Request(6, terms_per_line=terms)).fragment
    readout = fragment.split(r"\begin{align}")[1]
    lines = [line for line in readout.splitlines() if "&" in line]
    counts = [len(re.findall(r"\\drvbeta", line)) for line in lines]  # one beta in every monomial
    assert max(counts) == terms
    longer = Rendering(Request(6, terms_per_line=1)).fragment.count(r"\\")
    assert fragment.count(r"\\") <= longer


def flat_fragment(order, **options):
    """The fragment without line breaks and thin spaces."""
    return re.sub(r"\s*\\notag \\\\\n\s*&\\quad|\\,", "", Rendering(Request(order, **options)).fragment)


def test_published_readout_stands_in_the_fragment():
    """Eq. 15 as LaTeX."""
    flat = flat_fragment(3)
    expected = (
        r"\drvz(\drvtau) &= \drvzhat \Bigl[ \drvttilde - \frac{1}{2}\drvttilde^{2} + "
        r"\frac{1}{6}\bigl(1 + 8\drvzhat^{2}\drvbeta\bigr)\drvttilde^{3} \Bigr]"
    )
    assert expected in flat


def test_singular_vectors_outliers_and_limits_stand_in_the_fragment():
    flat = flat_fragment(5, g0=False)
    for expected in (
        r"\drvv^{(1)}_{0} &= 1 \label",
        r"\drvv^{(2)}_{0} &= -\drvzhat\drvbeta^{4}\drvtau + ",
        r"\bigl\lvert \drvv^{(1)} \bigr\rvert^{2} &= \drvbeta + ",
        r"\drvD(\drvlambda, \drvtau) &= 1 + \frac{\drvlambda}{(\drvlambda - \drvg^{2})^{2}}\drvD_{10}",
        r"\drvs_{4} &= \frac{1}{100800}\drvzhat^{7}\drvbeta^{14}(\drvbeta - 1)(3\drvbeta - 1)\drvtau^{7} + ",
        r"\lim_{\drvg \to 1} \frac{\drvz}{\drvzhat} &= \drvttilde - \frac{1}{2}\drvttilde^{2} + "
        r"\Bigl(\frac{1}{6} + \frac{4}{3}\drvy\Bigr)\drvttilde^{3}",
    ):
        assert expected in flat
    at_zero = flat_fragment(3, g0=True)
    assert r"&= 1 + \frac{1}{\drvlambda}\drvD_{10}(\drvtau) + \drvO" in at_zero
    assert r"\drvs_{3} &= 0 \label" in at_zero
    assert r"\lim" not in at_zero


def test_a_letter_that_begins_a_line_is_no_part_of_the_command_before():
    made = rows("D(x)", [r"(g^{2}\,", "x^{2})", " + 1"], "label", Page(332.0, 1))
    assert any(r"&\quad x^{2}" in row for row in made)
    assert not any(r"\quadx" in row for row in made)
