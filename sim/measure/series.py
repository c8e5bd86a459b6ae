"""What happened when: monthly throughput, weekly queues, backlog and levels at instants, transit times.

Series are for figures and for the statistics of stationarity; no KPI is made from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from sim.engine.records import Outcome
from sim.measure import readings
from sim.measure.backlog import Backlog
from sim.measure.collect import Series, SeriesRows
from sim.measure.folds import Floats, Ints, count, ratio, total
from sim.measure.integrals import closed_time
from sim.measure.levels import Levels
from sim.measure.queues import Waiting
from sim.measure.view import HOUR, YEAR_HOURS, View
from sim.measure.volumes import MILLION_TONNES, THOUSAND
from sim.model.measures import Measure
from sim.model.times import months_between

WEEK: Final = 7 * 24 * HOUR
"""Seconds of a week."""
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
    view: View,
    *,
    waiting: Waiting,
    found: Backlog,
    levels: Levels,
    calendars: Sequence[tuple[Ints, Ints]] | None,
) -> Series:
    """Give the series of one replication."""
    rows = SeriesRows()
    months, _ = months_between(view.model.clock.start, begin=0, end=view.end)
    month = _month(months, view.finished[view.done])
    _add_months(rows, view, months, month)
    _add_transit(rows, view, months, month)
    _add_queues(rows, view, waiting)
    _add_backlog(rows, view, found)
    readings.add_readings(rows, view)
    if len(levels.subjects):
        rows.add(
            "level", levels.subjects, found.times / HOUR, levels.at(np.minimum(found.times, view.end - 1))
        )
    if calendars is not None:
        edges = np.append(months, view.end)
        shares = [closed_time(calendar, edges) / np.diff(edges) for calendar in calendars]
        subjects = [calendar.subject for calendar in view.model.calendars]
        rows.add(
            "closed_share", subjects, months / HOUR, np.array(shares).reshape(len(subjects), len(months))
        )
    return rows.done()


def _month(months: Ints, times: Ints) -> Ints:
    """Give the month of each time."""
    return np.searchsorted(months, times, side="right") - 1


def _by_month(group: Ints, month: Ints, *, shape: tuple[int, int]) -> Floats:
    """Count by group and month."""
    return count(group * shape[1] + month, size=shape[0] * shape[1]).reshape(shape)


def _add_months(rows: SeriesRows, view: View, months: Ints, month: Ints) -> None:
    layout = view.layout
    pairs = _by_month(view.done_pair, month, shape=(layout.pairs, len(months)))
    lengths = np.diff(np.append(months, view.end)) / HOUR
    final = layout.cell_amounts[layout.pair_last]
    time = months / HOUR
    for name, measure, grain in (
        ("throughput", Measure.KG, MILLION_TONNES),
        ("throughput_teu", Measure.TEU, THOUSAND),
    ):
        amount = pairs * final[:, measure, None] * (YEAR_HOURS / lengths / grain)
        for subjects, group in ((layout.flows, layout.pair_flow), (layout.routes, layout.pair_route)):
            known = np.unique(group[final[:, measure] > 0])
            folded = np.zeros((len(subjects), len(months)))
            np.add.at(folded, group, amount)
            rows.add(name, [subjects[k] for k in known], time, folded[known])
        rows.add(name, ["total"], time, amount.sum(axis=0, keepdims=True))
    consignments = view.records.consignments
    turned = np.flatnonzero(view.finished_inside & (consignments.outcome == Outcome.TURNED_AWAY))
    flows = [f for f, flow in enumerate(view.model.flows) if flow.choice == "cascade"]
    month = _month(months, view.finished[turned])
    away = _by_month(consignments.flow[turned], month, shape=(len(layout.flows), len(months)))
    mass = np.array([flow.amounts[Measure.KG] for flow in view.model.flows], dtype=np.float64)
    away *= mass[:, None] * (YEAR_HOURS / lengths / MILLION_TONNES)
    rows.add("turned_away", [layout.flows[f] for f in flows], time, away[flows])


def _add_transit(rows: SeriesRows, view: View, months: Ints, month: Ints) -> None:
    """Mean by month, and how many consignments took how long."""
    layout = view.layout
    route = view.records.consignments.route[view.done]
    spent = view.done_spent
    size = len(layout.routes)
    code = route * len(months) + month
    cells = size * len(months)
    summed, number = total(code, spent, size=cells), count(code, size=cells)
    inside = [r for r, one in enumerate(view.model.routes) if not one.is_outside]
    mean = ratio(summed, number).reshape(size, len(months))[inside] / HOUR
    rows.add("transit_time", [layout.routes[r] for r in inside], months / HOUR, mean)
    bins = spent // BIN
    width = int(bins.max(initial=0)) + 1
    filled = count(route * width + bins, size=size * width)
    some = np.flatnonzero(filled)
    hours = (some % width).astype(np.float64) * (BIN / HOUR)
    rows.add_rows("transit_count", layout.routes, some // width, times=hours, values=filled[some])


def _add_queues(rows: SeriesRows, view: View, waiting: Waiting) -> None:
    """Weekly means, from how long all have waited by each week's end."""
    elements = view.layout.elements
    size = len(elements)
    weeks = -(-view.end // WEEK)
    edges = np.minimum(np.arange(1, weeks + 1) * WEEK, view.end)

    def elapsed(times: Ints) -> Floats:
        code = waiting.element * weeks + np.minimum(times // WEEK, weeks - 1)
        number = count(code, size=size * weeks).reshape(size, weeks)
        summed = total(code, times, size=size * weeks).reshape(size, weeks)
        out: Floats = np.cumsum(number, axis=1) * edges - np.cumsum(summed, axis=1)
        return out

    waited = elapsed(waiting.since) - elapsed(waiting.until)
    spent = np.diff(waited, axis=1, prepend=0.0)
    lengths = np.diff(edges, prepend=0)
    used = np.unique(view.layout.cell_element)
    rows.add("queue", [elements[k] for k in used], (edges - lengths) / HOUR, (spent / lengths)[used])


def _add_backlog(rows: SeriesRows, view: View, found: Backlog) -> None:
    names = view.layout.flows
    time = found.times / HOUR
    mass = np.array([flow.amounts[Measure.KG] for flow in view.model.flows], dtype=np.float64) / 1000
    laden = np.flatnonzero(mass)
    tonnes = found.under_way * mass[:, None]
    every = [*names, "total"]
    rows.add("backlog", every, time, _with_total(found.under_way))
    rows.add("waiting", every, time, _with_total(found.waiting))
    rows.add("backlog_t", [*(names[f] for f in laden), "total"], time, _with_total(tonnes[laden]))


def _with_total(values: Floats) -> Floats:
    return np.vstack([values, values.sum(axis=0)])
