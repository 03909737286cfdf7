"""The expansion of any one network in its named overlaps, as LaTeX: one macro for each family of overlaps.

The overlaps are printed as short symbols, w_n, m_n and z_n upright, and defined in the first display.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flint import fmpq_mpoly

from derive.document.network_formula import NetworkFormula, changes
from derive.document.request import TERMS_PER_LINE
from derive.write.latex.latex import MACROS
from derive.write.latex.latex_document import preamble
from derive.write.latex.latex_layout import Group, display, monomial, power
from derive.write.latex.latex_series import TAU, remainder

OVERLAP_MACROS = {
    r"\drvww": r"\mathsf{w}_{#1}",
    r"\drvmm": r"\mathsf{m}_{#1}",
    r"\drvwm": r"\mathsf{z}_{#1}",
}
CHAIN_MACROS = {
    r"\drvC": "C",
    r"\drva": "a",
    r"\drvb": "b",
    r"\drvkappa": r"\kappa",
    r"\drvomega": r"\omega",
}
USED = ("tau", "z", "W", "B", "BT", "w", "m", "O")
OVERLAPS = r"""\begin{align*}
  &\drvww{n} = \drvwT (\drvB\drvBT)^{n} \drvw, \quad \drvmm{n} = \drvmT (\drvBT\drvB)^{n} \drvm, \quad
    \drvwm{n} = \drvwT \drvB (\drvBT\drvB)^{n} \drvm, \quad \drvd = \drvzhat - \drvwm{0}
\end{align*}
"""
CHAIN = r"""\begin{align*}
  &\drva_{0} = \drvBT\drvw, \quad \drvb_{0} = \drvB\drvm, \quad
    \drva_{i+1} = \drvBT\drvb_{i}, \quad \drvb_{j+1} = \drvB\drva_{j}, \\
  &%s
\end{align*}
"""
LEARNED = {
    "W": r"\Delta\drvW = \sum_{i,j} \drvC_{i,j}\, \drva_{i} \drvb_{j}^{\top}",
    "m": r"\Delta\drvm = \sum_{i} \drvkappa_{i}\, \drva_{i}",
    "w": r"\Delta\drvw = \sum_{j} \drvomega_{j}\, \drvb_{j}",
}


def formula_latex(formula: NetworkFormula) -> str:
    """Macros, definitions and displayed series, for \\input under amsmath."""
    rest = remainder(TAU, formula.order)
    label = f"eq:network-order-{formula.order}" + ("" if formula.train == ("W",) else "-train-")
    label += "" if formula.train == ("W",) else "".join(formula.train)
    named = [(r"\drvz(\drvtau)", "readout", formula.series.readout)]
    named += [
        (change_macro(name, indices), "-".join([name, *map(str, indices)]), list(coefficients))
        for name, indices, coefficients in changes(formula.series)
    ]
    symbols = [_symbol(name) for name in formula.symbols]
    extra = {macro: MACROS[macro] for macro in (r"\drvzhat", r"\drvwT", r"\drvmT")}
    extra[r"\drvd"] = r"\varepsilon_{0}"
    lines = chain_preamble(formula.header("latex"), formula.train, extra | OVERLAP_MACROS, OVERLAPS)
    for left, name, coefficients in named:
        groups = [
            Group("", tuple(_monomials(c, symbols)), power(TAU, k))
            for k, c in enumerate(coefficients)
            if not c.is_zero()
        ]
        lines.append(display(left, groups, f"{label}-{name}", TERMS_PER_LINE, remainder=rest))
    return "\n".join(lines)


def chain_preamble(
    header: str, train: Sequence[str], extra: Mapping[str, str], definitions: str = ""
) -> list[str]:
    """The preamble with the macros ``extra`` and what the symbols of the chain stand for."""
    macros = {rf"\drv{name}": MACROS[rf"\drv{name}"] for name in USED} | CHAIN_MACROS | dict(extra)
    chain = CHAIN % r", \quad ".join(LEARNED[name] for name in train)
    return [*preamble(header, macros), "", *([definitions] if definitions else []), chain]


def change_macro(name: str, indices: Sequence[int]) -> str:
    """C_ij, kappa_i or omega_j."""
    return rf"\drv{name}_{{{','.join(map(str, indices))}}}"


def _symbol(name: str) -> str:
    family, _, index = name.partition("_")
    return rf"\drv{family}{{{index}}}" if index else rf"\drv{name}"


def _monomials(polynomial: fmpq_mpoly, symbols: Sequence[str]) -> list[tuple[bool, str]]:
    """(negative, LaTeX) of every term, in flint's lexicographic order."""
    return [
        monomial(c, zip(symbols, powers, strict=True))
        for powers, c in zip(polynomial.monoms(), polynomial.coeffs(), strict=True)
    ]
