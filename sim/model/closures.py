"""Weather: closures of ports and facilities, as laws; their calendars are drawn in `chance`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.model.network import Shape


@dataclass(frozen=True)
class Closure:
    """An alternating renewal process of closures, by segments of constant law.

    Attributes:
        id: its name; draws are keyed by it.
        since: seconds from the clock's start at which each segment begins, ascending, shape (S,);
            the first is not after the run's begin. Segments end at months and at changes.
        share: share of the time closed in each segment, shape (S,), each in [0, 1).
        mean: mean length in seconds of a closure that begins in the segment, shape (S,).
        law: index into `shapes` in each segment, shape (S,).
        shapes: the laws of a closure's length.
        stops_handling: True where work at a closed port or facility stands still.
    """

    id: str
    since: NDArray[np.int64]
    share: NDArray[np.float64]
    mean: NDArray[np.float64]
    law: NDArray[np.int64]
    shapes: tuple[Shape, ...]
    stops_handling: bool


@dataclass(frozen=True)
class Calendar:
    """Which closures close one port (`port/…`) or facility (`facility/…`); closed while any lasts."""

    subject: str
    closures: tuple[int, ...]
