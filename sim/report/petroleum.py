"""What the oil figures are drawn from: export routes of crude, and the interventions that touch them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from sim.report.inputs import Curve, Source, Span
from sim.report.names import Names, Tree, hours, plain, section
from sim.report.tables import SeriesTable


def is_crude(tree: Tree, flow: str) -> bool:
    """Tell whether a flow (by id) is crude oil, by its commodity."""
    entry = section(tree, "flows").get(flow)
    return isinstance(entry, Mapping) and str(plain(entry.get("commodity", ""))).startswith("crude")


def crude_routes(tree: Tree) -> list[str]:
    """Give the ids of the routes that flows of crude may take."""
    known = set(section(tree, "routes"))
    found: set[str] = set()
    for flow, entry in section(tree, "flows").items():
        if is_crude(tree, flow):
            found |= _texts(entry.get("choice")) & known
    return sorted(found)


def exports(tree: Tree, series: SeriesTable, names: Names) -> list[Curve]:
    """Give what crude's routes deliver by month, in Mt per average month."""
    found = []
    for route in crude_routes(tree):
        times, values = series.matrix("throughput", f"route/{route}")
        if times.size and np.nansum(values) > 0:
            found.append(Curve(names.title(f"route/{route}"), "Mt/month", times, values / 12))
    return found


def outages(tree: Tree, source: Source) -> list[Span]:
    """Give the interventions with an end that touch a crude route, inside the window."""
    touched: set[str] = set()
    for route in crude_routes(tree):
        entry = section(tree, "routes").get(route)
        touched |= {route, *(_texts(entry.get("steps")) if isinstance(entry, Mapping) else ())}
    found = []
    timeline = tree.get("timeline")
    for entry in timeline if isinstance(timeline, (list, tuple)) else ():
        if not isinstance(entry, Mapping) or not _paths(entry) & touched:
            continue
        begin = instant(entry.get("at"), source.start)
        end = instant(entry.get("until"), source.start)
        end = begin + hours(entry.get("lasts")) if math.isnan(end) else end
        if math.isfinite(end) and begin < source.length and end > 0:
            found.append(Span(str(plain(entry.get("title", ""))), begin, end))
    return found


def instant(value: object, start: datetime) -> float:
    """Read a date, or a duration since the start, in hours since the start; NaN where none is given."""
    given = plain(value)
    if isinstance(given, datetime):
        at = given
    elif isinstance(given, date):
        at = datetime(given.year, given.month, given.day, tzinfo=UTC)
    elif isinstance(given, str) and given[:4].isdigit() and given[4:5] == "-":
        at = datetime.fromisoformat(given)
    else:
        return hours(value)
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - start).total_seconds() / 3600


def _paths(entry: Mapping[str, Any]) -> set[str]:
    """Give the ids that an intervention changes: the second part of each of its paths."""
    found = set()
    for verb in ("set", "scale", "add"):
        change = entry.get(verb)
        for path in change if isinstance(change, Mapping) else ():
            found |= set(str(path).split(".")[1:2])
    return found


def _texts(node: object) -> set[str]:
    """Gather all keys and texts in a tree."""
    if isinstance(node, str):
        return {node}
    if isinstance(node, Mapping):
        return {str(key) for key in node}.union(*(_texts(inner) for inner in node.values()))
    if isinstance(node, (list, tuple)):
        return set().union(*(_texts(inner) for inner in node))
    return set()
