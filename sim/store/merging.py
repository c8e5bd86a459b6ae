"""The tables of a run, merged from its replications some at a time, so that memory does not grow with them.

Rows are sorted by replication first, so a table is its chunks one after the other. The same replications give
the same bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import numpy as np

from sim.store.chunks import ChunkedTable
from sim.store.tables import sorted_rows, stacked
from sim.study.outcome import Names, Outcome

CHUNK = 32
"""Replications that are held at a time."""
FOLDER = ".merging"
"""Where chunks lie until all are there; whoever merges holds the lock of the run's folder."""
KPI_ORDER = ("replication", "kpi", "subject", "unit")
SERIES_ORDER = ("replication", "series", "subject", "time")

Columns = Mapping[str, Names | np.ndarray]


def merge_tables(folder: Path, outcomes: Iterable[Outcome], *, scenario: str) -> list[int]:
    """Write `kpis.parquet`, `series.parquet` and `breakdown.parquet` of a run.

    Args:
        folder: the run's.
        outcomes: by ascending number; each is let go of after its chunk.
        scenario: its name, a column of `kpis.parquet`.

    Returns:
        The numbers of the replications.
    """
    chunks = folder / FOLDER
    shutil.rmtree(chunks, ignore_errors=True)
    numbers: list[int] = []
    tables: dict[str, ChunkedTable] = {}
    try:
        for some in _chunks(outcomes):
            numbers += [outcome.number for outcome in some]
            for name, columns in _tables(some, scenario).items():
                tables.setdefault(name, ChunkedTable(chunks, name)).add(columns)
        for name, table in tables.items():
            table.write(folder / f"{name}.parquet")
    finally:
        for table in tables.values():
            table.close()
        shutil.rmtree(chunks, ignore_errors=True)
    return numbers


def _chunks(outcomes: Iterable[Outcome]) -> Iterator[list[Outcome]]:
    """Give outcomes some at a time; without any, one empty chunk."""
    left = iter(outcomes)
    some = list(islice(left, CHUNK))
    yield some
    while some := list(islice(left, CHUNK)):
        yield some


def _tables(outcomes: list[Outcome], scenario: str) -> dict[str, Columns]:
    """Give the rows of some replications in canonical order."""
    kpis = stacked([(outcome.number, outcome.kpis) for outcome in outcomes])
    named = {"scenario": Names(np.zeros(len(kpis["replication"]), dtype=np.int32), (scenario,))}
    columns = ("replication", "kpi", "subject", "value", "unit")
    series = stacked([(outcome.number, outcome.series) for outcome in outcomes])
    return {
        "kpis": sorted_rows({**named, **{name: kpis[name] for name in columns}}, KPI_ORDER),
        "series": sorted_rows(series, SERIES_ORDER),
        "breakdown": stacked([(outcome.number, outcome.breakdown) for outcome in outcomes]),
    }
