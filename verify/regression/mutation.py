"""Does the suite catch a wrong coefficient? Every coefficient in turn is made wrong, and looked for.

A module's coefficients are found in its source: every term of a sum that holds no further sum and no
accumulated part is one monomial in zhat, beta and g of one power of tau. One term times 1 + 1e-3
leaves an error 1e-3 c_k tau^k against the limit network's flow where the right function leaves
c_(K+1) tau^(K+1). At times of `CLOSENESS` = 1e-8 of the radius of convergence and fewer the first rules
by many digits, so that its slope is k, not K + 1 (`verify.precise_flow` carries 100 digits).
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpmath
import numpy as np

from derive import limit_network
from verify.checks import Check
from verify.error_slope import ladder, slope_check
from verify.precise_flow import DIGITS, norm, precise_limit_network
from verify.series_slope import radius_estimate
from verify.theory import SCALARS, Theory, theory_from_source

CHANGE = 1e-3
CLOSENESS = 1e-8
STRENGTH, TARGET = 0.6, 1.3
"""Where the mutants are tried: no coefficient vanishes at a generic g and zhat."""

SCAFFOLD = ("x", "t", "y", "u", "one")
FUNCTIONS = (*SCALARS, "singular_values", "a_matrix")


@dataclass(frozen=True)
class Mutant:
    """One coefficient made wrong: ``text`` of the term in ``function`` at ``line`` of the module."""

    function: str
    line: int
    text: str
    source: str


@dataclass(frozen=True)
class Outcome:
    """How many mutants there were, and those that no check caught."""

    tried: int
    survivors: tuple[Mutant, ...]

    def check(self, name: str) -> Check:
        """As a check: all mutants caught."""
        missed = "; ".join(f"{m.function}, line {m.line}: {m.text}" for m in self.survivors[:3])
        return Check(
            f"mutation: wrong coefficients caught, {name}",
            float(self.tried - len(self.survivors)),
            float(self.tried),
            0.0,
            f"each coefficient in turn times 1 + {CHANGE:g}, at g = {STRENGTH}, zhat = {TARGET}; caught by "
            f"the slope of the error at tau <= {CLOSENESS:g} of the radius of convergence"
            + (f"; not caught: {missed}" if missed else ""),
        )


def mutants(source: str) -> Iterator[Mutant]:
    """Every module that has one coefficient of one printed function times 1 + `CHANGE`."""
    tree = ast.parse(source)
    for index, function in enumerate(tree.body):
        if not isinstance(function, ast.FunctionDef) or function.name not in FUNCTIONS:
            continue
        for term in _terms(function):
            changed = copy.deepcopy(tree)
            _Times(term).visit(changed.body[index])
            text = ast.unparse(ast.fix_missing_locations(changed))
            yield Mutant(function.name, term.lineno, ast.unparse(term), text)


def mutation_outcome(source: str, path: Path) -> Outcome:
    """Try every mutant of a module against the limit network's flow."""
    with mpmath.workdps(DIGITS):
        truth = _Truth(theory_from_source(source, path))
        tried, survivors = 0, []
        for mutant in mutants(source):
            tried += 1
            if truth.accepts(theory_from_source(mutant.source, path), mutant.function):
                survivors.append(mutant)
        return Outcome(tried, tuple(survivors))


class _Truth:
    """The limit network's flow at a few early times, and the slopes that the right functions have."""

    def __init__(self, theory: Theory) -> None:
        self.order = theory.order
        self.zhat, self.g = mpmath.mpf(TARGET), mpmath.mpf(STRENGTH)
        self._count = len(theory.singular_values(1.0, TARGET, STRENGTH))
        nodes = theory.order // 2 + 3
        self.times, states = self._ladder(STRENGTH, nodes)
        self._truth = [state.observables(self.zhat, self._count) for state in states]
        self.times_g0, states = self._ladder(0.0, 2)
        self._changes = [state.change for state in states]

    def _ladder(self, g: float, nodes: int) -> Any:
        radius = radius_estimate(limit_network(g, 12), TARGET)
        return ladder(radius, self.order, precise_limit_network(g, nodes), TARGET, CLOSENESS)

    def accepts(self, theory: Theory, function: str) -> bool:
        """Whether every slope of ``function`` is what the right one's would be."""
        power = self.order + 1
        if function == "a_matrix":
            errors = [
                norm(np.array(theory.a_matrix(tau, self.zhat), dtype=object) - change)
                for tau, change in zip(self.times_g0, self._changes, strict=True)
            ]
            return slope_check(function, self.times_g0, errors, power).passed
        values = [theory.observables(tau, self.zhat, self.g) for tau in self.times]
        names = [function] if function in SCALARS else [f"s{r + 1}" for r in range(self._count)]
        for name in names:
            errors = [v[name] - t[name] for v, t in zip(values, self._truth, strict=True)]
            least = power if name in SCALARS else max(power, 2 * int(name[1:]) - 1)
            if not slope_check(name, self.times, errors, least).passed:
                return False
        return True


def _terms(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """The terms of all sums in the function that hold neither a sum nor an accumulated part."""
    accumulated: set[str] = set()
    for statement in function.body:
        if isinstance(statement, ast.Assign):
            name = ast.unparse(statement.targets[0])
            if name not in SCAFFOLD:
                yield from _leaves(statement.value, accumulated)
                accumulated.add(name)
        elif isinstance(statement, ast.Return) and statement.value is not None:
            results = [statement.value]
            while any(isinstance(result, ast.Tuple) for result in results):
                results = [part for r in results for part in (r.elts if isinstance(r, ast.Tuple) else [r])]
            for result in results:
                yield from _leaves(result, accumulated)


def _leaves(expression: ast.expr, accumulated: set[str]) -> Iterator[ast.expr]:
    sums = [node for node in ast.walk(expression) if _is_sum(node)]
    operands = [side for node in sums for side in (node.left, node.right)] or [expression]
    for operand in operands:
        nodes = list(ast.walk(operand))
        if any(_is_sum(node) for node in nodes):
            continue
        if any(isinstance(node, ast.Name) and node.id in accumulated for node in nodes):
            continue
        if any(isinstance(node, ast.Constant) and node.value == 0 for node in nodes):
            continue  # nothing is there to be wrong
        yield operand


def _is_sum(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub))


class _Times(ast.NodeTransformer):
    """Puts term * (1 + CHANGE) in the place of the term at the same place of the source."""

    def __init__(self, term: ast.expr) -> None:
        self._place = _place(term)

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.expr) and _place(node) == self._place:
            return ast.BinOp(node, ast.Mult(), ast.Constant(1 + CHANGE))
        return self.generic_visit(node)


def _place(node: ast.expr) -> tuple[type, int, int, int | None, int | None]:
    return type(node), node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
