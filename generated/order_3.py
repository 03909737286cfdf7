# Made by the command: derive --order 3 --format python
# Do not edit: the command above makes it again.
"""The fixed-point task of Schuessler et al. 2020, gradient flow through tau**3.

A linear network x' = -x + W x + sqrt(N) m, readout z = w.x/sqrt(N) at the fixed point, target zhat,
loss (zhat - z)**2/2; only W learns. W(0) = W0 has i.i.d. entries of variance g**2/N.

Exact through tau**3 at N -> infinity, for independent m and w of norm 1, 0 <= g < 1 and
zhat > 0. A Taylor series at tau = 0: trust it for ttilde below its radius of convergence
(0.58, 0.34, 0.19 at zhat = 0.5, 1, 2 and g = 0.6), which is often shorter than the time to
learn (1.05, 0.59, 0.27 to 5% of the loss there); more orders do not help beyond it. The
command derive curve gives the exact curve at all times.

Arguments: learning time ``tau`` (learning rate times epochs; ttilde = beta**2 * tau with
beta = 1/(1 - g**2)), target ``zhat``, connectivity strength ``g``. All quantities are
dimensionless.
Arguments broadcast against each other. Only + - * / ** are used, so that numbers, numpy arrays,
torch tensors, jax, mpmath and ball arithmetic all pass.
"""

ORDER = 3
SYSTEM = "fixed-point"


def readout(tau, zhat, g):
    """Readout z (Schuessler et al. 2020, Eq. 13 and 15).

        z = zhat*(ttilde - 1/2*ttilde**2 + (1 + 8*zhat**2*beta)/6*ttilde**3) + O(tau**4)

    Valid inside the radius of convergence; truncated after tau**3.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    p = t * t * y
    s = 6 + t * (-3 + t) + 8 * p
    return t * zhat * s / 6


def loss(tau, zhat, g):
    """Loss L = (zhat - z)^2/2 (Schuessler et al. 2020, section 3).

        L = zhat**2*(1/2 - ttilde + ttilde**2 - 2*(1 + 2*zhat**2*beta)/3*ttilde**3) + O(tau**4)

    Valid inside the radius of convergence; truncated after tau**3.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    p = t * t * y
    s = 3 + t * (-6 + t * (6 - 4 * t)) - 8 * p * t
    return s * zhat * zhat / 6


def gradient_norm(tau, zhat, g):
    """Gradient norm |dW/dtau| (Schuessler et al. 2020, Eq. 6 and 12).

        |dW/dtau| = zhat*beta*(1 - ttilde + (1 + 4*zhat**2*beta)/2*ttilde**2 - (1 +
        32*zhat**2*beta)/6*ttilde**3) + O(tau**4)

    Valid inside the radius of convergence; truncated after tau**3.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    p = t * t * y
    s = 12 - 32 * t
    s = 6 + t * (-6 + t * (3 - t)) + p * s
    return s * zhat / 6 / x


def frobenius_norm(tau, zhat, g):
    """Frobenius norm |W - W0| (Schuessler et al. 2020, section 3).

        |dW| = zhat/beta*(ttilde - 1/2*ttilde**2 + (2 + 7*zhat**2*beta)/12*ttilde**3) +
        O(tau**4)

    Valid inside the radius of convergence; truncated after tau**3.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    p = t * t * y
    s = 12 + t * (-6 + 2 * t) + 7 * p
    return t * zhat * x * s / 12


def sharpness(tau, zhat, g):
    """Sharpness h (h = dz/dtau over zhat - z).

        h = beta**2*(1 + 4*zhat**2*beta*ttilde**2 - 4*zhat**2*beta*ttilde**3) + O(tau**4)

    Valid inside the radius of convergence; truncated after tau**3.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    p = t * t * y
    s = 4 - 4 * t
    s = 1 + p * s
    return s / x / x


def readout_variance(tau, zhat, g):
    """Variance of the readout z between networks of size N, N Var z (to leading order in 1/N).

        N Var z = beta*(1 - 2*ttilde + 2*(1 + 2*zhat**2*beta + 4*zhat**2*beta*g**2 -
        2*zhat**2*beta*g**4)*ttilde**2 - 4*(1 + 13*zhat**2*beta + 12*zhat**2*beta*g**2 -
        6*zhat**2*beta*g**4)/3*ttilde**3) + O(tau**4)

    Valid inside the radius of convergence; truncated after tau**3.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = 12 + u * (24 - 12 * u) + t * (-52 + u * (-48 + 24 * u))
    s = 3 + t * (-6 + t * (6 - 4 * t)) + p * s
    return s / 3 / x


def loss_variance(tau, zhat, g):
    """Variance of the loss L = (zhat - z)^2/2 between networks of size N, N Var L (to leading order in 1/N).

        N Var L = zhat**2*beta*(1 - 4*ttilde + 4*(2 + zhat**2*beta + 2*zhat**2*beta*g**2 -
        zhat**2*beta*g**4)*ttilde**2 - 4*(8 + 21*zhat**2*beta + 24*zhat**2*beta*g**2 -
        12*zhat**2*beta*g**4)/3*ttilde**3) + O(tau**4)

    Valid inside the radius of convergence; truncated after tau**3.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = 12 + u * (24 - 12 * u) + t * (-84 + u * (-96 + 48 * u))
    s = 3 + t * (-12 + t * (24 - 32 * t)) + p * s
    return s * zhat * zhat / 3 / x


def gradient_norm_variance(tau, zhat, g):
    """Variance of the gradient norm |dW/dtau| between networks of size N, N Var |dW/dtau| (to leading order in 1/N).

        N Var |dW/dtau| = beta**3*((1 + 2*zhat**2*beta*g**2 - zhat**2*beta*g**4) - 2*(1 +
        2*zhat**2*beta + 6*zhat**2*beta*g**2 - 3*zhat**2*beta*g**4)*ttilde + 2*(1 +
        13*zhat**2*beta + 14*zhat**2*beta*g**2 - 7*zhat**2*beta*g**4 + 2*zhat**4*beta**2 +
        20*zhat**4*beta**2*g**2 - 6*zhat**4*beta**2*g**4)*ttilde**2 - 2*(2 + 99*zhat**2*beta +
        52*zhat**2*beta*g**2 - 26*zhat**2*beta*g**4 + 94*zhat**4*beta**2 +
        404*zhat**4*beta**2*g**2 - 134*zhat**4*beta**2*g**4)/3*ttilde**3) + O(tau**4)

    Valid inside the radius of convergence; truncated after tau**3.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    s = -4 + y * (-198 + u * (-104 + 52 * u) + y * (-188 + u * (-808 + 268 * u)))
    s = 6 + y * (78 + u * (84 - 42 * u) + y * (12 + u * (120 - 36 * u))) + t * s
    s = -6 + y * (-12 + u * (-36 + 18 * u)) + t * s
    s = 3 + y * u * (6 - 3 * u) + t * s
    return s / 3 / x / x / x


def frobenius_norm_variance(tau, zhat, g):
    """Variance of the Frobenius norm |W - W0| between networks of size N, N Var |dW| (to leading order in 1/N).

        N Var |dW| = 1/beta*((1 + 2*zhat**2*beta*g**2 - zhat**2*beta*g**4)*ttilde**2 - (1 +
        2*zhat**2*beta + 6*zhat**2*beta*g**2 - 3*zhat**2*beta*g**4)*ttilde**3) + O(tau**4)

    Valid inside the radius of convergence; truncated after tau**3.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = u * (2 - u) + t * (-2 + u * (-6 + 3 * u))
    s = t**2 * (1 - t) + p * s
    return s * x


def s1_variance(tau, zhat, g):
    """Variance of the singular value s1 of W - W0 between networks of size N, N Var s1 (to leading order in 1/N).

        N Var s1 = 1/beta*((1 + 2*zhat**2*beta*g**2 - zhat**2*beta*g**4)*ttilde**2 - (1 +
        2*zhat**2*beta + 6*zhat**2*beta*g**2 - 3*zhat**2*beta*g**4)*ttilde**3) + O(tau**4)

    Valid inside the radius of convergence; truncated after tau**3.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = u * (2 - u) + t * (-2 + u * (-6 + 3 * u))
    s = t**2 * (1 - t) + p * s
    return s * x


def sharpness_variance(tau, zhat, g):
    """Variance of the sharpness h between networks of size N, N Var h (to leading order in 1/N).

        N Var h = beta**6*(4*(2*g**2 - g**4) + 16*(zhat**2*beta + 12*zhat**2*beta*g**2 -
        4*zhat**2*beta*g**4)*ttilde**2 - 16*(5*zhat**2*beta + 16*zhat**2*beta*g**2 -
        6*zhat**2*beta*g**4)*ttilde**3) + O(tau**4)

    Valid inside the radius of convergence; truncated after tau**3.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = 4 + u * (48 - 16 * u) + t * (-20 + u * (-64 + 24 * u))
    s = u * (2 - u) + p * s
    return 4 * s / x / x / x / x / x / x


def readout_bias(tau, zhat, g):
    """Bias of the readout z: mean over networks of size N minus limit, N (E z - z) (at order 1/N).

        N (E z - z) = zhat*beta**2*(4*g**2*ttilde - 2*(2 + 4*g**2 - g**4)*ttilde**2 + 2*(14 +
        9*g**2 - 3*g**4 + 5*zhat**2*beta + 58*zhat**2*beta*g**2 +
        6*zhat**2*beta*g**4)/3*ttilde**3) + O(tau**4)

    Valid inside the radius of convergence; truncated after tau**3.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = 5 + u * (58 + 6 * u)
    s = 6 * u + t * (-6 + u * (-12 + 3 * u) + t * (14 + u * (9 - 3 * u))) + p * s
    return 2 * t * zhat * s / 3 / x / x


def singular_values(tau, zhat, g):
    """Leading 2 singular values of W - W0, as a tuple (Schuessler et al. 2020, Eq. 14).

        s1 = zhat/beta*(ttilde - 1/2*ttilde**2 + (2 + 7*zhat**2*beta)/12*ttilde**3) + O(tau**4)
        s2 = zhat/beta*(zhat**2*beta/12*ttilde**3) + O(tau**4)

    Valid inside the radius of convergence; truncated after tau**3.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    p = t * t * y
    s1 = 12 + t * (-6 + 2 * t) + 7 * p
    return (t * zhat * x * s1 / 12, p * zhat * x * t / 12)


def singular_vectors(tau, zhat, g):
    """Singular vectors of W - W0, for each pair (its coordinates, its squared norm).

    With a_0 = B^T w, b_0 = B m, a_(i+1) = B^T b_i, b_(j+1) = B a_j, B = (I - W0)^-1, the r-th left
    one is the sum of vr_i a_i and the right one the sum of vr_j b_j, scaled so that vr_(r-1) = 1.

        v1_0 = 1
        v1_1 = zhat/beta*(1/2*ttilde - 1/4*ttilde**2) + O(tau**3)
        v1_2 = zhat**2/beta**2*(1/6*ttilde**2) + O(tau**3)
        |v1|**2 = beta*(1 + 7*zhat**2*beta/12*ttilde**2) + O(tau**3)
        v2_0 = zhat*beta**2*(0) + O(tau**1)
        v2_1 = 1
        |v2|**2 = beta**4*(1) + O(tau**1)

    Valid inside the radius of convergence.
    """
    one = (0 * tau * zhat * g)**0 / 1
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    p = t * t * y
    v1_1 = 2 - t
    norm1 = 12 + 7 * p
    return (
        ((one, t * zhat * x * v1_1 / 4, t**2 * zhat * zhat * x * x / 6), norm1 / 12 / x),
        ((0 * one, one), one / x / x / x / x),
    )


def a_matrix(tau, zhat):
    """2x2 matrix A at g = 0, where W - W0 = [w m] A [w m]^T (Schuessler et al. 2020, Eq. 9 and 10).

        A11 = zhat**2*(1/2*tau**2 - 1/2*tau**3) + O(tau**4)
        A12 = zhat*(tau - 1/2*tau**2 + (1 + 2*zhat**2)/6*tau**3) + O(tau**4)
        A21 = zhat*(zhat**2/3*tau**3) + O(tau**4)
        A22 = zhat**2*(1/2*tau**2 - 1/2*tau**3) + O(tau**4)

    Valid inside the radius of convergence; truncated after tau**3.
    """
    t = tau / zhat**0
    p = t * zhat
    p = p * p
    a11 = 1 - t
    a12 = 6 + t * (-3 + t) + 2 * p
    a22 = 1 - t
    return (
        (t**2 * zhat * zhat * a11 / 2, t * zhat * a12 / 6),
        (p * zhat * t / 3, t**2 * zhat * zhat * a22 / 2),
    )


def leading_singular_values(tau, zhat, g):
    """First terms of the singular values s1, ..., s5 of W - W0, as a tuple.

        s1 ~ zhat*beta*tau
        s2 ~ zhat**3*beta**6/12*tau**3
        s3 ~ zhat**5*beta**10*(beta - 1)/360*tau**5
        s4 ~ zhat**7*beta**14*(beta - 1)*(3*beta - 1)/100800*tau**7
        s5 ~ zhat**9*beta**18*(beta - 1)**2*(11*beta - 3)/50803200*tau**9

    Each is the limit of s_r at small tau, whatever the order of this module.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s4 = 2 + u
    s5 = 8 + 3 * u
    return (
        t * zhat * x,
        p * zhat * x * t / 12,
        p**2 * zhat * x * t * u / 360,
        p**3 * zhat * x * t * u * s4 / 100800,
        p**4 * zhat * x * t * u**2 * s5 / 50803200,
    )


def eigenvalues_g0(tau, zhat):
    """Eigenvalues of W - W0 at g = 0, mean +- split/sqrt(3), larger first (eigenvalues of A, Eq. 9).

        mean = zhat**2*(1/2*tau**2 - 1/2*tau**3) + O(tau**4)
        split = zhat**2*(tau**2 - tau**3) + O(tau**4)

    Valid inside the radius of convergence; truncated after tau**3.
    """
    one = (0 * tau * zhat)**0 / 1
    t = tau / zhat**0
    mean = 1 - t
    split = 1 - t
    middle = t**2 * zhat * zhat * mean / 2
    offset = t**2 * zhat * zhat * split / (one * 3)**0.5
    return (middle + offset, middle - offset)


def outlier_equation(lam, tau, zhat, g):
    """D(lam, tau), whose roots with |lam| > g are the outliers of W, its eigenvalues outside the disc.

        D(lam, tau) = 1 + lam/(lam - g**2)**2*D1_0 + O(tau**4)
        D1_0 = 1/beta**2*(-zhat**2*beta*ttilde**2 + zhat**2*beta*ttilde**3) + O(tau**4)

    lam may be complex. Valid inside the radius of convergence; truncated after tau**3.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    d1_0 = -1 + t
    q = lam - u
    r = lam / (q * q)
    d1 = p * x * x * d1_0
    return 1 + d1 * r


def learning_time(delta, zhat, g):
    """Learning time tau* until z = delta*zhat (delta = z/zhat; Schuessler et al. 2020, Fig. 4).

        tau* = 1/beta**2*(delta + 1/2*delta**2 + (1 - 4*zhat**2*beta)/3*delta**3) + O(delta**4)

    At delta = 1 - 0.05**0.5, 5% of the loss are left. Converges where zhat**2*beta is small;
    truncated after delta**3.
    """
    x = (1 - g) * (1 + g)
    y = zhat / x * zhat
    t = delta + 0 * y
    p = t * t * y
    s = 6 + t * (3 + 2 * t) - 8 * p
    return t * x * x * s / 6


def weight_change(delta, zhat, g):
    """Weight change |W - W0| at that time (delta = z/zhat; Schuessler et al. 2020, Fig. 4).

        |dW| = zhat/beta*(delta - 3*zhat**2*beta/4*delta**3) + O(delta**4)

    At delta = 1 - 0.05**0.5, 5% of the loss are left. Converges where zhat**2*beta is small;
    truncated after delta**3.
    """
    x = (1 - g) * (1 + g)
    y = zhat / x * zhat
    t = delta + 0 * y
    p = t * t * y
    s = 4 - 3 * p
    return t * zhat * x * s / 4


def mean_gradient_norm(delta, zhat, g):
    """Mean gradient norm |dW/dtau| until that time (delta = z/zhat; Schuessler et al. 2020, Fig. 4).

        <|dW/dtau|> = zhat*beta*(1 - 1/2*delta - (1 - 8*zhat**2*beta)/12*delta**2) + O(delta**3)

    At delta = 1 - 0.05**0.5, 5% of the loss are left. Converges where zhat**2*beta is small;
    truncated after delta**2.
    """
    x = (1 - g) * (1 + g)
    y = zhat / x * zhat
    t = delta + 0 * y
    p = t * t * y
    s = 12 + t * (-6 - t) + 8 * p
    return s * zhat / 12 / x


def shuffled_loss(delta, zhat, g):
    """Loss after W0 is shuffled, over the initial loss (delta = z/zhat; Schuessler et al. 2020, Fig. 4).

        L/L0 shuffled = (1 - 2*(1 - 2*g**2 + g**4)*delta + (1 - 4*g**2 + 6*g**4 - 4*g**6 +
        g**8)*delta**2 + 2*(7*zhat**2*beta*g**2 - 17*zhat**2*beta*g**4 + 13*zhat**2*beta*g**6 -
        3*zhat**2*beta*g**8)/3*delta**3) + O(delta**4)

    At delta = 1 - 0.05**0.5, 5% of the loss are left. Converges where zhat**2*beta is small;
    truncated after delta**3.
    """
    x = (1 - g) * (1 + g)
    y = zhat / x * zhat
    t = delta + 0 * y
    u = g * g + 0 * y
    p = t * t * y
    s = 14 + u * (-34 + u * (26 - 6 * u))
    c = 3 + t * (-6 + u * (12 - 6 * u) + t * (3 + u * (-12 + u * (18 + u * (-12 + 3 * u)))))
    s = c + p * t * u * s
    return s / 3


def universal(ttilde, y):
    """Scaling functions: limits g -> 1 at fixed ttilde and y = zhat**2*beta, as a dictionary.

        z/zhat = ttilde - 1/2*ttilde**2 + (1/6 + 4*y/3)*ttilde**3 + O(ttilde**4)
        L/zhat**2 = 1/2 - ttilde + ttilde**2 + (-2/3 - 4*y/3)*ttilde**3 + O(ttilde**4)
        |dW/dtau|/(zhat*beta) = 1 - ttilde + (1/2 + 2*y)*ttilde**2 + (-1/6 - 16*y/3)*ttilde**3 +
        O(ttilde**4)
        beta*|dW|/zhat = ttilde - 1/2*ttilde**2 + (1/6 + 7*y/12)*ttilde**3 + O(ttilde**4)
        beta*s1/zhat = ttilde - 1/2*ttilde**2 + (1/6 + 7*y/12)*ttilde**3 + O(ttilde**4)
        beta*s2/zhat = y/12*ttilde**3 + O(ttilde**4)
        h/beta**2 = 1 + 4*y*ttilde**2 - 4*y*ttilde**3 + O(ttilde**4)

    As g -> 1 the curves of one y all collapse on these.
    """
    one = (0 * ttilde * y)**0 / 1
    ttilde = ttilde / one
    y = y / one
    t = ttilde
    p = t * t * y
    readout = 6 + t * (-3 + t) + 8 * p
    loss = 3 + t * (-6 + t * (6 - 4 * t)) - 8 * p * t
    gradient_norm = 12 - 32 * t
    gradient_norm = 6 + t * (-6 + t * (3 - t)) + p * gradient_norm
    frobenius_norm = 12 + t * (-6 + 2 * t) + 7 * p
    s1 = 12 + t * (-6 + 2 * t) + 7 * p
    sharpness = 4 - 4 * t
    sharpness = 1 + p * sharpness
    return {
        "readout": t * readout / 6,
        "loss": loss / 6,
        "gradient_norm": gradient_norm / 6,
        "frobenius_norm": t * frobenius_norm / 12,
        "s1": t * s1 / 12,
        "s2": p * t / 12,
        "sharpness": sharpness,
    }


def universal_end(delta, y):
    """Scaling functions: limits g -> 1 at fixed delta and y = zhat**2*beta, as a dictionary.

        beta**2*tau* = delta + 1/2*delta**2 + (1/3 - 4*y/3)*delta**3 + O(delta**4)
        beta*|dW|/zhat = delta - 3*y/4*delta**3 + O(delta**4)
        <|dW/dtau|>/(zhat*beta) = 1 - 1/2*delta + (-1/12 + 2*y/3)*delta**2 + O(delta**3)
        L/L0 shuffled = 1 + O(delta**4)

    As g -> 1 the curves of one y all collapse on these.
    """
    one = (0 * delta * y)**0 / 1
    delta = delta / one
    y = y / one
    t = delta
    p = t * t * y
    learning_time = 6 + t * (3 + 2 * t) - 8 * p
    weight_change = 4 - 3 * p
    mean_gradient_norm = 12 + t * (-6 - t) + 8 * p
    return {
        "learning_time": t * learning_time / 6,
        "weight_change": t * weight_change / 4,
        "mean_gradient_norm": mean_gradient_norm / 12,
        "shuffled_loss": one,
    }


def error_estimate(tau, zhat, g):
    """The first term left out of the readout, of order tau**4.

    Its size estimates the truncation error well inside the radius of convergence, and only there.

        -(1 + 56*zhat**2*beta)/24*zhat*ttilde**4
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    p = t * t * y
    s = -t**2 - 56 * p
    return t**2 * zhat * s / 24


def radius(zhat, g):
    """Radius of convergence of the expansions, in ttilde = beta**2 * tau.

    A fit, within 0.5% for 0.1 <= zhat <= 4 and 0 <= g <= 0.95.
    """
    a = zhat / ((1 - g) * (1 + g))**0.5
    u = g * g + 0 * a
    s = 1294000 + 159200 * u
    s = 2080000 + 166900 * u + a * s
    s = 632800 + 11760 * u + a * s
    s = 26240 + 2206 * u + a * s
    return (100000 + a * (857000 + a * 740000)) / s
