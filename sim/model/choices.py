"""Compiles flows: consignments, arrivals, choice among routes, and what each step costs.

Money is read here: the price of a step for a whole consignment of the flow, by what the consignment is when
it reaches the step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sim.model.demand import FlowLaw, cumulated
from sim.model.elements import MEASURE, Ranks, sorted_items
from sim.model.flows import Cap, Cut, Flow, Option
from sim.model.measures import AMOUNTS, GRAIN, NAMES, Measure, integer_amount
from sim.model.network import Kind, Route
from sim.model.parameters import NONE, FloatArray, IntArray, Param, ParameterTable
from sim.model.paths import Paths, Timeline
from sim.model.times import YEAR, whole_seconds
from sim.model.timetable import slots
from sim.scenario import document as doc

SECTION: Mapping[Kind, str] = {Kind.LEG: "legs", Kind.FACILITY: "facilities", Kind.LINE: "lines"}
"""Where in a document the element of a step stands."""

Amounts = Mapping[doc.Measure, float]
"""What a consignment holds of each measure, in base units; `consignment` is 1."""


def price(prices: doc.Prices, *, amounts: Amounts, distance: float) -> float:
    """Give the USD for a whole consignment: by the first measure that it has.

    Args:
        prices: prices by measure, in order.
        amounts: what the consignment holds, in base units.
        distance: km, for a price per km.
    """
    for one in prices:
        amount = amounts.get(one.measure, 0.0)
        if amount > 0:
            return one.usd * amount * (distance if one.per_km else 1.0)
    return 0.0


class FlowCompiler:
    """Compiles the flows of one document, registering shares in `paths` and money in `prices`."""

    def __init__(
        self, document: doc.Document, *, timeline: Timeline, paths: Paths, prices: Paths, ranks: Ranks
    ) -> None:
        self._document = document
        self._timeline = timeline
        self._paths = paths
        self._prices = prices
        self._ranks = ranks
        self._options: dict[str, tuple[Option, ...]] = {}
        self._value_of_time: dict[str, Param] = {}

    def register(self, routes: Sequence[Route]) -> None:
        """Register the parameters of all flows over the model's routes."""
        for key, one in sorted_items(self._document.flows):
            self._options[key] = tuple(
                Option(
                    route=self._ranks.routes[route],
                    share=self._share(key, route) if one.choice.kind == "shares" else NONE,
                    cap=cap,
                    prices=self._step_prices(key, routes[self._ranks.routes[route]]),
                )
                for route, cap in self._chosen(key)
            )
            self._value_of_time[key] = self._prices.add(
                f"flows.{key}.value_of_time", ("flows", key), read=_value_of_time
            )

    def _chosen(self, key: str) -> Iterator[tuple[str, Cap | None]]:
        """Give a flow's routes: by id under shares, with all that the timeline ever names; else as listed."""
        choice = self._document.flows[key].choice
        if choice.kind == "cascade":
            yield from ((entry.route, _cap(entry)) for entry in choice.cascade)
        elif choice.kind == "logit":
            yield from ((route, None) for route in choice.options)
        else:
            documents = self._timeline.documents()
            named = {route for document in documents for route in document.flows[key].choice.shares}
            yield from ((route, None) for route in sorted(named))

    def _share(self, flow: str, route: str) -> Param:
        def share(one: doc.Flow) -> float:
            return one.choice.shares.get(route, 0.0)

        return self._paths.add(f"flows.{flow}.choice.shares.{route}", ("flows", flow), read=share)

    def _step_prices(self, flow: str, route: Route) -> tuple[Param, ...]:
        """Register what each step of a route costs a whole consignment of a flow."""
        amounts: dict[doc.Measure, float] = {**self._document.flows[flow].consignment, "consignment": 1.0}
        registered = []
        keys = self._document.routes[route.id].steps if route.steps else ()
        for ordinal, (step, key) in enumerate(zip(route.steps, keys, strict=True)):
            name = f"flows.{flow}.{route.id}.{ordinal}.{key}"
            read = _price_reader(step.kind, amounts=dict(amounts))
            registered.append(self._prices.add(name, (SECTION[step.kind], key), read=read))
            if step.kind is Kind.FACILITY:
                for measure, factor in self._document.facilities[key].changes.items():
                    amounts[measure] = amounts.get(measure, 0.0) * factor
        return tuple(registered)

    def flows(
        self, demand: Mapping[str, FlowLaw], *, laws: ParameterTable, begin: int, end: int
    ) -> tuple[Flow, ...]:
        """Give the flows in order of id.

        Args:
            demand: parameters of demand by flow.
            laws: the table that they are in.
            begin: begin of the run, seconds from the clock's start.
            end: its end, likewise.
        """
        return tuple(
            self._flow(key, one, law=demand.get(key), laws=laws, window=(begin, end))
            for key, one in sorted_items(self._document.flows)
        )

    def _flow(
        self, key: str, one: doc.Flow, *, law: FlowLaw | None, laws: ParameterTable, window: tuple[int, int]
    ) -> Flow:
        begin, end = window
        instants = np.empty(0, dtype=np.int64)
        if law is not None:
            times, expected = cumulated(self._document, law=law, laws=laws, begin=begin, end=end)
        else:
            if one.timetable is not None:
                instants = slots(one.timetable, clock=self._document.clock)
            times, expected = _straight(len(instants), begin=begin, end=end)
        kg, teu, wagons, trucks, trains = (
            integer_amount(one.consignment.get(_name(measure), 0.0), measure) for measure in AMOUNTS
        )
        unit = Measure.TEU if teu > 0 else Measure.KG
        return Flow(
            id=key,
            commodity=one.commodity,
            amounts=(kg, teu, wagons, trucks, trains),
            arrivals=one.arrivals,
            demand_time=times,
            demand=expected,
            slots=instants,
            choice=one.choice.kind,
            options=self._options[key],
            scale=one.choice.scale,
            memory=whole_seconds(one.choice.memory),
            cut=None
            if one.cut_after is None
            else Cut(whole_seconds(one.cut_after), whole_seconds(one.cut_ramp)),
            value=one.value * _units(one, one.value_measure),
            value_of_time=self._value_of_time[key],
            unit_measure=unit,
        )


def _name(measure: Measure) -> doc.Measure:
    name: doc.Measure = NAMES[measure]
    return name


def _price_reader(kind: Kind, *, amounts: Amounts) -> Callable[[Any], float]:
    """Give the function that reads the price of a step from its element."""

    def tariff(leg: doc.Leg) -> float:
        return price(leg.tariff, amounts=amounts, distance=leg.distance)

    def charge(facility: doc.Facility) -> float:
        return price(facility.charge, amounts=amounts, distance=0.0)

    def freight(line: doc.Line) -> float:
        return price(line.charge, amounts=amounts, distance=line.distance)

    readers: dict[Kind, Callable[[Any], float]] = {
        Kind.LEG: tariff,
        Kind.FACILITY: charge,
        Kind.LINE: freight,
    }
    return readers[kind]


def _units(one: doc.Flow, measure: doc.Measure) -> float:
    """Tell how many units of a measure (kg, TEU, …) go with one TEU of a flow, or one t without TEU."""
    held = 1.0 if measure == "consignment" else one.consignment.get(measure, 0.0)
    teu, kg = one.consignment.get("TEU", 0.0), one.consignment.get("t", 0.0)
    if teu > 0:
        return held / teu
    return held / kg * GRAIN[Measure.KG] if kg > 0 else 0.0


def _value_of_time(one: doc.Flow) -> float:
    """Give USD per TEU (or t) and second."""
    return one.value_of_time * _units(one, one.value_of_time_measure)


def _cap(entry: doc.CascadeEntry) -> Cap | None:
    """Give a contract in integer units per calendar year."""
    if entry.at_most is None:
        return None
    then = entry.renegotiated_to
    return Cap(
        at_most=_yearly(entry.at_most),
        measure=MEASURE[entry.at_most.measure],
        then=None if then is None else _yearly(then),
        lag=whole_seconds(entry.renegotiated_after),
    )


def _yearly(amount: doc.Amount) -> int:
    """Give the nearest integer amount that a rate per second lets pass in a year."""
    measure = MEASURE[amount.measure]
    grain = 1 if measure in (Measure.KG, Measure.CONSIGNMENT) else GRAIN[measure]
    return whole_seconds(amount.value * YEAR * grain)


def _straight(count: int, *, begin: int, end: int) -> tuple[IntArray, FloatArray]:
    """Give the curve of a demand that only a timetable knows."""
    return np.array([begin, end], dtype=np.int64), np.array([0.0, float(count)])
