"""What a GPU does with launches, for `played_gpu`: streams and their order, graphs and their replays.

A launch is a call of torch's library by the name it has there (ATen). Numbers lie in storages on the
processor. A stream knows which launches of others are finished before its next one: those that it was told
to wait for and those that the host waited for. A launch that reads or writes what an unknown one writes, or
writes what an unknown one reads, is a race, and an error.
"""

from __future__ import annotations

import re
import weakref
from collections import Counter
from contextlib import contextmanager
from functools import cache
from threading import RLock

import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._mode_utils import no_dispatch

READ_BY_HOST = ("_local_scalar_dense", "is_nonzero", "equal", "nonzero", "masked_select", "_unique2")
LIBRARY = re.compile(r"_?linalg_(?!vector_norm|matrix_norm|diagonal)|cholesky|geqrf|lu_")


def refuse(what: str) -> None:
    raise RuntimeError(f"operation not permitted when stream is capturing: {what}")


def place(tensor: torch.Tensor) -> int:
    """Which storage a tensor lies in."""
    return tensor.untyped_storage()._cdata


class Stream:
    """``count`` launches so far; of other streams it knows the first ``known[stream]`` to be finished."""

    def __init__(self, *_) -> None:
        self.count, self.known = 0, Counter()

    def wait_stream(self, other: Stream) -> None:
        self.known |= other.known  # the larger of both
        self.known[other] = max(self.known[other], other.count)


class Memory:
    """Who wrote a storage last and who has read it since; bytes that tensors and graphs hold of ``room``.

    A graph keeps what was allocated at its peak, as its own pool.
    """

    def __init__(self, room: float) -> None:
        self._writer, self._readers, self._host, self._lock = {}, {}, Stream(), RLock()
        self._holders, self._watched = Counter(), {}
        self.room, self.live, self.peak = room, 0, 0

    def hold(self, tensor: torch.Tensor, here: torch.Tensor) -> None:
        """``tensor`` holds the storage of ``here``. Raises torch.OutOfMemoryError."""
        storage, size = place(here), here.untyped_storage().nbytes()
        with self._lock:
            if not self._holders[storage]:
                if self.live + size > self.room:
                    raise torch.OutOfMemoryError(f"CUDA out of memory. Tried to allocate {size} bytes.\n...")
                self.grow(size)
            self._holders[storage] += 1
            name = id(tensor)
            self._watched[name] = weakref.ref(tensor, lambda _: self._released(name, storage, size))

    def _released(self, name: int, storage: int, size: int) -> None:
        with self._lock:
            del self._watched[name]
            self._holders[storage] -= 1
            if not self._holders[storage]:
                del self._holders[storage]
                self.grow(-size)

    def grow(self, size: int) -> None:
        self.live += size
        self.peak = max(self.peak, self.live)

    @contextmanager
    def pool(self, recording: Recording):
        """What the recording allocates stays its own."""
        with self._lock:
            start, before, self.peak = self.live, self.peak, self.live
        yield
        own = self.peak - max(self.live, start)
        self.peak = max(before, self.peak)
        self.live += own
        weakref.finalize(recording, self.grow, -own)

    def host_waits(self, stream: Stream) -> None:
        with self._lock:
            self._host.wait_stream(stream)

    def allocated(self, stream: Stream, fresh: set[int]) -> None:
        """What the last launch has made."""
        with self._lock:
            for each in fresh:
                self._writer[each], self._readers[each] = (stream, stream.count), Counter()

    def launch(self, stream: Stream, read: set[int], written: set[int]) -> None:
        """One launch. Raises RuntimeError for a race."""
        with self._lock:
            stream.known |= self._host.known
            stream.count += 1
            for each in read | written:
                others = [self._writer.get(each, (stream, 0))]
                others += self._readers.get(each, Counter()).items() if each in written else []
                if any(other is not stream and stream.known[other] < number for other, number in others):
                    raise RuntimeError("a race: another stream may still be at work on this memory")
            for each in written:
                self._writer[each], self._readers[each] = (stream, stream.count), Counter()
            for each in read - written:
                self._readers.setdefault(each, Counter())[stream] = stream.count


def mapped(change, arguments):
    """``change`` of each of the arguments of a call, or of what it gives; lists of them included."""
    if isinstance(arguments, dict):
        return {name: mapped(change, each) for name, each in arguments.items()} if arguments else arguments
    if type(arguments) in (list, tuple):
        return type(arguments)([mapped(change, each) for each in arguments])
    return change(arguments)


def tensors(*arguments) -> list[torch.Tensor]:
    """The tensors among the arguments of a call."""
    found = []
    for each in arguments:
        if isinstance(each, torch.Tensor):
            found.append(each)
        elif isinstance(each, list | tuple):
            found += tensors(*each)
        elif isinstance(each, dict) and each:
            found += tensors(*each.values())
    return found


@cache
def _writes(func: torch._ops.OpOverload) -> tuple[tuple[int, str], ...]:
    """Position and name of the arguments that a call writes to."""
    return tuple(
        (number, argument.name)
        for number, argument in enumerate(func._schema.arguments)
        if argument.alias_info is not None and argument.alias_info.is_write
    )


def written_by(func: torch._ops.OpOverload, args: tuple, kwargs: dict) -> list[torch.Tensor]:
    """The tensors that a call writes to."""
    return tensors(*(args[k] if k < len(args) else kwargs.get(name) for k, name in _writes(func)))


class Recording:
    """A graph: calls on the very memory that they were recorded with.

    Memory that was allocated while recording is the graph's own; all other is looked for at every replay.
    """

    def __init__(self, on_replay) -> None:
        self._calls, self._own, self._on_replay = [], set(), on_replay
        self.read, self.written = set(), set()

    def add(self, func, args: tuple, kwargs: dict):
        """Record a call whose tensors lie here; what it would give, as memory without its numbers."""
        name = func._schema.name.removeprefix("aten::")
        if name == "index" and any(each is not None and each.dtype == torch.bool for each in args[1]):
            refuse("index by a mask: the host would read how many there are")
        if LIBRARY.match(name):
            refuse(f"{name}: a library call that may allocate and look at its numbers")
        if kwargs.get("generator") is not None:
            refuse(f"{name}: a generator that the graph does not know")
        written = written_by(func, args, kwargs)
        before = [tensor.clone() for tensor in written]
        found = func(*args, **kwargs)
        for tensor, value in zip(written, before, strict=True):
            tensor.copy_(value)
        known = {place(each) for each in tensors(args, kwargs)}
        leaves = tensors(found)
        fresh = [k for k, leaf in enumerate(leaves) if place(leaf) not in known]
        for k in fresh:
            leaves[k].fill_(torch.nan if leaves[k].dtype.is_floating_point else 0)
        if fresh or written:
            self._own |= {place(leaves[k]) for k in fresh}
            self.written |= {place(each) for each in written}
            self.read |= known - {place(each) for each in written}
            kept = mapped(self._kept, args), mapped(self._kept, kwargs)
            self._calls.append((func, kept, [(k, leaves[k]) for k in fresh]))
        return found

    def replay(self) -> None:
        """All calls again."""
        self._on_replay(self)
        with torch._C.DisableTorchFunction(), no_dispatch():
            for func, (args, kwargs), fresh in self._calls:
                leaves = tensors(func(*mapped(_found, args), **mapped(_found, kwargs)))
                for k, tensor in fresh:
                    tensor.copy_(leaves[k])

    def _kept(self, argument):
        if not isinstance(argument, torch.Tensor) or place(argument) in self._own:
            return argument
        return _Outside(argument)


class _Outside:
    """A tensor in memory that is not the graph's, and is not kept for it."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self._storage, self._dtype = StorageWeakRef(tensor.untyped_storage()), tensor.dtype
        self._shape = tensor.storage_offset(), tensor.size(), tensor.stride()

    def tensor(self) -> torch.Tensor:
        storage = torch.UntypedStorage._new_with_weak_ptr(self._storage.cdata)
        if storage is None:
            raise RuntimeError("the graph reads or writes memory that was freed after it was recorded")
        return torch.empty(0, dtype=self._dtype).set_(storage, *self._shape)


def _found(argument):
    return argument.tensor() if isinstance(argument, _Outside) else argument
