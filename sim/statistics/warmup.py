"""Warm-up: how much of the start of a run belongs to its starting state.

Holds the truncation rule MSER-5 and Welch's smoothed curve. Nothing here decides whether a run ever
settles; that is `stationarity`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.errors import UsageError
from sim.statistics.samples import FloatArray, as_matrix, as_sample

BATCH = 5
"""Observations per batch, the 5 of MSER-5."""


@dataclass(frozen=True)
class Mser5:
    """Where MSER-5 cuts a series.

    Attributes:
        cut: raw observations to leave out at the start, a multiple of 5.
        warning: why the cut is not to be trusted; empty when it is.
        batches: batch means of 5 observations, shape (n // 5,); an incomplete last batch is left out.
        statistic: the value that is minimised, for each number of batches left out, shape
            (candidates,), in the squared unit of the values.
        mean: of the raw observations kept in whole batches.
    """

    cut: int
    warning: str
    batches: FloatArray
    statistic: FloatArray
    mean: float


def mser5(values: ArrayLike) -> Mser5:
    """Find the warm-up of one series by MSER-5 (White, 1997; White, Cobb and Spratt, 2000).

    Of all cuts in the first half of the series take the one that minimises the sum of squared
    deviations of the kept batch means over the square of their number: the squared half-width, but for
    a constant, of the mean that is left. The search stops at half because near the end few, alike
    batches make the statistic small by chance. At a tie the earliest cut wins: it throws least away.

    Args:
        values: one series at even steps, shape (n,); the mean over replications serves too. No NaN.

    Returns:
        The cut in raw observations. When the minimum lies at the last cut allowed, the series had not
        settled in its first half, or never does, and `warning` says so.

    Raises:
        UsageError: not one-dimensional, or a value that is NaN or infinite.
    """
    series = as_sample(values, "the series")
    if np.isnan(series).any():
        message = "the series holds NaN; MSER-5 needs a value at every step"
        raise UsageError(message)
    whole = series.size // BATCH
    if whole < 2:
        mean = float(series[: whole * BATCH].mean()) if whole else float("nan")
        few = f"{series.size} observations make {whole} batches of {BATCH}; at least 2 are needed"
        return Mser5(0, few, _batch_means(series, whole), np.empty(0), mean)
    batches = _batch_means(series, whole)
    # Distances from the last batch: a series that ends constant gives exact zeros, so that ties are ties.
    statistic = _half_width_squared(_batch_means(series - series[-1], whole))
    best = int(np.argmin(statistic))
    warning = ""
    if best == statistic.size - 1:
        warning = (
            f"the minimum lies at the last cut allowed ({best * BATCH} of {series.size} observations): "
            "the series does not settle in its first half; make the run longer or look for growth"
        )
    return Mser5(best * BATCH, warning, batches, statistic, float(batches[best:].mean()))


def _batch_means(series: FloatArray, whole: int) -> FloatArray:
    return np.asarray(series[: whole * BATCH].reshape(whole, BATCH).mean(axis=1), dtype=np.float64)


def _half_width_squared(batches: FloatArray) -> FloatArray:
    """Give sum of squares of the kept / kept² for each cut from 0 to half the batches."""
    centred = batches - batches[-1]
    candidates = batches.size // 2 + 1
    kept = batches.size - np.arange(candidates)
    sums = np.cumsum(centred[::-1])[::-1][:candidates]
    squares = np.cumsum(centred[::-1] ** 2)[::-1][:candidates]
    return np.asarray(np.maximum(squares - sums**2 / kept, 0.0) / kept**2, dtype=np.float64)


def welch(matrix: ArrayLike, window: int) -> FloatArray:
    """Smooth the mean over replications, for the eye to find the warm-up (Welch, 1983).

    Args:
        matrix: one series per replication at the same even steps, shape (replications, m); NaN is left
            out.
        window: w, at least 0; the mean is taken over the 2w + 1 steps about each, and near the start
            over as many on either side as there are.

    Returns:
        The smoothed curve, shape (m − w,): the last w steps have no full window.

    Raises:
        UsageError: a window that is negative or over a quarter of the series, Welch's own limit.
    """
    array = as_matrix(matrix)
    steps = array.shape[1]
    if not 0 <= window <= steps // 4:
        message = f"window is {window}; between 0 and a quarter of the {steps} steps expected"
        raise UsageError(message)
    seen = ~np.isnan(array)
    count = seen.sum(axis=0)
    total = np.where(seen, array, 0.0).sum(axis=0)
    known = count > 0
    mean = np.where(known, total / np.maximum(count, 1), 0.0)
    at = np.arange(steps - window)
    reach = np.minimum(at, window)
    sums = np.concatenate(([0.0], np.cumsum(mean)))
    counts = np.concatenate(([0], np.cumsum(known)))
    with np.errstate(invalid="ignore", divide="ignore"):
        smooth = (sums[at + reach + 1] - sums[at - reach]) / (counts[at + reach + 1] - counts[at - reach])
    return np.asarray(smooth, dtype=np.float64)
