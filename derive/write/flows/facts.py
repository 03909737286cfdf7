"""What every document about a flow says: symbols, how far it holds, what moves."""

from __future__ import annotations

from derive.flow.expansion import FlowExpansion

STANDARD = {
    "tau": "learning time, learning rate times epochs",
    "beta": "1/(1 - g**2)",
    "g": "strength of the initial connectivity, 0 <= g < 1",
    "B": "(1 - W0)^-1",
    "W0": "initial connectivity, entries independent of variance g**2/N",
}


def symbols(expansion: FlowExpansion) -> dict[str, str]:
    """Every name in the document and what it means, parameters in the order of the arguments."""
    flow = expansion.flow
    found = {"tau": STANDARD["tau"]}
    overlaps = {text.strip(): pair for pair, text in flow.ensemble.overlaps.items()}
    for name, value in flow.parameters.items():
        pair = overlaps.get(name)
        meaning = f"overlap {pair.replace('.', ' . ')}" if pair else "parameter"
        found[name] = f"{meaning}, {value} in checks and simulations"
    found |= {name: STANDARD[name] for name in ("beta", "g", "W0", "B")}
    if any(letter != "B" for letter in expansion.resolvents):
        found["B(c)"] = "(c - W0)^-1"
    for name in flow.ensemble.vectors:
        found[name] = "vector of norm 1"
    return found


def validity(expansion: FlowExpansion) -> str:
    """Where the series holds."""
    flow = expansion.flow
    given = ", ".join(f"{pair} = {text}" for pair, text in flow.ensemble.overlaps.items())
    vectors = ", ".join(flow.ensemble.vectors)
    overlaps = f" with {given}, other overlaps 0" if given else ", independent"
    points = "".join(f" and |{point}| > g" for point in expansion.points if point != "1")
    return (
        f"Exact through tau**{expansion.order} at N -> infinity, for {vectors} of norm 1{overlaps}, 0 <= g < 1{points}. "
        f"Derived by the {expansion.route}. A Taylor series at tau = 0: it holds inside its radius of convergence."
    )


def statement(expansion: FlowExpansion) -> list[tuple[str, str]]:
    """The flow as it was stated, each part as (left, right)."""
    flow = expansion.flow
    lines = [(name, text) for name, text in flow.readouts.items()]
    lines += [(name, text) for name, text in flow.definitions.items()]
    if flow.loss is not None:
        lines.append(("loss", flow.loss))
        lines += [(f"d{name}/dtau", f"-d(loss)/d{name}") for name in flow.meaning.velocity]
    lines += [(f"d{name}/dtau", text) for name, text in flow.velocity.items()]
    return lines


def moving_matrices(expansion: FlowExpansion) -> tuple[str, ...]:
    """Matrices that move."""
    return expansion.flow.meaning.matrices


def moving_vectors(expansion: FlowExpansion) -> tuple[str, ...]:
    """Vectors that move."""
    return expansion.flow.meaning.vectors
