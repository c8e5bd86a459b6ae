"""What one replication leaves: small tables of names and numbers, ready to be kept or sent.

The form in which results travel between workers, studies and the store. Nothing is computed or written here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.errors import Finding


@dataclass(frozen=True)
class Names:
    """A column of names: `names[codes]`.

    Attributes:
        codes: index into `names` by row, −1 where there is none.
        names: distinct, ascending.
    """

    codes: NDArray[np.int32]
    names: tuple[str, ...]

    @classmethod
    def of(cls, values: Sequence[str] | NDArray[np.str_]) -> Names:
        """Make a column of names from one string per row."""
        array = np.asarray(values, dtype=np.str_)
        names, codes = np.unique(array, return_inverse=True)
        return cls(codes.astype(np.int32).reshape(-1), tuple(names.tolist()))

    def __len__(self) -> int:
        return len(self.codes)

    def values(self) -> list[str]:
        """Give one string per row, empty where there is none."""
        return [self.names[code] if code >= 0 else "" for code in self.codes.tolist()]


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


def length(table: Table) -> int:
    """Give the number of rows of a table; 0 for one without columns."""
    return next((len(column) for column in table.values()), 0)


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
