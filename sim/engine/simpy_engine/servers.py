"""Servers of a facility: numbered, some in commission, some down; the lowest-numbered idle one is next.

Sets of servers are the bits of an integer. A blocked consignment holds its server against its own
direction only (model.md 3, Blocking), so a server may serve one direction while it is held in the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.engine.records import ServerState
from sim.engine.rules import count

if TYPE_CHECKING:
    from sim.engine.simpy_engine.world import World


class Servers:
    """Which servers are in commission, down, in service for a direction, held by a blocked consignment.

    Attributes:
        up: in commission and not down.
        serving: in service, per direction.
        idle: up and not in service.
        held: numbers of the servers held by blocked consignments, per direction.
        any_held: whether there is one.
        number: how many are in commission.
    """

    def __init__(self, world: World, rank: int, number: int) -> None:
        self.world = world
        self.rank = rank
        self.commissioned = (1 << number) - 1
        self.down = 0
        self.up = self.commissioned
        self.serving = [0, 0]
        self.idle = self.up
        self.held: tuple[list[int], list[int]] = ([], [])
        self.any_held = False
        self.number = number
        self.known = number
        self.since: dict[tuple[int, ServerState], int] = {}

    def recount(self, value: float, now: int) -> None:
        """Give a new number of servers: the highest numbers are withdrawn, or brought back."""
        number = count(value)
        if number == self.number:
            return
        for server in range(number, self.number):
            if self.is_free(server):
                self.note(server, ServerState.WITHDRAWN, now)
        for server in range(self.known, number):
            self.since[server, ServerState.WITHDRAWN] = self.world.begin
        for server in range(self.number, number):
            self.clear(server, ServerState.WITHDRAWN, now)
        self.known = max(self.known, number)
        self.number = number
        self.commissioned = (1 << number) - 1
        self.find_up()

    def find_up(self) -> None:
        """Find out which servers are up, and which of them are idle."""
        self.up = self.commissioned & ~self.down
        self.idle = self.up & ~(self.serving[0] | self.serving[1])

    def is_free(self, server: int) -> bool:
        """Tell whether a server neither serves nor is held by a blocked consignment."""
        busy = (self.serving[0] | self.serving[1]) >> server & 1
        return not busy and server not in self.held[0] and server not in self.held[1]

    def idle_of_held(self, idle: int, direction: int) -> int:
        """Give the idle servers to choose from where some are held by blocked consignments; 0 for none.

        A server may start while fewer than all are in service, and fewer than all are in service for the
        direction or blocked in it. Where all are held, one that is held the other way comes first.
        """
        up = self.up
        blocked = sum(1 for server in self.held[direction] if up >> server & 1)
        if (self.serving[direction] & up).bit_count() + blocked >= up.bit_count():
            return 0
        mine = sum(1 << server for server in set(self.held[direction]))
        other = sum(1 << server for server in set(self.held[1 - direction]))
        return idle & ~mine & ~other or idle & ~mine or idle

    def hold(self, server: int, direction: int) -> None:
        """A blocked consignment keeps the server."""
        self.held[direction].append(server)
        self.any_held = True

    def release(self, server: int, direction: int) -> None:
        """The blocked consignment has gone."""
        self.held[direction].remove(server)
        self.any_held = bool(self.held[0] or self.held[1])

    def vacate(self, server: int, now: int) -> None:
        """A server falls free: it is withdrawn now if it is out of commission."""
        if server >= self.number and self.is_free(server):
            self.note(server, ServerState.WITHDRAWN, now)

    def fail(self, server: int, now: int) -> None:
        """A server goes down."""
        self.down |= 1 << server
        self.find_up()
        self.note(server, ServerState.DOWN, now)

    def repair(self, server: int, now: int) -> None:
        """A server is up again."""
        self.down &= ~(1 << server)
        self.find_up()
        self.clear(server, ServerState.DOWN, now)

    def note(self, server: int, state: ServerState, now: int) -> None:
        """A state begins."""
        self.since.setdefault((server, state), now)

    def clear(self, server: int, state: ServerState, now: int) -> None:
        """A state ends: record its interval."""
        begin = self.since.pop((server, state), None)
        if begin is not None and begin < now:
            self.world.server_rows.append((self.rank, server, int(state), begin, now))
