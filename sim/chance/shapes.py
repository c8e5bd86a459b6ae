"""Mean-one factors: the only place where random numbers are transformed.

A base value is multiplied by a factor when a step starts; so a changed mean leaves every factor as it was.
Nothing here knows what a factor is for, or evaluates anything after the run's start.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, lgamma, log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

from sim.model.network import Shape

Factors = NDArray[np.float64]

_GRID = 4096
"""Quantiles by which a law without a closed length-biased form is represented."""


def factors(shape: Shape, generator: np.random.Generator, count: int) -> Factors:
    """Draw mean-one factors.

    Args:
        shape: their law; a fixed one draws nothing.
        generator: the stream.
        count: how many.

    Returns:
        Factors, shape (count,).
    """
    match shape.family:
        case "gamma" | "erlang":
            k = order(shape)
            return generator.standard_gamma(k, count) / k
        case "lognormal":
            variance = log1p(shape.cv**2)
            return np.exp(sqrt(variance) * generator.standard_normal(count) - variance / 2)
        case "exponential":
            return generator.standard_exponential(count)
        case "weibull":
            k = weibull_k(shape.cv)
            scaled: Factors = generator.standard_exponential(count) ** (1 / k) / exp(lgamma(1 + 1 / k))
            return scaled
        case "triangular" | "uniform":
            return quantile(shape, generator.random(count))
        case "empirical":
            return np.array(shape.points)[generator.integers(0, len(shape.points), count)]
        case "fixed":
            return np.ones(count)


def size_biased(shape: Shape, generator: np.random.Generator) -> float:
    """Draw one factor as an instant finds it: with probability in proportion to its length.

    A uniform share of it is what is left of an interval that is under way in equilibrium
    (Cox, 1962, Renewal Theory, ch. 5).
    """
    match shape.family:
        case "gamma" | "erlang":
            k = order(shape)
            return float(generator.standard_gamma(k + 1)) / k
        case "lognormal":
            variance = log1p(shape.cv**2)
            return exp(sqrt(variance) * float(generator.standard_normal()) + variance / 2)
        case "exponential":
            return float(generator.standard_gamma(2.0))
        case "weibull":
            k = weibull_k(shape.cv)
            biased: float = float(generator.standard_gamma(1 + 1 / k)) ** (1 / k)
            return biased / exp(lgamma(1 + 1 / k))
        case "uniform":
            low, high = shape.points
            return sqrt(low**2 + (high**2 - low**2) * float(generator.random()))
        case "triangular":
            return _weighted(quantile(shape, (np.arange(_GRID) + 0.5) / _GRID), generator)
        case "empirical":
            return _weighted(np.array(shape.points), generator)
        case "fixed":
            return 1.0


def _weighted(values: Factors, generator: np.random.Generator) -> float:
    """Draw one of some values in proportion to its size."""
    cumulated = np.cumsum(values)
    chosen = np.searchsorted(cumulated, generator.random() * cumulated[-1], side="right")
    return float(values[min(int(chosen), len(values) - 1)])


def order(shape: Shape) -> float:
    """Give the k of a gamma or Erlang law from its coefficient of variation: 1 / cv²."""
    k = 1 / shape.cv**2
    return float(max(1, round(k))) if shape.family == "erlang" else k


def quantile(shape: Shape, share: Factors) -> Factors:
    """Invert the distribution function of a uniform or triangular law.

    Args:
        shape: the law; its points are low, high or low, mode, high.
        share: probabilities in [0, 1), any shape.
    """
    if shape.family == "uniform":
        low, high = shape.points
        return low + (high - low) * share
    low, mode, high = shape.points
    if high <= low:
        return np.full(np.shape(share), low)
    rising = low + np.sqrt(share * (high - low) * (mode - low))
    falling = high - np.sqrt((1 - share) * (high - low) * (high - mode))
    values: Factors = np.where(share * (high - low) < mode - low, rising, falling)
    return values


@lru_cache(maxsize=1024)
def weibull_k(cv: float) -> float:
    """Solve the shape k of a Weibull law for its coefficient of variation, by bisection.

    log(1 + cv²) = log Γ(1 + 2/k) − 2 log Γ(1 + 1/k), which falls as k grows.
    """
    wanted = log1p(cv**2)
    low, high = log(0.02), log(2000.0)
    for _ in range(200):
        middle = (low + high) / 2
        k = exp(middle)
        if lgamma(1 + 2 / k) - 2 * lgamma(1 + 1 / k) > wanted:
            low = middle
        else:
            high = middle
    return exp((low + high) / 2)
