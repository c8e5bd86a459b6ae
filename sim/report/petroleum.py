"""What the oil figures are drawn from: export routes of crude, and the interventions that touch them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
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
    return sorted(routes_of(tree, [flow for flow in section(tree, "flows") if is_crude(tree, flow)]))


def routes_of(tree: Tree, flows: Collection[str]) -> set[str]:
    """Give the ids of the routes that flows (by id) may take."""
    known = set(section(tree, "routes"))
    found: set[str] = set()
    for flow, entry in section(tree, "flows").items():
        if flow in flows and isinstance(entry, Mapping):
            found |= _texts(entry.get("choice")) & known
    return found


def exports(tree: Tree, series: SeriesTable, names: Names, *, apart: Collection[str] = ()) -> list[Curve]:
    """Give what crude's routes deliver by month, in Mt per average month.

    Args:
        tree: the resolved scenario.
        series: of the run.
        names: titles.
        apart: subjects of routes that are left out, because they only carry the oil of others.
    """
    found = []
    for route in crude_routes(tree):
        if f"route/{route}" in apart:
            continue
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


def performance(base: Curve, other: Curve, *, hours_each: float = 168.0) -> Curve:
    """Compare what is delivered with the undisturbed twin, week by week, replication by replication.

    Args:
        base: delivered since the window's start, by the twin.
        other: the same by the disturbed run, at the same times.
        hours_each: length of a week.

    Returns:
        Deliveries of each week as a share of the twin's in percent; a rest at the end joins the last.
    """
    pairs = min(base.values.shape[0], other.values.shape[0])
    end = float(base.hours[-1])
    edges = np.append(np.arange(0.0, max(end - hours_each, 0.0) + 1e-9, hours_each), end)
    place = np.unique(np.searchsorted(base.hours, edges).clip(max=base.hours.size - 1))
    whole, left = (np.diff(np.nan_to_num(c.values[:pairs][:, place]), axis=1) for c in (base, other))
    share = np.divide(100 * left, whole, out=np.full_like(whole, 100.0), where=whole > 0)
    return Curve(f"{other.title} delivered", "%", base.hours[place[:-1]], share)


def during(curves: Sequence[Curve], spans: Sequence[Span], *, end: float) -> dict[str, float]:
    """Give the Mt a year of each route while any of the stretches lasts.

    Args:
        curves: exports by route, Mt per average month.
        spans: stretches; a month counts by the share of it that they cover.
        end: last hour of the window.
    """
    hours_ = np.append(curves[0].hours, end)
    instants = np.linspace(hours_[:-1], hours_[1:], 200, endpoint=False).T
    covered = np.any([(instants >= span.begin) & (instants < span.end) for span in spans], axis=0)
    weight = covered.sum(axis=1) * np.diff(hours_)
    if weight.sum() <= 0:
        return {}
    return {
        curve.title: float(12 * np.average(np.nan_to_num(curve.mean), weights=weight)) for curve in curves
    }


def turned_away(tree: Tree, series: SeriesTable, *, apart: Collection[str] = ()) -> Curve | None:
    """Give the crude that found no way, by month, in Mt per average month.

    Args:
        tree: the resolved scenario.
        series: of the run.
        apart: subjects of flows that are left out, because they are the oil of others.
    """
    crude = [flow for flow in series.subjects("turned_away") if is_crude(tree, flow.removeprefix("flow/"))]
    flows = [flow for flow in crude if flow not in apart]
    if not flows:
        return None
    found = [series.matrix("turned_away", flow) for flow in flows]
    return Curve("shut in", "Mt/month", found[0][0], np.sum([values for _, values in found], axis=0) / 12)


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
