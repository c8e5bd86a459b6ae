"""What one replication leaves: small tables of names and numbers, ready to be kept or sent.

The form in which results travel between workers, studies and the store. Nothing is computed or written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.errors import Finding
from sim.measure.names import Names

Column = Names | NDArray[np.float64] | NDArray[np.int64]
Table = Mapping[str, Column]
"""Columns of one length, by name, in order."""


@dataclass(frozen=True)
class Outcome:
    """One replication, measured.

    Attributes:
        number: which replication, from 0.
        kpis: kpi, subject, unit, value.
        series: series, subject, time (hours), value.
        breakdown: where the time goes, by route and step.
        closing: the closing statement, by flow and measure.
        servers: where the hours of each server went.
        findings: what was noticed in the run.
        fingerprint: of the records, equal where two replications are the same.
        records: the record tables, where they are kept.
    """

    number: int
    kpis: Table
    series: Table
    breakdown: Table
    closing: Table
    servers: Table
    findings: tuple[Finding, ...]
    fingerprint: str
    records: Mapping[str, Table] = field(default_factory=dict)


def same_names(one: Names, other: Names) -> bool:
    """Tell whether two columns of names hold the same name in every row."""
    return one is other or (one.names == other.names and np.array_equal(one.codes, other.codes))


def names_of(table: Table, column: str) -> Names:
    """Give a column of names.

    Raises:
        TypeError: the column holds numbers.
    """
    found = table[column]
    if not isinstance(found, Names):
        message = f"column {column} holds numbers, not names"
        raise TypeError(message)
    return found


def numbers_of(table: Table, column: str) -> NDArray[np.float64]:
    """Give a column of numbers.

    Raises:
        TypeError: the column holds names.
    """
    found = table[column]
    if isinstance(found, Names):
        message = f"column {column} holds names, not numbers"
        raise TypeError(message)
    return np.asarray(found, dtype=np.float64)


__all__ = ["Column", "Names", "Outcome", "Table", "names_of", "numbers_of", "same_names"]
