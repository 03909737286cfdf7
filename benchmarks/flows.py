"""Flows stated in words: the engine's product rule against sympy's noncommutative symbols, and its growth.

The baseline differentiates z = w' R m by dR = R dW R on sympy's noncommutative symbols, order by order,
expands, and replaces contracted words by their moments at the end; both give the same z. Then words, seconds
and peak memory of the examples in docs/flows, order by order.

    python benchmarks/flows.py [--sympy 1,2,3,4] [--orders 2,4,6,8] [--examples gradient,weight_decay,...]
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from pathlib import Path

import sympy

import derive
from derive.flow.routes.product_rule_route import ProductRuleRoute

ROOT = Path(__file__).parents[1]
TASK = derive.Flow(
    derive.Ensemble(["w", "m"]), {"z": "w' R m"}, loss="(zhat - z)**2/2", parameters={"zhat": "1"}
)
R, RT, w, wT, m, mT = sympy.symbols("R RT w wT m mT", commutative=False)
zhat, beta = derive.zhat, derive.beta
MOVING = {R: R * RT * w * mT * RT * R, RT: RT * R * m * wT * R * RT}
"""What dR = R dW R puts in the place of R, and of R', without the scalar zhat - w' R m."""
TRANSPOSE = {R: RT, RT: R, w: wT, wT: w, m: mT, mT: m}


def derivative(expression: sympy.Expr) -> sympy.Expr:
    """d/dtau by the product rule, expanded."""
    total = sympy.Integer(0)
    for term in sympy.Add.make_args(expression):
        commuting, letters = term.args_cnc()
        for i, letter in enumerate(letters):
            if letter in MOVING:
                changed = sympy.Mul(*letters[:i], MOVING[letter], *letters[i + 1 :])
                total += sympy.Mul(*commuting) * (zhat - wT * R * m) * changed
    return sympy.expand(total)


def at_start(expression: sympy.Expr) -> sympy.Expr:
    """Contracted words as their moments at N -> infinity."""
    total = sympy.Integer(0)
    for term in sympy.Add.make_args(expression):
        commuting, letters = term.args_cnc()
        value, word, open_with = sympy.Mul(*commuting), [], None
        for letter in letters:
            if letter in (wT, mT):
                open_with, word = letter, []
            elif letter in (w, m):
                same = TRANSPOSE[letter] == open_with
                value *= derive.moment(" ".join(word)) if same and word else int(same)
            else:
                word.append("B" if letter == R else "B'")
        total += value
    return sympy.expand(total)


def with_sympy(order: int) -> list[sympy.Expr]:
    """z_0..z_order."""
    found, z = [], wT * R * m
    for k in range(order + 1):
        found.append(at_start(z) / sympy.factorial(k))
        z = derivative(z) if k < order else z
    return found


def with_engine(order: int) -> derive.FlowExpansion:
    """The same by the product rule of derive."""
    expansion = derive.FlowExpansion(TASK, order, (ProductRuleRoute(),))
    _ = expansion.readouts
    return expansion


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sympy", default="1,2,3,4,5")
    parser.add_argument("--orders", default="2,4,6,8")
    parser.add_argument("--examples", default="")
    arguments = parser.parse_args()
    print("order     derive        sympy    ratio")
    for order in (int(text) for text in arguments.sympy.split(",") if text):
        fast = min(_seconds(with_engine, order) for _ in range(3))
        start = time.perf_counter()
        slow = with_sympy(order)
        seconds = time.perf_counter() - start
        z = with_engine(order).readouts["z"]
        if any(sympy.expand(z[k] - slow[k]) != 0 for k in range(order + 1)):
            raise SystemExit(f"the two differ at order {order}")
        print(f"{order:>5}  {fast:>8.5f}s  {seconds:>10.3f}s  {seconds / fast:>6.0f}x", flush=True)
    chosen = arguments.examples.split(",") if arguments.examples else []
    print("\nexample                  route           order    words of W   seconds   peak memory")
    for path in sorted((ROOT / "docs" / "flows").glob("*.toml")):
        if chosen and path.stem not in chosen:
            continue
        flow = derive.read_flow(path)
        for order in (int(text) for text in arguments.orders.split(",") if text):
            if path.stem == "two_frequencies" and order > 4:
                continue
            tracemalloc.start()
            start = time.perf_counter()
            expansion = derive.FlowExpansion(flow, order)
            words = len(expansion.change.matrix("W")[-1].terms)
            seconds = time.perf_counter() - start
            peak = tracemalloc.get_traced_memory()[1] / 2**20
            tracemalloc.stop()
            print(
                f"{path.stem:<24} {expansion.route:<15} {order:>5}  {words:>12}  {seconds:>8.3f}"
                f"  {peak:>8.1f} MiB",
                flush=True,
            )


def _seconds(function: object, order: int) -> float:
    start = time.perf_counter()
    function(order)  # type: ignore[operator]
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
