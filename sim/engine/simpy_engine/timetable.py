"""Timetables: when boarding closes, and who takes the slot (model.md 3, Leaving by timetable).

Boarding closes at departure less the loading time as it is then. A change of a parameter may move that:
earlier by an alarm that rings before the one that was set, later by one that is set when that rings in vain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simpy.events import Event

from sim.engine.rules import FOREVER, Turn, order, seconds
from sim.engine.simpy_engine.calendar import Alarm
from sim.engine.simpy_engine.vessel import State
from sim.model.measures import Measure

if TYPE_CHECKING:
    from sim.engine.simpy_engine.line import Line


class Timetable:
    """The timetable of one end of a line.

    Attributes:
        slots: departure times, ascending.
        next: which of them is next.
        rings: when the next alarm rings.
    """

    def __init__(self, line: Line, end: int, slots: list[int]) -> None:
        self.line = line
        self.world = line.world
        self.end = end
        self.slots = slots
        self.rings = FOREVER
        begin, planned = self.world.begin, self.planned_loading()
        self.next = sum(1 for slot in slots if slot - planned < begin)
        self.await_closing(begin)

    def await_closing(self, now: int) -> None:
        """See to it that the alarm rings when boarding closes, at once where it should have closed before."""
        if self.next < len(self.slots):
            at = max(now, self.slots[self.next] - self.planned_loading())
            if at < self.rings:
                self.rings = at
                key = order(Turn.SLOT, self.line.rank, self.end, self.next)
                Alarm(self.world.env, self.ring).ring(at, key)

    def planned_loading(self) -> int:
        """Give the loading time counted on: the base time, of a full vessel in service if per unit."""
        line = self.line
        per = line.data.load.per
        if per is Measure.CONSIGNMENT:
            return seconds(line.load_time)
        serving = [vessel for vessel in line.vessels if vessel.number in line.in_service]
        # With none in service, the slot is for one that may come back before its boarding closes.
        full = max((vessel.capacity for vessel in serving or line.vessels), default=0)
        return seconds(line.load_time * line.as_handled(per, int(full * line.handled_share + 1e-6)))

    def ring(self, _: Event) -> None:
        """Close boarding if it is time: a change may have moved it."""
        now = self.world.env.instant
        if self.rings <= now:
            self.rings = FOREVER
        if self.next < len(self.slots) and self.slots[self.next] - self.planned_loading() <= now:
            self.close_boarding(self.slots[self.next], now)
            self.next += 1
        self.await_closing(now)

    def close_boarding(self, slot: int, now: int) -> None:
        """The longest-ready vessel takes what waits, full, part-full or nothing; without one: cancelled."""
        line, end = self.line, self.end
        ready = [each for each in line.ready_at[end] if each.state is State.READY]
        vessel = ready[0] if ready else None
        for other in ready[1:]:
            # It has unloaded at this instant and does not load: its berth is for who asks.
            if other.has_berth:
                line.quays[end].release(other, now)
        if vessel is None or (
            line.waiting[end] and not vessel.has_berth and not line.quays[end].berth_free()
        ):
            self.world.cancelled.append((line.rank, end, slot))
        else:
            vessel.slot = slot
            vessel.commit(now, called=False)
        line.look_now(now)
