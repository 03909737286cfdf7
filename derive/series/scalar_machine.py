"""Running a program on plain numbers: what the first argument does not touch is kept for the next call.

A machine's operations are sorted into those that depend on the first argument (learning time) and those
that do not; of the latter the results are kept once the other arguments have come twice in a row. What is
left are mostly runs s <- c + x s with constants c, one loop each. All operations are those of the machine in
its order, so that the number that comes out is the same to the last bit.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.series.machine import Machine, Operation

Value = tuple["Operation", int, int]
"""An operation and the numbers of the two values it takes."""
PLAIN = frozenset({float, int})
"""Types of the arguments; the first is a float, and so every power with the exponent 0 is 1.0."""


@dataclass(frozen=True)
class ScalarStep:
    """One step of what moves: an operation of a and b; c + a b; or s <- c + a s for every c, from s = b."""

    operation: Operation | None
    a: int
    b: int
    c: int | tuple[int, ...] | None
    target: int


class ScalarMachine:
    """A machine on plain numbers; it keeps the values of one set of all arguments but the first."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._last: tuple[Any, ...] | None = None
        self._split(*_single_assignment(machine))
        self._known: tuple[tuple[Any, ...] | None, list[Any], list[tuple[Any, ...]]] = (None, [], [])

    def __call__(self, first: float, *others: float) -> Any:
        known = self._known
        if known[0] != others:
            if self._last != others:
                self._last = others
                return self._machine(first, *others)
            self._known = known = (others, *self._prepared(others))
        place = known[1].copy()
        place[0] = first
        for operation, a, b, c, target in known[2]:
            if operation is None:
                x, s = place[a], place[b]
                for constant in c:
                    s = constant + x * s
                place[target] = s
            elif c is None:
                place[target] = operation(place[a], place[b])
            else:
                place[target] = place[c] + place[a] * place[b]
        return place[self._result]

    def _split(self, constants: dict[int, Any], values: dict[int, Value], result: int) -> None:
        self._constants = constants
        moving = {0}
        self._steady: list[tuple[Operation, int, int, int]] = []
        steps: list[ScalarStep] = []
        for number, (operation, a, b) in values.items():
            if a in moving or b in moving:
                moving.add(number)
                steps.append(ScalarStep(operation, a, b, None, number))
            else:
                self._steady.append((operation, a, b, number))
        steps = _joined(steps, moving, result)
        read = [x for step in steps for x in (step.a, step.b, step.c) if isinstance(x, int)]
        order = {x: i for i, x in enumerate(dict.fromkeys([0, *read, *(s.target for s in steps), result]))}
        self._held = [x if x not in moving else None for x in order]
        self._steps = [
            ScalarStep(
                s.operation,
                order[s.a],
                order[s.b],
                order[s.c] if isinstance(s.c, int) else s.c,
                order[s.target],
            )
            for s in steps
        ]
        self._result = order[result]

    def _prepared(self, others: tuple[Any, ...]) -> tuple[list[Any], list[tuple[Any, ...]]]:
        """The places with all that does not move, and the steps with their constants."""
        value = self._constants | dict(enumerate(others, 1))
        for operation, a, b, target in self._steady:
            value[target] = operation(value[a], value[b])
        place = [None if x is None else value[x] for x in self._held]
        steps: list[tuple[Any, ...]] = []
        for step in self._steps:
            if isinstance(step.c, tuple):
                steps.append((None, step.a, step.b, tuple(value[x] for x in step.c), step.target))
            else:
                steps.append((step.operation, step.a, step.b, step.c, step.target))
        return place, steps


def scalar_machine(machine: Machine) -> ScalarMachine | None:
    """The machine on plain numbers, where it returns one and takes nothing else."""
    return None if machine.entries or not isinstance(machine.result, int) else ScalarMachine(machine)


def _single_assignment(machine: Machine) -> tuple[dict[int, Any], dict[int, Value], int]:
    """Constants, operations and the result by numbers that are never used again; arguments come first."""
    number = {i: i for i in range(len(machine.arguments))}
    constants: dict[int, Any] = {}
    values: dict[int, Value] = {}
    count = len(number)

    def numbered(place: int) -> int:
        nonlocal count
        if place not in number:
            constants[count] = machine.start[0][place]
            number[place], count = count, count + 1
        return number[place]

    for operation, left, right, target in machine.code:
        a, b = numbered(left), numbered(right)
        if operation is operator.pow and constants.get(b) == 0:
            constants[count] = 1.0
            number[target], count = count, count + 1
            continue
        values[count] = operation, a, b
        number[target], count = count, count + 1
    return constants, values, numbered(machine.result)


def _joined(steps: Sequence[ScalarStep], moving: set[int], result: int) -> list[ScalarStep]:
    """Products that are used once, in a sum, joined with it; then runs of such sums with one factor."""
    uses = Counter(x for step in steps for x in (step.a, step.b))
    uses[result] += 1
    found: dict[int, ScalarStep] = {}
    for step in steps:
        joined = step
        if step.operation is operator.add:
            for product, other in ((step.b, step.a), (step.a, step.b)):
                earlier = found.get(product)
                if earlier and earlier.operation is operator.mul and earlier.c is None and uses[product] == 1:
                    del found[product]
                    joined = _run(
                        ScalarStep(operator.add, earlier.a, earlier.b, other, step.target),
                        found,
                        moving,
                        uses,
                    )
                    break
        found[step.target] = joined
    return list(found.values())


def _run(step: ScalarStep, found: dict[int, ScalarStep], moving: set[int], uses: Counter[int]) -> ScalarStep:
    """c + a b with c at rest begins a run, or goes on with the one that b (or a) is."""
    if not isinstance(step.c, int) or step.c in moving:
        return step
    for x, s in ((step.a, step.b), (step.b, step.a)):
        earlier = found.get(s)
        if earlier and isinstance(earlier.c, tuple) and uses[s] == 1:
            first = earlier.a if earlier.b == x and len(earlier.c) == 1 else earlier.b
            if x in (earlier.a, earlier.b) and (earlier.a == x or len(earlier.c) == 1):
                del found[s]
                return ScalarStep(None, x, first, (*earlier.c, step.c), step.target)
    x, s = (step.a, step.b) if step.b not in moving else (step.b, step.a)
    if x not in moving:
        x, s = s, x
    return ScalarStep(None, x, s, (step.c,), step.target)
