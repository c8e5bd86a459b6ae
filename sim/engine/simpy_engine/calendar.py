"""The calendar: which event is next. SimPy's, with the model's own events and their canonical keys.

What falls due at one instant goes by its key (model.md 2), and what an event has freed goes at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from simpy.core import Environment
from simpy.events import Event

if TYPE_CHECKING:
    from sim.engine.simpy_engine.journey import Consignment, Holder

Callbacks = list[Callable[[Any], None]]
Entry = tuple[int, int, int, Event]
"""Time, canonical key, number, event, as in SimPy."""


class Alarm(Event):
    """An event of the model's own: it has no value, is always well, and may be used again."""

    _ok = True
    _value = None
    env: Calendar

    def __init__(self, env: Calendar, callback: Callable[[Event], None]) -> None:
        self.env = env
        self.callbacks: Callbacks = [callback]

    def ring(self, at: int, key: int) -> None:
        """Put the event in the calendar; it may not be there already."""
        self.env.post(self, key, at)


class Calendar(Environment):
    """SimPy's calendar. What an event has freed goes at once, before the next event, in order of freeing.

    The model's own events never fail and have one callback each, so a step is leaner than SimPy's.

    Attributes:
        instant: the present time in whole seconds.
        queue: SimPy's heap of entries; where a key is like no other, as a consignment's, the number may be 0.
        freed: places that have been freed and not yet been passed on.
    """

    def __init__(self, begin: int) -> None:
        super().__init__(initial_time=begin)
        self.instant = begin
        self.freed: deque[tuple[Holder, Consignment]] = deque()
        self.queue: list[Entry] = self._queue  # type: ignore[assignment]

    def post(self, event: Event, key: int, at: int) -> None:
        """Put an event in the calendar, at its place among simultaneous ones."""
        heappush(self.queue, (at, key, next(self._eid), event))

    def run_before(self, end: int, *, foreseen: Iterator[Entry]) -> None:
        """Process event after event, each with what it sets off at its instant, up to an instant's eve.

        Args:
            end: what falls due then, or later, does not happen.
            foreseen: entries known before the run, in their order: they need no place in the heap.
        """
        queue = self.queue
        freed = self.freed
        last: Entry = (end, 0, 0, Event(self))  # before all else at that instant
        heappush(queue, last)
        due = next(foreseen, last)
        while True:
            if queue[0] < due:
                now, _, _, event = heappop(queue)
            else:
                now, _, _, event = due
                due = next(foreseen, last)
            if now >= end:
                break
            self._now = self.instant = now
            event.callbacks[0](event)
            if freed:
                self.settle()

    def settle(self) -> None:
        """Pass on what has been freed: one place after another, until none is left."""
        now = self.instant
        while self.freed:
            holder, consignment = self.freed.popleft()
            holder.released(consignment, now)
