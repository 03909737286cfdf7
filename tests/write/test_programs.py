"""Every emitted function, run as a program and as printed Python, over the orders."""

import copy
import pickle

import mpmath
import numpy as np
import pytest
from emitted_modules import OPTIONS, expansion_of, flat, other_module, point
from slow_cases import slow_but

from derive.write.code.python import python

CASES = [(order, option) for order in (1, 2, 3, 5) for option in OPTIONS if order < 5 or option == ""]
CASES += slow_but([], [(8, ""), (20, "")])


def printed(module):
    """The functions that the printed Python defines."""
    namespace = {}
    exec(compile(python(module), module.name, "exec"), namespace)
    return namespace


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]} {case[1]}".strip())
def module(request):
    return expansion_of(*request.param)


def at_g0(module):
    return "at g = 0" in module.doc.splitlines()[0]


def test_a_program_runs_as_its_python_does(module):
    """The same operations in the same order: equal to the last bit."""
    found = printed(module)
    for function in module.functions:
        values = point(function, at_g0=at_g0(module))
        assert flat(function(*values)) == flat(found[function.name](*values)), function.name


@pytest.mark.slow
@pytest.mark.parametrize("name", ["modes", "network", "numbers", "moment", "series", "overlap"])
def test_programs_of_other_subjects_run_as_their_python_does(name):
    module = other_module(name)
    found = printed(module)
    for function in module.functions:
        values = point(function)
        assert flat(function(*values)) == flat(found[function.name](*values)), function.name


def test_arguments_broadcast_against_each_other(module):
    """An axis of its own for every argument: every result has them all, and the value of single numbers."""
    for function in module.functions:
        values = point(function, 1, at_g0(module))
        count = len(values)
        shape = tuple(range(2, 2 + count))
        arrays = [
            np.full([n if i == k else 1 for i in range(count)], value)
            for k, (value, n) in enumerate(zip(values, shape, strict=True))
        ]
        for one, many in zip(flat(function(*values)), flat(function(*arrays)), strict=True):
            assert np.shape(many) == shape, function.name
            np.testing.assert_allclose(many, one, rtol=1e-10, atol=1e-300)  # numpy's powers round otherwise


def test_single_precision_does_not_overflow(module):
    """Finite, and double precision's value to 1e-3: the sums lose two or three digits to cancellation."""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for seed in range(3):
            for function in module.functions:
                values = point(function, seed, at_g0(module))
                exact = np.array(flat(function(*values)))
                single = flat(function(*map(np.float32, values)))
                assert all(np.asarray(x).dtype == np.float32 for x in single), function.name
                size = np.abs(exact) + np.array([1e-30] * len(exact))
                assert np.all(np.abs(np.array(single, dtype=float) - exact) <= 1e-3 * size), function.name


@pytest.mark.slow
@pytest.mark.parametrize("order", [24, 40, 60])
def test_single_precision_at_high_orders(order):
    """The readout at y = zhat^2 beta up to 160, where y to the highest power alone overflows."""
    import derive

    series = derive.expand(derive.FixedPointTask(), order).readout
    for zhat, g in ((0.5, 0.0), (2.0, 0.6), (4.0, 0.95)):
        beta = 1 / (1 - g * g)
        tau = 0.2 / np.sqrt(zhat**2 * beta + 0.25) / beta**2
        with np.errstate(over="raise", invalid="raise"):
            single = series(np.float32(tau), np.float32(zhat), np.float32(g))
        assert single.dtype == np.float32
        assert single == pytest.approx(series(tau, zhat, g), rel=1e-4)


@pytest.mark.slow
def test_exact_in_many_digits():
    """Order 20 in 60 digits against 120: no double has rounded on the way."""
    for function in expansion_of(20).functions:
        values = point(function)
        with mpmath.workdps(120):
            exact = flat(function(*map(mpmath.mpf, values)))
        with mpmath.workdps(60):
            for value, reference in zip(flat(function(*map(mpmath.mpf, values))), exact, strict=True):
                assert abs(value - reference) <= mpmath.mpf(10) ** -50 * abs(reference), function.name


def test_torch_differentiates_maps_and_keeps_the_type():
    torch = pytest.importorskip("torch")
    for function in expansion_of(5).functions:
        values = [torch.tensor(x, dtype=torch.float64) for x in point(function)]
        many = torch.vmap(lambda *x, f=function: torch.stack(flat(f(*x))))(*(v.expand(3) for v in values))
        expected = torch.stack(flat(function(*values)))
        torch.testing.assert_close(many, expected.expand_as(many), rtol=1e-12, atol=0)
        total = lambda first, f=function, rest=values[1:]: sum(flat(f(first, *rest)))  # noqa: E731
        step = 1e-6
        (slope,) = torch.autograd.functional.jacobian(total, (values[0],))
        difference = (total(values[0] + step) - total(values[0] - step)) / (2 * step)
        assert slope.item() == pytest.approx(difference.item(), rel=1e-5, abs=1e-7), function.name


@pytest.mark.slow
def test_jax_in_32_bits():
    jax = pytest.importorskip("jax")
    for order in (5, 20):
        for function in expansion_of(order).functions:
            values = point(function)
            compiled = jax.jit(lambda *x, f=function: flat(f(*x)))(*map(jax.numpy.float32, values))
            assert np.allclose(compiled, flat(function(*values)), rtol=1e-3), function.name


def test_programs_pickle_and_copy(module):
    for function in module.functions:
        function(*point(function))  # what was worked out is not pickled
        for other in (pickle.loads(pickle.dumps(function)), copy.deepcopy(function)):
            assert other == function
            assert hash(other) == hash(function)
            assert flat(other(*point(function))) == flat(function(*point(function)))


def test_only_needed_assignments_stand_in_a_body(module):
    """Every assignment is read later, before its name is assigned again or at the end."""
    from derive.series.assignment import leaves
    from derive.series.expression import names

    for function in module.functions:
        live = {name for leaf in leaves(function.result) for name in names(leaf)}
        for assignment in reversed(function.body):
            assert assignment.name in live, (function.name, assignment)
            live = (live - {assignment.name}) | set(names(assignment.value))
        assert live <= {argument.name for argument in function.arguments}


def test_a_call_says_what_is_wrong():
    readout = expansion_of(3).functions[0]
    with pytest.raises(TypeError, match=r"readout\(tau, zhat, g\): g missing"):
        readout(0.1, 1.0)
    with pytest.raises(TypeError, match="got 4 values"):
        readout(0.1, 1.0, 0.5, 0.2)
    assert readout(tau=0.1, zhat=1.0, g=0.5) == readout(0.1, 1.0, 0.5)
