# Made by the command: derive --order 5
# Do not edit: the command above makes it again.
"""The fixed-point task of Schuessler et al. 2020, gradient flow through tau**5.

A linear network x' = -x + W x + sqrt(N) m, readout z = w.x/sqrt(N) at the fixed point, target zhat,
loss (zhat - z)**2/2; only W learns. W(0) = W0 has i.i.d. entries of variance g**2/N.

Exact through tau**5 at N -> infinity, for independent m and w of norm 1, 0 <= g < 1 and
zhat > 0. A Taylor series at tau = 0: trust it for ttilde below its radius of convergence
(0.58, 0.34, 0.19 at zhat = 0.5, 1, 2 and g = 0.6), which is often shorter than the time to
learn (1.05, 0.59, 0.27 to 5% of the loss there); more orders do not help beyond it. The
command derive curve gives the exact curve at all times.

Arguments: learning time ``tau`` (learning rate times epochs; ttilde = beta**2 * tau with
beta = 1/(1 - g**2)), target ``zhat``, connectivity strength ``g``. Only + - * / ** are used, so that
numbers, numpy arrays, torch tensors, mpmath and ball arithmetic all pass. All quantities are
dimensionless.
"""

ORDER = 5
SYSTEM = "fixed-point"


def readout(tau, zhat, g):
    """Readout z (Schuessler et al. 2020, Eq. 13 and 15).

        z = zhat*(ttilde - 1/2*ttilde**2 + (1 + 8*zhat**2*beta)/6*ttilde**3 - (1 +
        56*zhat**2*beta)/24*ttilde**4 + (1 + 256*zhat**2*beta + 336*zhat**4*beta**2 +
        64*zhat**4*beta**2*g**2)/120*ttilde**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat * zhat / x
    u = g * g
    s = 1 + y * (256 + y * (336 + u * 64))
    s = -5 * (1 + y * 56) + t * s
    s = 20 * (1 + y * 8) + t * s
    s = -60 + t * s
    s = 120 + t * s
    return zhat * t * s / 120


def loss(tau, zhat, g):
    """Loss L = (zhat - z)^2/2 (Schuessler et al. 2020, section 3).

        L = zhat**2*(1/2 - ttilde + ttilde**2 - 2*(1 + 2*zhat**2*beta)/3*ttilde**3 + (1 +
        11*zhat**2*beta)/3*ttilde**4 - (2 + 77*zhat**2*beta + 42*zhat**4*beta**2 +
        8*zhat**4*beta**2*g**2)/15*ttilde**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat * zhat / x
    u = g * g
    s = -2 * (2 + y * (77 + y * (42 + u * 8)))
    s = 10 * (1 + y * 11) + t * s
    s = -20 * (1 + y * 2) + t * s
    s = 30 + t * s
    s = -30 + t * s
    s = 15 + t * s
    return zhat * zhat * s / 30


def gradient_norm(tau, zhat, g):
    """Gradient norm |dW/dtau| (Schuessler et al. 2020, Eq. 6 and 12).

        |dW/dtau| = zhat*beta*(1 - ttilde + (1 + 4*zhat**2*beta)/2*ttilde**2 - (1 +
        32*zhat**2*beta)/6*ttilde**3 + (1 + 156*zhat**2*beta + 120*zhat**4*beta**2 +
        32*zhat**4*beta**2*g**2)/24*ttilde**4 - (1 + 616*zhat**2*beta + 2616*zhat**4*beta**2 +
        544*zhat**4*beta**2*g**2)/120*ttilde**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat * zhat / x
    u = g * g
    s = -(1 + y * (616 + y * (2616 + u * 544)))
    s = 5 * (1 + y * (156 + y * (120 + u * 32))) + t * s
    s = -20 * (1 + y * 32) + t * s
    s = 60 * (1 + y * 4) + t * s
    s = -120 + t * s
    s = 120 + t * s
    return zhat * s / 120 / x


def frobenius_norm(tau, zhat, g):
    """Frobenius norm |W - W0| (Schuessler et al. 2020, section 3).

        |dW| = zhat/beta*(ttilde - 1/2*ttilde**2 + (2 + 7*zhat**2*beta)/12*ttilde**3 - (1 +
        29*zhat**2*beta)/24*ttilde**4 + (12 + 1722*zhat**2*beta + 1247*zhat**4*beta**2 +
        248*zhat**4*beta**2*g**2)/1440*ttilde**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat * zhat / x
    u = g * g
    s = 12 + y * (1722 + y * (1247 + u * 248))
    s = -60 * (1 + y * 29) + t * s
    s = 120 * (2 + y * 7) + t * s
    s = -720 + t * s
    s = 1440 + t * s
    return zhat * x * t * s / 1440


def sharpness(tau, zhat, g):
    """Sharpness h (h = dz/dtau over zhat - z).

        h = beta**2*(1 + 4*zhat**2*beta*ttilde**2 - 4*zhat**2*beta*ttilde**3 + (7*zhat**2*beta +
        42*zhat**4*beta**2 + 8*zhat**4*beta**2*g**2)/3*ttilde**4 - (3*zhat**2*beta +
        92*zhat**4*beta**2 + 16*zhat**4*beta**2*g**2)/3*ttilde**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat * zhat / x
    u = g * g
    s = -(y * (3 + y * (92 + u * 16)))
    s = (y * (7 + y * (42 + u * 8))) + t * s
    s = -12 * y + t * s
    s = 12 * y + t * s
    s = t * s
    s = 3 + t * s
    return s / 3 / x / x


def singular_values(tau, zhat, g):
    """Leading 2 singular values of W - W0, as a tuple (Schuessler et al. 2020, Eq. 14).

        s1 = zhat/beta*(ttilde - 1/2*ttilde**2 + (2 + 7*zhat**2*beta)/12*ttilde**3 - (1 +
        29*zhat**2*beta)/24*ttilde**4 + (6 + 861*zhat**2*beta + 621*zhat**4*beta**2 +
        124*zhat**4*beta**2*g**2)/720*ttilde**5) + O(tau**6)
        s2 = zhat/beta*(zhat**2*beta/12*ttilde**3 - zhat**2*beta/8*ttilde**4 + (25*zhat**2*beta
        + 33*zhat**4*beta**2 + 22*zhat**4*beta**2*g**2)/240*ttilde**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat * zhat / x
    u = g * g
    s1 = 6 + y * (861 + y * (621 + u * 124))
    s1 = -30 * (1 + y * 29) + t * s1
    s1 = 60 * (2 + y * 7) + t * s1
    s1 = -360 + t * s1
    s1 = 720 + t * s1
    s2 = y * (25 + y * (33 + u * 22))
    s2 = -30 * y + t * s2
    s2 = 20 * y + t * s2
    return (
        zhat * x * t * s1 / 720,
        zhat * x * t**3 * s2 / 240,
    )


def a_matrix(tau, zhat):
    """2x2 matrix A at g = 0, where W - W0 = [w m] A [w m]^T (Schuessler et al. 2020, Eq. 9 and 10).

        A11 = zhat**2*(1/2*tau**2 - 1/2*tau**3 + (7 + 11*zhat**2)/24*tau**4 - (1 +
        10*zhat**2)/8*tau**5) + O(tau**6)
        A12 = zhat*(tau - 1/2*tau**2 + (1 + 2*zhat**2)/6*tau**3 - (1 + 20*zhat**2)/24*tau**4 +
        (1 + 106*zhat**2 + 56*zhat**4)/120*tau**5) + O(tau**6)
        A21 = zhat*(zhat**2/3*tau**3 - zhat**2/2*tau**4 + (25*zhat**2 + 32*zhat**4)/60*tau**5) +
        O(tau**6)
        A22 = zhat**2*(1/2*tau**2 - 1/2*tau**3 + (7 + 11*zhat**2)/24*tau**4 - (1 +
        10*zhat**2)/8*tau**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    t = tau
    y = zhat * zhat
    a11 = -3 * (1 + y * 10)
    a11 = (7 + y * 11) + t * a11
    a11 = -12 + t * a11
    a11 = 12 + t * a11
    a12 = 1 + y * (106 + y * 56)
    a12 = -5 * (1 + y * 20) + t * a12
    a12 = 20 * (1 + y * 2) + t * a12
    a12 = -60 + t * a12
    a12 = 120 + t * a12
    a21 = y * (25 + y * 32)
    a21 = -30 * y + t * a21
    a21 = 20 * y + t * a21
    a22 = -3 * (1 + y * 10)
    a22 = (7 + y * 11) + t * a22
    a22 = -12 + t * a22
    a22 = 12 + t * a22
    return (
        (zhat * zhat * t**2 * a11 / 24, zhat * t * a12 / 120),
        (zhat * t**3 * a21 / 60, zhat * zhat * t**2 * a22 / 24),
    )


def eigenvalues_g0(tau, zhat):
    """Eigenvalues of W - W0 at g = 0, mean +- split/sqrt(3), larger first (eigenvalues of A, Eq. 9).

        mean = zhat**2*(1/2*tau**2 - 1/2*tau**3 + (7 + 11*zhat**2)/24*tau**4 - (1 +
        10*zhat**2)/8*tau**5) + O(tau**6)
        split = zhat**2*(tau**2 - tau**3 + (35 + 58*zhat**2)/60*tau**4 - (5 +
        52*zhat**2)/20*tau**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    t = tau
    y = zhat * zhat
    one = (tau * zhat)**0
    mean = -3 * (1 + y * 10)
    mean = (7 + y * 11) + t * mean
    mean = -12 + t * mean
    mean = 12 + t * mean
    split = -3 * (5 + y * 52)
    split = (35 + y * 58) + t * split
    split = -60 + t * split
    split = 60 + t * split
    mean = zhat * zhat * t**2 * mean / 24
    offset = zhat * zhat * t**2 * split / 60 / (one * 3) ** 0.5
    return mean + offset, mean - offset


def learning_time(delta, zhat, g):
    """Learning time tau* until z = delta*zhat (delta = z/zhat; Schuessler et al. 2020, Fig. 4).

        tau* = 1/beta**2*(delta + 1/2*delta**2 + (1 - 4*zhat**2*beta)/3*delta**3 + (1 -
        4*zhat**2*beta)/4*delta**4 + (3 - 12*zhat**2*beta + 38*zhat**4*beta**2 -
        8*zhat**4*beta**2*g**2)/15*delta**5) + O(delta**6)

    At delta = 1 - 0.05**0.5, 5% of the loss are left. Converges where zhat**2*beta is small;
    truncated after delta**5.
    """
    x = (1 - g) * (1 + g)
    t = delta
    y = zhat * zhat / x
    u = g * g
    s = 4 * (3 + y * ((-12) + y * (38 + u * (-8))))
    s = 15 * (1 + y * (-4)) + t * s
    s = 20 * (1 + y * (-4)) + t * s
    s = 30 + t * s
    s = 60 + t * s
    return x * x * t * s / 60


def weight_change(delta, zhat, g):
    """Weight change |W - W0| at that time (delta = z/zhat; Schuessler et al. 2020, Fig. 4).

        |dW| = zhat/beta*(delta - 3*zhat**2*beta/4*delta**3 + (307*zhat**4*beta**2 -
        104*zhat**4*beta**2*g**2)/288*delta**5) + O(delta**6)

    At delta = 1 - 0.05**0.5, 5% of the loss are left. Converges where zhat**2*beta is small;
    truncated after delta**5.
    """
    x = (1 - g) * (1 + g)
    t = delta
    y = zhat * zhat / x
    u = g * g
    s = y * (y * (307 + u * (-104)))
    s = t * s
    s = -216 * y + t * s
    s = t * s
    s = 288 + t * s
    return zhat * x * t * s / 288


def mean_gradient_norm(delta, zhat, g):
    """Mean gradient norm |dW/dtau| until that time (delta = z/zhat; Schuessler et al. 2020, Fig. 4).

        <|dW/dtau|> = zhat*beta*(1 - 1/2*delta - (1 - 8*zhat**2*beta)/12*delta**2 -
        1/24*delta**3 - (19 + 24*zhat**2*beta + 560*zhat**4*beta**2 -
        192*zhat**4*beta**2*g**2)/720*delta**4) + O(delta**5)

    At delta = 1 - 0.05**0.5, 5% of the loss are left. Converges where zhat**2*beta is small;
    truncated after delta**4.
    """
    x = (1 - g) * (1 + g)
    t = delta
    y = zhat * zhat / x
    u = g * g
    s = (-19) + y * ((-24) + y * ((-560) + u * 192))
    s = -30 + t * s
    s = 60 * ((-1) + y * 8) + t * s
    s = -360 + t * s
    s = 720 + t * s
    return zhat * s / 720 / x


def shuffled_loss(delta, zhat, g):
    """Loss after W0 is shuffled, over the initial loss (delta = z/zhat; Schuessler et al. 2020, Fig. 4).

        L/L0 shuffled = (1 - 2*(1 - 2*g**2 + g**4)*delta + (1 - 4*g**2 + 6*g**4 - 4*g**6 +
        g**8)*delta**2 + 2*(7*zhat**2*beta*g**2 - 17*zhat**2*beta*g**4 + 13*zhat**2*beta*g**6 -
        3*zhat**2*beta*g**8)/3*delta**3 - 2*(7*zhat**2*beta*g**2 - 31*zhat**2*beta*g**4 +
        54*zhat**2*beta*g**6 - 46*zhat**2*beta*g**8 + 19*zhat**2*beta*g**10 -
        3*zhat**2*beta*g**12)/3*delta**4 - (78*zhat**4*beta**2*g**2 + 91*zhat**4*beta**2*g**4 -
        686*zhat**4*beta**2*g**6 + 852*zhat**4*beta**2*g**8 - 400*zhat**4*beta**2*g**10 +
        65*zhat**4*beta**2*g**12)/30*delta**5) + O(delta**6)

    At delta = 1 - 0.05**0.5, 5% of the loss are left. Converges where zhat**2*beta is small;
    truncated after delta**5.
    """
    x = (1 - g) * (1 + g)
    t = delta
    y = zhat * zhat / x
    u = g * g
    s = y * (y * (u * ((-78) + u * ((-91) + u * (686 + u * ((-852) + u * (400 + u * (-65))))))))
    s = 20 * (y * (u * ((-7) + u * (31 + u * ((-54) + u * (46 + u * ((-19) + u * 3))))))) + t * s
    s = 20 * (y * (u * (7 + u * ((-17) + u * (13 + u * (-3)))))) + t * s
    s = 30 * (1 + u * ((-4) + u * (6 + u * ((-4) + u)))) + t * s
    s = 60 * ((-1) + u * (2 + u * (-1))) + t * s
    s = 30 + t * s
    return s / 30


def error_estimate(tau, zhat, g):
    """The first term left out of the readout, of order tau**6.

    Its size estimates the truncation error well inside the radius of convergence, and only there.

        -(1 + 976*zhat**2*beta + 6336*zhat**4*beta**2 +
        1024*zhat**4*beta**2*g**2)/720*zhat*ttilde**6
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat * zhat / x
    u = g * g
    s = -(1 + y * (976 + y * (6336 + u * 1024)))
    return zhat * t**6 * s / 720


def radius(zhat, g):
    """Radius of convergence of the expansions, in ttilde = beta**2 * tau.

    A fit, within 0.5% for 0.1 <= zhat <= 4 and 0 <= g <= 0.95.
    """
    u = g * g
    a = zhat / ((1 - g) * (1 + g)) ** 0.5
    s = 1294000 + 159200 * u
    s = (2080000 + 166900 * u) + a * s
    s = (632800 + 11760 * u) + a * s
    s = (26240 + 2206 * u) + a * s
    return (100000 + a * (857000 + a * 740000)) / s
