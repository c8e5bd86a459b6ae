"""Samples as the statistics read them: float arrays, checked once, with their moments.

Holds the reading of what a caller hands in and the mean and sd that every other file here uses.
No interval, no test and no decision may enter.

A NaN is a replication in which the figure is not defined (no consignment delivered, so no transit
time); it is left out and does not count in n. An infinity is refused: it is an error of the caller.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.errors import UsageError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Moments(NamedTuple):
    """Mean, sd (n − 1) and n of each column, arrays of shape (columns,)."""

    mean: FloatArray
    sd: FloatArray
    n: IntArray


def as_sample(values: ArrayLike, what: str = "the sample") -> FloatArray:
    """Read one sample.

    Args:
        values: numbers, shape (n,); NaN is allowed.
        what: its name in an error.

    Returns:
        The sample as a float array, NaN kept.

    Raises:
        UsageError: not one-dimensional, or an infinite value.
    """
    return _read(values, what, dimensions=1)


def as_matrix(values: ArrayLike, what: str = "the matrix") -> FloatArray:
    """Read one sample per column.

    Args:
        values: numbers, shape (replications, columns); NaN is allowed.
        what: its name in an error.

    Returns:
        The matrix as a float array, NaN kept.

    Raises:
        UsageError: not two-dimensional, or an infinite value.
    """
    return _read(values, what, dimensions=2)


def _read(values: ArrayLike, what: str, *, dimensions: int) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != dimensions:
        message = f"{what} has {array.ndim} dimensions; {dimensions} expected"
        raise UsageError(message)
    if np.isinf(array).any():
        message = f"{what} holds an infinite value; only finite numbers and NaN are legal"
        raise UsageError(message)
    return array


def without_nan(sample: FloatArray) -> FloatArray:
    """Leave out the NaN of a sample of shape (n,)."""
    return sample[~np.isnan(sample)]


def checked_confidence(confidence: float) -> float:
    """Refuse a confidence that is not strictly between 0 and 1 (0.95, not 95)."""
    if not 0.0 < confidence < 1.0:
        message = f"confidence is {confidence}; it must lie strictly between 0 and 1, e.g. 0.95"
        raise UsageError(message)
    return float(confidence)


def anchors(matrix: FloatArray) -> FloatArray:
    """Give the first number of each column that is not NaN (0 where there is none), shape (columns,).

    Sums are taken of distances from it, so that a constant column has an sd of exactly 0 and a large
    mean costs no digits.
    """
    if matrix.shape[0] == 0:
        return np.zeros(matrix.shape[1])
    first = np.argmin(np.isnan(matrix), axis=0)
    anchor = matrix[first, np.arange(matrix.shape[1])]
    return np.where(np.isnan(anchor), 0.0, anchor)


def moments(matrix: FloatArray) -> Moments:
    """Give mean, sd and n of each column, NaN left out.

    Args:
        matrix: shape (replications, columns).

    Returns:
        Moments; the mean is NaN where n = 0, the sd where n < 2.
    """
    seen = ~np.isnan(matrix)
    n = seen.sum(axis=0)
    anchor = anchors(matrix)
    distance = np.where(seen, matrix - anchor, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = _total(distance) / n
        spread = np.where(seen, distance - shift, 0.0)
        variance = _total(spread**2) / np.where(n > 1, n - 1, np.nan)
    return Moments(mean=anchor + shift, sd=np.sqrt(variance), n=n.astype(np.int64))


def _total(matrix: FloatArray) -> FloatArray:
    """Add up each column one by one: NumPy's own sum groups by layout, so neighbours would matter."""
    return np.cumsum(matrix, axis=0)[-1] if matrix.shape[0] else np.zeros(matrix.shape[1])
