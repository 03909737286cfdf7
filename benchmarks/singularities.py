"""The singularities of z(ttilde) by two routes: integrals on the exact path, and coefficients.

The second route sees nothing but exact Taylor coefficients: ratios of neighbouring ones (Darboux)
for the real singularity, approximants of z''/z' in the variable that uniformises it for the pair.

    python benchmarks/singularities.py [--order 100]
"""

from __future__ import annotations

import argparse

from derive.flow.high_order import readout_coefficients
from derive.radius.pade import estimated_singularities, ratio_estimate
from derive.radius.singularities import singularities

CASES = (("0", "0.5"), ("0", "1"), ("0", "2"), ("0.6", "0.5"), ("0.6", "1"), ("0.6", "2"), ("0.8", "2"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--order", type=int, default=100)
    order = parser.parse_args().order
    for g, zhat in CASES:
        exact = singularities(float(g), float(zhat))
        coefficients = readout_coefficients(g, zhat, order)
        real = ratio_estimate(coefficients)
        pair = estimated_singularities(coefficients, 1, uniformise=exact.backward)[0]
        print(f"g = {g}, zhat = {zhat}")
        print(
            f"  real  path {exact.backward:.9f}   ratios {real.location.real:.9f} "
            f"+- {real.location_error:.0e}"
            f", exponent {real.exponent:.3f} +- {real.exponent_error:.3f}"
        )
        print(
            f"  pair  path {exact.pair:.6f}   Pade {pair.location:.6f} +- {pair.location_error:.0e}"
            f", exponent {pair.exponent:.3f} +- {pair.exponent_error:.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
