"""A port's yard: who may enter, and who joins the queue for a vessel (model.md 3), as `Gate` and `Quay`."""

from __future__ import annotations

from typing import Final

from sim.engine.compiled_engine.calendar import LOOK, order, schedule
from sim.engine.compiled_engine.jit import compiled, hot, once
from sim.engine.compiled_engine.queues import append
from sim.engine.compiled_engine.state import World
from sim.engine.rules import Turn

LOOKS: Final = int(Turn.LOOK)


@hot
def has_room(world: World, quay: int, stop: int) -> bool:
    """Tell whether the yard has room for the whole consignment."""
    one = world.quays[quay]
    at = world.stops[stop]
    return not one.limited or one.filled[at.direction] + at.room <= one.room


@once
def take(world: World, line: int, consignment: int, stop: int, now: int) -> None:
    """Join the queue for a vessel."""
    one = world.lines[line]
    at = world.stops[stop]
    waiting = world.shipments[consignment]
    world.quays[one.quay[at.way]].filled[at.direction] += at.room
    waiting.ashore = 0
    waiting.boarded = 0
    waiting.parts = 0
    waiting.waits = at.load
    append(world, one.queue + at.way, consignment)
    one.waiting[at.way] += at.load
    if one.waiting[at.way] >= one.triggers[at.way]:
        wake(world, line, now)


@compiled
def wake(world: World, line: int, at: int) -> None:
    """See to it that the line is looked at then, in its turn, unless it will be looked at before."""
    one = world.lines[line]
    if at < one.wakes:
        one.wakes = at
        schedule(world, at, order(LOOKS, line, 0, 0), LOOK, line)
