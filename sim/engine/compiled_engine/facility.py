"""Facilities take in and serve (model.md 3, Blocking, Weather), as `simpy_engine.facility`.

What they do when a service ends or a place falls free is in `service`.
"""

from __future__ import annotations

from typing import Final

from sim.engine.compiled_engine.arithmetic import (
    integer_amount,
    next_open,
    ramps,
    seconds,
    stamp,
    value,
    works_until,
)
from sim.engine.compiled_engine.calendar import HOURS, SERVICE_ENDS, TURN_SHIFT, order, schedule, tie
from sim.engine.compiled_engine.jit import compiled, hot, once
from sim.engine.compiled_engine.outages import used
from sim.engine.compiled_engine.queues import append
from sim.engine.compiled_engine.servers import next_server
from sim.engine.compiled_engine.state import World
from sim.engine.rules import Turn

SERVICE_END: Final = int(Turn.SERVICE_END) << TURN_SHIFT
CLOSURE: Final = int(Turn.CLOSURE)


@compiled
def refresh(world: World, facility: int, now: int) -> None:
    """Read the parameters anew."""
    one = world.facilities[facility]
    service = value(world, one.service, now)
    one.works = not (one.rate and service <= 0.0)
    if not one.rate:
        one.base = service
    elif one.works:
        one.base = 1.0 / service
    else:
        one.base = 0.0
    one.ramps = ramps(world, one.service)
    one.limited = one.buffer >= 0
    if one.limited:
        one.room = integer_amount(value(world, one.buffer, now), one.buffer_measure)


@hot
def server_for(world: World, facility: int, direction: int, now: int) -> int:
    """Give the server that can start work for a direction at this instant, or -1."""
    one = world.facilities[facility]
    if one.closed or not one.works:
        return -1
    if one.hours != one.hours_to:
        at = next_open(world, one.hours, one.hours_to, now)
        if at > now:
            wake(world, facility, at)
            return -1
    return next_server(world, facility, direction)


@hot
def admits(world: World, facility: int, stop: int, now: int) -> bool:
    """Admit when a server can start at once or the buffer has room for the whole consignment."""
    one = world.facilities[facility]
    direction = world.stops[stop].direction
    if not one.limited or one.filled[direction] + world.stops[stop].room <= one.room:
        return True
    return world.queues[one.queue + direction].head < 0 and server_for(world, facility, direction, now) >= 0


@once
def take(world: World, facility: int, consignment: int, stop: int, now: int) -> None:
    """Start at once if a server can and nobody of this direction waits; else wait in the buffer."""
    one = world.facilities[facility]
    direction = world.stops[stop].direction
    if world.queues[one.queue + direction].head < 0:
        server = server_for(world, facility, direction, now)
        if server >= 0:
            start(world, facility, consignment, stop, server, now)
            return
    append(world, one.queue + direction, consignment)
    one.filled[direction] += world.stops[stop].room


@compiled
def start(world: World, facility: int, consignment: int, stop: int, server: int, now: int) -> None:
    """Serve: base time × the consignment's factor × its size."""
    one = world.facilities[facility]
    served = world.consignments[consignment]
    at = world.stops[stop]
    one.serving[at.direction] |= 1 << server
    served.server = server
    row = world.rows[served.base + served.ordinal]
    row.started = stamp(world, now)
    row.server = server
    if one.ramps:
        refresh(world, facility, now)
    time = one.base
    if at.factors >= 0:
        time *= world.numbers[at.factors + served.number]
    work = seconds(time * at.size)
    if one.outages:
        end = used(world, facility, server, work, now)
        served.ends = end
        world.servers[one.first_server + server].job = consignment
    else:
        end = works_until(world, one.calendar, now, work)
    key = SERVICE_END + tie(served.flow, served.number) + served.ordinal
    schedule(world, end, key, SERVICE_ENDS, consignment)


@compiled
def wake(world: World, facility: int, at: int) -> None:
    """Look again when opening hours begin."""
    one = world.facilities[facility]
    if at < one.wakes:
        one.wakes = at
        schedule(world, at, order(CLOSURE, facility, 1, 0), HOURS, facility)
