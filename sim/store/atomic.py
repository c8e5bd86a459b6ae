"""Writing a file so that nobody ever reads half of it.

Every file of the product goes through here: written under a temporary name beside its target, then renamed.
No knowledge of what a file holds may enter.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from sim.store.process import is_gone, node

TEMPORARY = ".partial-"
"""Every temporary name begins so; what a killed process leaves is never taken for a result."""

A_DAY = 86_400.0
"""Seconds after which a temporary file belongs to nobody, on whatever machine it was begun."""


def write_through(path: Path, write: Callable[[Path], None], *, durable: bool = False) -> Path:
    """Let a function write a file under a temporary name, then give it its own.

    Args:
        path: where the file is to stand; its folder is made when it is missing.
        write: called with the temporary path (of the same suffix).
        durable: whether to wait until the bytes are on the disk (for manifests).

    Returns:
        The path.

    Raises:
        OSError: the disk is full, or the folder may not be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = temporary(path)
    try:
        write(partial)
        if durable:
            _synchronise(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def temporary(path: Path) -> Path:
    """Give a temporary name beside a file, another for each process and call, of which `sweep` knows."""
    return path.with_name(f"{TEMPORARY}{node()}-{os.getpid()}-{uuid4().hex[:8]}-{path.name}")


def write_bytes(path: Path, content: bytes, *, durable: bool = False) -> Path:
    """Write bytes atomically; see `write_through`."""

    def write(partial: Path) -> None:
        partial.write_bytes(content)

    return write_through(path, write, durable=durable)


def write_text(path: Path, content: str, *, durable: bool = False) -> Path:
    """Write text as UTF-8 with plain line ends, atomically; see `write_through`."""
    return write_bytes(path, content.encode(), durable=durable)


def write_if_changed(path: Path, content: str | bytes) -> Path:
    """Write text or bytes unless the file already holds them, so that a file read elsewhere is left alone."""
    written = content.encode() if isinstance(content, str) else content
    try:
        if path.read_bytes() == written:
            return path
    except FileNotFoundError:
        pass
    return write_bytes(path, written)


def sweep(folder: Path) -> None:
    """Remove the temporary files that killed processes left under a folder; those of live ones stay."""
    for partial in folder.rglob(f"{TEMPORARY}*"):
        named = re.match(rf"{re.escape(TEMPORARY)}([0-9a-z]*)-(\d+)-", partial.name)
        try:
            old = time.time() - partial.stat().st_mtime > A_DAY
            if old or (named and is_gone(named[1], int(named[2]))):
                partial.unlink(missing_ok=True)
        except FileNotFoundError:
            continue


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder's tables while they are merged, where the system can lock.

    Replications are written without any lock; this only keeps two processes that ask for different numbers of
    replications from mixing their merged tables. The lock ends with the process, however that ends.

    Args:
        folder: must exist.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    with (folder / ".lock").open("w") as handle:
        # Some network file systems have no locks; each single file is whole even so.
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _synchronise(path: Path) -> None:
    # To be written, or Windows refuses.
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
