"""Lines: when does a ferry leave (model.md 3, Leaving), as `simpy_engine.line`.

Without a timetable only the vessel that has been ready longest at a port is looked at: it begins to load
when what waits meets its rule, and it is called over when the other port's queue meets it. With a timetable
(`timetable`) it takes what waits when boarding closes.
"""

from __future__ import annotations

from math import floor

from sim.engine.compiled_engine import timetable
from sim.engine.compiled_engine.arithmetic import count, seconds, value, whole_capacity
from sim.engine.compiled_engine.jit import compiled, once
from sim.engine.compiled_engine.roster import copy_ready, remove_ready
from sim.engine.compiled_engine.servers import AWAY, note_absence
from sim.engine.compiled_engine.state import COMMITTED, LOADING, READY, WITHDRAWN, World
from sim.engine.compiled_engine.vessel import commission, commit, ready, release
from sim.engine.compiled_engine.yard import wake
from sim.engine.records import NULL
from sim.engine.rules import FOREVER


@compiled
def start(world: World, line: int, now: int) -> None:
    """All vessels start ready, at anchor; the first slots are awaited."""
    one = world.lines[line]
    for vessel in range(one.first_vessel, one.last_vessel):
        if world.vessels[vessel].in_service:
            commission(world, vessel, now)
    for end in range(2):
        if one.slots[end] >= 0:
            timetable.start(world, line, end, now)


# -- parameters --------------------------------------------------------------------------------------------


@compiled
def refresh(world: World, line: int, now: int) -> None:
    """Read the parameters anew: which vessels are in service, and how much each may load."""
    one = world.lines[line]
    one.open = False
    one.cover[0] = 0
    one.cover[1] = 0
    for k in range(one.first_class, one.last_class):
        world.classes[k].left = count(world, world.classes[k].count, now)
    for vessel in range(one.first_vessel, one.last_vessel):
        each = world.vessels[vessel]
        kind = world.classes[each.kind]
        each.in_service = kind.left > 0
        if kind.left > 0:
            kind.left -= 1
        capacity = value(world, kind.capacity, now)
        share = value(world, kind.payload_share, now)
        each.capacity = whole_capacity(capacity, share, one.measure)
        if each.covers >= 0:
            one.cover[each.covers] += each.capacity
        one.open = one.open or (each.in_service and each.capacity > 0)


@once
def changed(world: World, line: int, now: int) -> None:
    """A parameter has changed: vessels come or go, thresholds and slots' alarms move."""
    one = world.lines[line]
    for vessel in range(one.first_vessel, one.last_vessel):
        each = world.vessels[vessel]
        if each.state == READY and not each.in_service:
            remove_ready(world, vessel)
            ready(world, vessel, now)
        elif each.state == WITHDRAWN and each.in_service:
            if each.withdrawn_since < now:
                note_absence(world, True, line, each.number, AWAY, each.withdrawn_since, now)
            commission(world, vessel, now)
    for end in range(2):
        timetable.await_closing(world, line, end, now)
    wake(world, line, now)


# -- the rule: who leaves, and when ------------------------------------------------------------------------


@once
def look(world: World, line: int, now: int) -> None:
    """Look at the longest-ready vessel of each end until nobody moves."""
    one = world.lines[line]
    if one.wakes <= now:
        one.wakes = FOREVER
    moved = True
    while moved and world.clock[0].status == 0:
        moved = False
        for end in range(2):
            vessel = looked_at(world, line, end)
            if vessel < 0:
                continue
            if is_due(world, vessel, end, 0, now):
                commit(world, vessel, NULL, now)
            elif is_due(world, vessel, 1 - end, one.cover[1 - end], now):
                commit(world, vessel, now, now)
            else:
                continue
            moved = moved or world.vessels[vessel].state != COMMITTED
    for end in range(2):
        listed = copy_ready(world, line, end)
        for k in range(listed):
            vessel = world.scratch[k]
            # The berth given back may have let another of these begin to load: it keeps its own.
            if world.vessels[vessel].has_berth and world.vessels[vessel].state != LOADING:
                release(world, vessel, now)
    set_triggers(world, line, now)


@compiled
def looked_at(world: World, line: int, end: int) -> int:
    """Give the vessel that has been ready longest, or -1 where it waits to begin to load or to leave."""
    one = world.lines[line]
    if one.slots[end] >= 0:
        return -1
    vessel = one.ready[end]
    # One that may load nothing (low water) lies still until it may again.
    while vessel >= 0 and world.vessels[vessel].state == READY and world.vessels[vessel].capacity == 0:
        vessel = world.vessels[vessel].next_ready
    if vessel >= 0 and world.vessels[vessel].state == READY:
        return vessel
    return -1


@compiled
def rule(world: World, vessel: int, queue: int) -> int:
    """Give the end whose rule holds for a queue: its own, or the vessel's where that is a timetable."""
    if world.lines[world.vessels[vessel].line].slots[queue] >= 0:
        return world.vessels[vessel].end
    return queue


@compiled
def needed(world: World, vessel: int, queue: int, now: int) -> int:
    """Give the amount at which a queue is full for a vessel: `full` × its capacity, never 0."""
    one = world.vessels[vessel]
    full = world.lines[one.line].full[rule(world, vessel, queue)]
    share = value(world, full, now) * one.capacity
    return max(1, -floor(-(share - 1e-6)))


@compiled
def patience(world: World, vessel: int, queue: int, now: int) -> int:
    """Give how long the oldest part waits, in seconds, or -1 for ever."""
    after = world.lines[world.vessels[vessel].line].after[rule(world, vessel, queue)]
    if after < 0:
        return -1
    return seconds(value(world, after, now))


@compiled
def oldest(world: World, line: int, end: int, beyond: int) -> int:
    """Give since when the oldest part waits after the first `beyond` units of the queue, or NULL."""
    consignment = world.queues[world.lines[line].queue + end].head
    while consignment >= 0:
        waiting = world.consignments[consignment]
        beyond -= world.shipments[consignment].waits
        if beyond < 0:
            return waiting.since
        consignment = waiting.next
    return NULL


@compiled
def is_due(world: World, vessel: int, queue: int, covered: int, now: int) -> bool:
    """Tell whether a queue, less what is covered, meets the condition to leave for a vessel."""
    line = world.vessels[vessel].line
    amount = world.lines[line].waiting[queue] - covered
    if amount <= 0 or world.vessels[vessel].capacity == 0:
        return False
    if amount >= needed(world, vessel, queue, now):
        return True
    after = patience(world, vessel, queue, now)
    if after < 0:
        return False
    joined = oldest(world, line, queue, covered)
    return joined != NULL and now - joined >= after


@once
def set_triggers(world: World, line: int, now: int) -> None:
    """Work out at which amounts and at what time the line must be looked at again."""
    one = world.lines[line]
    one.triggers[0] = FOREVER
    one.triggers[1] = FOREVER
    for end in range(2):
        vessel = looked_at(world, line, end)
        if vessel < 0:
            continue
        for other in range(2):
            queue = end if other == 0 else 1 - end
            covered = 0 if other == 0 else one.cover[queue]
            trigger = covered + needed(world, vessel, queue, now)
            after = patience(world, vessel, queue, now)
            if after >= 0:
                joined = oldest(world, line, queue, covered) if one.waiting[queue] > covered else NULL
                if joined == NULL:
                    trigger = min(trigger, covered + 1)
                else:
                    # A berth given back by this look may have let the next be looked at, and be due.
                    wake(world, line, max(now, joined + after))
            one.triggers[queue] = min(one.triggers[queue], trigger)
