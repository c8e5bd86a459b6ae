"""Places, legs, facilities, ports and closures, resolved: models in, document records out."""

from __future__ import annotations

from math import nan

from sim.scenario import kinds
from sim.scenario.document import (
    Clock,
    Closure,
    Experiment,
    Facility,
    Leg,
    Measure,
    Outages,
    Place,
    Port,
    Random,
)
from sim.scenario.findings import listed
from sim.scenario.forms import Law
from sim.scenario.laws import (
    amount,
    measure_of,
    monthly,
    monthly_laws,
    number_or,
    prices,
    random,
)
from sim.scenario.reading import Reader
from sim.scenario.schema import (
    PER,
    ClockModel,
    ClosureModel,
    ExperimentModel,
    FacilityModel,
    LegModel,
    OutagesModel,
    PlaceModel,
    PortModel,
)
from sim.scenario.schema_types import RateForm
from sim.units import Dimension, product


def clock(reader: Reader, model: ClockModel) -> Clock:
    """Resolve the run's calendar."""
    return Clock(
        model.start,
        reader.number("clock.length", model.length, kinds.WINDOW),
        number_or(reader, "clock.warmup", model.warmup, kinds.DURATION, otherwise="0 d"),
    )


def experiment(model: ExperimentModel) -> Experiment:
    """Resolve how often and how surely."""
    return Experiment(model.replications, model.seed, model.confidence)


def place(key: str, model: PlaceModel) -> Place:
    """Resolve a place; where it lies matters to the map alone."""
    return Place(model.name or key, model.country or "", model.lat or 0.0, model.lon or 0.0)


def flag(reader: Reader, path: str, value: bool) -> bool:
    """Read a value that is true or false, changes applied."""
    for change in reader.changed(path):
        given = change.operand.value
        if change.kind != "set" or not isinstance(given, bool):
            message = f"{change.path} can only be set to true or false"
            reader.findings.add(
                "wrong-type", change.operand, change.origin, message, expected="true or false"
            )
        elif change.fraction > 0:
            value = given
    return value


def leg(reader: Reader, key: str, model: LegModel) -> Leg:
    """Resolve a leg."""
    at = f"legs.{key}"
    return Leg(
        origin=model.from_,
        destination=model.to,
        mode=model.mode,
        distance=reader.number(f"{at}.distance", model.distance, kinds.DISTANCE),
        speed=reader.number(f"{at}.speed", model.speed, kinds.SPEED),
        cv=number_or(reader, f"{at}.cv", model.cv, kinds.SPREAD, otherwise=0.0),
        train_paths=reader.maybe(f"{at}.train_paths", model.train_paths, kinds.PATHS),
        single_track=model.single_track,
        hours=model.hours,
        tariff=prices(reader, f"{at}.tariff", model.tariff, kinds.TARIFF),
        open=flag(reader, f"{at}.open", model.open),
        emissions=number_or(
            reader, f"{at}.emissions", model.emissions, kinds.EMISSION, otherwise="0 gCO2/t/km"
        ),
    )


def outages(reader: Reader, path: str, model: OutagesModel | None) -> Outages | None:
    """Resolve failures; both laws are exponential unless a shape is given."""
    if model is None:
        return None
    return Outages(
        random(reader, f"{path}.every", model.every, kinds.SPAN, bare="exponential")[0],
        random(reader, f"{path}.lasts", model.lasts, kinds.DURATION, bare="exponential")[0],
        model.clock,
        model.job,
    )


def facility(reader: Reader, key: str, model: FacilityModel) -> Facility:
    """Resolve a facility."""
    at = f"facilities.{key}"
    service, rate, shape, per = None, None, None, "consignment"
    if model.service is not None:
        service, per = timed(reader, f"{at}.service", model.service, model.per, per_path=f"{at}.per")
    elif model.rate is not None:
        rate, shape, per = _rate(reader, at, model, model.rate)
    servers = number_or(reader, f"{at}.servers", model.servers, kinds.COUNT, otherwise=1.0)
    if rate is not None and servers not in (0.0, 1.0):
        where = reader.written(f"{at}.servers")
        message = f"'{key}' has a rate and {servers:g} servers"
        reader.findings.add("rate-with-servers", where, f"{at}.servers", message, expected="one server")
    room = amount(reader, f"{at}.buffer", model.buffer, kinds.ROOM)
    level = None
    if model.level is not None:
        level, dimension = random(reader, f"{at}.level", model.level, kinds.AMOUNT)
        if room is None or measure_of(dimension) != room.measure:
            expected = "a buffer in the same measure"
            where = reader.node(f"{at}.level")
            message = f"the level of '{key}' has no buffer in its measure"
            reader.findings.add("wrong-dimension", where, f"{at}.level", message, expected=expected)
    changes: dict[Measure, float] = {}
    for name, value in sorted(model.changes.items()):
        path = f"{at}.changes.{name}"
        if name not in PER or name in ("kt", "kg", "FEU", "consignment"):
            reader.findings.add(
                "unknown-key", reader.node(path).key_where, path, f"no measure '{name}'", expected=_MEASURES
            )
            continue
        changes[PER[name][0]] = reader.number(path, value, kinds.FACTOR)  # type: ignore[index]
    return Facility(
        at=model.at,
        task=model.task,
        servers=servers,
        service=service,
        rate=rate,
        per=per,  # type: ignore[arg-type]
        buffer=room,
        level=level,
        hours=model.hours,
        outages=outages(reader, f"{at}.outages", model.outages),
        changes=changes,
        charge=prices(reader, f"{at}.charge", model.charge, kinds.PRICE),
        emissions=number_or(
            reader, f"{at}.emissions", model.emissions, kinds.EMISSION_HERE, otherwise="0 gCO2/t"
        ),
        rate_shape=shape,
    )


_MEASURES = "TEU, wagons, trucks, t, trains"


def timed(reader: Reader, path: str, law: Law, per: str | None, *, per_path: str) -> tuple[Random, Measure]:
    """Read a service or handling time: per consignment (or call), or per unit of a measure.

    Returns:
        Its law in seconds per base unit of the measure, and the measure.
    """
    word = law.per or per
    made, dimension = random(reader, path, law, kinds.HANDLING, scaled=True)
    if dimension == kinds.TIME:
        if word is None:
            return made, "consignment"
        if word not in PER:
            _no_such_per(reader, path, word)
            return made, "consignment"
        measure, factor = PER[word]
        return _scaled(made, 1 / factor), measure  # type: ignore[return-value]
    measure = measure_of(product((dimension, 1), (kinds.TIME, -1)))
    if word is not None and PER.get(word, ("",))[0] != measure:
        where = reader.node(per_path)
        message = f"per '{word}' beside a time per {measure}"
        reader.findings.add("wrong-dimension", where, per_path, message, expected=f"per {measure}")
    return made, measure


def _scaled(law: Random, factor: float) -> Random:
    return Random(law.mean * factor, law.family, law.cv, law.points)


def _no_such_per(reader: Reader, path: str, word: str) -> None:
    expected = ", ".join(PER)
    at = f"{path}.per"
    reader.findings.add("bad-value", reader.node(at), at, f"per '{word}' is not known", expected=expected)


def _rate(
    reader: Reader, at: str, model: FacilityModel, form: RateForm
) -> tuple[float, Random | None, Measure]:
    per = model.per
    if form.law is not None:
        law, dimension = random(reader, f"{at}.rate", form.law, kinds.RATE)
        shape = None if law.family == "fixed" else Random(1.0, law.family, law.cv, law.points)
        rate = law.mean
    else:
        rate, dimension, shape = *_from_table(reader, at, model, form), None
    measure = measure_of(product((dimension, 1), (kinds.TIME, 1)))
    if per is not None and PER[per][0] != measure:
        where = reader.node(f"{at}.per")
        message = f"per '{per}' beside a rate in {measure}"
        reader.findings.add(
            "wrong-dimension", where, f"{at}.per", message, expected=f"per {measure}, or none"
        )
    return rate, shape, measure


def _from_table(reader: Reader, at: str, model: FacilityModel, form: RateForm) -> tuple[float, Dimension]:
    """Read a rate from its table: the selector's own entry; while it ramps, the entry below it."""
    rates: dict[float, tuple[float, Dimension]] = {}
    for key, value in form.table:
        path = f"{at}.rate.table.{key}"
        try:
            number = float(key)
        except ValueError:
            node = reader.node(path)
            reader.findings.add(
                "bad-value", node.key_where, path, f"'{key}' is no number", expected="a number"
            )
            continue
        found = reader.quantity(path, value, kinds.RATE, also=(f"{at}.rate",))
        if found is not None:
            rates[number] = found
    path = f"{at}.{form.by}"
    ramping = any(0 < change.fraction < 1 for change in reader.changed(path))
    chosen = reader.number(path, model.selector, kinds.COUNT)
    nothing = (nan, kinds.RATE.dimensions[0])
    if not rates or chosen != chosen:
        return nothing
    if len({dimension for _, dimension in rates.values()} - {kinds.RATE.dimensions[0]}) > 1:
        table = f"{at}.rate.table"
        reader.findings.add(
            "wrong-dimension",
            reader.node(table),
            table,
            "rates in several measures",
            expected="one measure for all, such as t or TEU",
        )
        return nothing
    if chosen in rates:
        return _dimensioned(rates, chosen)
    if ramping:
        lower = [number for number in rates if number < chosen]
        return _dimensioned(rates, max(lower) if lower else min(rates))
    legal = listed(f"{number:g}" for number in rates)
    message = f"there is no rate for {form.by} = {chosen:g}"
    reader.findings.add("out-of-range", reader.written(path), path, message, expected=f"one of {legal}")
    return nothing


def _dimensioned(rates: dict[float, tuple[float, Dimension]], chosen: float) -> tuple[float, Dimension]:
    """Give an entry in the measure of the table; a bare 0 has none of its own."""
    value, dimension = rates[chosen]
    others = {other for amount_, other in rates.values() if amount_ != 0}
    return value, next(iter(others)) if value == 0 and others else dimension


def port(reader: Reader, key: str, model: PortModel) -> Port:
    """Resolve a port; a yard without a berth group is a finding."""
    at = f"ports.{key}"
    yard = {}
    for group, value in sorted(model.yard.items()):
        path = f"{at}.yard.{group}"
        if group not in model.berths:
            where = reader.node(path).key_where
            expected = listed(model.berths) or "a port with berths"
            message = f"a yard for '{group}', which has no berths"
            reader.findings.add("dangling-id", where, path, message, expected=expected)
        room = amount(reader, path, value, kinds.ROOM)
        if room is not None:
            yard[group] = room
    for group in sorted(set(model.berths) - set(model.yard)):
        added = amount(reader, f"{at}.yard.{group}", None, kinds.ROOM)
        if added is not None:
            yard[group] = added
    berths = {
        group: reader.number(f"{at}.berths.{group}", value, kinds.COUNT)
        for group, value in sorted(model.berths.items())
    }
    return Port(model.at, berths, dict(sorted(yard.items())))


def closure(
    reader: Reader, key: str, model: ClosureModel, *, ports: set[str], facilities: set[str]
) -> Closure:
    """Resolve a closure; what stands under `ports` and is no port is a facility."""
    at = f"closures.{key}"
    named = [name for name in model.ports if name in ports or name not in facilities]
    shut = [name for name in model.ports if name not in named] + list(model.facilities)
    return Closure(
        ports=tuple(sorted(set(named))),
        facilities=tuple(sorted(set(shut))),
        share_closed=monthly(reader, f"{at}.share_closed", model.share_closed, kinds.CLOSED),
        lasts=monthly_laws(reader, f"{at}.lasts", model.lasts, kinds.SPAN),
        stops_handling=model.stops_handling,
    )
