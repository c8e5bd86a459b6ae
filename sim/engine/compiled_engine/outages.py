"""Outages of servers (model.md 3, Outages), as `simpy_engine.outages`.

Working time or calendar time to a failure; the job in hand is finished first, or resumed after the repair.
"""

from __future__ import annotations

from sim.engine.compiled_engine.arithmetic import seconds, value, work_between, works_until
from sim.engine.compiled_engine.calendar import (
    SERVER_FAILS,
    SERVER_REPAIRED,
    SERVICE_ENDS,
    order,
    schedule,
    tie,
)
from sim.engine.compiled_engine.jit import compiled, once
from sim.engine.compiled_engine.servers import DOWN, fail, note_absence
from sim.engine.compiled_engine.state import OUT_OF_FAILURES, World
from sim.engine.rules import Turn

OUTAGE = int(Turn.OUTAGE)
REPAIR = int(Turn.REPAIR)
SERVICE_END = int(Turn.SERVICE_END)


@compiled
def factor_of_failure(world: World, offset: int, failures: int, drawn: int) -> float:
    """Give the factor of a failure; a run that needs more than were drawn is repeated with more."""
    if offset < 0:
        return 1.0
    if failures >= drawn:
        world.clock[0].status |= OUT_OF_FAILURES
        return 1.0
    return world.numbers[offset + failures]


@compiled
def commission(world: World, facility: int, now: int) -> None:
    """Start the clock of servers that are new."""
    one = world.facilities[facility]
    while one.clocks < one.number:
        server = one.clocks
        one.clocks += 1
        set_clock(world, facility, server, now)


@compiled
def set_clock(world: World, facility: int, server: int, now: int) -> None:
    """Draw the time to the next failure of a server that works from now on."""
    one = world.facilities[facility]
    mine = world.servers[one.first_server + server]
    factor = factor_of_failure(world, mine.every, mine.failures, mine.drawn)
    # Parameters are read at the present instant even where a resumed job plans ahead.
    time = seconds(value(world, one.every, world.clock[0].now) * factor)
    if one.on_calendar:
        schedule(
            world, now + time, order(OUTAGE, facility, server, 0), SERVER_FAILS, one.first_server + server
        )
    else:
        mine.left = time


@compiled
def repair_time(world: World, facility: int, server: int) -> int:
    """Give the length of the repair that begins, and count the failure."""
    one = world.facilities[facility]
    mine = world.servers[one.first_server + server]
    factor = factor_of_failure(world, mine.lasts, mine.failures, mine.drawn)
    mine.failures += 1
    return seconds(value(world, one.lasts, world.clock[0].now) * factor)


@once
def used(world: World, facility: int, server: int, work: int, now: int) -> int:
    """Use up working time by a job that starts now; give when it will end.

    Work is done while the server is up and does not stand still; a repair takes its time in any weather.
    """
    one = world.facilities[facility]
    mine = world.servers[one.first_server + server]
    if one.on_calendar:
        return works_until(world, one.calendar, now, work)
    if not one.resumed:
        if mine.left <= work:
            mine.due = True
        else:
            mine.left -= work
        return works_until(world, one.calendar, now, work)
    at = now
    while mine.left <= work and world.clock[0].status == 0:
        work -= mine.left
        at = works_until(world, one.calendar, at, mine.left)
        up = at + repair_time(world, facility, server)
        note_absence(world, False, facility, server, DOWN, at, up)
        at = up
        set_clock(world, facility, server, at)
    mine.left -= work
    return works_until(world, one.calendar, at, work)


@once
def strike(world: World, facility: int, server: int, now: int) -> None:
    """A failure on the calendar: now, after the job in hand, or interrupting it."""
    one = world.facilities[facility]
    mine = world.servers[one.first_server + server]
    if mine.job < 0:
        go_down(world, facility, server, now)
    elif one.resumed:
        # What is left is done from the repair on, but for the times at which the server stands still.
        job = world.consignments[mine.job]
        left = work_between(world, one.calendar, now, job.ends)
        up = now + go_down(world, facility, server, now)
        job.ends = works_until(world, one.calendar, up, left)
    else:
        mine.due = True


@compiled
def go_down(world: World, facility: int, server: int, now: int) -> int:
    """A server goes down; give the length of its repair."""
    repair = repair_time(world, facility, server)
    fail(world, facility, server, now)
    number = world.facilities[facility].first_server + server
    schedule(world, now + repair, order(REPAIR, facility, server, 0), SERVER_REPAIRED, number)
    return repair


@once
def after_job(world: World, facility: int, server: int, now: int) -> None:
    """The job in hand is finished: a failure that fell due in it takes effect."""
    mine = world.servers[world.facilities[facility].first_server + server]
    mine.job = -1
    if mine.due:
        mine.due = False
        go_down(world, facility, server, now)


@once
def put_off(world: World, consignment: int) -> None:
    """The job was interrupted meanwhile: its end comes later."""
    job = world.consignments[consignment]
    key = (SERVICE_END << 57) + tie(job.flow, job.number) + job.ordinal
    schedule(world, job.ends, key, SERVICE_ENDS, consignment)
