"""Queues and doors: consignments in a row, linked through their field `next` (model.md 3, Blocking)."""

from __future__ import annotations

from sim.engine.compiled_engine.calendar import tie
from sim.engine.compiled_engine.jit import compiled, hot, once
from sim.engine.compiled_engine.state import World


@hot
def append(world: World, queue: int, consignment: int) -> None:
    """Put a consignment at the end of a queue."""
    row = world.queues[queue]
    world.consignments[consignment].next = -1
    if row.head < 0:
        row.head = consignment
    else:
        world.consignments[row.tail].next = consignment
    row.tail = consignment


@hot
def remove_head(world: World, queue: int) -> None:
    """Take the first of a queue away."""
    row = world.queues[queue]
    row.head = world.consignments[row.head].next


@compiled
def before(world: World, one: int, other: int) -> bool:
    """Tell whether one consignment has waited longer than another; ties by flow and number."""
    a = world.consignments[one]
    b = world.consignments[other]
    if a.since != b.since:
        return a.since < b.since
    return tie(a.flow, a.number) < tie(b.flow, b.number)


@hot
def next_stop(world: World, consignment: int) -> int:
    """Give the stop that a consignment asks for."""
    one = world.consignments[consignment]
    return one.first_stop + one.ordinal + 1


@hot
def pools_grant(world: World, stop: int, since: int, key: int) -> bool:
    """Tell whether all pools that a stop takes grant it to one that has waited since then."""
    at = world.stops[stop]
    for k in range(at.takes, at.takes_to):
        if not grants(world, world.holdings[k].pool, world.holdings[k].amount, since, key):
            return False
    return True


@once
def grants(world: World, pool: int, amount: int, since: int, key: int) -> bool:
    """Tell whether a pool has enough at home, and nobody waits longer for more than there is."""
    one = world.pools[pool]
    if one.free < amount:
        return False
    for k in range(one.first, one.last):
        head = world.queues[world.watches[k].queue].head
        if head < 0:
            continue
        other = world.consignments[head]
        if other.since < since or (other.since == since and tie(other.flow, other.number) < key):
            at = world.stops[next_stop(world, head)]
            for each in range(at.takes, at.takes_to):
                if world.holdings[each].pool == pool and one.free < world.holdings[each].amount:
                    return False
    return True


@compiled
def join(world: World, consignment: int, stop: int) -> None:
    """Wait at the door of a stop, behind those who need the same pools."""
    at = world.stops[stop]
    append(world, at.queue, consignment)
    world.doors[at.door].waiting += 1


@compiled
def first_at(world: World, door: int) -> int:
    """Give who has waited longest among the queue heads whose pools have enough, or -1."""
    best = -1
    for queue in range(world.doors[door].first, world.doors[door].last):
        head = world.queues[queue].head
        if head < 0 or (best >= 0 and before(world, best, head)):
            continue
        one = world.consignments[head]
        if pools_grant(world, next_stop(world, head), one.since, tie(one.flow, one.number)):
            best = head
    return best


@once
def leave_door(world: World, stop: int) -> None:
    """Take the head of a queue at a door away."""
    remove_head(world, world.stops[stop].queue)
    world.doors[world.stops[stop].door].waiting -= 1
