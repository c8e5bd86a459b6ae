"""Weather: closures drawn before the run, as calendars of closed intervals.

Each closure process is an alternating renewal process in equilibrium at the run's begin. Its random numbers
are indexed by the closure's ordinal, so that a scaled share leaves them paired.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from math import floor, inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.chance.blocks import Blocks
from sim.chance.shapes import size_biased
from sim.chance.streams import generator
from sim.model.closures import Closure
from sim.model.network import Shape

_BLOCK = 256


class Intervals(NamedTuple):
    """Closed intervals [start, end), disjoint and apart, ascending; seconds from the clock's start."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


NEVER = Intervals(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
"""A calendar without a closure."""


def closed_times(closure: Closure, *, seed: int, replication: int, until: int) -> Intervals:
    """Draw the closures of one process from the run's begin until an instant.

    Args:
        closure: the process by segments of constant law; its first segment begins with the run.
        seed: seed of the experiment.
        replication: number of the replication.
        until: seconds from the clock's start; no closure begins after it.

    Returns:
        Its closures; the last may end after `until`.
    """
    starts, ends = [], []
    for start, end in _closures(closure, seed=seed, replication=replication, until=until):
        first, last = floor(start + 0.5), floor(end + 0.5)
        if last > first:
            starts.append(first)
            ends.append(last)
    return merged([Intervals(np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64))])


def _closures(closure: Closure, *, seed: int, replication: int, until: int) -> Iterator[tuple[float, float]]:
    """Go from closure to closure in unrounded time."""
    names = ("closure", closure.id)
    lengths = [
        Blocks(seed, replication, *names, "length", _name(shape), shape=shape, size=_BLOCK)
        for shape in closure.shapes
    ]
    opens = Blocks(seed, replication, *names, "open", shape=Shape("exponential", 1.0), size=_BLOCK)
    since, mean, law = closure.since.tolist(), closure.mean.tolist(), closure.law.tolist()
    clock = _OpenTime(since, _hazards(closure))
    opening = generator(seed, replication, *names, "opening")
    is_closed, left = opening.random(2)
    now = float(since[0])
    if is_closed < closure.share[0] and mean[0] > 0:
        end = now + mean[0] * size_biased(closure.shapes[law[0]], opening) * left
        yield now, end
        now = end
    ordinal = 0
    while True:
        start = clock.after(now, opens(ordinal))
        if start >= until:
            return
        segment = bisect_right(since, start) - 1
        now = start + mean[segment] * lengths[law[segment]](ordinal)
        yield start, now
        ordinal += 1


def _name(shape: Shape) -> str:
    """Name a law of length: another law of the same family keeps its stream."""
    return shape.family


def _hazards(closure: Closure) -> list[float]:
    """Give the rate per second at which open time is used up in each segment: s / ((1 − s) × mean)."""
    return [
        share / ((1.0 - share) * mean) if mean > 0 else 0.0
        for share, mean in zip(closure.share.tolist(), closure.mean.tolist(), strict=True)
    ]


class _OpenTime:
    """Uses up unit exponentials at the rate of the segment that is passing."""

    def __init__(self, since: Sequence[int], hazards: Sequence[float]) -> None:
        self._since = since
        self._hazards = hazards

    def after(self, now: float, amount: float) -> float:
        """Give when an amount is used up that begins to be used now; infinity where it never is."""
        segment = bisect_right(self._since, now) - 1
        last = len(self._since) - 1
        while True:
            hazard = self._hazards[segment]
            end = self._since[segment + 1] if segment < last else inf
            if hazard > 0 and hazard * (end - now) >= amount:
                return now + amount / hazard
            if segment == last:
                return inf
            amount -= hazard * (end - now)
            now = end
            segment += 1


def merged(processes: Sequence[Intervals]) -> Intervals:
    """Put closures of several processes together: closed while any lasts; touching ones become one."""
    if not processes:
        return NEVER
    starts = np.concatenate([one.starts for one in processes])
    ends = np.concatenate([one.ends for one in processes])
    if len(starts) == 0:
        return NEVER
    in_order = np.lexsort((ends, starts))
    starts, reach = starts[in_order], np.maximum.accumulate(ends[in_order])
    apart = np.flatnonzero(starts[1:] > reach[:-1])
    return Intervals(starts[np.append(0, apart + 1)], reach[np.append(apart, len(reach) - 1)])
