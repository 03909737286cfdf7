"""Scalars, columns, rows and matrices as sums of words: what an expression of the language means.

A column is a sum of scalar x letters x vector, a row its transpose, a matrix a sum of scalar x letters and of
scalar x outer products left right^T. Products contract at once: a row that meets a column is a scalar.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from derive.flow.statement.scalar import (
    ONE,
    FlowLetter,
    Overlap,
    Scalar,
    add,
    conjugate,
    conjugate_letters,
    leaves,
    multiply,
    number,
    transposed_letters,
)


@dataclass(frozen=True)
class Column:
    """letters x vector."""

    letters: tuple[FlowLetter, ...]
    vector: str

    def conjugate(self) -> Column:
        return Column(conjugate_letters(self.letters), self.vector)


@dataclass(frozen=True)
class Operator:
    """scalar x letters: a word that is a matrix of full rank."""

    scalar: Scalar
    letters: tuple[FlowLetter, ...]


@dataclass(frozen=True)
class Outer:
    """scalar x left right^T."""

    scalar: Scalar
    left: Column
    right: Column


@dataclass(frozen=True)
class ColumnTerm:
    scalar: Scalar
    column: Column


@dataclass(frozen=True)
class ColumnForm:
    """A sum of columns, or, where ``row``, the transpose of one."""

    terms: tuple[ColumnTerm, ...]
    row: bool = False


@dataclass(frozen=True)
class MatrixForm:
    """A sum of words and of outer products."""

    operators: tuple[Operator, ...] = ()
    outers: tuple[Outer, ...] = ()


Form = Scalar | ColumnForm | MatrixForm


def shape(form: Form) -> str:
    """scalar, column, row or matrix."""
    if isinstance(form, ColumnForm):
        return "row" if form.row else "column"
    return "matrix" if isinstance(form, MatrixForm) else "scalar"


def scaled(scalar: Scalar, form: Form) -> Form:
    """scalar x form."""
    if isinstance(form, ColumnForm):
        terms = tuple(ColumnTerm(multiply(scalar, term.scalar), term.column) for term in form.terms)
        return ColumnForm(terms, form.row)
    if isinstance(form, MatrixForm):
        return MatrixForm(
            tuple(Operator(multiply(scalar, o.scalar), o.letters) for o in form.operators),
            tuple(Outer(multiply(scalar, o.scalar), o.left, o.right) for o in form.outers),
        )
    return multiply(scalar, form)


def total(left: Form, right: Form) -> Form | None:
    """The sum, like terms together; None where the shapes differ."""
    if isinstance(left, ColumnForm) and isinstance(right, ColumnForm) and left.row == right.row:
        return ColumnForm(left.terms + right.terms, left.row)
    if isinstance(left, MatrixForm) and isinstance(right, MatrixForm):
        return MatrixForm(left.operators + right.operators, left.outers + right.outers)
    if shape(left) == shape(right) == "scalar":
        return add(left, right)  # type: ignore[arg-type]
    return None


def product(left: Form, right: Form) -> Form | None:
    """The product; None where the shapes do not fit."""
    if shape(left) == "scalar":
        return scaled(left, right)  # type: ignore[arg-type]
    if shape(right) == "scalar":
        return scaled(right, left)  # type: ignore[arg-type]
    if isinstance(left, MatrixForm):
        if isinstance(right, MatrixForm):
            return _matrices(left, right)
        return None if right.row else _applied(left, right)  # type: ignore[union-attr, arg-type]
    if isinstance(right, MatrixForm):
        turned = _applied(transpose(right), ColumnForm(left.terms)) if left.row else None  # type: ignore[union-attr, arg-type]
        return None if turned is None else ColumnForm(turned.terms, row=True)
    return _vectors(left, right)  # type: ignore[arg-type]


def transpose(form: Form) -> Form:
    """The transpose; no complex conjugate."""
    if isinstance(form, ColumnForm):
        return ColumnForm(form.terms, not form.row)
    if isinstance(form, MatrixForm):
        return MatrixForm(
            tuple(Operator(o.scalar, transposed_letters(o.letters)) for o in form.operators),
            tuple(Outer(o.scalar, o.right, o.left) for o in form.outers),
        )
    return form


def conjugated(form: Form) -> Form:
    """The complex conjugate, not transposed."""
    if isinstance(form, ColumnForm):
        terms = (ColumnTerm(conjugate(term.scalar), term.column.conjugate()) for term in form.terms)
        return ColumnForm(tuple(terms), form.row)
    if isinstance(form, MatrixForm):
        return MatrixForm(
            tuple(Operator(conjugate(o.scalar), conjugate_letters(o.letters)) for o in form.operators),
            tuple(Outer(conjugate(o.scalar), o.left.conjugate(), o.right.conjugate()) for o in form.outers),
        )
    return conjugate(form)


def real_part(form: Form) -> Form:
    """(form + its conjugate)/2."""
    both = total(form, conjugated(form))
    assert both is not None
    return scaled(number(Fraction(1, 2)), both)


def scalars_in(form: Form) -> Iterator[Scalar]:
    """The scalars of a form."""
    if isinstance(form, ColumnForm):
        yield from (term.scalar for term in form.terms)
    elif isinstance(form, MatrixForm):
        yield from (operator.scalar for operator in form.operators)
        yield from (outer.scalar for outer in form.outers)
    else:
        yield form


def letters_in(form: Form) -> Iterator[FlowLetter]:
    """All letters of a form, those of its overlaps among them."""
    for scalar in scalars_in(form):
        for leaf in leaves(scalar):
            if isinstance(leaf, Overlap):
                yield from leaf.letters
    if isinstance(form, ColumnForm):
        for term in form.terms:
            yield from term.column.letters
    elif isinstance(form, MatrixForm):
        for operator in form.operators:
            yield from operator.letters
        for outer in form.outers:
            yield from (*outer.left.letters, *outer.right.letters)


def vector_form(name: str) -> ColumnForm:
    """A given vector."""
    return ColumnForm((ColumnTerm(ONE, Column((), name)),))


def letter_form(letter: FlowLetter) -> MatrixForm:
    """One letter."""
    return MatrixForm((Operator(ONE, (letter,)),))


def _contracted(left: Column, right: Column) -> Overlap:
    return Overlap(left.vector, transposed_letters(left.letters) + right.letters, right.vector)


def _vectors(left: ColumnForm, right: ColumnForm) -> Form | None:
    if left.row == right.row:
        return None
    pairs = [(a, b, multiply(a.scalar, b.scalar)) for a in left.terms for b in right.terms]
    if left.row:
        return add(*(multiply(scalar, _contracted(a.column, b.column)) for a, b, scalar in pairs))
    return MatrixForm(outers=tuple(Outer(scalar, a.column, b.column) for a, b, scalar in pairs))


def _applied(matrix: MatrixForm, column: ColumnForm) -> ColumnForm:
    terms = []
    for term in column.terms:
        for o in matrix.operators:
            longer = Column(o.letters + term.column.letters, term.column.vector)
            terms.append(ColumnTerm(multiply(o.scalar, term.scalar), longer))
        for outer in matrix.outers:
            scalar = multiply(outer.scalar, term.scalar, _contracted(outer.right, term.column))
            terms.append(ColumnTerm(scalar, outer.left))
    return ColumnForm(tuple(terms))


def _matrices(left: MatrixForm, right: MatrixForm) -> MatrixForm:
    operators, outers = [], []
    for a in left.operators:
        for b in right.operators:
            operators.append(Operator(multiply(a.scalar, b.scalar), a.letters + b.letters))
        for outer in right.outers:
            longer = Column(a.letters + outer.left.letters, outer.left.vector)
            outers.append(Outer(multiply(a.scalar, outer.scalar), longer, outer.right))
    for outer in left.outers:
        for b in right.operators:
            longer = Column(transposed_letters(b.letters) + outer.right.letters, outer.right.vector)
            outers.append(Outer(multiply(outer.scalar, b.scalar), outer.left, longer))
        for other in right.outers:
            scalar = multiply(outer.scalar, other.scalar, _contracted(outer.right, other.left))
            outers.append(Outer(scalar, outer.left, other.right))
    return MatrixForm(tuple(operators), tuple(outers))


def typed_letters(letters: tuple[FlowLetter, ...]) -> str:
    """As a user writes them, points of resolvents left out."""
    return " ".join(
        letter.name
        + ("(c)" if letter.point is not None and letter.point != ONE else "")
        + "'" * letter.transposed
        for letter in letters
    )
