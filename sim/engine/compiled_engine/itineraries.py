"""From the model to tables: flows, options, the stops of each option, and the doors at which they wait."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.compiled_engine import elements, journeys
from sim.engine.compiled_engine.network import Network, Rows, table
from sim.engine.compiled_engine.state import CASCADE, FACILITY, LINE, LOGIT, SHARES
from sim.engine.records import NULL
from sim.model.flows import Flow, Option
from sim.model.measures import GRAIN, Measure
from sim.model.network import Kind, Route, Step

Amounts = tuple[int, int, int, int, int]

AMOUNTS = ("kg", "milliteu", "milliwagons", "millitrucks", "millitrains")
CHOICES = {"shares": SHARES, "logit": LOGIT, "cascade": CASCADE}


def held(amounts: Amounts, measure: Measure) -> int:
    """Give a consignment's integer amount in a measure."""
    return 1 if measure is Measure.CONSIGNMENT else amounts[measure]


def size(amounts: Amounts, per: Measure) -> float:
    """Give by how much a time per unit is scaled: kg, TEU, wagons, trucks, trains, or 1."""
    if per is Measure.CONSIGNMENT:
        return 1.0
    return float(amounts[per]) if per is Measure.KG else amounts[per] / GRAIN[per]


def changed(amounts: Amounts, factors: tuple[float, float, float, float, float] | None) -> Amounts:
    """Give the amounts after a facility that changes them, rounded down."""
    if factors is None:
        return amounts
    new = [int(amount * factor + 1e-6) for amount, factor in zip(amounts, factors, strict=True)]
    return new[0], new[1], new[2], new[3], new[4]


class Itineraries:
    """Tables of demand before the run.

    Attributes:
        sources: (flow, option, ordinal) of every step whose factors are drawn; options share those of a step.
        source_of_stop: per stop which of them it uses, or the last, of none.
        returns: per row of `holdings` that is given back, its flow, else -1.
        lengths: rows of a consignment by flow.
        directions: directions in which each facility is used.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.model = model = network.model
        self.lengths = [
            max((len(model.routes[option.route].steps) for option in flow.options), default=0)
            for flow in model.flows
        ]
        self._stops: list[dict[str, Any]] = []
        self._holdings: list[tuple[int, int]] = []
        self._needs: dict[int, list[tuple[int, ...]]] = {}
        self._watched: list[list[tuple[int, int]]] = [[] for _ in model.pools]
        self.sources: list[tuple[int, int, int]] = []
        self._known: dict[tuple[int, Kind, int, int], int] = {}
        self._source_of_stop: list[int] = []
        self.returns: list[int] = []
        self.prices: list[int] = []
        self.directions: list[set[int]] = [set() for _ in model.facilities]
        self.flows, self.options = self._flows()
        self.doors, numbers = self._doors()
        self.queues = network.queues
        self.stops = self._table_of_stops(numbers)
        self.source_of_stop = np.array(self._source_of_stop, dtype=np.int64)
        self.holdings = table(journeys.Holding, len(self._holdings))
        for k, (pool, amount) in enumerate(self._holdings):
            self.holdings[k] = (pool, amount, -1)
        self.watches = self._watches(numbers)

    def _flows(self) -> tuple[Rows, Rows]:
        flows = table(journeys.Flow, len(self.model.flows))
        options = table(journeys.Option, sum(len(flow.options) for flow in self.model.flows))
        place = 0
        prices_from = len(self.model.parameters.base)
        for k, flow in enumerate(self.model.flows):
            one: Any = flows[k]
            one["length"], one["choice"] = self.lengths[k], CHOICES[flow.choice]
            one["first_option"], one["last_option"] = place, place + len(flow.options)
            one["value_of_time"] = flow.value_of_time + prices_from
            one["units"] = flow.amounts[flow.unit_measure] / 1000
            one["scale"], one["memory"] = flow.scale, flow.memory
            one["production"] = flow.cut is not None
            if flow.cut is not None:
                one["after"], one["ramp"] = flow.cut.after, flow.cut.ramp
            for number, option in enumerate(flow.options):
                self._option(options[place], k, flow, number, option)
                place += 1
        flows["stranded"] = flows["rescued"] = -1
        flows["level"] = flows["taken"] = 1.0
        flows["seen"] = flows["refused_last"] = self.model.clock.begin
        flows["full_since"] = NULL
        options["updated"] = self.model.clock.begin
        options["year"], options["refused_at"] = -1, NULL
        return flows, options

    def _option(self, one: Any, rank: int, flow: Flow, number: int, option: Option) -> None:
        route = self.model.routes[option.route]
        one["route"], one["share"] = option.route, option.share
        one["outside_cost"], one["outside_time"] = route.outside_cost, route.outside_time
        one["price"] = len(self.prices)
        self.prices += [price + len(self.model.parameters.base) for price in option.prices]
        one["price_to"] = len(self.prices)
        if option.cap is not None:
            one["capped"], one["at_most"], one["lag"] = True, option.cap.at_most, option.cap.lag
            one["then"] = -1 if option.cap.then is None else option.cap.then
            one["amount"] = held(flow.amounts, option.cap.measure)
        one["first_stop"], one["stops"] = len(self._stops), len(route.steps)
        self._lay_stops(rank, flow, number, route)

    def _lay_stops(self, rank: int, flow: Flow, number: int, route: Route) -> None:
        """Lay out the stops of one option, with everything that is known before the run."""
        amounts = flow.amounts
        taken: dict[tuple[int, int], int] = {}
        for ordinal, step in enumerate(route.steps):
            stop = self._stop(step, amounts, direction=int(route.direction))
            stop["last"] = ordinal == len(route.steps) - 1
            takes = [use.pool for use in route.uses if use.first == ordinal]
            stop["takes"] = len(self._holdings)
            for pool in takes:
                taken[pool, ordinal] = held(amounts, self.model.pools[pool].measure)
                self._hold(pool, taken[pool, ordinal], flow=-1)
            stop["takes_to"] = len(self._holdings)
            stop["gives"] = len(self._holdings)
            for pool in (use.pool for use in route.uses if use.last == ordinal):
                first = next(use.first for use in route.uses if use.pool == pool and use.last == ordinal)
                self._hold(pool, taken[pool, first], flow=rank)
            stop["gives_to"] = len(self._holdings)
            is_quiet = stop["gives"] == stop["gives_to"] and flow.choice != "logit"
            stop["ends_alone"] = stop["last"] and step.kind is Kind.LEG and is_quiet
            needs = tuple(sorted(takes))
            queues = self._needs.setdefault(stop["door"], [])
            if needs not in queues:
                queues.append(needs)
            stop["queue"] = (stop["door"], needs)
            for pool in takes:
                self._watch(pool, step)
            self._stops.append(stop)
            self._source_of_stop.append(self._source(rank, number, ordinal, step=step))
            if step.kind is Kind.FACILITY:
                self.directions[step.index].add(int(route.direction))
                amounts = changed(amounts, self.model.facilities[step.index].changes)

    def _stop(self, step: Step, amounts: Amounts, *, direction: int) -> dict[str, Any]:
        """Lay out one stop: where it waits, by how much it is scaled, how much room and load it takes."""
        stop: dict[str, Any] = dict(zip(AMOUNTS, amounts, strict=True))
        stop |= {"kind": int(step.kind), "element": step.index, "way": step.way, "factors": -1}
        stop["direction"], stop["size"] = direction, 1.0
        place = step.index
        if step.kind is Kind.FACILITY:
            facility = self.model.facilities[step.index]
            stop["size"], stop["room"] = size(amounts, facility.per), held(amounts, facility.buffer_measure)
        elif step.kind is Kind.LINE:
            line = self.model.lines[step.index]
            place = line.groups[step.way]
            stop["load"] = held(amounts, line.measure)
            own: Any = self.network.lines[step.index]
            share = held(amounts, line.load.per) / max(1, stop["load"])
            own["handled_share"] = max(own["handled_share"], share)
            stop["room"] = held(amounts, self.model.groups[place].yard_measure)
        stop["door"] = self.network.door(int(step.kind), place, direction)
        return stop

    def stock_stop(self, facility: int, amount: int) -> dict[str, Any]:
        """Lay out the stop of a job of a facility's opening stock."""
        data = self.model.facilities[facility]
        own = [0, 0, 0, 0, 0]
        if data.buffer_measure is not Measure.CONSIGNMENT:
            own[data.buffer_measure] = amount
        amounts = (own[0], own[1], own[2], own[3], own[4])
        direction = min(self.directions[facility], default=0)
        stop = {"kind": FACILITY, "element": facility, "direction": direction, "factors": -1, "last": True}
        return stop | {"size": size(amounts, data.per), "room": amount}

    def _source(self, rank: int, number: int, ordinal: int, *, step: Step) -> int:
        """Give which factors a stop uses; -1 where its element has no spread."""
        if step.kind is Kind.LINE:
            return -1
        element = (self.model.legs if step.kind is Kind.LEG else self.model.facilities)[step.index]
        if element.shape.family == "fixed":
            return -1
        key = (rank, step.kind, step.index, step.occurrence)
        if key not in self._known:
            self._known[key] = len(self.sources)
            self.sources.append((rank, number, ordinal))
        return self._known[key]

    def _hold(self, pool: int, amount: int, *, flow: int) -> None:
        self._holdings.append((pool, amount))
        self.returns.append(flow)

    def _watch(self, pool: int, step: Step) -> None:
        """Remember an element at whose doors somebody may wait for a pool; a line shows the end's quay."""
        element = (int(step.kind), step.index if step.kind is not Kind.LINE else 2 * step.index + step.way)
        if element not in self._watched[pool]:
            self._watched[pool].append(element)

    def _doors(self) -> tuple[Rows, dict[tuple[int, tuple[int, ...]], int]]:
        """Number the queues at the doors, behind those of the elements themselves."""
        doors = table(elements.Door, self.network.doors)
        numbers: dict[tuple[int, tuple[int, ...]], int] = {}
        for door in range(len(doors)):
            first = self.network.queues
            for needs in self._needs.get(door, []):
                numbers[door, needs] = self.network.queues
                self.network.queues += 1
            doors[door] = (first, self.network.queues, 0)
        return doors, numbers

    def _table_of_stops(self, numbers: dict[tuple[int, tuple[int, ...]], int]) -> Rows:
        stops = table(journeys.Stop, len(self._stops))
        for k, stop in enumerate(self._stops):
            one: Any = stops[k]
            for name, entry in stop.items():
                one[name] = numbers[entry] if name == "queue" else entry
        return stops

    def _watches(self, numbers: dict[tuple[int, tuple[int, ...]], int]) -> Rows:
        """Lay out who may wait for each pool."""
        found: list[tuple[int, ...]] = []
        for pool, watched in enumerate(self._watched):
            self.network.pools["first"][pool] = len(found)
            for place, (kind, index) in enumerate(watched):
                element = index
                if kind == LINE:
                    element = self.model.lines[index // 2].groups[index % 2]
                for direction in (0, 1):
                    door = self.network.door(kind, element, direction)
                    found += [
                        (numbers[door, needs], place, kind, element, 0, 0, -1)
                        for needs in self._needs.get(door, [])
                        if pool in needs
                    ]
            self.network.pools["last"][pool] = len(found)
        rows = table(elements.Watch, len(found))
        for k, row in enumerate(found):
            rows[k] = row
        return rows
