"""One row per figure over all replications: mean, spread, interval, and whether the mean means anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.measure.backlog import Unsteady
from sim.statistics.intervals import Intervals
from sim.study.headline import Key
from sim.study.outcome import Table, names_of, numbers_of, same_names

STEADY = Unsteady()
"""What is touched where no backlog grows: nothing."""
FLOOR = 0.01
"""Growth of a flow's backlog, as a share of what it offers, that still counts as standing still."""


@dataclass(frozen=True)
class SummaryRow:
    """A figure over the replications of a run.

    Attributes:
        kpi: name.
        subject: whose.
        unit: unit.
        n: replications in which it has a value.
        mean: over them.
        sd: with n − 1.
        low: lower bound of the mean's interval.
        high: upper bound.
        stationary: False where the backlog of a flow grows without end and the figure tells no lasting state:
            of the flow, its routes and what stands on them all but the demand and the weather; of `total` and
            kinds of cargo with it, what grows: `under_way`, `backlog_growth`, `transit_time`.
    """

    kpi: str
    subject: str
    unit: str
    n: int
    mean: float
    sd: float
    low: float
    high: float
    stationary: bool

    @property
    def key(self) -> Key:
        """What the figure is."""
        return Key(self.kpi, self.subject, self.unit)

    @property
    def half_width(self) -> float:
        """Half of the interval's width."""
        return (self.high - self.low) / 2


@dataclass(frozen=True)
class Matrix:
    """Figures of several replications side by side.

    Attributes:
        keys: what each column is, ascending.
        values: shape (replications, keys); NaN where a figure has no value.
    """

    keys: tuple[Key, ...]
    values: NDArray[np.float64]


def matrix(tables: Sequence[Table]) -> Matrix:
    """Lay the KPI tables of several replications side by side.

    Args:
        tables: one per replication, in order.
    """
    keys = tuple(sorted({key for table in _distinct(tables) for key in keys_of(table)}))
    place_of = {key: place for place, key in enumerate(keys)}
    values = np.full((len(tables), len(keys)), np.nan)
    places: NDArray[np.int64] | None = None
    for row, table in enumerate(tables):
        if places is None or not alike(table, tables[row - 1]):
            places = np.array([place_of[key] for key in keys_of(table)], dtype=np.int64)
        values[row, places] = numbers_of(table, "value")
    return Matrix(keys, values)


def _distinct(tables: Sequence[Table]) -> list[Table]:
    """Leave out tables whose rows are those of the one before: as a rule all are alike."""
    return [table for row, table in enumerate(tables) if row == 0 or not alike(table, tables[row - 1])]


def alike(one: Table, other: Table) -> bool:
    """Tell whether two tables of KPIs have the same rows in the same order."""
    columns = ("kpi", "subject", "unit")
    return all(same_names(names_of(one, column), names_of(other, column)) for column in columns)


def summary_rows(keys: Sequence[Key], intervals: Intervals, *, touched: Unsteady) -> tuple[SummaryRow, ...]:
    """Give the rows of figures from their intervals, in the same order."""
    return tuple(
        SummaryRow(
            *key, each.n, each.mean, each.sd, each.low, each.high, not touched.touches(key.kpi, key.subject)
        )
        for key, each in zip(keys, intervals, strict=True)
    )


def keys_of(kpis: Table) -> list[Key]:
    """Give what each row of a table of KPIs is."""
    columns = [names_of(kpis, column).values() for column in ("kpi", "subject", "unit")]
    return [Key(*row) for row in zip(*columns, strict=True)]


def paths_of(table: Table, series: str) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Give the times of a series and its values by subject, all read at the same times; empty without it."""
    names, subjects = names_of(table, "series"), names_of(table, "subject")
    if series not in names.names:
        return np.zeros(0), {}
    rows = np.flatnonzero(names.codes == names.names.index(series))
    times, codes = numbers_of(table, "time")[rows], subjects.codes[rows]
    order = np.lexsort((times, codes))
    known = np.unique(codes)
    instants = times[order].reshape(len(known), -1)[0]
    values = numbers_of(table, "value")[rows][order].reshape(len(known), -1)
    return instants, {subjects.names[code]: values[k] for k, code in enumerate(known.tolist())}
