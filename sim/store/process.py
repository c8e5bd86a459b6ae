"""Which process on which machine something belongs to, and whether that process is still there."""

from __future__ import annotations

import os
import platform
import re


def node() -> str:
    """Give this machine's name in letters and digits alone."""
    return re.sub(r"[^0-9a-z]", "", platform.node().lower())


def is_gone(machine: object, process: object) -> bool:
    """Tell whether a process is surely no more; of another machine nothing is known.

    Args:
        machine: its name, as `node` gives it.
        process: number of the process there.
    """
    # Windows has no signal that only asks: there `os.kill` would end the process.
    if os.name == "nt" or machine != node() or not isinstance(process, int):
        return False
    try:
        os.kill(process, 0)
    except OSError as error:
        return isinstance(error, ProcessLookupError)
    return False
