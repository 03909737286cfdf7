"""Error bars of overlapping vectors, and of vectors that learn: differences against the closed form, word
moments, and random networks."""

import json

import numpy as np
import pytest
from flint import arb
from in_process import derive_here
from slow_cases import slow_but

import derive
from derive import limit
from derive.exact.fluctuations.answers import NODES, answers
from derive.exact.fluctuations.deviations import deviations
from derive.exact.fluctuations.differences import Learner
from derive.exact.fluctuations.measure import overlap_measure
from derive.words.junction_moments import junction_moments
from derive.words.word_moments import plain_moment

G, ZHAT = 0.6, 0.7
UNIT = (1 - G * G) ** 2
BETA = 1 / (1 - G * G)


@pytest.mark.parametrize(
    ("g", "zhat"), slow_but([(0.0, 1.0), (0.6, 2.0)], [(0.0, 1.0), (0.6, 2.0), (0.95, 0.5)], several=True)
)
@pytest.mark.parametrize("norms", ["exact", "average"])
def test_differences_agree_with_the_closed_form(g, zhat, norms):
    """The two routes, on the paper's task, to the 1e-7 that differences are good for."""
    tau = tuple(t * (1 - g * g) ** 2 for t in (0.05, 0.1, 0.2))
    exact = answers(g, zhat, tau, norms=norms)
    measure = overlap_measure(g, 0.0, 2 * NODES)
    by, singular, time = Learner(measure, zhat, tau).responses()
    covariance = measure.covariance(norms)
    by = by | {"s1": singular[:, 0], "s2": singular[:, 1]}
    for name in exact.by:
        found = np.einsum("tj,jk,sk->ts", by[name], covariance, by[name])
        np.testing.assert_allclose(found, exact.between(name, name), rtol=1e-6, err_msg=name)
    variance = exact.by_learning_time @ exact.covariance @ exact.by_learning_time
    assert time @ covariance @ time == pytest.approx(variance, rel=1e-6)


def test_junction_moments():
    """Against the recursion for any word: phi(B^T B B B^T) = 2 beta^3 - beta^2, and all up to 8 letters."""
    found = junction_moments(arb(G), 5)
    assert float(found[2][2].mid()) == pytest.approx(2 * BETA**3 - BETA**2, rel=1e-14)
    for k in range(5):
        for j in range(5):
            word = [i % 2 == 1 for i in range(k - 1, -1, -1)] + [i % 2 == 1 for i in range(j)]
            exact = sum(int(c) * BETA**n for n, c in enumerate(plain_moment(word).coeffs()))
            assert float(found[k][j].mid()) == pytest.approx(exact, rel=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("rho", [0.4, -1.0])
def test_before_learning(rho):
    """z(0) = w^T B m: N Var = phi(B B^T) - 1 + rho^2 (phi(B B) - 1) = beta - 1 where the overlap is exact."""
    found = deviations(G, ZHAT, [0.0], 100, alignment=rho)
    assert found.values["readout"][0] == pytest.approx(np.sqrt((BETA - 1) / 100), rel=1e-7)
    average = deviations(G, ZHAT, [0.0], 100, alignment=rho, norms="average")
    assert average.values["readout"][0] == pytest.approx(np.sqrt((BETA + rho**2) / 100), rel=1e-7)


def test_at_g_0_an_exact_overlap_leaves_nothing_to_fluctuate():
    found = deviations(0.0, ZHAT, [0.3, 1.0], 1, alignment=0.4)
    assert max(map(np.max, found.values.values())) < 1e-7


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rho", "train"), [(0.4, ("W",)), (-0.3, ("W",)), (0.0, ("W", "m", "w")), (0.4, ("W", "m", "w"))]
)
def test_random_networks(rho, train):
    """120 networks of 200 neurons: ratios of variances are 1 within 4.5 of their deviations, (2/119)^(1/2),
    and the O(1/N) that leading order leaves."""
    count, size, ttilde = 120, 200, np.array([0.1, 0.3])
    values = []
    for seed in range(count):
        network = network_of(size, rho, seed)
        path = limit.learning_path(limit.instance_reduction(network, 8), train=train)
        learning = limit.LearningCurve(path, ZHAT)
        tau = ttilde * UNIT
        values.append([*learning.readout(tau), *learning.singular_values(tau)[:, 0]])
    found = deviations(G, ZHAT, ttilde, size, alignment=rho, train=train)
    theory = [*found.values["readout"], *found.singular_values[:, 0]]
    ratio = np.var(values, axis=0, ddof=1) / np.square(theory)
    assert np.all(np.abs(ratio - 1) < 4.5 * (2 / (count - 1)) ** 0.5 + 30 / size), ratio


def network_of(size, rho, seed):
    """Unit vectors, with the overlap exactly rho unless that is 0."""
    random = np.random.default_rng(seed)
    W0 = random.standard_normal((size, size)) * (G / size**0.5)
    m, w = random.standard_normal((2, size))
    m /= np.linalg.norm(m)
    if rho:
        w -= m * (w @ m)
        w = rho * m + (1 - rho * rho) ** 0.5 * w / np.linalg.norm(w)
    return derive.Instance(W0, m=m, w=w / np.linalg.norm(w))


@pytest.mark.slow
def test_printed():
    """Aligned and trained vectors, and a covariance between two observables and two times."""
    arguments = ("--g", "0.6", "--zhat", "0.7", "--times", "0.1,0.3", "--size", "100", "--format", "json")
    options = ("--alignment", "0.4", "--train", "W,m,w", "--covariance", "readout,s1")
    printed = json.loads(derive_here("curve", *arguments, *options).stdout)
    found = deviations(G, ZHAT, [0.1, 0.3], 100, alignment=0.4, train="W,m,w")
    assert printed["loss_std"] == found.values["loss"].tolist()
    assert printed["total_gradient_norm_std"] == found.values["total_gradient_norm"].tolist()
    assert printed["covariance"] == {
        "of": ["readout", "s1"],
        "values": found.covariance("readout", "s1").tolist(),
    }
    assert np.sqrt(np.diag(found.covariance("s1", "s1"))) == pytest.approx(found.singular_values[:, 0])
