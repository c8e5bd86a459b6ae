"""The main loop: take the next event, do what falls due, pass on what it has freed (model.md 2, Move)."""

from __future__ import annotations

from typing import Any, Final

from sim.engine.compiled_engine import (
    calendar,
    demand,
    facility,
    leg,
    line,
    outages,
    pool,
    quay,
    service,
    timeline,
    timetable,
    vessel,
)
from sim.engine.compiled_engine.arithmetic import stamp
from sim.engine.compiled_engine.jit import entry, once
from sim.engine.compiled_engine.journey import move_on
from sim.engine.compiled_engine.memory import open_world
from sim.engine.compiled_engine.releases import serve_pool, settle
from sim.engine.compiled_engine.state import World

SOON: Final = 8
"""Offers ahead of which memory is asked for."""


@once
def begin(world: World) -> None:
    """Let everything begin, in the order of the SimPy engine."""
    now = world.clock[0].begin
    for k in range(len(world.legs)):
        leg.refresh(world, k, now)
    for k in range(len(world.facilities)):
        facility.refresh(world, k, now)
        if world.facilities[k].outages:
            outages.commission(world, k, now)
    for k in range(len(world.quays)):
        quay.refresh(world, k, now)
    for k in range(len(world.lines)):
        line.refresh(world, k, now)
    for k in range(len(world.pools)):
        pool.note_level(world, k, now)
    timeline.read_routes(world)
    timeline.start(world)
    for k in range(len(world.lines)):
        line.start(world, k, now)
    for k in range(len(world.flows)):
        demand.start(world, k)
    for k in range(len(world.facilities)):
        service.fill(world, k, now)


@once
def happen(world: World, kind: int, subject: int, now: int) -> None:
    """Do what falls due, but for what most events are."""
    if kind == calendar.CHANGE:
        timeline.put_in_force(world, now)
    elif kind == calendar.CLOSURE:
        timeline.turn(world, subject, now)
    elif kind == calendar.HOURS:
        service.open_hours(world, subject, now)
    elif kind == calendar.SERVER_FAILS:
        place = world.servers[subject].facility
        outages.strike(world, place, subject - world.facilities[place].first_server, now)
    elif kind == calendar.SERVER_REPAIRED:
        place = world.servers[subject].facility
        service.repaired(world, place, subject - world.facilities[place].first_server, now)
    elif kind == calendar.VESSEL_FAILS:
        vessel.strike(world, subject, now)
    elif kind == calendar.VESSEL_REPAIRED:
        vessel.repaired(world, subject, now)
    elif kind == calendar.HANDLED:
        vessel.handling_done(world, subject, now)
    elif kind == calendar.HOME:
        serve_pool(world, pool.come_home(world, subject, now), now)
    elif kind == calendar.VESSEL_ARRIVES:
        vessel.arrive(world, subject, now)
    elif kind == calendar.SLOT:
        timetable.ring(world, subject >> 1, subject & 1, now)
    elif kind == calendar.LOOK:
        line.look(world, subject, now)
    elif kind == calendar.LET_GO:
        leg.let_go(world, subject >> 1, subject & 1, now)
    else:
        vessel.depart(world, subject, now)


@entry
def simulate_events(block: Any) -> None:
    """Run to the end of the window; what falls due at the end is not in it.

    A status other than 0 means that a table was too small: the run has to be repeated with more room.
    """
    world = open_world(block)
    clock = world.clock[0]
    begin(world)
    while clock.status == 0:
        if clock.events == 0 and clock.page < len(world.pages):
            calendar.turn_page(world)
        if calendar.is_offer(world):
            flow = calendar.next_flow(world)
            now = clock.begin + (world.offers[clock.offer] >> clock.place_bits)
            clock.offer += 1
            clock.now = now
            calendar.fetch_offered(world, SOON)
            demand.offer(world, flow, now)
        elif clock.events > 0:
            event = world.page[0]
            now = event.time
            what = event.what
            calendar.remove_first(world)
            clock.now = now
            kind = (what >> calendar.KIND_SHIFT) & calendar.KIND
            subject = what & calendar.SUBJECT
            if kind == calendar.SERVICE_ENDS:
                service.finish(world, subject, now)
            elif kind == calendar.LEG_ENDS:
                arrived = world.consignments[subject]
                world.rows[arrived.base + arrived.ordinal].ended = stamp(world, now)
                move_on(world, subject, now)
            else:
                happen(world, kind, subject, now)
        elif clock.page == len(world.pages):
            break
        if clock.freed > 0:
            settle(world, clock.now)
