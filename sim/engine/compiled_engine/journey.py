"""A consignment's journey: how it asks for its next step, is let in, leaves, or waits at a door.

Blocking after service (model.md 3): a consignment leaves its step only when the next admits it. The rule
is here, once, for every kind of element, as in `simpy_engine.journey`.
"""

from __future__ import annotations

from typing import Final

from sim.engine.compiled_engine import facility, leg, pool, yard
from sim.engine.compiled_engine.arithmetic import stamp
from sim.engine.compiled_engine.jit import compiled, hot, once
from sim.engine.compiled_engine.queues import first_at, join, leave_door, next_stop, pools_grant
from sim.engine.compiled_engine.state import FACILITY, FULL_FREED, LEG, LOGIT, STOCK, World
from sim.engine.records import NEVER, Outcome
from sim.engine.rules import FOREVER

DELIVERED: Final = int(Outcome.DELIVERED)

BY_VESSEL: Final = 1
"""Lowest bit of a holder that is a vessel; the rest is its number. Else: facility, server, direction."""
SERVER_BITS: Final = 7


@once
def held_server(facility: int, server: int, direction: int) -> int:
    """Code a server kept by a consignment that the next step does not admit yet."""
    return (((facility << SERVER_BITS) | server) << 2) | (direction << 1)


@once
def held_berth(vessel: int) -> int:
    """Code a vessel that waits for a consignment landed from it."""
    return (vessel << 1) | BY_VESSEL


@compiled
def may_enter(world: World, stop: int, now: int) -> bool:
    """Tell whether a consignment that comes now is admitted: room, pools, and nobody before it."""
    at = world.stops[stop]
    if world.doors[at.door].waiting > 0 and (
        world.queues[at.queue].head >= 0 or first_at(world, at.door) >= 0
    ):
        return False
    if not pools_grant(world, stop, FOREVER, 0):
        return False
    if at.kind == LEG:
        return True
    if at.kind == FACILITY:
        return facility.admits(world, at.element, stop, now)
    return yard.has_room(world, world.lines[at.element].quay[at.way], stop)


@compiled
def enter(world: World, consignment: int, stop: int, now: int) -> None:
    """Enter a step that admits: take its pools, begin its row, be taken in."""
    at = world.stops[stop]
    coming = world.consignments[consignment]
    pool.take(world, stop, now)
    coming.ordinal += 1
    row = world.rows[coming.base + coming.ordinal]
    clock = world.clock[0]
    clock.entered += 1
    if coming.ordinal == 0:
        coming.admitted = stamp(world, now)
    row.started = NEVER
    row.ended = NEVER
    row.left = NEVER
    row.server = -1
    coming.since = now
    if at.kind == LEG:
        leg.take(world, at.element, consignment, stop, now)
    elif at.kind == FACILITY:
        facility.take(world, at.element, consignment, stop, now)
    else:
        yard.take(world, at.element, consignment, stop, now)


@hot
def leave(world: World, consignment: int, stop: int, now: int) -> None:
    """Leave the present step: its time is known, its pools go back. The holder is told by the caller."""
    going = world.consignments[consignment]
    world.rows[going.base + going.ordinal].left = stamp(world, now)
    if world.stops[stop].gives < world.stops[stop].gives_to:
        pool.give(world, consignment, stop, now)


@hot
def move_on(world: World, consignment: int, now: int) -> bool:
    """Try to leave the present step, whose service or running has just ended; tell whether it has left."""
    going = world.consignments[consignment]
    stop = going.first_stop + going.ordinal
    if world.stops[stop].last:
        leave(world, consignment, stop, now)
        if going.flow != STOCK:
            deliver(world, consignment, now)
        return True
    if may_enter(world, stop + 1, now):
        leave(world, consignment, stop, now)
        enter(world, consignment, stop + 1, now)
        return True
    going.since = now
    join(world, consignment, stop + 1)
    return False


@compiled
def let_in(world: World, consignment: int, now: int) -> None:
    """Let in the head of a door's queue: it leaves where it was, and frees what it kept there."""
    clock = world.clock[0]
    coming = world.consignments[consignment]
    stop = next_stop(world, consignment)
    leave_door(world, stop)
    holder = coming.holder
    coming.holder = -1
    if coming.ordinal >= 0:
        leave(world, consignment, stop - 1, now)
    else:
        clock.outside -= 1
    enter(world, consignment, stop, now)
    if holder >= 0:
        if clock.freed >= len(world.freed):
            clock.status |= FULL_FREED
            return
        world.freed[clock.freed] = holder
        clock.freed += 1


@once
def deliver(world: World, consignment: int, now: int) -> None:
    """A consignment has arrived: under logit the flow's experience of the route is updated."""
    one = world.consignments[consignment]
    flow = world.flows[one.flow]
    one.outcome = DELIVERED
    one.finished = stamp(world, now)
    if flow.choice == LOGIT:
        option = world.options[flow.first_option + one.option]
        since = now - option.updated
        span = since + flow.memory
        took = float(now - world.times[flow.arrivals + one.number])
        if span > 0:
            option.experience += (took - option.experience) * since / span
        else:
            option.experience = took
        option.updated = now
