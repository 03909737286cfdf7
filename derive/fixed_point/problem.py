"""The fixed-point task of Schuessler et al. 2020, section 3 (THEORY 1), and its instances.

Linear network x' = -x + W x + sqrt(N) m u with constant input u = 1 and readout z = w.x/sqrt(N) at
the fixed point:  R = (I - W)^-1,  z = w^T R m,  L = (zhat - z)^2/2,  and only W learns:

    dW/dtau = (zhat - z) R^T w m^T R^T,        W(0) = W0.                              (Eq. 5, 6)
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FixedPointTask:
    """What is learned: the fixed-point task at N -> infinity, m and w independent of unit norm.

    ``g0=True`` starts from W0 = 0 (g = 0, beta = 1); otherwise W0 has i.i.d. N(0, g^2/N) entries
    with 0 <= g < 1, and beta = 1/(1 - g^2).
    """

    g0: bool = False
