"""What piles up: consignments under way and waiting, their growth, and whether a flow is stationary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.errors import Finding, Level
from sim.measure.cargo import cargo
from sim.measure.collect import KpiRows
from sim.measure.counted import BATCHES, INSTANTS
from sim.measure.folds import Bools, Floats, Ints, ratio
from sim.measure.view import HOUR, YEAR_HOURS, View
from sim.model.measures import Measure
from sim.model.model import Model
from sim.model.network import Kind

SURE = 3.355
"""Two-sided 99 % point of Student's t with 8 degrees of freedom, those of a line through ten batches."""
FLOOR = 0.02
"""Growth that matters: one in fifty of what is offered stays behind."""
UNTOUCHED: Final = frozenset({"offered", "closed_share"})
"""KPIs that demand and weather alone decide."""
GROWING: Final = frozenset({"under_way", "backlog_growth", "transit_time"})
"""KPIs of sums that grow with the window while a flow in them is saturated."""


@dataclass(frozen=True)
class Backlog:
    """Consignments of each flow at equally spaced instants of the window.

    Attributes:
        times: seconds from the window's start, both ends included, shape (T,).
        under_way: offered and not finished, after each instant, shape (flows, T).
        waiting: of these, waiting at some element, shape (flows, T).
    """

    times: Ints
    under_way: Floats
    waiting: Floats

    @property
    def growth(self) -> Floats:
        """Slope of a straight line through `under_way`, consignments per second, shape (flows,)."""
        return _slope(self.times.astype(np.float64), self.under_way)


def sample_times(end: int) -> Ints:
    """Give the instants at which levels and backlogs are read."""
    return np.arange(INSTANTS + 1) * end // INSTANTS


def backlog(view: View) -> Backlog:
    """Count what is under way and what waits at the sample times."""
    counted = view.counted
    return Backlog(sample_times(view.end), counted.offered - counted.ended, view.waiting.at_instants)


def stationary(view: View, found: Backlog) -> Bools:
    """Tell for each flow whether this replication shows no growing backlog.

    The backlog is averaged over ten batches. What the season of demand alone explains is taken off: by
    Little's law (1961), the mean time under way x the batch's rate of arrivals. A straight line is laid
    through the rest. A flow is not stationary where the line rises by more than chance would have it in
    one case of 200 (taking batches as independent), by more than one in fifty of the consignments
    offered, and by more than three times the root of the mean backlog, which is how far a count of
    independent consignments strays: a saturated element leaves a fixed share of its offer behind,
    whereas the backlog of a stable one wanders about a level.

    Args:
        view: the replication.
        found: its backlog.
    """
    length = (found.under_way.shape[1] - 1) // BATCHES
    values = found.under_way[:, 1:].reshape(-1, BATCHES, length).mean(axis=2)
    offers = view.counted.batches
    offered = offers.sum(axis=1)
    season = ratio(values.sum(axis=1), offered)[:, None] * offers
    rest = values - np.nan_to_num(season)
    centre = (np.arange(BATCHES) + 0.5) * view.end / BATCHES
    slope = _slope(centre, rest)
    fitted = rest.mean(axis=1)[:, None] + slope[:, None] * (centre - centre.mean())
    residual = ((rest - fitted) ** 2).sum(axis=1) / (BATCHES - 2)
    error = np.sqrt(residual / ((centre - centre.mean()) ** 2).sum())
    rise = slope * view.end
    strays = 3.0 * np.sqrt(np.maximum(values.mean(axis=1), 1.0))
    growing: Bools = (slope > SURE * error) & (rise > FLOOR * offered) & (rise > strays)
    return ~growing


def add_backlog(rows: KpiRows, view: View, found: Backlog) -> None:
    """Add the growth of what is under way, per year, by flow and in all."""
    names = view.layout.flows
    growth = found.growth * HOUR * YEAR_HOURS
    rows.add("backlog_growth", "consignments/yr", [*names, "total"], [*growth, growth.sum()])
    mass = view.layout.flow_amounts[:, Measure.KG].astype(np.float64)
    laden = np.flatnonzero(mass)
    tonnes = growth * mass / 1000
    rows.add("backlog_growth", "t/yr", [*(names[f] for f in laden), "total"], [*tonnes[laden], tonnes.sum()])


def stationarity_findings(view: View, calm: Bools, found: Backlog) -> list[Finding]:
    """Name the flows whose backlog grows."""
    growth = found.growth * HOUR * YEAR_HOURS
    return [
        Finding(
            code="not-stationary",
            level=Level.WARNING,
            where=None,
            path=f"flows.{view.model.flows[f].id}",
            message=(
                f"the backlog of flow {view.model.flows[f].id} grows by {growth[f]:,.0f} consignments "
                "a year; means over this window are no long-run means"
            ),
            expected="a backlog that wanders about a level",
            hint="a longer window shows a larger mean: report the growth, not the mean",
        )
        for f in np.flatnonzero(~calm)
    ]


@dataclass(frozen=True)
class Unsteady:
    """Which figures describe no lasting state while the backlogs of some flows grow.

    Of the flows themselves, their routes, and the elements, berth groups and pools of these it is every
    statistic, but for what no queue can touch: the demand and the weather. Of sums that hold other flows
    too (`total`, `cargo/…`) it is what grows with the window: how much is under way, and how long it takes.
    How much passes does not grow: a saturated flow passes what its narrowest place lets through, however
    long the window, and to flag it would hide that a sum is sound but for its smallest part.

    Attributes:
        subjects: of which every statistic is touched.
        sums: of which only what grows is.
    """

    subjects: frozenset[str] = frozenset()
    sums: frozenset[str] = frozenset()

    def touches(self, kpi: str, subject: str) -> bool:
        """Tell whether a figure describes no lasting state.

        Args:
            kpi: name, with its statistic.
            subject: whose.
        """
        name = kpi.partition(".")[0]
        if subject in self.subjects:
            return name not in UNTOUCHED
        return subject in self.sums and name in GROWING


def unsteady(model: Model, flows: Iterable[str]) -> Unsteady:
    """Give what is touched when the backlogs of some flows grow.

    Args:
        model: the model.
        flows: their ids.
    """
    names = frozenset(flows)
    touched: set[str] = set()
    for flow in model.flows:
        if flow.id not in names:
            continue
        touched.add(f"flow/{flow.id}")
        for option in flow.options:
            route = model.routes[option.route]
            touched.add(f"route/{route.id}")
            for step in route.steps:
                touched.add(model.subject(step))
                if step.kind is Kind.LINE:
                    groups = model.lines[step.index].groups
                    touched |= {f"port/{model.groups[group].id}" for group in groups}
            touched |= {f"pool/{model.pools[use.pool].id}" for use in route.uses}
    growing = np.array([flow.id in names for flow in model.flows], dtype=np.bool_)
    sums = {f"cargo/{kind}" for kind, those in cargo(model).items() if (those & growing).any()}
    return Unsteady(frozenset(touched), frozenset({*sums, "total"} if growing.any() else sums))


def _slope(times: Floats, values: Floats) -> Floats:
    centred = times - times.mean()
    out: Floats = (values * centred).sum(axis=1) / (centred**2).sum()
    return out
