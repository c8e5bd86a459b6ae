"""Facilities when a service ends, a place falls free, hours begin, as `simpy_engine.facility`."""

from __future__ import annotations

from sim.engine.compiled_engine import facility as taking
from sim.engine.compiled_engine import outages
from sim.engine.compiled_engine.arithmetic import stamp
from sim.engine.compiled_engine.jit import hot, once
from sim.engine.compiled_engine.journey import held_server, let_in, move_on
from sim.engine.compiled_engine.queues import before, first_at, next_stop, remove_head
from sim.engine.compiled_engine.servers import hold, let_go_of, repair, vacate
from sim.engine.compiled_engine.state import World
from sim.engine.rules import FOREVER


@once
def finish(world: World, consignment: int, now: int) -> None:
    """End of service: the server may fail now, the consignment goes on or blocks it."""
    served = world.consignments[consignment]
    at = world.stops[served.first_stop + served.ordinal]
    facility = at.element
    direction = at.direction
    server = served.server
    one = world.facilities[facility]
    if one.outages and served.ends > now:
        outages.put_off(world, consignment)
        return
    one.serving[direction] &= ~(1 << server)
    if one.outages:
        outages.after_job(world, facility, server, now)
    world.rows[served.base + served.ordinal].ended = stamp(world, now)
    if move_on(world, consignment, now):
        vacate(world, facility, server, now)
    else:
        served.holder = held_server(facility, server, direction)
        hold(world, facility, server, direction)
    fill(world, facility, now)


@hot
def fill(world: World, facility: int, now: int) -> None:
    """Use every place there is, if anybody waits for one."""
    one = world.facilities[facility]
    if (
        world.queues[one.queue].head >= 0
        or world.queues[one.queue + 1].head >= 0
        or world.doors[one.door].waiting > 0
        or world.doors[one.door + 1].waiting > 0
    ):
        fill_places(world, facility, now)


@once
def fill_places(world: World, facility: int, now: int) -> None:
    """Servers first, then room in the buffer; who has waited longest first.

    Who waits in the buffer goes before who waits at the door of the same direction.
    """
    one = world.facilities[facility]
    while True:
        best = -1
        inside = False
        chosen = -1
        for direction in range(2):
            head = world.queues[one.queue + direction].head
            within = head >= 0
            if not within and world.doors[one.door + direction].waiting > 0:
                head = first_at(world, one.door + direction)
            if head < 0:
                continue
            server = taking.server_for(world, facility, direction, now)
            if server >= 0 and (best < 0 or before(world, head, best)):
                best = head
                inside = within
                chosen = server
        if best < 0:
            break
        if inside:
            head_row = world.consignments[best]
            stop = head_row.first_stop + head_row.ordinal
            at = world.stops[stop]
            remove_head(world, one.queue + at.direction)
            one.filled[at.direction] -= at.room
            taking.start(world, facility, best, stop, chosen, now)
        else:
            let_in(world, best, now)
    for direction in range(2):
        while world.doors[one.door + direction].waiting > 0:
            outside = first_at(world, one.door + direction)
            if outside < 0 or not taking.admits(world, facility, next_stop(world, outside), now):
                break
            let_in(world, outside, now)


@once
def release_server(world: World, facility: int, server: int, direction: int, now: int) -> None:
    """The blocked consignment has gone: the server is free."""
    let_go_of(world, facility, server, direction)
    vacate(world, facility, server, now)
    fill(world, facility, now)


@once
def repaired(world: World, facility: int, server: int, now: int) -> None:
    """A server is up again: its clock starts anew, work may start."""
    repair(world, facility, server, now)
    outages.set_clock(world, facility, server, now)
    fill(world, facility, now)


@once
def open_hours(world: World, facility: int, now: int) -> None:
    """Opening hours have begun."""
    one = world.facilities[facility]
    if one.wakes <= now:
        one.wakes = FOREVER
    fill(world, facility, now)


@once
def weather(world: World, facility: int, closed: bool, now: int) -> None:
    """Weather closes or opens the facility: no service starts while it is closed."""
    world.facilities[facility].closed = closed
    if not closed:
        fill(world, facility, now)
