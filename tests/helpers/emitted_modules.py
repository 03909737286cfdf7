"""Modules of every subject, and points that their functions take."""

from functools import cache

import numpy as np

import derive
from derive.document.closed_form import ClosedFormReport
from derive.document.network_formula import network_formula
from derive.document.network_numbers import network_numbers
from derive.document.overlaps.learning_series_request import LearningSeriesRequest
from derive.document.request import Request
from derive.overlaps.gram_flow import gram_flow
from derive.overlaps.learning_series import learning_series
from derive.overlaps.preconditioner import whole_preconditioner
from derive.overlaps.problem import OverlapProblem
from derive.tasks.modes import MatrixTask
from derive.words.letters import parse_word
from derive.write.modules.closed_form_functions import closed_form_module
from derive.write.modules.expansion import expansion_module
from derive.write.modules.flow import flow_module
from derive.write.modules.learning_series import learning_series_module
from derive.write.modules.modes import modes_module
from derive.write.modules.moment import moment_module
from derive.write.modules.network_formula import formula_module
from derive.write.modules.network_numbers import numbers_module
from derive.write.modules.overlap import overlap_module
from derive.write.modules.preconditioner import preconditioner_module
from derive.write.render import Rendering

SMOOTH = derive.Flow(
    derive.Ensemble(["w", "m", "f"], {"f.w": "rho"}),
    readouts={"z": "w' R m", "q": "w' R f"},
    velocity={"W": "exp(-q) tanh(zhat - z) sqrt(2 + q) log(3 + q) f m' R'"},
    parameters={"zhat": "3/2", "rho": "1/2"},
)
"""A flow whose coefficients hold functions of its parameters."""
OPTIONS = {
    "": {},
    "g0": {"g0": True},
    "rho": {"alignment": "rho"},
    "number": {"alignment": "-3/10"},
    "all": {"train": "W,m,w"},
    "m": {"train": "m"},
    "g0 rho": {"g0": True, "alignment": "rho", "train": "W,m"},
}
OVERLAPS = {name: "1/5" if name[0] != name[1] else "1" for name in OverlapProblem().names}


@cache
def expansion_of(order, option=""):
    request = Request(order, **OPTIONS[option])
    return expansion_module(Rendering(request).expansion, request, "Made here")


@cache
def closed_form(nodes):
    form = derive.closed_form(0.6, nodes=nodes)
    return closed_form_module(ClosedFormReport("0.6", 0.6, form, np.array([0.1])), "Made here")


def _modes(language):
    target = derive.expand(MatrixTask([[0.5, 0.2], [-0.1, 0.4], [0.1, 0.3]]), 4)
    return modes_module(target, Request(4), "Made here", language)


def _numbers(language):
    random = np.random.default_rng(3)
    m, w = random.normal(size=(2, 8)) / np.sqrt(8)
    instance = derive.Instance(random.normal(size=(8, 8)) * 0.2, m, w)
    numbers = network_numbers(instance, "network.npz", 4, 0.7, ("W", "m", "w"), 1)
    return numbers_module(numbers, "Made here", language)


def _series(language):
    symbols = {**OVERLAPS, "zm": "x", "uu": "double", "vu": "3/10"}
    request = LearningSeriesRequest(2, symbols, "c")
    return learning_series_module(learning_series(symbols, "c", 2), request, "Made here")


OTHERS = {
    "modes": _modes,
    "network": lambda _: formula_module(network_formula(3, ("W", "m", "w")), "Made here"),
    "numbers": _numbers,
    "moment": lambda _: moment_module(parse_word("B B[lam] B' B[s]' B B'"), "Made here"),
    "series": _series,
    "overlap": lambda _: overlap_module(gram_flow(OverlapProblem(2, frozen=("m",))), "Made here"),
    "closed form 1": lambda _: closed_form(1),
    "closed form 2": lambda _: closed_form(2),
    "flow": lambda _: flow_module(derive.expand(SMOOTH, 2), "smooth", "Made here"),
    "preconditioner": lambda _: preconditioner_module(whole_preconditioner(OverlapProblem()), "Made here"),
}


@cache
def other_module(name, language="python"):
    """The module of another subject, of `OTHERS`."""
    return OTHERS[name](language)


RANGES = {"tau": (0.0, 0.05), "zhat": (0.5, 1.5), "g": (0.0, 0.7), "delta": (0.0, 0.7), "rho": (-0.3, 0.3)}
RANGES |= {"lam": (1.2, 2.0), "s": (-2.0, -1.2), "y": (0.1, 1.5), "ttilde": (0.0, 0.2), "c": (0.5, 2.0)}


def point(function, seed=0, at_g0=False):
    """Arguments for a function: numbers, and dictionaries of numbers."""
    random = np.random.default_rng(seed)
    values = []
    for argument in function.arguments:
        if argument.keys:
            values.append({key: float(random.uniform(0.2, 1.2)) for key in argument.keys})
        elif argument.name == "g" and at_g0:
            values.append(0.0)
        else:
            values.append(float(random.uniform(*RANGES.get(argument.name, (0.1, 0.5)))))
    return values


def flat(result):
    """The numbers of a result in order, whatever their structure."""
    if isinstance(result, dict):
        return [x for value in result.values() for x in flat(value)]
    if isinstance(result, tuple | list):
        return [x for value in result for x in flat(value)]
    return [result]
