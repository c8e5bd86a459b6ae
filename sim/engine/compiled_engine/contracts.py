"""What a cascade heeds besides room (model.md 1, Choice; 5, Oil), as `simpy_engine.contracts`."""

from __future__ import annotations

from sim.engine.compiled_engine.jit import compiled, once
from sim.engine.compiled_engine.state import World
from sim.engine.records import NULL


@once
def year_of(world: World, now: int) -> int:
    """Give which calendar year it is: how many have begun, by the beginnings that lead `times`."""
    year = 0
    while year < len(world.years) and world.years[year] <= now:
        year += 1
    return year


@once
def allows(world: World, option: int, now: int) -> bool:
    """Tell whether one more consignment is within an entry's contract."""
    one = world.options[option]
    if not one.capped:
        return True
    year = year_of(world, now)
    if year != one.year:
        one.year = year
        one.used = 0
    limit = one.at_most
    if one.then >= 0 and one.refused_at != NULL and now - one.refused_at >= one.lag:
        limit = one.then
    if one.used + one.amount <= limit:
        return True
    if one.refused_at == NULL:
        one.refused_at = now
    return False


@once
def produces(world: World, flow: int, now: int) -> bool:
    """Tell whether the parcel that is due now is produced at the present level."""
    one = world.flows[flow]
    one.step = now - one.seen
    one.seen = now
    if one.level < 1.0:
        one.level = min(1.0, one.level + one.step / one.ramp) if one.ramp > 0 else 1.0
    one.due += one.level
    if one.due >= 1.0 - 1e-9:
        one.due -= 1.0
        return True
    remember(world, flow, 0.0)
    return False


@once
def admitted(world: World, flow: int, now: int) -> None:
    """The cascade took the parcel; it is full no longer when it has refused none for the lag."""
    one = world.flows[flow]
    if now - one.refused_last >= one.after:
        one.full_since = NULL
    remember(world, flow, 1.0)


@once
def refused(world: World, flow: int, now: int) -> bool:
    """The cascade took it nowhere; tell whether production is cut by it."""
    one = world.flows[flow]
    remember(world, flow, 0.0)
    if one.full_since == NULL:
        one.full_since = now
    one.refused_last = now
    if now - one.full_since < one.after:
        return False
    one.level = min(one.level, one.taken)
    return True


@compiled
def remember(world: World, flow: int, taken: float) -> None:
    """Update the share admitted of late."""
    one = world.flows[flow]
    span = one.step + one.after
    one.taken += (taken - one.taken) * (one.step / span if span > 0 else 1.0)
