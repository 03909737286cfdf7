"""``derive modes TARGET.json``: every format says the same as the expansion, and refusals are one line."""

import json

import mpmath
import numpy as np
import pytest
import sympy
from in_process import derive_here
from numpy.testing import assert_allclose
from pdflatex import compiled, needs_latex

from derive import MatrixTask, expand

TARGET = [[0.5, 0.2], [-0.1, 0.4], [0.1, 0.3]]
ORDER, TAU, G = 5, 0.08, 0.5


@pytest.fixture
def derive(tmp_path, monkeypatch):
    """derive(text of TARGET.json, *arguments) -> (exit status, output, complaint)."""
    monkeypatch.chdir(tmp_path)

    def call(content, *arguments):
        if content is not None:
            (tmp_path / "TARGET.json").write_text(content)
        done = derive_here("modes", "TARGET.json", *arguments)
        return done.returncode, done.stdout, done.stderr

    return call


def printed(derive, form, *arguments, target=TARGET):
    status, output, complaint = derive(
        json.dumps(target), "--order", str(ORDER), "--format", form, *arguments
    )
    assert (status, complaint) == (0, "")
    return output


def module_of(source):
    namespace = {}
    exec(source, namespace)
    return namespace


@pytest.fixture
def expansion():
    return expand(MatrixTask(TARGET), ORDER)


def test_the_module_is_the_expansion(derive, expansion):
    module = module_of(printed(derive, "python"))
    assert (module["ORDER"], module["SYSTEM"]) == (ORDER, "fixed-point modes")
    assert module["TARGET"] == tuple(map(tuple, TARGET))
    assert_allclose(module["readout"](TAU, G), expansion.readout(TAU, G), rtol=1e-14)
    assert_allclose(module["singular_values"](TAU, G), expansion.singular_values(TAU, G), rtol=1e-13)
    for name in ("loss", "frobenius_norm"):
        assert module[name](TAU, G) == pytest.approx(getattr(expansion, name)(TAU, G), rel=1e-14)


def test_the_json_recombines_to_the_module(derive):
    document, module = json.loads(printed(derive, "json")), module_of(printed(derive, "python"))
    symbols = dict(zip(("zhat", "beta"), sympy.symbols("zhat beta"), strict=True))
    beta = 1 / (1 - G * G)

    def value(coefficients, zhat):
        functions = (sympy.lambdify(symbols.values(), sympy.sympify(c, locals=symbols)) for c in coefficients)
        return sum(f(zhat, beta) * TAU**k for k, f in enumerate(functions))

    def of_modes(coefficients):
        return [value(coefficients, mode["zhat"]) for mode in document["modes"]]

    Z = sum(
        z * np.outer(mode["left"], mode["right"])
        for z, mode in zip(of_modes(document["readout"]), document["modes"], strict=True)
    )
    assert_allclose(Z, module["readout"](TAU, G), rtol=1e-13)
    assert sum(of_modes(document["loss"])) == pytest.approx(module["loss"](TAU, G), rel=1e-13)
    norm = np.linalg.norm(of_modes(document["frobenius_norm"]))
    assert norm == pytest.approx(module["frobenius_norm"](TAU, G), rel=1e-13)
    singular = np.concatenate([of_modes(series) for series in document["singular_values"]])
    assert_allclose(np.sort(singular)[::-1], module["singular_values"](TAU, G), rtol=1e-12)
    assert document["target"] == TARGET


def test_arrays_and_many_digits_pass_through_the_module(derive):
    module = module_of(printed(derive, "python"))
    tau = np.array([0.0, TAU])
    Z = np.array(module["readout"](tau, G))
    assert_allclose(Z[..., 1], module["readout"](TAU, G), rtol=1e-14)
    assert not Z[..., 0].any()
    values = [np.array(module["mode_singular_values"](tau, zhat, G)) for zhat, _, _ in module["MODES"]]
    assert values[0].shape == (2, 2)
    with mpmath.workdps(40):
        point = mpmath.mpf(TAU), mpmath.mpf(G)
        assert mpmath.almosteq(module["readout"](*point)[0][0], module["readout"](TAU, G)[0][0], 1e-14)
        assert isinstance(module["singular_values"](*point)[0], mpmath.mpf)


def test_text_shows_modes_and_series(derive):
    text = printed(derive, "text", "--singular-values", "3")
    first = np.linalg.svd(TARGET, compute_uv=False)[0]
    for shown in ("4*zhat**3*beta**7/3", f"{first:.8g}", "Z(tau) = sum over modes", "s3 of W - W0"):
        assert shown in text  # Eq. 15 at tau^3 among them
    deficient = printed(derive, "text", target=[[0.1, 0.2], [0.3, 0.6]])
    assert "rank 1; where zhat = 0 nothing is learned" in deficient


def test_at_g_0_the_strength_may_be_left_out(derive):
    module = module_of(printed(derive, "python", "--g0"))
    assert_allclose(module["readout"](TAU), expand(MatrixTask(TARGET), ORDER).readout(TAU, 0.0), rtol=1e-14)
    assert "beta" not in " ".join(json.loads(printed(derive, "json", "--g0"))["readout"])


@pytest.mark.parametrize("target", [[[0, 0]], [[1]], [[1], [2]]])
def test_small_and_zero_targets_run(derive, target):
    module = module_of(printed(derive, "python", target=target))
    assert np.array(module["readout"](TAU, G)).shape == np.array(target).shape
    assert len(module["singular_values"](TAU, G)) == (2 if any(map(any, target)) else 0)
    assert module["loss"](0.0, G) == pytest.approx(np.sum(np.square(target)) / 2)


@needs_latex
@pytest.mark.parametrize("target", [TARGET, [[0, 0]]])
def test_latex_compiles(derive, tmp_path, target):
    log = compiled(tmp_path, printed(derive, "latex", "--standalone", target=target))
    assert "Overfull" not in log
    assert "undefined" not in log.lower()


def test_every_symbol_of_the_formulas_is_a_macro(derive):
    fragment = printed(derive, "latex", "--singular-values", "3")
    body = "\n".join(line for line in fragment.splitlines() if not line.startswith((r"\providecommand", "%")))
    numbers_aside = body.replace(r")^{\top}", ")")  # a column of numbers, printed as a row
    for raw in (r"\tau", r"\beta", r"\hat", r"\top", r"\mathcal", "Delta"):
        assert raw not in numbers_aside
    for macro in ("drvZhat", "drvleft_{2}", "drvnormone", "drvs_{3}"):
        assert macro in body


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (None, "--order 3", "TARGET.json: No such file"),
        ("{", "--order 3", "not JSON"),
        ("3", "--order 3", "not a list of rows"),
        ("[1, 2]", "--order 3", "not a list of rows"),
        ("[]", "--order 3", "of shape"),
        ("[[], []]", "--order 3", "of shape"),
        ("[[1], [1, 2]]", "--order 3", "of one length"),
        ('[[1, "2"]]', "--order 3", 'entry "2" is no number'),
        ("[[true]]", "--order 3", "entry true is no number"),
        ("[[[1]]]", "--order 3", "entry [1] is no number"),
        ("[[null]]", "--order 3", "entry null is no number"),
        (json.dumps(np.eye(41).tolist()), "--order 3", "at most 40 outputs or inputs"),
        (json.dumps([[1]] * 1001), "--order 3", "a side of more than 1000 entries"),
        ("[[NaN]]", "--order 3", "not finite"),
        ("[[1e999999999]]", "--order 3", "not finite"),
        ("[[1]]", "", "no --order"),
        ("[[1]]", "--order 0", "--order 0: allowed are integers >= 1"),
        ("[[1]]", "--order 99", "from 1 to 30"),
        ("[[1]]", "--order 4 --singular-values 3", "order >= 5 is needed"),
        ("[[1]]", "--order 3 --format xml", "text, json, latex, python"),
        ("[[1]]", "--order 3 --standalone", "--format latex"),
        ("[[1]]", "--order 3 --out no/folder", "--out no/folder: cannot write"),
    ],
)
def test_bad_input_is_one_line(derive, tmp_path, content, arguments, message):
    status, output, complaint = derive(content, *arguments.split())
    assert (status, output, len(complaint.splitlines())) == (2, "", 1)
    assert message in complaint
    assert any(word in complaint for word in ("allowed", "needed"))
    assert {path.name for path in tmp_path.iterdir()} <= {"TARGET.json"}
