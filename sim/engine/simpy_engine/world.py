"""The world of one replication: SimPy's environment, the elements, the record columns, the parameters.

Built once per replication from a model and its draws; engines hold no statistic. Everything random has been
drawn before; the order of simultaneous events is the `priority` of the model's own events.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from sim.engine.rules import NEVER_CLOSED, TURN_SHIFT, ClosedTimes, Turn, count, identity
from sim.engine.simpy_engine.calendar import Calendar
from sim.engine.simpy_engine.columns import column
from sim.engine.simpy_engine.demand import Source, arrivals
from sim.engine.simpy_engine.facility import Facility
from sim.engine.simpy_engine.journey import ARRIVAL, Consignment, Element, Stop, origin_of
from sim.engine.simpy_engine.leg import Leg
from sim.engine.simpy_engine.line import Line
from sim.engine.simpy_engine.pool import Pool
from sim.engine.simpy_engine.quay import Quay
from sim.model.measures import GRAIN, Measure, integer_amount
from sim.model.network import Kind
from sim.model.parameters import NONE

if TYPE_CHECKING:
    from sim.chance.draws import Draws
    from sim.model.model import Model
    from sim.model.network import Route, Step
    from sim.model.parameters import ParameterTable


OPENING_STOCK = 2047
"""Rank of jobs that belong to no flow: after all flows."""

SERVICE_END = Turn.SERVICE_END << TURN_SHIFT


class Changing(Protocol):
    """What has parameters that may change in mid-run."""

    def renew(self, now: int) -> None:
        """Know the new values."""

    def changed(self, now: int) -> None:
        """Act on them: those who wait may go on."""


class Values:
    """Present values of a parameter table; a ramping one is read at the instant it is asked for."""

    def __init__(self, table: ParameterTable, begin: int) -> None:
        self.value: list[float] = table.base.tolist()
        self.slope = [0.0] * len(self.value)
        self.since = [begin] * len(self.value)

    def set(self, parameter: int, value: float, slope: float, now: int) -> None:
        """Put a change in force."""
        self.value[parameter] = value
        self.slope[parameter] = slope
        self.since[parameter] = now

    def at(self, parameter: int, now: int) -> float:
        """Read a parameter."""
        slope = self.slope[parameter]
        value = self.value[parameter]
        return value if slope == 0.0 else value + slope * (now - self.since[parameter])


class World:
    """Everything that one replication consists of.

    Attributes:
        started, ended, left, server: record columns, one row per flow, consignment and stop, origin first.
            A step is asked for when the stop before it is left; its end is noted only where it is blocked.
        route_open: per route whether it may be chosen.
        years: instants at which calendar years begin.
        midnight: seconds from a UTC midnight to the clock's start.
    """

    def __init__(self, model: Model, draws: Draws) -> None:
        self.model = model
        self.draws = draws
        self.begin = model.clock.begin
        self.env = Calendar(self.begin)
        self.values = Values(model.parameters, self.begin)
        self.prices = Values(model.prices, self.begin)
        start = model.clock.start.astimezone(UTC)
        first, last = (start + timedelta(seconds=each) for each in (self.begin, model.clock.end))
        self.midnight = start.hour * 3600 + start.minute * 60 + start.second
        self.years = [
            int((datetime(year, 1, 1, tzinfo=UTC) - start).total_seconds())
            for year in range(first.year, last.year + 1)
        ]
        self.server_rows: list[tuple[int, int, int, int, int]] = []
        self.vessel_rows: list[tuple[int, int, int, int, int]] = []
        self.aboard_rows = column(0)
        self.cancelled: list[tuple[int, int, int]] = []
        self.legs = [Leg(self, rank, leg) for rank, leg in enumerate(model.legs)]
        self.facilities = [Facility(self, rank, facility) for rank, facility in enumerate(model.facilities)]
        self.quays = [Quay(self, rank, group) for rank, group in enumerate(model.groups)]
        self.lines = [Line(self, rank, line) for rank, line in enumerate(model.lines)]
        self.pools = [Pool(self, rank, pool) for rank, pool in enumerate(model.pools)]
        self.elements: list[Changing] = [*self.legs, *self.facilities, *self.quays, *self.lines, *self.pools]
        self.route_open: list[bool] = []
        self.sources = [Source(self, rank, flow) for rank, flow in enumerate(model.flows)]
        rows = 0
        for source in self.sources:
            self.plan(source)
            source.base = rows
            source.rows = source.length + 1
            rows += source.rows * len(source.arrived)
        self.flow_rows = rows
        self.stock: list[tuple[Facility, Consignment]] = []
        stock = [self.opening_stock(facility) for facility in self.facilities]
        rows += sum(len(amounts) for _, amounts in stock)
        self.started, self.ended, self.left = (column(rows) for _ in range(3))
        self.server = column(rows, -1)
        self.read_routes()
        self.lay_stock(stock)

    # -- parameters -------------------------------------------------------------------------------------

    def value(self, parameter: int) -> float:
        """Read a parameter of the model."""
        values = self.values
        return values.at(parameter, self.env.instant) if values.slope[parameter] else values.value[parameter]

    def price(self, parameter: int) -> float:
        """Read a price."""
        return self.prices.at(parameter, self.env.instant)

    def ramps(self, parameter: int) -> bool:
        """Tell whether a parameter is ramping now."""
        return self.values.slope[parameter] != 0.0

    def count(self, parameter: int) -> int:
        """Read a whole number of servers, vessels or berths."""
        return count(self.value(parameter))

    def closed(self, calendar: int) -> ClosedTimes:
        """Give when a calendar's port or facility is closed."""
        starts, ends = self.draws.calendars[calendar]
        return ClosedTimes(starts.tolist(), ends.tolist())

    def stops(self, calendar: int) -> ClosedTimes:
        """Give when handling stands still at a calendar's port or facility."""
        starts, ends = self.draws.standstills[calendar]
        return ClosedTimes(starts.tolist(), ends.tolist()) if len(starts) else NEVER_CLOSED

    def read_routes(self) -> None:
        """Find out which routes may be chosen: no leg closed, no capacity set to 0."""
        self.route_open = [all(self.step_open(step) for step in route.steps) for route in self.model.routes]

    def step_open(self, step: Step) -> bool:
        """Tell whether a step does not close its route."""
        if step.kind is Kind.LEG:
            return self.legs[step.index].open
        if step.kind is Kind.FACILITY:
            return self.facilities[step.index].servers.number > 0
        return self.lines[step.index].open

    # -- what flows will do -----------------------------------------------------------------------------

    def plan(self, source: Source) -> None:
        """Lay out the stops of every option of a flow."""
        for number, option in enumerate(source.data.options):
            route = self.model.routes[option.route]
            stops = self.stops_of(source, route, number)
            source.stops.append(stops)
            source.origins.append(origin_of(stops[0]) if stops else None)
            source.length = max(source.length, len(stops))

    def stops_of(self, source: Source, route: Route, option: int) -> list[Stop]:
        """Lay out the stops of one option, with everything that is known before the run."""
        stops: list[Stop] = []
        amounts = source.data.amounts
        for ordinal, step in enumerate(route.steps):
            last = ordinal == len(route.steps) - 1
            # The end of a leg is an arrival at the next step: class 2, by the step reached.
            key = SERVICE_END + ordinal if step.kind is Kind.FACILITY else ARRIVAL + ordinal + 1
            direction = int(route.direction)
            stop = Stop(self.element(step), direction=direction, end=step.way, ordinal=ordinal, key=key)
            stop.amounts = amounts
            self.scale(stop, step)
            stop.factors = self.draws.factors[source.rank][option][ordinal]
            element = stop.element
            if isinstance(element, Leg | Facility):
                stop.reckon(element.reckoned)
            takes = [use.pool for use in route.uses if use.first == ordinal]
            gives = [use.pool for use in route.uses if use.last == ordinal]
            stop.takes = tuple(
                (self.pools[pool], held(amounts, self.pools[pool].data.measure)) for pool in takes
            )
            stop.needs = tuple(sorted(takes))
            stop.is_free = stop.admits is None and not takes
            if stops:
                stops[-1].following = stop
            stops.append(stop)
            for pool in gives:
                first = next(use.first for use in route.uses if use.pool == pool and use.last == ordinal)
                amount = next(amount for taken, amount in stops[first].takes if taken.rank == pool)
                stop.gives += ((self.pools[pool], amount),)
                factors = self.draws.pool_returns.get((source.rank, pool))
                if factors is not None:
                    source.returns[pool] = factors.tolist()
            for pool in takes:
                self.pools[pool].watch(stop.element)
            stop.teaches = last and source.data.choice == "logit"
            stop.is_quiet = last and not gives and not stop.teaches
            if step.kind is Kind.FACILITY:
                amounts = changed(amounts, self.model.facilities[step.index].changes)
        return stops

    def element(self, step: Step) -> Element:
        """Give the element of a step; a line shows the gate of the end where the step starts."""
        if step.kind is Kind.LEG:
            return self.legs[step.index]
        if step.kind is Kind.FACILITY:
            return self.facilities[step.index]
        return self.lines[step.index].gates[step.way]

    def scale(self, stop: Stop, step: Step) -> None:
        """Say by how much a step is scaled, and how much room and load a consignment takes there."""
        if step.kind is Kind.FACILITY:
            facility = self.model.facilities[step.index]
            stop.size = size(stop.amounts, facility.per)
            stop.room = held(stop.amounts, facility.buffer_measure)
        elif step.kind is Kind.LINE:
            line = self.model.lines[step.index]
            stop.load = held(stop.amounts, line.measure)
            own = self.lines[step.index]
            share = held(stop.amounts, line.load.per) / max(1, stop.load)
            own.handled_share = max(own.handled_share, share)
            group = self.model.groups[line.groups[step.way]]
            stop.room = held(stop.amounts, group.yard_measure) if group.yard != NONE else 0

    def base_time(self, stops: list[Stop]) -> float:
        """Give the sum of a route's base times in seconds: what a flow expects at first."""
        total = 0.0
        for stop in stops:
            element = stop.element
            if isinstance(element, Leg):
                total += element.base
            elif isinstance(element, Facility):
                total += element.base * stop.size
            else:
                line = element.line  # type: ignore[attr-defined]
                for time, handling in (
                    (line.load_time, line.data.load),
                    (line.unload_time, line.data.unload),
                ):
                    total += time * size(stop.amounts, handling.per)
                total += line.sailing_time
        return total

    # -- opening stock ----------------------------------------------------------------------------------

    def opening_stock(self, facility: Facility) -> tuple[Facility, list[int]]:
        """Cut what lies in a buffer at the start into jobs: of 5 kt for mass, else of one unit."""
        data = facility.data
        drawn = self.draws.level.get(facility.rank)
        if drawn is None:
            return facility, []
        left = integer_amount(drawn, data.buffer_measure)
        if facility.room is not None:
            left = min(left, facility.room)
        job = 5_000_000 if data.buffer_measure is Measure.KG else GRAIN[data.buffer_measure]
        amounts = [job] * (left // job)
        if left % job:
            amounts.append(left % job)
        return facility, amounts

    def lay_stock(self, stock: list[tuple[Facility, list[int]]]) -> None:
        """Put the opening stock into the buffers of the directions that use them."""
        row = self.flow_rows
        for facility, amounts in stock:
            if not amounts:
                continue
            directions = {
                stop.direction
                for source in self.sources
                for stops in source.stops
                for stop in stops
                if stop.element is facility
            }
            direction = min(directions, default=0)
            for amount in amounts:
                stop = Stop(facility, direction=direction, end=0, ordinal=0, key=SERVICE_END)
                own = [0, 0, 0, 0, 0]
                if facility.data.buffer_measure is not Measure.CONSIGNMENT:
                    own[facility.data.buffer_measure] = amount
                stop.amounts = (own[0], own[1], own[2], own[3], own[4])
                stop.size = size(stop.amounts, facility.data.per)
                stop.room = amount
                stop.reckon(facility.reckoned)
                # Numbered through all facilities, so that no two have one key.
                tie = identity(OPENING_STOCK, row - self.flow_rows)
                job = Consignment(self.env, None, row - self.flow_rows, tie, row, self.begin)
                job.stop = stop
                facility.queues[direction].append(job)
                facility.filled[direction] += amount
                self.stock.append((facility, job))
                row += 1

    # -- records ----------------------------------------------------------------------------------------

    def run(self) -> None:
        """Let everything begin, and run to the end of the window; what falls due at the end is not in it."""
        from sim.engine.simpy_engine.timeline import Timeline

        Timeline(self).start()
        for line in self.lines:
            line.start()
        for source in self.sources:
            source.start()
        for facility in self.facilities:
            facility.fill(self.begin)
        self.env.run_before(self.model.clock.end, foreseen=arrivals(self.sources, self.env))


def held(amounts: tuple[int, int, int, int, int], measure: Measure) -> int:
    """Give a consignment's integer amount in a measure."""
    return 1 if measure is Measure.CONSIGNMENT else amounts[measure]


def size(amounts: tuple[int, int, int, int, int], per: Measure) -> float:
    """Give by how much a time per unit is scaled: kg, TEU, wagons, trucks, trains, or 1."""
    if per is Measure.CONSIGNMENT:
        return 1.0
    return float(amounts[per]) if per is Measure.KG else amounts[per] / GRAIN[per]


def changed(
    amounts: tuple[int, int, int, int, int], factors: tuple[float, float, float, float, float] | None
) -> tuple[int, int, int, int, int]:
    """Give the amounts after a facility that changes them, rounded down."""
    if factors is None:
        return amounts
    new = [int(amount * factor + 1e-6) for amount, factor in zip(amounts, factors, strict=True)]
    return new[0], new[1], new[2], new[3], new[4]
