"""Quays: a berth group of a port with the yard behind it. Who gets a berth, and who may enter the yard."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from sim.engine.rules import NEVER_CLOSED
from sim.engine.simpy_engine.journey import Door, Stop, let_in
from sim.model.measures import integer_amount
from sim.model.parameters import NONE

if TYPE_CHECKING:
    from sim.engine.simpy_engine.vessel import Vessel
    from sim.engine.simpy_engine.world import World
    from sim.model import network


class Quay:
    """Berths in the order of asking over all lines, and the yard's room per direction.

    Attributes:
        times: when the port is closed.
        standstill: when handling stands still.
        lying: vessels that have a berth.
        asking: vessels that wait for one, in the order of asking.
        filled: how much of the yard is taken, per direction.
    """

    def __init__(self, world: World, rank: int, data: network.BerthGroup) -> None:
        self.world = world
        self.rank = rank
        self.data = data
        self.doors = (Door(), Door())
        self.filled = [0, 0]
        self.lying = 0
        self.asking: deque[Vessel] = deque()
        self.closed = False
        self.times = world.closed(data.calendar) if data.calendar >= 0 else NEVER_CLOSED
        self.standstill = world.stops(data.calendar) if data.calendar >= 0 else NEVER_CLOSED
        self.berths = 0
        self.room: int | None = None
        self.refresh()

    def refresh(self) -> None:
        """Read the parameters anew."""
        world, data = self.world, self.data
        self.berths = world.count(data.berths)
        self.room = None if data.yard == NONE else integer_amount(world.value(data.yard), data.yard_measure)

    def renew(self, _: int) -> None:
        """Know the new values of the parameters."""
        self.refresh()

    def changed(self, now: int) -> None:
        """Berths or yard have changed."""
        self.serve(now)
        self.open_door(now)

    def opens(self, closed: bool, now: int) -> None:
        """Weather closes or opens the port: no berthing while it is closed."""
        self.closed = closed
        self.serve(now)

    def has_room(self, stop: Stop) -> bool:
        """Tell whether the yard has room for the whole consignment."""
        return self.room is None or self.filled[stop.direction] + stop.room <= self.room

    def open_door(self, now: int) -> None:
        """Let into the yard who waits outside, longest first."""
        for door in self.doors:
            while door.waiting and (head := door.first()) is not None:
                if not self.has_room(head.wanted):
                    break
                let_in(self.world, head, now)

    def berth_free(self) -> bool:
        """Tell whether a vessel that asks now gets a berth at once."""
        return not self.closed and not self.asking and self.lying < self.berths

    def ask(self, vessel: Vessel, now: int) -> None:
        """A vessel asks for a berth."""
        self.asking.append(vessel)
        self.serve(now)

    def serve(self, now: int) -> None:
        """Give berths in the order of asking."""
        while self.asking and not self.closed and self.lying < self.berths:
            vessel = self.asking.popleft()
            self.lying += 1
            vessel.has_berth = True
            vessel.berthed(now)

    def release(self, vessel: Vessel, now: int) -> None:
        """A vessel leaves its berth, which goes at once to the next."""
        vessel.has_berth = False
        self.lying -= 1
        self.serve(now)
