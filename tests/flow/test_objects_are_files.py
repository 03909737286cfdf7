"""Every example once more, as objects of Python: one expansion, one repr, one LaTeX with its file."""

import pytest
from project import ROOT

import derive
from derive.document.flow import flow_document
from derive.document.model import Layout
from derive.write.writers import WRITERS

FILES = ROOT / "docs" / "flows"
WM = derive.Ensemble(["w", "m"], g="3/5")
SQUARED = "(zhat - z)**2/2"
EPS = {"eps": "zhat - z"}
Z = {"z": "w' R m"}


def rule(velocity, title, readouts=Z, ensemble=WM, definitions=EPS, **parameters):
    return derive.Flow(
        ensemble, readouts, velocity=velocity, definitions=definitions, parameters=parameters, title=title
    )


def descent(loss, title, readouts=Z, ensemble=WM, train="W", **parameters):
    return derive.Flow(ensemble, readouts, loss=loss, train=train, parameters=parameters, title=title)


OBJECTS = {
    "gradient": descent(SQUARED, "gradient flow of the fixed-point task", zhat="3/2"),
    "weight_decay": rule({"W": "eps R' w m' R' - lam W"}, "weight decay", zhat="3/2", lam="1/10"),
    "weight_decay_from_start": rule(
        {"W": "eps R' w m' R' - lam (W - W0)"}, "weight decay on what was learned", zhat="3/2", lam="1/10"
    ),
    "feedback_alignment": rule(
        {"W": "eps f m' R'"},
        "feedback alignment",
        Z | {"alignment": "w' R f"},
        derive.Ensemble(["w", "m", "f"], {"f.w": "rho"}, g="3/5"),
        zhat="3/2",
        rho="1/2",
    ),
    "momentum": rule(
        {"W": "V", "V": "eps R' w m' R' - mu V"}, "momentum flow", zhat="3/2", mu="1/2"
    ),
    "nesterov": rule(
        {"W": "V + s (G - mu V)", "V": "G - mu V"},
        "Nesterov flow, W the point that is looked ahead to",
        definitions=EPS | {"G": "eps R' w m' R'"},
        zhat="3/2",
        mu="1/2",
        s="1/4",
    ),
    "quartic_loss": descent("(zhat - z)**4/4", "quartic loss", zhat="3/2"),
    "cross_entropy": descent("log(1 + exp(z)) - y z", "cross-entropy with a logistic readout", y="1"),
    "delay_memory": descent(
        "z1**2/2 + z2**2/2 + (zhat - z3)**2/2",
        "memory over three steps",
        {"z1": "w' W m", "z2": "w' W^2 m", "z3": "w' W^3 m"},
        zhat="1",
    ),
    "frequency": descent(
        "abs(zhat - z)**2/2",
        "steady response to a frequency",
        {"z": "w' R(1 + I*omega) m"},
        zhat="1",
        omega="1/2",
    ),
    "two_frequencies": descent(
        "abs(zhat - z)**2/2 + abs(zhat - y)**2/2",
        "steady responses to two frequencies at once",
        {"z": "w' R(1 + I/2) m", "y": "w' R(1 + I) m"},
        derive.Ensemble(["w", "m"], g="2/5"),
        zhat="1",
    ),
    "sensory_noise": descent(
        "(zhat - z)**2/2 + sigma noise/2",
        "noise at the input",
        Z | {"noise": "w' R R' w"},
        zhat="1",
        sigma="1/4",
    ),
    "two_outputs": descent(
        "(zhat - z)**2/2 + (zhat - y)**2/2",
        "two outputs that share one target",
        Z | {"y": "v' R m"},
        derive.Ensemble(["w", "v", "m"], g="3/5"),
        zhat="1",
    ),
    "feedforward_chain": descent(
        SQUARED, "linear feedforward chain of three layers", {"z": "w' W m"}, train=["W", "w", "m"], zhat="1"
    ),
    "hebbian": rule(
        {"W": "eta R m m' R' - lam (W - W0)"},
        "Hebbian rule with decay to the start",
        Z | {"power": "m' R' R m"},
        derive.Ensemble(["m", "w"], g="3/5"),
        {},
        eta="1/2",
        lam="1",
    ),
}  # fmt: skip


def test_every_example_is_here():
    assert set(OBJECTS) == {path.stem for path in FILES.glob("*.toml")}


@pytest.mark.parametrize("name", OBJECTS)
def test_objects_and_file_agree(name):
    made, read = OBJECTS[name], derive.read_flow(FILES / f"{name}.toml")
    assert made == read
    assert (repr(made), made._repr_latex_()) == (repr(read), read._repr_latex_())
    order = 1 if name == "two_frequencies" else 2
    mine, its = derive.expand(made, order), derive.expand(read, order)
    assert mine.series.keys() == its.series.keys()
    assert mine.observables.keys() == its.observables.keys()
    every = {**mine.series, **mine.observables}
    for key, series in {**its.series, **its.observables}.items():
        assert series.texts() == every[key].texts(), key
        assert repr(series) == repr(every[key]), key
    assert mine._repr_latex_() == its._repr_latex_()
    assert mine._repr_latex_().count("$") >= 2
    documents = [flow_document(expansion, f"{name}.toml") for expansion in (mine, its)]
    for form in ("latex", "json", "text"):
        assert len({WRITERS[form](document, Layout()) for document in documents}) == 1, form
