"""What was drawn last, kept for the next model of the same replication: compared scenarios share most of it.

A stream depends on seed, replication and name alone, so numbers of one law and one length are the same for
every model that asks for them. One replication is remembered at a time; what is given must not be changed.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from numpy.typing import NDArray

T = TypeVar("T", bound=NDArray[Any])

MOST = 64 << 20
"""Bytes that are remembered; many times what one model draws."""


@dataclass
class Remembered:
    """What was drawn of one replication.

    Attributes:
        of: seed and replication.
        arrays: by all else that the numbers depend on: the stream's names, their law, how many.
    """

    of: tuple[int, int] = (-1, -1)
    arrays: dict[Hashable, Any] = field(default_factory=dict)
    _size: int = 0

    def keep(self, key: Hashable, values: T) -> T:
        """Remember what was drawn, and give it: not to be written to from now on."""
        if self._size > MOST:
            self.arrays.clear()
            self._size = 0
        values.flags.writeable = False
        self.arrays[key] = values
        self._size += values.nbytes
        return values


_last = [Remembered()]


def remembered(seed: int, replication: int) -> Remembered:
    """Give what is remembered of a replication: nothing where another was drawn last."""
    if _last[0].of != (seed, replication):
        _last[0] = Remembered((seed, replication))
    return _last[0]


def forget() -> None:
    """Remember nothing."""
    _last[0] = Remembered()
