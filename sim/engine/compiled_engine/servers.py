"""Servers of a facility (model.md 3, Blocking, Outages, Timeline), as `simpy_engine.servers`.

Sets of servers are the bits of an integer. A server may serve one direction while it is held by a blocked
consignment of the other.
"""

from __future__ import annotations

from typing import Final

from sim.engine.compiled_engine.jit import compiled, hot, once
from sim.engine.compiled_engine.state import FULL_ABSENCES, World
from sim.engine.records import NULL, ServerState

DOWN: Final = int(ServerState.DOWN)
AWAY: Final = int(ServerState.WITHDRAWN)


@compiled
def bits(members: int) -> int:
    """Count the members of a set."""
    number = 0
    while members:
        members &= members - 1
        number += 1
    return number


@compiled
def note_absence(
    world: World, afloat: bool, element: int, number: int, state: int, begin: int, end: int
) -> None:
    """Record an interval in which a server or vessel was not there."""
    clock = world.clock[0]
    if clock.absences >= len(world.absences):
        clock.status |= FULL_ABSENCES
        return
    row = world.absences[clock.absences]
    clock.absences += 1
    row.afloat = afloat
    row.element = element
    row.number = number
    row.state = state
    row.begin = begin
    row.end = end


@once
def next_server(world: World, facility: int, direction: int) -> int:
    """Give the server that starts the next work for a direction: the lowest-numbered idle one, or -1."""
    one = world.facilities[facility]
    idle = one.up & ~(one.serving[0] | one.serving[1])
    if idle and one.held[0] + one.held[1] > 0:
        idle = next_of_held(world, facility, idle, direction)
    if idle == 0:
        return -1
    server = 0
    while idle & 1 == 0:
        idle >>= 1
        server += 1
    return server


@once
def next_of_held(world: World, facility: int, idle: int, direction: int) -> int:
    """Give the servers to choose from where some are held by blocked consignments; 0 for none."""
    one = world.facilities[facility]
    blocked = 0
    for server in range(one.known):
        if (one.up >> server) & 1:
            blocked += world.servers[one.first_server + server].held[direction]
    if bits(one.serving[direction] & one.up) + blocked >= bits(one.up):
        return 0
    mine = one.holding[direction]
    other = one.holding[1 - direction]
    if idle & ~mine & ~other:
        return idle & ~mine & ~other
    if idle & ~mine:
        return idle & ~mine
    return idle


@once
def hold(world: World, facility: int, server: int, direction: int) -> None:
    """A blocked consignment keeps a server."""
    one = world.facilities[facility]
    one.held[direction] += 1
    one.holding[direction] |= 1 << server
    world.servers[one.first_server + server].held[direction] += 1


@once
def let_go_of(world: World, facility: int, server: int, direction: int) -> None:
    """A blocked consignment keeps a server no more."""
    one = world.facilities[facility]
    mine = world.servers[one.first_server + server]
    one.held[direction] -= 1
    mine.held[direction] -= 1
    if mine.held[direction] == 0:
        one.holding[direction] &= ~(1 << server)


@compiled
def busy(world: World, facility: int, server: int) -> bool:
    """Tell whether a server serves or is held by a blocked consignment."""
    one = world.facilities[facility]
    at_work = one.serving[0] | one.serving[1] | one.holding[0] | one.holding[1]
    return (at_work >> server) & 1 == 1


@once
def recount(world: World, facility: int, number: int, now: int) -> None:
    """Give a new number of servers: the highest numbers are withdrawn, or brought back."""
    one = world.facilities[facility]
    if number == one.number:
        return
    for server in range(number, one.number):
        if not busy(world, facility, server):
            withdraw(world, facility, server, now)
    for server in range(one.known, number):
        world.servers[one.first_server + server].withdrawn_since = world.clock[0].begin
    for server in range(one.number, number):
        mine = world.servers[one.first_server + server]
        if mine.withdrawn_since != NULL and mine.withdrawn_since < now:
            note_absence(world, False, facility, server, AWAY, mine.withdrawn_since, now)
        mine.withdrawn_since = NULL
    one.known = max(one.known, number)
    one.number = number
    one.commissioned = (1 << number) - 1
    one.up = one.commissioned & ~one.down


@compiled
def withdraw(world: World, facility: int, server: int, now: int) -> None:
    """A server is out of commission from now on, if it was not before."""
    mine = world.servers[world.facilities[facility].first_server + server]
    if mine.withdrawn_since == NULL:
        mine.withdrawn_since = now


@hot
def vacate(world: World, facility: int, server: int, now: int) -> None:
    """A server falls free: it is withdrawn now if it is out of commission."""
    if server >= world.facilities[facility].number and not busy(world, facility, server):
        withdraw(world, facility, server, now)


@once
def fail(world: World, facility: int, server: int, now: int) -> None:
    """A server goes down."""
    one = world.facilities[facility]
    one.down |= 1 << server
    one.up = one.commissioned & ~one.down
    mine = world.servers[one.first_server + server]
    if mine.down_since == NULL:
        mine.down_since = now


@compiled
def repair(world: World, facility: int, server: int, now: int) -> None:
    """A server is up again."""
    one = world.facilities[facility]
    one.down &= ~(1 << server)
    one.up = one.commissioned & ~one.down
    mine = world.servers[one.first_server + server]
    if mine.down_since != NULL and mine.down_since < now:
        note_absence(world, False, facility, server, DOWN, mine.down_since, now)
    mine.down_since = NULL
