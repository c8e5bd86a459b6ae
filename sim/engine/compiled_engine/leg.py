"""Legs: when does a train leave (model.md 3, Blocking), as `simpy_engine.leg`.

It waits for its headway, for the leg to be open and for its hours.
"""

from __future__ import annotations

from typing import Final

from sim.engine.compiled_engine.arithmetic import next_open, ramps, seconds, stamp, value
from sim.engine.compiled_engine.calendar import LEG_ENDS, LET_GO, TURN_SHIFT, order, schedule, tie
from sim.engine.compiled_engine.jit import compiled, hot, once
from sim.engine.compiled_engine.queues import append, remove_head
from sim.engine.compiled_engine.state import World
from sim.engine.records import Outcome
from sim.engine.rules import FOREVER, Turn

DELIVERED: Final = int(Outcome.DELIVERED)
ARRIVAL: Final = int(Turn.ARRIVAL) << TURN_SHIFT
LETS_GO: Final = int(Turn.LEG)


@compiled
def refresh(world: World, leg: int, now: int) -> None:
    """Read the parameters anew."""
    one = world.legs[leg]
    one.open = value(world, one.opened, now) >= 0.5
    one.base = value(world, one.distance, now) / value(world, one.speed, now)
    one.ramps = ramps(world, one.distance) or ramps(world, one.speed)


@once
def changed(world: World, leg: int, now: int) -> None:
    """A parameter has changed: the leg may let go."""
    one = world.legs[leg]
    for path in range(2):
        if world.queues[one.queue + path].head >= 0:
            wake(world, leg, path, now)


@once
def take(world: World, leg: int, consignment: int, stop: int, now: int) -> None:
    """Depart at once where nothing can hold the leg, else queue and look in turn."""
    one = world.legs[leg]
    if one.alone and one.open and world.queues[one.queue].head < 0 and world.queues[one.queue + 1].head < 0:
        depart(world, leg, consignment, stop, now)
        return
    path = 0 if one.single_track else world.stops[stop].direction
    append(world, one.queue + path, consignment)
    wake(world, leg, path, max(now, one.free_from[path]))


@compiled
def wake(world: World, leg: int, path: int, at: int) -> None:
    """See to it that the leg is looked at then, unless it will be looked at before."""
    one = world.legs[leg]
    if at < one.wakes[path]:
        one.wakes[path] = at
        schedule(world, at, order(LETS_GO, leg, path, 0), LET_GO, 2 * leg + path)


@once
def let_go(world: World, leg: int, path: int, now: int) -> None:
    """Let trains depart, first come first served, as headway, opening and hours allow."""
    one = world.legs[leg]
    if one.wakes[path] <= now:
        one.wakes[path] = FOREVER
    queue = one.queue + path
    while world.queues[queue].head >= 0 and one.open:
        at = next_open(world, one.hours, one.hours_to, max(now, one.free_from[path]))
        if at > now:
            wake(world, leg, path, at)
            return
        headway = 0.0
        if one.train_paths >= 0:
            paths = value(world, one.train_paths, now)
            if paths <= 0.0:
                return
            headway = 1.0 / paths
        consignment = world.queues[queue].head
        remove_head(world, queue)
        departing = world.consignments[consignment]
        stop = departing.first_stop + departing.ordinal
        one.free_from[path] = now + seconds(headway * (world.stops[stop].millitrains / 1000))
        depart(world, leg, consignment, stop, now)


@hot
def depart(world: World, leg: int, consignment: int, stop: int, now: int) -> None:
    """Run: base time × the consignment's factor."""
    one = world.legs[leg]
    running = world.consignments[consignment]
    world.rows[running.base + running.ordinal].started = stamp(world, now)
    if one.ramps:
        refresh(world, leg, now)
    time = one.base
    factors = world.stops[stop].factors
    if factors >= 0:
        time *= world.numbers[factors + running.number]
    at = now + seconds(time)
    if world.stops[stop].ends_alone:
        # Nobody waits for its end, so that what it leaves in the records is known now.
        if at < world.clock[0].end:
            row = world.rows[running.base + running.ordinal]
            row.ended = stamp(world, at)
            row.left = stamp(world, at)
            running.outcome = DELIVERED
            running.finished = stamp(world, at)
        return
    # An arrival at the next step: class 2, by flow, number and the step reached.
    key = ARRIVAL + tie(running.flow, running.number) + running.ordinal + 1
    schedule(world, at, key, LEG_ENDS, consignment)
