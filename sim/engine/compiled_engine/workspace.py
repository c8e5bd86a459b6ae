"""Memory of the large tables, kept from one replication to the next, since fresh memory costs time.

Every thread has its own. What a table held before is written over before it is read.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

LINE = 64
"""Bytes of a line of the processor's cache, at which tables begin."""
LARGE = 128 << 20
"""Bytes from which a table is let go of after the run: what measures need then is dearer than the time."""


def on_a_line(size: int) -> NDArray[np.uint8]:
    """Give so many bytes that begin with a line of the processor's cache."""
    whole = np.empty(size + LINE, dtype=np.uint8)
    first = -whole.ctypes.data % LINE
    return whole[first : first + size]


class Workspace(threading.local):
    """Tables by name, as long as they have ever had to be."""

    def __init__(self) -> None:
        self._memory: dict[str, NDArray[np.uint8]] = {}

    def table(self, name: str, layout: np.dtype[Any], rows: int) -> NDArray[Any]:
        """Give a table of so many rows, whatever stands in it."""
        size = max(1, rows) * layout.itemsize
        memory = self._memory.get(name)
        if memory is None or len(memory) < size:
            memory = self._memory[name] = on_a_line(size)
        return memory[:size].view(layout)[:rows]

    def let_go(self) -> None:
        """Give back the memory of large tables; nobody may look at them any more."""
        for name in [name for name, memory in self._memory.items() if len(memory) >= LARGE]:
            del self._memory[name]


WORKSPACE = Workspace()
