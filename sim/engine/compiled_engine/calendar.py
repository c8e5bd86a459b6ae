"""The calendar: a heap of events in order of time, canonical key and, last, sequence (model.md 2).

Each node has four children, so that the heap is shallow and children lie side by side.
"""

from __future__ import annotations

from typing import Final

from sim.engine.compiled_engine.jit import compiled, hot, once
from sim.engine.compiled_engine.state import FULL_CALENDAR, World
from sim.engine.rules import ID_BITS, NUMBER_BITS, STEP_BITS

CHANGE, CLOSURE, HOURS, SERVER_FAILS, VESSEL_FAILS, SERVER_REPAIRED, VESSEL_REPAIRED = range(7)
SERVICE_ENDS, HANDLED, HOME, VESSEL_ARRIVES, OFFERED, LEG_ENDS, SLOT, LOOK, LET_GO, SAILS = range(7, 17)
"""Kinds of an event: what is to be done with its subject."""

KIND_SHIFT: Final = 27
SEQUENCE_SHIFT: Final = 32
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


@compiled
def schedule(world: World, at: int, key: int, kind: int, subject: int) -> None:
    """Put an event in the calendar."""
    clock = world.clock[0]
    heap = world.calendar
    place = clock.events
    if place >= len(heap):
        clock.status |= FULL_CALENDAR
        return
    clock.events = place + 1
    clock.sequence += 1
    what = (clock.sequence << SEQUENCE_SHIFT) | (kind << KIND_SHIFT) | subject
    while place > 0:
        above = (place - 1) >> 2
        parent = heap[above]
        if parent.time < at or (
            parent.time == at and (parent.key < key or (parent.key == key and parent.what < what))
        ):
            break
        node = heap[place]
        node.time = parent.time
        node.key = parent.key
        node.what = parent.what
        place = above
    node = heap[place]
    node.time = at
    node.key = key
    node.what = what


@once
def remove_first(world: World) -> None:
    """Take the first event away: the last one sinks from its place."""
    clock = world.clock[0]
    heap = world.calendar
    size = clock.events - 1
    clock.events = size
    last = heap[size]
    at = last.time
    key = last.key
    what = last.what
    place = 0
    while True:
        child = (place << 2) + 1
        if child >= size:
            break
        first = heap[child]
        for other in range(child + 1, min(child + 4, size)):
            rival = heap[other]
            if rival.time < first.time or (
                rival.time == first.time
                and (rival.key < first.key or (rival.key == first.key and rival.what < first.what))
            ):
                child = other
                first = rival
        if at < first.time or (
            at == first.time and (key < first.key or (key == first.key and what < first.what))
        ):
            break
        node = heap[place]
        node.time = first.time
        node.key = first.key
        node.what = first.what
        place = child
    node = heap[place]
    node.time = at
    node.key = key
    node.what = what
