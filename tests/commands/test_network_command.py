"""``derive network``: one network's Taylor coefficients, and the formula in its overlaps, in every format."""

import json
import re
import types
from functools import partial

import numpy as np
import pytest
import sympy
from in_process import derive_here, refusal
from pdflatex import compiled, needs_latex
from slow_cases import slow_but

import derive
from derive import FixedPointTask, Instance, expand, gradient_flow

FLOW_TOLERANCE = 2.3e-14  # of a step, relative: the least that the integrator takes

TRAIN = [("W",), ("m",), ("W", "m"), ("W", "m", "w")]


run = partial(derive_here, "network")


def module(source):
    found = types.ModuleType("network")
    exec(compile(source, "network", "exec"), found.__dict__)
    return found


@pytest.fixture(scope="module")
def network():
    """Neither m nor w is of norm 1, and they overlap."""
    drawn = Instance.sample(12, 0.5, 4)
    return Instance(drawn.W0, 1.1 * drawn.m, 0.7 * drawn.w + 0.3 * drawn.m)


@pytest.fixture(scope="module")
def path(network, tmp_path_factory):
    file = tmp_path_factory.mktemp("network") / "network.npz"
    np.savez(file, W0=network.W0, m=network.m, w=network.w)
    return file


@pytest.mark.parametrize("train", TRAIN)
@pytest.mark.parametrize("zhat", [0.9, -0.6])
def test_python_of_one_network_follows_its_flow(network, path, train, zhat):
    """Error of order tau^(K+1) against the flow of the full network, above and below z(0)."""
    order = 6
    arguments = (path, "--order", order, "--zhat", zhat, "--train", ",".join(train), "--format", "python")
    printed = run(*arguments)
    assert printed.returncode == 0, printed.stdout
    found = module(printed.stdout)
    times = np.array([0.05, 0.1]) / abs(found.READOUT[1] / found.READOUT[0])
    flow = gradient_flow(network, zhat, times, FLOW_TOLERANCE, train)
    a, b = network.chains(order)
    errors = [flow.readout - found.readout(times)]
    if "W" in train:
        changes = [found.connectivity(t) for t in times]
        W = [sum(c * np.outer(a[i], b[j]) for (i, j), c in change.items()) for change in changes]
        errors.append([np.linalg.norm(x - y) for x, y in zip(flow.change, W, strict=True)])
        errors.append([np.linalg.norm(W) for W in flow.change] - found.frobenius_norm(times))
        leading = np.linalg.svd(flow.change, compute_uv=False)[:, 0]
        errors.append(leading - found.singular_values(times)[0])
    if "m" in train:
        kappa = np.array(list(found.input_change(times).values()))
        errors.append(np.linalg.norm(flow.input_change - kappa.T @ a, axis=1))
    if "w" in train:
        omega = np.array(list(found.readout_change(times).values()))
        errors.append(np.linalg.norm(flow.readout_change - omega.T @ b, axis=1))
    for early, late in np.abs(errors):
        # the power is order + 1 as tau -> 0; 0.5 allows for the next term
        assert np.log2(late / early) == pytest.approx(order + 1, abs=0.5)


def test_json_and_text_of_one_network_hold_its_coefficients(network, path):
    document = json.loads(
        run(path, "--order", 9, "--zhat", 0.9, "--singular-values", 3, "--format", "json").stdout
    )
    series = expand(FixedPointTask(), 9).evaluate(network, 0.9)
    assert document["readout"] == series.readout
    assert document["gradient_norm"] == series.gradient_norm
    assert document["singular_values"] == series.singular_values(3)
    assert (document["size"], document["train"], document["order"]) == (12, ["W"], 9)
    assert {(c["i"], c["j"]): c["coefficients"] for c in document["C"]} == series.C
    assert document["C"][1]["left"] == "B' w"
    text = run(path, "--order", 9, "--zhat", 0.9).stdout
    assert f"{series.readout[9]:.10g}" in text


@pytest.mark.slow
@pytest.mark.parametrize("train", TRAIN)
def test_json_of_the_formula_reads_back(network, train):
    order = 4
    document = json.loads(run("--order", order, "--train", ",".join(train), "--format", "json").stdout)
    values = derive.overlap_values(network, order) | {"zhat": 0.9}
    series = expand(FixedPointTask(train=train), order).evaluate(network, 0.9)

    def numbers(texts):
        return [float(sympy.sympify(text).subs(values)) for text in texts]

    assert numbers(document["readout"]) == pytest.approx(series.readout, rel=1e-12)
    for entry in document.get("C", []):
        expected = series.C[entry["i"], entry["j"]]
        assert numbers(entry["coefficients"]) == pytest.approx(expected, rel=1e-12)
    for name, expected in (("kappa", series.kappa), ("omega", series.omega)):
        assert [
            pytest.approx(numbers(e["coefficients"]), rel=1e-12) for e in document.get(name, [])
        ] == expected


@pytest.mark.parametrize("train", slow_but(TRAIN[:2], TRAIN))
def test_python_of_the_formula_gives_the_network(network, train):
    order = 5
    found = module(run("--order", order, "--train", ",".join(train), "--format", "python").stdout)
    every = derive.overlap_values(network, order)
    overlaps = {name: every[name] for name in found.OVERLAPS}  # no others are read
    series = expand(FixedPointTask(train=train), order).evaluate(network, 0.9)
    tau = np.array([0.02, 0.05])
    value = np.polynomial.polynomial.polyval
    assert found.readout(tau, 0.9, overlaps) == pytest.approx(value(tau, series.readout), rel=1e-12)
    if "W" in train:
        for pair, C in found.connectivity(tau, 0.9, overlaps).items():
            assert pytest.approx(value(tau, series.C[pair]), rel=1e-12) == C
    if "m" in train:
        for kappa, expected in zip(found.input_change(tau, 0.9, overlaps), series.kappa, strict=True):
            assert kappa == pytest.approx(value(tau, expected), rel=1e-12)
    if "w" in train:
        for omega, expected in zip(found.readout_change(tau, 0.9, overlaps), series.omega, strict=True):
            assert omega == pytest.approx(value(tau, expected), rel=1e-12)


def test_python_of_the_formula_keeps_many_digits(network):
    import mpmath

    found = module(run("--order", 3, "--format", "python").stdout)
    with mpmath.workdps(40):
        overlaps = {name: mpmath.mpf(n + 1) / 7 for n, name in enumerate(found.OVERLAPS)}
        value = found.readout(mpmath.mpf(1) / 10, mpmath.mpf(1) / 3, overlaps)
        exact = sum(
            c.subs({s: sympy.Rational(1, 3) for s in [derive.zhat]}).subs(
                {name: sympy.Rational(n + 1, 7) for n, name in enumerate(found.OVERLAPS)}
            )
            / 10**k
            for k, c in enumerate(derive.overlap_formula(3).readout)
        )
        assert abs(value - mpmath.mpf(exact.p) / exact.q) < 1e-37


@needs_latex
@pytest.mark.parametrize("numbers", [False, True])
def test_latex_compiles_and_fits_the_page(tmp_path, path, numbers):
    of_file = (path, "--zhat", 0.9) if numbers else ()
    fragment = run(*of_file, "--order", 5, "--train", "W,m,w", "--format", "latex").stdout
    paper = r"\documentclass[11pt]{article}\usepackage[a4paper, margin=25mm]{geometry}\usepackage{amsmath}"
    document = rf"{paper}\allowdisplaybreaks\begin{{document}}{fragment}\end{{document}}"
    log = compiled(tmp_path, document)
    assert all(float(points) < 10 for points in re.findall(r"Overfull \\hbox \((\S+)pt", log))


def test_same_bytes_from_any_folder(path, tmp_path):
    other = tmp_path / path.name
    other.write_bytes(path.read_bytes())
    for form in ("python", "latex", "json"):
        printed = [run(x, "--order", 3, "--zhat", 0.9, "--format", form).stdout for x in (path, other)]
        assert printed[0] == printed[1]
    out = tmp_path / "network.py"
    run(path, "--order", 3, "--zhat", 0.9, "--format", "python", "--out", out)
    assert out.read_text().startswith(
        "# Made by the command: derive network network.npz --order 3 --zhat 0.9 --format python\n"
    )


def test_bad_input_is_one_line(path, tmp_path, network):
    np.savez(tmp_path / "singular.npz", W0=np.eye(2), m=np.ones(2), w=np.ones(2))
    file, singular, start = str(path), str(tmp_path / "singular.npz"), str(expand_start(network))
    bad = [
        ((), "no --order given"),
        (("--order", "0"), "--order 0: allowed are integers >= 1"),
        (("--order", "2", "--zhat", "1"), "--zhat 1: allowed with a FILE"),
        (("--order", "2", "--singular-values", "1"), "--singular-values 1: allowed with a FILE"),
        (("--order", "13"), "allowed with --yes"),
        (("--order", "2", "--train", "x"), "--train x: allowed is a non-empty subset"),
        (("--order", "2", "--format", "csv"), "--format csv: allowed are text, json, latex, python"),
        ((file, "--order", "2"), "--zhat is missing"),
        ((file, "--order", "2", "--zhat", "nan"), "--zhat nan: allowed is a number"),
        ((file, "--order", "2", "--zhat", start), "the readout starts at zhat"),
        ((file, "--order", "41", "--zhat", "1"), "integers from 1 to 40"),
        ((file, "--order", "40", "--zhat", "1e30"), "of a size from 1e-15 to 1e+15"),
        ((file, "--order", "4", "--zhat", "1", "--singular-values", "2"), "order >= 5 is needed"),
        ((singular, "--order", "2", "--zhat", "1"), "I - W0 is singular"),
        (("none.npz", "--order", "2", "--zhat", "1"), "No such file"),
    ]
    for arguments, message in bad:
        assert message in refusal(derive_here("network", *arguments))


def expand_start(network):
    return expand(FixedPointTask(), 1).evaluate(network, 1.0).readout[0]
