"""Libraries that only some work needs: each is asked for when that work begins."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sim.errors import UsageError


def need(module: str, *, extra: str, what: str) -> Any:
    """Import a library of an extra.

    Args:
        module: dotted name.
        extra: the extra that brings it.
        what: what needs it, in words, as the beginning of a sentence.

    Raises:
        UsageError: it is not installed; the extra is named.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as missing:
        name = module.partition(".")[0]
        message = f"{what} needs {name}: install the extra `{extra}` (pip install 'middle-corridor[{extra}]')"
        raise UsageError(message) from missing
