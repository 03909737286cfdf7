"""The Gauss rule of the spectral measure of B B^T in high precision: a second route, for tests.

Golub-Welsch by the Cholesky factor of the Hankel matrix of moments (THEORY 5), in mpmath.
"""

import mpmath
import sympy

from derive import beta, chain_moment


def gauss_rule(g, count, digits=100):
    """Nodes and weights as lists of mpf; the binary number g is taken exactly."""
    value = 1 / (1 - sympy.Rational(g) ** 2)
    with mpmath.workdps(digits):
        exact = [sympy.Integer(1), *(chain_moment(n).subs(beta, value) for n in range(1, 2 * count + 1))]
        moments = [mpmath.mpf(int(mu.p)) / int(mu.q) for mu in exact]
        hankel = mpmath.matrix([[moments[i + j] for j in range(count + 1)] for i in range(count + 1)])
        factor = mpmath.cholesky(hankel)
        ratio = [factor[j + 1, j] / factor[j, j] for j in range(count)]
        jacobi = mpmath.diag([ratio[j] - (ratio[j - 1] if j else 0) for j in range(count)])
        for j in range(count - 1):
            jacobi[j, j + 1] = jacobi[j + 1, j] = factor[j + 1, j + 1] / factor[j, j]
        nodes, vectors = mpmath.eigsy(jacobi)
        return list(nodes), [vectors[0, j] ** 2 for j in range(count)]
