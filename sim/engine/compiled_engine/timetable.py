"""Timetables: when boarding closes, and who takes the slot (model.md 3, Leaving by timetable).

As `simpy_engine.timetable`: a change of a parameter may move the closing, earlier by an alarm that rings
before the one that was set, later by one that is set when that rings in vain.
"""

from __future__ import annotations

from math import floor
from typing import Final

from sim.engine.compiled_engine.arithmetic import CONSIGNMENT, as_handled, seconds, value
from sim.engine.compiled_engine.calendar import SLOT, order, schedule
from sim.engine.compiled_engine.jit import compiled, once
from sim.engine.compiled_engine.roster import copy_ready
from sim.engine.compiled_engine.state import FULL_CANCELLED, READY, World
from sim.engine.compiled_engine.vessel import commit, release
from sim.engine.compiled_engine.yard import wake
from sim.engine.records import NULL
from sim.engine.rules import FOREVER, Turn

SLOTS: Final = int(Turn.SLOT)


@once
def start(world: World, line: int, end: int, now: int) -> None:
    """Leave out the slots whose boarding would have closed before the run, and await the first."""
    one = world.lines[line]
    planned = planned_loading(world, line, now)
    first = one.slots[end]
    for slot in range(one.slots[end], one.slots_to[end]):
        if world.times[slot] - planned < now:
            first += 1
    one.slot[end] = first
    await_closing(world, line, end, now)


@compiled
def await_closing(world: World, line: int, end: int, now: int) -> None:
    """See to it that the alarm rings when boarding closes, at once where it should have closed before."""
    one = world.lines[line]
    slot = one.slot[end]
    if slot < one.slots_to[end]:
        at = max(now, world.times[slot] - planned_loading(world, line, now))
        if at < one.rings[end]:
            one.rings[end] = at
            schedule(world, at, order(SLOTS, line, end, slot - one.slots[end]), SLOT, 2 * line + end)


@compiled
def planned_loading(world: World, line: int, now: int) -> int:
    """Give the loading time counted on: the base time, of a full vessel in service if per unit."""
    one = world.lines[line]
    time = value(world, one.load, now)
    if one.load_per == CONSIGNMENT:
        return seconds(time)
    full = 0
    serving = 0
    some = False
    for vessel in range(one.first_vessel, one.last_vessel):
        each = world.vessels[vessel]
        full = max(full, each.capacity)
        if each.in_service:
            some = True
            serving = max(serving, each.capacity)
    # With none in service, the slot is for one that may come back before its boarding closes.
    if some:
        full = serving
    return seconds(time * as_handled(one.load_per, floor(full * one.handled_share + 1e-6)))


@once
def ring(world: World, line: int, end: int, now: int) -> None:
    """Close boarding if it is time: a change may have moved it."""
    one = world.lines[line]
    if one.rings[end] <= now:
        one.rings[end] = FOREVER
    slot = one.slot[end]
    if slot < one.slots_to[end] and world.times[slot] - planned_loading(world, line, now) <= now:
        close_boarding(world, line, end, now)
        one.slot[end] = slot + 1
    await_closing(world, line, end, now)


@once
def close_boarding(world: World, line: int, end: int, now: int) -> None:
    """The longest-ready vessel takes what waits, full, part-full or nothing; without one: cancelled."""
    clock = world.clock[0]
    one = world.lines[line]
    slot = one.slot[end]
    vessel = -1
    listed = copy_ready(world, line, end)
    for k in range(listed):
        other = world.scratch[k]
        if world.vessels[other].state != READY:
            world.scratch[k] = -1
        elif vessel < 0:
            vessel = other
            world.scratch[k] = -1
    for k in range(listed):
        other = world.scratch[k]
        # It has unloaded at this instant and does not load: its berth is for who asks.
        if other >= 0 and world.vessels[other].has_berth:
            release(world, other, now)
    quay = world.quays[one.quay[end]]
    free = not quay.closed and quay.asking < 0 and quay.lying < quay.berths
    if vessel < 0 or (one.waiting[end] > 0 and not world.vessels[vessel].has_berth and not free):
        if clock.cancelled >= len(world.cancelled):
            clock.status |= FULL_CANCELLED
            return
        row = world.cancelled[clock.cancelled]
        clock.cancelled += 1
        row.line = line
        row.end = end
        row.time = world.times[slot]
    else:
        world.vessels[vessel].slot = world.times[slot]
        commit(world, vessel, NULL, now)
    wake(world, line, now)
