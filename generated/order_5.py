# Made by the command: derive --order 5 --format python
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
beta = 1/(1 - g**2)), target ``zhat``, connectivity strength ``g``. All quantities are
dimensionless.
Arguments broadcast against each other. Only + - * / ** are used, so that numbers, numpy arrays,
torch tensors, jax, mpmath and ball arithmetic all pass.
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
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = 336 + 64 * u
    s = 160 + t * (-280 + 256 * t) + p * s
    s = 120 + t * (-60 + t * (20 + t * (-5 + t))) + p * s
    return t * zhat * s / 120


def loss(tau, zhat, g):
    """Loss L = (zhat - z)^2/2 (Schuessler et al. 2020, section 3).

        L = zhat**2*(1/2 - ttilde + ttilde**2 - 2*(1 + 2*zhat**2*beta)/3*ttilde**3 + (1 +
        11*zhat**2*beta)/3*ttilde**4 - (2 + 77*zhat**2*beta + 42*zhat**4*beta**2 +
        8*zhat**4*beta**2*g**2)/15*ttilde**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = -84 - 16 * u
    s = t * (-40 + t * (110 - 154 * t)) + p * t * s
    s = 15 + t * (-30 + t * (30 + t * (-20 + t * (10 - 4 * t)))) + p * s
    return s * zhat * zhat / 30


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
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = 600 + 160 * u + t * (-2616 - 544 * u)
    s = 240 + t * (-640 + t * (780 - 616 * t)) + p * s
    s = 120 + t * (-120 + t * (60 + t * (-20 + t * (5 - t)))) + p * s
    return s * zhat / 120 / x


def frobenius_norm(tau, zhat, g):
    """Frobenius norm |W - W0| (Schuessler et al. 2020, section 3).

        |dW| = zhat/beta*(ttilde - 1/2*ttilde**2 + (2 + 7*zhat**2*beta)/12*ttilde**3 - (1 +
        29*zhat**2*beta)/24*ttilde**4 + (12 + 1722*zhat**2*beta + 1247*zhat**4*beta**2 +
        248*zhat**4*beta**2*g**2)/1440*ttilde**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = 1247 + 248 * u
    s = 840 + t * (-1740 + 1722 * t) + p * s
    s = 1440 + t * (-720 + t * (240 + t * (-60 + 12 * t))) + p * s
    return t * zhat * x * s / 1440


def sharpness(tau, zhat, g):
    """Sharpness h (h = dz/dtau over zhat - z).

        h = beta**2*(1 + 4*zhat**2*beta*ttilde**2 - 4*zhat**2*beta*ttilde**3 + (7*zhat**2*beta +
        42*zhat**4*beta**2 + 8*zhat**4*beta**2*g**2)/3*ttilde**4 - (3*zhat**2*beta +
        92*zhat**4*beta**2 + 16*zhat**4*beta**2*g**2)/3*ttilde**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = 42 + 8 * u + t * (-92 - 16 * u)
    s = 12 + t * (-12 + t * (7 - 3 * t)) + p * s
    s = 3 + p * s
    return s / 3 / x / x


def readout_variance(tau, zhat, g):
    """Variance of the readout z between networks of size N, N Var z (to leading order in 1/N).

        N Var z = beta*(1 - 2*ttilde + 2*(1 + 2*zhat**2*beta + 4*zhat**2*beta*g**2 -
        2*zhat**2*beta*g**4)*ttilde**2 - 4*(1 + 13*zhat**2*beta + 12*zhat**2*beta*g**2 -
        6*zhat**2*beta*g**4)/3*ttilde**3 + (2 + 99*zhat**2*beta + 48*zhat**2*beta*g**2 -
        24*zhat**2*beta*g**4 + 52*zhat**4*beta**2 + 192*zhat**4*beta**2*g**2 -
        64*zhat**4*beta**2*g**4)/3*ttilde**4 - (4 + 593*zhat**2*beta + 160*zhat**2*beta*g**2 -
        80*zhat**2*beta*g**4 + 1580*zhat**4*beta**2 + 3288*zhat**4*beta**2*g**2 -
        1160*zhat**4*beta**2*g**4)/15*ttilde**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = 260 + u * (960 - 320 * u) + t * (-1580 + u * (-3288 + 1160 * u))
    c = 495 + u * (240 - 120 * u) + t * (-593 + u * (-160 + 80 * u))
    c = -260 + u * (-240 + 120 * u) + t * c
    c = 60 + u * (120 - 60 * u) + t * c
    s = c + p * s
    s = 15 + t * (-30 + t * (30 + t * (-20 + t * (10 - 4 * t)))) + p * s
    return s / 15 / x


def loss_variance(tau, zhat, g):
    """Variance of the loss L = (zhat - z)^2/2 between networks of size N, N Var L (to leading order in 1/N).

        N Var L = zhat**2*beta*(1 - 4*ttilde + 4*(2 + zhat**2*beta + 2*zhat**2*beta*g**2 -
        zhat**2*beta*g**4)*ttilde**2 - 4*(8 + 21*zhat**2*beta + 24*zhat**2*beta*g**2 -
        12*zhat**2*beta*g**4)/3*ttilde**3 + (32 + 265*zhat**2*beta + 192*zhat**2*beta*g**2 -
        96*zhat**2*beta*g**4 + 52*zhat**4*beta**2 + 192*zhat**4*beta**2*g**2 -
        64*zhat**4*beta**2*g**4)/3*ttilde**4 - (128 + 2637*zhat**2*beta + 1280*zhat**2*beta*g**2
        - 640*zhat**2*beta*g**4 + 2344*zhat**4*beta**2 + 5544*zhat**4*beta**2*g**2 -
        1960*zhat**4*beta**2*g**4)/15*ttilde**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = 260 + u * (960 - 320 * u) + t * (-2344 + u * (-5544 + 1960 * u))
    c = 1325 + u * (960 - 480 * u) + t * (-2637 + u * (-1280 + 640 * u))
    c = -420 + u * (-480 + 240 * u) + t * c
    c = 60 + u * (120 - 60 * u) + t * c
    s = c + p * s
    s = 15 + t * (-60 + t * (120 + t * (-160 + t * (160 - 128 * t)))) + p * s
    return s * zhat * zhat / 15 / x


def gradient_norm_variance(tau, zhat, g):
    """Variance of the gradient norm |dW/dtau| between networks of size N, N Var |dW/dtau| (to leading order in 1/N).

        N Var |dW/dtau| = beta**3*((1 + 2*zhat**2*beta*g**2 - zhat**2*beta*g**4) - 2*(1 +
        2*zhat**2*beta + 6*zhat**2*beta*g**2 - 3*zhat**2*beta*g**4)*ttilde + 2*(1 +
        13*zhat**2*beta + 14*zhat**2*beta*g**2 - 7*zhat**2*beta*g**4 + 2*zhat**4*beta**2 +
        20*zhat**4*beta**2*g**2 - 6*zhat**4*beta**2*g**4)*ttilde**2 - 2*(2 + 99*zhat**2*beta +
        52*zhat**2*beta*g**2 - 26*zhat**2*beta*g**4 + 94*zhat**4*beta**2 +
        404*zhat**4*beta**2*g**2 - 134*zhat**4*beta**2*g**4)/3*ttilde**3 + (4 + 593*zhat**2*beta
        + 168*zhat**2*beta*g**2 - 84*zhat**2*beta*g**4 + 2122*zhat**4*beta**2 +
        4780*zhat**4*beta**2*g**2 - 1686*zhat**4*beta**2*g**4 + 224*zhat**6*beta**3 +
        2184*zhat**6*beta**3*g**2 - 36*zhat**6*beta**3*g**4 -
        80*zhat**6*beta**3*g**6)/6*ttilde**4 - (8 + 3107*zhat**2*beta + 496*zhat**2*beta*g**2 -
        248*zhat**2*beta*g**4 + 31646*zhat**4*beta**2 + 42356*zhat**4*beta**2*g**2 -
        15382*zhat**4*beta**2*g**4 + 16160*zhat**6*beta**3 + 88688*zhat**6*beta**3*g**2 -
        8088*zhat**6*beta**3*g**4 - 3104*zhat**6*beta**3*g**6)/30*ttilde**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    s = -31646 + u * (-42356 + 15382 * u) + y * (-16160 + u * (-88688 + u * (8088 + 3104 * u)))
    s = -3107 + u * (-496 + 248 * u) + y * s
    s = -8 + y * s
    c = 10610 + u * (23900 - 8430 * u) + y * (1120 + u * (10920 + u * (-180 - 400 * u)))
    c = 2965 + u * (840 - 420 * u) + y * c
    c = 20 + y * c
    s = c + t * s
    c = -40 + y * (-1980 + u * (-1040 + 520 * u) + y * (-1880 + u * (-8080 + 2680 * u)))
    s = c + t * s
    s = 60 + y * (780 + u * (840 - 420 * u) + y * (120 + u * (1200 - 360 * u))) + t * s
    s = -60 + y * (-120 + u * (-360 + 180 * u)) + t * s
    s = 30 + y * u * (60 - 30 * u) + t * s
    return s / 30 / x / x / x


def frobenius_norm_variance(tau, zhat, g):
    """Variance of the Frobenius norm |W - W0| between networks of size N, N Var |dW| (to leading order in 1/N).

        N Var |dW| = 1/beta*((1 + 2*zhat**2*beta*g**2 - zhat**2*beta*g**4)*ttilde**2 - (1 +
        2*zhat**2*beta + 6*zhat**2*beta*g**2 - 3*zhat**2*beta*g**4)*ttilde**3 + (7 +
        94*zhat**2*beta + 94*zhat**2*beta*g**2 - 47*zhat**2*beta*g**4 + 12*zhat**4*beta**2 +
        136*zhat**4*beta**2*g**2 - 42*zhat**4*beta**2*g**4)/12*ttilde**4 - (3 + 162*zhat**2*beta
        + 74*zhat**2*beta*g**2 - 37*zhat**2*beta*g**4 + 134*zhat**4*beta**2 +
        608*zhat**4*beta**2*g**2 - 208*zhat**4*beta**2*g**4)/12*ttilde**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = 12 + u * (136 - 42 * u) + t * (-134 + u * (-608 + 208 * u))
    c = -24 + u * (-72 + 36 * u) + t * (94 + u * (94 - 47 * u) + t * (-162 + u * (-74 + 37 * u)))
    c = u * (24 - 12 * u) + t * c
    s = c + p * s
    s = t**2 * (12 + t * (-12 + t * (7 - 3 * t))) + p * s
    return s * x / 12


def s1_variance(tau, zhat, g):
    """Variance of the singular value s1 of W - W0 between networks of size N, N Var s1 (to leading order in 1/N).

        N Var s1 = 1/beta*((1 + 2*zhat**2*beta*g**2 - zhat**2*beta*g**4)*ttilde**2 - (1 +
        2*zhat**2*beta + 6*zhat**2*beta*g**2 - 3*zhat**2*beta*g**4)*ttilde**3 + (7 +
        94*zhat**2*beta + 94*zhat**2*beta*g**2 - 47*zhat**2*beta*g**4 + 12*zhat**4*beta**2 +
        136*zhat**4*beta**2*g**2 - 42*zhat**4*beta**2*g**4)/12*ttilde**4 - (3 + 162*zhat**2*beta
        + 74*zhat**2*beta*g**2 - 37*zhat**2*beta*g**4 + 134*zhat**4*beta**2 +
        608*zhat**4*beta**2*g**2 - 208*zhat**4*beta**2*g**4)/12*ttilde**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = 12 + u * (136 - 42 * u) + t * (-134 + u * (-608 + 208 * u))
    c = -24 + u * (-72 + 36 * u) + t * (94 + u * (94 - 47 * u) + t * (-162 + u * (-74 + 37 * u)))
    c = u * (24 - 12 * u) + t * c
    s = c + p * s
    s = t**2 * (12 + t * (-12 + t * (7 - 3 * t))) + p * s
    return s * x / 12


def sharpness_variance(tau, zhat, g):
    """Variance of the sharpness h between networks of size N, N Var h (to leading order in 1/N).

        N Var h = beta**6*(4*(2*g**2 - g**4) + 16*(zhat**2*beta + 12*zhat**2*beta*g**2 -
        4*zhat**2*beta*g**4)*ttilde**2 - 16*(5*zhat**2*beta + 16*zhat**2*beta*g**2 -
        6*zhat**2*beta*g**4)*ttilde**3 + 4*(127*zhat**2*beta + 140*zhat**2*beta*g**2 -
        56*zhat**2*beta*g**4 + 160*zhat**4*beta**2 + 1656*zhat**4*beta**2*g**2 -
        188*zhat**4*beta**2*g**4 - 48*zhat**4*beta**2*g**6)/3*ttilde**4 - 4*(159*zhat**2*beta +
        72*zhat**2*beta*g**2 - 30*zhat**2*beta*g**4 + 1016*zhat**4*beta**2 +
        4496*zhat**4*beta**2*g**2 - 736*zhat**4*beta**2*g**4 -
        128*zhat**4*beta**2*g**6)/3*ttilde**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = 160 + u * (1656 + u * (-188 - 48 * u)) + t * (-1016 + u * (-4496 + u * (736 + 128 * u)))
    c = -60 + u * (-192 + 72 * u) + t * (127 + u * (140 - 56 * u) + t * (-159 + u * (-72 + 30 * u)))
    c = 12 + u * (144 - 48 * u) + t * c
    s = c + p * s
    s = u * (6 - 3 * u) + p * s
    return 4 * s / 3 / x / x / x / x / x / x


def readout_bias(tau, zhat, g):
    """Bias of the readout z: mean over networks of size N minus limit, N (E z - z) (at order 1/N).

        N (E z - z) = zhat*beta**2*(4*g**2*ttilde - 2*(2 + 4*g**2 - g**4)*ttilde**2 + 2*(14 +
        9*g**2 - 3*g**4 + 5*zhat**2*beta + 58*zhat**2*beta*g**2 +
        6*zhat**2*beta*g**4)/3*ttilde**3 - (64 + 16*g**2 - 6*g**4 + 211*zhat**2*beta +
        806*zhat**2*beta*g**2 - 70*zhat**2*beta*g**4)/6*ttilde**4 + (244 + 25*g**2 - 10*g**4 +
        3376*zhat**2*beta + 6224*zhat**2*beta*g**2 - 1088*zhat**2*beta*g**4 +
        616*zhat**4*beta**2 + 6880*zhat**4*beta**2*g**2 + 2064*zhat**4*beta**2*g**4 +
        16*zhat**4*beta**2*g**6)/30*ttilde**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = 616 + u * (6880 + u * (2064 + 16 * u))
    c = -1055 + u * (-4030 + 350 * u) + t * (3376 + u * (6224 - 1088 * u))
    c = 100 + u * (1160 + 120 * u) + t * c
    s = c + p * s
    c = 280 + u * (180 - 60 * u) + t * (-320 + u * (-80 + 30 * u) + t * (244 + u * (25 - 10 * u)))
    c = -120 + u * (-240 + 60 * u) + t * c
    c = 120 * u + t * c
    s = c + p * s
    return t * zhat * s / 30 / x / x


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
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s1 = 621 + 124 * u
    s1 = 420 + t * (-870 + 861 * t) + p * s1
    s1 = 720 + t * (-360 + t * (120 + t * (-30 + 6 * t))) + p * s1
    s2 = 33 + 22 * u
    s2 = 20 + t * (-30 + 25 * t) + p * s2
    return (t * zhat * x * s1 / 720, p * zhat * x * t * s2 / 240)


def singular_vectors(tau, zhat, g):
    """Singular vectors of W - W0, for each pair (its coordinates, its squared norm).

    With a_0 = B^T w, b_0 = B m, a_(i+1) = B^T b_i, b_(j+1) = B a_j, B = (I - W0)^-1, the r-th left
    one is the sum of vr_i a_i and the right one the sum of vr_j b_j, scaled so that vr_(r-1) = 1.

        v1_0 = 1
        v1_1 = zhat/beta*(1/2*ttilde - 1/4*ttilde**2 + (2 + 9*zhat**2*beta)/24*ttilde**3 - (1 +
        35*zhat**2*beta)/48*ttilde**4) + O(tau**5)
        v1_2 = zhat**2/beta**2*(1/6*ttilde**2 - 1/6*ttilde**3 + 7*(2 +
        5*zhat**2*beta)/144*ttilde**4) + O(tau**5)
        v1_3 = zhat**3/beta**3*(1/24*ttilde**3 - 1/16*ttilde**4) + O(tau**5)
        v1_4 = zhat**4/beta**4*(1/120*ttilde**4) + O(tau**5)
        |v1|**2 = beta*(1 + 7*zhat**2*beta/12*ttilde**2 - 7*zhat**2*beta/12*ttilde**3 +
        (245*zhat**2*beta + 682*zhat**4*beta**2 + 124*zhat**4*beta**2*g**2)/720*ttilde**4) +
        O(tau**5)
        v2_0 = zhat*beta**2*(-ttilde + 1/2*ttilde**2) + O(tau**3)
        v2_1 = 1
        v2_2 = zhat/beta*(1/2*ttilde - 1/4*ttilde**2) + O(tau**3)
        v2_3 = zhat**2/beta**2*(3/20*ttilde**2) + O(tau**3)
        |v2|**2 = beta**4*(1 + 11*(zhat**2*beta + 2*zhat**2*beta*g**2)/20*ttilde**2) + O(tau**3)

    Valid inside the radius of convergence.
    """
    one = (0 * tau * zhat * g)**0 / 1
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    v1_1 = 18 - 35 * t
    v1_1 = 24 + t * (-12 + t * (4 - t)) + p * v1_1
    v1_2 = 24 + t * (-24 + 14 * t) + 35 * p
    v1_3 = 2 - 3 * t
    norm1 = 682 + 124 * u
    norm1 = 420 + t * (-420 + 245 * t) + p * norm1
    norm1 = 720 + p * norm1
    v2_0 = -2 + t
    v2_2 = 2 - t
    norm2 = 11 + 22 * u
    norm2 = 20 + p * norm2
    return (
        (
            (
                one,
                t * zhat * x * v1_1 / 48,
                t**2 * zhat * zhat * x * x * v1_2 / 144,
                t**3 * zhat * zhat * zhat * x * x * x * v1_3 / 48,
                t**4 * zhat * zhat * zhat * zhat * x * x * x * x / 120,
            ),
            norm1 / 720 / x,
        ),
        (
            (
                t * zhat * v2_0 / 2 / x / x,
                one,
                t * zhat * x * v2_2 / 4,
                3 * t**2 * zhat * zhat * x * x / 20,
            ),
            norm2 / 20 / x / x / x / x,
        ),
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
    t = tau / zhat**0
    p = t * zhat
    p = p * p
    a11 = 11 - 30 * t
    a11 = 12 + t * (-12 + t * (7 - 3 * t)) + p * a11
    a12 = 40 + t * (-100 + 106 * t) + 56 * p
    a12 = 120 + t * (-60 + t * (20 + t * (-5 + t))) + p * a12
    a21 = 20 + t * (-30 + 25 * t) + 32 * p
    a22 = 11 - 30 * t
    a22 = 12 + t * (-12 + t * (7 - 3 * t)) + p * a22
    return (
        (t**2 * zhat * zhat * a11 / 24, t * zhat * a12 / 120),
        (p * zhat * t * a21 / 60, t**2 * zhat * zhat * a22 / 24),
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

        mean = zhat**2*(1/2*tau**2 - 1/2*tau**3 + (7 + 11*zhat**2)/24*tau**4 - (1 +
        10*zhat**2)/8*tau**5) + O(tau**6)
        split = zhat**2*(tau**2 - tau**3 + (35 + 58*zhat**2)/60*tau**4 - (5 +
        52*zhat**2)/20*tau**5) + O(tau**6)

    Valid inside the radius of convergence; truncated after tau**5.
    """
    one = (0 * tau * zhat)**0 / 1
    t = tau / zhat**0
    p = t * zhat
    p = p * p
    mean = 11 - 30 * t
    mean = 12 + t * (-12 + t * (7 - 3 * t)) + p * mean
    split = 58 - 156 * t
    split = 60 + t * (-60 + t * (35 - 15 * t)) + p * split
    middle = t**2 * zhat * zhat * mean / 24
    offset = t**2 * zhat * zhat * split / 60 / (one * 3)**0.5
    return (middle + offset, middle - offset)


def outlier_equation(lam, tau, zhat, g):
    """D(lam, tau), whose roots with |lam| > g are the outliers of W, its eigenvalues outside the disc.

        D(lam, tau) = 1 + lam/(lam - g**2)**2*D1_0 + lam/(lam - g**2)**3*D1_1 + lam**2/(lam -
        g**2)**4*D2_0 + O(tau**6)
        D1_0 = 1/beta**2*(-zhat**2*beta*ttilde**2 + zhat**2*beta*ttilde**3 - (7*zhat**2*beta +
        11*zhat**4*beta**2 + 4*zhat**4*beta**2*g**2)/12*ttilde**4 + (3*zhat**2*beta +
        30*zhat**4*beta**2 + 8*zhat**4*beta**2*g**2)/12*ttilde**5) + O(tau**6)
        D1_1 = 1/beta**3*(-zhat**4*beta**2*g**2/3*ttilde**4 +
        2*zhat**4*beta**2*g**2/3*ttilde**5) + O(tau**6)
        D2_0 = 1/beta**4*(-zhat**4*beta**2/12*ttilde**4 + zhat**4*beta**2/6*ttilde**5) +
        O(tau**6)

    lam may be complex. Valid inside the radius of convergence; truncated after tau**5.
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    d1_0 = -11 - 4 * u + t * (30 + 8 * u)
    d1_0 = -12 + t * (12 + t * (-7 + 3 * t)) + p * d1_0
    d1_1 = -1 + 2 * t
    d2_0 = -1 + 2 * t
    q = lam - u
    r = lam / (q * q)
    d2 = p**2 * x * x * x * x * d2_0 / 12
    d1 = p * x * x * d1_0 / 12 + p**2 * x * x * x * u * d1_1 / 3 / q + d2 * r
    return 1 + d1 * r


def learning_time(delta, zhat, g):
    """Learning time tau* until z = delta*zhat (delta = z/zhat; Schuessler et al. 2020, Fig. 4).

        tau* = 1/beta**2*(delta + 1/2*delta**2 + (1 - 4*zhat**2*beta)/3*delta**3 + (1 -
        4*zhat**2*beta)/4*delta**4 + (3 - 12*zhat**2*beta + 38*zhat**4*beta**2 -
        8*zhat**4*beta**2*g**2)/15*delta**5) + O(delta**6)

    At delta = 1 - 0.05**0.5, 5% of the loss are left. Converges where zhat**2*beta is small;
    truncated after delta**5.
    """
    x = (1 - g) * (1 + g)
    y = zhat / x * zhat
    t = delta + 0 * y
    u = g * g + 0 * y
    p = t * t * y
    s = 152 - 32 * u
    s = -80 + t * (-60 - 48 * t) + p * s
    s = 60 + t * (30 + t * (20 + t * (15 + 12 * t))) + p * s
    return t * x * x * s / 60


def weight_change(delta, zhat, g):
    """Weight change |W - W0| at that time (delta = z/zhat; Schuessler et al. 2020, Fig. 4).

        |dW| = zhat/beta*(delta - 3*zhat**2*beta/4*delta**3 + (307*zhat**4*beta**2 -
        104*zhat**4*beta**2*g**2)/288*delta**5) + O(delta**6)

    At delta = 1 - 0.05**0.5, 5% of the loss are left. Converges where zhat**2*beta is small;
    truncated after delta**5.
    """
    x = (1 - g) * (1 + g)
    y = zhat / x * zhat
    t = delta + 0 * y
    u = g * g + 0 * y
    p = t * t * y
    s = 307 - 104 * u
    s = -216 + p * s
    s = 288 + p * s
    return t * zhat * x * s / 288


def mean_gradient_norm(delta, zhat, g):
    """Mean gradient norm |dW/dtau| until that time (delta = z/zhat; Schuessler et al. 2020, Fig. 4).

        <|dW/dtau|> = zhat*beta*(1 - 1/2*delta - (1 - 8*zhat**2*beta)/12*delta**2 -
        1/24*delta**3 - (19 + 24*zhat**2*beta + 560*zhat**4*beta**2 -
        192*zhat**4*beta**2*g**2)/720*delta**4) + O(delta**5)

    At delta = 1 - 0.05**0.5, 5% of the loss are left. Converges where zhat**2*beta is small;
    truncated after delta**4.
    """
    x = (1 - g) * (1 + g)
    y = zhat / x * zhat
    t = delta + 0 * y
    u = g * g + 0 * y
    p = t * t * y
    s = -560 + 192 * u
    s = 480 - 24 * t**2 + p * s
    s = 720 + t * (-360 + t * (-60 + t * (-30 - 19 * t))) + p * s
    return s * zhat / 720 / x


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
    y = zhat / x * zhat
    t = delta + 0 * y
    u = g * g + 0 * y
    p = t * t * y
    s = -78 + u * (-91 + u * (686 + u * (-852 + u * (400 - 65 * u))))
    c = -140 + u * (620 + u * (-1080 + u * (920 + u * (-380 + 60 * u))))
    c = u * (140 + u * (-340 + u * (260 - 60 * u))) + t * u * c
    c = t * c
    s = c + p * t * u * s
    c = -60 + u * (120 - 60 * u) + t * (30 + u * (-120 + u * (180 + u * (-120 + 30 * u))))
    c = 30 + t * c
    s = c + p * s
    return s / 30


def universal(ttilde, y):
    """Scaling functions: limits g -> 1 at fixed ttilde and y = zhat**2*beta, as a dictionary.

        z/zhat = ttilde - 1/2*ttilde**2 + (1/6 + 4*y/3)*ttilde**3 + (-1/24 - 7*y/3)*ttilde**4 +
        (1/120 + 32*y/15 + 10*y**2/3)*ttilde**5 + O(ttilde**6)
        L/zhat**2 = 1/2 - ttilde + ttilde**2 + (-2/3 - 4*y/3)*ttilde**3 + (1/3 +
        11*y/3)*ttilde**4 + (-2/15 - 77*y/15 - 10*y**2/3)*ttilde**5 + O(ttilde**6)
        |dW/dtau|/(zhat*beta) = 1 - ttilde + (1/2 + 2*y)*ttilde**2 + (-1/6 - 16*y/3)*ttilde**3 +
        (1/24 + 13*y/2 + 19*y**2/3)*ttilde**4 + (-1/120 - 77*y/15 - 79*y**2/3)*ttilde**5 +
        O(ttilde**6)
        beta*|dW|/zhat = ttilde - 1/2*ttilde**2 + (1/6 + 7*y/12)*ttilde**3 + (-1/24 -
        29*y/24)*ttilde**4 + (1/120 + 287*y/240 + 299*y**2/288)*ttilde**5 + O(ttilde**6)
        beta*s1/zhat = ttilde - 1/2*ttilde**2 + (1/6 + 7*y/12)*ttilde**3 + (-1/24 -
        29*y/24)*ttilde**4 + (1/120 + 287*y/240 + 149*y**2/144)*ttilde**5 + O(ttilde**6)
        beta*s2/zhat = y/12*ttilde**3 - y/8*ttilde**4 + (5*y/48 + 11*y**2/48)*ttilde**5 +
        O(ttilde**6)
        h/beta**2 = 1 + 4*y*ttilde**2 - 4*y*ttilde**3 + (7*y/3 + 50*y**2/3)*ttilde**4 + (-y -
        36*y**2)*ttilde**5 + O(ttilde**6)

    As g -> 1 the curves of one y all collapse on these.
    """
    one = (0 * ttilde * y)**0 / 1
    ttilde = ttilde / one
    y = y / one
    t = ttilde
    p = t * t * y
    readout = 160 + t * (-280 + 256 * t) + 400 * p
    readout = 120 + t * (-60 + t * (20 + t * (-5 + t))) + p * readout
    loss = t * (-40 + t * (110 - 154 * t)) - 100 * p * t
    loss = 15 + t * (-30 + t * (30 + t * (-20 + t * (10 - 4 * t)))) + p * loss
    gradient_norm = 760 - 3160 * t
    gradient_norm = 240 + t * (-640 + t * (780 - 616 * t)) + p * gradient_norm
    gradient_norm = 120 + t * (-120 + t * (60 + t * (-20 + t * (5 - t)))) + p * gradient_norm
    frobenius_norm = 840 + t * (-1740 + 1722 * t) + 1495 * p
    frobenius_norm = 1440 + t * (-720 + t * (240 + t * (-60 + 12 * t))) + p * frobenius_norm
    s1 = 420 + t * (-870 + 861 * t) + 745 * p
    s1 = 720 + t * (-360 + t * (120 + t * (-30 + 6 * t))) + p * s1
    s2 = 4 + t * (-6 + 5 * t) + 11 * p
    sharpness = 50 - 108 * t
    sharpness = 12 + t * (-12 + t * (7 - 3 * t)) + p * sharpness
    sharpness = 3 + p * sharpness
    return {
        "readout": t * readout / 120,
        "loss": loss / 30,
        "gradient_norm": gradient_norm / 120,
        "frobenius_norm": t * frobenius_norm / 1440,
        "s1": t * s1 / 720,
        "s2": p * t * s2 / 48,
        "sharpness": sharpness / 3,
    }


def universal_end(delta, y):
    """Scaling functions: limits g -> 1 at fixed delta and y = zhat**2*beta, as a dictionary.

        beta**2*tau* = delta + 1/2*delta**2 + (1/3 - 4*y/3)*delta**3 + (1/4 - y)*delta**4 + (1/5
        - 4*y/5 + 2*y**2)*delta**5 + O(delta**6)
        beta*|dW|/zhat = delta - 3*y/4*delta**3 + 203*y**2/288*delta**5 + O(delta**6)
        <|dW/dtau|>/(zhat*beta) = 1 - 1/2*delta + (-1/12 + 2*y/3)*delta**2 - 1/24*delta**3 +
        (-19/720 - y/30 - 23*y**2/45)*delta**4 + O(delta**5)
        L/L0 shuffled = 1 + O(delta**6)

    As g -> 1 the curves of one y all collapse on these.
    """
    one = (0 * delta * y)**0 / 1
    delta = delta / one
    y = y / one
    t = delta
    p = t * t * y
    learning_time = -80 + t * (-60 - 48 * t) + 120 * p
    learning_time = 60 + t * (30 + t * (20 + t * (15 + 12 * t))) + p * learning_time
    weight_change = -216 + 203 * p
    weight_change = 288 + p * weight_change
    mean_gradient_norm = 480 - 24 * t**2 - 368 * p
    mean_gradient_norm = 720 + t * (-360 + t * (-60 + t * (-30 - 19 * t))) + p * mean_gradient_norm
    return {
        "learning_time": t * learning_time / 60,
        "weight_change": t * weight_change / 288,
        "mean_gradient_norm": mean_gradient_norm / 720,
        "shuffled_loss": one,
    }


def error_estimate(tau, zhat, g):
    """The first term left out of the readout, of order tau**6.

    Its size estimates the truncation error well inside the radius of convergence, and only there.

        -(1 + 976*zhat**2*beta + 6336*zhat**4*beta**2 +
        1024*zhat**4*beta**2*g**2)/720*zhat*ttilde**6
    """
    x = (1 - g) * (1 + g)
    t = tau / (x * x)
    y = zhat / x * zhat
    u = g * g + 0 * y
    p = t * t * y
    s = -6336 - 1024 * u
    s = -976 * t**2 + p * s
    s = -t**4 + p * s
    return t**2 * zhat * s / 720


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
