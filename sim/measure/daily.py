"""Day by day: what has been delivered and what is under way, for comparing a run with its undisturbed twin.

Fine enough to see a tank farm fill; kept for crude flows, kinds of cargo and all together only.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.measure.cargo import cargo, is_crude
from sim.measure.collect import SeriesRows
from sim.measure.folds import Bools
from sim.measure.view import HOUR, View
from sim.measure.volumes import THOUSAND
from sim.model.measures import Measure
from sim.model.times import DAY

UNITS: Final = {"delivered_t": "t", "under_way_t": "t"}
"""Series at the begin of every day: t delivered since the window's start, and t offered and not finished."""


def add_daily(rows: SeriesRows, view: View) -> None:
    """Add `delivered_t` and `under_way_t` of crude flows, kinds of cargo and `total`."""
    model = view.model
    mass = np.array([flow.amounts[Measure.KG] for flow in model.flows], dtype=np.float64) / THOUSAND
    chosen: dict[str, Bools] = {
        view.layout.flows[f]: np.arange(len(mass)) == f
        for f, flow in enumerate(model.flows)
        if mass[f] and is_crude(flow)
    }
    chosen |= {f"cargo/{kind}": flows for kind, flows in cargo(model).items() if kind != "containers"}
    chosen["total"] = mass > 0
    days = np.arange(0, view.end + 1, DAY)
    counted = view.counted
    under_way = counted.offered_daily - counted.ended_daily
    weights = np.array([which * mass for which in chosen.values()])
    names = list(chosen)
    rows.add("delivered_t", names, days / HOUR, weights @ counted.delivered_daily)
    rows.add("under_way_t", names, days / HOUR, weights @ under_way)
