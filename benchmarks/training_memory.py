"""Memory of networks in training: what the process grows by, a network, and what `verify task` counts with.

python benchmarks/training_memory.py [--size 256] [--networks 8]
"""

from __future__ import annotations

import argparse
import resource
import sys

from verify.training import TASKS
from verify.training.group import TrainingGroup, network_bytes
from verify.training.networks import Identity
from verify.training.settings import settings_for

MEGABYTE = 1e6
UNIT = 1 if sys.platform == "darwin" else 1024  # bytes of getrusage's ru_maxrss


def most() -> float:
    """The most memory that this process had so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for option, default in (("--size", 256), ("--networks", 8)):
        parser.add_argument(option, type=int, default=default)
    asked = parser.parse_args()
    task, before = TASKS["flip-flop"], most()
    settings = settings_for(task, asked.size, 0.9)
    identities = [Identity(asked.size, 0.9, seed) for seed in range(asked.networks)]
    group = TrainingGroup(task, identities, settings)
    inputs, targets, mask = group.batches(0)
    group.update((inputs, targets, mask))
    used = (most() - before) / asked.networks
    counted = network_bytes(task, asked.size, settings)
    print(f"{task.name}, N = {asked.size}, {asked.networks} networks as one computation")
    print(f"measured {used / MEGABYTE:.1f} MB a network, counted {counted / MEGABYTE:.1f} MB")


if __name__ == "__main__":
    main()
