"""Errors of the truncated series and its resummations against the exact curve.

Largest error of the readout, relative to zhat, up to the radius of convergence, up to 90% of the
time of 5% loss, and up to twice that time; by order and method.

    python benchmarks/resummation.py [--orders 5,10,20,40]
"""

from __future__ import annotations

import argparse

import numpy as np

from derive import limit
from derive.flow.high_order import readout_coefficients
from derive.radius.resummation import METHODS, resummed_readout
from derive.radius.singularities import singularities

CASES = ((0.0, 1.0), (0.6, 0.5), (0.6, 2.0), (0.8, 4.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--orders", default="5,10,20,40")
    orders = [int(text) for text in parser.parse_args().orders.split(",")]
    print("   g  zhat  order  method     to radius  to 0.9 learned  to 2 learned")
    for g, zhat in CASES:
        learned = limit.learning_curve(g, zhat).time_to(0.05) / (1 - g * g) ** 2
        radius = singularities(g, zhat).radius
        spans = [np.linspace(0, last, 60)[1:] for last in (radius, 0.9 * learned, 2 * learned)]
        exact = [limit.curve(g, zhat, span).readout for span in spans]
        for order in orders:
            c = [float(x.mid()) for x in readout_coefficients(g, zhat, order)]
            methods = {"series": lambda t, c=c: np.polynomial.polynomial.polyval(t, c)}
            methods |= {name: resummed_readout(g, zhat, order, name) for name in METHODS}
            for name, readout in methods.items():
                errors = [
                    float(np.max(np.abs(readout(span) - truth)) / zhat)
                    for span, truth in zip(spans, exact, strict=True)
                ]
                columns = "  ".join(f"{e:>12.1e}" for e in errors)
                print(f"{g:4g} {zhat:5g}  {order:5d}  {name:9s} {columns}", flush=True)


if __name__ == "__main__":
    main()
