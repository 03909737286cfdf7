"""The expansion of any one network before an average is taken, in its named overlaps (THEORY 2).

    ww_n = w^T (B B^T)^n w,      mm_n = m^T (B^T B)^n m,      wm_n = w^T B (B^T B)^n m,
    W - W0 = sum_ij C_ij a_i b_j^T,     m(tau) - m = sum_i kappa_i a_i,     w(tau) - w = sum_j omega_j b_j,

as a document; the names are those of the code, short symbols in LaTeX, defined in its first display.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from derive.document.model import Block, Data, Document, Formula, Paragraph, Section, Variable, Words
from derive.document.network_series import OverlapSeries, in_zhat
from derive.observables.instance_series import ChainSeries
from derive.observables.overlap_formula import overlap_names, overlap_series
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
DEFINITIONS = r"""\begin{align*}
  &\drvww{n} = \drvwT (\drvB\drvBT)^{n} \drvw, \quad \drvmm{n} = \drvmT (\drvBT\drvB)^{n} \drvm, \\
  &\drvwm{n} = \drvwT \drvB (\drvBT\drvB)^{n} \drvm, \quad \drverror = \drvzhat - \drvwm{0}
\end{align*}
"""
CHAIN = r"""\begin{align*}
  &\drva_{0} = \drvBT\drvw, \quad \drvb_{0} = \drvB\drvm, \\
  &\drva_{i+1} = \drvBT\drvb_{i}, \quad \drvb_{j+1} = \drvB\drva_{j}, \\
  &%s
\end{align*}
"""
LEARNED = {
    "W": r"\Delta\drvW = \sum_{i,j} \drvC_{i,j}\, \drva_{i} \drvb_{j}^{\top}",
    "m": r"\Delta\drvm = \sum_{i} \drvkappa_{i}\, \drva_{i}",
    "w": r"\Delta\drvw = \sum_{j} \drvomega_{j}\, \drvb_{j}",
}


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

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the command that makes it."""
        train = () if self.train == ("W",) else ("--train", ",".join(self.train))
        return ("network", "--order", str(self.order), *train)

    @property
    def stem(self) -> str:
        """Its name in labels and files."""
        train = "" if self.train == ("W",) else f"_train_{''.join(self.train)}"
        return f"network_order_{self.order}{train}"


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


def network_formula_document(formula: NetworkFormula) -> Document:
    """The readout, and the coordinates of all that learns, each a series."""
    readout = OverlapSeries(formula.series.readout, formula.symbols)
    sections = [
        Section((Words(DEFINITIONS), Words(chain(formula.train)))),
        Section((Formula(("readout",), r"\drvz(\drvtau)", readout, "readout z", "readout"),)),
        *_changes(formula),
    ]
    return Document(
        formula.words,
        formula.stem,
        f"One network of the fixed-point task, before any average: expansion through tau**{formula.order}",
        tuple(sections),
        facts={
            "order": formula.order,
            "system": "fixed-point",
            "limit": "none",
            "train": list(formula.train),
        },
        symbols=tuple(Variable(name, "", meaning) for name, meaning in MEANING.items()),
        setting=Paragraph(f"What learns: {', '.join(formula.train)}"),
    )


def _changes(formula: NetworkFormula) -> list[Section]:
    sections = []
    blocks = change_blocks(formula.series, lambda c: OverlapSeries(c, formula.symbols), in_zhat)
    for name, (data, *formulas) in blocks.items():
        sections.append(Section((data,), (CHANGES[name],)))
        sections += [Section((one,)) for one in formulas]
    return sections


def change_blocks(
    series: ChainSeries,
    as_series: Callable[[Sequence[Any]], Any],
    as_json: Callable[[Any], Any],
    formats: tuple[str, ...] = ("text", "json", "latex"),
) -> dict[str, list[Block]]:
    """C, kappa and omega where they learn: their JSON, then a formula each."""
    found: dict[str, list[Block]] = {}
    for name, indices, coefficients in changes(series):
        index = ",".join(map(str, indices))
        title, label = f"{name}_{''.join(map(str, indices))}", "-".join([name, *map(str, indices)])
        left = rf"\drv{name}_{{{index}}}"
        blocks = found.setdefault(name, [Data((name,), partial(_changes_named, name, series, as_json))])
        blocks.append(Formula((), left, as_series(list(coefficients)), title, label, formats=formats))
    return found


def _changes_named(name: str, series: ChainSeries, as_json: Callable[[Any], Any]) -> Any:
    return changes_json(series, as_json)[name]


def chain(train: Sequence[str]) -> str:
    """LaTeX of what the vectors of the chain are, and of what learns in them."""
    return CHAIN % ", \\\\\n  &".join(LEARNED[name] for name in train)
