"""Pools: assets that are held over some steps and come back after a return time, as `simpy_engine.pool`.

Who is let in when they are back is in `release`.
"""

from __future__ import annotations

from typing import Final

from sim.engine.compiled_engine.arithmetic import integer_amount, seconds, value
from sim.engine.compiled_engine.calendar import HOME, order, schedule
from sim.engine.compiled_engine.jit import compiled, once
from sim.engine.compiled_engine.state import FULL_HOMES, FULL_LEVELS, World
from sim.engine.rules import Turn

POOL_RETURN: Final = int(Turn.POOL_RETURN)


@compiled
def note_level(world: World, pool: int, now: int) -> None:
    """Record how many units are at home; of several changes in one instant the last counts."""
    clock = world.clock[0]
    one = world.pools[pool]
    if one.level >= 0 and world.levels[one.level].time == now:
        world.levels[one.level].level = one.free
        return
    if clock.levels >= len(world.levels):
        clock.status |= FULL_LEVELS
        return
    one.level = clock.levels
    clock.levels += 1
    row = world.levels[one.level]
    row.pool = pool
    row.time = now
    row.level = one.free


@once
def take(world: World, stop: int, now: int) -> None:
    """Hold what a stop takes from now on."""
    at = world.stops[stop]
    for k in range(at.takes, at.takes_to):
        holding = world.holdings[k]
        world.pools[holding.pool].free -= holding.amount
        note_level(world, holding.pool, now)


@once
def give(world: World, consignment: int, stop: int, now: int) -> None:
    """Release what a stop gives back; it is home again after the return time."""
    clock = world.clock[0]
    giver = world.consignments[consignment]
    at = world.stops[stop]
    for k in range(at.gives, at.gives_to):
        holding = world.holdings[k]
        factor = 1.0
        if holding.factors >= 0:
            factor = world.numbers[holding.factors + giver.number]
        back = now + seconds(value(world, world.pools[holding.pool].returns, now) * factor)
        place = clock.home
        if place < 0:
            place = clock.homes
            if place >= len(world.homes):
                clock.status |= FULL_HOMES
                return
            clock.homes += 1
        else:
            clock.home = world.homes[place].next
        home = world.homes[place]
        home.pool = holding.pool
        home.amount = holding.amount
        schedule(world, back, order(POOL_RETURN, holding.pool, giver.number, giver.flow), HOME, place)


@once
def come_home(world: World, place: int, now: int) -> int:
    """Units are back; give the pool."""
    clock = world.clock[0]
    home = world.homes[place]
    home.next = clock.home
    clock.home = place
    world.pools[home.pool].free += home.amount
    note_level(world, home.pool, now)
    return home.pool


@once
def renew(world: World, pool: int, now: int) -> None:
    """The pool owns more or fewer units from now on."""
    one = world.pools[pool]
    size = integer_amount(value(world, one.size_of, now), one.measure)
    if size != one.size:
        one.free += size - one.size
        one.size = size
        note_level(world, pool, now)
