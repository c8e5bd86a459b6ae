"""What a run says over all its replications, gathered one after the other: memory does not grow with them.

Of each replication is kept what the run's statistics ask for and no more: sums, how fast each flow's backlog
grows, the figures that the scenario makes a claim about, and of the first replications the series by which
the warm-up is judged. Nothing is read from disk here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.measure.backlog import Unsteady
from sim.model.model import Model
from sim.scenario.document import Expectation
from sim.statistics.intervals import intervals_of
from sim.statistics.running import RunningMoments
from sim.statistics.samples import Moments
from sim.statistics.stationarity import growth, growth_of, rates
from sim.study.account import Noticed, Statement
from sim.study.headline import Key
from sim.study.outcome import Names, Outcome, Table, names_of, numbers_of
from sim.study.output_analysis import MOST, SERIES
from sim.study.summary import FLOOR, Matrix, SummaryRow, alike, keys_of, paths_of, summary_rows

FEWEST_TIMES = 10
"""Instants without which no growth can be told."""
FEW = 4
"""Replications up to which each one is asked by itself, too, whether a backlog grows."""

Floats = NDArray[np.float64]


class PutAway(Protocol):
    """Rows of numbers that are put away in order and read again: a list, or more than memory holds."""

    def append(self, row: Floats, /) -> None:
        """Put away a row."""
        ...

    def __iter__(self) -> Iterator[Floats]:
        """Give all of them."""
        ...


class Gathered:
    """A run's replications, taken by ascending number.

    Args:
        model: what was simulated.
        claims: what the scenario claims, whose figures are kept.
        values: where each replication's figures are put away, as `rows` reads them twice; left out, there
            are no rows.

    Attributes:
        model: what was simulated.
        statement: the closing statements added up.
        noticed: findings of the replications.
        series: of the first replications, those that tell whether the warm-up was long enough.
    """

    def __init__(
        self, model: Model, *, claims: Iterable[Expectation] = (), values: PutAway | None = None
    ) -> None:
        self.model = model
        self.statement = Statement()
        self.noticed = Noticed()
        self.series: list[Table] = []
        self._claimed = {(each.kpi, each.of) for each in claims}
        self._claims: list[dict[Key, float]] = []
        self._columns: dict[Key, int] = {}
        self._moments = RunningMoments()
        self._values = values
        self._columns_by_row: list[NDArray[np.int64]] = []
        self._last: Table | None = None
        self._places = np.zeros(0, dtype=np.int64)
        self._times = np.zeros(0)
        self._paths: list[dict[str, Floats]] = []
        self._rates: dict[str, list[tuple[float, float, float]]] = {}
        self._count = 0

    def take(self, outcome: Outcome) -> None:
        """Take a replication."""
        values, columns = numbers_of(outcome.kpis, "value"), self._columns_of(outcome.kpis)
        self._moments.add(columns, values)
        if self._values is not None:
            self._values.append(values)
            self._columns_by_row.append(columns)
        if self._claimed:
            rows = zip(keys_of(outcome.kpis), values.tolist(), strict=True)
            self._claims.append({key: each for key, each in rows if (key.kpi, key.subject) in self._claimed})
        self._take_backlogs(outcome.series)
        if self._count < MOST:
            self.series.append(chosen(outcome.series, {name for name, _ in SERIES}))
        self.statement.add(outcome)
        self.noticed.add(outcome)
        self._count += 1

    @property
    def keys(self) -> tuple[Key, ...]:
        """What figures there are, ascending."""
        return tuple(sorted(self._columns))

    def claims(self) -> Matrix:
        """Give the figures that claims are about, of all replications."""
        keys = tuple(sorted({key for row in self._claims for key in row}))
        values = [[row.get(key, np.nan) for key in keys] for row in self._claims]
        return Matrix(keys, np.array(values, dtype=np.float64).reshape(len(values), len(keys)))

    def saturated(self, *, confidence: float) -> tuple[str, ...]:
        """Find the flows whose backlog grows over the window.

        Args:
            confidence: of the interval that must lie above the floor.

        Returns:
            Ids of flows, in order.
        """
        found = []
        times = self._times
        for flow in self.model.flows:
            subject = f"flow/{flow.id}"
            if subject not in self._rates:
                continue
            offered = np.diff(np.interp([0, self.model.clock.end], flow.demand_time, flow.demand))[0]
            floor = FLOOR * max(float(offered), 1.0) / float(times[-1] - times[0])
            if self._grows(subject, confidence=confidence, floor=floor):
                found.append(flow.id)
        return tuple(found)

    def rows(self, *, confidence: float, touched: Unsteady) -> tuple[SummaryRow, ...]:
        """Give mean, spread and interval of each figure, once every replication has been taken; only once.

        Args:
            confidence: of the intervals.
            touched: figures that are not stationary.

        Raises:
            RuntimeError: figures were not put away.
        """
        if self._values is None:
            message = "figures were not put away, and cannot be read again"
            raise RuntimeError(message)
        for columns, values in zip(self._columns_by_row, self._values, strict=True):
            self._moments.add_spread(columns, values)
        keys = self.keys
        order = np.array([self._columns[key] for key in keys], dtype=np.int64)
        mean, sd, n = self._moments.moments()
        intervals = intervals_of(Moments(mean[order], sd[order], n[order]), confidence)
        return summary_rows(keys, intervals, touched=touched)

    def _columns_of(self, kpis: Table) -> NDArray[np.int64]:
        """Give the column of each row of a table of KPIs; as a rule they are those of the one before."""
        if self._last is None or not alike(kpis, self._last):
            columns = self._columns
            self._places = np.array(
                [columns.setdefault(key, len(columns)) for key in keys_of(kpis)], dtype=np.int64
            )
            self._last = kpis
        return self._places

    def _take_backlogs(self, series: Table) -> None:
        times, paths = paths_of(series, "backlog")
        if len(times) < FEWEST_TIMES:
            return
        found = rates(np.array(list(paths.values())), times)
        for subject, *each in zip(paths, *(rate.tolist() for rate in found), strict=True):
            self._rates.setdefault(subject, []).append((each[0], each[1], each[2]))
        self._times = times
        if self._count < FEW:
            self._paths.append(paths)

    def _grows(self, subject: str, *, confidence: float, floor: float) -> bool:
        """Tell whether a backlog grows: over all replications, or of a few in each one by itself.

        Between two or three replications hardly any spread is known, so that their interval alone would never
        tell what each of them shows. Where nothing is random they are one, and agree on whatever its last day
        happened to leave.
        """
        rates_found = np.array(self._rates[subject]).T
        alike = bool((rates_found == rates_found[:, :1]).all())
        if not alike and growth_of(*rates_found, confidence=confidence, floor=floor).growing:
            return True
        return (alike or self._count <= FEW) and all(
            growth(paths[subject], self._times, confidence=confidence, floor=floor).growing
            for paths in self._paths
        )


def chosen(series: Table, wanted: set[str]) -> Table:
    """Choose some series from a table of all."""
    if not series:
        return series
    names = names_of(series, "series")
    codes = [code for code, name in enumerate(names.names) if name in wanted]
    rows = np.flatnonzero(np.isin(names.codes, codes))
    return {
        column: Names(values.codes[rows], values.names) if isinstance(values, Names) else values[rows]
        for column, values in series.items()
    }
