"""Counting and summing by group: the arithmetic under all measures.

Pure array functions; no model and no records enter. Sums of integers are exact below 2**53.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def count(group: Ints, *, size: int) -> Floats:
    """Count the members of each group, shape (size,); groups from `size` on are left out."""
    return np.bincount(group, minlength=size)[:size].astype(np.float64)


def total(group: Ints, values: NDArray[Any], *, size: int) -> Floats:
    """Sum the values of each group, shape (size,); groups from `size` on are left out."""
    return np.bincount(group, weights=values, minlength=size)[:size].astype(np.float64, copy=False)


def is_among(values: Ints, others: Ints, *, size: int) -> Bools:
    """Tell which whole numbers from 0 to below `size` are among others of that kind, shape of `values`."""
    found = np.zeros(size, dtype=np.bool_)
    found[others] = True
    out: Bools = found[values]
    return out


def ratio(above: Floats, below: Floats) -> Floats:
    """Divide, NaN where there is nothing to divide by."""
    out: Floats = np.full(np.broadcast(above, below).shape, np.nan)
    np.divide(above, below, out=out, where=np.asarray(below) != 0)
    return out


def mean(group: Ints, values: NDArray[Any], *, chosen: Bools, size: int) -> Floats:
    """Average the chosen values of each group, shape (size,); NaN where there are none."""
    some = np.flatnonzero(chosen)
    return ratio(total(group[some], values[some], size=size), count(group[some], size=size))
