"""Record columns: written number by number while the model runs, taken over as arrays when it has ended."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import NULL

Ints = NDArray[np.int64]


def column(length: int, value: int = NULL) -> array[int]:
    """Make a column of 64-bit integers: a third of a list's memory, and NumPy takes it over as it is."""
    return array("q", [value]) * length


def columns(rows: Sequence[tuple[int, ...]], width: int) -> list[Ints]:
    """Give rows as columns.

    Args:
        rows: of `width` numbers each.
        width: how many columns.
    """
    table = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=len(rows) * width)
    return [np.ascontiguousarray(each) for each in table.reshape(len(rows), width).T]


def sorted_columns(rows: Sequence[tuple[int, ...]], width: int) -> list[Ints]:
    """Give rows as columns, sorted by the first column, then by the second, and so on."""
    found = columns(rows, width)
    order = np.lexsort(found[::-1])
    return [each[order] for each in found]


def joined(parts: Sequence[Ints]) -> Ints:
    """Put arrays one after another."""
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
