"""What becomes free goes on: places freed by an event, and assets of a pool that are back.

As `simpy_engine.calendar.Calendar.settle` and `simpy_engine.pool.Pool.serve`.
"""

from __future__ import annotations

from sim.engine.compiled_engine.calendar import tie
from sim.engine.compiled_engine.jit import compiled, once
from sim.engine.compiled_engine.journey import BY_VESSEL, SERVER_BITS, let_in
from sim.engine.compiled_engine.queues import first_at, next_stop
from sim.engine.compiled_engine.service import fill, release_server
from sim.engine.compiled_engine.state import FACILITY, LEG, World
from sim.engine.compiled_engine.vessel import open_yard, release_berth


@compiled
def settle(world: World, now: int) -> None:
    """Pass on what has been freed: one place after another, until none is left."""
    clock = world.clock[0]
    k = 0
    while k < clock.freed:
        holder = world.freed[k]
        k += 1
        if holder & BY_VESSEL:
            release_berth(world, holder >> 1, now)
        else:
            place = holder >> 2
            release_server(
                world, place >> SERVER_BITS, place & ((1 << SERVER_BITS) - 1), (holder >> 1) & 1, now
            )
    clock.freed = 0


@compiled
def serve_pool(world: World, pool: int, now: int) -> None:
    """Let in those who wait for a pool, longest first, until it has too few for the next."""
    one = world.pools[pool]
    while True:
        for k in range(one.first, one.last):
            note_head(world, k)
        before = one.free
        while True:
            chosen = longest_waiting(world, one.first, one.last)
            if chosen < 0:
                return
            watch = world.watches[chosen]
            head = watch.head
            watch.head = -1
            if wants_more(world, pool, head):
                return
            open_door(world, watch.kind, watch.element, now)
            if one.free != before:
                break


@once
def note_head(world: World, k: int) -> None:
    """Note down who stands first in a queue that a pool watches, and since when."""
    watch = world.watches[k]
    watch.head = world.queues[watch.queue].head
    if watch.head >= 0:
        first = world.consignments[watch.head]
        watch.since = first.since
        watch.tie = tie(first.flow, first.number)


@once
def longest_waiting(world: World, first: int, last: int) -> int:
    """Give the note of who has waited longest, of those not yet gone through, or -1."""
    best = -1
    for k in range(first, last):
        one = world.watches[k]
        if one.head < 0:
            continue
        if best >= 0:
            other = world.watches[best]
            if one.since > other.since or (
                one.since == other.since
                and (one.tie > other.tie or (one.tie == other.tie and one.place >= other.place))
            ):
                continue
        best = k
    return best


@once
def wants_more(world: World, pool: int, consignment: int) -> bool:
    """Tell whether a consignment asks for more of a pool than is at home."""
    at = world.stops[next_stop(world, consignment)]
    for k in range(at.takes, at.takes_to):
        if world.holdings[k].pool == pool and world.pools[pool].free < world.holdings[k].amount:
            return True
    return False


@once
def open_door(world: World, kind: int, element: int, now: int) -> None:
    """Let in who waits outside a leg, a facility or a quay, as far as there is room."""
    if kind == FACILITY:
        fill(world, element, now)
    elif kind != LEG:
        open_yard(world, element, now)
    else:
        # Only a lack of pool assets keeps anybody outside a leg.
        for direction in range(2):
            door = world.legs[element].door + direction
            head = first_at(world, door)
            while head >= 0:
                let_in(world, head, now)
                head = first_at(world, door)
