"""What is held in memory of many replications while a run's tables are made: what its statistics ask for.

A replication's series fill a megabyte, most of it the same names and times; here the paths that are asked for
are chosen, and columns that are alike are held once. Nothing is computed or read from disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from sim.study.outcome import Column, Names, Outcome, Table, names_of
from sim.study.output_analysis import MOST, SERIES

BACKLOG: Final = "backlog"
"""The series that tells, over all replications, whether a flow is saturated."""


def kept(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Keep of each replication its figures, its closing statement, and the series that statistics read.

    Args:
        outcomes: by ascending number; each is let go of before the next is asked for.

    Returns:
        Outcomes without breakdowns and records, and with few series.
    """
    found: list[Outcome] = []
    for place, outcome in enumerate(outcomes):
        wanted = {BACKLOG, *(name for name, _ in SERIES)} if place < MOST else {BACKLOG}
        slim = replace(outcome, series=_chosen(outcome.series, wanted), breakdown={}, records={})
        found.append(_sharing(slim, found[-1]) if found else slim)
    return found


def _chosen(series: Table, wanted: set[str]) -> Table:
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


def _sharing(outcome: Outcome, before: Outcome) -> Outcome:
    """Hold columns once that are those of the replication before."""
    return replace(
        outcome,
        kpis=_shared(outcome.kpis, before.kpis),
        series=_shared(outcome.series, before.series),
        closing=_shared(outcome.closing, before.closing),
        servers=_shared(outcome.servers, before.servers),
    )


def _shared(mine: Table, yours: Table) -> Table:
    return {column: _one(values, yours.get(column)) for column, values in mine.items()}


def _one(mine: Column, yours: Column | None) -> Column:
    """Give the other's column where it is the same."""
    if isinstance(mine, Names) and isinstance(yours, Names):
        is_same = mine.names == yours.names and np.array_equal(mine.codes, yours.codes)
    elif isinstance(mine, Names) or yours is None or isinstance(yours, Names):
        is_same = False
    else:
        is_same = np.array_equal(mine, yours, equal_nan=True)
    return yours if is_same and yours is not None else mine
