"""Arithmetic of both engines once more, as compiled code: rounding, parameters, opening hours, closed times.

Every operation and its order is that of `sim.engine.rules` and `sim.model.measures`.
"""

from __future__ import annotations

from math import floor
from typing import Final

from sim.engine.compiled_engine.jit import compiled, hot, once
from sim.engine.compiled_engine.journeys import Stop
from sim.engine.compiled_engine.state import World
from sim.engine.rules import DAY
from sim.model.measures import Measure

KG: Final = int(Measure.KG)
TEU: Final = int(Measure.TEU)
WAGONS: Final = int(Measure.WAGONS)
TRUCKS: Final = int(Measure.TRUCKS)
CONSIGNMENT: Final = int(Measure.CONSIGNMENT)


@hot
def seconds(value: float) -> int:
    """Round a positive duration to whole seconds: floor(x + 0.5)."""
    return int(value + 0.5)


@hot
def stamp(world: World, time: int) -> int:
    """Give an instant of the run as it is written into rows: seconds since the run's begin."""
    return time - world.clock[0].begin


@hot
def value(world: World, parameter: int, now: int) -> float:
    """Read a parameter or a price."""
    one = world.parameters[parameter]
    if one.slope == 0.0:
        return one.value
    return one.value + one.slope * (now - one.since)


@hot
def ramps(world: World, parameter: int) -> bool:
    """Tell whether a parameter is ramping now."""
    return world.parameters[parameter].slope != 0.0


@compiled
def count(world: World, parameter: int, now: int) -> int:
    """Read a whole number of servers, vessels or berths: rounded down."""
    return int(value(world, parameter, now) + 1e-9)


@compiled
def integer_amount(base: float, measure: int) -> int:
    """Turn an amount in base units (kg, TEU, wagons, …) into integer units, rounded down."""
    if measure == CONSIGNMENT:
        return floor(base + 1e-9)
    if measure == KG:
        return floor(base + 1e-6)
    return floor(base * 1000 + 1e-6)


@once
def whole_capacity(capacity: float, share: float, measure: int) -> int:
    """Give what a vessel may load: capacity × payload share, rounded down to whole units."""
    product = capacity * share
    if measure == KG:
        return int(product / 1000 + 1e-9) * 1000
    if measure == CONSIGNMENT:
        return int(product + 1e-9)
    return int(product + 1e-9) * 1000


@compiled
def as_handled(per: int, amount: int) -> float:
    """Turn integers into the unit that a time is given per: kg, TEU, wagons and so on."""
    if per == KG:
        return float(amount)
    if per == CONSIGNMENT:
        return amount / 1
    return amount / 1000


@compiled
def amount_of(stop: Stop, measure: int) -> int:
    """Give a consignment's amount in one of its five measures on reaching a stop."""
    if measure == KG:
        return stop.kg
    if measure == TEU:
        return stop.milliteu
    if measure == WAGONS:
        return stop.milliwagons
    if measure == TRUCKS:
        return stop.millitrucks
    return stop.millitrains


@compiled
def size(stop: Stop, per: int) -> float:
    """Give by how much a time per unit is scaled, or 1."""
    if per == CONSIGNMENT:
        return 1.0
    return as_handled(per, amount_of(stop, per))


@compiled
def part(total: int, upto: int, after: int, whole: int) -> int:
    """Give a part's share of another measure: the difference of cumulated shares, rounded down."""
    return total * upto // whole - total * after // whole


@compiled
def next_open(world: World, hours: int, hours_to: int, now: int) -> int:
    """Give the first instant from now on that lies in opening hours [hours, hours_to); none: always open."""
    if hours == hours_to:
        return now
    of_day = (now + world.clock[0].midnight) % DAY
    wait = DAY
    for k in range(hours, hours_to):
        begin = world.intervals[k].begin
        length = (world.intervals[k].end - begin) % DAY
        if length == 0:
            length = DAY
        since = (of_day - begin) % DAY
        if since < length:
            return now
        wait = min(wait, DAY - since)
    return now + wait


@compiled
def begun(world: World, first: int, last: int, at: int) -> int:
    """Give the first interval of [first, last) that begins after an instant (bisection on the right)."""
    low = first
    high = last
    while low < high:
        middle = (low + high) >> 1
        if world.intervals[middle].begin <= at:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def opens(world: World, first: int, last: int, at: int) -> int:
    """Give the first instant from `at` on outside closed times [first, last)."""
    k = begun(world, first, last, at) - 1
    if k >= first and at < world.intervals[k].end:
        return world.intervals[k].end
    return at


@compiled
def works_until(world: World, calendar: int, start: int, work: int) -> int:
    """Give when work begun at `start` ends if it stands still at a calendar's standstills (-1: never)."""
    if calendar < 0:
        return start + work
    first = world.calendars[calendar].still_first
    last = world.calendars[calendar].still_last
    if first == last:
        return start + work
    now = opens(world, first, last, start)
    k = begun(world, first, last, now)
    while k < last and now + work > world.intervals[k].begin:
        work -= world.intervals[k].begin - now
        now = world.intervals[k].end
        k += 1
    return now + work


@once
def work_between(world: World, calendar: int, start: int, end: int) -> int:
    """Give how much work is done in [start, end) if it stands still at a calendar's standstills."""
    work = end - start
    if calendar < 0:
        return work
    first = world.calendars[calendar].still_first
    last = world.calendars[calendar].still_last
    k = begun(world, first, last, start)
    if k > first and start < world.intervals[k - 1].end:
        k -= 1
    while k < last and world.intervals[k].begin < end:
        work -= min(end, world.intervals[k].end) - max(start, world.intervals[k].begin)
        k += 1
    return work


@once
def departure(world: World, at: int, origin: int, destination: int, ahead: int) -> int:
    """Give when a vessel may leave: origin open, and the destination then, as `rules.departure`."""
    while True:
        now = at
        if origin >= 0:
            one = world.calendars[origin]
            now = opens(world, one.first, one.last, at)
        if ahead <= 0 or destination < 0:
            return now
        other = world.calendars[destination]
        then = opens(world, other.first, other.last, now + ahead)
        if then == now + ahead:
            return now
        at = then - ahead
