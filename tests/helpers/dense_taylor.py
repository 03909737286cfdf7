"""Gradient flow as a Taylor series of dense matrices: a third route, for tests.

    R = (I - W)^-1,    dW/dtau = (zhat - z) R^T w m^T R^T,    z = w^T R m          (THEORY 1)

Each factor is expanded in tau as a full matrix or vector, with (I - W) R = I giving
R_n = R_0 sum_{k >= 1} W_k R_{n-k}. No words, no chain, no overlaps, no symmetry; and any scalars:
floats, balls of any precision, polynomials. Coefficients of tau^k, no factorials.
"""

import numpy as np


def dense_taylor(B, m, w, target, order):
    """Return ([W_0..W_order], [z_0..z_order]) of W - W0 and z, from B = (I - W0)^-1, m and w."""
    R, a, b, z, error = [], [], [], [], []
    W = [B * 0]
    for n in range(order + 1):
        R.append(B if n == 0 else B @ sum(W[k] @ R[n - k] for k in range(1, n + 1)))
        a.append(R[n].T @ w)
        b.append(R[n] @ m)
        z.append(w @ b[n])
        error.append(target - z[0] if n == 0 else -z[n])
        rate = sum(np.outer(a[j], b[n - i - j]) * error[i] for i in range(n + 1) for j in range(n + 1 - i))
        W.append(rate / (n + 1))
    return W[: order + 1], z
