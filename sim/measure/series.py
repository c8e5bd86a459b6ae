"""What happened when: monthly throughput, weekly queues, backlog and levels at instants, transit times.

Series are for figures and for the statistics of stationarity; no KPI is made from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from sim.measure import readings
from sim.measure.backlog import Backlog
from sim.measure.collect import Series, SeriesRows
from sim.measure.folds import Floats, Ints, ratio
from sim.measure.integrals import closed_times
from sim.measure.levels import Levels
from sim.measure.view import HOUR, YEAR_HOURS, View
from sim.measure.volumes import MILLION_TONNES, THOUSAND
from sim.measure.waiting import WEEK
from sim.model.measures import Measure

BIN: Final = 6 * HOUR
"""Width of a bin of transit times in seconds."""

UNITS: Final = {
    "throughput": "Mt/yr",
    "throughput_teu": "TEU/yr",
    "turned_away": "Mt/yr",
    "transit_time": "h",
    "transit_count": "consignments",
    "queue": "consignments",
    "backlog": "consignments",
    "backlog_t": "t",
    "waiting": "consignments",
    "level": "t, TEU, wagons, … as in the KPI `level.mean`",
    "closed_share": "share",
    **readings.UNITS,
}
"""Unit of each series.

`throughput`, `throughput_teu` (by flow, route, total), `turned_away` (flows of a cascade), `transit_time`
(mean by route) and `closed_share` (ports and facilities with weather) are by calendar month, at its begin;
`queue` is the mean of each week, at its beginning; `backlog` (consignments under way), `backlog_t`, `waiting`
(by flow, total) and `level` are read at 101 equally spaced instants. `transit_count` is a histogram: how many
consignments a route delivered within each 6 h of transit time, `time` being the bin's lower edge.
`delivered_t` and `under_way_t` are read every 24 h, or in a window too short for 360 such readings every 12,
8, 6, 4, 3, 2 or 1 h, the longest of these for which there are as many.
"""


def build_series(
    view: View, *, found: Backlog, levels: Levels, calendars: Sequence[tuple[Ints, Ints]] | None
) -> Series:
    """Give the series of one replication."""
    rows = SeriesRows()
    _add_months(rows, view)
    _add_transit(rows, view)
    _add_queues(rows, view)
    _add_backlog(rows, view, found)
    readings.add_readings(rows, view)
    stored = levels.stores.subjects
    if len(stored):
        rows.add("level", stored, found.times / HOUR, levels.at(np.minimum(found.times, view.end - 1)))
    if calendars is not None:
        edges = np.append(view.months, view.end)
        subjects = [calendar.subject for calendar in view.model.calendars]
        shares = closed_times(calendars, edges) / np.diff(edges)
        rows.add("closed_share", subjects, view.months / HOUR, shares)
    return rows.done()


def _add_months(rows: SeriesRows, view: View) -> None:
    layout, deliveries = view.layout, view.deliveries
    lengths = np.diff(np.append(view.months, view.end)) / HOUR
    final = layout.cell_amounts[layout.pair_last]
    time = view.months / HOUR
    for name, measure, grain in (
        ("throughput", Measure.KG, MILLION_TONNES),
        ("throughput_teu", Measure.TEU, THOUSAND),
    ):
        amount = deliveries.by_month * final[:, measure, None] * (YEAR_HOURS / lengths / grain)
        for subjects, group in ((layout.flows, layout.pair_flow), (layout.routes, layout.pair_route)):
            known = np.unique(group[final[:, measure] > 0])
            folded = np.zeros((len(subjects), len(time)))
            np.add.at(folded, group, amount)
            rows.add(name, [subjects[k] for k in known], time, folded[known])
        rows.add(name, ["total"], time, amount.sum(axis=0, keepdims=True))
    flows = [f for f, flow in enumerate(view.model.flows) if flow.choice == "cascade"]
    mass = layout.flow_amounts[:, Measure.KG].astype(np.float64)
    away = deliveries.turned_away * (mass[:, None] * (YEAR_HOURS / lengths / MILLION_TONNES))
    rows.add("turned_away", [layout.flows[f] for f in flows], time, away[flows])


def _add_transit(rows: SeriesRows, view: View) -> None:
    """Mean by month, and how many consignments took how long."""
    layout, deliveries = view.layout, view.deliveries
    summed, number = np.zeros((2, len(layout.routes), len(view.months)))
    np.add.at(summed, layout.pair_route, deliveries.seconds)
    np.add.at(number, layout.pair_route, deliveries.by_month)
    inside = [r for r, one in enumerate(view.model.routes) if not one.is_outside]
    mean = ratio(summed, number)[inside] / HOUR
    rows.add("transit_time", [layout.routes[r] for r in inside], view.months / HOUR, mean)
    route, place, filled = deliveries.of_route.bins(BIN)
    hours = place.astype(np.float64) * (BIN / HOUR)
    lengths = np.bincount(route, minlength=len(layout.routes))
    rows.add_rows("transit_count", layout.routes, lengths, times=hours, values=filled.astype(np.float64))


def _add_queues(rows: SeriesRows, view: View) -> None:
    """Weekly means."""
    elements, spent = view.layout.elements, view.waiting.spent
    begins = np.arange(spent.shape[1]) * WEEK
    lengths = np.minimum(begins + WEEK, view.end) - begins
    used = np.unique(view.layout.cell_element)
    rows.add("queue", [elements[k] for k in used], begins / HOUR, (spent / lengths)[used])


def _add_backlog(rows: SeriesRows, view: View, found: Backlog) -> None:
    layout, names = view.layout, view.layout.flows
    time = found.times / HOUR
    mass = layout.flow_amounts[:, Measure.KG].astype(np.float64) / 1000
    laden = np.flatnonzero(mass)
    tonnes = found.under_way * mass[:, None]
    every = [*names, "total"]
    rows.add("backlog", every, time, _with_total(found.under_way))
    rows.add("waiting", every, time, _with_total(found.waiting))
    rows.add("backlog_t", [*(names[f] for f in laden), "total"], time, _with_total(tonnes[laden]))


def _with_total(values: Floats) -> Floats:
    return np.vstack([values, values.sum(axis=0)])
