"""Writing a file so that an interruption leaves the old one whole."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

OWN_DESCRIPTOR = re.compile(r"/dev/(?:fd/)?(stdout|stderr|[0-9]+)|/proc/self/fd/([0-9]+)")
NUMBERS = {"stdout": 1, "stderr": 2}
MOST_LINKS = 40


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write ``content`` to what ``path`` names.

    A regular file, or none yet, is replaced by one renaming, with the permissions that it had; a link is
    followed; a character device, a pipe and a descriptor of this process (/dev/stdout) are written to.
    Raises OSError, for anything else too; then nothing is left behind.
    """
    data = content.encode() if isinstance(content, str) else content
    target, descriptor = _followed(path)
    if descriptor is not None:
        with os.fdopen(os.dup(descriptor), "wb") as stream:
            stream.write(data)
        return
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG
    if stat.S_ISCHR(mode) or stat.S_ISFIFO(mode):
        with target.open("wb", buffering=0) as stream:
            stream.write(data)
    elif stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    elif not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "neither a file, nor a device of characters, nor a pipe", str(path))
    else:
        _replace(target, data, stat.S_IMODE(mode))


def write_together(directory: Path, files: Mapping[str, str | bytes]) -> list[Path]:
    """Write files by name into a folder, made where it is missing, each atomically.

    Raises OSError; then a folder made for them that holds none is taken away again.
    """
    made = [folder for folder in (directory, *directory.parents) if not folder.exists()]
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name in files:
            if (directory / name).is_dir():  # before anything is written
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(directory / name))
        for name, content in files.items():
            write_atomically(directory / name, content)
    except OSError:
        with suppress(OSError):  # the first that holds something, or was never made
            for folder in made:
                folder.rmdir()
        raise
    return [directory / name for name in files]


def obstacle(folder: Path, problem: OSError) -> str:
    """What stood in the way of `write_together`, for one line."""
    if isinstance(problem, FileExistsError | NotADirectoryError):
        return "it is not a folder"
    if isinstance(problem, IsADirectoryError) and problem.filename != str(folder):
        return f"{Path(problem.filename).name} in it is a folder"
    return problem.strerror or str(problem)


def _followed(path: Path) -> tuple[Path, int | None]:
    """The end of a chain of links, which need not exist; or the descriptor of this process it names."""
    for _ in range(MOST_LINKS):
        own = OWN_DESCRIPTOR.fullmatch(os.path.abspath(path))
        if own is not None:
            name = own[1] or own[2]
            return path, NUMBERS.get(name) or int(name)
        if not path.is_symlink():
            return path, None
        path = path.parent / path.readlink()
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))


def _replace(path: Path, data: bytes, mode: int) -> None:
    """Write beside the file, then rename over it. ``mode`` 0: what a new file gets."""
    temporary = path.parent / f".derive-{secrets.token_hex(8)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if mode:
            temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
