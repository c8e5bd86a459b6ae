"""Targets, claims and the timeline's entries, resolved: models in, document records out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from math import floor, isnan

from sim.errors import Level
from sim.scenario import kinds
from sim.scenario.document import Clock, Expectation, Intervention, Target
from sim.scenario.nodes import Node
from sim.scenario.reading import Change, Reader
from sim.scenario.schema_demand import ExpectModel, InterventionModel, TargetModel
from sim.scenario.schema_types import Moment
from sim.scenario.sources import Found, short
from sim.scenario.vocabulary import COUNTED, KPIS, dimensions
from sim.units import base_unit, product


def _seconds(reader: Reader, path: str, moment: Moment, start: datetime) -> float:
    if moment.date is not None:
        return (moment.date - start).total_seconds()
    return reader.number(path, moment.after, kinds.OFFSET)


def intervention(reader: Reader, number: int, model: InterventionModel, clock: Clock) -> Intervention | None:
    """Resolve when one entry of the timeline is in force.

    Args:
        reader: the parameters of the moment.
        number: its place in the timeline, from 0.
        model: as written.
        clock: the run's calendar.
    """
    at = f"timeline.{number}"
    start = _seconds(reader, f"{at}.at", model.at, clock.start)
    end: float | None = None
    if model.lasts is not None:
        end = start + reader.number(f"{at}.lasts", model.lasts, kinds.SPAN)
    elif model.until is not None:
        end = _seconds(reader, f"{at}.until", model.until, clock.start)
    ramp = 0.0 if model.ramp is None else reader.number(f"{at}.ramp", model.ramp, kinds.DURATION)
    if any(isnan(each) for each in (start, end or 0.0, ramp, clock.length, clock.warmup)):
        return None
    where, title = reader.node(f"{at}.at"), model.title or f"intervention {number + 1}"
    if end is not None and end <= start:
        message = f"'{title}' ends before it begins"
        reader.findings.add("never-active", where, at, message, expected="an end after its begin")
        return None
    if start >= clock.length or (end is not None and end <= -clock.warmup):
        message = f"'{title}' lies outside the run"
        expected = "an instant between start - warmup and start + length"
        reader.findings.add("never-active", where, at, message, expected=expected, level=Level.WARNING)
    return Intervention(title, _tick(start), None if end is None else _tick(end), _tick(ramp))


def _tick(seconds: float) -> int:
    return floor(seconds + 0.5)


def changes(
    timeline: Mapping[int, InterventionModel], root: Node, fractions: Mapping[int, float]
) -> list[Change]:
    """List what the timeline does to parameters.

    Args:
        timeline: entries by their place in the file.
        root: the composed tree, which holds what they set, scale by and add.
        fractions: how far each entry is in force; an entry that is not named is left out.

    Returns:
        Changes in file order; within an entry what is set, then scaled, then added, by path.
    """
    made: list[Change] = []
    for number in sorted(timeline):
        if number not in fractions:
            continue
        entry = root.get("timeline", number)
        for kind in ("set", "scale", "add"):
            given = entry.get(kind) if entry is not None else None
            if given is None or not isinstance(given.value, dict):
                continue
            for path in sorted(given.value):
                origin = f"timeline.{number}.{kind}.{path}"
                made.extend(_spread(path, kind, given.value[path], fractions[number], origin))
    return made


def _spread(path: str, kind: str, operand: Node, fraction: float, origin: str) -> list[Change]:
    """Part a mapping into its keys, as composition merges it; weights of a choice stay whole."""
    whole = path.endswith((".choice.shares", ".share_closed", ".lasts", ".season"))
    data = operand.value
    law = isinstance(data, dict) and bool(
        {"assume", "seed", "scale", "value", "mean", "triangular"} & set(data)
    )
    if not isinstance(data, dict) or whole or law or not data:
        return [Change(path, kind, operand, fraction, origin, passing=True)]  # type: ignore[arg-type]
    made: list[Change] = []
    for key in sorted(data):
        made.extend(_spread(f"{path}.{key}", kind, data[key], fraction, f"{origin}.{key}"))
    return made


def target(reader: Reader, number: int, model: TargetModel) -> Target | None:
    """Resolve a target; a tolerance in per cent is of what was observed."""
    at = f"targets.{number}"
    seen = reader.plain(f"{at}.observed", model.observed, kinds.ANYTHING)
    wide = reader.plain(f"{at}.tolerance", model.tolerance, kinds.ANYTHING)
    if seen is None or wide is None:
        return None
    subjects = (model.of,) if isinstance(model.of, str) else tuple(model.of)
    measured(reader, f"{at}.observed", seen, kpi=model.kpi, counts=_counts(model.kpi, subjects))
    tolerance = wide.value
    if wide.note.unit in ("%", "percent"):
        tolerance *= abs(seen.value)
    elif wide.dimension != seen.dimension:
        reader.fit(wide, kinds.like(seen.dimension), reader.node(f"{at}.tolerance"), f"{at}.tolerance")
        return None
    if tolerance <= 0:
        kind = replace(kinds.like(seen.dimension), low=0.0, above=True)
        reader.out_of_range(f"{at}.tolerance", model.tolerance, kind, reader.node(f"{at}.tolerance"))
    of = model.of if isinstance(model.of, str) else model.title or _sum_of(model.of)
    source, seeds = seen.note.source, reader.seeds
    aside = source is not None and seeds is not None and seeds.figure(source).use == "validate"
    return Target(model.kpi, of, seen.value, tolerance, seen.note.unit, subjects, aside)


def _counts(kpi: str, subjects: tuple[str, ...]) -> bool:
    """Tell whether a target may count wagons, trucks or trains, which follow from consignments."""
    return kpi in COUNTED and all(subject.startswith("flow/") for subject in subjects)


def measured(reader: Reader, path: str, found: Found, *, kpi: str, counts: bool = False) -> bool:
    """Check that a KPI is measured in a unit like that of what is claimed of it.

    Args:
        reader: gets what is wrong.
        path: of the value.
        found: the value.
        kpi: what it is claimed of; an amount may stand for a rate per year.
        counts: it may be given in wagons, trucks or trains, or in these per time.
    """
    legal = dimensions(kpi)
    if counts:
        vehicles = {kinds.OF_MEASURE[each] for each in ("wagons", "trucks", "trains")}
        legal |= vehicles | {product((each, 1), (kinds.TIME, -1)) for each in vehicles}
    rates = {each for each in legal if ("time", -1) in each}
    yearly = product((found.dimension, 1), (kinds.TIME, -1))
    if not legal or found.dimension in legal or yearly in rates:
        return True
    units = ", ".join(KPIS[kpi.partition(".")[0]].units)
    shown = f"{short(found.note.value)} {found.note.unit}".rstrip()
    message = f"'{shown}' is of the wrong dimension ({base_unit(found.dimension) or 'a plain number'})"
    expected = f"{kpi} is measured in {units}"
    reader.findings.add("wrong-dimension", reader.node(path), path, message, expected=expected)
    return False


def _sum_of(subjects: list[str]) -> str:
    """Name a sum by its first subjects."""
    shown = " + ".join(subjects[:2])
    return shown if len(subjects) < 3 else f"{shown} + {len(subjects) - 2} more"


def expectation(reader: Reader, number: int, model: ExpectModel) -> Expectation | None:
    """Resolve a claim."""
    at = f"expect.{number}"
    ends: list[float | None] = []
    unit, dimension = "", None
    for name, value in (("above", model.above), ("below", model.below)):
        found = None if value is None else reader.plain(f"{at}.{name}", value, kinds.ANYTHING)
        if found is not None and not measured(reader, f"{at}.{name}", found, kpi=model.kpi):
            found = None
        if found is not None and dimension not in (None, found.dimension):
            reader.fit(found, kinds.like(dimension or ()), reader.node(f"{at}.{name}"), f"{at}.{name}")
            return None
        if found is not None:
            unit, dimension = found.note.unit, found.dimension
        ends.append(None if found is None else found.value)
    if ends == [None, None]:
        return None
    low, high = ends
    if low is not None and high is not None and low >= high:
        message = "a claim whose bounds exclude everything"
        reader.findings.add("out-of-range", reader.node(at), at, message, expected="above < below")
    return Expectation(model.kpi, model.of, low, high, unit, model.at)
