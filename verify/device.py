"""The device that numbers are computed on: whether there is one, work recorded for it, and too little room.

A GPU works off a queue of launches, of some microseconds each. Where an update is a thousand small ones, they
are recorded once, as a graph, and replayed as one. What a graph holds is memory and numbers, no program:
it reads and writes the tensors that it was recorded with, whose contents may change and which must not be
rebound, and whatever the host worked out while it was recorded (a rate, a count, a branch) stays as it was.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from derive.command_line import UsageProblem

if TYPE_CHECKING:
    import torch

T = TypeVar("T")

_RECORDING = Lock()
"""torch records on one stream, which is one thread's at a time."""


def check_device(device: str) -> None:
    """Raises UsageProblem where torch has no such device."""
    import torch

    if device == "cpu":
        return
    if not device.startswith("cuda"):
        raise UsageProblem(f"device {device}: allowed are cpu, cuda, cuda:0, ...")
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as problem:
        reason = str(problem).splitlines()[0]
        raise UsageProblem(f"device {device}: {reason}; allowed here is cpu") from None


def recorded(work: Callable[[], T], device: torch.device, warm_up: int = 1) -> tuple[Callable[[], None], T]:
    """What replays ``work`` on the GPU ``device``, and what ``work`` returned, overwritten by every replay.

    Before it is recorded, ``work`` is done ``warm_up`` times in earnest: first calls set up libraries, which
    a graph cannot hold. Recording itself does nothing. Other threads may use the GPU meanwhile.
    """
    import torch

    with _RECORDING, torch.cuda.device(device):
        beside = torch.cuda.Stream(device)
        beside.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(beside):
            for _ in range(warm_up):
                work()
        torch.cuda.current_stream(device).wait_stream(beside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            result = work()
    return graph.replay, result


class NoRoom(UsageProblem):
    """A computation that the device has no memory for."""


def no_room(device: str, asked: str, each: float = math.inf, option: str = "") -> NoRoom:
    """The line where ``asked`` had no room: how many parts of ``each`` bytes the device's free memory holds.

    To be made when what was allocated is gone, exceptions that know of it as well.
    """
    import torch

    fit = 0
    gc.collect()
    with suppress(RuntimeError, AssertionError):
        torch.cuda.empty_cache()  # what is kept for later is free
        fit = int(torch.cuda.mem_get_info(device)[0] // each)
    allowed = f"{option} {fit} or less" if fit else "a smaller --size, or --device cpu"
    return NoRoom(f"device {device}: no memory for {asked}; allowed here is {allowed}")
