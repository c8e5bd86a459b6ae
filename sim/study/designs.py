"""Designs: where the points of a study lie in the unit cube.

Pure functions of their arguments; the seed is the design's own and has nothing to do with the simulation's.
What a coordinate means is the business of `factors`; the designs that a sensitivity method needs are made
beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.study.factors import Factor

Design = Literal["grid", "lhs", "sobol"]
DESIGNS = get_args(Design)

MOST_POINTS = 1_000_000
"""Points of a grid from which it is refused: nobody meant it."""

Points = NDArray[np.float64]
"""Coordinates between 0 and 1, shape (points, factors)."""


def lay_out(factors: Sequence[Factor], design: Design, *, points: int | None = None, seed: int = 0) -> Points:
    """Lay out the points of a design.

    Args:
        factors: what is turned.
        design: `grid` takes every combination, `lhs` a Latin hypercube, `sobol` Sobol' points.
        points: how many, for `lhs` and `sobol`; a grid has as many as its values make.
        seed: of the design.

    Returns:
        Coordinates, shape (points, factors); a grid with the last factor running fastest.

    Raises:
        UsageError: no factors, or a number of points that does not go with the design.
    """
    if not factors:
        message = "nothing is varied; --vary PATH=a,b,c or --vary PATH=lo..hi/n says what"
        raise UsageError(message)
    if design not in DESIGNS:
        message = f"no design {design}; there are {', '.join(DESIGNS)}"
        raise UsageError(message)
    if design == "grid":
        made = grid(factors)
        if points is not None and points != len(made):
            message = (
                f"a grid of these values has {len(made)} points, not {points}; --points is for lhs and sobol"
            )
            raise UsageError(message)
        return made
    if points is None or points < 1:
        message = f"--design {design} needs --points, at least 1"
        raise UsageError(message)
    return (
        latin(points, len(factors), seed=seed) if design == "lhs" else sobol(points, len(factors), seed=seed)
    )


def grid(factors: Sequence[Factor]) -> Points:
    """Take every combination of the factors' values."""
    size = prod(factor.size for factor in factors)
    if size > MOST_POINTS:
        message = f"the grid has {size:,} points; --design lhs --points N takes a sample"
        raise UsageError(message)
    return np.array(list(product(*(factor.coordinates() for factor in factors))), dtype=np.float64)


def latin(points: int, dimensions: int, *, seed: int) -> Points:
    """Draw a Latin hypercube (McKay, Beckman and Conover, 1979): each factor's range is covered evenly."""
    from scipy.stats import qmc

    sampler = qmc.LatinHypercube(dimensions, **_seeded(qmc.LatinHypercube, seed))
    return np.asarray(sampler.random(points), dtype=np.float64)


def sobol(points: int, dimensions: int, *, seed: int) -> Points:
    """Draw scrambled Sobol' points (Owen, 1998); their balance is best at powers of two."""
    import warnings

    from scipy.stats import qmc

    sampler = qmc.Sobol(dimensions, scramble=True, **_seeded(qmc.Sobol, seed))
    with warnings.catch_warnings():
        # Any number of points may be asked for; that powers of two are better is in the documentation.
        warnings.filterwarnings("ignore", message="The balance properties", category=UserWarning)
        return np.asarray(sampler.random(points), dtype=np.float64)


def _seeded(sampler: type, seed: int) -> dict[str, np.random.Generator]:
    """Give the generator under the name that this SciPy knows it by."""
    from inspect import signature

    name = "rng" if "rng" in signature(sampler).parameters else "seed"
    return {name: np.random.default_rng(seed)}
