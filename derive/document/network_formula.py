"""The expansion of any one network before an average is taken, in its named overlaps (THEORY 2).

    ww_n = w^T (B B^T)^n w,      mm_n = m^T (B^T B)^n m,      wm_n = w^T B (B^T B)^n m,
    W - W0 = sum_ij C_ij a_i b_j^T,     m(tau) - m = sum_i kappa_i a_i,     w(tau) - w = sum_j omega_j b_j,

as text and JSON; `network_formula_latex` and `network_formula_python` print the same.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flint import fmpq_mpoly

from derive.document.request import HEADER
from derive.observables.instance_series import ChainSeries
from derive.observables.overlap_formula import overlap_names, overlap_series
from derive.series.polynomial_text import flint_text
from derive.words.words import OuterProduct, chain_word

MEANING = {
    "tau": "learning time, learning rate times epochs",
    "zhat": "target of the readout",
    "ww_n": "w' (B B')**n w",
    "mm_n": "m' (B' B)**n m",
    "wm_n": "w' B (B' B)**n m; wm_0 is the readout before learning",
    "B": "(I - W0)^-1; a prime is the transpose",
    "a_i": "a_0 = B' w, a_i = B' b_(i-1)",
    "b_j": "b_0 = B m, b_j = B a_(j-1)",
}
CHANGES = {
    "C": "W(tau) - W0 = sum of C_ij a_i b_j'",
    "kappa": "m(tau) - m = sum of kappa_i a_i",
    "omega": "w(tau) - w = sum of omega_j b_j",
}
CHANGE_FUNCTIONS = {"C": "connectivity", "kappa": "input_change", "omega": "readout_change"}
WIDTH = 90
ERROR = "(zhat - wm_0)"  # of the readout before learning, d in the polynomials


@dataclass(frozen=True)
class NetworkFormula:
    """The expansion through tau^order, ``train`` learning; coefficients are polynomials of flint."""

    order: int
    train: tuple[str, ...]
    series: ChainSeries

    @property
    def symbols(self) -> list[str]:
        """The variables of the polynomials, in their order; d = zhat - wm_0."""
        return ["d", *overlap_names(self.order)]

    def header(self, form: str) -> str:
        """The provenance line."""
        train = "" if self.train == ("W",) else f" --train {','.join(self.train)}"
        return f"{HEADER} derive network --order {self.order}{train} --format {form}"


def network_formula(order: int, train: tuple[str, ...]) -> NetworkFormula:
    """Derive it. Raises ValueError for order < 1."""
    return NetworkFormula(order, train, overlap_series(order, train))


def changes(series: ChainSeries) -> Iterator[tuple[str, tuple[int, ...], Sequence[Any]]]:
    """Name, indices and Taylor coefficients of every C_ij, kappa_i and omega_j."""
    for pair, coefficients in series.C.items():
        yield "C", pair, coefficients
    for name, vectors in (("kappa", series.kappa), ("omega", series.omega)):
        for i, coefficients in enumerate(vectors):
            yield name, (i,), coefficients


def changes_json(series: ChainSeries, as_json: Any) -> dict[str, Any]:
    """C, kappa and omega: a list each of {indices, words, coefficients}; ``as_json`` writes a coefficient."""
    document: dict[str, Any] = {}
    for name, indices, coefficients in changes(series):
        words: dict[str, Any]
        if name == "C":
            i, j = indices
            words = {"i": i, "j": j, **OuterProduct(chain_word("a", i), chain_word("b", j)).json()}
        else:
            (i,) = indices
            words = {"i": i, "word": str(chain_word("a" if name == "kappa" else "b", i))}
        entry = {**words, "coefficients": [as_json(c) for c in coefficients]}
        document.setdefault(name, []).append(entry)
    return document


def formula_json(formula: NetworkFormula) -> str:
    """Keys: order, system, train, symbols, readout; C, kappa, omega where they learn.

    Entry k of ``readout`` and of ``coefficients`` multiplies tau**k: a string in Python syntax, in zhat
    and the names of the overlaps.
    """
    document = {
        "order": formula.order,
        "system": "fixed-point",
        "limit": "none",
        "train": list(formula.train),
        "symbols": MEANING,
        "readout": [_in_zhat(c) for c in formula.series.readout],
        **changes_json(formula.series, _in_zhat),
    }
    return json.dumps(document, indent=2) + "\n"


def formula_text(formula: NetworkFormula) -> str:
    """Every series, a coefficient of tau**k a line."""
    lines = [
        f"One network of the fixed-point task, before any average: expansion through tau**{formula.order}",
        f"What learns: {', '.join(formula.train)}",
        *(f"  {name:<6} {meaning}" for name, meaning in MEANING.items()),
        "",
        *_series_lines("readout z", formula.series.readout),
    ]
    shown = ""
    for name, indices, coefficients in changes(formula.series):
        if name != shown:
            lines += ["", CHANGES[name]]
            shown = name
        lines += ["", *_series_lines(f"{name}_{''.join(map(str, indices))}", coefficients)]
    return "\n".join(lines) + "\n"


def _series_lines(title: str, coefficients: Sequence[fmpq_mpoly]) -> list[str]:
    lines = [f"{title} = sum over k of tau**k times"]
    for k, coefficient in enumerate(coefficients):
        start = f"  {k:>2}  "
        wrapped = textwrap.wrap(
            _in_zhat(coefficient).replace(ERROR, "\0"),  # not to be broken
            WIDTH,
            initial_indent=start,
            subsequent_indent=" " * len(start),
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += [line.replace("\0", ERROR) for line in wrapped]
    return lines


def _in_zhat(polynomial: fmpq_mpoly) -> str:
    return re.sub(r"\bd\b", ERROR, flint_text(polynomial))
