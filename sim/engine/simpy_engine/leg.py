"""Legs: when does a train leave. It waits for its headway, for the leg to be open and for its hours."""

from __future__ import annotations

from collections import deque
from heapq import heappush
from typing import TYPE_CHECKING

from sim.engine.rules import FOREVER, Turn, next_open, order, seconds
from sim.engine.simpy_engine.calendar import Alarm, Callbacks
from sim.engine.simpy_engine.journey import Consignment, Door, Stop, let_in, move_on
from sim.model.parameters import NONE

if TYPE_CHECKING:
    from sim.engine.simpy_engine.world import World
    from sim.model import network


class Leg:
    """One leg with a queue per direction before its departure point (one in all on a single track)."""

    def __init__(self, world: World, rank: int, data: network.Leg) -> None:
        self.world = world
        self.heap = world.env.queue
        self.rank = rank
        self.data = data
        self.doors = (Door(), Door())
        self.queues: tuple[deque[Consignment], deque[Consignment]] = (deque(), deque())
        self.free_from = [world.begin, world.begin]
        self.wakes = [FOREVER, FOREVER]
        self.limited = False
        self.end = world.model.clock.end
        self.alone = not data.hours and data.train_paths == NONE
        self.arrivals: Callbacks = [self.arrive]
        self.open = True
        self.base = 0.0
        self.is_reckoned = True
        self.ramps = False
        self.refresh()
        self.reckoned = self.base

    def refresh(self) -> None:
        """Read the parameters anew."""
        world, data = self.world, self.data
        self.open = world.value(data.open) >= 0.5
        self.base = world.value(data.distance) / world.value(data.speed)
        self.ramps = world.ramps(data.distance) or world.ramps(data.speed)

    def renew(self, _: int) -> None:
        """Know the new values of the parameters."""
        self.refresh()
        self.is_reckoned = not self.ramps and self.base == self.reckoned

    def changed(self, now: int) -> None:
        """A parameter has changed: the leg may let go."""
        for path in (0, 1):
            if self.queues[path]:
                self.wake(path, now)

    def admits(self, stop: Stop) -> bool:
        """A leg always admits, into the queue before its departure point."""
        return True

    def open_door(self, now: int) -> None:
        """Only a lack of pool assets keeps anybody outside; let in whose pools have enough."""
        for door in self.doors:
            while (head := door.first()) is not None:
                let_in(self.world, head, now)

    def take(self, consignment: Consignment, stop: Stop, now: int) -> None:
        """Depart at once where nothing can hold the leg, else queue and look in turn."""
        if self.alone and self.open and not self.queues[0] and not self.queues[1]:
            self.depart(consignment, stop, now)
            return
        path = 0 if self.data.single_track else stop.direction
        self.queues[path].append(consignment)
        self.wake(path, max(now, self.free_from[path]))

    def wake(self, path: int, at: int) -> None:
        """See to it that the leg is looked at then, unless it will be looked at before."""
        if at < self.wakes[path]:
            self.wakes[path] = at
            Alarm(self.world.env, lambda _: self.let_go(path)).ring(at, order(Turn.LEG, self.rank, path))

    def let_go(self, path: int) -> None:
        """Let trains depart, first come first served, as headway, opening and hours allow."""
        now = self.world.env.instant
        if self.wakes[path] <= now:
            self.wakes[path] = FOREVER
        queue = self.queues[path]
        while queue and self.open:
            at = max(now, self.free_from[path])
            at = next_open(self.data.hours, at, midnight=self.world.midnight)
            if at > now:
                self.wake(path, at)
                return
            headway = 0.0
            if self.data.train_paths != NONE:
                paths = self.world.value(self.data.train_paths)
                if paths <= 0.0:
                    return
                headway = 1.0 / paths
            consignment = queue.popleft()
            stop = consignment.stop
            self.free_from[path] = now + seconds(headway * (stop.amounts[4] / 1000))
            self.depart(consignment, stop, now)

    def depart(self, consignment: Consignment, stop: Stop, now: int) -> None:
        """Run: base time × the consignment's factor."""
        world = self.world
        world.started[consignment.row] = now
        if self.is_reckoned:
            times = stop.times
            at = now + (stop.time if times is None else times[consignment.number])
        else:
            if self.ramps:
                self.refresh()
            at = now + stop.reckon_one(consignment.number, self.base)
        if not stop.is_quiet:
            consignment.callbacks = self.arrivals
            heappush(self.heap, (at, stop.key + consignment.tie, 0, consignment))
        elif at < self.end:
            # The arrival sets off nothing but the delivery, and nothing can hold the train any more: it is
            # noted at departure, without an event. What falls due when the run is over does not happen.
            world.left[consignment.row] = at

    def arrive(self, consignment: Consignment) -> None:
        """At the end of the leg: go on, or wait there holding up no other."""
        move_on(self.world, consignment, self.world.env.instant)
