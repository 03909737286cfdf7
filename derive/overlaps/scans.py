"""Linear recurrences over all time steps at once, by doubling.

The recurrence k_n = A k_(n-1) + d_n of length T is log2 T products of matrices in place of a loop over
T steps. Blocks of ``columns`` columns stand side by side, one block a time step; leading dimensions of A
and of the blocks are batches and broadcast.
"""

from __future__ import annotations

import numpy as np

from derive.arrays import Array


def power_scan(A: Array, B: Array, steps: int) -> Array:
    """[B, A B, A^2 B, ..., A^(steps-1) B] side by side, shape (..., n, steps * columns of B)."""
    columns = B.shape[-1]
    powers = np.empty((*A.shape[:-1], steps * columns))
    powers[..., :columns] = B
    done, power = 1, A
    while done < steps:
        count = min(done, steps - done)
        powers[..., done * columns : (done + count) * columns] = power @ powers[..., : count * columns]
        done += count
        power = power @ power
    return powers


def forward_scan(A: Array, drive: Array, columns: int) -> Array:
    """k_n = drive_n + A k_(n-1), k_0 = 0, over the blocks of ``drive``, shape (..., n, T * columns)."""
    result, shift, power = drive.copy(), columns, A
    while shift < drive.shape[-1]:
        result[..., shift:] += power @ result[..., :-shift]
        shift, power = 2 * shift, power @ power
    return result


def adjoint_scan(A: Array, drive: Array, columns: int) -> Array:
    """l_n = drive_n + A l_(n+1), l_(T+1) = 0: the same backwards."""
    result, shift, power = drive.copy(), columns, A
    while shift < drive.shape[-1]:
        result[..., :-shift] += power @ result[..., shift:]
        shift, power = 2 * shift, power @ power
    return result
