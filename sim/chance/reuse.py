"""What was drawn last, kept for the next model of the same replication: compared scenarios share most of it.

A stream depends on seed, replication and name alone, so numbers of one law and one length are the same for
every model that asks for them. One replication is remembered at a time; what is given must not be changed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from numpy.typing import NDArray

T = TypeVar("T", bound=NDArray[Any])

MOST = 64 << 20
"""Bytes that are remembered; many times what one model draws."""


@dataclass
class _Memory:
    """What was drawn of one replication."""

    of: tuple[int, int] = (-1, -1)
    arrays: dict[Hashable, Any] = field(default_factory=dict)
    size: int = 0


_last = _Memory()


def remembered(seed: int, replication: int, key: Hashable, draw: Callable[[], T]) -> T:
    """Give what a stream gives, drawn only where no model of this replication has drawn it.

    Args:
        seed: of the experiment.
        replication: number of the replication.
        key: all else that the numbers depend on: the stream's names, their law, how many.
        draw: draws them.

    Returns:
        The numbers, not to be written to.
    """
    if _last.of != (seed, replication) or _last.size > MOST:
        forget()
        _last.of = (seed, replication)
    if key not in _last.arrays:
        values = draw()
        values.flags.writeable = False
        _last.arrays[key] = values
        _last.size += values.nbytes
    found: T = _last.arrays[key]
    return found


def forget() -> None:
    """Remember nothing."""
    _last.of, _last.arrays, _last.size = (-1, -1), {}, 0
