"""A vessel's round: ready at anchor, berth, loading, departure, sailing, berth, unloading, ready again.

(model.md 3, Vessels, Outages, Split consignments), as `simpy_engine.vessel` and the berths of
`simpy_engine.quay`. When a vessel loads or is called over is its line's decision (`line`).
"""

from __future__ import annotations

from typing import Final

from sim.engine.compiled_engine.arithmetic import departure, seconds, value, works_until
from sim.engine.compiled_engine.boarding import board, handled_size, land_part
from sim.engine.compiled_engine.calendar import (
    HANDLED,
    SAILS,
    VESSEL_ARRIVES,
    VESSEL_FAILS,
    VESSEL_REPAIRED,
    order,
    schedule,
)
from sim.engine.compiled_engine.jit import compiled, once
from sim.engine.compiled_engine.journey import let_in
from sim.engine.compiled_engine.outages import factor_of_failure
from sim.engine.compiled_engine.queues import first_at, next_stop
from sim.engine.compiled_engine.roster import add_ready, cover, factor_of_trip, quay_of, remove_ready
from sim.engine.compiled_engine.servers import DOWN, note_absence
from sim.engine.compiled_engine.state import (
    COMMITTED,
    FULL_SAILINGS,
    LOADED,
    LOADING,
    READY,
    REPAIR,
    SAILING,
    UNLOADING,
    WITHDRAWN,
    World,
)
from sim.engine.compiled_engine.yard import has_room, wake
from sim.engine.records import NULL
from sim.engine.rules import Turn

OUTAGE: Final = int(Turn.OUTAGE)
REPAIRED: Final = int(Turn.REPAIR)
HANDLING_END: Final = int(Turn.HANDLING_END)
VESSEL_ARRIVAL: Final = int(Turn.VESSEL_ARRIVAL)
DEPARTURE: Final = int(Turn.DEPARTURE)
VESSEL: Final = 1
"""Marks a vessel's outage and repair in the canonical key, after a facility's."""


# -- berths, in the order of asking, over all lines of the quay ---------------------------------------------


@compiled
def ask(world: World, vessel: int, now: int) -> None:
    """A vessel asks for a berth."""
    quay = quay_of(world, vessel)
    one = world.quays[quay]
    world.vessels[vessel].next_asking = -1
    if one.asking < 0:
        one.asking = vessel
    else:
        world.vessels[one.asking_last].next_asking = vessel
    one.asking_last = vessel
    serve(world, quay, now)


@compiled
def serve(world: World, quay: int, now: int) -> None:
    """Give berths in the order of asking: the vessel loads or unloads."""
    one = world.quays[quay]
    while one.asking >= 0 and not one.closed and one.lying < one.berths:
        vessel = one.asking
        berthed = world.vessels[vessel]
        one.asking = berthed.next_asking
        one.lying += 1
        berthed.has_berth = True
        if berthed.state == COMMITTED:
            load(world, vessel, now)
            wake(world, berthed.line, now)
        else:
            unload(world, vessel, now)


@compiled
def release(world: World, vessel: int, now: int) -> None:
    """A vessel leaves its berth, which goes at once to the next."""
    quay = quay_of(world, vessel)
    world.vessels[vessel].has_berth = False
    world.quays[quay].lying -= 1
    serve(world, quay, now)


@compiled
def open_yard(world: World, quay: int, now: int) -> None:
    """Let into the yard who waits outside, longest first."""
    one = world.quays[quay]
    for direction in range(2):
        while world.doors[one.door + direction].waiting > 0:
            head = first_at(world, one.door + direction)
            if head < 0 or not has_room(world, quay, next_stop(world, head)):
                break
            let_in(world, head, now)


# -- ready, withdrawn, under repair ------------------------------------------------------------------------


@compiled
def commission(world: World, vessel: int, now: int) -> None:
    """Come into service for the first time, or again where it was withdrawn."""
    one = world.vessels[vessel]
    cover(world, vessel, one.end)
    one.withdrawn_since = NULL
    if one.fails_at == NULL:
        set_clock(world, vessel, now)
    unloaded(world, vessel, now)


@compiled
def set_clock(world: World, vessel: int, now: int) -> None:
    """Draw when the vessel fails next; its time to a failure counts all time."""
    one = world.vessels[vessel]
    line = world.lines[one.line]
    if not line.outages:
        return
    factor = factor_of_failure(world, one.every, one.failures, one.drawn_failures)
    one.fails_at = now + seconds(value(world, line.every, now) * factor)
    schedule(world, one.fails_at, order(OUTAGE, one.line, one.number, VESSEL), VESSEL_FAILS, vessel)


@once
def strike(world: World, vessel: int, now: int) -> None:
    """A failure falls due: the repair begins now at anchor, or when the vessel has unloaded."""
    if world.vessels[vessel].state == READY:
        remove_ready(world, vessel)
        repair(world, vessel, now)
        wake(world, world.vessels[vessel].line, now)


@compiled
def repair(world: World, vessel: int, now: int) -> None:
    """Lie at anchor under repair."""
    one = world.vessels[vessel]
    if one.has_berth:
        release(world, vessel, now)
    one.state = REPAIR
    factor = factor_of_failure(world, one.lasts, one.failures, one.drawn_failures)
    one.failures += 1
    end = now + seconds(value(world, world.lines[one.line].lasts, now) * factor)
    note_absence(world, True, one.line, one.number, DOWN, now, end)
    schedule(world, end, order(REPAIRED, one.line, one.number, VESSEL), VESSEL_REPAIRED, vessel)


@once
def repaired(world: World, vessel: int, now: int) -> None:
    """The repair is over."""
    set_clock(world, vessel, now)
    ready(world, vessel, now)


@compiled
def ready(world: World, vessel: int, now: int) -> None:
    """Be ready at anchor, or be withdrawn where the line has fewer vessels now."""
    one = world.vessels[vessel]
    if not one.in_service:
        if one.has_berth:
            release(world, vessel, now)
        one.state = WITHDRAWN
        cover(world, vessel, -1)
        one.withdrawn_since = now
    else:
        one.state = READY
        one.ready_since = now
        add_ready(world, vessel)
    wake(world, one.line, now)


@compiled
def unloaded(world: World, vessel: int, now: int) -> None:
    """Nothing is left aboard: a repair that is due begins, else the vessel is ready."""
    one = world.vessels[vessel]
    if one.fails_at != NULL and one.fails_at <= now:
        repair(world, vessel, now)
        wake(world, one.line, now)
    else:
        ready(world, vessel, now)


# -- loading and leaving -----------------------------------------------------------------------------------


@compiled
def commit(world: World, vessel: int, called: int, now: int) -> None:
    """It has been decided that the vessel leaves: load what waits, or sail empty; `called` is NULL or now."""
    clock = world.clock[0]
    one = world.vessels[vessel]
    one.state = COMMITTED
    if clock.sailings >= len(world.sailings):
        clock.status |= FULL_SAILINGS
        return
    one.voyage = clock.sailings
    clock.sailings += 1
    voyage = world.sailings[one.voyage]
    voyage.line = one.line
    voyage.vessel = one.number
    voyage.trip = one.trips
    voyage.end = one.end
    voyage.called = called
    voyage.ready = one.ready_since
    voyage.due = now
    voyage.slot = one.slot
    voyage.loading = NULL
    voyage.loaded = NULL
    voyage.sailed = NULL
    voyage.arrived = NULL
    voyage.berthed = NULL
    voyage.landed = NULL
    voyage.amount = 0
    voyage.capacity = one.capacity
    one.trips += 1
    if world.lines[one.line].waiting[one.end] == 0:
        plan_departure(world, vessel, now)
    elif one.has_berth:
        load(world, vessel, now)
    else:
        ask(world, vessel, now)


@compiled
def load(world: World, vessel: int, now: int) -> None:
    """Begin to load: what is boarded is fixed now."""
    one = world.vessels[vessel]
    line = world.lines[one.line]
    one.state = LOADING
    cover(world, vessel, -1)
    remove_ready(world, vessel)
    voyage = world.sailings[one.voyage]
    voyage.loading = now
    voyage.capacity = one.capacity
    voyage.amount = board(world, vessel, now)
    time = (
        value(world, line.load, now)
        * factor_of_trip(world, vessel, one.load)
        * handled_size(world, vessel, line.load_per)
    )
    quay = quay_of(world, vessel)
    end = works_until(world, world.quays[quay].calendar, now, seconds(time))
    schedule(world, end, order(HANDLING_END, one.line, one.number, voyage.trip), HANDLED, vessel)
    open_yard(world, quay, now)
    wake(world, one.line, now)


@once
def handling_done(world: World, vessel: int, now: int) -> None:
    """Loading or unloading has ended."""
    one = world.vessels[vessel]
    if one.state == LOADING:
        one.state = LOADED
        world.sailings[one.voyage].loaded = now
        plan_departure(world, vessel, now)
    else:
        land(world, vessel, now)


@compiled
def plan_departure(world: World, vessel: int, now: int) -> None:
    """Sail at the first instant that slot, port and forecast allow."""
    one = world.vessels[vessel]
    line = world.lines[one.line]
    at = now if one.slot == NULL else max(now, one.slot)
    ahead = min(seconds(value(world, line.look_ahead, now)), seconds(value(world, line.sailing, now)))
    origin = world.quays[line.quay[one.end]].calendar
    destination = world.quays[line.quay[1 - one.end]].calendar
    at = departure(world, at, origin, destination, ahead)
    trip = world.sailings[one.voyage].trip
    schedule(world, at, order(DEPARTURE, one.line, one.number, trip), SAILS, vessel)


@compiled
def depart(world: World, vessel: int, now: int) -> None:
    """Sail."""
    one = world.vessels[vessel]
    if one.state == COMMITTED and one.listed:
        remove_ready(world, vessel)
    if one.has_berth:
        release(world, vessel, now)
    one.state = SAILING
    one.slot = NULL
    voyage = world.sailings[one.voyage]
    voyage.sailed = now
    one.end = 1 - one.end
    cover(world, vessel, one.end)
    time = value(world, world.lines[one.line].sailing, now) * factor_of_trip(world, vessel, one.sailing)
    key = order(VESSEL_ARRIVAL, one.line, one.number, voyage.trip)
    schedule(world, now + seconds(time), key, VESSEL_ARRIVES, vessel)
    wake(world, one.line, now)


# -- arriving and unloading --------------------------------------------------------------------------------


@once
def arrive(world: World, vessel: int, now: int) -> None:
    """Arrive: ask for a berth, or be ready when there is nothing to unload."""
    one = world.vessels[vessel]
    world.sailings[one.voyage].arrived = now
    one.state = UNLOADING
    if one.parts < one.parts_to:
        ask(world, vessel, now)
    else:
        unloaded(world, vessel, now)


@once
def unload(world: World, vessel: int, now: int) -> None:
    """Begin to unload."""
    one = world.vessels[vessel]
    line = world.lines[one.line]
    voyage = world.sailings[one.voyage]
    voyage.berthed = now
    time = (
        value(world, line.unload, now)
        * factor_of_trip(world, vessel, one.unload)
        * handled_size(world, vessel, line.unload_per)
    )
    end = works_until(world, world.quays[quay_of(world, vessel)].calendar, now, seconds(time))
    schedule(world, end, order(HANDLING_END, one.line, one.number, voyage.trip), HANDLED, vessel)


@once
def land(world: World, vessel: int, now: int) -> None:
    """All is ashore: consignments that are whole ask for their next step, in the order of boarding."""
    one = world.vessels[vessel]
    world.sailings[one.voyage].landed = now
    first = one.parts
    last = one.parts_to
    one.parts = last
    for part in range(first, last):
        if not land_part(world, vessel, part, now):
            one.blocked += 1
    if one.blocked == 0:
        unloaded(world, vessel, now)


@once
def release_berth(world: World, vessel: int, now: int) -> None:
    """A consignment that waited for its next step has gone."""
    one = world.vessels[vessel]
    one.blocked -= 1
    if one.blocked == 0:
        unloaded(world, vessel, now)
