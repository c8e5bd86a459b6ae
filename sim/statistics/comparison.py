"""Comparison: what differs between two systems, and how sure that is.

Holds paired differences on common random numbers and the comparison of independent samples. Which runs
are paired, and over which figures, is the business of a study; choosing among many systems is
`selection`; correcting for many questions is `multiplicity`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from sim.errors import UsageError
from sim.statistics.multiplicity import Adjustment, adjust, shared_confidence
from sim.statistics.samples import (
    FloatArray,
    IntArray,
    as_matrix,
    as_sample,
    checked_confidence,
    moments,
    without_nan,
)
from sim.statistics.student import t_below, t_critical, t_two_sided

ROUNDING = 8 * float(np.finfo(np.float64).eps)
"""A difference below this share of the larger value is the arithmetic's, and taken as 0."""


@dataclass(frozen=True)
class PairedDifference:
    """Other minus base, replication by replication, in the unit of the values.

    Attributes:
        difference: mean of other − base; NaN without a pair.
        low: lower bound of its interval; NaN for n < 2.
        high: upper bound; NaN for n < 2.
        p: two-sided p-value of "no difference"; NaN for n < 2. Where all differences are one, not 0, it is
            the chance of n equal signs, 2^(1 − n): two that differ alike by a train prove little.
        n: pairs in which neither value is NaN.
        sd: of the differences, with n − 1; NaN for n < 2.
        confidence: between 0 and 1.
        variance_reduction: variance an independent comparison of as many replications would have, over
            the one this has: (var base + var other) / var difference. Infinite where the difference is
            the same in every pair though the values vary, NaN where nothing varies.
        probability_better: probability that the true mean difference is on the better side, given the
            data and no prior opinion (Student's t posterior under the Jeffreys prior); 0.5 where every
            pair is alike, 1 − 2^−n or 2^−n where all differences are one, NaN for n < 2.
        share_better: share of the replications in which other is better, a tie counting half.
    """

    difference: float
    low: float
    high: float
    p: float
    n: int
    sd: float
    confidence: float
    variance_reduction: float
    probability_better: float
    share_better: float


@dataclass(frozen=True)
class PairedDifferences:
    """The paired differences of several columns: fields as in `PairedDifference`, shape (columns,).

    Attributes:
        p_adjusted: p corrected for the number of columns; NaN columns are not counted.
    """

    difference: FloatArray
    low: FloatArray
    high: FloatArray
    p: FloatArray
    p_adjusted: FloatArray
    n: IntArray
    sd: FloatArray
    confidence: float
    variance_reduction: FloatArray
    probability_better: FloatArray
    share_better: FloatArray

    def __len__(self) -> int:
        return int(self.difference.size)

    def __getitem__(self, column: int) -> PairedDifference:
        return PairedDifference(
            difference=float(self.difference[column]),
            low=float(self.low[column]),
            high=float(self.high[column]),
            p=float(self.p[column]),
            n=int(self.n[column]),
            sd=float(self.sd[column]),
            confidence=self.confidence,
            variance_reduction=float(self.variance_reduction[column]),
            probability_better=float(self.probability_better[column]),
            share_better=float(self.share_better[column]),
        )


@dataclass(frozen=True)
class IndependentDifference:
    """Other minus base for samples that share no random numbers, in the unit of the values.

    Attributes:
        difference: mean of other − mean of base.
        low: lower bound of its interval; NaN when a sample has n < 2.
        high: upper bound; NaN when a sample has n < 2.
        p: two-sided p-value of "no difference"; NaN when a sample has n < 2.
        df: Welch's degrees of freedom; NaN when neither sample varies.
        n_base: values of base that are not NaN.
        n_other: values of other that are not NaN.
        standard_error: of the difference.
        confidence: between 0 and 1.
    """

    difference: float
    low: float
    high: float
    p: float
    df: float
    n_base: int
    n_other: int
    standard_error: float
    confidence: float


def paired(
    base: ArrayLike,
    other: ArrayLike,
    *,
    confidence: float = 0.95,
    better: Literal["higher", "lower"] = "higher",
) -> PairedDifference:
    """Compare two systems replication by replication, as common random numbers allow.

    Args:
        base: figure of replications 0, 1, … of the base, shape (n,).
        other: the same replications of the other, shape (n,). A pair with a NaN is left out.
        confidence: of the interval, between 0 and 1.
        better: whether a higher or a lower figure is better.

    Returns:
        Other − base, by Student's t on the differences. When all differences are equal there is
        nothing to estimate: the interval is that one value, and p is 1 if it is 0 and 0 if it is not.

    Raises:
        UsageError: shapes that differ, an infinite value, or an argument out of range.
    """
    return paired_columns(
        as_sample(base, "base")[:, np.newaxis],
        as_sample(other, "other")[:, np.newaxis],
        confidence=confidence,
        better=better,
    )[0]


def paired_columns(
    base: ArrayLike,
    other: ArrayLike,
    *,
    confidence: float = 0.95,
    better: Literal["higher", "lower"] = "higher",
    adjustment: Adjustment = "holm",
    simultaneous: bool = False,
) -> PairedDifferences:
    """Compare many figures of two systems (or one figure with many systems) at once.

    Args:
        base: shape (replications, columns).
        other: the same replications and columns. A pair with a NaN is left out of its column.
        confidence: between 0 and 1; of each interval alone, or of all together with `simultaneous`.
        better: whether a higher or a lower figure is better, for all columns.
        adjustment: how p is corrected for the number of columns.
        simultaneous: whether the intervals are widened, by Bonferroni, to hold all at once.

    Returns:
        The differences of all columns, each as by `paired`.

    Raises:
        UsageError: shapes that differ, an infinite value, or an argument out of range.
    """
    level = checked_confidence(confidence)
    first, second = as_matrix(base, "base"), as_matrix(other, "other")
    if first.shape != second.shape:
        message = f"base has shape {first.shape} and other {second.shape}; pairs need the same"
        raise UsageError(message)
    if better not in ("higher", "lower"):
        message = f"better is {better!r}; legal are 'higher' and 'lower'"
        raise UsageError(message)
    delta = second - first
    noise = ROUNDING * np.maximum(np.abs(first), np.abs(second))
    delta = np.where(np.abs(delta) <= noise, 0.0, delta)
    gap = np.isnan(delta)
    mean, sd, n = moments(delta)
    # Differences that vary by rounding alone are one constant difference, not a very sure one.
    sd = np.where(sd <= np.max(np.where(gap, 0.0, noise), axis=0, initial=0.0), 0.0, sd)
    family = max(1, int((n > 1).sum())) if simultaneous else 1
    with np.errstate(divide="ignore", invalid="ignore"):
        error = sd / np.sqrt(n)
        half_width = t_critical(shared_confidence(level, family), n - 1) * error
        t = np.where(error > 0.0, mean / error, np.where(mean == 0.0, 0.0, np.copysign(np.inf, mean)))
        t = np.where(n > 1, t, np.nan)
        # Equal differences have no spread to be held against. Were there no effect, each sign would have come
        # with a chance of a half, if no difference was 0 for the grain of the figure alone.
        alike = (error == 0.0) & (mean != 0.0) & (n > 1)
        p = np.where(alike, 0.5 ** (n - 1.0), t_two_sided(t, n - 1))
        alone = moments(np.where(gap, np.nan, first)).sd ** 2 + moments(np.where(gap, np.nan, second)).sd ** 2
        sign = 1.0 if better == "higher" else -1.0
        wins = np.where(gap, 0.0, 0.5 * (1.0 + np.sign(sign * delta))).sum(axis=0)
        return PairedDifferences(
            difference=mean,
            low=mean - half_width,
            high=mean + half_width,
            p=p,
            p_adjusted=adjust(p, adjustment),
            n=n,
            sd=sd,
            confidence=level,
            variance_reduction=alone / sd**2,
            probability_better=np.where(
                alike, np.where(sign * mean > 0.0, 1.0 - 0.5**n, 0.5**n), t_below(sign * t, n - 1)
            ),
            share_better=wins / n,
        )


def independent(base: ArrayLike, other: ArrayLike, *, confidence: float = 0.95) -> IndependentDifference:
    """Compare two systems whose replications share no random numbers (Welch, 1938).

    Args:
        base: one figure per replication, shape (n,); NaN is left out.
        other: one figure per replication, shape (m,); NaN is left out.
        confidence: of the interval, between 0 and 1.

    Returns:
        Other − base, with Welch's approximate degrees of freedom. When neither sample varies the
        interval is that one value, and p is 1 if it is 0 and 0 if it is not.

    Raises:
        UsageError: not one-dimensional, an infinite value, or a confidence outside (0, 1).
    """
    level = checked_confidence(confidence)
    first = moments(without_nan(as_sample(base, "base"))[:, np.newaxis])
    second = moments(without_nan(as_sample(other, "other"))[:, np.newaxis])
    n_base, n_other = int(first.n[0]), int(second.n[0])
    difference = float(second.mean[0] - first.mean[0])
    if n_base < 2 or n_other < 2:
        nan = math.nan
        return IndependentDifference(difference, nan, nan, nan, nan, n_base, n_other, nan, level)
    parts = (float(first.sd[0]) ** 2 / n_base, float(second.sd[0]) ** 2 / n_other)
    error = math.sqrt(sum(parts))
    if error == 0.0:
        p = 1.0 if difference == 0.0 else 0.0
        return IndependentDifference(
            difference, difference, difference, p, math.nan, n_base, n_other, 0.0, level
        )
    df = sum(parts) ** 2 / (parts[0] ** 2 / (n_base - 1) + parts[1] ** 2 / (n_other - 1))
    half_width = float(t_critical(level, df)) * error
    return IndependentDifference(
        difference=difference,
        low=difference - half_width,
        high=difference + half_width,
        p=float(t_two_sided(difference / error, df)),
        df=df,
        n_base=n_base,
        n_other=n_other,
        standard_error=error,
        confidence=level,
    )
