"""What high orders are derived by, against plainer routes to the same."""

import pytest
from flint import fmpq, fmpq_mat, fmpq_poly
from slow_cases import slow_but

from derive import FixedPointTask, expand
from derive.flow.large_n import LargeN
from derive.flow.outlier_determinant import symmetric_functions
from derive.words.moments import scaled_odd_moment

ORDER = 10


def truncated(expansion, order):
    """Everything of an expansion through tau^order as text."""
    series = [expansion.readout, expansion.loss, expansion.frobenius_norm, expansion.sharpness]
    series += [*expansion.singular_values, *(x for row in expansion.a_matrix for x in row)]
    found = {s.symbol: [s.text(k) for k in range(order + 1)] for s in series}
    if expansion.task.train == ("W",):
        end = expansion.learning_end
        further = [expansion.fluctuations.readout_variance, end.time, end.weight_change, end.shuffled_loss]
        further += [p.series for p in expansion.outlier_equation.parts if any(p.series.scaled[: order + 1])]
        found |= {s.symbol: [s.text(k) for k in range(order + 1)] for s in further}
        found |= {"gradient": [end.mean_gradient_norm.text(k) for k in range(order)]}
    return found


@pytest.mark.parametrize("train", slow_but([("W",), ("W", "m", "w")], [("W",), ("W", "m", "w"), ("W", "m")]))
@pytest.mark.parametrize("g0", [False, True])
def test_a_higher_order_repeats_the_lower_one(train, g0):
    """Packed polynomials that overlapped would show here: places and orders differ."""
    task = FixedPointTask(g0, train)
    short, long = (truncated(expand(task, order), ORDER) for order in (ORDER, ORDER + 5))
    assert short == long


@pytest.mark.parametrize(("square", "rho"), [(fmpq(1, 3), fmpq(2, 7)), (fmpq(4, 5), fmpq(-3, 2))])
def test_outlier_equation_is_the_determinant(square, rho):
    """det(1 - sigma C H) at numbers by elimination, sigma chosen anew: polynomials in sigma agree."""
    limit, size = LargeN(ORDER, False), ORDER
    N = [fmpq(0), *(scaled_odd_moment(n)(square) for n in range(1, size + 1))]
    H = [fmpq(0)]
    for n in range(1, size + 1):
        H.append(N[n] + square * rho * sum((H[k] * N[n - k] for k in range(1, n)), fmpq(0)))
    stride = ORDER // 2 + 1
    x = square * rho

    def number(packed):
        coefficients = packed.coeffs()
        pieces = [coefficients[i : i + stride] for i in range(0, len(coefficients), stride)]
        return sum((fmpq_poly(piece)(square) * x**q for q, piece in enumerate(pieces)), fmpq(0))

    e = [[number(value) for value in terms] for terms in symmetric_functions(limit, stride)]
    for step in (fmpq(1, 10**9), fmpq(1, 10**10)):
        # one value of theta: what is left out is of order theta^(ORDER + 1)
        C = [[fmpq(0)] * size for _ in range(size)]
        for power, terms in enumerate(limit.chain.C):
            for (i, j), value in terms.items():
                C[i][j] += value(square) * step**power
        G = [[H[(i + j + 1) // 2] if (i + j) % 2 else fmpq(0) for j in range(size)] for i in range(size)]
        identity = fmpq_mat([[fmpq(int(i == j)) for j in range(size)] for i in range(size)])
        for sigma in (fmpq(1), fmpq(-2, 3)):
            exact = (identity - fmpq_mat(C) * fmpq_mat(G) * sigma).det()
            series = sum(
                (
                    value * step**n * (-sigma) ** r
                    for r, terms in enumerate(e)
                    for n, value in enumerate(terms)
                ),
                fmpq(0),
            )
            assert abs(exact - series) < 10**9 * step ** (ORDER + 1)
