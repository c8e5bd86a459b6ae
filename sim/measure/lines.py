"""What vessels did: sailings, load factors, waits for berth, weather and cargo, round trips; berths.

One row of `sailings` is one way of one vessel. Ports are measured here by what lies at their berths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.engine import rules
from sim.engine.records import NULL, ServerState
from sim.measure.collect import KpiRows
from sim.measure.folds import Floats, Ints, count, mean, ratio, total
from sim.measure.integrals import closed_times, closed_upto, integral
from sim.measure.parts import Parts
from sim.measure.view import HOUR, View
from sim.model.model import Model
from sim.model.once import of_model


@dataclass(frozen=True)
class Trips:
    """Sailings with derived times; columns of shape (trips,), what has not happened reads the end.

    Attributes:
        view: the replication.
        parts: what was aboard.
    """

    view: View
    parts: Parts

    @cached_property
    def decided(self) -> Ints:
        """When it was settled that the vessel goes."""
        return self.view.cut(self.view.records.sailings.due)

    @cached_property
    def ready(self) -> Ints:
        """When the vessel was ready for the trip."""
        return self.view.cut(self.view.records.sailings.ready)

    @cached_property
    def sailed(self) -> Ints:
        """When it sailed."""
        return self.view.cut(self.view.records.sailings.sailed)

    @cached_property
    def released(self) -> Ints:
        """When it was rid of its cargo: the last consignment from it admitted by its next step."""
        view, sailings = self.view, self.view.records.sailings
        laden = sailings.amount > 0
        arrived, landed = view.cut(sailings.arrived), view.cut(sailings.landed)
        out = np.where(laden, landed, arrived)
        row = self.last_part_row
        if len(row):
            np.maximum.at(out, self.parts.trip[self.last_part], view.times("left", row))
        return out

    @cached_property
    def last_part(self) -> Ints:
        """Parts by which a consignment was whole that its next step then did not admit at once."""
        view, parts = self.view, self.parts
        row, trip, held = parts.row, parts.trip, parts.held
        landed = view.cut(view.records.sailings.landed)[trip[held]]
        found = held[(landed == view.times("ended", row[held])) & (landed < view.end)]
        # Two vessels may land parts at one instant: the one with the higher number is taken last.
        order = np.lexsort((trip[found], row[found]))
        found = found[order]
        last = np.ones(len(found), dtype=np.bool_)
        last[:-1] = row[found][1:] != row[found][:-1]
        out: Ints = found[last]
        return out

    @cached_property
    def last_part_row(self) -> Ints:
        """Step rows of the consignments of `last_part`."""
        return self.parts.row[self.last_part]


def add_lines(rows: KpiRows, view: View, trips: Trips, calendars: Sequence[tuple[Ints, Ints]] | None) -> None:
    """Add the KPIs of lines.

    Counted in the window by: sailings, load factor, weather wait, round trip at departure; berth wait at
    berthing to unload; fill wait at the decision to go, which ends it. What then holds a vessel is weather
    while a port is closed, else a lack of berths.
    """
    sailings, names = view.records.sailings, [f"line/{line.id}" for line in view.model.lines]
    size = len(names)
    line = sailings.line
    sailed = view.inside(trips.sailed)
    load = ratio(sailings.amount.astype(np.float64), sailings.capacity.astype(np.float64))
    rows.add("sailings", "sailings", names, count(line[sailed], size=size))
    rows.add(
        "load_factor.mean",
        "share",
        names,
        mean(line, load, chosen=sailed & (sailings.capacity > 0), size=size),
    )
    laden = sailed & (sailings.amount > 0)
    rows.add("load_factor.laden", "share", names, mean(line, load, chosen=laden, size=size))
    berth, weather = _held_up(view, trips, calendars)
    berthed = view.inside(view.cut(sailings.berthed))
    rows.add("berth_wait.mean", "h", names, mean(line, berth / HOUR, chosen=berthed, size=size))
    rows.add("weather_wait.mean", "h", names, mean(line, weather / HOUR, chosen=sailed, size=size))
    filling = (trips.decided - trips.ready) / HOUR
    rows.add("fill_wait.mean", "h", names, mean(line, filling, chosen=view.inside(trips.decided), size=size))
    rows.add("round_trip.mean", "h", names, _round_trips(view, trips, size))
    slots = view.records.slots
    cancelled = count(slots.line[view.inside(slots.time)], size=size)
    rows.add("cancelled", "sailings", names, cancelled)
    rows.add("utilisation", "share", names, _utilisation(view, trips, size))


def _held_up(view: View, trips: Trips, calendars: Sequence[tuple[Ints, Ints]] | None) -> tuple[Ints, Ints]:
    """Give for how many seconds each trip waited for berths, and for weather.

    From the decision to go to the beginning of loading and from arrival to berthing a vessel wants a berth:
    as long as the port is closed it waits for weather. What is loaded, or goes empty, sails when its slot and
    the weather allow, which with a look-ahead is that of both ports.
    """
    sailings = view.records.sailings
    arrived, berthed = view.cut(sailings.arrived), view.cut(sailings.berthed)
    laden = sailings.loading != NULL
    wants = np.where(laden, trips.decided, 0), np.where(laden, view.cut(sailings.loading), 0)
    closed = _closed(view, sailings.origin, *wants, calendars=calendars)
    closed_there = _closed(view, sailings.destination, arrived, berthed, calendars=calendars)
    berth = wants[1] - wants[0] - closed + berthed - arrived - closed_there
    fixed = np.where(laden, view.cut(sailings.loaded), trips.decided)
    fixed = np.maximum(fixed, np.where(sailings.slot == NULL, fixed, sailings.slot))
    departs = np.maximum(trips.sailed - fixed, 0)
    lands = np.where(sailings.amount > 0, closed_there, 0)
    return berth, closed + departs + lands


def _closed(
    view: View, group: Ints, since: Ints, until: Ints, *, calendars: Sequence[tuple[Ints, Ints]] | None
) -> Ints:
    """Give for how many seconds of each interval the port of a berth group was closed."""
    out = np.zeros(len(group), dtype=np.int64)
    which = np.array([one.calendar for one in view.model.groups], dtype=np.int64)[group]
    some = np.flatnonzero((which >= 0) & (until > since))
    if calendars is not None and len(some):
        since, until = np.split(
            closed_upto(calendars, np.tile(which[some], 2), np.concatenate([since[some], until[some]])), 2
        )
        out[some] = until - since
    return out


def _round_trips(view: View, trips: Trips, size: int) -> Floats:
    """Mean hours between a vessel's departures from the same berth group, by line."""
    sailings = view.records.sailings
    sailed = trips.sailed
    same = (
        (sailings.line[2:] == sailings.line[:-2])
        & (sailings.vessel[2:] == sailings.vessel[:-2])
        & view.inside(sailed[2:])
    )
    return mean(sailings.line[2:], (sailed[2:] - sailed[:-2]) / HOUR, chosen=same, size=size)


def _utilisation(view: View, trips: Trips, size: int) -> Floats:
    """Share of vessel time in service that is not idle: on a trip from decision to rid of its cargo."""
    sailings, vessels = view.records.sailings, view.records.vessels
    end = view.end

    def inside(begin: Ints, until: Ints) -> Ints:
        return np.maximum(until, 0) - np.maximum(begin, 0)

    busy = total(sailings.line, inside(trips.decided, np.maximum(trips.released, trips.decided)), size=size)
    gone = vessels.state == ServerState.WITHDRAWN
    absent = inside(view.cut(vessels.begin[gone]), view.cut(vessels.end[gone]))
    number = np.array([len(line.vessels) for line in view.model.lines], dtype=np.float64)
    there = number * end - total(vessels.line[gone], absent, size=size)
    return ratio(busy, there)


def add_ports(rows: KpiRows, view: View, trips: Trips, calendars: Sequence[tuple[Ints, Ints]] | None) -> None:
    """Add utilisation of berths, and how long ports and facilities were closed by weather.

    A vessel holds a berth from berthing until it is rid of its cargo, and from beginning to load until
    it sails: seconds of these / seconds of the berths that there were.
    """
    groups, sailings = view.model.groups, view.records.sailings
    held = np.zeros(len(groups))
    for at, begin, until in (
        (sailings.destination, view.cut(sailings.berthed), trips.released),
        (sailings.origin, view.cut(sailings.loading), trips.sailed),
    ):
        spent = np.maximum(until, 0) - np.maximum(begin, 0)
        held += total(at, np.maximum(spent, 0), size=len(groups))
    rows.add("utilisation", "share", view.layout.groups, ratio(held, _berth_seconds(view.model)))
    if calendars is not None:
        shares = closed_times(calendars, np.array([0, view.end]))[:, 0] / view.end
        rows.add("closed_share", "share", [calendar.subject for calendar in view.model.calendars], shares)


@of_model
def _berth_seconds(model: Model) -> Floats:
    """Sum the seconds of the window over the berths that there were in each group."""
    return np.array([integral(model, group.berths, whole=rules.count) for group in model.groups])
