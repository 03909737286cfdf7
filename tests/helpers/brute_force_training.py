"""The product rule alone, for any trained subset of W, m, w and any overlap w.m (a second route).

As `brute_force`, with the vectors learning too (THEORY 4):

    dW/dtau = eps (R^T w)(R m)^T,    dm/dtau = eps R^T w,    dw/dtau = eps R m,    z = w^T R m,

differentiated at tau = 0 by Leibniz's rule, vectors kept as sums of words. At N -> infinity with
w.m = rho, w^T X m = rho phi(X). Nothing of the package enters.
"""

from collections import defaultdict
from functools import cache
from math import factorial

import sympy
from brute_force import TRANSPOSE, _act, _add, _leibniz, _nonzero, _phi, _transpose, beta, zhat
from sympy.polys.rings import ring

rho = sympy.symbols("rho", real=True)
_ring, _zhat, _beta, _rho = ring([zhat, beta, rho], sympy.QQ)


@cache
def _moment(word):
    return _ring.from_expr(_phi(word).as_expr() if hasattr(_phi(word), "as_expr") else sympy.Integer(1))


def _inner(u, v):
    (*x, u_end), (*y, v_end) = u, v
    value = _moment((*(TRANSPOSE[letter] for letter in reversed(x)), *y))
    return value if u_end == v_end else _rho * value


def _matrix_vector(matrices, vectors, k):
    """Derivative k of a product of a matrix and a vector."""
    total = defaultdict(lambda: _ring.zero)
    for i in range(k + 1):
        for word, c in _act(matrices[i], vectors[k - i], _inner).items():
            total[word] += c * factorial(k) // (factorial(i) * factorial(k - i))
    return _nonzero(total)


def derivatives(order, train):
    """Derivatives 0..order of z and of W (as outer products), m and w (as words) at tau = 0."""
    w, m = [{("w",): _ring.one}], [{("m",): _ring.one}]
    W, R, z, error = [{}], ["B"], [], []
    for k in range(order + 1):
        b = [_matrix_vector(R, m, n) for n in range(k + 1)]
        a = [_matrix_vector([_transpose(x) for x in R], w, n) for n in range(k + 1)]
        value = _ring.zero
        for i in range(k + 1):
            count = factorial(k) // (factorial(i) * factorial(k - i))
            for left, c in w[i].items():
                for right, d in b[k - i].items():
                    value += count * c * d * _inner(left, right)
        z.append(value)
        error.append(_zhat - z[0] if k == 0 else -z[k])
        gradient = defaultdict(lambda: _ring.zero)
        for i, j, n, count in _leibniz(k):
            _add(gradient, count * error[i], a[j], b[n])
        W.append(_nonzero(gradient) if "W" in train else {})
        for vectors, moved, name in ((m, a, "m"), (w, b, "w")):
            step = defaultdict(lambda: _ring.zero)
            for i in range(k + 1):
                for word, c in moved[k - i].items():
                    step[word] += error[i] * c * (factorial(k) // (factorial(i) * factorial(k - i)))
            vectors.append(_nonzero(step) if name in train else {})
        resolvent = defaultdict(lambda: _ring.zero)
        for i, j, n, count in _leibniz(k):
            for (u, v), c in W[j + 1].items():
                left = _act(R[i], {u: _ring.one}, _inner)
                right = _act(_transpose(R[n]), {v: _ring.one}, _inner)
                _add(resolvent, count * c, left, right)
        R.append(_nonzero(resolvent))
    return z, W[: order + 1], m[: order + 1], w[: order + 1]


@cache
def readout(order, train):
    """z_0..z_order, z(tau) = sum_k z_k tau^k, in zhat, beta and rho."""
    return [sympy.expand(c.as_expr() / factorial(k)) for k, c in enumerate(derivatives(order, train)[0])]
