"""What changes in mid-run from outside: parameters by the timeline, ports and facilities by the weather.

All of class 0: it comes before anything else at the same instant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simpy.events import Event

from sim.engine.paths import parameter_changes
from sim.engine.rules import Turn, order
from sim.engine.simpy_engine.calendar import Alarm

if TYPE_CHECKING:
    from sim.engine.simpy_engine.demand import Source
    from sim.engine.simpy_engine.journey import Consignment
    from sim.engine.simpy_engine.world import World


class Timeline:
    """Puts parameter changes and closures into the calendar, one event at a time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.changes = parameter_changes(world.model)
        self.next = 0
        self.alarm = Alarm(world.env, self.put_in_force)

    def start(self) -> None:
        """Await the first change, and the first closure of every calendar."""
        self.await_change()
        for calendar in range(len(self.world.model.calendars)):
            Weather(self.world, calendar).start()

    def await_change(self) -> None:
        """Put the next instant of change in the calendar."""
        if self.next < len(self.changes):
            self.alarm.ring(self.changes[self.next][0], order(Turn.PARAMETER, 0))

    def put_in_force(self, _: Event) -> None:
        """Put all changes of this instant in force, then let every element see them."""
        world = self.world
        now = world.env.instant
        changes = self.changes[self.next][1]
        self.next += 1
        for change in changes:
            table = world.prices if change.price else world.values
            table.set(change.parameter, change.value, change.slope, now)
        # First every element knows its new values, then those who wait may go on.
        for element in world.elements:
            element.renew(now)
        for element in world.elements:
            element.changed(now)
        world.env.settle()
        for source in world.sources:
            source.refresh()
        world.read_routes()
        self.rescue(now)
        self.await_change()

    def rescue(self, now: int) -> None:
        """Let those choose who found no open route, oldest first."""
        waiting: list[tuple[int, int, Source, Consignment]] = []
        for source in self.world.sources:
            waiting += [(each.since, each.tie, source, each) for each in source.stranded]
            source.stranded = []
        waiting.sort(key=lambda each: each[:2])
        for _, _, source, consignment in waiting:
            source.choose_again(consignment, now)


class Weather:
    """Closes and opens one port or facility by its calendar."""

    def __init__(self, world: World, calendar: int) -> None:
        self.world = world
        self.rank = calendar
        self.times = world.closed(calendar)
        self.k = 0
        self.alarm = Alarm(world.env, self.turn)
        self.closed = False
        self.quays = [quay for quay in world.quays if quay.data.calendar == calendar]
        self.facilities = [each for each in world.facilities if each.data.calendar == calendar]

    def start(self) -> None:
        """Skip what is over, and await the first change."""
        begin = self.world.begin
        while self.k < len(self.times.ends) and self.times.ends[self.k] <= begin:
            self.k += 1
        if self.k < len(self.times.starts) and self.times.starts[self.k] <= begin:
            self.closed = True
            for quay in self.quays:
                quay.closed = True
            for facility in self.facilities:
                facility.closed = True
        self.await_next()

    def await_next(self) -> None:
        """Put the next closing or opening in the calendar."""
        if self.k < len(self.times.starts):
            at = self.times.ends[self.k] if self.closed else self.times.starts[self.k]
            self.alarm.ring(at, order(Turn.CLOSURE, self.rank))

    def turn(self, _: Event) -> None:
        """Close, or open."""
        now = self.world.env.instant
        self.closed = not self.closed
        if not self.closed:
            self.k += 1
        for quay in self.quays:
            quay.opens(self.closed, now)
        for facility in self.facilities:
            facility.opens(self.closed, now)
        self.await_next()
