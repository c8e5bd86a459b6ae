"""How long: transit times of delivered consignments, promises kept, and where the time goes."""

from __future__ import annotations

import numpy as np

from sim.measure.collect import Breakdown, KpiRows, Texts
from sim.measure.deliveries import promises
from sim.measure.folds import Floats, Ints, ratio, total
from sim.measure.layout import lay_out
from sim.measure.tally import Rows
from sim.measure.view import HOUR, View
from sim.model.model import Model
from sim.model.network import Kind
from sim.model.once import of_model

PARTS = ("waiting", "service", "running", "blocked")
"""What transit time is split into: waiting = started - asked, blocked = left - ended."""


def add_transit(rows: KpiRows, view: View) -> None:
    """Add transit times, promises and the buffer index by flow and route.

    Over consignments delivered in the window, from offer to delivery, in hours. The buffer index is
    (p95 - mean) / mean (Texas Transportation Institute, 2006).
    """
    layout, deliveries = view.layout, view.deliveries
    inside = [r for r, one in enumerate(view.model.routes) if not one.is_outside]
    for subjects, groups, some in (
        (layout.flows, deliveries.of_flow, list(range(len(layout.flows)))),
        (layout.routes, deliveries.of_route, inside),
    ):
        names = [subjects[k] for k in some]
        mean, (*quantiles, late) = groups.mean(), groups.quantiles(0.1, 0.5, 0.9, 0.95)
        rows.add("transit_time.mean", "h", names, mean[some] / HOUR)
        rows.add("transit_time.sd", "h", names, groups.sd()[some] / HOUR)
        for label, seconds in zip(("p10", "p50", "p90"), quantiles, strict=True):
            rows.add(f"transit_time.{label}", "h", names, seconds[some] / HOUR)
        rows.add("transit_time.p95", "h", names, late[some] / HOUR)
        rows.add("buffer_index", "share", names, ratio(late - mean, mean)[some])
    _add_promises(rows, view)


def _add_promises(rows: KpiRows, view: View) -> None:
    layout, kept = view.layout, view.deliveries.kept
    promised = ~np.isnan(promises(view.model))
    of_pair = promised[layout.pair_route]
    known = view.deliveries.number * of_pair
    of_route = ratio(layout.by_route(kept), layout.by_route(known))
    routes = np.flatnonzero(promised)
    rows.add("on_promise", "share", [layout.routes[r] for r in routes], of_route[routes])
    of_flow = ratio(layout.by_flow(kept), layout.by_flow(known))
    flows = np.flatnonzero(layout.by_flow(of_pair.astype(np.float64)))
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
    route = layout.step_route
    means = [
        ratio(total(layout.cell_step, spent, size=len(route)), delivered[route]) / HOUR for spent in split
    ]
    return Breakdown(*_steps(view.model), *means)


@of_model
def _steps(model: Model) -> tuple[Texts, Ints, Texts]:
    """Give route, ordinal and element of each step."""
    layout = lay_out(model)
    routes, elements = (np.array(names, dtype=np.object_) for names in (layout.routes, layout.elements))
    return routes[layout.step_route], layout.step_ordinal, elements[layout.step_element]
