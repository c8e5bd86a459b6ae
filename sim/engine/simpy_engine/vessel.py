"""A vessel's round: ready at anchor, berth, loading, departure, sailing, berth, unloading, ready again.

When it loads or is called over is its line's decision (`line`); here is what it then does.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from simpy.events import Event

from sim.engine.records import NULL, ServerState
from sim.engine.rules import Turn, departure, order, seconds
from sim.engine.simpy_engine.calendar import Alarm
from sim.engine.simpy_engine.journey import Consignment, move_on

if TYPE_CHECKING:
    from sim.engine.simpy_engine.line import Line
    from sim.engine.simpy_engine.quay import Quay

VESSEL = 1
"""Marks a vessel's outage and repair in the canonical key, after a facility's."""


class State(IntEnum):
    """What a vessel is doing."""

    READY = 0
    COMMITTED = 1
    LOADING = 2
    LOADED = 3
    SAILING = 4
    UNLOADING = 5
    REPAIR = 6
    WITHDRAWN = 7


class Voyage:
    """The times of one trip, as they become known."""

    __slots__ = (
        "amount",
        "arrived",
        "berthed",
        "called",
        "capacity",
        "due",
        "landed",
        "loaded",
        "loading",
        "origin",
        "ready",
        "sailed",
        "slot",
        "trip",
        "vessel",
    )

    def __init__(self, vessel: Vessel, due: int) -> None:
        self.vessel = vessel.number
        self.trip = vessel.trips
        self.origin = vessel.end
        self.ready = vessel.ready_since
        self.due = due
        self.slot = vessel.slot
        self.called = self.loading = self.loaded = self.sailed = NULL
        self.arrived = self.berthed = self.landed = NULL
        self.amount = 0
        self.capacity = vessel.capacity


class Vessel:
    """One vessel of a line.

    Attributes:
        end: 0 at the line's `from` port or last left from there, 1 at its `to` port.
        covers: the end whose queue it is set against when others are called over, or -1.
        parts: what is aboard: consignment, cumulated amount after the part, amount of the part.
        blocked: consignments landed whole from it that their next step does not admit yet.
        slot: timetabled departure it sails at, or NULL.
    """

    def __init__(self, line: Line, number: int, *, end: int) -> None:
        self.line = line
        self.world = line.world
        self.number = number
        self.kind = line.data.vessel_class[number]
        self.end = end
        self.covers = -1
        self.state = State.WITHDRAWN
        self.has_berth = False
        self.ready_since = line.world.begin
        self.trips = 0
        self.failures = 0
        self.fails_at: int | None = None
        self.parts: list[tuple[Consignment, int, int]] = []
        self.blocked = 0
        self.slot = NULL
        self.capacity = 0
        self.draws = line.world.draws.vessel(line.rank, number)
        self.voyage = Voyage(self, self.ready_since)
        self.handled = Alarm(self.world.env, self.handling_done)
        self.sails = Alarm(self.world.env, self.depart)
        self.arrives = Alarm(self.world.env, self.arrive)

    @property
    def quay(self) -> Quay:
        """The quay at the end where the vessel is."""
        return self.line.quays[self.end]

    # -- ready, withdrawn, under repair ---------------------------------------------------------------

    def commission(self, now: int) -> None:
        """Come into service for the first time, or again where it was withdrawn."""
        self.covers = self.end
        if self.fails_at is None:
            self.set_clock(now)
        self.unloaded(now)

    def set_clock(self, now: int) -> None:
        """Draw when the vessel fails next; its time to a failure counts all time."""
        outage = self.line.data.outage
        if outage is None:
            return
        factor = self.world.draws.vessel_outage(self.line.rank, self.number).every(self.failures)
        self.fails_at = now + seconds(self.world.value(outage.every) * factor)
        alarm = Alarm(self.world.env, self.strike)
        alarm.ring(self.fails_at, order(Turn.OUTAGE, self.line.rank, self.number, VESSEL))

    def strike(self, _: Event) -> None:
        """A failure falls due: the repair begins now at anchor, or when the vessel has unloaded."""
        now = self.world.env.instant
        if self.state is State.READY:
            self.line.ready_at[self.end].remove(self)
            self.repair(now)
            self.line.look_now(now)

    def repair(self, now: int) -> None:
        """Lie at anchor under repair."""
        outage = self.line.data.outage
        assert outage is not None
        if self.has_berth:
            self.quay.release(self, now)
        self.state = State.REPAIR
        factor = self.world.draws.vessel_outage(self.line.rank, self.number).lasts(self.failures)
        self.failures += 1
        end = now + seconds(self.world.value(outage.lasts) * factor)
        self.world.vessel_rows.append((self.line.rank, self.number, int(ServerState.DOWN), now, end))
        alarm = Alarm(self.world.env, self.repaired)
        alarm.ring(end, order(Turn.REPAIR, self.line.rank, self.number, VESSEL))

    def repaired(self, _: Event) -> None:
        """The repair is over."""
        now = self.world.env.instant
        self.set_clock(now)
        self.ready(now)

    def ready(self, now: int) -> None:
        """Be ready at anchor, or be withdrawn where the line has fewer vessels now."""
        if self.number not in self.line.in_service:
            if self.has_berth:
                self.quay.release(self, now)
            self.state = State.WITHDRAWN
            self.covers = -1
            self.line.withdrawn[self.number] = now
        else:
            self.state = State.READY
            self.ready_since = now
            self.line.add_ready(self)
        self.line.look_now(now)

    # -- loading and leaving ---------------------------------------------------------------------------

    def commit(self, now: int, *, called: bool) -> None:
        """It has been decided that the vessel leaves: load what waits, or sail empty."""
        self.state = State.COMMITTED
        self.voyage = Voyage(self, now)
        self.trips += 1
        if called:
            self.voyage.called = now
        self.line.sailings.append(self.voyage)
        if not self.line.waiting[self.end]:
            self.plan_departure(now)
        elif self.has_berth:
            self.load(now)
        else:
            self.quay.ask(self, now)

    def berthed(self, now: int) -> None:
        """A berth has been given: load or unload."""
        if self.state is State.COMMITTED:
            self.load(now)
            self.line.look_now(now)
        else:
            self.unload(now)

    def load(self, now: int) -> None:
        """Begin to load: what is boarded is fixed now."""
        line = self.line
        self.state = State.LOADING
        self.covers = -1
        line.ready_at[self.end].remove(self)
        voyage = self.voyage
        voyage.loading = now
        voyage.capacity = self.capacity
        voyage.amount = line.board(self, now)
        time = line.load_time * self.draws.load(voyage.trip) * line.handled_size(self, line.data.load.per)
        end = self.quay.standstill.after(now, seconds(time))
        self.handled.ring(end, order(Turn.HANDLING_END, line.rank, self.number, voyage.trip))
        line.yard_freed(self.end, now)

    def handling_done(self, _: Event) -> None:
        """Loading or unloading has ended."""
        now = self.world.env.instant
        if self.state is State.LOADING:
            self.state = State.LOADED
            self.voyage.loaded = now
            self.plan_departure(now)
        else:
            self.land(now)

    def plan_departure(self, now: int) -> None:
        """Sail at the first instant that slot, port and forecast allow."""
        line = self.line
        at = now if self.slot == NULL else max(now, self.slot)
        ahead = min(seconds(line.look_ahead), seconds(line.sailing_time))
        at = departure(at, origin=self.quay.times, destination=line.quays[1 - self.end].times, ahead=ahead)
        self.sails.ring(at, order(Turn.DEPARTURE, line.rank, self.number, self.voyage.trip))

    def depart(self, _: Event) -> None:
        """Sail."""
        now = self.world.env.instant
        line = self.line
        if self.state is State.COMMITTED and self in line.ready_at[self.end]:
            line.ready_at[self.end].remove(self)
        if self.has_berth:
            self.quay.release(self, now)
        self.state = State.SAILING
        self.slot = NULL
        self.voyage.sailed = now
        self.end = 1 - self.end
        self.covers = self.end
        time = line.sailing_time * self.draws.sailing(self.voyage.trip)
        self.arrives.ring(
            now + seconds(time), order(Turn.VESSEL_ARRIVAL, line.rank, self.number, self.voyage.trip)
        )
        line.look_now(now)

    # -- arriving and unloading ------------------------------------------------------------------------

    def arrive(self, _: Event) -> None:
        """Arrive: ask for a berth, or be ready when there is nothing to unload."""
        now = self.world.env.instant
        self.voyage.arrived = now
        self.state = State.UNLOADING
        if self.parts:
            self.quay.ask(self, now)
        else:
            self.unloaded(now)

    def unload(self, now: int) -> None:
        """Begin to unload."""
        line = self.line
        self.voyage.berthed = now
        time = (
            line.unload_time
            * self.draws.unload(self.voyage.trip)
            * line.handled_size(self, line.data.unload.per)
        )
        end = self.quay.standstill.after(now, seconds(time))
        self.handled.ring(end, order(Turn.HANDLING_END, line.rank, self.number, self.voyage.trip))

    def land(self, now: int) -> None:
        """All is ashore: consignments that are whole ask for their next step, in the order of boarding."""
        self.voyage.landed = now
        world = self.world
        parts, self.parts = self.parts, []
        for consignment, _, amount in parts:
            consignment.ashore += amount
            if consignment.ashore == consignment.stop.load and not move_on(world, consignment, now):
                consignment.holder = self
                self.blocked += 1
        if not self.blocked:
            self.unloaded(now)

    def released(self, _: Consignment, now: int) -> None:
        """A consignment that waited for its next step has gone."""
        self.blocked -= 1
        if not self.blocked:
            self.unloaded(now)

    def unloaded(self, now: int) -> None:
        """Nothing is left aboard: a repair that is due begins, else the vessel is ready."""
        if self.fails_at is not None and self.fails_at <= now:
            self.repair(now)
            self.line.look_now(now)
        else:
            self.ready(now)
