"""Compiles what stands still and what sails: places, legs, facilities, berth groups, pools, lines.

Takes elements of the resolved document, registers their parameters, gives the model's tuples in order of id.
Routes, flows and weather are compiled by their neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import floor
from typing import Any

from sim.model import fleet, network
from sim.model.measures import AMOUNTS, NAMES, Measure
from sim.model.network import FIXED, Shape
from sim.model.paths import Paths, Timeline
from sim.model.timetable import slots
from sim.scenario import document as doc

MEASURE: Mapping[str, Measure] = {name: Measure(index) for index, name in enumerate(NAMES)}
"""Measures by the name that a scenario gives them."""

WITHOUT_CV = ("triangular", "uniform", "empirical")
"""Laws that stand on points, not on a coefficient of variation."""


@dataclass(frozen=True)
class Ranks:
    """Index of every element by id: its alphabetical rank."""

    places: Mapping[str, int]
    legs: Mapping[str, int]
    facilities: Mapping[str, int]
    groups: Mapping[str, int]
    lines: Mapping[str, int]
    pools: Mapping[str, int]
    routes: Mapping[str, int]
    calendars: Mapping[str, int]


def rank(ids: Iterable[str]) -> dict[str, int]:
    """Number ids in alphabetical order."""
    return {key: index for index, key in enumerate(sorted(ids))}


def ranks(document: doc.Document) -> Ranks:
    """Number every element of a document."""
    subjects = {f"port/{port}" for closure in document.closures.values() for port in closure.ports}
    subjects |= {f"facility/{one}" for closure in document.closures.values() for one in closure.facilities}
    return Ranks(
        places=rank(document.places),
        legs=rank(document.legs),
        facilities=rank(document.facilities),
        groups=rank(f"{port}/{group}" for port, one in document.ports.items() for group in one.berths),
        lines=rank(document.lines),
        pools=rank(document.pools),
        routes=rank(document.routes),
        calendars=rank(subjects),
    )


def shape_of(random: doc.Random | None) -> Shape:
    """Give the law of a random quantity's factor."""
    if random is None or random.family == "fixed":
        return FIXED
    if random.family == "exponential":
        return Shape("exponential", 1.0)
    if random.family in WITHOUT_CV:
        return Shape(random.family, random.cv, random.points)
    return Shape(random.family, random.cv) if random.cv > 0 else FIXED


def sorted_items(mapping: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Go through a section in order of id."""
    return iter(sorted(mapping.items()))


class ElementCompiler:
    """Compiles the elements of one document, registering their parameters in `paths`."""

    def __init__(self, document: doc.Document, *, timeline: Timeline, paths: Paths, ranks: Ranks) -> None:
        self._document = document
        self._timeline = timeline
        self._paths = paths
        self._ranks = ranks

    def places(self) -> tuple[network.Place, ...]:
        """Give the places."""
        return tuple(
            network.Place(key, one.name, one.country, one.lat, one.lon)
            for key, one in sorted_items(self._document.places)
        )

    def legs(self) -> tuple[network.Leg, ...]:
        """Give the legs."""
        return tuple(self._leg(key, one) for key, one in sorted_items(self._document.legs))

    def _leg(self, key: str, one: doc.Leg) -> network.Leg:
        add, source, path = self._paths.add, ("legs", key), f"legs.{key}"
        return network.Leg(
            id=key,
            ends=(self._ranks.places[one.origin], self._ranks.places[one.destination]),
            mode=one.mode,
            distance=add(f"{path}.distance", source, read=lambda leg: leg.distance),
            speed=add(f"{path}.speed", source, read=lambda leg: leg.speed),
            open=add(f"{path}.open", source, read=lambda leg: float(leg.open), stepped=True),
            train_paths=self._paths.optional(f"{path}.train_paths", source, read=lambda leg: leg.train_paths),
            single_track=one.single_track,
            hours=one.hours,
            shape=Shape("lognormal", one.cv) if one.cv > 0 else FIXED,
            emissions=one.emissions,
        )

    def facilities(self) -> tuple[network.Facility, ...]:
        """Give the facilities."""
        return tuple(self._facility(key, one) for key, one in sorted_items(self._document.facilities))

    def _facility(self, key: str, one: doc.Facility) -> network.Facility:
        add, source, path = self._paths.add, ("facilities", key), f"facilities.{key}"
        is_rate = one.rate is not None
        if is_rate:
            service = add(f"{path}.rate", source, read=lambda facility: facility.rate)
        else:
            service = add(f"{path}.service", source, read=_service)
        buffers = [document.facilities[key].buffer for document in self._timeline.documents()]
        amounts = [buffer for buffer in buffers if buffer is not None]
        return network.Facility(
            id=key,
            place=self._ranks.places[one.at],
            task=one.task,
            servers=add(f"{path}.servers", source, read=lambda facility: facility.servers),
            service=service,
            rate=is_rate,
            per=MEASURE[one.per],
            shape=shape_of(one.rate_shape if is_rate else one.service),
            buffer=self._paths.optional(
                f"{path}.buffer", source, read=lambda facility: facility.buffer and facility.buffer.value
            ),
            buffer_measure=MEASURE[amounts[0].measure] if amounts else Measure.CONSIGNMENT,
            hours=one.hours,
            outage=self._outage(one.outages, path=path, source=source),
            changes=_changes(one.changes),
            level=None if one.level is None else (one.level.mean, shape_of(one.level)),
            calendar=self._ranks.calendars.get(f"facility/{key}", -1),
            emissions=one.emissions,
        )

    def _outage(
        self, outages: doc.Outages | None, *, path: str, source: tuple[str, str]
    ) -> network.Outage | None:
        if outages is None:
            return None
        return network.Outage(
            every=self._paths.add(f"{path}.outages.every", source, read=lambda one: one.outages.every.mean),
            lasts=self._paths.add(f"{path}.outages.lasts", source, read=lambda one: one.outages.lasts.mean),
            every_shape=shape_of(outages.every),
            lasts_shape=shape_of(outages.lasts),
            clock=outages.clock,
            resumed=outages.job == "resumed",
        )

    def groups(self) -> tuple[network.BerthGroup, ...]:
        """Give the berth groups of all ports, in order of `port/group`."""
        return tuple(self._group(*key.split("/", 1)) for key in self._ranks.groups)

    def _group(self, port: str, group: str) -> network.BerthGroup:
        source, path = ("ports", port), f"ports.{port}"
        yards = [document.ports[port].yard.get(group) for document in self._timeline.documents()]
        amounts = [yard for yard in yards if yard is not None]

        def yard_of(one: doc.Port) -> float | None:
            return one.yard[group].value if group in one.yard else None

        return network.BerthGroup(
            id=f"{port}/{group}",
            port=port,
            place=self._ranks.places[self._document.ports[port].at],
            berths=self._paths.add(f"{path}.berths.{group}", source, read=lambda one: one.berths[group]),
            yard=self._paths.optional(f"{path}.yard.{group}", source, read=yard_of),
            yard_measure=MEASURE[amounts[0].measure] if amounts else Measure.CONSIGNMENT,
            calendar=self._ranks.calendars.get(f"port/{port}", -1),
        )

    def pools(self) -> tuple[network.Pool, ...]:
        """Give the pools."""
        return tuple(
            network.Pool(
                id=key,
                measure=MEASURE[one.size.measure],
                size=self._paths.add(f"pools.{key}.size", ("pools", key), read=lambda pool: pool.size.value),
                returns=self._paths.add(
                    f"pools.{key}.returns", ("pools", key), read=lambda pool: pool.returns.mean
                ),
                shape=shape_of(one.returns),
            )
            for key, one in sorted_items(self._document.pools)
        )

    def lines(self) -> tuple[fleet.Line, ...]:
        """Give the lines with their vessels."""
        return tuple(self._line(key, one) for key, one in sorted_items(self._document.lines))

    def _line(self, key: str, one: doc.Line) -> fleet.Line:
        add, source, path = self._paths.add, ("lines", key), f"lines.{key}"
        classes = tuple(self._vessels(key, name, vessels) for name, vessels in sorted_items(one.vessels))
        names, of = [], []
        for index, vessels in enumerate(classes):
            for number in range(1, vessels.most + 1):
                names.append(f"{key}/{vessels.id}-{number}" if vessels.id else f"{key}/{number}")
                of.append(index)
        measures = [MEASURE[vessels.capacity.measure] for vessels in one.vessels.values()]
        return fleet.Line(
            id=key,
            groups=(self._ranks.groups["/".join(one.origin)], self._ranks.groups["/".join(one.destination)]),
            classes=classes,
            measure=measures[0] if measures else Measure.CONSIGNMENT,
            rules=(self._rule(key, 0), self._rule(key, 1)),
            sailing=add(f"{path}.sailing", source, read=lambda line: line.sailing.mean),
            sailing_shape=shape_of(one.sailing),
            load=self._handling(key, "load"),
            unload=self._handling(key, "unload"),
            look_ahead=add(f"{path}.look_ahead", source, read=lambda line: line.look_ahead),
            outage=self._outage(one.outages, path=path, source=source),
            distance=one.distance,
            emissions=one.emissions,
            vessels=tuple(names),
            vessel_class=tuple(of),
        )

    def _vessels(self, line: str, name: str, one: doc.Vessels) -> fleet.VesselClass:
        path = f"lines.{line}.vessels.{name}" if name else f"lines.{line}.vessels"
        source = ("lines", line)
        counts = [document.lines[line].vessels[name].count for document in self._timeline.documents()]
        return fleet.VesselClass(
            id=name,
            count=self._paths.add(f"{path}.count", source, read=lambda line: line.vessels[name].count),
            capacity=self._paths.add(
                f"{path}.capacity", source, read=lambda line: line.vessels[name].capacity.value
            ),
            payload_share=self._paths.add(
                f"{path}.payload_share", source, read=lambda line: line.vessels[name].payload_share
            ),
            start=one.start,
            most=max(0, *(floor(count + 1e-9) for count in counts)),
        )

    def _rule(self, line: str, end: int) -> fleet.LeaveRule:
        one = self._document.lines[line].leaves[end]
        source, path = ("lines", line), f"lines.{line}.leaves.{('from', 'to')[end]}"
        clock = self._document.clock
        return fleet.LeaveRule(
            full=self._paths.add(f"{path}.full", source, read=lambda line: line.leaves[end].full),
            after=self._paths.optional(f"{path}.after", source, read=lambda line: line.leaves[end].after),
            slots=None if one.timetable is None else slots(one.timetable, clock=clock),
        )

    def _handling(self, line: str, what: str) -> fleet.Handling:
        one: doc.Handling = getattr(self._document.lines[line], what)
        return fleet.Handling(
            time=self._paths.add(
                f"lines.{line}.{what}", ("lines", line), read=lambda line: getattr(line, what).time.mean
            ),
            per=MEASURE[one.per],
            shape=shape_of(one.time),
        )


def _service(facility: doc.Facility) -> float:
    return 0.0 if facility.service is None else facility.service.mean


def _changes(factors: Mapping[doc.Measure, float]) -> tuple[float, float, float, float, float] | None:
    """Give the factors by which amounts leave, in the order of the measures."""
    if not factors:
        return None
    kg, teu, wagons, trucks, trains = (factors.get(NAMES[measure], 1.0) for measure in AMOUNTS)
    return kg, teu, wagons, trucks, trains
