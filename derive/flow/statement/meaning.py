"""From the texts of a `Flow` to sums of words, each name checked once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn, Protocol

from derive.flow.statement.checks import check_overlaps, check_points, is_polynomial
from derive.flow.statement.form import (
    ColumnForm,
    Form,
    MatrixForm,
    letter_form,
    shape,
    typed_letters,
    vector_form,
)
from derive.flow.statement.given_names import doubly_named, name_problem
from derive.flow.statement.gradient import gradient_flow
from derive.flow.statement.parser import parse, parse_scalar
from derive.flow.statement.scalar import FlowLetter, Overlap, Parameter, Scalar, inside, leaves
from derive.flow.statement.tokens import FlowProblem, Source

MOST = 40
"""Vectors, parameters, readouts, definitions, velocities of one flow, each."""


class StatedVectors(Protocol):
    """What is read of an ensemble."""

    @property
    def vectors(self) -> Sequence[str]: ...
    @property
    def overlaps(self) -> Mapping[str, str]: ...
    @property
    def g(self) -> str | None: ...


class Stated(Protocol):
    """What is read of a flow: texts."""

    @property
    def ensemble(self) -> StatedVectors: ...
    @property
    def readouts(self) -> Mapping[str, str]: ...
    @property
    def loss(self) -> str | None: ...
    @property
    def train(self) -> Sequence[str]: ...
    @property
    def velocity(self) -> Mapping[str, str]: ...
    @property
    def parameters(self) -> Mapping[str, str]: ...
    @property
    def definitions(self) -> Mapping[str, str]: ...
    @property
    def places(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Meaning:
    """Readouts and loss as scalars, velocities as matrices (W and further ones) and columns (vectors).

    ``overlaps`` has both orders of each pair that is listed; ``values`` the parameters' numbers.
    """

    readouts: Mapping[str, Scalar]
    loss: Scalar | None
    velocity: Mapping[str, MatrixForm | ColumnForm]
    overlaps: Mapping[tuple[str, str], Scalar]
    values: Mapping[str, Fraction]
    g: Fraction | None
    parts: Mapping[str, Form]
    """What was read, by where it stands ("readout z, line 15")."""
    names: frozenset[str]
    """All that the flow has a name for."""

    @property
    def matrices(self) -> tuple[str, ...]:
        """Names of the matrices that move."""
        return tuple(name for name, form in self.velocity.items() if isinstance(form, MatrixForm))

    @property
    def vectors(self) -> tuple[str, ...]:
        """Names of the vectors that move."""
        return tuple(name for name, form in self.velocity.items() if isinstance(form, ColumnForm))


def meaning(flow: Stated) -> Meaning:
    """The meaning of a flow. Raises FlowProblem."""
    return _Reader(flow).read()


def exact_number(text: str, where: str) -> Fraction:
    """A rational number from text such as 3/2 or 0.1."""
    try:
        if not text.isascii() or len(text) > 200:
            raise ValueError
        _, _, exponent = text.lower().partition("e")
        if exponent and abs(int(exponent)) > 1000:
            raise ValueError
        return Fraction(text.replace(" ", ""))
    except (ValueError, ZeroDivisionError):
        raise FlowProblem(f"{where}: {text!r}: allowed is an exact number such as 3/2 or 0.1") from None


class _Reader:
    def __init__(self, flow: Stated) -> None:
        self.flow = flow
        self.known: dict[str, Form] = {}
        self.active: list[str] = []
        self.parts: dict[str, Form] = {}
        self.others = [name for name in flow.velocity if name not in ("W", *flow.ensemble.vectors)]

    def where(self, part: str) -> str:
        place = self.flow.places.get("vectors" if part.startswith("vector ") else part)
        return f"{part}, {place}" if place else part

    def refuse(self, part: str, message: str) -> NoReturn:
        raise FlowProblem(f"{self.where(part)}: {message}")

    def read(self) -> Meaning:
        flow = self.flow
        names = self.checked_names()
        values = {
            name: exact_number(text, self.where(f"parameter {name}"))
            for name, text in flow.parameters.items()
        }
        g = self.strength()
        overlaps = self.overlaps()
        readouts = {name: self.scalar("readout", name, text) for name, text in flow.readouts.items()}
        doubled = doubly_named(readouts, flow.ensemble.vectors)
        if doubled is not None:
            self.refuse(*doubled)
        for name in flow.definitions:
            self.name(name)
        loss = None
        if flow.loss is not None:
            loss = parse_scalar(Source(flow.loss, self.where("loss")), self.name, self.allowed)
            self.parts[self.where("loss")] = loss
        velocity = self.velocities(loss)
        check_points(self.parts, values, g)
        pairs = {pair: self.where(f"overlap {pair}") for pair in flow.ensemble.overlaps}
        check_overlaps(flow.ensemble.vectors, overlaps, values, pairs)
        return Meaning(readouts, loss, velocity, overlaps, values, g, self.parts, names)

    def checked_names(self) -> frozenset[str]:
        flow = self.flow
        kinds = {
            "vector": flow.ensemble.vectors,
            "parameter": flow.parameters,
            "readout": flow.readouts,
            "definition": flow.definitions,
            "velocity": self.others,
        }
        if not flow.ensemble.vectors:
            self.refuse("vectors", "no names: allowed is at least one vector")
        if not flow.readouts:
            self.refuse("readouts", 'none: allowed is at least one word such as z = "w\' R m"')
        seen: dict[str, str] = {}
        for kind, names in kinds.items():
            if len(names) > MOST:
                self.refuse(f"{kind}s", f"{len(names)} of them: allowed are {MOST}")
            for name in names:
                part = f"{kind} {name}"
                problem = name_problem(kind, name)
                if problem is not None:
                    self.refuse(part, problem)
                if name in seen:
                    self.refuse(part, f"{name!r} is a {seen[name]} already: allowed are other names")
                seen[name] = kind
        return frozenset(seen)

    def strength(self) -> Fraction | None:
        text = self.flow.ensemble.g
        if text is None:
            return None
        value = exact_number(text, self.where("ensemble g"))
        if not 0 <= value < 1:
            self.refuse("ensemble g", f"g = {text}: allowed is 0 <= g < 1")
        return value

    def overlaps(self) -> dict[tuple[str, str], Scalar]:
        found: dict[tuple[str, str], Scalar] = {}
        vectors = self.flow.ensemble.vectors
        for pair, text in self.flow.ensemble.overlaps.items():
            part = f"overlap {pair}"
            left, _, right = (name.strip() for name in pair.partition("."))
            for name in (left, right):
                if name not in vectors:
                    self.refuse(part, f"unknown vector {name!r}: allowed are {', '.join(vectors)}")
            if (left, right) in found:
                self.refuse(part, "given twice")
            value = parse_scalar(Source(text, self.where(part)), self.parameter, self.allowed_parameters)
            if not all(is_polynomial(part) for part in inside(value)):
                self.refuse(part, f'"{text}": allowed is a number or a polynomial in the parameters')
            found[left, right] = found[right, left] = value
        return found

    def parameter(self, name: str) -> Form | None:
        return Parameter(name) if name in self.flow.parameters else None

    def allowed_parameters(self) -> str:
        return ", ".join(self.flow.parameters) or "no parameters are given"

    def name(self, name: str) -> Form | None:
        """The form of a name, None where it is unknown. Raises FlowProblem where it is defined by itself."""
        flow = self.flow
        if name in self.known:
            return self.known[name]
        if name in flow.parameters:
            return Parameter(name)
        if name in flow.ensemble.vectors:
            return vector_form(name)
        if name in ("W", "W0") or name in self.others:
            return letter_form(FlowLetter(name))
        for kind, texts in (("readout", flow.readouts), ("definition", flow.definitions)):
            if name in texts:
                source = Source(texts[name], self.where(f"{kind} {name}"))
                if name in self.active:
                    circle = " -> ".join([*self.active[self.active.index(name) :], name])
                    raise FlowProblem(f"{source.where}: {name!r} is defined by itself: {circle}")
                self.active.append(name)
                self.known[name] = parse(source, self.name, self.allowed)
                self.active.pop()
                self.parts[source.where] = self.known[name]
                return self.known[name]
        return None

    def allowed(self) -> str:
        names = [*self.flow.ensemble.vectors, "W", "W0", "R", "R(c)", *self.others, *self.flow.parameters]
        return ", ".join([*names, *self.flow.readouts, *self.flow.definitions])

    def scalar(self, kind: str, name: str, text: str) -> Scalar:
        found = self.name(name)
        if isinstance(found, ColumnForm | MatrixForm) or found is None:
            shown = "nothing" if found is None else f"a {shape(found)}"
            self.refuse(f"{kind} {name}", f'"{text}" is {shown}: a scalar such as "w\' R m" belongs here')
        if not any(isinstance(leaf, Overlap) for leaf in leaves(found)):
            self.refuse(f"{kind} {name}", f'"{text}" holds no word: allowed are words such as "w\' R m"')
        return found

    def velocities(self, loss: Scalar | None) -> dict[str, MatrixForm | ColumnForm]:
        flow = self.flow
        if loss is not None and flow.velocity:
            self.refuse("velocity", "given beside a loss: allowed is one of the two")
        if loss is None and not flow.velocity:
            raise FlowProblem("neither a loss nor a velocity is given: one of the two belongs in the flow")
        if loss is not None:
            return gradient_flow(loss, self.train())
        found: dict[str, MatrixForm | ColumnForm] = {}
        for name, text in flow.velocity.items():
            part = f"velocity {name}"
            form = parse(Source(text, self.where(part)), self.name, self.allowed)
            wanted = "column" if name in flow.ensemble.vectors else "matrix"
            if shape(form) != wanted or not isinstance(form, MatrixForm | ColumnForm):
                self.refuse(
                    part, f'"{text}" is a {shape(form)}: a {wanted} belongs here, since {name} is one'
                )
            if isinstance(form, MatrixForm):
                self.check_matrix(part, form)
            found[name] = form
            self.parts[self.where(part)] = form
        return found

    def train(self) -> tuple[str, ...]:
        given = tuple(name for name in self.flow.train if name)
        allowed = ("W", *self.flow.ensemble.vectors)
        if not given:
            self.refuse("loss train", f"empty: allowed is a non-empty subset of {', '.join(allowed)}")
        for name in given:
            if name not in allowed:
                self.refuse("loss train", f"{name!r}: allowed is a non-empty subset of {', '.join(allowed)}")
        return tuple(name for name in allowed if name in given)

    def check_matrix(self, part: str, form: MatrixForm) -> None:
        for operator in form.operators:
            letters = operator.letters
            single = letters[0] if len(letters) == 1 else None
            if single is not None and single.point is None and not single.transposed:
                continue
            self.refuse(
                part,
                f"the term {typed_letters(letters)} is neither an outer product such as w m' nor a "
                f"multiple of {', '.join(['W', 'W0', *self.others])}: allowed are sums of these",
            )
