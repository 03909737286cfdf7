"""Flows stated in words: the engine's product rule against sympy's noncommutative symbols, and its growth.

The baseline differentiates z = w' R m by dR = R dW R on sympy's noncommutative symbols, order by order,
expands, and replaces contracted words by their moments at the end; both give the same z. Then the examples
in docs/flows, order by order (readouts, loss and W): outer products of W at this order, milliseconds of
processor time, and the memory held at most beyond that of order 1. Each order has a process of its own. At
the end the symmetric sums that singular values are read off, at the last order: by Faddeev and LeVerrier's
recursion on the whole matrix, and by the few minors that show at the powers of tau that s2 asks for.

    python benchmarks/flows.py [--sympy 1,2,3,4] [--orders 2,4,6,8] [--examples gradient,weight_decay,...]
                               [--seconds 200] [--gigabytes 8]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import sympy

import derive
from derive.flow.routes.product_rule_route import ProductRuleRoute
from derive.observables.of_flows.change_squared import ChangeSquared
from derive.observables.of_flows.tau_polynomials import eigenvalue_sums

FLOWS = Path(__file__).parents[1] / "docs" / "flows"
REPEATS = 3
TICKS = 0.05
"""Seconds below which the processor's own time is too coarse, and the clock's is taken."""
SPECTRA = ("gradient", "hebbian", "momentum", "nesterov")
"""Examples of which all singular values have series."""
TITLES = ("outer products", "milliseconds", "MiB")
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


@dataclass(frozen=True)
class Expanded:
    """An example through one order."""

    route: str
    words: int
    seconds: float
    mebibytes: float


def expanded(name: str, order: int) -> Expanded:
    """Readouts, loss and W of docs/flows/NAME.toml, in this process."""
    flow = derive.read_flow(FLOWS / f"{name}.toml")
    _ = derive.FlowExpansion(flow, 1).series  # what is imported on the way
    before, start, by_clock = _memory(), time.process_time(), time.perf_counter()
    expansion = derive.FlowExpansion(flow, order)
    _ = expansion.series
    words = len(expansion.change.matrix("W")[-1].terms)
    seconds = time.perf_counter() - by_clock
    if seconds > TICKS:
        seconds = time.process_time() - start
    return Expanded(expansion.route, words, seconds, _memory() - before)


def in_a_process(name: str, order: int, seconds: int, gigabytes: float) -> Expanded | None:
    """The same in a process of its own; None where it needs more than the time or the memory given.

    Where it is short, the shortest of three.
    """
    most = int(gigabytes * 2**30)

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (most, most))

    command = [sys.executable, __file__, "--one", name, "--orders", str(order)]
    found: list[Expanded] = []
    while not found or (len(found) < REPEATS and found[-1].seconds < 1):
        done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=bounded)
        if done.returncode:
            return None
        found.append(Expanded(**json.loads(done.stdout)))
    return min(found, key=lambda one: one.seconds)


def against_sympy(orders: Sequence[int]) -> None:
    """Print times of both, and stop where they differ."""
    print("order     derive        sympy    ratio")
    for order in orders:
        fast = min(_seconds(with_engine, order) for _ in range(3))
        start = time.process_time()
        slow = with_sympy(order)
        seconds = time.process_time() - start
        z = with_engine(order).readouts["z"]
        if any(sympy.expand(z[k] - slow[k]) != 0 for k in range(order + 1)):
            raise SystemExit(f"the two differ at order {order}")
        print(f"{order:>5}  {fast:>8.5f}s  {seconds:>10.3f}s  {seconds / fast:>6.0f}x", flush=True)


def growth(names: Sequence[str], orders: Sequence[int], seconds: int, gigabytes: float) -> None:
    """Print a row for each example."""
    columns = "".join(f"{order:>8}" for order in orders)
    print("\n" + f"{'order by order:':<40}" + "".join(f"{title:>{len(columns)}}" for title in TITLES))
    print(f"{'example':<24}{'route':<16}" + 3 * columns)
    for name in names:
        found: list[Expanded | None] = []
        for order in orders:  # where one order needs too much, so do the next
            found.append(in_a_process(name, order, seconds, gigabytes) if None not in found else None)
        route = next((one.route for one in found if one is not None), "")
        row = "".join("       -" if one is None else f"{one.words:>8}" for one in found)
        row += "".join("       -" if one is None else f"{1000 * one.seconds:>8.1f}" for one in found)
        row += "".join("       -" if one is None else f"{one.mebibytes:>8.0f}" for one in found)
        print(f"{name:<24}{route:<16}{row}", flush=True)
    print(f"-: more than {seconds} s or {gigabytes:g} GiB")


def symmetric_sums(names: Sequence[str], order: int) -> None:
    """Print times of both ways, and stop where they differ."""
    print(f"\n{f'symmetric sums, order {order}:':<40}recursion      minors    ratio")
    for name in names:
        change = derive.FlowExpansion(derive.read_flow(FLOWS / f"{name}.toml"), order).change
        length = 2 * order + 6
        squared = ChangeSquared.of(change, order, length)
        start = time.process_time()
        slow = eigenvalue_sums(squared.M, change.scalars, (order + 1) // 2 + 1)
        recursion = time.process_time() - start
        start = time.process_time()
        fast = squared.sums(squared.lengths(2, order, length))
        minors = time.process_time() - start
        if any(one != two[: len(one)] for one, two in zip(fast, slow, strict=False)):
            raise SystemExit(f"the two differ for {name}")
        print(f"{name:<40}{recursion:>8.3f}s  {minors:>9.4f}s  {recursion / minors:>6.0f}x", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sympy", default="1,2,3,4,5")
    parser.add_argument("--orders", default="2,4,6,8")
    parser.add_argument("--examples", default="")
    parser.add_argument("--seconds", type=int, default=200)
    parser.add_argument("--gigabytes", type=float, default=8.0)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    orders = [int(text) for text in arguments.orders.split(",") if text]
    if arguments.one:
        print(json.dumps(asdict(expanded(arguments.one, orders[0]))))
        return
    against_sympy([int(text) for text in arguments.sympy.split(",") if text])
    every = sorted(path.stem for path in FLOWS.glob("*.toml"))
    chosen = [name for name in arguments.examples.split(",") if name] or every
    growth(chosen, orders, arguments.seconds, arguments.gigabytes)
    symmetric_sums([name for name in chosen if name in SPECTRA], orders[-1])


def _seconds(function: Callable[[int], object], order: int) -> float:
    start = time.process_time()
    function(order)
    return time.process_time() - start


def _memory() -> float:
    """The most that this process has held so far, in MiB; getrusage would count who started it, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 2**10


if __name__ == "__main__":
    main()
