"""What a disturbance cost: a run against its undisturbed twin on the same draws.

Both were offered the same consignments wherever the disturbance left demand alone, so every difference is the
disturbance's doing. Amounts in t; flows without mass are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.engine.records import Records
from sim.errors import UsageError
from sim.measure.collect import KpiRows, Kpis, Series, SeriesRows
from sim.measure.cost import add_costs
from sim.measure.folds import Bools, Floats, Ints, ratio
from sim.measure.view import HOUR, View, view
from sim.measure.volumes import THOUSAND
from sim.measure.waiting import WEEK
from sim.model.measures import Measure
from sim.model.model import Model

SHARE = 0.01
"""Of a mean week's volume: below it a backlog counts as worked off (model.md 4)."""
CALM = 7 * 24 * HOUR
"""Seconds for which the backlog must stay there."""


@dataclass(frozen=True)
class Resilience:
    """Run minus twin.

    Attributes:
        kpis: `lost` (t delivered less), `shut_in` (t turned away more, cascades), `diverted` (t delivered
            more, by route of a cascade), `peak_backlog` (t under way more), `time_to_recover` (h from the
            disturbance, NaN where not within the run), `extra_cost` (USD/t), by flow or route and `total`.
        series: by flow and `total`, weekly: `performance`, share of the twin's deliveries of the week; daily:
            `backlog_gap`, t under way more, and `delivered_gap`, t delivered less since the window's start.
    """

    kpis: Kpis
    series: Series


def resilience(
    model: Model, run: Records, twin: Records, *, twin_model: Model, disturbed: int = 0
) -> Resilience:
    """Measure a disturbance.

    Args:
        model: the disturbed model.
        run: its records.
        twin: records of the undisturbed model on the same draws.
        twin_model: the undisturbed model.
        disturbed: when the disturbance begins, seconds from the clock's start.

    Raises:
        UsageError: the models differ in flows, routes or window.
    """
    if [flow.id for flow in model.flows] != [flow.id for flow in twin_model.flows] or (
        [route.id for route in model.routes] != [route.id for route in twin_model.routes]
        or model.clock != twin_model.clock
    ):
        msg = "a run and its undisturbed twin must have the same flows, routes and window"
        raise UsageError(msg)
    pair = _Pair(view(model, run), view(twin_model, twin), disturbed)
    rows, series = KpiRows(), SeriesRows()
    pair.add_lost(rows)
    pair.add_backlog(rows)
    pair.add_cascades(rows)
    pair.add_cost(rows)
    pair.add_curves(series)
    return Resilience(rows.done(), series.done())


class _Pair:
    """A run and its twin side by side."""

    def __init__(self, run: View, twin: View, disturbed: int) -> None:
        self.run = run
        self.twin = twin
        self.disturbed = max(disturbed, 0)
        mass = np.array([flow.amounts[Measure.KG] for flow in run.model.flows], dtype=np.int64)
        self.laden = np.flatnonzero(mass)
        self.tonnes = mass / THOUSAND
        self.subjects = [*(run.layout.flows[f] for f in self.laden), "total"]

    def add_lost(self, rows: KpiRows) -> None:
        """Delivered less in the window."""
        less = (self.twin.counts["delivered"] - self.run.counts["delivered"]) * self.tonnes
        rows.add("lost", "t", self.subjects, self._with_total(less[self.laden]))

    def add_backlog(self, rows: KpiRows) -> None:
        """Peak of what is under way more, and when it is worked off."""
        offered = self.twin.counts["offered"] * self.tonnes
        weeks = self.twin.end / WEEK
        peaks, recovered = [], []
        for flows in (*([f] for f in self.laden.tolist()), self.laden.tolist()):
            time, gap = self._gap(flows)
            peaks.append(float(gap.max(initial=0.0)))
            limit = SHARE * float(offered[flows].sum()) / weeks
            recovered.append(recovery(time, gap, limit=limit, since=self.disturbed, end=self.run.end) / HOUR)
        rows.add("peak_backlog", "t", self.subjects, peaks)
        rows.add("time_to_recover", "h", self.subjects, recovered)

    def add_cascades(self, rows: KpiRows) -> None:
        """Production shut in more, and what moved to other routes."""
        model, layout = self.run.model, self.run.layout
        cut = [f for f, flow in enumerate(model.flows) if flow.choice == "cascade" and flow.cut is not None]
        if cut:
            more = (self.run.counts["turned_away"] - self.twin.counts["turned_away"]) * self.tonnes
            rows.add("shut_in", "t", [*(layout.flows[f] for f in cut), "total"], self._with_total(more[cut]))
        cascade = np.array([flow.choice == "cascade" for flow in model.flows], dtype=np.bool_)
        routes = np.unique(layout.pair_route[cascade[layout.pair_flow]])
        moved = self._by_route(self.run, cascade) - self._by_route(self.twin, cascade)
        rows.add("diverted", "t", [layout.routes[r] for r in routes], moved[routes])

    @staticmethod
    def _by_route(seen: View, flows: Bools) -> Floats:
        mass = seen.layout.cell_amounts[seen.layout.pair_last, Measure.KG] / THOUSAND
        return seen.layout.by_route(seen.deliveries.number * mass * flows[seen.layout.pair_flow])

    def add_cost(self, rows: KpiRows) -> None:
        """What a delivered tonne cost more."""
        costs = []
        for seen in (self.run, self.twin):
            found = KpiRows()
            add_costs(found, seen)
            kpis = found.done()
            chosen = (kpis.kpi == "cost") & (kpis.unit == "USD/t")
            costs.append(dict(zip(kpis.subject[chosen], kpis.value[chosen], strict=True)))
        names = [subject for subject in self.subjects if subject in costs[0]]
        rows.add("extra_cost", "USD/t", names, [costs[0][name] - costs[1][name] for name in names])

    def add_curves(self, series: SeriesRows) -> None:
        """The resilience curve and its integrals."""
        end = self.run.end
        weeks = np.arange(0, end, WEEK)
        edges = np.append(weeks, end)
        run, twin = self._delivered(self.run, edges), self._delivered(self.twin, edges)
        share = ratio(np.diff(run, axis=1), np.diff(twin, axis=1))
        series.add("performance", self.subjects, weeks / HOUR, share)
        days = np.arange(0, end + 1, 24 * HOUR)
        less = self._delivered(self.twin, days) - self._delivered(self.run, days)
        series.add("delivered_gap", self.subjects, days / HOUR, less)
        gaps = [
            _read(*self._gap(flows), days)
            for flows in (*([f] for f in self.laden.tolist()), self.laden.tolist())
        ]
        series.add("backlog_gap", self.subjects, days / HOUR, np.stack(gaps))

    def _delivered(self, seen: View, edges: Ints) -> Floats:
        """Tonnes delivered from the window's start to before each edge, by flow and in all."""
        rows = np.flatnonzero(seen.delivered)
        place = np.searchsorted(edges, seen.finished[rows], side="right")
        width = len(edges) + 1
        code = seen.records.consignments.flow[rows] * width + place
        size = len(self.tonnes)
        number = np.bincount(code, minlength=size * width).reshape(size, width)[:, :-1]
        tonnes = np.cumsum(number, axis=1) * self.tonnes[:, None]
        return self._with_total(tonnes[self.laden])

    def _gap(self, flows: list[int]) -> tuple[Ints, Floats]:
        """Tonnes under way more than in the twin: from each instant of change on, ascending."""
        times, changes = [], []
        for seen, sign in ((self.run, 1.0), (self.twin, -1.0)):
            consignments = seen.records.consignments
            mine = np.flatnonzero(np.isin(consignments.flow, flows))
            size = self.tonnes[consignments.flow[mine]] * sign
            gone = seen.finished[mine] < seen.end
            times += [seen.arrived[mine], seen.finished[mine][gone]]
            changes += [size, -size[gone]]
        time, change = np.concatenate(times), np.concatenate(changes)
        order = np.argsort(time, kind="stable")
        time, level = time[order], np.cumsum(change[order])
        last = np.append(time[1:] != time[:-1], [True])[: len(time)]
        # Thousandths of a tonne, so that what cancels on paper cancels.
        return time[last], np.round(level[last], 3)

    @staticmethod
    def _with_total(values: Floats) -> Floats:
        return np.concatenate([values, values.sum(axis=0, keepdims=True)])


def _read(time: Ints, value: Floats, at: Ints) -> Floats:
    """Read a step function that begins at 0."""
    place = np.searchsorted(time, at, side="right")
    return np.append([0.0], value)[place]


def recovery(time: Ints, gap: Floats, *, limit: float, since: int, end: int) -> float:
    """Give how long after a disturbance a backlog was worked off.

    The first instant after its peak from which it stays below the limit for seven days, all of them within
    the run. The search begins at the peak because a backlog needs time to build up.

    Args:
        time: instants of change in seconds, ascending.
        gap: backlog from each instant on.
        limit: below it the backlog counts as worked off; one that never reaches it gives 0.
        since: when the disturbance begins.
        end: end of the run.

    Returns:
        Seconds from `since`, NaN where it is not within the run.
    """
    first = int(np.searchsorted(time, since, side="right")) - 1
    start = max(first, 0)
    time, gap = time[start:], gap[start:]
    if not len(gap) or float(gap.max()) < limit or float(gap.max()) <= 0.0:
        return 0.0
    peak = int(np.argmax(gap))
    time, low = time[peak:], gap[peak:] < limit
    until = np.append(time[1:], end)
    # Stretches of low backlog: from where it falls below the limit to where it next reaches it.
    falls = np.flatnonzero(low & np.append([True], ~low[:-1]))
    for k in falls.tolist():
        rises = np.flatnonzero(~low[k:])
        stop = int(time[k + rises[0]]) if len(rises) else int(until[-1])
        if stop - int(time[k]) >= CALM:
            return float(max(int(time[k]) - since, 0))
    return float("nan")
