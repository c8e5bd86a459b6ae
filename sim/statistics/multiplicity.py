"""Several questions asked of one set of runs: adjusted p-values and shared confidence.

Holds the corrections for asking often. What is asked, and of which sample, is decided elsewhere.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from sim.errors import UsageError
from sim.statistics.samples import FloatArray, as_sample, checked_confidence

Adjustment = Literal["holm", "bonferroni", "none"]


def bonferroni(p: ArrayLike) -> FloatArray:
    """Adjust p-values by Bonferroni: p times their number, at most 1.

    Args:
        p: p-values, shape (m,). NaN is a question that was not asked: it stays NaN and is not counted.

    Returns:
        Adjusted p-values in the order given, shape (m,).
    """
    p = _as_p(p)
    return np.minimum(p * int((~np.isnan(p)).sum()), 1.0)


def holm(p: ArrayLike) -> FloatArray:
    """Adjust p-values by Holm's step-down method, never above Bonferroni's (Holm, 1979).

    Args:
        p: p-values, shape (m,). NaN is a question that was not asked: it stays NaN and is not counted.

    Returns:
        Adjusted p-values in the order given, shape (m,): the running maximum over the sorted p of
        p_(i) × (m − i + 1), at most 1.
    """
    p = _as_p(p)
    asked = np.flatnonzero(~np.isnan(p))
    order = asked[np.argsort(p[asked], kind="stable")]
    steps = np.arange(order.size, 0, -1)
    adjusted = np.full(p.shape, np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * steps), 1.0)
    return adjusted


def adjust(p: ArrayLike, method: Adjustment = "holm") -> FloatArray:
    """Adjust p-values by the method named.

    Args:
        p: p-values, shape (m,); NaN stays NaN and is not counted.
        method: `holm`, `bonferroni` or `none`.

    Returns:
        Adjusted p-values in the order given, shape (m,).

    Raises:
        UsageError: another method, or a p outside [0, 1].
    """
    if method == "holm":
        return holm(p)
    if method == "bonferroni":
        return bonferroni(p)
    if method == "none":
        return _as_p(p)
    message = f"adjustment is {method!r}; legal are 'holm', 'bonferroni' and 'none'"
    raise UsageError(message)


def shared_confidence(confidence: float, intervals: int) -> float:
    """Give the confidence each of several intervals needs for all of them to hold at once.

    Args:
        confidence: wanted for all together, between 0 and 1.
        intervals: how many there are, at least 1.

    Returns:
        1 − (1 − confidence) / intervals, by Bonferroni's inequality: it asks nothing of how the
        intervals depend on each other, which on common random numbers they do.
    """
    if intervals < 1:
        message = f"a family of {intervals} intervals; at least 1 expected"
        raise UsageError(message)
    return 1.0 - (1.0 - checked_confidence(confidence)) / intervals


def _as_p(p: ArrayLike) -> FloatArray:
    array = as_sample(p, "the list of p-values")
    if ((array < 0.0) | (array > 1.0)).any():
        message = "a p-value lies outside [0, 1]"
        raise UsageError(message)
    return array
