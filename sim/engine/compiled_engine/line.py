"""Lines: when does a ferry leave (model.md 3, Leaving), as `simpy_engine.line`.

Without a timetable only the vessel that has been ready longest at a port is looked at: it begins to load
when what waits meets its rule, and it is called over when the other port's queue meets it. With a timetable
the longest-ready vessel takes what waits when boarding closes.
"""

from __future__ import annotations

from math import floor
from typing import Final

from sim.engine.compiled_engine.arithmetic import (
    CONSIGNMENT,
    as_handled,
    count,
    seconds,
    value,
    whole_capacity,
)
from sim.engine.compiled_engine.calendar import SLOT, order, schedule
from sim.engine.compiled_engine.jit import compiled, once
from sim.engine.compiled_engine.roster import remove_ready
from sim.engine.compiled_engine.servers import AWAY, note_absence
from sim.engine.compiled_engine.state import COMMITTED, FULL_CANCELLED, LOADING, READY, WITHDRAWN, World
from sim.engine.compiled_engine.vessel import commission, commit, ready, release
from sim.engine.compiled_engine.yard import wake
from sim.engine.records import NULL
from sim.engine.rules import FOREVER, Turn

SLOTS: Final = int(Turn.SLOT)


@compiled
def start(world: World, line: int, now: int) -> None:
    """All vessels start ready, at anchor; the first slots are awaited."""
    one = world.lines[line]
    for vessel in range(one.first_vessel, one.last_vessel):
        if world.vessels[vessel].in_service:
            commission(world, vessel, now)
    for end in range(2):
        if one.slots[end] >= 0:
            planned = planned_loading(world, line, now)
            first = one.slots[end]
            for slot in range(one.slots[end], one.slots_to[end]):
                if world.times[slot] - planned < now:
                    first += 1
            next_slot(world, line, end, first, now)


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
    """A parameter has changed: vessels come or go, thresholds move."""
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
def copy_ready(world: World, line: int, end: int) -> int:
    """Note down who is among the ready of an end, longest first; give how many."""
    number = 0
    vessel = world.lines[line].ready[end]
    while vessel >= 0:
        world.scratch[number] = vessel
        number += 1
        vessel = world.vessels[vessel].next_ready
    return number


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


# -- timetables --------------------------------------------------------------------------------------------


@compiled
def next_slot(world: World, line: int, end: int, slot: int, now: int) -> None:
    """Await a slot's closing of boarding: departure less the loading time of a full vessel."""
    one = world.lines[line]
    one.slot[end] = slot
    if slot < one.slots_to[end]:
        at = max(now, world.times[slot] - planned_loading(world, line, now))
        schedule(world, at, order(SLOTS, line, end, slot - one.slots[end]), SLOT, 2 * line + end)


@compiled
def planned_loading(world: World, line: int, now: int) -> int:
    """Give the loading time that a timetable counts on: the base time, of a full vessel if per unit."""
    one = world.lines[line]
    time = value(world, one.load, now)
    if one.load_per == CONSIGNMENT:
        return seconds(time)
    full = 0
    for vessel in range(one.first_vessel, one.last_vessel):
        full = max(full, world.vessels[vessel].capacity)
    return seconds(time * as_handled(one.load_per, floor(full * one.handled_share + 1e-6)))


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
    next_slot(world, line, end, slot + 1, now)
