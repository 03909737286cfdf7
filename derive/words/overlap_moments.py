"""Overlaps of the chain vectors at N -> infinity as balls (flint arb), for one number g (THEORY 3).

With w.m = rho in the limit, every overlap of two chain vectors is a moment of one measure:

    a_i.a_j = b_i.b_j = m_{i+j+2},      w.b_j = m_{j+1},
    m_{2n} = mu_n = lim (1/N) tr (B B^T)^n,      m_{2n+1} = rho nu_n = rho lim (1/N) tr B (B^T B)^n.

Both are closed forms in g^2 with positive integers (Lagrange inversion of zeta(lambda) in

    sum_n nu_n lambda^(2n) = 1/(1 - zeta^2),      lambda = zeta (1 - g^2/(1 - zeta^2)),

the Dyson equation of the pair W0, W0^T):

    mu_n = beta^(3n-2) M_n(g^2),      nu_n = beta^(3n-1) (1/n) sum_i binom(2n-2, i) binom(n, i+1) g^(2i).
"""

from __future__ import annotations

from flint import arb, arb_poly

from derive.words.moments import scaled_chain_moment, scaled_odd_moment


def overlap_moments(g: float | arb, alignment: float | arb, count: int) -> list[arb]:
    """m_0..m_(count-1) as balls at the working precision of flint, for the binary numbers given."""
    square = arb(g) ** 2
    beta, rho = 1 / (1 - square), arb(alignment)
    moments = [arb(1), rho]
    for n in range(1, count // 2 + 1):
        moments.append(beta ** (3 * n - 2) * arb_poly(scaled_chain_moment(n))(square))
        moments.append(rho * beta ** (3 * n - 1) * arb_poly(scaled_odd_moment(n))(square))
    return moments[:count]
