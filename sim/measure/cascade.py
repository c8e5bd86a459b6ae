"""What a cascade did: production shut in, and what went by another route than the first.

Crude is sent by cascade (model.md 5): what no route of it admits is turned away, which is shut-in
production; what the first route does not admit is diverted to the next.
"""

from __future__ import annotations

import numpy as np

from sim.measure.collect import KpiRows
from sim.measure.view import View
from sim.measure.volumes import MILLION_TONNES, THOUSAND, offered_amounts
from sim.model.measures import Measure


def add_cascades(rows: KpiRows, view: View) -> None:
    """Add `shut_in` (t/yr) of cascade flows whose production can be cut, and `diverted` (Mt/yr) by route.

    Shut in is what was turned away in the window; diverted is what was delivered in it by a route that
    is not the first of its cascade.
    """
    model, layout = view.model, view.layout
    cut = [f for f, flow in enumerate(model.flows) if flow.choice == "cascade" and flow.cut is not None]
    if cut:
        tonnes = view.counts["turned_away"] * offered_amounts(view, Measure.KG) / THOUSAND * view.per_year
        rows.add(
            "shut_in", "t/yr", [*(layout.flows[f] for f in cut), "total"], [*tonnes[cut], tonnes[cut].sum()]
        )
    first = np.array([flow.options[0].route if flow.options else -1 for flow in model.flows], dtype=np.int64)
    cascade = np.array([flow.choice == "cascade" for flow in model.flows], dtype=np.bool_)
    other = cascade[layout.pair_flow] & (layout.pair_route != first[layout.pair_flow])
    if other.any():
        mass = layout.cell_amounts[layout.pair_last, Measure.KG]
        moved = view.deliveries.number * mass * other * view.per_year / MILLION_TONNES
        routes = np.flatnonzero(layout.by_route(other.astype(np.float64)))
        rows.add("diverted", "Mt/yr", [layout.routes[r] for r in routes], layout.by_route(moved)[routes])
