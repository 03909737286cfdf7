"""Records over the (g, zhat) plane, and the commands that print them."""

import csv
import io
import json

import numpy as np
import pytest
from in_process import derive_here, refusal

from derive.exact.limit import learning_curve
from derive.series.scalar_series import integral
from derive.tasks.surveys import learning_record, radius_record


def test_first_order_laws_at_small_targets():
    """At zhat -> 0 the readout is zhat (1 - exp(-ttilde)): tau* = log(1/sqrt(0.05))/beta^2, |dW| = zhat/beta,
    with corrections zhat^2 beta."""
    record = learning_record(0.6, 0.01)
    assert record["ttilde_star"] == pytest.approx(np.log(20) / 2, rel=1e-3)
    assert record["change"] == pytest.approx(0.01 * 0.64, rel=1e-3)
    assert record["tau_star_normalised"] == pytest.approx(record["tau_star_first_order"], rel=1e-3)


def test_order_1_is_what_the_paper_prints():
    """tau* = 1/beta^2 at delta = 1, |dW| = zhat/beta, |dW/dtau| = zhat beta, L = L0 g^4 (2 - g^2)^2."""
    g, zhat = 0.7, 0.3
    beta = 1 / (1 - g**2)
    record = learning_record(g, zhat, fraction=0.25, orders=(1,))
    assert record["tau_star_order_1"] == pytest.approx(0.5 / beta**2)  # delta = 1 - sqrt(0.25)
    assert record["change_order_1"] == pytest.approx(zhat / beta)
    assert record["change_learned_order_1"] == pytest.approx(zhat / beta / 2)
    assert record["gradient_order_1"] == pytest.approx(zhat * beta)
    assert record["shuffled_loss_order_1"] == pytest.approx(g**4 * (2 - g**2) ** 2)
    assert record["shuffled_loss_first_order"] == pytest.approx(g**4 * (2 - g**2) ** 2)


def test_higher_orders_approach_the_exact_values_of_the_same_moment():
    """zhat^2 beta = 0.01: errors fall like 2^-K at delta = 1/2, and like (zhat^2 beta)^(K/2) at delta = 1."""
    record = learning_record(0.6, 0.08, fraction=0.25, orders=(2, 6, 10))
    for name in (
        "tau_star",
        "change",
        "change_learned",
        "gradient",
        "shuffled_loss",
        "shuffled_loss_learned",
    ):
        errors = [abs(record[f"{name}_order_{k}"] / record[name] - 1) for k in (2, 6, 10)]
        assert errors[2] < errors[1] / 4 < errors[0] / 16, name
        assert errors[2] < 1e-3, name


def test_text_has_a_row_for_each_quantity():
    lines = derive_here("learning-times", "--g", "0.6", "--zhat", "1", "--orders", "2,4").stdout.splitlines()
    assert len(lines) == 7
    assert lines[0].split()[-5:] == ["order", "2", "order", "4", "law"]


def test_strong_connectivity_leaves_the_first_order_laws():
    """As zhat^2 beta grows, tau* ~ beta^(-5/2)/zhat and |dW| ~ beta^(-3/2), not beta^-2 and zhat/beta."""
    strong = [learning_record(g, 2.0) for g in (0.9999, 0.99999)]
    beta = [1 / (1 - g * g) for g in (0.9999, 0.99999)]
    slopes = [np.log(strong[1][k] / strong[0][k]) / np.log(beta[1] / beta[0]) for k in ("tau_star", "change")]
    assert slopes == pytest.approx([-2.5, -1.5], abs=0.01)


@pytest.mark.parametrize("g", [0.0, 0.9, 0.9999])
def test_large_targets(g):
    """As A = zhat sqrt(beta) grows, z stays far below zhat until T comes close to T*, whatever zhat is:

    A ttilde* -> beta^(3/2) integral_0^{T*} D^2 dT and W - W0 -> C(T*), with corrections of order 1/A.
    """
    A, beta = 1000.0, 1 / (1 - g * g)
    record, path = learning_record(g, A / beta**0.5), learning_curve(g, 1.0).path
    whole = integral(lambda T: path.scalars(T)[0] ** 2, np.unique(np.append(path.starts, path.end)))
    assert A * record["ttilde_star"] == pytest.approx(beta**1.5 * whole, rel=10 / A)
    assert record["change"] == pytest.approx(np.linalg.norm(path.change(np.array(path.end))), rel=10 / A)


def test_radius_against_learning():
    record = radius_record(0.6, 2.0)
    assert record["radius"] == pytest.approx(0.18984, abs=1e-5)
    assert record["trusted"] == pytest.approx(0.71, abs=0.01)


@pytest.mark.parametrize(
    "arguments",
    [
        ("radius", "--g", "0,0.5", "--zhat", "1"),
        ("learning-times", "--g", "0:0.9:3", "--zhat", "0.5,1"),
        ("stability", "--g", "0.6", "--zhat", "1", "--multiples", "0.5,2", "--epochs", "100"),
    ],
)
def test_formats(arguments):
    rows = list(csv.DictReader(io.StringIO(derive_here(*arguments, "--format", "csv").stdout)))
    records = json.loads(derive_here(*arguments, "--format", "json").stdout)
    assert len(rows) == len(records)
    assert [float(r["zhat"]) for r in rows] == [r["zhat"] for r in records]


def test_curve_json():
    document = json.loads(
        derive_here("curve", "--g", "0.6", "--zhat", "2", "--times", "0.1,0.25", "--format", "json").stdout
    )
    assert document["ttilde"] == [0.1, 0.25]
    assert document["readout"][1] == pytest.approx(1.0474760, abs=1e-7)
    assert len(document["singular_values"]) == 2
    assert document["accuracy"] < 1e-10
    assert document["radius"] == pytest.approx(0.18984, abs=1e-5)


def test_curve_of_descent():
    rows = derive_here(
        "curve", "--g", "0", "--zhat", "1", "--learning-rate", "0.1", "--epochs", "3", "--format", "csv"
    )
    assert len(rows.stdout.splitlines()) == 5


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ("curve", "--g", "0.6", "--zhat", "2"),
        ("radius", "--g", "0:0.5:2", "--zhat", "0.5:1:2"),
        ("learning-times", "--g", "0:0.5:2", "--zhat", "0.5,1"),
    ],
)
def test_figures(tmp_path, command):
    out = tmp_path / "figure.png"
    assert derive_here(*command, "--format", "png", "--out", str(out)).returncode == 0
    assert out.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("curve", "--g", "1", "--zhat", "2"), "--g 1: allowed is 0 <= G < 1"),
        (("curve", "--g", "0.6", "--zhat", "0"), "--zhat 0: allowed"),
        (("curve", "--g", "0.6", "--zhat", "2", "--times", "0.1,-1"), "--times -1: allowed"),
        (("curve", "--g", "0.6", "--zhat", "2", "--until", "-1"), "--until -1: allowed"),
        (("curve", "--g", "0.6", "--zhat", "2", "--tolerance", "1e-15"), "allowed is tolerance >="),
        (("curve", "--g", "0.6", "--zhat", "2", "--epochs", "5"), "belong together"),
        (("curve", "--g", "0.6", "--zhat", "2", "--format", "png"), "--out FILE"),
        (("radius", "--g", "1.5"), "--g 1.5: allowed is 0 <= G < 1"),
        (("radius", "--zhat", "1:2"), "LOW:HIGH:COUNT"),
        (("learning-times", "--orders", "1,21"), "--orders 1,21: allowed are integers from 1 to 20"),
        (("learning-times", "--orders", "0"), "--orders 0: allowed are integers >= 1"),
        (("stability", "--epochs", "0"), "--epochs 0: allowed"),
    ],
)
def test_bad_input_is_one_line(arguments, message):
    assert message in refusal(derive_here(*arguments))
