"""A GPU played by the processor: its tensors, its streams, and what a recorded graph sees and does not.

Within ``with played_gpu() as gpu`` code that asks for the device ``cuda`` gets tensors of another kind: they
say that they are on ``cuda:0`` and hold their numbers on the processor. Every call of torch's library on them
is seen here, and is refused where a GPU refuses it:

- an operation between a tensor there and one here (but for a number, a tensor without dimensions);
- touching what another stream may still be at work on (`played_launches`);
- numpy on a tensor that was not copied back;
- memory beyond ``room`` bytes (libraries' own is not counted).

``torch.cuda.graph`` records. As on a GPU nothing runs while it does (what comes out is nan), and refused are
numbers read by the host, copies between the two, synchronisation, random numbers from a generator of one's
own, and library calls that look at their numbers. A replay runs the recorded calls on the memory they were
recorded with: numbers from the host stay what they were, a tensor rebound since is not seen, and memory
freed since is an error here (on a GPU, garbage). Modes of torch belong to a thread: other threads `enter`.
"""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager, nullcontext
from unittest import mock

import torch
from played_launches import (
    READ_BY_HOST,
    Memory,
    Recording,
    Stream,
    mapped,
    place,
    refuse,
    tensors,
    written_by,
)
from torch.overrides import TorchFunctionMode
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode

DEVICE = torch.device("cuda:0")
INSIDE = torch.device("meta")
"""What torch takes the device to be: one that a build without CUDA knows."""

FROM_DATA = (torch.tensor, torch.as_tensor, torch.asarray)
ROOM = 78 * 2**30
LENGTHS = {"_pack_padded_sequence": 1, "_pack_padded_sequence_backward": 2}
"""Calls that want one argument on the host, by its position."""


class OnDevice(torch.Tensor):
    """A tensor that says it is on the device; ``here`` holds its numbers."""

    @staticmethod
    def __new__(cls, here):
        made = torch.Tensor._make_wrapper_subclass(
            cls, here.size(), here.stride(), here.storage_offset(), dtype=here.dtype, device=INSIDE
        )
        made.here = here
        return made

    device = property(lambda self: DEVICE)
    is_cuda = property(lambda self: True)

    def tolist(self):
        return self.cpu().tolist()

    def numpy(self, *_, **__):
        raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() first")

    __array__ = numpy

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        raise RuntimeError(f"{func} in a thread that did not enter the played GPU")


class PlayedGPU:
    """``launches`` counts calls that compute, and replays as one each; ``graphs`` what was recorded."""

    def __init__(self, room: float) -> None:
        self.launches = self.graphs = 0
        self.memory, self._mine = Memory(room), threading.local()
        self._default, self._recording = Stream(), {}

    @contextmanager
    def enter(self):
        """The device in this thread."""
        with _Calls(self), _Names():
            yield self

    # ---- what torch.cuda is asked

    def stream(self, *_) -> Stream:
        return getattr(self._mine, "stream", self._default)

    @contextmanager
    def on_stream(self, stream: Stream):
        before, self._mine.stream = self.stream(), stream
        try:
            yield
        finally:
            self._mine.stream = before

    def synchronize(self, *_) -> None:
        self._unsafe("synchronisation")
        self.memory.host_waits(self.stream())

    @contextmanager
    def graph(self, recording: Recording, capture_error_mode: str = "global", **_):
        self.synchronize()
        if self._recording:
            refuse("another recording, on the stream of one that goes on")
        self.graphs += 1
        with self.on_stream(Stream()):
            self._recording[threading.get_ident()] = (recording, capture_error_mode)
            try:
                with self.memory.pool(recording):
                    yield
            finally:
                del self._recording[threading.get_ident()]

    def replays(self, recording: Recording) -> None:
        if self._here() is not None:
            refuse("a replay")
        self.launches += 1
        self.memory.launch(self.stream(), recording.read, recording.written)

    # ---- calls

    def call(self, func, args, kwargs):
        """One call of torch's library, by tensors of either kind."""
        name = func._schema.name.removeprefix("aten::")
        there = [each for each in tensors(args, kwargs) if isinstance(each, OnDevice)]
        wanted = kwargs.get("device")
        if not there and wanted != INSIDE:
            return func(*args, **kwargs)
        here_args, here_kwargs = mapped(_here, args), mapped(_here, kwargs)
        if name in ("_to_copy", "copy_"):
            return self._copy(func, args, here_args, here_kwargs, wanted)
        self._one_device(func, name, args, kwargs)
        if name in READ_BY_HOST:
            self._unsafe(f"{name}: the host reads a number")
            self.memory.host_waits(self.stream())
        found = self._done(func, here_args, here_kwargs)
        if torch.Tag.inplace_view in func.tags:
            with no_dispatch():  # the shape that the tensor says it has
                func(*args, **kwargs)
        if name == "_pack_padded_sequence":  # lengths stay with the host
            return self._there(found[0]), found[1]
        known = {id(each.here): each for each in there}
        return mapped(lambda each: known[id(each)] if id(each) in known else self._there(each), found)

    def _there(self, found):
        if not isinstance(found, torch.Tensor):
            return found
        made = OnDevice(found)
        self.memory.hold(made, found)
        return made

    def _copy(self, func, args, here_args, here_kwargs, wanted):
        into = func._schema.name == "aten::copy_"
        from_there = isinstance(args[1 if into else 0], OnDevice)
        to_there = (
            isinstance(args[0], OnDevice) if into else wanted == INSIDE or (wanted is None and from_there)
        )
        if to_there != from_there:
            self._unsafe("a copy between host and device")
        found = self._done(func, here_args, here_kwargs)
        if to_there != from_there:
            self.memory.host_waits(self.stream())
        if into:
            return args[0]
        return self._there(found) if to_there else found

    def _one_device(self, func, name, args, kwargs):
        for each in tensors([each for k, each in enumerate(args) if k != LENGTHS.get(name)], kwargs):
            if not isinstance(each, OnDevice) and (
                each.dim() or any(each is other for other in written_by(func, args, kwargs))
            ):
                raise RuntimeError(
                    f"Expected all tensors to be on the same device, but found two, cuda:0 and cpu! ({name})"
                )

    def _done(self, func, args, kwargs):
        """A launch, or its record."""
        recording = self._here()
        if recording is not None:
            return recording.add(func, args, kwargs)
        given = {place(each) for each in tensors(args, kwargs)}
        written = {place(each) for each in written_by(func, args, kwargs)}
        self.memory.launch(self.stream(), given - written, written)
        found = func(*args, **kwargs)
        fresh = {place(each) for each in tensors(found)} - given
        self.memory.allocated(self.stream(), fresh)
        self.launches += bool(fresh or written)  # a view is none
        return found

    def _here(self) -> Recording | None:
        """What this thread is recording."""
        return self._recording.get(threading.get_ident(), (None, ""))[0]

    def _unsafe(self, what: str) -> None:
        """What no thread may do while one records; but for a recording that minds its own thread alone."""
        mine = threading.get_ident()
        if any(thread == mine or mode == "global" for thread, (_, mode) in list(self._recording.items())):
            refuse(what)


class _Calls(TorchDispatchMode):
    def __init__(self, gpu: PlayedGPU) -> None:
        super().__init__()
        self._gpu = gpu

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return self._gpu.call(func, args, kwargs or {})


class _Names(TorchFunctionMode):
    """The device's name in calls becomes the one that torch knows."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is not torch.device:
            args, kwargs = mapped(_inside, args), mapped(_inside, kwargs or {})
        if func in FROM_DATA and kwargs.get("device") == INSIDE:
            return func(*args, **{**kwargs, "device": None}).to(INSIDE)
        if func.__name__ == "new_tensor" and isinstance(args[0], OnDevice):
            kwargs = {"dtype": args[0].dtype, **kwargs, "device": None}
            return torch.tensor(*args[1:], **kwargs).to(INSIDE)
        return func(*args, **(kwargs or {}))


def _inside(name):
    if isinstance(name, str | torch.device) and re.fullmatch(r"cuda(:0)?", str(name)):
        return INSIDE
    return name


def _here(argument):
    if isinstance(argument, OnDevice):
        return argument.here
    return torch.device("cpu") if isinstance(argument, torch.device) else argument


@contextmanager
def played_gpu(room: float = ROOM):
    """The device in this thread, and torch.cuda as it is with one."""
    gpu = PlayedGPU(room)
    with (
        mock.patch.multiple(
            torch.cuda,
            Stream=Stream,
            CUDAGraph=lambda *_, **__: Recording(gpu.replays),
            current_stream=gpu.stream,
            stream=gpu.on_stream,
            device=lambda *_: nullcontext(),
            graph=gpu.graph,
            synchronize=gpu.synchronize,
            is_available=lambda: True,
            empty_cache=lambda: None,
            mem_get_info=lambda *_: (int(room - gpu.memory.live), int(room)),
        ),
        gpu.enter(),
    ):
        yield gpu
