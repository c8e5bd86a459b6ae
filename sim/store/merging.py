"""The tables of a run, made of its replications as they come, so that memory does not grow with them.

Rows are sorted by replication first, so a table is its chunks one after the other. The same replications give
the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from sim.store.chunks import ChunkedTable
from sim.store.tables import sorted_rows, stacked
from sim.study.outcome import Names, Outcome

CHUNK = 32
"""Replications that are held at a time."""
TABLES: Final = ("kpis", "series", "breakdown")
KPI_ORDER: Final = ("kpi", "subject", "unit")
SERIES_ORDER: Final = ("series", "subject", "time")

Columns = Mapping[str, Names | np.ndarray]


class Merging:
    """`kpis.parquet`, `series.parquet` and `breakdown.parquet` of a run in the making.

    Args:
        folder: the run's; chunks wait there, and are gone when this is closed.
        scenario: its name, a column of `kpis.parquet`.

    Attributes:
        numbers: of the replications taken.
    """

    def __init__(self, folder: Path, *, scenario: str) -> None:
        self._folder = folder
        self._scenario = scenario
        self.numbers: list[int] = []
        self._some: list[Outcome] = []
        self._tables = {name: ChunkedTable(folder, name) for name in TABLES}

    def add(self, outcome: Outcome) -> None:
        """Take the next replication, by ascending number; it is let go of after its chunk."""
        if len(self._some) == CHUNK:
            self._put_away()
        self._some.append(outcome)
        self.numbers.append(outcome.number)

    def write(self) -> None:
        """Write the tables of all that were taken."""
        if self._some or not self.numbers:
            self._put_away()
        for name, table in self._tables.items():
            table.write(self._folder / f"{name}.parquet")

    def close(self) -> None:
        """Let go of what waits."""
        for table in self._tables.values():
            table.close()

    def _put_away(self) -> None:
        """Hand over the replications that are held, as one chunk of each table; none give an empty one."""
        for name, columns in _tables(self._some, self._scenario).items():
            self._tables[name].add(columns)
        self._some = []


def _tables(outcomes: list[Outcome], scenario: str) -> dict[str, Columns]:
    """Give the rows of some replications in canonical order: each one's in order, one after the other."""
    kpis, series = (
        stacked([(outcome.number, sorted_rows(getattr(outcome, name), by)) for outcome in outcomes])
        for name, by in (("kpis", KPI_ORDER), ("series", SERIES_ORDER))
    )
    named = {"scenario": Names(np.zeros(len(kpis["replication"]), dtype=np.int32), (scenario,))}
    columns = ("replication", "kpi", "subject", "value", "unit")
    return {
        "kpis": {**named, **{name: kpis[name] for name in columns}},
        "series": series,
        "breakdown": stacked([(outcome.number, outcome.breakdown) for outcome in outcomes]),
    }
