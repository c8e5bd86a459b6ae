"""Facilities: servers with a queue in front, an optional buffer limit, hours, closures and outages."""

from __future__ import annotations

from collections import deque
from heapq import heappush
from typing import TYPE_CHECKING

from simpy.events import Event

from sim.engine.rules import FOREVER, NEVER_CLOSED, Turn, next_open, order
from sim.engine.simpy_engine.calendar import Alarm, Callbacks
from sim.engine.simpy_engine.journey import Consignment, Door, Stop, let_in, move_on
from sim.engine.simpy_engine.outages import ServerOutages
from sim.engine.simpy_engine.servers import Servers
from sim.model.measures import integer_amount
from sim.model.parameters import NONE

if TYPE_CHECKING:
    from sim.engine.simpy_engine.world import World
    from sim.model import network


class HeldServer:
    """A server kept by a consignment that the next step does not admit yet."""

    __slots__ = ("direction", "facility", "server")

    def __init__(self, facility: Facility, server: int, direction: int) -> None:
        self.facility = facility
        self.server = server
        self.direction = direction

    def released(self, _: Consignment, now: int) -> None:
        """The blocked consignment has gone: the server is free."""
        servers = self.facility.servers
        servers.release(self.server, self.direction)
        servers.vacate(self.server, now)
        self.facility.fill(now)


class Facility:
    """One facility.

    Attributes:
        queues: who waits in the buffer, per direction, oldest first.
        reckoned: the base time at the start, by which stops have worked out how long they take.
        is_reckoned: whether that is the base time now.
        filled: how much of the buffer is taken, per direction.
        room: the buffer's room per direction, or None without a limit.
    """

    def __init__(self, world: World, rank: int, data: network.Facility) -> None:
        self.world = world
        self.heap = world.env.queue
        self.rank = rank
        self.data = data
        self.doors = (Door(), Door())
        self.queues: tuple[deque[Consignment], deque[Consignment]] = (deque(), deque())
        self.filled = [0, 0]
        self.room: int | None = None
        self.limited = data.buffer != NONE
        self.base = 0.0
        self.is_reckoned = True
        self.ramps = False
        self.works = True
        self.servers = Servers(world, rank, world.count(data.servers))
        self.outages = ServerOutages(world, self) if data.outage is not None else None
        self.standstill = world.stops(data.calendar) if data.calendar >= 0 else NEVER_CLOSED
        self.is_uneven = self.outages is not None or bool(self.standstill.starts)
        self.hours = data.hours
        self.closed = False
        self.wakes = FOREVER
        self.ends: Callbacks = [self.finish]
        self.refresh()
        self.reckoned = self.base

    def refresh(self) -> None:
        """Read the parameters anew."""
        world, data = self.world, self.data
        value = world.value(data.service)
        self.works = not (data.rate and value <= 0.0)
        self.base = (1.0 / value if self.works else 0.0) if data.rate else value
        self.ramps = world.ramps(data.service)
        self.room = (
            None if data.buffer == NONE else integer_amount(world.value(data.buffer), data.buffer_measure)
        )

    def renew(self, now: int) -> None:
        """Read the parameters anew, the number of servers too."""
        self.refresh()
        self.is_reckoned = not self.ramps and self.base == self.reckoned
        self.servers.recount(self.world.value(self.data.servers), now)
        if self.outages is not None:
            self.outages.commission(now)

    def changed(self, now: int) -> None:
        """A parameter has changed: work may start."""
        self.fill(now)

    def opens(self, closed: bool, now: int) -> None:
        """Weather closes or opens the facility: no service starts while it is closed."""
        self.closed = closed
        if not closed:
            self.fill(now)

    def server_for(self, direction: int) -> int:
        """Give the server that can start work for a direction at this instant, or -1."""
        if self.closed or not self.works or (self.hours and not self.in_hours()):
            return -1
        servers = self.servers
        idle = servers.idle
        if idle and servers.any_held:
            idle = servers.idle_of_held(idle, direction)
        # The lowest-numbered idle one.
        return (idle & -idle).bit_length() - 1

    def in_hours(self) -> bool:
        """Tell whether the facility is open at this instant; look again when it next opens."""
        now = self.world.env.instant
        at = next_open(self.hours, now, midnight=self.world.midnight)
        if at > now:
            self.wake(at)
        return at <= now

    def admits(self, stop: Stop) -> bool:
        """Admit when a server can start at once or the buffer has room for the whole consignment."""
        direction = stop.direction
        if self.room is None or self.filled[direction] + stop.room <= self.room:
            return True
        return not self.queues[direction] and self.server_for(direction) >= 0

    def take(self, consignment: Consignment, stop: Stop, now: int) -> None:
        """Start at once if a server can and nobody of this direction waits; else wait in the buffer."""
        direction = stop.direction
        queue = self.queues[direction]
        if not queue and (server := self.server_for(direction)) >= 0:
            self.start(consignment, stop, server, now)
        else:
            queue.append(consignment)
            self.filled[direction] += stop.room

    def open_door(self, now: int) -> None:
        """Let in who waits outside."""
        self.fill(now)

    def fill(self, now: int) -> None:
        """Use every place there is: servers first, then room in the buffer; who has waited longest first.

        Who waits in the buffer goes before who waits at the door of the same direction.
        """
        queues, doors, servers = self.queues, self.doors, self.servers
        while servers.idle:
            best: Consignment | None = None
            chosen = -1
            for direction in (0, 1):
                queue = queues[direction]
                if queue:
                    head = queue[0]
                elif not doors[direction].waiting or (first := doors[direction].first()) is None:
                    continue
                else:
                    head = first
                server = self.server_for(direction)
                if server >= 0 and (best is None or (head.since, head.tie) < (best.since, best.tie)):
                    best, chosen = head, server
            if best is None:
                break
            self.start_waiting(best, chosen, now)
        for door in doors:
            while door.waiting and (outside := door.first()) is not None:
                if not self.admits(outside.wanted):
                    break
                let_in(self.world, outside, now)

    def start_waiting(self, consignment: Consignment, server: int, now: int) -> None:
        """Start the work of one that waits in the buffer, or let it in from the door, where it starts."""
        stop = consignment.stop
        queue = self.queues[stop.direction]
        if queue and queue[0] is consignment:
            queue.popleft()
            self.filled[stop.direction] -= stop.room
            self.start(consignment, stop, server, now)
        else:
            let_in(self.world, consignment, now)

    def start(self, consignment: Consignment, stop: Stop, server: int, now: int) -> None:
        """Serve: base time × the consignment's factor × its size."""
        world = self.world
        servers = self.servers
        bit = 1 << server
        servers.serving[stop.direction] ^= bit
        servers.idle ^= bit
        consignment.server = server
        row = consignment.row
        world.started[row] = now
        world.server[row] = server
        if self.is_reckoned:
            times = stop.times
            at = now + (stop.time if times is None else times[consignment.number])
        else:
            if self.ramps:
                self.refresh()
            at = now + stop.reckon_one(consignment.number, self.base)
        if self.is_uneven:
            at = self.put_off(consignment, server, at, now)
        consignment.callbacks = self.ends
        heappush(self.heap, (at, stop.key + consignment.tie, 0, consignment))

    def put_off(self, consignment: Consignment, server: int, at: int, now: int) -> int:
        """Give when work ends that would end at `at` without outages and standstills."""
        outages = self.outages
        if outages is None:
            return self.standstill.after(now, at - now)
        consignment.ends = at = outages.used(server, at - now, now)
        outages.jobs[server] = consignment
        return at

    def finish(self, consignment: Consignment) -> None:
        """End of service: the server may fail now, the consignment goes on or blocks it."""
        world, servers, outages = self.world, self.servers, self.outages
        queues, doors = self.queues, self.doors
        now = world.env.instant
        if outages is not None and consignment.ends > now:
            outages.put_off(consignment, now)
            return
        server = consignment.server
        direction = consignment.stop.direction
        bit = 1 << server
        servers.serving[direction] ^= bit
        servers.idle |= bit & servers.up
        if outages is not None:
            outages.after_job(server, now)
        if move_on(world, consignment, now):
            if server >= servers.number:
                servers.vacate(server, now)
        else:
            consignment.holder = HeldServer(self, server, direction)
            servers.hold(server, direction)
        if queues[0] or queues[1] or doors[0].waiting or doors[1].waiting:
            self.fill(now)

    def wake(self, at: int) -> None:
        """Look again when opening hours begin."""
        if at < self.wakes:
            self.wakes = at
            Alarm(self.world.env, self.open_hours).ring(at, order(Turn.CLOSURE, self.rank, 1))

    def open_hours(self, _: Event) -> None:
        """Opening hours have begun."""
        now = self.world.env.instant
        if self.wakes <= now:
            self.wakes = FOREVER
        self.fill(now)
