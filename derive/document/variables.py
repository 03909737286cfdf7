"""The letters of the field, each once: name, LaTeX, meaning; one macro stands for one thing everywhere."""

from __future__ import annotations

from derive.document.model import Variable
from derive.observables import registry
from derive.observables.singular_values import singular_value

TAU = Variable("tau", r"\tau", "learning time, learning rate times epochs")
TTILDE = Variable("ttilde", r"\tilde{\tau}", "effective learning time, beta**2 * tau")
ZHAT = Variable("zhat", r"\hat{z}", "target of the readout, zhat > 0")
BETA = Variable("beta", r"\beta", "1/(1 - g**2), g the strength of the initial connectivity, 0 <= g < 1")
RESOLVENT = Variable("B", "B", "(I - W0)^-1")
READOUT_VECTOR = Variable("w", "w", "readout vector, of norm 1")
INPUT_VECTOR = Variable("m", "m", "input vector, of norm 1, independent of w")
RHO = Variable("rho", r"\rho", "w.m, the overlap of the two vectors, -1 <= rho <= 1")
LAMBDA = Variable(
    "lam", r"\lambda", "eigenvalue of W outside the disc of W0's spectrum, |lam| > g", macro="lambda"
)
DELTA = Variable("delta", r"\delta", "z/zhat, the part of the way that is done")
Y = Variable("y", "y", "zhat**2 * beta")

FIXED_POINT = (
    TAU,
    TTILDE,
    ZHAT,
    BETA,
    RESOLVENT,
    READOUT_VECTOR,
    INPUT_VECTOR,
    RHO,
    LAMBDA,
    DELTA,
    Y,
    Variable("g", "g", "strength of the initial connectivity, 0 <= g < 1"),
    Variable("A", "A", "W - W0 = [w m] A [w m]^T at g = 0"),
    Variable("W", "W", "connectivity"),
    Variable("BT", r"B^{\top}", "transpose of B"),
    Variable("wT", r"w^{\top}", "transpose of w"),
    Variable("mT", r"m^{\top}", "transpose of m"),
    Variable("v", "v", "coordinate of a singular vector of W - W0"),
    Variable("D", "D", "its roots lam are the outliers of W"),
    Variable("taustar", r"\tau^{*}", "time at which delta is reached"),
    Variable("meangradient", r"\gamma", "mean of the gradient norm until delta is reached"),
    Variable(
        "shuffled", r"\mathcal{L}_{\mathrm{s}}/\mathcal{L}_0", "loss after W0 is shuffled, over the first"
    ),
    Variable("O", r"\mathcal{O}", "order of what is left out"),
)
MODES = (
    Variable("Z", "Z", "readouts"),
    Variable("Zhat", r"\hat{Z}", "target of the readouts"),
    Variable("left", "u", "left singular vector of the target"),
    Variable("right", "v", "right singular vector of the target"),
    Variable("T", r"^{\top}", "transpose"),
    Variable("normone", r"\left\lVert \Delta W \right\rVert_{1}", "norm of the change by one mode"),
    Variable("lossone", r"\mathcal{L}_{1}", "loss of one mode"),
)
NETWORK = (
    Variable("ww", r"\mathsf{w}_{#1}", "overlap w' (B B')**n w"),
    Variable("mm", r"\mathsf{m}_{#1}", "overlap m' (B' B)**n m"),
    Variable("wm", r"\mathsf{z}_{#1}", "overlap w' B (B' B)**n m"),
    Variable("error", r"\varepsilon_{0}", "zhat - wm_0, the error before learning"),
    Variable("C", "C", "coordinate of W - W0"),
    Variable("a", "a", "chain vector on the left"),
    Variable("b", "b", "chain vector on the right"),
    Variable("kappa", r"\kappa", "coordinate of m(tau) - m"),
    Variable("omega", r"\omega", "coordinate of w(tau) - w"),
)
MOMENT = (Variable("phi", r"\varphi", "limit of the normalised trace"),)
OVERLAP = (
    Variable("sigma", r"\sigma_{#1}", "overlap of two columns of X, over N"),
    Variable("d", r"\partial_{#1}\mathcal{L}", "derivative of the loss by an overlap"),
    Variable("lr", r"\eta", "learning rate; the network learns with N times it"),
)

VARIABLES = {variable.command: variable for variable in (*FIXED_POINT, *MODES, *NETWORK, *MOMENT, *OVERLAP)}
"""By macro; those of the observables are in their registry."""


def known_variables() -> dict[str, Variable]:
    """By macro, with the registry of observables. Raises ValueError for a macro of two meanings."""
    found = dict(VARIABLES)
    for entry in registry.OBSERVABLES:
        o = singular_value(1) if isinstance(entry, str) else entry
        variable = Variable(o.name, o.latex, o.title, o.macro.removeprefix(r"\drv"))
        if found.setdefault(o.macro, variable).latex != o.latex:
            taken = found[o.macro].latex
            raise ValueError(f"{o.macro} stands for {taken}; allowed for {o.name} is another macro")
    return found


LOWER = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi"
)
UPPER = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
LATIN = "Alpha=A Beta=B Epsilon=E Zeta=Z Eta=H Iota=I Kappa=K Mu=M Nu=N Omicron=O Rho=P Tau=T Chi=X omicron=o"
GREEK = {name: rf"\{name}" for name in f"{LOWER} chi psi omega {UPPER}".split(" ")} | {"lam": r"\lambda"}
GREEK |= {name: rf"\mathrm{{{sign}}}" for name, sign in (pair.split("=") for pair in LATIN.split(" "))}
"""What LaTeX has no sign for has that of a Latin letter, upright."""


def latex_name(name: str) -> str:
    """A name that a user gave: a Greek letter, a letter, or upright; digits after it are its index.

    >>> [latex_name(name) for name in ("lam", "x", "Gamma_1", "Eta", "rate2", "off")]
    ['\\\\lambda', 'x', '\\\\Gamma_{1}', '\\\\mathrm{H}', '\\\\mathrm{rate}_{2}', '\\\\mathrm{off}']
    """
    stem = name.rstrip("0123456789")
    base, index = stem.rstrip("_"), name[len(stem) :]
    if not base or (stem != base and not index):
        base, index = name, ""
    if base in GREEK:
        text = GREEK[base]
    elif len(base) == 1 and base != "_":
        text = base
    else:
        text = rf"\mathrm{{{base.replace('_', chr(92) + '_')}}}"
    return f"{text}_{{{index}}}" if index else text
