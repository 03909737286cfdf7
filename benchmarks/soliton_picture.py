"""Learning as a collision of solitons: the potential in space and time, the kink N, and D.

    python benchmarks/soliton_picture.py docs/figures/solitons.png

All at g = 0.6. (a) and (b): 2 nodes, 3 solitons; learning is the instant t = 0, from T = 0 to T*.
(c): D of 1, 2, 3 nodes and of the limit; dots: zeros, the first of which is T*.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from derive.exact.closed_form.solitons import solitons
from derive.exact.closed_form.solution import closed_form
from verify.papers.style import BLACK, BLUE, GREEN, ORANGE, RED, files, letter, paper_style

G = 0.6
LIMIT = 12  # nodes that stand for N = infinity
APART = 0.15  # time at which the three solitons are told apart


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("picture", type=Path)
    asked = parser.parse_args()
    form = closed_form(G, 2)
    with paper_style() as plt:
        figure, (space, kinks, factors) = plt.subplots(1, 3, figsize=(7.0, 2.5))

        T, t = np.linspace(-4.5, 4.5, 451), np.linspace(-0.1, 0.1, 301)
        depth = -solitons(form.kappa, T, t[:, None]).potential
        space.pcolormesh(T, t, np.sqrt(depth), cmap="Greys", shading="gouraud", rasterized=True)
        space.plot([0, form.blow_up], [0, 0], color=RED, lw=2.5, solid_capstyle="butt")
        space.annotate("learning", (form.blow_up, 0), (1.6, -0.012), color=RED, fontsize=8)
        space.set(xlabel="$T$", ylabel="Korteweg-de Vries time $t$")

        T = np.linspace(-4, 7, 1101)
        kinks.plot(T, solitons(form.kappa, T, APART).kink, color=BLUE, label=f"$t = {APART}$")
        kinks.plot(T, solitons(form.kappa, T).kink, color=BLACK, lw=0.8, label="$t = 0$")
        T = np.linspace(0, form.blow_up, 50)
        kinks.plot(T, solitons(form.kappa, T).kink, color=RED, lw=2.5, label="learning")
        kinks.set(xlabel="$T$", ylabel=r"$N/\sqrt{\beta}$", ylim=(-1.1, 1.9))
        kinks.legend(frameon=False, loc="upper right", fontsize=7)

        T = np.linspace(0, 2.4, 601)
        for nodes, colour in ((1, ORANGE), (2, BLUE), (3, GREEN), (LIMIT, BLACK)):
            D = closed_form(G, nodes).D(T)
            label = f"$n = {nodes}$" if nodes < LIMIT else r"$n = \infty$"
            factors.plot(T, D, color=colour, lw=2.2 if nodes == 3 else 1.0, label=label)
            crossing = np.flatnonzero(D[1:] * D[:-1] < 0)
            factors.plot(T[crossing], 0 * crossing, "o", color=colour, ms=3)
        factors.axhline(0, color="0.6", lw=0.6, zorder=0)
        factors.set(xlabel="$T$", ylabel="$D$", ylim=(-1.6, 2.2))
        factors.legend(frameon=False, ncols=2, loc="upper center", fontsize=7)
        for index, axis in enumerate((space, kinks, factors)):
            letter(axis, index)
        asked.picture.write_bytes(files(figure)[asked.picture.suffix[1:]])


if __name__ == "__main__":
    main()
