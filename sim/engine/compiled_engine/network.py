"""From the model to tables: legs, facilities, quays, lines, vessels and pools, as they are before the run.

What does not depend on draws is laid out once per model and copied for every replication.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.compiled_engine import elements, journeys, state
from sim.engine.compiled_engine.fields import layout
from sim.engine.compiled_engine.state import FACILITY, LEG, LINE, WITHDRAWN
from sim.engine.limits import most_servers
from sim.engine.paths import parameter_changes
from sim.engine.records import NULL
from sim.engine.rules import FOREVER, count
from sim.model.measures import integer_amount
from sim.model.model import Model
from sim.model.network import Outage

Rows = NDArray[np.void]


def table(record: type, rows: int) -> Rows:
    """Give an empty table: all zero."""
    return np.zeros(rows, dtype=layout(record))


class Network:
    """Tables of everything that stands still or sails, before the run.

    Attributes:
        most_servers: per facility how many servers it has at most.
        hours: opening hours, the first rows of the table of intervals.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.base = model.parameters.base
        self.changes, self.instants = changes(model)
        self.hours: list[tuple[int, int]] = []
        self.queues = 0
        self.most_servers = most_servers(model)
        self.legs = self._legs()
        self.facilities = self._facilities()
        self.servers = self._servers()
        self.quays = self._quays()
        self.lines, self.classes = self._lines()
        self.vessels = self._vessels()
        self.pools = self._pools()
        self.routes, self.steps = self._routes()

    def door(self, kind: int, element: int, direction: int) -> int:
        """Give the door of a leg, a facility or (else) a quay in a direction."""
        legs, facilities = len(self.model.legs), len(self.model.facilities)
        before = 0 if kind == LEG else legs if kind == FACILITY else legs + facilities
        return 2 * (before + element) + direction

    @property
    def doors(self) -> int:
        """How many doors there are."""
        model = self.model
        return 2 * (len(model.legs) + len(model.facilities) + len(model.groups))

    def count(self, parameter: int) -> int:
        """Read a whole number of servers or vessels at the run's begin."""
        return count(float(self.base[parameter]))

    def _take_queues(self, number: int) -> int:
        first = self.queues
        self.queues += number
        return first

    def _take_hours(self, hours: tuple[tuple[int, int], ...]) -> tuple[int, int]:
        first = len(self.hours)
        self.hours.extend(hours)
        return first, len(self.hours)

    def _legs(self) -> Rows:
        rows = table(elements.Leg, len(self.model.legs))
        for k, leg in enumerate(self.model.legs):
            one: Any = rows[k]
            one["distance"], one["speed"], one["opened"] = leg.distance, leg.speed, leg.open
            one["train_paths"], one["single_track"] = leg.train_paths, leg.single_track
            one["hours"], one["hours_to"] = self._take_hours(leg.hours)
            one["alone"] = not leg.hours and leg.train_paths < 0
            one["door"], one["queue"] = self.door(LEG, k, 0), self._take_queues(2)
        rows["free_from"] = self.model.clock.begin
        rows["wakes"] = FOREVER
        return rows

    def _facilities(self) -> Rows:
        rows = table(elements.Facility, len(self.model.facilities))
        first = 0
        for k, facility in enumerate(self.model.facilities):
            one: Any = rows[k]
            one["service"], one["rate"], one["servers"] = facility.service, facility.rate, facility.servers
            one["buffer"], one["buffer_measure"] = facility.buffer, facility.buffer_measure
            one["hours"], one["hours_to"] = self._take_hours(facility.hours)
            one["calendar"] = facility.calendar
            one["door"], one["queue"] = self.door(FACILITY, k, 0), self._take_queues(2)
            one["first_server"], one["most"] = first, self.most_servers[k]
            first += self.most_servers[k]
            number = self.count(facility.servers)
            one["number"] = one["known"] = number
            one["commissioned"] = one["up"] = (1 << number) - 1
            self._outage(one, facility.outage)
            if facility.outage is not None:
                one["on_calendar"] = facility.outage.clock == "calendar"
                one["resumed"] = facility.outage.resumed
        rows["wakes"] = FOREVER
        return rows

    def _servers(self) -> Rows:
        rows = table(elements.Server, sum(self.most_servers))
        rows["facility"] = np.repeat(np.arange(len(self.most_servers)), self.most_servers)
        rows["job"] = rows["every"] = rows["lasts"] = -1
        rows["down_since"] = rows["withdrawn_since"] = NULL
        return rows

    def _quays(self) -> Rows:
        rows = table(elements.Quay, len(self.model.groups))
        for k, group in enumerate(self.model.groups):
            one: Any = rows[k]
            one["berth_number"], one["calendar"] = group.berths, group.calendar
            one["yard"], one["yard_measure"] = group.yard, group.yard_measure
            one["door"] = self.door(LINE, k, 0)
        rows["asking"] = rows["asking_last"] = -1
        return rows

    def _lines(self) -> tuple[Rows, Rows]:
        model = self.model
        rows = table(elements.Line, len(model.lines))
        classes = table(elements.VesselClass, sum(len(line.classes) for line in model.lines))
        vessel = kind = slot = 0
        for k, line in enumerate(model.lines):
            one: Any = rows[k]
            one["quay"], one["measure"], one["queue"] = line.groups, line.measure, self._take_queues(2)
            one["first_vessel"], one["last_vessel"] = vessel, vessel + len(line.vessels)
            one["first_class"], one["last_class"] = kind, kind + len(line.classes)
            vessel += len(line.vessels)
            for each in line.classes:
                of_class: Any = classes[kind]
                of_class["count"], of_class["capacity"] = each.count, each.capacity
                of_class["payload_share"] = each.payload_share
                kind += 1
            for end, rule in enumerate(line.rules):
                one["full"][end], one["after"][end] = rule.full, rule.after
                one["slots"][end] = one["slots_to"][end] = -1
                if rule.slots is not None:
                    one["slots"][end], one["slots_to"][end] = slot, slot + len(rule.slots)
                    slot += len(rule.slots)
            one["sailing"], one["look_ahead"] = line.sailing, line.look_ahead
            one["load"], one["load_per"] = line.load.time, line.load.per
            one["handled_share"] = line.load.per is line.measure
            one["unload"], one["unload_per"] = line.unload.time, line.unload.per
            self._outage(one, line.outage)
        rows["ready"] = -1
        rows["wakes"] = rows["rings"] = FOREVER
        return rows, classes

    def _outage(self, one: Any, outage: Outage | None) -> None:
        one["outages"] = outage is not None
        if outage is not None:
            one["every"], one["lasts"] = outage.every, outage.lasts

    def _vessels(self) -> Rows:
        model = self.model
        rows = table(elements.Vessel, sum(len(line.vessels) for line in model.lines))
        vessel = kind = 0
        for k, line in enumerate(model.lines):
            placed = [0] * len(line.classes)
            left = [self.count(each.count) for each in line.classes]
            for number, own in enumerate(line.vessel_class):
                one: Any = rows[vessel]
                one["line"], one["number"], one["kind"] = k, number, kind + own
                start = line.classes[own].start
                end = placed[own] % 2 if start == "split" else int(start == "to")
                # New vessels join at `from`; only those of the beginning lie as the scenario says.
                one["end"] = end if placed[own] < left[own] else 0
                placed[own] += 1
                vessel += 1
            kind += len(line.classes)
        rows["covers"] = rows["next_ready"] = rows["next_asking"] = rows["voyage"] = -1
        rows["state"] = WITHDRAWN
        rows["ready_since"] = rows["withdrawn_since"] = model.clock.begin
        rows["fails_at"] = rows["slot"] = NULL
        for name in ("sailing", "load", "unload", "every", "lasts"):
            rows[name] = -1
        return rows

    def _pools(self) -> Rows:
        rows = table(elements.Pool, len(self.model.pools))
        for k, pool in enumerate(self.model.pools):
            one: Any = rows[k]
            one["size_of"], one["returns"], one["measure"] = pool.size, pool.returns, pool.measure
            one["size"] = one["free"] = integer_amount(float(self.base[pool.size]), pool.measure)
        rows["level"] = -1
        return rows

    def _routes(self) -> tuple[Rows, Rows]:
        routes = table(journeys.Route, len(self.model.routes))
        steps = table(journeys.Step, sum(len(route.steps) for route in self.model.routes))
        place = 0
        for k, route in enumerate(self.model.routes):
            one: Any = routes[k]
            one["first"], one["last"] = place, place + len(route.steps)
            for each in route.steps:
                step: Any = steps[place]
                step["kind"], step["element"] = each.kind, each.index
                place += 1
        return routes, steps

    def slots(self) -> list[NDArray[np.int64]]:
        """Give the timetables of all lines and ends, one after another."""
        return [rule.slots for line in self.model.lines for rule in line.rules if rule.slots is not None]


def changes(model: Model) -> tuple[Rows, Rows]:
    """Lay out the timeline: changes, and the instants at which they come into force."""
    found = parameter_changes(model)
    rows = table(state.Change, sum(len(each) for _, each in found))
    instants = table(state.Instant, len(found))
    prices_from = len(model.parameters.base)
    place = 0
    for k, (time, each) in enumerate(found):
        instant: Any = instants[k]
        instant["time"], instant["first"], instant["last"] = time, place, place + len(each)
        for change in each:
            row: Any = rows[place]
            row["parameter"] = change.parameter + (prices_from if change.price else 0)
            row["value"], row["slope"] = change.value, change.slope
            place += 1
    return rows, instants
