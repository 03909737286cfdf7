"""Integers of fixed size as arguments: the value is that of the same numbers in floating point."""

import numpy as np
import pytest

import derive
from derive.series.machine import floating

DTYPES = ("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")
TAU, ZHAT = np.array([0, 3, 20, 120]), np.array([1, 2, 17, 100])
EXPANSION = derive.expand(derive.FixedPointTask(), 6)
AT_ZERO = derive.expand(derive.FixedPointTask(g0=True), 6)
END = EXPANSION.learning_end
FUNCTIONS = {
    "readout": EXPANSION.readout,
    "loss": EXPANSION.loss,
    "gradient norm": EXPANSION.gradient_norm,
    "Frobenius norm": EXPANSION.frobenius_norm,
    "sharpness": EXPANSION.sharpness,
    "singular value": EXPANSION.singular_values[1],
    "readout at g = 0": AT_ZERO.readout,
    "loss at g = 0": AT_ZERO.loss,
    "learning time": END.time,
    "shuffled loss": END.shuffled_loss,
    "outlier equation": lambda tau, zhat, g: EXPANSION.outlier_equation(tau + 2, tau, zhat, g),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_arrays_of_integers(name, dtype):
    function = FUNCTIONS[name]
    tau, zhat = TAU.astype(dtype), ZHAT.astype(dtype)
    expected = function(tau.astype(float), zhat.astype(float), 0.0)
    for g in (0.0, np.zeros(4, dtype)):
        assert np.array_equal(function(tau * 1, zhat, g), expected)
    assert function(tau[2], zhat[2], 0.0) == expected[2]  # numpy's scalars


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "int64"])
def test_tensors_of_integers(dtype):
    torch = pytest.importorskip("torch")
    tau, zhat = (torch.tensor(x, dtype=getattr(torch, dtype)) for x in (TAU, ZHAT))
    got = EXPANSION.readout(tau, zhat, 0.0)
    # torch takes integers to its default type, float32 with 24 bits
    expected = EXPANSION.readout(TAU.astype(float), ZHAT.astype(float), 0.0)
    np.testing.assert_allclose(got.double().numpy(), expected, rtol=1e-5)


def test_all_else_passes_untouched():
    import sympy
    from flint import fmpq

    for value in (3, 0.5, fmpq(1, 3), sympy.Symbol("x"), np.array([0.5], "float32"), np.array([1j])):
        assert floating(value) is value


def test_a_flow_takes_integers():
    flow = derive.Flow(
        derive.Ensemble(("w", "m")),
        readouts={"z": "w' R m"},
        velocity={"W": "(zhat - z) w m' R' - lam W"},
        parameters={"zhat": "3/2", "lam": "1/10"},
    )
    z = derive.expand(flow, 4).readouts["z"]
    values = TAU, ZHAT, TAU
    expected = z(*(x.astype(float) for x in values), 0.0)
    assert np.array_equal(z(*(x.astype("uint8") for x in values), 0.0), expected)
