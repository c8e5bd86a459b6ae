"""What has been delivered and what is under way, read again and again, to compare a run with its twin.

Fine enough to see a tank farm fill: read at the begin of every day, and in a shorter window more often. Kept
for crude flows, kinds of cargo and all together, and for every flow where there are few.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.measure.cargo import cargo, is_crude
from sim.measure.collect import SeriesRows
from sim.measure.counted import reading_step
from sim.measure.folds import Bools
from sim.measure.view import HOUR, View
from sim.measure.volumes import THOUSAND
from sim.model.measures import Measure

UNITS: Final = {"delivered_t": "t", "under_way_t": "t"}
"""Series: t delivered since the window's start, and t offered and not finished."""
FEW: Final = 16
"""Flows with mass up to which each of them is kept."""


def add_readings(rows: SeriesRows, view: View) -> None:
    """Add `delivered_t` and `under_way_t` of flows, kinds of cargo and `total`."""
    model = view.model
    mass = view.layout.flow_amounts[:, Measure.KG].astype(np.float64) / THOUSAND
    are_few = np.count_nonzero(mass) <= FEW
    chosen: dict[str, Bools] = {
        view.layout.flows[f]: np.arange(len(mass)) == f
        for f, flow in enumerate(model.flows)
        if mass[f] and (are_few or is_crude(flow))
    }
    chosen |= {f"cargo/{kind}": flows for kind, flows in cargo(model).items() if kind != "containers"}
    chosen["total"] = mass > 0
    hours = np.arange(0, view.end + 1, reading_step(view.end)) / HOUR
    counted = view.counted
    under_way = counted.offered_before - counted.ended_before
    weights = np.array([which * mass for which in chosen.values()])
    names = list(chosen)
    rows.add("delivered_t", names, hours, weights @ counted.delivered_before)
    rows.add("under_way_t", names, hours, weights @ under_way)
