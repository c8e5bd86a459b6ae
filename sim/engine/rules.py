"""Rules that both engines share: the order of simultaneous events, and arithmetic on the calendar.

Pure functions of numbers; no engine state, no SimPy. The order of simultaneous events is one integer,
smaller first: class, kind, rank of the id, number, step or trip (model.md 2).
"""

from __future__ import annotations

from bisect import bisect_right
from enum import IntEnum
from typing import Final

from sim.model.measures import GRAIN, Measure

DAY: Final = 86_400
FOREVER: Final = 2**62
"""A time that never comes."""

STEP_BITS: Final = 16
NUMBER_BITS: Final = 30
ID_BITS: Final = 11
TURN_SHIFT: Final = ID_BITS + NUMBER_BITS + STEP_BITS


class Turn(IntEnum):
    """Class and kind of an event, in canonical order: class x 8 + kind."""

    PARAMETER = 0
    CLOSURE = 1
    OUTAGE = 2
    REPAIR = 3
    SERVICE_END = 8
    HANDLING_END = 9
    POOL_RETURN = 10
    VESSEL_ARRIVAL = 11
    ARRIVAL = 16
    SLOT = 24
    LOOK = 25
    LEG = 26
    DEPARTURE = 32


def order(turn: Turn, rank: int, number: int = 0, step: int = 0) -> int:
    """Give the canonical key of an event: 63 bits, never 0.

    Args:
        turn: class and kind.
        rank: alphabetical rank of the id (flow, line, leg, …), at most 2,047.
        number: consignment, vessel, server or direction, at most 2**30 - 2.
        step: ordinal of the step, or trip.
    """
    return turn << TURN_SHIFT | identity(rank, number) | (step & 0xFFFF)


def identity(rank: int, number: int) -> int:
    """Give the part of a key that does not change: by id, then number. It breaks ties among the waiting."""
    return (rank << NUMBER_BITS | (number + 1)) << STEP_BITS


def seconds(value: float) -> int:
    """Round a positive duration to whole seconds: floor(x + 0.5)."""
    return int(value + 0.5)


def whole_capacity(capacity: float, share: float, measure: Measure) -> int:
    """Give what a vessel may load: capacity × payload share, rounded down to whole units.

    A unit is a TEU, a wagon, a truck or a tonne. The tolerance forgives the last bit of a product that
    is whole on paper (225 × 0.8).

    Args:
        capacity: in kg for mass, else in TEU, wagons, trucks, trains.
        share: payload share.
        measure: the line's measure.

    Returns:
        Integer amount: kg, or thousandths.
    """
    product = capacity * share
    if measure is Measure.KG:
        return int(product / 1000 + 1e-9) * 1000
    return int(product + 1e-9) * GRAIN[measure]


def count(value: float) -> int:
    """Give the whole number of servers, vessels or berths of a parameter: rounded down."""
    return int(value + 1e-9)


def next_open(hours: tuple[tuple[int, int], ...], now: int, *, midnight: int) -> int:
    """Give the first instant from now on that lies in opening hours.

    Args:
        hours: intervals [begin, end) of the UTC day in seconds; an end not after its begin goes on over
            midnight; () is always open.
        now: seconds from the clock's start.
        midnight: seconds from any UTC midnight to the clock's start.

    Returns:
        `now` itself when open.
    """
    if not hours:
        return now
    of_day = (now + midnight) % DAY
    wait = DAY
    for begin, end in hours:
        length = (end - begin) % DAY or DAY
        since = (of_day - begin) % DAY
        if since < length:
            return now
        wait = min(wait, DAY - since)
    return now + wait


class ClosedTimes:
    """Closed intervals [start, end) of one port or facility, disjoint and ascending."""

    __slots__ = ("ends", "starts")

    def __init__(self, starts: list[int], ends: list[int]) -> None:
        self.starts = starts
        self.ends = ends

    def opens(self, at: int) -> int:
        """Give the first instant from `at` on that is open."""
        k = bisect_right(self.starts, at) - 1
        return self.ends[k] if k >= 0 and at < self.ends[k] else at

    def after(self, start: int, work: int) -> int:
        """Give when work begun at `start` ends if it stands still while closed.

        Work that is done at the instant a closure begins is done then.
        """
        if not self.starts:
            return start + work
        now = self.opens(start)
        k = bisect_right(self.starts, now)
        while k < len(self.starts) and now + work > self.starts[k]:
            work -= self.starts[k] - now
            now = self.ends[k]
            k += 1
        return now + work

    def work_between(self, start: int, end: int) -> int:
        """Give how much work is done in [start, end) if it stands still while closed."""
        work = end - start
        for k in range(bisect_right(self.ends, start), len(self.starts)):
            if self.starts[k] >= end:
                break
            work -= min(end, self.ends[k]) - max(start, self.starts[k])
        return work


NEVER_CLOSED: Final = ClosedTimes([], [])


def departure(at: int, *, origin: ClosedTimes, destination: ClosedTimes, ahead: int) -> int:
    """Give the first instant from `at` on at which a vessel may leave.

    The origin must be open, and with a look-ahead the destination must be open that much later
    (model.md 3, Weather).

    Args:
        at: earliest departure.
        origin: closures of the port that it leaves.
        destination: closures of the port it sails to.
        ahead: min(look-ahead, base sailing time) in seconds; 0 without look-ahead.
    """
    while True:
        now = origin.opens(at)
        if ahead <= 0:
            return now
        then = destination.opens(now + ahead)
        if then == now + ahead:
            return now
        at = then - ahead
