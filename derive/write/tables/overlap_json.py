"""The overlap system as one JSON document; expressions are strings in Python syntax."""

from __future__ import annotations

import json
from typing import Any

from derive.overlaps.gram_flow import GramFlow
from derive.overlaps.invariants import flow_invariants, symmetry_invariants


def overlap_json(system: GramFlow) -> str:
    """Keys: system, rank, inputs, outputs, nonlinearity, frozen, vectors, symbols, visible,
    invisible, flow, descent, update, preconditioner, invariants.

    ``flow[name]`` is dsigma_name/dtau, ``descent[name]`` the overlap after one epoch with learning
    rate ``lr``, ``update`` the matrix F, ``preconditioner`` G over the names in ``visible``.
    """
    problem = system.problem
    document: dict[str, Any] = {
        "system": "overlap",
        "rank": problem.rank,
        "inputs": problem.inputs,
        "outputs": problem.outputs,
        "nonlinearity": problem.nonlinearity,
        "frozen": list(problem.frozen),
        "vectors": list(problem.vectors),
        "symbols": {
            "sigma_ab": "overlap a.b/N of the columns a and b of X",
            "d_ab": "dL/dsigma_ab, the overlap counted once",
            "lr": "learning rate; the network learns with N*lr",
        },
        "visible": list(system.visible),
        "invisible": list(system.invisible),
        "flow": {name: str(expression) for name, expression in system.flow.items()},
        "descent": {name: str(expression) for name, expression in system.descent.items()},
        "update": [[str(x) for x in system.update.row(i)] for i in range(problem.size)],
        "preconditioner": [
            [str(x) for x in system.preconditioner.row(i)] for i in range(len(system.visible))
        ],
        "invariants": {
            "X J X^T": [
                [[str(x) for x in J.row(i)] for i in range(J.rows)]
                for J in flow_invariants(problem, system.visible)
            ],
            "overlaps": [str(expression) for expression in symmetry_invariants(problem)],
        },
    }
    return json.dumps(document, indent=2) + "\n"
