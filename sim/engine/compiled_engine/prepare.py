"""From a model and its draws to the world of one replication.

`Prepared` is made once per model and used for every replication; what it learns there, how long tables have
to be, is no part of the records.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.chance.blocks import Blocks
from sim.chance.draws import Draws
from sim.engine.compiled_engine import elements, journeys, state
from sim.engine.compiled_engine.calendar import SUBJECT
from sim.engine.compiled_engine.fields import layout
from sim.engine.compiled_engine.itineraries import Itineraries
from sim.engine.compiled_engine.network import Network, Rows, table
from sim.engine.compiled_engine.state import LOGIT, SHARES, STOCK, World
from sim.engine.compiled_engine.workspace import LINE, WORKSPACE, on_a_line
from sim.engine.records import NEVER
from sim.errors import RunError
from sim.model.measures import GRAIN, Measure, integer_amount
from sim.model.model import Model

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TRIPS = 256
FAILURES = 64
"""How many trips and failures are drawn at first: one block."""
EVENTS_A_PAGE = 2
"""Events for which a page of the calendar is worth its while."""
MOST_PAGES = 1 << 20
"""More would themselves be far from the processor."""
MOST_CONSIGNMENTS = SUBJECT
"""An event names its consignment in so many bits."""
MOST_ROWS = (1 << 31) - 1
ROOM = 1 << 14
"""Rows of a growing table at first, besides one per consignment; what is not used takes no memory."""


class Numbers:
    """What was drawn, one array after another."""

    def __init__(self) -> None:
        self.length = 0
        self.parts: list[tuple[int, Floats]] = []

    def add(self, values: Floats | None) -> int:
        """Add an array and give where it begins; -1 for none."""
        if values is None:
            return -1
        begin = self.length
        self.parts.append((begin, values))
        # Each begins with a line of the processor's cache.
        self.length += -(-8 * len(values) // LINE) * LINE // 8
        return begin

    def add_blocks(self, blocks: Blocks, count: int) -> int:
        """Add at least so many factors of a stream without end; -1 where it is fixed."""
        return -1 if blocks.shape.family == "fixed" else self.add(blocks.upto(count))

    def joined(self) -> Floats:
        """Give all of them; what lies between is never read."""
        whole = on_a_line(8 * max(self.length, 1)).view(np.float64)
        for begin, values in self.parts:
            whole[begin : begin + len(values)] = values
        return whole


class Prepared:
    """A model as tables, ready for replications.

    Attributes:
        trips: how many trips of each vessel are drawn, shape (vessels,).
        failures: how many failures of each server and vessel are drawn.
        room: how many times the growing tables are as long as at first; `rows`: how long they were.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.network = network = Network(model)
        self.itineraries = Itineraries(network)
        self.trips = np.full(len(network.vessels), TRIPS, dtype=np.int64)
        self.failures = FAILURES
        self.room = 1
        self.rows = ROOM
        self.parameters = self._parameters()
        self.slots = [np.asarray(slots, dtype=np.int64) for slots in network.slots()]
        start = model.clock.start.astimezone(UTC)
        first, last = (start + timedelta(seconds=each) for each in (model.clock.begin, model.clock.end))
        self.midnight = start.hour * 3600 + start.minute * 60 + start.second
        self.years = np.array(
            [
                int((datetime(year, 1, 1, tzinfo=UTC) - start).total_seconds())
                for year in range(first.year, last.year + 1)
            ],
            dtype=np.int64,
        )

    def start_small(self) -> None:
        """Begin with hardly any room at all: a run then grows by itself."""
        self.trips[:] = 1
        self.failures = self.rows = 1

    def grow(self, world: Any) -> None:
        """Make room for a run that needs more."""
        status = int(world.clock[0]["status"])
        if status & state.OUT_OF_TRIPS:
            trips = world.sailings[: world.clock[0]["sailings"]]
            made = np.zeros(len(self.trips), dtype=np.int64)
            first = world.lines["first_vessel"]
            np.maximum.at(made, first[trips["line"]] + trips["vessel"], trips["trip"] + 1)
            # At the pace so far, with some to spare, so that the run need not be repeated for each vessel.
            clock = self.model.clock
            passed = max(1, int(world.clock[0]["now"]) - clock.begin)
            wanted = made + made * (clock.end - clock.begin - passed) * 5 // (4 * passed)
            self.trips = np.where(wanted > self.trips, np.maximum(wanted, 2 * made), self.trips)
        if status & state.OUT_OF_FAILURES:
            self.failures *= 2
        if status & ~(state.OUT_OF_TRIPS | state.OUT_OF_FAILURES):
            self.room *= 4

    def _parameters(self) -> Rows:
        model = self.model
        rows = table(state.Parameter, len(model.parameters.base) + len(model.prices.base))
        rows["value"] = np.concatenate([model.parameters.base, model.prices.base])
        rows["since"] = model.clock.begin
        return rows

    def lay(self, draws: Draws) -> World:
        """Lay out the world of one replication."""
        network, itineraries = self.network, self.itineraries
        numbers = Numbers()
        stops = itineraries.stops.copy()
        begins = [
            numbers.add(draws.factors[flow][option][ordinal]) for flow, option, ordinal in itineraries.sources
        ]
        stops["factors"] = np.array([*begins, -1])[itineraries.source_of_stop]
        holdings = itineraries.holdings.copy()
        holdings["factors"] = [
            numbers.add(draws.pool_returns.get((flow, int(pool)))) if flow >= 0 else -1
            for flow, pool in zip(itineraries.returns, holdings["pool"], strict=True)
        ]
        flows = self._flows(draws, numbers)
        offered = int(flows["count"].sum())
        rows = int((flows["count"] * flows["length"]).sum())
        if offered > MOST_CONSIGNMENTS or rows > MOST_ROWS:
            message = (
                f"{offered} consignments with {rows} steps are more than the compiled engine holds "
                f"({MOST_CONSIGNMENTS} and {MOST_ROWS}); the other one is asked for by --engine simpy"
            )
            raise RunError(message)
        queues = table(elements.Queue, itineraries.queues)
        queues["head"] = queues["tail"] = -1
        facilities = network.facilities.copy()
        jobs, own_stops = self._stock(draws, len(stops), offered, rows, facilities=facilities, queues=queues)
        # One stop more than there are: nobody stands at it.
        stops = np.concatenate([stops, own_stops, table(journeys.Stop, 1)])
        intervals, calendars = self._calendars(draws)
        consignments = self._unused("consignments", journeys.Consignment, offered + len(jobs))
        consignments[offered:] = jobs
        steps = self._unused("rows", journeys.Row, rows + len(jobs))
        for name in ("started", "ended", "left"):
            steps[name][rows:] = NEVER
        steps["server"][rows:] = -1
        vessels, servers = self._vessels(draws, numbers), self._servers(draws, numbers)
        clock, pages = self._clock(rows + offered)
        offers, clock["place_bits"], clock["number_bits"] = self._offers(draws.arrivals)
        room = self.room * self.rows
        per_consignment = room + self.room * len(consignments) if self.rows > 1 else room
        tables: dict[str, Any] = {
            "clock": clock,
            "page": self._unused("page", state.Event, per_consignment),
            "notes": self._unused("notes", state.Note, per_consignment),
            "pages": pages,
            "offers": offers,
            "parameters": self.parameters.copy(),
            "changes": network.changes,
            "instants": network.instants,
            "intervals": intervals,
            "calendars": calendars,
            "consignments": consignments,
            "shipments": self._unused("shipments", journeys.Shipment, len(consignments)),
            "rows": steps,
            "stops": stops,
            "holdings": holdings,
            "doors": itineraries.doors.copy(),
            "queues": queues,
            "legs": network.legs.copy(),
            "facilities": facilities,
            "servers": servers,
            "quays": network.quays.copy(),
            "lines": network.lines.copy(),
            "classes": network.classes.copy(),
            "vessels": vessels,
            "pools": network.pools.copy(),
            "watches": itineraries.watches.copy(),
            "homes": self._unused("homes", elements.Home, per_consignment),
            "flows": flows,
            "options": itineraries.options.copy(),
            "routes": network.routes.copy(),
            "steps": network.steps,
            "sailings": self._unused("sailings", state.Sailing, room),
            "parts": self._unused("parts", state.Part, per_consignment),
            "absences": self._unused("absences", state.Absence, room),
            "levels": self._unused("levels", state.Level, 2 * per_consignment),
            "cancelled": self._unused("cancelled", state.Cancelled, room),
            "numbers": numbers.joined(),
            "times": np.concatenate([*self.slots, *draws.arrivals, np.zeros(0, dtype=np.int64)]),
            "prices": np.array(itineraries.prices, dtype=np.int64),
            "years": self.years,
            "freed": WORKSPACE.table("freed", np.dtype(np.int64), per_consignment),
            "scratch": np.empty(max(1, len(vessels)), dtype=np.int64),
        }
        return World(**tables)

    def _clock(self, events: int) -> tuple[Rows, Rows]:
        """Set the clock, and give the calendar as many pages as so many events are worth."""
        rows = table(state.Clock, 1)
        clock = self.model.clock
        rows["now"] = rows["begin"] = clock.begin
        rows["end"], rows["midnight"], rows["home"] = clock.end, self.midnight, -1
        wanted = min(max(1, events // EVENTS_A_PAGE), MOST_PAGES)
        last = max(0, clock.end - clock.begin - 1)
        rows["page_bits"] = bits = (last // wanted).bit_length()
        pages = self._unused("pages", state.Page, (last >> bits) + 1)
        pages["first"] = rows["note"] = -1
        return rows, pages

    def _flows(self, draws: Draws, numbers: Numbers) -> Rows:
        """Say where each flow's consignments, rows, arrivals and random numbers begin."""
        rows = self.itineraries.flows.copy()
        counts = np.array([len(times) for times in draws.arrivals], dtype=np.int64)
        lengths = rows["length"]
        rows["count"] = counts
        rows["first"] = np.cumsum(counts) - counts
        rows["arrivals"] = rows["first"] + sum(len(slots) for slots in self.slots)
        rows["base"] = np.cumsum(counts * lengths) - counts * lengths
        for k, choice in enumerate(rows["choice"]):
            if choice == SHARES:
                rows["chance"][k] = numbers.add(draws.choice_uniform[k])
            elif choice == LOGIT:
                rows["chance"][k] = numbers.add(draws.gumbel[k].ravel())
        return rows

    def _offers(self, arrivals: Sequence[Ints]) -> tuple[Ints, int, int]:
        """Put all consignments in the order in which they are offered: by time, flow and number.

        Returns:
            Seconds since the run's begin above the consignment's flow and number; the bits of these; the bits
            of a number.
        """
        number_bits = max((len(times) for times in arrivals), default=0).bit_length()
        bits = number_bits + len(arrivals).bit_length()
        keys = np.concatenate([*arrivals, np.zeros(0, dtype=np.int64)])
        keys -= self.model.clock.begin
        keys <<= bits
        place = 0
        for flow, times in enumerate(arrivals):
            keys[place : place + len(times)] += np.arange(
                flow << number_bits, (flow << number_bits) + len(times)
            )
            place += len(times)
        keys.sort()
        return keys, bits, number_bits

    def _vessels(self, draws: Draws, numbers: Numbers) -> Rows:
        rows = self.network.vessels.copy()
        for k, (line, number) in enumerate(zip(rows["line"].tolist(), rows["number"].tolist(), strict=True)):
            mine = draws.vessel(line, number)
            one: Any = rows[k]
            for name, blocks in (("sailing", mine.sailing), ("load", mine.load), ("unload", mine.unload)):
                one[name] = numbers.add_blocks(blocks, int(self.trips[k]))
            if self.model.lines[line].outage is not None:
                failures = draws.vessel_outage(line, number)
                one["every"] = numbers.add_blocks(failures.every, self.failures)
                one["lasts"] = numbers.add_blocks(failures.lasts, self.failures)
        rows["drawn"], rows["drawn_failures"] = self.trips, self.failures
        return rows

    def _servers(self, draws: Draws, numbers: Numbers) -> Rows:
        rows = self.network.servers.copy()
        rows["drawn"] = self.failures
        for k, facility in enumerate(self.model.facilities):
            if facility.outage is None:
                continue
            first = int(self.network.facilities["first_server"][k])
            for server in range(self.network.most_servers[k]):
                failures = draws.facility_outage(k, server)
                one: Any = rows[first + server]
                one["every"] = numbers.add_blocks(failures.every, self.failures)
                one["lasts"] = numbers.add_blocks(failures.lasts, self.failures)
        return rows

    def _calendars(self, draws: Draws) -> tuple[Rows, Rows]:
        """Lay out opening hours and closed times as intervals."""
        begins = [np.array([begin for begin, _ in self.network.hours], dtype=np.int64)]
        ends = [np.array([end for _, end in self.network.hours], dtype=np.int64)]
        rows = table(state.Calendar, len(draws.calendars))
        place = len(self.network.hours)
        for k in range(len(rows)):
            one: Any = rows[k]
            for found, first, last in (
                (draws.calendars[k], "first", "last"),
                (draws.standstills[k], "still_first", "still_last"),
            ):
                begins.append(found.starts)
                ends.append(found.ends)
                one[first], one[last] = place, place + len(found.starts)
                place += len(found.starts)
            one["next"] = one["first"]
        intervals = table(state.Interval, place)
        intervals["begin"], intervals["end"] = np.concatenate(begins), np.concatenate(ends)
        return intervals, rows

    def _stock(
        self, draws: Draws, stop: int, number: int, row: int, *, facilities: Rows, queues: Rows
    ) -> tuple[Rows, Rows]:
        """Cut what lies in buffers at the start into jobs, of 5 kt for mass, else of one unit.

        Args:
            draws: with the opening levels.
            stop: the first stop of their own.
            number: the first consignment that is a job.
            row: its row.
            facilities: where the buffers are filled.
            queues: where the jobs wait.
        """
        jobs: list[tuple[int, int, int]] = []
        stops: list[dict[str, Any]] = []
        for k, facility in enumerate(self.model.facilities):
            drawn = draws.level.get(k)
            if drawn is None:
                continue
            amounts = stock_amounts(drawn, facility.buffer_measure, self._room(k))
            if not amounts:
                continue
            own = sorted(set(amounts), reverse=True)
            place = {amount: stop + len(stops) + each for each, amount in enumerate(own)}
            stops += [self.itineraries.stock_stop(k, amount) for amount in own]
            direction = stops[-1]["direction"]
            queue: Any = queues[facilities["queue"][k] + direction]
            queue["head"] = number + len(jobs)
            jobs += [(place[amount], each, amounts[each]) for each, amount in enumerate(amounts)]
            queue["tail"] = number + len(jobs) - 1
            facilities["filled"][k, direction] = sum(amounts)
        rows = table(journeys.Consignment, len(jobs))
        rows["flow"], rows["since"], rows["holder"] = STOCK, self.model.clock.begin, -1
        for k, (first_stop, _, _) in enumerate(jobs):
            one: Any = rows[k]
            # Numbered through all facilities, so that no two have one key.
            one["first_stop"], one["number"], one["base"] = first_stop, k, row + k
            is_last = k + 1 == len(jobs) or jobs[k + 1][1] == 0
            one["next"] = -1 if is_last else number + k + 1
        table_of_stops = table(journeys.Stop, len(stops))
        for k, stop_fields in enumerate(stops):
            for name, entry in stop_fields.items():
                table_of_stops[name][k] = entry
        return rows, table_of_stops

    @staticmethod
    def _unused(name: str, record: type, rows: int) -> Rows:
        """Give a table whose rows are written before they are read."""
        return WORKSPACE.table(name, layout(record), rows)

    def _room(self, facility: int) -> int | None:
        data = self.model.facilities[facility]
        if data.buffer < 0:
            return None
        return integer_amount(float(self.model.parameters.base[data.buffer]), data.buffer_measure)


def stock_amounts(drawn: float, measure: Measure, room: int | None) -> list[int]:
    """Cut an opening stock into jobs.

    Args:
        drawn: what was drawn, in base units.
        measure: the buffer's measure.
        room: integer room of the buffer, or None without a limit.

    Returns:
        Integer amounts, the last perhaps smaller.
    """
    left = integer_amount(drawn, measure)
    if room is not None:
        left = min(left, room)
    job = 5_000_000 if measure is Measure.KG else GRAIN[measure]
    return [job] * (left // job) + ([left % job] if left % job else [])
