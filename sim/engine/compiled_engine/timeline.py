"""What changes in mid-run from outside: parameters by the timeline, ports and facilities by the weather.

All of class 0 (model.md 2): it comes before anything else at the same instant. As `simpy_engine.timeline`.
"""

from __future__ import annotations

from typing import Final

from sim.engine.compiled_engine import facility, leg, line, outages, pool, quay, service
from sim.engine.compiled_engine.arithmetic import count
from sim.engine.compiled_engine.calendar import CHANGE, CLOSURE, order, schedule
from sim.engine.compiled_engine.demand import choose_again, refresh
from sim.engine.compiled_engine.jit import compiled, once
from sim.engine.compiled_engine.queues import before
from sim.engine.compiled_engine.releases import serve_pool, settle
from sim.engine.compiled_engine.servers import recount
from sim.engine.compiled_engine.state import FACILITY, LEG, World
from sim.engine.compiled_engine.vessel import open_yard, serve
from sim.engine.rules import Turn

PARAMETER: Final = int(Turn.PARAMETER)
CLOSES: Final = int(Turn.CLOSURE)


@compiled
def start(world: World) -> None:
    """Await the first change, and the first closure of every calendar, skipping what is over."""
    begin = world.clock[0].begin
    await_change(world)
    for calendar in range(len(world.calendars)):
        one = world.calendars[calendar]
        while one.next < one.last and world.intervals[one.next].end <= begin:
            one.next += 1
        if one.next < one.last and world.intervals[one.next].begin <= begin:
            one.closed = True
            for k in range(len(world.quays)):
                if world.quays[k].calendar == calendar:
                    world.quays[k].closed = True
            for k in range(len(world.facilities)):
                if world.facilities[k].calendar == calendar:
                    world.facilities[k].closed = True
        await_weather(world, calendar)


# -- parameters --------------------------------------------------------------------------------------------


@compiled
def await_change(world: World) -> None:
    """Put the next instant of change in the calendar."""
    change = world.clock[0].change
    if change < len(world.instants):
        schedule(world, world.instants[change].time, order(PARAMETER, 0, 0, 0), CHANGE, 0)


@once
def put_in_force(world: World, now: int) -> None:
    """Put all changes of this instant in force, then let every element see them."""
    clock = world.clock[0]
    instant = world.instants[clock.change]
    clock.change += 1
    for k in range(instant.first, instant.last):
        change = world.changes[k]
        parameter = world.parameters[change.parameter]
        parameter.value = change.value
        parameter.slope = change.slope
        parameter.since = now
    # First every element knows its new values, then those who wait may go on.
    renew(world, now)
    for k in range(len(world.legs)):
        leg.changed(world, k, now)
    for k in range(len(world.facilities)):
        service.fill(world, k, now)
    for k in range(len(world.quays)):
        serve(world, k, now)
        open_yard(world, k, now)
    for k in range(len(world.lines)):
        line.changed(world, k, now)
    for k in range(len(world.pools)):
        serve_pool(world, k, now)
    settle(world, now)
    for k in range(len(world.flows)):
        refresh(world, k, now)
    read_routes(world)
    rescue(world, now)
    await_change(world)


@once
def renew(world: World, now: int) -> None:
    """Let every element know the new values of its parameters."""
    for k in range(len(world.legs)):
        leg.refresh(world, k, now)
    for k in range(len(world.facilities)):
        facility.refresh(world, k, now)
        recount(world, k, count(world, world.facilities[k].servers, now), now)
        if world.facilities[k].outages:
            outages.commission(world, k, now)
    for k in range(len(world.quays)):
        quay.refresh(world, k, now)
    for k in range(len(world.lines)):
        line.refresh(world, k, now)
    for k in range(len(world.pools)):
        pool.renew(world, k, now)


@compiled
def read_routes(world: World) -> None:
    """Find out which routes may be chosen: no leg closed, no capacity set to 0."""
    for k in range(len(world.routes)):
        route = world.routes[k]
        route.open = True
        for step in range(route.first, route.last):
            if not step_open(world, step):
                route.open = False


@once
def step_open(world: World, step: int) -> bool:
    """Tell whether a step does not close its route."""
    one = world.steps[step]
    if one.kind == LEG:
        return world.legs[one.element].open
    if one.kind == FACILITY:
        return world.facilities[one.element].number > 0
    return world.lines[one.element].open


@once
def rescue(world: World, now: int) -> None:
    """Let those choose who found no open route, oldest first over all flows."""
    for flow in range(len(world.flows)):
        world.flows[flow].rescued = world.flows[flow].stranded
        world.flows[flow].stranded = -1
    while True:
        first = -1
        for flow in range(len(world.flows)):
            head = world.flows[flow].rescued
            if head >= 0 and (first < 0 or before(world, head, first)):
                first = head
        if first < 0:
            return
        one = world.consignments[first]
        world.flows[one.flow].rescued = one.next
        choose_again(world, first, now)


# -- weather -----------------------------------------------------------------------------------------------


@compiled
def await_weather(world: World, calendar: int) -> None:
    """Put a calendar's next closing or opening in the calendar of events."""
    one = world.calendars[calendar]
    if one.next < one.last:
        interval = world.intervals[one.next]
        at = interval.end if one.closed else interval.begin
        schedule(world, at, order(CLOSES, calendar, 0, 0), CLOSURE, calendar)


@once
def turn(world: World, calendar: int, now: int) -> None:
    """Close, or open."""
    one = world.calendars[calendar]
    one.closed = not one.closed
    if not one.closed:
        one.next += 1
    for k in range(len(world.quays)):
        if world.quays[k].calendar == calendar:
            world.quays[k].closed = one.closed
            serve(world, k, now)
    for k in range(len(world.facilities)):
        if world.facilities[k].calendar == calendar:
            service.weather(world, k, one.closed, now)
    await_weather(world, calendar)
