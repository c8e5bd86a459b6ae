"""Step rows counted and summed by cell, once, for all the sets of rows that measures ask about.

Pure arrays. Each row carries a mark of the sets it is in, so that one pass gives the sums of each set.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from sim.measure.folds import Bools, Floats, Ints, count, total


class Rows(IntEnum):
    """A set of step rows."""

    DELIVERED = 0
    """Of journeys delivered in the window."""
    LEFT = 1
    """Left in the window."""
    ENDED = 2
    """Ended in the window."""
    STARTED = 3
    """Started in the window."""


BySet = tuple[Floats, ...]
"""Figures by cell, for each set in the order of `Rows`."""


@dataclass(frozen=True)
class Tally:
    """What the rows of each set and cell come to.

    Attributes:
        number: rows.
        waited: seconds from asked to started.
        worked: seconds in service or running.
        blocked: seconds from ended to left.
    """

    number: BySet
    waited: BySet
    worked: BySet
    blocked: BySet

    @classmethod
    def of(cls, number: BySet, *, waited: BySet, blocked: BySet, stayed: BySet) -> Tally:
        """Work out what is left for work of the seconds that rows stayed."""
        parts = zip(stayed, waited, blocked, strict=True)
        return cls(number, waited, tuple(a - b - c for a, b, c in parts), blocked)

    def count(self, rows: Rows) -> Floats:
        """Count the rows of a set by cell."""
        return self.number[rows]


class Marked:
    """Rows by cell and by the sets they are in.

    Args:
        cell: cell of each row, shape (rows,).
        marks: which rows are in each set, in the order of `Rows`.
        size: number of cells.
    """

    def __init__(self, cell: Ints, marks: tuple[Bools, ...], *, size: int) -> None:
        code = np.zeros(len(cell), dtype=np.uint8)
        for place, mark in enumerate(marks):
            code |= mark.view(np.uint8) << np.uint8(place)
        self._size = size
        self._sets = len(marks)
        self._code: Ints = cell + size * code.astype(np.int64)

    def _by_set(self, sums: Floats) -> BySet:
        table = sums.reshape(1 << self._sets, self._size)
        codes = np.arange(len(table))
        return tuple(table[codes >> place & 1 == 1].sum(axis=0) for place in range(self._sets))

    def count(self) -> BySet:
        """Count the rows of each set by cell."""
        return self._by_set(count(self._code, size=self._size << self._sets))

    def sums(self, values: Ints, at: Ints | None = None) -> BySet:
        """Sum values by cell, for each set.

        Args:
            values: one for each row, or for each row of `at`.
            at: the rows that have a value; the others count as 0.
        """
        code = self._code if at is None else self._code[at]
        return self._by_set(total(code, values, size=self._size << self._sets))
