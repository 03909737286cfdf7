"""The rank-1 filter task in continuous time as a formula, and its solutions (THEORY 6).

With q = zu vm, x = vu, the impulse response y(t) = zm e^-t + q (e^(-(1-x)t) - e^-t)/x against the
target y*(t) = a e^(-ct) cos(wt), A = 1 + c, B = A - x, D1 = A^2 + w^2, D2 = B^2 + w^2:

    L = int_0^oo (y - y*)^2 dt
      = zm^2/2 + zm q/(2-x) + q^2/(2 (1-x)(2-x)) - 2 a zm A/D1 - 2 a q (AB - w^2)/(D1 D2)
        + a^2 (1/c + c/(c^2 + w^2))/4,        x < 1:

rational in the overlaps. L = 0 fixes zm, zu vm and vu: a family of solutions, not a point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from derive.overlaps.gram_flow import sigma
from derive.series.exact_scalars import exact

if TYPE_CHECKING:
    import sympy


def filter_loss(amplitude: Any, decay: Any, frequency: Any = 0) -> sympy.Expr:
    """L as a sympy expression in sigma_zm, sigma_zu, sigma_vm, sigma_vu; the target's numbers may be
    symbols.

    >>> filter_loss(1, 1).subs({sigma("zm"): 1, sigma("zu"): 0})
    0
    """
    import sympy

    target = [
        exact(value) if isinstance(value, str) else sympy.sympify(value, strict=True)
        for value in (amplitude, decay, frequency)
    ]
    visible = [sigma(name) for name in ("zm", "zu", "vm", "vu")]
    return sympy.sympify(loss_and_derivatives(*visible, *target)[0])


def loss_and_derivatives(
    zm: Any, zu: Any, vm: Any, vu: Any, amplitude: Any, decay: Any, frequency: Any
) -> tuple[Any, dict[str, Any]]:
    """L and dL/dsigma by name, on any scalars with + - * /: numbers, symbols, truncated series."""
    q, square, A = zu * vm, frequency * frequency, 1 + decay
    B = A - vu
    N = A * B - square
    # every quotient of the formula is one of these, so that each is divided out once
    by_u, by_v = 1 / (1 - vu), 1 / (2 - vu)
    by_D1, by_D2 = 1 / (A * A + square), 1 / (B * B + square)
    at_zero = amplitude * amplitude * (1 / decay + decay * (1 / (decay * decay + square))) / 4
    loss = zm * zm / 2 + zm * q * by_v + q * q * by_u * by_v / 2
    loss = loss - 2 * amplitude * zm * A * by_D1 - 2 * amplitude * q * N * by_D1 * by_D2 + at_zero
    by_q = zm * by_v + q * by_u * by_v - 2 * amplitude * N * by_D1 * by_D2
    by_vu = zm * q * by_v * by_v + q * q * by_u * by_v * (by_u + by_v) / 2
    by_vu = by_vu - 2 * amplitude * q * (2 * B * N * by_D2 - A) * by_D1 * by_D2
    return loss, {
        "zm": zm + q * by_v - 2 * amplitude * A * by_D1,
        "zu": by_q * vm,
        "vm": by_q * zu,
        "vu": by_vu,
    }


@dataclass(frozen=True)
class FilterSolutions:
    """All zero-loss overlaps for y* = a exp(-c t), c not 1: values of zm, vu and the product zu vm.

    ``dimension``: of the solutions among the four visible overlaps; among all ten, six more.
    """

    values: dict[str, sympy.Expr]
    dimension: int


def filter_solutions(euler: bool = False) -> FilterSolutions:
    """Solve y = y* for a network of rank 1, in symbols a, c (and dt).

    In continuous time the transfer functions agree, zm/(s+1) + zu vm/((s+1)(s+1-vu)) = a/(s+c); for
    Euler steps of dt, output after each step, the generating functions of y_n and a exp(-c n dt):
    zm/(w-1+dt) + dt zu vm/((w-1+dt)(w-1+dt-dt vu)) = a e/(w-e), e = exp(-c dt).
    """
    import sympy

    a, c, dt = sympy.symbols("a c dt", positive=True)
    zm, q, vu, s = sympy.symbols("zm q vu s")
    if euler:
        pole, fast, step, scale = sympy.exp(-c * dt), 1 - dt, dt, a * sympy.exp(-c * dt)
    else:
        pole, fast, step, scale = -c, sympy.Integer(-1), sympy.Integer(1), a
    slow = fast + step * vu
    identity = (zm * (s - slow) + step * q) * (s - pole) - scale * (s - fast) * (s - slow)
    conditions = sympy.Poly(sympy.expand(identity), s).coeffs()
    found = [
        solution
        for solution in sympy.solve(conditions, [zm, q, vu], dict=True)
        if len(solution) == 3 and solution[zm] != 0
    ]
    if len(found) != 1:
        raise AssertionError(f"one family of solutions expected, {len(found)} found")
    solution = {name: sympy.simplify(value) for name, value in found[0].items()}
    zu, vm = sympy.symbols("zu vm")
    jacobian = sympy.Matrix([condition.subs(q, zu * vm) for condition in conditions]).jacobian(
        [zm, zu, vm, vu]
    )
    at_solution = jacobian.subs(vm, solution[q] / zu).subs({zm: solution[zm], vu: solution[vu]})
    rank = at_solution.applyfunc(sympy.simplify).rank(simplify=True)
    values = {"zm": solution[zm], "zu vm": sympy.factor(solution[q]), "vu": solution[vu]}
    return FilterSolutions(values, 4 - int(rank))
