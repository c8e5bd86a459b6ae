"""Lines with their vessels, timetables and pools, resolved: models in, document records out."""

from __future__ import annotations

from dataclasses import replace
from math import isnan, nan

from sim.scenario import kinds
from sim.scenario.document import Amount, Handling, Leaves, Line, Pool, Random, Timetable, Vessels
from sim.scenario.forms import Law, default, read_law, read_value
from sim.scenario.laws import amount, number_or, prices, random
from sim.scenario.reading import Reader
from sim.scenario.resolve_network import outages, timed
from sim.scenario.schema import (
    BothLeavesModel,
    LeavesModel,
    LineModel,
    PoolModel,
    TimetableModel,
    VesselsModel,
)
from sim.scenario.schema_types import clock_time, like_clock_time

_CARRIED = ("t", "TEU", "wagons", "trucks")


def timetable(reader: Reader, path: str, model: TimetableModel | None) -> Timetable | None:
    """Resolve a timetable: every so often from a first time, or given times."""
    if model is None:
        return None
    if model.at is not None:
        times = (reader.number(f"{path}.at.{n}", value, kinds.OFFSET) for n, value in enumerate(model.at))
        return Timetable(None, 0.0, clock_time=False, at=tuple(sorted(times)))
    every = reader.number(f"{path}.every", model.every, kinds.SPAN)
    written = model.first
    of_day = clock_time(written) if isinstance(written, str) else None
    if of_day is not None:
        return Timetable(every, float(of_day), clock_time=True)
    if isinstance(written, str) and like_clock_time(written):
        at, expected = f"{path}.first", "a time from 00:00 to 23:59, UTC, or a duration after the start"
        message = f"'{written}' is no time of the day"
        reader.findings.add("bad-value", reader.node(at), at, message, expected=expected)
        return Timetable(every, nan, clock_time=True)
    literal = written if isinstance(written, str) else float(written)
    given = read_value(literal) if "first" in model.model_fields_set else default(literal)
    first = reader.number(f"{path}.first", given, kinds.OFFSET)
    return Timetable(every, first, clock_time=False)


def _leaves(reader: Reader, path: str, both: BothLeavesModel, end: str) -> Leaves:
    own: LeavesModel | None = both.from_ if end == "from" else both.to
    model, at = (both, path) if own is None else (own, f"{path}.{end}")
    full, after = model.full, model.after
    if own is not None and own.timetable is None:
        full, after = full or both.full, after or both.after
    times = model.timetable or (both.timetable if full is None and after is None else None)
    if model.timetable is not None and (model.full is not None or model.after is not None):
        where = reader.node(f"{at}.timetable")
        message = "a timetable beside full or after"
        reader.findings.add(
            "exactly-one", where.key_where, f"{at}.timetable", message, expected="one of them"
        )
    if times is not None:
        return Leaves(timetable=timetable(reader, f"{at}.timetable", times))
    also = {name: (f"{path}.{name}", f"{path}.{end}.{name}") for name in ("full", "after")}
    return Leaves(
        full=reader.number(f"{at}.full", full or default(1.0), kinds.SHARE, also=also["full"]),
        after=reader.maybe(f"{at}.after", after, kinds.WAIT, also=also["after"]),
    )


def _vessels(reader: Reader, path: str, model: VesselsModel) -> Vessels:
    room = amount(reader, f"{path}.capacity", model.capacity, kinds.CAPACITY)
    if room is not None and room.measure not in _CARRIED:
        at = f"{path}.capacity"
        expected = "t, TEU, wagons or trucks"
        message = f"a vessel carries no {room.measure}"
        reader.findings.add("wrong-dimension", reader.node(at), at, message, expected=expected)
    return Vessels(
        count=reader.number(f"{path}.count", model.count, kinds.COUNT),
        capacity=room or Amount(float("nan"), "t"),
        payload_share=number_or(
            reader, f"{path}.payload_share", model.payload_share, kinds.PAYLOAD, otherwise=1.0
        ),
        start=model.start,
    )


def _handling(reader: Reader, path: str, law: Law | None) -> Handling:
    made, per = timed(reader, path, law or _NO_TIME, None, per_path=f"{path}.per")
    return Handling(made, per)


_NO_TIME = replace(read_law("0 h"), mean=default("0 h"))


def line(reader: Reader, key: str, model: LineModel) -> Line:
    """Resolve a line; ends that are no port and berth group are found later."""
    at = f"lines.{key}"
    vessels = {
        name: _vessels(reader, f"{at}.vessels.{name}" if name else f"{at}.vessels", vessel)
        for name, vessel in sorted(model.vessels.items())
    }
    # what could not be read carries nothing that is known
    measures = {each.capacity.measure for each in vessels.values() if not isnan(each.capacity.value)}
    if len(measures) > 1:
        where = reader.node(f"{at}.vessels")
        message = f"vessels that carry {' and '.join(sorted(measures))}"
        reader.findings.add("wrong-dimension", where, f"{at}.vessels", message, expected="one measure")
    distance = number_or(reader, f"{at}.distance", model.distance, kinds.LENGTH_OR_NONE, otherwise="0 km")
    return Line(
        origin=_end(reader, f"{at}.from", model.from_),
        destination=_end(reader, f"{at}.to", model.to),
        distance=distance,
        sailing=random(reader, f"{at}.sailing", model.sailing, kinds.DURATION)[0],
        vessels=vessels,
        leaves=(
            _leaves(reader, f"{at}.leaves", model.leaves, "from"),
            _leaves(reader, f"{at}.leaves", model.leaves, "to"),
        ),
        unload=_handling(reader, f"{at}.unload", model.unload),
        load=_handling(reader, f"{at}.load", model.load),
        look_ahead=number_or(reader, f"{at}.look_ahead", model.look_ahead, kinds.DURATION, otherwise="0 h"),
        outages=outages(reader, f"{at}.outages", model.outages),
        charge=prices(reader, f"{at}.charge", model.charge, kinds.PRICE),
        emissions=number_or(
            reader, f"{at}.emissions", model.emissions, kinds.EMISSION, otherwise="0 gCO2/t/km"
        ),
    )


def _end(reader: Reader, path: str, text: str) -> tuple[str, str]:
    port, slash, group = text.partition("/")
    if not (port and slash and group):
        where = reader.node(path)
        expected = "port / berth group, such as aktau/container"
        reader.findings.add("bad-value", where, path, f"'{text}' names no berth group", expected=expected)
    return port, group


def pool(reader: Reader, key: str, model: PoolModel) -> Pool:
    """Resolve a pool."""
    at = f"pools.{key}"
    size = amount(reader, f"{at}.size", model.size, kinds.AMOUNT)
    returns = model.returns or _NO_TIME
    law: Random = random(reader, f"{at}.returns", returns, kinds.DURATION)[0]
    return Pool(size or Amount(float("nan"), "wagons"), law)
