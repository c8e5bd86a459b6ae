"""Student's t and the normal law, through scipy.special alone.

`scipy.stats` costs over a second at import and `scipy.special` a quarter of one, so both stay out of
module level. Nothing but these functions may enter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.statistics.samples import FloatArray


def t_critical(confidence: ArrayLike, df: ArrayLike) -> FloatArray:
    """Give the two-sided critical value of Student's t.

    Args:
        confidence: between 0 and 1, any shape.
        df: degrees of freedom, not necessarily whole, any shape; below or at 0 gives NaN.

    Returns:
        The t with P(|T| <= t) = confidence, broadcast shape.
    """
    from scipy import special

    df = np.asarray(df, dtype=np.float64)
    upper = (1.0 + np.asarray(confidence, dtype=np.float64)) / 2.0
    return np.asarray(special.stdtrit(np.where(df > 0, df, np.nan), upper), dtype=np.float64)


def t_two_sided(t: ArrayLike, df: ArrayLike) -> FloatArray:
    """Give the two-sided p-value of a t statistic, broadcast shape."""
    return 2.0 * t_below(-np.abs(np.asarray(t, dtype=np.float64)), df)


def t_below(t: ArrayLike, df: ArrayLike) -> FloatArray:
    """Give P(T <= t) under Student's t with df degrees of freedom, broadcast shape."""
    from scipy import special

    df = np.asarray(df, dtype=np.float64)
    return np.asarray(special.stdtr(np.where(df > 0, df, np.nan), t), dtype=np.float64)


def normal_quantile(p: ArrayLike) -> FloatArray:
    """Give the quantile of the standard normal law, same shape as p."""
    from scipy import special

    return np.asarray(special.ndtri(np.asarray(p, dtype=np.float64)), dtype=np.float64)


def normal_below(z: ArrayLike) -> FloatArray:
    """Give P(Z <= z) under the standard normal law, same shape as z."""
    from scipy import special

    return np.asarray(special.ndtr(np.asarray(z, dtype=np.float64)), dtype=np.float64)
