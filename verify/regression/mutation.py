"""Does the suite catch a wrong coefficient? Every coefficient in turn is made wrong, and looked for.

A module's coefficients are found in its source: every term of a sum that holds no further sum and no
accumulated part is one monomial in zhat, beta and g of one power of tau. One term times 1 + 1e-3
leaves an error 1e-3 c_k tau^k against the limit network's flow where the right function leaves
c_(K+1) tau^(K+1). At times of `CLOSENESS` = 1e-8 of the radius of convergence and fewer the first rules
by many digits, so that its slope is k, not K + 1 (`verify.truth.precise_flow` carries 100 digits).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from verify.checks.check import Check
from verify.checks.printed import function_errors
from verify.checks.slope import Errors
from verify.truth.digits import working_digits
from verify.truth.precise_flow import DIGITS
from verify.truth.setting import Setting
from verify.truth.theory import Theory, theory_from_source

CHANGE = 1e-3
CLOSENESS = 1e-8
STRENGTH, TARGET = 0.6, 1.3
"""Where the mutants are tried: no coefficient vanishes at a generic g and zhat."""

SCAFFOLD = ("x", "t", "y", "u", "p", "one")


@dataclass(frozen=True)
class Mutant:
    """One coefficient made wrong: ``text`` of the term in ``function`` at ``line`` of the module."""

    function: str
    line: int
    text: str
    source: str


@dataclass(frozen=True)
class MutationOutcome:
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
    for function in ast.parse(source).body:
        if isinstance(function, ast.FunctionDef):
            for term in _terms(function):
                yield Mutant(function.name, term.lineno, ast.unparse(term), _changed(source, term))


def mutation_outcome(source: str, path: Path) -> MutationOutcome:
    """Try every mutant of a module against the limit network's flow: of the functions that have a check."""
    with working_digits(DIGITS):
        right, wrong = theory_from_source(source, path), list(mutants(source))
        checked = {name for name in {mutant.function for mutant in wrong} if errors_of(right, name)}
        wrong = [mutant for mutant in wrong if mutant.function in checked]
        survivors = [m for m in wrong if accepted(theory_from_source(m.source, path), m.function)]
        return MutationOutcome(len(wrong), tuple(survivors))


def accepted(theory: Theory, function: str) -> bool:
    """Whether every slope of ``function`` is what the right one's would be."""
    return all(errors.check(name).passed for name, errors in errors_of(theory, function).items())


def errors_of(theory: Theory, function: str) -> dict[str, Errors]:
    """By name the errors of one function where the mutants are tried; none where it has no truth."""
    return function_errors(theory, Setting(STRENGTH, TARGET), function, CLOSENESS)


def _terms(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """The terms of all sums in the function that hold neither a sum nor an accumulated part."""
    accumulated: set[str] = set()
    scaffold = {*SCAFFOLD, *(argument.arg for argument in function.args.args)}  # arguments of one type
    for statement in function.body:
        if isinstance(statement, ast.Assign):
            name = ast.unparse(statement.targets[0])
            if name not in scaffold:
                yield from _leaves(statement.value, accumulated)
                accumulated.add(name)
        elif isinstance(statement, ast.Return) and statement.value is not None:
            for result in _results(statement.value):
                yield from _leaves(result, accumulated)


def _results(value: ast.expr) -> Iterator[ast.expr]:
    """What a function returns, one by one: from tuples of tuples, and from dictionaries."""
    if isinstance(value, ast.Tuple | ast.Dict):
        for part in value.elts if isinstance(value, ast.Tuple) else value.values:
            yield from _results(part)
    else:
        yield value


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


def _is_sum(node: ast.AST) -> TypeGuard[ast.BinOp]:
    return isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub))


def _changed(source: str, term: ast.expr) -> str:
    """The source with (term * (1 + CHANGE)) in the place of the term; columns of a tree count bytes."""
    assert term.end_lineno is not None
    assert term.end_col_offset is not None
    lines = source.encode().splitlines(keepends=True)
    start = sum(map(len, lines[: term.lineno - 1])) + term.col_offset
    end = sum(map(len, lines[: term.end_lineno - 1])) + term.end_col_offset
    text, right = b"".join(lines), f") * {1 + CHANGE})".encode()
    return b"".join([text[:start], b"((", text[start:end], right, text[end:]]).decode()
