"""Lines: when does a ferry leave (model.md 3, Leaving).

Without a timetable only the vessel that has been ready longest at a port is looked at: it begins to load
when what waits reaches `full` × its capacity or the oldest part has waited `after`, and it is called over
when the other port's queue meets the same after every vessel that is there, or sails there, has been set
against it. With a timetable (`timetable.py`) it takes what waits when boarding closes.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from typing import TYPE_CHECKING

from simpy.events import Event

from sim.engine.records import ServerState
from sim.engine.rules import FOREVER, Turn, order, seconds, whole_capacity
from sim.engine.simpy_engine.calendar import Alarm
from sim.engine.simpy_engine.journey import Consignment, Door, Stop
from sim.engine.simpy_engine.timetable import Timetable
from sim.engine.simpy_engine.vessel import State, Vessel, Voyage
from sim.model.measures import GRAIN, Measure, part
from sim.model.parameters import NONE

if TYPE_CHECKING:
    from sim.engine.simpy_engine.quay import Quay
    from sim.engine.simpy_engine.world import World
    from sim.model import fleet


class Gate:
    """The line's face at one end: it admits by the quay's yard."""

    def __init__(self, line: Line, end: int) -> None:
        self.line = line
        self.end = end
        self.quay = line.quays[end]
        self.doors: tuple[Door, Door] = self.quay.doors
        self.limited = self.quay.data.yard != NONE

    def admits(self, stop: Stop) -> bool:
        """Tell whether the yard has room."""
        return self.quay.has_room(stop)

    def open_door(self, now: int) -> None:
        """Let in who waits outside the yard."""
        self.quay.open_door(now)

    def take(self, consignment: Consignment, stop: Stop, now: int) -> None:
        """Join the queue for a vessel."""
        line, end = self.line, self.end
        self.quay.filled[stop.direction] += stop.room
        consignment.ashore = consignment.boarded = consignment.parts = 0
        line.queues[end].append(consignment)
        line.waiting[end] += stop.load
        if line.waiting[end] >= line.triggers[end]:
            line.look_now(now)


class Line:
    """One vessel service.

    Attributes:
        queues: who waits at each end, or still does in part, oldest first.
        waiting: amount that waits at each end.
        triggers: amounts from which the line must be looked at.
        conditions: when queues are due, by queue, end and capacity of a vessel; as parameters are now.
        timetables: those of its ends that have one.
        handled_share: units that loading is timed per in one of the vessels' own, of the cargo with most.
    """

    def __init__(self, world: World, rank: int, data: fleet.Line) -> None:
        self.world = world
        self.rank = rank
        self.data = data
        self.quays: tuple[Quay, Quay] = (world.quays[data.groups[0]], world.quays[data.groups[1]])
        self.gates = (Gate(self, 0), Gate(self, 1))
        self.queues: tuple[deque[Consignment], deque[Consignment]] = (deque(), deque())
        self.waiting = [0, 0]
        self.ready_at: tuple[list[Vessel], list[Vessel]] = ([], [])
        self.triggers = [0, 0]
        self.conditions: dict[tuple[int, int, int], tuple[int, int | None]] = {}
        self.wakes = FOREVER
        self.key = order(Turn.LOOK, rank)
        self.sailings: list[Voyage] = []
        self.withdrawn: dict[int, int] = {}
        self.in_service: set[int] = set()
        self.open = False
        self.vessels: list[Vessel] = []
        self.timetables: list[Timetable] = []
        self.handled_share = float(data.load.per is data.measure)
        self.refresh()

    def start(self) -> None:
        """All vessels start ready, at anchor."""
        placed: dict[int, int] = {}
        for number, kind in enumerate(self.data.vessel_class):
            start = self.data.classes[kind].start
            before = placed.get(kind, 0)
            placed[kind] = before + 1
            end = before % 2 if start == "split" else int(start == "to")
            # New vessels join at `from`; only those of the beginning lie as the scenario says.
            vessel = Vessel(self, number, end=end if number in self.in_service else 0)
            self.vessels.append(vessel)
            self.withdrawn[number] = self.world.begin
        self.read_capacities()
        for number in sorted(self.in_service):
            del self.withdrawn[number]
            self.vessels[number].commission(self.world.begin)
        for end in (0, 1):
            slots = self.data.rules[end].slots
            if slots is not None:
                self.timetables.append(Timetable(self, end, slots.tolist()))

    # -- parameters ------------------------------------------------------------------------------------

    @property
    def load_time(self) -> float:
        """Base time of loading, in seconds per call or unit, as it is now."""
        return self.world.value(self.data.load.time)

    @property
    def unload_time(self) -> float:
        """Base time of unloading, likewise."""
        return self.world.value(self.data.unload.time)

    @property
    def sailing_time(self) -> float:
        """Base time under way in seconds, as it is now."""
        return self.world.value(self.data.sailing)

    @property
    def look_ahead(self) -> float:
        """Seconds of forecast."""
        return self.world.value(self.data.look_ahead)

    def refresh(self) -> None:
        """Read the parameters anew."""
        world, data = self.world, self.data
        left = [world.count(kind.count) for kind in data.classes]
        self.in_service = set()
        self.open = False
        for number, kind in enumerate(data.vessel_class):
            if left[kind] > 0:
                left[kind] -= 1
                self.in_service.add(number)
                self.open = self.open or self.capacity_of(kind) > 0
        self.read_capacities()
        self.conditions.clear()

    def read_capacities(self) -> None:
        """Read how much each vessel may load."""
        for vessel in self.vessels:
            vessel.capacity = self.capacity_of(vessel.kind)

    def capacity_of(self, kind: int) -> int:
        """Give how much a vessel of a class may load now."""
        data = self.data.classes[kind]
        capacity, share = self.world.value(data.capacity), self.world.value(data.payload_share)
        return whole_capacity(capacity, share, self.data.measure)

    def renew(self, _: int) -> None:
        """Know the new values of the parameters."""
        self.refresh()

    def changed(self, now: int) -> None:
        """A parameter has changed: vessels come or go, thresholds and slots' alarms move."""
        for vessel in self.vessels:
            serves = vessel.number in self.in_service
            if vessel.state is State.READY and not serves:
                self.ready_at[vessel.end].remove(vessel)
                vessel.ready(now)
            elif vessel.state is State.WITHDRAWN and serves:
                begin = self.withdrawn.pop(vessel.number)
                if begin < now:
                    row = (self.rank, vessel.number, int(ServerState.WITHDRAWN), begin, now)
                    self.world.vessel_rows.append(row)
                vessel.commission(now)
        for timetable in self.timetables:
            timetable.await_closing(now)
        self.look_now(now)

    # -- the rule: who leaves, and when ----------------------------------------------------------------

    def add_ready(self, vessel: Vessel) -> None:
        """Put a vessel among the ready, longest first, ties by number."""
        insort(self.ready_at[vessel.end], vessel, key=lambda each: (each.ready_since, each.number))

    def look_now(self, now: int) -> None:
        """See to it that the line is looked at in its turn at this instant."""
        self.wake(now)

    def wake(self, at: int) -> None:
        """See to it that the line is looked at then, unless it will be looked at before."""
        if at < self.wakes:
            self.wakes = at
            Alarm(self.world.env, self.look).ring(at, self.key)

    def look(self, _: Event) -> None:
        """Look at the longest-ready vessel of each end until nobody moves."""
        now = self.world.env.instant
        if self.wakes <= now:
            self.wakes = FOREVER
        moved = True
        while moved:
            moved = False
            for end in (0, 1):
                vessel = self.looked_at(end) if self.ready_at[end] else None
                if vessel is None:
                    continue
                if self.is_due(vessel, end, 0, now):
                    vessel.commit(now, called=False)
                elif self.waiting[1 - end] and self.is_due(vessel, 1 - end, self.cover(1 - end), now):
                    vessel.commit(now, called=True)
                else:
                    continue
                moved = moved or vessel.state is not State.COMMITTED
        for end in (0, 1):
            if self.ready_at[end]:
                for vessel in list(self.ready_at[end]):
                    # The berth given back may have let another of these begin to load: it keeps its own.
                    if vessel.has_berth and vessel.state is not State.LOADING:
                        self.quays[end].release(vessel, now)
        self.set_triggers(now)

    def looked_at(self, end: int) -> Vessel | None:
        """Give the vessel that has been ready longest, unless it waits to begin to load or to leave."""
        if self.data.rules[end].slots is not None:
            return None
        for vessel in self.ready_at[end]:
            if vessel.state is not State.READY:
                return None
            # One that may load nothing (low water) lies still until it may again.
            if vessel.capacity:
                return vessel
        return None

    def rule(self, queue: int, vessel: Vessel) -> fleet.LeaveRule:
        """Give the leaving rule for a queue: its own end's, or the vessel's where that is a timetable."""
        rule = self.data.rules[queue]
        return self.data.rules[vessel.end] if rule.slots is not None else rule

    def condition(self, queue: int, vessel: Vessel) -> tuple[int, int | None]:
        """Give when a queue is due for a vessel.

        Returns:
            The amount at which it is full: `full` × the vessel's capacity, never 0; and how long the oldest
            part waits, in seconds, or None for ever.
        """
        kind = queue, vessel.end, vessel.capacity
        found = self.conditions.get(kind)
        if found is None:
            world, rule = self.world, self.rule(queue, vessel)
            share = world.value(rule.full) * vessel.capacity
            patience = None if rule.after == NONE else seconds(world.value(rule.after))
            found = max(1, -int(-(share - 1e-6) // 1)), patience
            if not (world.ramps(rule.full) or (rule.after != NONE and world.ramps(rule.after))):
                self.conditions[kind] = found
        return found

    def cover(self, end: int) -> int:
        """Give the capacity of the vessels that are there and have not begun to load, or sail there."""
        return sum([vessel.capacity for vessel in self.vessels if vessel.covers == end])

    def oldest(self, end: int, beyond: int) -> int | None:
        """Give since when the oldest part waits after the first `beyond` units of the queue are set aside."""
        for consignment in self.queues[end]:
            beyond -= consignment.stop.load - consignment.boarded
            if beyond < 0:
                return consignment.since
        return None

    def is_due(self, vessel: Vessel, queue: int, cover: int, now: int) -> bool:
        """Tell whether a queue, less what is covered, meets the condition to leave for a vessel."""
        amount = self.waiting[queue] - cover
        if amount <= 0:
            return False
        needed, patience = self.condition(queue, vessel)
        if amount >= needed:
            return True
        if patience is None:
            return False
        joined = self.oldest(queue, cover)
        return joined is not None and now - joined >= patience

    def set_triggers(self, now: int) -> None:
        """Work out at which amounts and at what time the line must be looked at again."""
        self.triggers = triggers = [FOREVER, FOREVER]
        for end in (0, 1):
            vessel = self.looked_at(end) if self.ready_at[end] else None
            if vessel is None:
                continue
            for queue in (end, 1 - end):
                cover = 0 if queue == end else self.cover(queue)
                needed, patience = self.condition(queue, vessel)
                trigger = cover + needed
                if patience is not None:
                    joined = self.oldest(queue, cover) if self.waiting[queue] > cover else None
                    if joined is None:
                        trigger = cover + 1
                    elif (at := joined + patience) < self.wakes:
                        # A berth given back by this look may have let the next one be looked at, and be due.
                        self.wake(max(now, at))
                if trigger < triggers[queue]:
                    triggers[queue] = trigger

    # -- boarding and landing --------------------------------------------------------------------------

    def board(self, vessel: Vessel, now: int) -> int:
        """Take the oldest first up to the capacity, splitting the last; give the amount boarded."""
        end, number, trip = vessel.end, vessel.number, vessel.voyage.trip
        queue = self.queues[end]
        filled = self.quays[end].filled
        started, rows, parts = self.world.started, self.world.aboard_rows, vessel.parts
        room = vessel.capacity
        while queue and room > 0:
            consignment = queue[0]
            stop = consignment.stop
            before, whole = consignment.boarded, stop.load
            upto = before + room
            if upto >= whole:
                upto = whole
                queue.popleft()
            consignment.boarded = upto
            amount = upto - before
            room -= amount
            if before == 0:
                started[consignment.row] = now
            if stop.room:
                filled[stop.direction] -= part(stop.room, upto=upto, after=before, whole=whole)
            parts.append((consignment, upto, amount))
            flow = consignment.source.rank  # type: ignore[union-attr]
            rows.extend(
                (flow, consignment.number, stop.ordinal, consignment.parts, self.rank, number, trip, amount)
            )
            consignment.parts += 1
        boarded = vessel.capacity - room
        self.waiting[end] -= boarded
        return boarded

    def yard_freed(self, end: int, now: int) -> None:
        """The yard has room again: let in who waits outside, and look at the next vessel."""
        self.quays[end].open_door(now)
        self.look_now(now)

    def handled_size(self, vessel: Vessel, per: Measure) -> float:
        """Give by how much loading or unloading is scaled: what is aboard, in the measure it is timed per."""
        if per is Measure.CONSIGNMENT:
            return 1.0
        if per is self.data.measure:
            return self.as_handled(per, sum(amount for _, _, amount in vessel.parts))
        total = 0
        for consignment, upto, amount in vessel.parts:
            stop = consignment.stop
            total += part(stop.amounts[per], upto=upto, after=upto - amount, whole=stop.load)
        return self.as_handled(per, total)

    @staticmethod
    def as_handled(per: Measure, amount: int) -> float:
        """Turn integers into the unit that a handling time is given per (kg, TEU, wagons, …)."""
        return float(amount) if per is Measure.KG else amount / GRAIN[per]
