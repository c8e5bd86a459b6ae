"""Day by day: what has been delivered and what is under way, for comparing a run with its undisturbed twin.

Fine enough to see a tank farm fill; kept for crude flows, kinds of cargo and all together only.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.measure.cargo import cargo, is_crude
from sim.measure.collect import SeriesRows
from sim.measure.folds import Bools, Floats, Ints
from sim.measure.view import HOUR, View
from sim.measure.volumes import THOUSAND
from sim.model.measures import Measure

DAY: Final = 24 * HOUR
"""Seconds of a day."""

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
    flow = view.records.consignments.flow
    done = view.done
    delivered = _before(flow[done], view.finished[done], len(days), size=len(mass))
    # What stands at the end has not happened; at a day's begin what falls on it is not over yet.
    gone = np.flatnonzero(view.finished < view.end)
    offered = _before(flow, view.arrived, len(days), size=len(mass))
    under_way = offered - _before(flow[gone], view.finished[gone], len(days), size=len(mass))
    weights = np.array([which * mass for which in chosen.values()])
    names = list(chosen)
    rows.add("delivered_t", names, days / HOUR, weights @ delivered)
    rows.add("under_way_t", names, days / HOUR, weights @ under_way)


def _before(flow: Ints, when: Ints, days: int, *, size: int) -> Floats:
    """Count events strictly before the begin of each day, by flow, shape (size, days)."""
    # An event of the day d from 0 on, or on its begin, is before that of the day d + 1.
    place = np.minimum(np.maximum(when, -1) // DAY + 1, days)
    width = days + 1
    counted = np.bincount(flow * width + place, minlength=size * width).reshape(size, width)
    return np.cumsum(counted, axis=1)[:, :-1].astype(np.float64)
