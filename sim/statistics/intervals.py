"""Intervals: how far the mean, or any other statistic, of a few replications may be off.

Holds confidence intervals of one sample. Differences of two systems live in `comparison`, and the
question of how many replications are enough in `stopping`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from sim.errors import UsageError
from sim.statistics.multiplicity import shared_confidence
from sim.statistics.samples import (
    FloatArray,
    IntArray,
    Moments,
    as_matrix,
    as_sample,
    checked_confidence,
    moments,
    without_nan,
)
from sim.statistics.student import normal_below, normal_quantile, t_critical


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval, all in the unit of the values.

    Attributes:
        mean: of the values that are not NaN; NaN where there is none.
        sd: with n − 1; NaN for n < 2.
        n: how many values were not NaN.
        low: lower bound; NaN for n < 2.
        high: upper bound; NaN for n < 2.
        half_width: NaN for n < 2.
        confidence: between 0 and 1.
    """

    mean: float
    sd: float
    n: int
    low: float
    high: float
    half_width: float
    confidence: float

    def __contains__(self, value: float) -> bool:
        return bool(self.low <= value <= self.high)


@dataclass(frozen=True)
class Intervals:
    """The intervals of several columns: the fields of `Interval` as arrays of shape (columns,)."""

    mean: FloatArray
    sd: FloatArray
    n: IntArray
    low: FloatArray
    high: FloatArray
    half_width: FloatArray
    confidence: float

    def __len__(self) -> int:
        return int(self.mean.size)

    def __getitem__(self, column: int) -> Interval:
        return Interval(
            mean=float(self.mean[column]),
            sd=float(self.sd[column]),
            n=int(self.n[column]),
            low=float(self.low[column]),
            high=float(self.high[column]),
            half_width=float(self.half_width[column]),
            confidence=self.confidence,
        )

    def __iter__(self) -> Iterator[Interval]:
        return (self[column] for column in range(len(self)))


def t_interval(values: ArrayLike, confidence: float = 0.95) -> Interval:
    """Give the mean of a sample with its interval by Student's t.

    Args:
        values: one number per replication, shape (n,); NaN is left out.
        confidence: between 0 and 1.

    Returns:
        mean ± t(n − 1) sd / √n. With one value there is no sd, and sd, bounds and half-width are NaN.

    Raises:
        UsageError: not one-dimensional, an infinite value, or a confidence outside (0, 1).
    """
    return t_intervals(as_sample(values)[:, np.newaxis], confidence)[0]


def t_intervals(matrix: ArrayLike, confidence: float = 0.95) -> Intervals:
    """Give the mean of each column with its interval by Student's t.

    Args:
        matrix: shape (replications, columns). A NaN is left out of its own column only, so n may
            differ from column to column.
        confidence: between 0 and 1, of each interval alone.

    Returns:
        Intervals, one per column; NaN as in `t_interval`.

    Raises:
        UsageError: not two-dimensional, an infinite value, or a confidence outside (0, 1).
    """
    return intervals_of(moments(as_matrix(matrix)), confidence)


def intervals_of(found: Moments, confidence: float = 0.95) -> Intervals:
    """Give intervals by Student's t from mean, sd and number of each column, as `t_intervals`."""
    level = checked_confidence(confidence)
    mean, sd, n = found
    with np.errstate(divide="ignore", invalid="ignore"):
        half_width = t_critical(level, n - 1) * sd / np.sqrt(n)
    return Intervals(
        mean=mean,
        sd=sd,
        n=n,
        low=mean - half_width,
        high=mean + half_width,
        half_width=half_width,
        confidence=level,
    )


def simultaneous_intervals(matrix: ArrayLike, confidence: float = 0.95) -> Intervals:
    """Give t intervals of all columns that hold at once, by Bonferroni.

    Args:
        matrix: shape (replications, columns); NaN as in `t_intervals`. Columns with fewer than two
            values have no interval and are not counted in the family.
        confidence: between 0 and 1, that every interval covers its mean.

    Returns:
        Intervals whose `confidence` is the one of all together.
    """
    array = as_matrix(matrix)
    family = max(1, int(((~np.isnan(array)).sum(axis=0) > 1).sum()))
    each = t_intervals(array, shared_confidence(confidence, family))
    return Intervals(
        mean=each.mean,
        sd=each.sd,
        n=each.n,
        low=each.low,
        high=each.high,
        half_width=each.half_width,
        confidence=confidence,
    )


class Statistic(Protocol):
    """A figure of a sample that can be taken along an axis: `np.mean`, `np.median`, `Quantile(0.9)`."""

    def __call__(self, sample: FloatArray, /, *, axis: int) -> FloatArray:
        """Take the figure along the axis."""
        ...


@dataclass(frozen=True)
class Quantile:
    """The quantile of type 7 (Hyndman and Fan, 1996) as a statistic.

    Attributes:
        q: between 0 and 1.
    """

    q: float

    def __call__(self, sample: FloatArray, /, *, axis: int) -> FloatArray:
        """Take the quantile along the axis."""
        return np.asarray(np.quantile(sample, self.q, axis=axis), dtype=np.float64)


@dataclass(frozen=True)
class BootstrapInterval:
    """A statistic with its bootstrap interval, all in the unit of the values.

    Attributes:
        estimate: the statistic of the sample itself; NaN for n = 0.
        low: lower bound; NaN for n < 2.
        high: upper bound; NaN for n < 2.
        n: how many values were not NaN.
        confidence: between 0 and 1.
        method: `bca` or `percentile`, the one that was used.
        resamples: how many samples were drawn again.
        seed: of the resampling alone; the seed of the simulation has no part in it.
    """

    estimate: float
    low: float
    high: float
    n: int
    confidence: float
    method: Literal["bca", "percentile"]
    resamples: int
    seed: int


def bootstrap_interval(
    values: ArrayLike,
    statistic: Statistic,
    *,
    confidence: float = 0.95,
    method: Literal["bca", "percentile"] = "bca",
    resamples: int = 4999,
    seed: int = 0,
) -> BootstrapInterval:
    """Give any statistic of a sample with its bootstrap interval (Efron, 1987).

    For what Student's t does not serve: a quantile, a ratio, a skewed figure. The values must be
    independent, so a quantile of transit times is taken of one figure per replication, not of the
    consignments of one run. Five values cannot tell a 95 % tail whatever the method: below some twenty
    values the interval is too short.

    Args:
        values: one number per replication, shape (n,); NaN is left out.
        statistic: called as `statistic(samples, axis=-1)`.
        confidence: between 0 and 1.
        method: `percentile` takes the quantiles of the resampled statistic as they are; `bca` corrects
            them for bias and, by the jackknife, for skewness, and falls back to the former where that
            has no meaning, e.g. for a statistic that does not vary.
        resamples: how often the sample is drawn again, at least 1.
        seed: of the resampling.

    Returns:
        The interval; the same for the same values, resamples and seed.

    Raises:
        UsageError: a sample, confidence, method or number of resamples that is not legal.
    """
    level = checked_confidence(confidence)
    if method not in ("bca", "percentile"):
        message = f"bootstrap method is {method!r}; legal are 'bca' and 'percentile'"
        raise UsageError(message)
    if resamples < 1:
        message = f"{resamples} resamples; at least 1 expected"
        raise UsageError(message)
    sample = without_nan(as_sample(values))
    n = int(sample.size)
    estimate = float(statistic(sample, axis=-1)) if n else float("nan")
    low = high = float("nan")
    used = method
    if n > 1:
        drawn = np.sort(_resampled(sample, statistic, resamples=resamples, seed=seed))
        tails = np.array([(1.0 - level) / 2.0, (1.0 + level) / 2.0])
        corrected = _bca_tails(sample, statistic, drawn=drawn, tails=tails) if method == "bca" else None
        if corrected is None:
            used = "percentile"
        low, high = np.quantile(drawn, tails if corrected is None else corrected).tolist()
    return BootstrapInterval(
        estimate=estimate,
        low=low,
        high=high,
        n=n,
        confidence=level,
        method=used,
        resamples=resamples,
        seed=seed,
    )


def _resampled(sample: FloatArray, statistic: Statistic, *, resamples: int, seed: int) -> FloatArray:
    generator = np.random.Generator(np.random.Philox(seed))
    # In blocks of about a million draws: a long sample must not cost gigabytes.
    block = max(1, 1_000_000 // sample.size)
    parts = []
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        picks = generator.integers(0, sample.size, size=(rows, sample.size))
        parts.append(np.asarray(statistic(sample[picks], axis=-1), dtype=np.float64))
    return np.concatenate(parts)


def _bca_tails(
    sample: FloatArray, statistic: Statistic, *, drawn: FloatArray, tails: FloatArray
) -> FloatArray | None:
    """Move the tails by bias and acceleration; None where that has no meaning."""
    estimate = statistic(sample, axis=-1)
    below = (drawn < estimate).mean() + 0.5 * (drawn == estimate).mean()
    if drawn[0] == drawn[-1] or not 0.0 < below < 1.0:
        return None
    n = sample.size
    left_out = np.array([float(statistic(np.delete(sample, i), axis=-1)) for i in range(n)])
    influence = left_out.mean() - left_out
    scale = float((influence**2).sum()) ** 1.5
    acceleration = float((influence**3).sum()) / (6.0 * scale) if scale > 0.0 else 0.0
    bias = normal_quantile(below)
    moved = bias + normal_quantile(tails)
    if (1.0 - acceleration * moved <= 0.0).any():
        return None
    return normal_below(bias + moved / (1.0 - acceleration * moved))
