"""How long: transit times of delivered consignments, promises kept, and where the time goes."""

from __future__ import annotations

import numpy as np

from sim.measure.collect import Breakdown, KpiRows
from sim.measure.folds import Floats, Ints, count, ratio, total
from sim.measure.quantiles import Groups
from sim.measure.tally import Rows
from sim.measure.view import HOUR, View
from sim.model.network import Kind

PARTS = ("waiting", "service", "running", "blocked")
"""What transit time is split into: waiting = started - asked, blocked = left - ended."""


def add_transit(rows: KpiRows, view: View) -> None:
    """Add transit times, promises and the buffer index by flow and route.

    Over consignments delivered in the window, from offer to delivery, in hours. The buffer index is
    (p95 - mean) / mean (Texas Transportation Institute, 2006).
    """
    layout = view.layout
    consignments = view.records.consignments
    spent = view.done_spent
    flow, route = consignments.flow[view.done], consignments.route[view.done]
    inside = [r for r, one in enumerate(view.model.routes) if not one.is_outside]
    for subjects, group, some in (
        (layout.flows, flow, list(range(len(layout.flows)))),
        (layout.routes, route, inside),
    ):
        groups = Groups.of(group, spent, size=len(subjects))
        names = [subjects[k] for k in some]
        mean, late = groups.mean(), groups.quantile(0.95)
        rows.add("transit_time.mean", "h", names, mean[some] / HOUR)
        rows.add("transit_time.sd", "h", names, groups.sd()[some] / HOUR)
        for label, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9)):
            rows.add(f"transit_time.{label}", "h", names, groups.quantile(share)[some] / HOUR)
        rows.add("transit_time.p95", "h", names, late[some] / HOUR)
        rows.add("buffer_index", "share", names, ratio(late - mean, mean)[some])
    _add_promises(rows, view, flow=flow, route=route, spent=spent)


def _add_promises(rows: KpiRows, view: View, *, flow: Ints, route: Ints, spent: Ints) -> None:
    promise = np.array([np.nan if one.promise is None else one.promise for one in view.model.routes])
    promised = ~np.isnan(promise)
    known = promised[route]
    kept = known & (spent <= np.nan_to_num(promise)[route])
    routes = np.flatnonzero(promised)
    size = len(promise)
    of_route = ratio(count(route[kept], size=size), count(route[known], size=size))
    rows.add("on_promise", "share", [view.layout.routes[r] for r in routes], of_route[routes])
    layout = view.layout
    flows = np.flatnonzero(layout.by_flow(promised[layout.pair_route].astype(np.float64)))
    size = len(layout.flows)
    of_flow = ratio(count(flow[kept], size=size), count(flow[known], size=size))
    rows.add("on_promise", "share", [layout.flows[f] for f in flows], of_flow[flows])


def add_splits(rows: KpiRows, view: View) -> Breakdown:
    """Add waiting, service, running and blocked: by route in all, and by element.

    Routes: hours per consignment delivered in the window. Elements: hours per consignment that left
    the step in the window.

    Returns:
        The same by route and step, over consignments delivered in the window.
    """
    layout = view.layout
    split = _split(view, Rows.DELIVERED)
    cell_route = layout.cell_route
    delivered = layout.by_route(view.tally.count(Rows.DELIVERED)[layout.pair_last])
    inside = np.flatnonzero([not one.is_outside for one in view.model.routes])
    names = [layout.routes[r] for r in inside]
    for name, spent in zip(PARTS, split, strict=True):
        by_route = total(cell_route, spent, size=len(layout.routes))
        rows.add(f"{name}.mean", "h", names, ratio(by_route, delivered)[inside] / HOUR)
    by_element = _split(view, Rows.LEFT)
    number = layout.by_element(view.tally.count(Rows.LEFT))
    legs, lines = slice(0, layout.facility), slice(layout.line, None)
    facilities = slice(layout.facility, layout.line)
    for name, spent in zip(PARTS, by_element, strict=True):
        mean = ratio(layout.by_element(spent), number) / HOUR
        parts = {"service": (facilities,), "running": (legs, lines)}.get(name, (slice(None),))
        for part in parts:
            rows.add(f"{name}.mean", "h", layout.elements[part], mean[part])
    return _breakdown(view, split, delivered)


def _split(view: View, rows: Rows) -> tuple[Floats, ...]:
    """Give seconds of waiting, service, running and blocked by cell."""
    tally = view.tally
    waiting, work, blocked = tally.waited[rows], tally.worked[rows], tally.blocked[rows]
    served = view.layout.cell_kind == Kind.FACILITY
    return waiting, np.where(served, work, 0.0), np.where(served, 0.0, work), blocked


def _breakdown(view: View, split: tuple[Floats, ...], delivered: Floats) -> Breakdown:
    """Fold the flows of a route together."""
    layout = view.layout
    route, ordinal = layout.step_route, layout.step_ordinal
    means = [
        ratio(total(layout.cell_step, spent, size=len(route)), delivered[route]) / HOUR for spent in split
    ]
    elements = np.array(layout.elements, dtype=np.object_)
    return Breakdown(
        np.array(layout.routes, dtype=np.object_)[route], ordinal, elements[layout.step_element], *means
    )
