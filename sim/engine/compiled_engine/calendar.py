"""The calendar: a heap of events in order of time, canonical key and, last, sequence (model.md 2).

Each node has four children, so that the heap is shallow and children lie side by side.
"""

from __future__ import annotations

from typing import Final

from sim.engine.compiled_engine.fields import Table
from sim.engine.compiled_engine.jit import compiled, hot, once
from sim.engine.compiled_engine.state import FULL_CALENDAR, Event, World
from sim.engine.rules import FOREVER, ID_BITS, NUMBER_BITS, STEP_BITS

CHANGE, CLOSURE, HOURS, SERVER_FAILS, VESSEL_FAILS, SERVER_REPAIRED, VESSEL_REPAIRED = range(7)
SERVICE_ENDS, HANDLED, HOME, VESSEL_ARRIVES, OFFERED, LEG_ENDS, SLOT, LOOK, LET_GO, SAILS = range(7, 17)
"""Kinds of an event: what is to be done with its subject."""

KIND_SHIFT: Final = 27
SEQUENCE_SHIFT: Final = 32
CHILDREN: Final = 4
SUBJECT: Final = (1 << KIND_SHIFT) - 1
KIND: Final = (1 << (SEQUENCE_SHIFT - KIND_SHIFT)) - 1
TURN_SHIFT: Final = ID_BITS + NUMBER_BITS + STEP_BITS


@hot
def tie(rank: int, number: int) -> int:
    """Give the part of a key that does not change, as `rules.identity`."""
    return ((rank << NUMBER_BITS) | (number + 1)) << STEP_BITS


@hot
def order(turn: int, rank: int, number: int, step: int) -> int:
    """Give the canonical key of an event, as `rules.order`."""
    return (turn << TURN_SHIFT) | tie(rank, number) | (step & 0xFFFF)


@once
def rank_of(key: int) -> int:
    """Give the rank of the id in a key."""
    return (key >> (NUMBER_BITS + STEP_BITS)) & ((1 << ID_BITS) - 1)


@hot
def earlier(heap: Table[Event], one: int, other: int) -> int:
    """Tell by 1 or 0 whether one event comes before another: an integer, so that no branch is guessed at."""
    a = heap[one]
    b = heap[other]
    before = int(a.time < b.time)
    if a.time == b.time:
        before = int(a.key < b.key or (a.key == b.key and a.what < b.what))
    return before


@hot
def put(heap: Table[Event], place: int, event: int) -> None:
    """Copy an event to another place."""
    to = heap[place]
    of = heap[event]
    to.time = of.time
    to.key = of.key
    to.what = of.what


@compiled
def schedule(world: World, at: int, key: int, kind: int, subject: int) -> None:
    """Put an event in the calendar: in the place of the one that is happening, if that is still free."""
    clock = world.clock[0]
    heap = world.calendar
    clock.sequence += 1
    # The last row of the table holds what has no place yet.
    new = len(heap) - 1
    event = heap[new]
    event.time = at
    event.key = key
    event.what = (clock.sequence << SEQUENCE_SHIFT) | (kind << KIND_SHIFT) | subject
    if clock.vacant:
        clock.vacant = False
        sink(world, new)
        return
    place = clock.events
    if place >= new - 2 * CHILDREN:
        clock.status |= FULL_CALENDAR
        return
    clock.events = place + 1
    if place >= clock.reached:
        clock.reached = place + CHILDREN
        for beyond in range(place, place + 2 * CHILDREN):
            heap[beyond].time = FOREVER
    while place > 0:
        above = (place - 1) >> 2
        if earlier(heap, above, new):
            break
        put(heap, place, above)
        place = above
    put(heap, place, new)


@hot
def close_vacancy(world: World) -> None:
    """Take away the event that has happened, if none has taken its place: the last one sinks there."""
    clock = world.clock[0]
    if clock.vacant:
        clock.vacant = False
        clock.events -= 1
        heap = world.calendar
        put(heap, len(heap) - 1, clock.events)
        heap[clock.events].time = FOREVER
        if clock.events > 0:
            sink(world, len(heap) - 1)


@hot
def sink(world: World, event: int) -> None:
    """Let an event sink from the top: the earliest child rises as long as it comes before.

    What lies beyond the last event is for ever away, so that there are always four children to choose from.
    """
    heap = world.calendar
    size = world.clock[0].events
    place = 0
    child = 1
    while child < size:
        left = child + earlier(heap, child + 1, child)
        right = child + 2 + earlier(heap, child + 3, child + 2)
        first = left + (right - left) * earlier(heap, right, left)
        if earlier(heap, event, first):
            break
        put(heap, place, first)
        place = first
        child = (place << 2) + 1
    put(heap, place, event)
