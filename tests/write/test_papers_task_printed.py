"""JSON and text of what is derived for the paper's task alone, read back."""

import json

import pytest
import sympy

import derive
from derive import FixedPointTask, expand
from derive.document.request import Request
from derive.write.render import Rendering

NAMES = {"zhat": derive.zhat, "beta": derive.beta, "lam": derive.lam, "y": sympy.Symbol("y", positive=True)}


def printed(order, **options):
    """The JSON document, read."""
    return json.loads(Rendering(Request(order, **options)).printed("json"))


def read(texts):
    """Coefficients as expressions."""
    return [sympy.sympify(text, locals=NAMES) for text in texts]


def test_json_reads_back_as_what_is_derived():
    document, expansion = printed(4), expand(FixedPointTask(), 4)
    for found, exact in zip(read(document["outlier_equation"]), expansion.outlier_equation, strict=True):
        assert sympy.simplify(found - exact) == 0
    leading = [derive.leading_singular_value(r) for r in range(1, 6)]
    assert read(document["leading_singular_values"]) == leading
    time = sympy.Symbol("ttilde", positive=True)
    found = sum(c * time**k for k, c in enumerate(read(document["universal"]["readout"])))
    assert sympy.expand(found - derive.universal(expansion.readout)) == 0
    assert read(document["universal"]["shuffled_loss"]) == [1, 0, 0, 0, 0]
    assert {"lam", "y", "delta"} <= set(document["symbols"])


def test_universal_names_are_those_of_the_functions_and_of_learning_end():
    document = printed(5, singular_values=3)
    observed = {"readout", "loss", "gradient_norm", "frobenius_norm", "s1", "s2", "s3", "sharpness"}
    assert set(document["universal"]) == observed | set(document["learning_end"])
    # s_3 = zhat^5 beta^10 (beta - 1) tau^5/360: beta/zhat times it tends to y^2 ttilde^5/360
    assert read(document["universal"]["s3"]) == [0, 0, 0, 0, 0, NAMES["y"] ** 2 / 360]


def test_at_g0_the_limit_is_left_out_and_two_leading_terms_remain():
    document = printed(4, g0=True)
    assert "universal" not in document
    assert document["leading_singular_values"] == ["zhat", "zhat**3/12", "0", "0", "0"]
    assert document["outlier_equation"][2] == "(-zhat**2)/lam"


@pytest.mark.parametrize("options", [{"alignment": "rho"}, {"train": "W,m,w"}, {"train": "m,w"}])
def test_other_tasks_print_none_of_it_in_any_form(options):
    document = printed(3, **options)
    assert not {"outlier_equation", "leading_singular_values", "universal"} & set(document)
    rendering = Rendering(Request(3, **options))
    for form in ("text", "latex", "python"):
        text = rendering.printed(form)
        assert not any(word in text for word in ("D(lam", "outliers of W", r"\lim", "caling functions"))
