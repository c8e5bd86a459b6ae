"""Rows of numbers that are put away one after the other and read again in that order, out of memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Spool:
    """A file without a name, which the system clears away when it is closed, however the process ends.

    Args:
        folder: where it lies, since memory may be all that a folder of temporary files has.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - open as long as this is
        self._lengths: list[int] = []

    def append(self, row: Floats) -> None:
        """Put away a row of any length."""
        self._file.write(np.ascontiguousarray(row, dtype=np.float64).tobytes())
        self._lengths.append(len(row))

    def __iter__(self) -> Iterator[Floats]:
        """Give the rows from the first; none may be put away meanwhile."""
        self._file.seek(0)
        for length in self._lengths:
            yield np.frombuffer(self._file.read(8 * length), dtype=np.float64)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
