"""Gradient flow and gradient descent of the overlaps, for any rank, inputs and outputs (THEORY 6).

With d_ij = dL/dsigma_ij over the independent entries, Lambda_ij = (1 + delta_ij) d_ij, and F equal
to Lambda with the columns of frozen vectors set to zero,

    gradient flow       dS/dtau = -(S F + F^T S)
    gradient descent    S <- (1 - lr F)^T S (1 - lr F)        exactly, at any N
    visible block       dsigma/dtau = -G dL/dsigma            G: the preconditioner

which at rank 1 are the ten equations of Ger and Barak 2026, appendix A, and at rank 2 twenty-one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from derive.overlaps.problem import OverlapProblem
from derive.overlaps.visibility import visible_overlaps
from derive.reading.arguments import of_kind
from derive.reading.fields import Brief

if TYPE_CHECKING:
    import sympy

# coefficient of d_b in -dsigma_a/dtau: {name b: {name c: integer}} stands for sum integer sigma_c
Row = dict[str, dict[str, int]]


@dataclass(frozen=True, repr=False)
class GramFlow(Brief):
    """The overlap system of a problem. ``rows[a][b]``: -dsigma_a/dtau = sum rows[a][b] d_b.

    ``loss`` is a sympy expression in the symbols ``sigma_zm``, ... or None; then the derivatives
    of the loss stay symbols ``d_zm``, ...
    """

    problem: OverlapProblem
    visible: tuple[str, ...]
    rows: dict[str, Row]
    loss: sympy.Expr | None = None

    @property
    def invisible(self) -> tuple[str, ...]:
        """The loss-invisible overlaps."""
        return tuple(name for name in self.problem.names if name not in self.visible)

    @cached_property
    def derivatives(self) -> dict[str, sympy.Expr]:
        """dL/dsigma for every visible overlap: the symbol ``d_zm``, or worked out from the loss."""
        import sympy

        if self.loss is None:
            return {name: sympy.Symbol(f"d_{name}", real=True) for name in self.visible}
        return {name: sympy.diff(self.loss, sigma(name)) for name in self.visible}

    @cached_property
    def flow(self) -> dict[str, sympy.Expr]:
        """dsigma/dtau of every overlap."""
        return {name: -self._combined(row) for name, row in self.rows.items()}

    @cached_property
    def descent(self) -> dict[str, sympy.Expr]:
        """Every overlap after one epoch of gradient descent with learning rate ``lr``, exactly."""
        import sympy

        lr = sympy.Symbol("lr", positive=True)
        size, problem = self.problem.size, self.problem
        S = sympy.Matrix(size, size, lambda i, j: sigma(problem.name(i, j)))
        F = self.update
        quadratic = F.T * S * F
        return {
            name: sigma(name) + lr * self.flow[name] + lr**2 * quadratic[i, j]
            for name, (i, j) in problem.pairs.items()
        }

    @cached_property
    def update(self) -> sympy.Matrix:
        """F, shape (size, size): dX/dtau = -X F."""
        import sympy

        problem, d = self.problem, self.derivatives

        def entry(i: int, j: int) -> Any:
            name = problem.name(i, j)
            if name not in d or not problem.learns[j]:
                return sympy.Integer(0)
            return d[name] * (2 if i == j else 1)

        return sympy.Matrix(problem.size, problem.size, lambda i, j: entry(int(i), int(j)))

    @cached_property
    def preconditioner(self) -> sympy.Matrix:
        """G on the visible overlaps: dsigma/dtau = -G dL/dsigma."""
        import sympy

        return sympy.Matrix([[_sum(self.rows[a].get(b, {})) for b in self.visible] for a in self.visible])

    def _repr_latex_(self) -> str:
        import sympy

        from derive.jupyter import MOST_ROWS, shown
        from derive.jupyter import Row as Line

        def row(name: str) -> Line:
            terms = [(term, "") for term in sympy.Add.make_args(-self._combined(self.rows[name]))]
            return Line(rf"d {sympy.latex(sigma(name))} / d\tau", terms)

        names = list(self.rows)
        rows = [row(name) for name in names[:MOST_ROWS]]
        return shown(rows, r"\texttt{x.flow}", rows_left_out=len(names) - len(rows))

    def _combined(self, row: Row) -> sympy.Expr:
        import sympy

        terms = (_sum(overlaps) * self.derivatives[name] for name, overlaps in row.items())
        return sum(terms, start=sympy.Integer(0))


def gram_flow(problem: OverlapProblem, loss: sympy.Expr | None = None) -> GramFlow:
    """Derive the overlap system of a problem.

    Without a loss the visible overlaps are those that the network's output depends on; a ``loss``,
    a sympy expression in the symbols of `sigma`, decides by its own derivatives. Raises ValueError
    for a loss in other overlaps than the problem's.
    """
    of_kind("problem", problem, OverlapProblem, "an OverlapProblem")
    if loss is None:
        visible = visible_overlaps(problem)
    else:
        known = {sigma(name): name for name in problem.names}
        strange = [s for s in loss.free_symbols if s.name.startswith("sigma_") and s not in known]
        if strange:
            raise ValueError(f"loss in {strange[0]}: allowed are sigma_{', sigma_'.join(problem.names)}")
        visible = tuple(name for s, name in known.items() if _depends(loss, s))
    return GramFlow(problem, visible, preconditioner_rows(problem, visible), loss)


def _depends(loss: sympy.Expr, overlap: sympy.Symbol) -> bool:
    """Whether a derivative is not identically zero; a number at some point settles most."""
    import sympy

    derivative = loss.diff(overlap)
    symbols = sorted(derivative.free_symbols, key=str)
    value = derivative.subs({s: sympy.Rational(2 * k + 3, 7 * k + 11) for k, s in enumerate(symbols)})
    return bool(value.is_Rational and value != 0) or bool(derivative.simplify() != 0)


def sigma(name: str) -> sympy.Symbol:
    """The sympy symbol of an overlap, e.g. ``sigma_zm``."""
    import sympy

    return sympy.Symbol(f"sigma_{name}", real=True)


def preconditioner_rows(problem: OverlapProblem, visible: tuple[str, ...]) -> dict[str, Row]:
    """(S F + F^T S)_ij = sum_k S_ik F_kj + S_jk F_ki, collected by d and by overlap."""
    rows: dict[str, Row] = {}
    for name, (i, j) in problem.pairs.items():
        row: Row = {}
        for fixed, moving in ((i, j), (j, i)):
            if not problem.learns[moving]:
                continue
            for k in range(problem.size):
                derivative = problem.name(k, moving)
                if derivative in visible:
                    overlaps = row.setdefault(derivative, {})
                    overlap = problem.name(fixed, k)
                    overlaps[overlap] = overlaps.get(overlap, 0) + (2 if k == moving else 1)
        rows[name] = _ordered(row, name, visible)
    return rows


def _ordered(row: Row, name: str, visible: tuple[str, ...]) -> Row:
    """The equation's own derivative first, then the others in the order of S."""
    order = [name, *(b for b in visible if b != name)]
    return {b: dict(sorted(row[b].items())) for b in order if b in row}


def _sum(overlaps: dict[str, int]) -> sympy.Expr:
    import sympy

    return sum((count * sigma(name) for name, count in overlaps.items()), start=sympy.Integer(0))
