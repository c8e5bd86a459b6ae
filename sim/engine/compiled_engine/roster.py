"""Who lies ready at each end of a line, longest first; where a vessel is, and what was drawn for its trip.

(model.md 3, Vessels), as parts of `simpy_engine.line` and `simpy_engine.vessel`.
"""

from __future__ import annotations

from sim.engine.compiled_engine.jit import compiled, once
from sim.engine.compiled_engine.state import OUT_OF_TRIPS, World


@compiled
def quay_of(world: World, vessel: int) -> int:
    """Give the quay at the end where a vessel is."""
    one = world.vessels[vessel]
    return world.lines[one.line].quay[one.end]


@compiled
def cover(world: World, vessel: int, end: int) -> None:
    """Set a vessel against the queue of an end from now on, or (-1) against none."""
    one = world.vessels[vessel]
    line = world.lines[one.line]
    if one.covers >= 0:
        line.cover[one.covers] -= one.capacity
    one.covers = end
    if end >= 0:
        line.cover[end] += one.capacity


@compiled
def factor_of_trip(world: World, vessel: int, offset: int) -> float:
    """Give the factor of the present trip; a run that needs more trips than were drawn is repeated."""
    one = world.vessels[vessel]
    if offset < 0:
        return 1.0
    trip = world.sailings[one.voyage].trip
    if trip >= one.drawn:
        world.clock[0].status |= OUT_OF_TRIPS
        return 1.0
    return world.numbers[offset + trip]


@once
def add_ready(world: World, vessel: int) -> None:
    """Put a vessel among the ready, longest first, ties by number."""
    one = world.vessels[vessel]
    line = world.lines[one.line]
    one.listed = True
    before = -1
    after = line.ready[one.end]
    while after >= 0:
        other = world.vessels[after]
        if other.ready_since > one.ready_since or (
            other.ready_since == one.ready_since and other.number > one.number
        ):
            break
        before = after
        after = other.next_ready
    one.next_ready = after
    if before < 0:
        line.ready[one.end] = vessel
    else:
        world.vessels[before].next_ready = vessel


@compiled
def remove_ready(world: World, vessel: int) -> None:
    """Take a vessel from among the ready."""
    one = world.vessels[vessel]
    line = world.lines[one.line]
    one.listed = False
    if line.ready[one.end] == vessel:
        line.ready[one.end] = one.next_ready
        return
    before = line.ready[one.end]
    while world.vessels[before].next_ready != vessel:
        before = world.vessels[before].next_ready
    world.vessels[before].next_ready = one.next_ready


@compiled
def copy_ready(world: World, line: int, end: int) -> int:
    """Note down who is among the ready of an end, longest first; give how many."""
    number = 0
    vessel = world.lines[line].ready[end]
    while vessel >= 0:
        world.scratch[number] = vessel
        number += 1
        vessel = world.vessels[vessel].next_ready
    return number
