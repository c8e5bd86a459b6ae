"""Memory that is freed stays with the process, since fresh memory costs time: a page fault for every 4 KiB.

A replication makes and drops many large columns. By itself the C library hands such blocks back
to the system one by one, and the next replication has to have them cleared again.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Final

MMAP_THRESHOLD: Final = (-3, 32 << 20)
"""Blocks up to this size are cut from the heap; more is not possible (mallopt(3))."""
TRIM_THRESHOLD: Final = (-1, 256 << 20)
"""The heap shrinks when more than this lies free at its end."""


@cache
def keep_freed_memory() -> bool:
    """Have this process keep memory that is freed, up to `TRIM_THRESHOLD`; no result depends on it.

    Returns:
        Whether it can be done: it is a setting of the GNU C library.
    """
    if sys.platform != "linux":
        return False
    import ctypes

    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        # Another C library, as on Alpine.
        return False
    done = [library.mallopt(*setting) for setting in (MMAP_THRESHOLD, TRIM_THRESHOLD)]
    return all(done)
