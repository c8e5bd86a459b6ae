"""Routes and flows, resolved: models in, document records out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isnan

from pydantic_core import PydanticCustomError

from sim.scenario import kinds
from sim.scenario.document import (
    Amount,
    CascadeEntry,
    Choice,
    Flow,
    Measure,
    PoolUse,
    Route,
    Timetable,
)
from sim.scenario.findings import nearest
from sim.scenario.forms import Value, read_value
from sim.scenario.laws import measure_of, monthly, number_or
from sim.scenario.reading import Change, Reader
from sim.scenario.refusals import report
from sim.scenario.resolve_fleet import timetable
from sim.scenario.schema import PER
from sim.scenario.schema_demand import ChoiceModel, FlowModel, RouteModel
from sim.scenario.schema_types import VolumeForm
from sim.scenario.walk import Walk
from sim.units import product

_SIZES: tuple[Measure, ...] = ("t", "TEU", "wagons", "trucks", "trains")
_TURNED = {"west": "east", "east": "west"}


def route(
    reader: Reader,
    key: str,
    model: RouteModel,
    *,
    models: Mapping[str, RouteModel],
    walked: Callable[..., Walk | None],
) -> Route:
    """Resolve a route, or an outside option.

    Args:
        reader: the parameters of the moment.
        key: its id.
        model: as written.
        models: all routes, for those that are the reverse of another.
        walked: follows (origin, steps), for the place where a reverse begins.
    """
    at = f"routes.{key}"
    promise = reader.maybe(f"{at}.promise", model.promise, kinds.SPAN)
    title = model.title or key
    if model.outside is not None:
        found = reader.quantity(f"{at}.outside.cost", model.outside.cost, kinds.OUTSIDE_COST)
        return Route(
            title=title,
            origin=None,
            direction=None,
            promise=promise,
            steps=(),
            uses=(),
            outside_time=reader.number(f"{at}.outside.time", model.outside.time, kinds.DURATION),
            outside_cost=None if found is None else found[0],
            outside_measure="TEU" if found is None else measure_of(found[1]),
        )
    if model.reverse is None:
        return Route(title, model.from_, model.direction, promise, tuple(model.steps or ()), _uses(model))
    origin_of = _forward(key, model, models)
    if origin_of is None:
        return Route(title, None, None, promise, (), _uses(model))
    forward, turned = origin_of
    steps = tuple(forward.steps or ())
    path = walked(forward.from_ or "", steps)
    end = path.places[-1] if path is not None and path.broken is None else None
    if turned:
        origin, steps, direction = end, tuple(reversed(steps)), _TURNED[forward.direction or "west"]
    else:
        origin, direction = forward.from_, forward.direction or "west"
    uses = _uses(model) if model.uses is not None else _uses(forward, turned=turned)
    if promise is None and forward.promise is not None:
        promise = reader.maybe(f"{at}.promise", forward.promise, kinds.SPAN)
    return Route(title, origin, direction, promise, steps, uses)  # type: ignore[arg-type]


def _forward(key: str, model: RouteModel, models: Mapping[str, RouteModel]) -> tuple[RouteModel, bool] | None:
    """Follow `reverse` to a route with steps; None where it leads nowhere or in a circle."""
    seen, turned = {key}, False
    while model.reverse is not None:
        if model.reverse in seen or model.reverse not in models:
            return None
        seen.add(model.reverse)
        model, turned = models[model.reverse], not turned
    return None if model.steps is None else (model, turned)


def _uses(model: RouteModel, *, turned: bool = False) -> tuple[PoolUse, ...]:
    uses = []
    for pool, spans in sorted((model.uses or {}).items()):
        for span in spans:
            first, last = (span.to, span.from_) if turned else (span.from_, span.to)
            uses.append(PoolUse(pool, first, last))
    return tuple(uses)


def flow(reader: Reader, key: str, model: FlowModel) -> Flow:
    """Resolve a flow."""
    at = f"flows.{key}"
    sizes = _sizes(reader, f"{at}.consignment", model)
    volume, measure = _volume(reader, f"{at}.volume", model.volume)
    value, value_measure = _valued(reader, f"{at}.value", model.value, kinds.VALUE)
    worth, worth_measure = _time_value(reader, at, model, (value, value_measure))
    times: Timetable | None = timetable(reader, f"{at}.arrivals.timetable", model.arrivals.timetable)
    if volume is None and times is None:
        where = reader.node(at).key_where
        message = f"the flow '{key}' has no volume"
        expected = "volume, or arrivals by timetable"
        reader.findings.add("missing-key", where, f"{at}.volume", message, expected=expected)
    season: tuple[float, ...] = (1.0,) * 12
    if model.season is not None:
        season = monthly(reader, f"{at}.season", model.season, kinds.WEIGHT)
    cut = model.cut
    return Flow(
        commodity=model.commodity,
        volume=volume,
        volume_measure=measure,
        consignment=sizes,
        arrivals="timetable" if times is not None else model.arrivals.kind or "poisson",
        timetable=times,
        season=season,
        value=value,
        value_measure=value_measure,
        value_of_time=worth,
        value_of_time_measure=worth_measure,
        choice=_choice(reader, f"{at}.choice", model.choice),
        cut_after=None if cut is None else reader.number(f"{at}.cut.after", cut.after, kinds.DURATION),
        cut_ramp=0.0
        if cut is None
        else number_or(reader, f"{at}.cut.ramp", cut.ramp, kinds.DURATION, otherwise="0 d"),
    )


def _sizes(reader: Reader, path: str, model: FlowModel) -> dict[Measure, float]:
    sizes: dict[Measure, float] = dict.fromkeys(_SIZES, 0.0)
    for name, value in sorted(model.consignment.items()):
        at = f"{path}.{name}"
        if name not in _SIZES:
            where = reader.node(at).key_where
            expected = ", ".join(_SIZES)
            message = f"no measure '{name}'"
            reader.findings.add(
                "unknown-key", where, at, message, expected=expected, hint=nearest(name, _SIZES)
            )
            continue
        wanted = kinds.OF_MEASURE[name]
        kind = replace(
            kinds.FACTOR, words=f'a number of {name}, or "14 {name}"', dimensions=(kinds.NUMBER, wanted)
        )
        found = reader.quantity(at, value, kind)
        if found is not None:
            sizes[name] = found[0] * (PER[name][1] if found[1] == kinds.NUMBER else 1.0)
    if not any(sizes.values()) and model.consignment and set(_SIZES).issuperset(model.consignment):
        message = "a consignment of nothing"
        expected = "more than 0 in one measure"
        reader.findings.add("out-of-range", reader.node(path), path, message, expected=expected)
    return sizes


def _volume(reader: Reader, path: str, form: VolumeForm | None) -> tuple[dict[int, float] | None, Measure]:
    if form is None:
        reader.changed(path)
        return None, "consignment"
    volume: dict[int, float] = {}
    measures: set[Measure] = set()
    for year, value in form.by_year:
        found = reader.quantity(f"{path}.{year}" if year else path, value, kinds.RATE, also=(path,))
        volume[year] = float("nan") if found is None else found[0]
        if found is not None:
            measures.add(measure_of(product((found[1], 1), (kinds.TIME, 1))))
    if len(measures) > 1:
        message = f"volumes in {' and '.join(sorted(measures))}"
        reader.findings.add("wrong-dimension", reader.node(path), path, message, expected="one measure")
    return volume, min(measures) if measures else "consignment"


def _valued(reader: Reader, path: str, value: Value | None, kind: kinds.Kind) -> tuple[float, Measure]:
    found = reader.quantity(path, value, kind)
    return (0.0, "consignment") if found is None else (found[0], measure_of(found[1]))


def _time_value(
    reader: Reader, at: str, model: FlowModel, value: tuple[float, Measure]
) -> tuple[float, Measure]:
    """Read a value of time; a share per day is of the value of the goods."""
    path = f"{at}.value_of_time"
    found = reader.quantity(path, model.value_of_time, kinds.VALUE_OF_TIME)
    if found is None:
        return 0.0, "consignment"
    worth, dimension = found
    if dimension != product((kinds.TIME, -1)):
        return worth, measure_of(product((dimension, 1), (kinds.TIME, 1)))
    if model.value is None:
        message = "a share of a value that is not given"
        expected = "value: … beside it"
        reader.findings.add("missing-key", reader.node(path), path, message, expected=expected)
    return worth * value[0], value[1]


def _choice(reader: Reader, path: str, model: ChoiceModel) -> Choice:
    if model.shares is not None:
        return Choice("shares", shares=_shares(reader, f"{path}.shares", model.shares))
    if model.cascade is not None:
        entries = []
        for number, entry in enumerate(model.cascade):
            at = f"{path}.cascade.{number}"
            again = entry.renegotiated
            entries.append(
                CascadeEntry(
                    entry.route,
                    at_most=_cap(reader, f"{at}.at_most", entry.at_most),
                    renegotiated_to=None
                    if again is None
                    else _cap(reader, f"{at}.renegotiated.to", again.to),
                    renegotiated_after=0.0
                    if again is None
                    else reader.number(f"{at}.renegotiated.after", again.after, kinds.DURATION),
                )
            )
            if again is not None and entry.at_most is None:
                where = reader.node(f"{at}.renegotiated").key_where
                message = "a renegotiation of a contract that is not given"
                reader.findings.add("missing-key", where, f"{at}.at_most", message, expected="at_most: …")
        return Choice("cascade", cascade=tuple(entries))
    assert model.logit is not None
    at = f"{path}.logit"
    return Choice(
        "logit",
        options=tuple(model.logit.options),
        scale=reader.number(f"{at}.scale", model.logit.scale, kinds.PER_USD),
        memory=number_or(reader, f"{at}.memory", model.logit.memory, kinds.SPAN, otherwise="30 d"),
    )


def _cap(reader: Reader, path: str, value: Value | None) -> Amount | None:
    found = reader.quantity(path, value, kinds.RATE)
    return None if found is None else Amount(found[0], measure_of(product((found[1], 1), (kinds.TIME, 1))))


def _shares(reader: Reader, path: str, shares: Mapping[str, Value]) -> dict[str, float]:
    """Read weights by route; a change may replace them as a whole."""
    weights: dict[str, float] = {}
    for name, value in sorted(shares.items()):
        at = f"{path}.{name}"
        found = reader.plain(at, value, kinds.WEIGHT)
        if found is not None:
            weights[name] = found.value
            if not kinds.WEIGHT.allows(found.value):
                reader.out_of_range(at, value, kinds.WEIGHT, reader.node(at), found)
    last: dict[str, Change] = {}
    for change in reader.changed(path, *reader.paths_below(path)):
        if change.path != path:
            name = change.path.removeprefix(f"{path}.")
            now = reader.apply(change, (weights.get(name, 0.0), kinds.NUMBER), kinds.WEIGHT)
            if change.fraction > 0:
                weights[name], last[name] = now[0] if now is not None else 0.0, change
            continue
        given = _weights(reader, change)
        if given is None or change.fraction <= 0:
            continue
        names = sorted({*weights, *given})
        share = change.fraction
        mixed = {
            name: weights.get(name, 0.0) + (given.get(name, 0.0) - weights.get(name, 0.0)) * share
            for name in names
        }
        weights = given if share >= 1 else mixed
    for name, change in last.items():
        reader.within(change, None, (weights.get(name, 0.0), kinds.NUMBER), kinds.WEIGHT)
    return {name: weights[name] for name in sorted(weights) if not isnan(weights[name])}


def _weights(reader: Reader, change: Change) -> dict[str, float] | None:
    data = change.operand.data()
    if change.kind != "set" or not isinstance(data, dict) or not data:
        message = f"{change.path} can only be set to weights by route"
        reader.findings.add(
            "wrong-type",
            change.operand,
            change.origin,
            message,
            expected="{route: weight, …}, or one route's path",
        )
        return None
    made: dict[str, float] = {}
    for name, raw in data.items():
        node = change.operand.value[name]
        origin = f"{change.origin}.{name}"
        try:
            value = read_value(raw)
        except PydanticCustomError as error:
            report(error.type, dict(error.context or {}), node, origin, reader.findings)
            continue
        found = reader.brought(value, change, kinds.WEIGHT, node=node, part=name)
        if found is not None and not kinds.WEIGHT.allows(found.value):
            reader.out_of_range(origin, value, kinds.WEIGHT, node, found)
        elif found is not None:
            made[name] = found.value
    return made
