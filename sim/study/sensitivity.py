"""Sensitivity: which parameters matter, by Morris' elementary effects or by Sobol' indices.

Designs and indices are SALib's; what is added is what a simulation needs: intervals by the bootstrap with a
seed of its own, and the noise floor, the size that an index would have by chance alone. Points are computed
elsewhere; any function of points in the unit cube can be looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.extras import need
from sim.study.headline import Key

Method = Literal["morris", "sobol"]
METHODS = get_args(Method)

LEVELS: Final = 4
"""Levels of Morris' grid; steps are two thirds of a range (Morris, 1991)."""
RESAMPLES: Final = 1000

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Effect:
    """How one factor moves one figure, by Morris' method (Morris, 1991; Campolongo et al., 2007).

    Attributes:
        kpi: name of the figure.
        subject: whose.
        unit: its unit; also of all numbers here, for a move over the factor's whole range.
        factor: name.
        rank: 1 for the largest |effect| of this figure.
        mu: mean effect, with its sign.
        mu_star: mean of absolute effects.
        low: lower bound of its bootstrap interval.
        high: upper bound.
        sigma: spread of the effects: interactions and curvature, and noise.
        floor: mean absolute effect that noise alone would give; NaN with one replication.
    """

    kpi: str
    subject: str
    unit: str
    factor: str
    rank: int
    mu: float
    mu_star: float
    low: float
    high: float
    sigma: float
    floor: float

    @property
    def size(self) -> float:
        """What factors are ranked by."""
        return self.mu_star

    @property
    def heard(self) -> bool:
        """Whether the effect stands clear of the noise."""
        return self.low > self.floor

    @property
    def is_noise_known(self) -> bool:
        """Whether the replications of a point tell what is noise: one alone does not."""
        return not math.isnan(self.floor)


@dataclass(frozen=True)
class Index:
    """What share of one figure's variance one factor brings (Sobol', 1993; Saltelli et al., 2010).

    Attributes:
        kpi: name of the figure.
        subject: whose.
        unit: unit of the figure; the indices have none.
        factor: name.
        rank: 1 for the largest total index of this figure.
        s1: first-order index: the factor alone.
        s1_low: lower bound of its bootstrap interval.
        s1_high: upper bound.
        total: total index: the factor with all its interactions.
        low: lower bound of its bootstrap interval.
        high: upper bound.
        floor: total index that noise alone would give; NaN with one replication.
    """

    kpi: str
    subject: str
    unit: str
    factor: str
    rank: int
    s1: float
    s1_low: float
    s1_high: float
    total: float
    low: float
    high: float
    floor: float

    @property
    def size(self) -> float:
        """What factors are ranked by."""
        return self.total

    @property
    def heard(self) -> bool:
        """Whether the index stands clear of the noise."""
        return self.low > self.floor

    @property
    def is_noise_known(self) -> bool:
        """Whether the replications of a point tell what is noise: one alone does not."""
        return not math.isnan(self.floor)


Influence = Effect | Index


def lay_out(method: Method, names: Sequence[str], *, points: int, seed: int) -> Floats:
    """Lay out the points that a method needs.

    Args:
        method: `morris` or `sobol`.
        names: of the factors.
        points: trajectories of Morris' method, at least 2, or base points of Saltelli's scheme, best a power
            of two.
        seed: of the design.

    Returns:
        Coordinates between 0 and 1, shape (points, factors).

    Raises:
        UsageError: no factors, or too few points.
    """
    if method not in METHODS:
        message = f"no method {method}; there are {', '.join(METHODS)}"
        raise UsageError(message)
    if not names or points < 2:
        message = f"{len(names)} factors and {points} points; at least 1 and 2 expected"
        raise UsageError(message)
    problem = _problem(names)
    import warnings

    with warnings.catch_warnings():
        # A number that is no power of two costs balance, not truth; the documentation says so.
        warnings.simplefilter("ignore", UserWarning)
        if method == "morris":
            morris = need("SALib.sample.morris", extra="research", what="a sensitivity study")
            made = morris.sample(problem, points, num_levels=LEVELS, seed=seed)
        else:
            sobol = need("SALib.sample.sobol", extra="research", what="a sensitivity study")
            made = sobol.sample(problem, points, calc_second_order=False, seed=seed)
    return np.asarray(made, dtype=np.float64)


def analyse(
    method: Method,
    names: Sequence[str],
    coordinates: Floats,
    values: Floats,
    *,
    key: Key = Key("value", "", ""),  # noqa: B008
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[Influence, ...]:
    """Give the influence of every factor on one figure.

    Args:
        method: by which the coordinates were laid out.
        names: of the factors.
        coordinates: from `lay_out`, shape (points, factors).
        values: shape (points, replications), all finite; replication k of all points on the same draws.
        key: what the figure is.
        confidence: of the bootstrap intervals.
        seed: of the bootstrap.
        resamples: of the bootstrap.

    Returns:
        One for each factor, the largest first.

    Raises:
        UsageError: a value is not finite.
    """
    if not np.isfinite(values).all():
        message = f"{key.kpi} of {key.subject} is not defined at every point"
        raise UsageError(message)
    means = values.mean(axis=1)
    draw = _Bootstrap(confidence, seed, resamples)
    if method == "morris":
        rows = _morris(names, coordinates, values, means, key=key, draw=draw)
    else:
        rows = _sobol(names, values, means, key=key, draw=draw)
    order = sorted(range(len(rows)), key=lambda place: (-rows[place].size, rows[place].factor))
    from dataclasses import replace

    return tuple(replace(rows[place], rank=rank) for rank, place in enumerate(order, start=1))


@dataclass(frozen=True)
class _Bootstrap:
    """How intervals are drawn: at which confidence, from which seed, how often."""

    confidence: float
    seed: int
    resamples: int

    @property
    def tails(self) -> list[float]:
        return [(1 - self.confidence) / 2, (1 + self.confidence) / 2]

    def rows(self, size: int) -> NDArray[np.int64]:
        """Draw rows with replacement, shape (resamples, size)."""
        return np.random.default_rng(self.seed).integers(size, size=(self.resamples, size))


def _problem(names: Sequence[str]) -> dict[str, Any]:
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def _morris(
    names: Sequence[str],
    coordinates: Floats,
    values: Floats,
    means: Floats,
    *,
    key: Key,
    draw: _Bootstrap,
) -> list[Influence]:
    steps, which = _steps(coordinates)
    effects = _by_factor((means[1:] - means[:-1])[steps.rows] / steps.lengths, which, len(names))
    floors = _morris_floor(values, steps, which, len(names))
    # Whole trajectories are drawn again, for all factors at once: effects of one trajectory share its points.
    resampled = np.abs(effects)[draw.rows(len(effects))].mean(axis=1)
    low, high = np.quantile(resampled, draw.tails, axis=0)
    return [
        Effect(
            *key,
            factor=name,
            rank=0,
            mu=float(effects[:, place].mean()),
            mu_star=float(np.abs(effects[:, place]).mean()),
            low=float(low[place]),
            high=float(high[place]),
            sigma=float(effects[:, place].std(ddof=1)),
            floor=float(floors[place]),
        )
        for place, name in enumerate(names)
    ]


@dataclass(frozen=True)
class _Steps:
    """Steps of trajectories: the row they start from, and their signed length."""

    rows: NDArray[np.int64]
    lengths: Floats


def _steps(coordinates: Floats) -> tuple[_Steps, NDArray[np.int64]]:
    """Find the step between each point and the next that turns one factor, and which factor it is."""
    factors = coordinates.shape[1]
    moves = np.diff(coordinates, axis=0)
    rows = np.array([row for row in range(len(moves)) if (row + 1) % (factors + 1)], dtype=np.int64)
    which = np.argmax(np.abs(moves[rows]), axis=1)
    return _Steps(rows, moves[rows, which]), which


def _by_factor(steps: Floats, which: NDArray[np.int64], factors: int) -> Floats:
    """Lay effects out by trajectory and factor, shape (trajectories, factors)."""
    laid = np.empty((len(steps) // factors, factors))
    laid[np.arange(len(steps)) // factors, which] = steps
    return laid


def _morris_floor(values: Floats, steps: _Steps, which: NDArray[np.int64], factors: int) -> Floats:
    """Give the mean |effect| by chance alone.

    The difference of two points has, over r replications on the same draws, the standard error
    e = s / sqrt(r). Without any effect it would be normal around 0, and the mean of its absolute value
    sqrt(2 / pi) e. A standard deviation of few values is too small on average: by
    sqrt(2 / (r - 1)) Gamma(r / 2) / Gamma((r - 1) / 2), for which s is mended.
    """
    replications = values.shape[1]
    if replications < 2:
        return np.full(factors, np.nan)
    differences = (values[1:] - values[:-1])[steps.rows] / steps.lengths[:, np.newaxis]
    small = math.sqrt(2 / (replications - 1)) * math.exp(
        math.lgamma(replications / 2) - math.lgamma((replications - 1) / 2)
    )
    error = differences.std(axis=1, ddof=1) / small / math.sqrt(replications)
    return np.asarray(_by_factor(math.sqrt(2 / math.pi) * error, which, factors).mean(axis=0))


def _sobol(
    names: Sequence[str], values: Floats, means: Floats, *, key: Key, draw: _Bootstrap
) -> list[Influence]:
    factors = len(names)
    blocks = means.reshape(-1, factors + 2)
    first, mixed, second = blocks[:, 0], blocks[:, 1:-1], blocks[:, -1]
    s1, total = _indices(first, mixed, second)
    if not np.isfinite(s1).all():
        # A figure that never moves has no variance to share out.
        s1, total = np.zeros(factors), np.zeros(factors)
        bounds = np.zeros((2, 2, factors))
    else:
        drawn = draw.rows(len(blocks))
        again = [_indices(first[rows], mixed[rows], second[rows]) for rows in drawn]
        bounds = np.nanquantile(np.array(again), draw.tails, axis=0)
    floors = _sobol_floor(values.reshape(len(blocks), factors + 2, -1), means)
    return [
        Index(
            *key,
            factor=name,
            rank=0,
            s1=float(s1[place]),
            s1_low=float(bounds[0][0][place]),
            s1_high=float(bounds[1][0][place]),
            total=float(total[place]),
            low=float(bounds[0][1][place]),
            high=float(bounds[1][1][place]),
            floor=float(floors[place]),
        )
        for place, name in enumerate(names)
    ]


def _indices(first: Floats, mixed: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Give first-order and total indices by SALib's estimators (Saltelli et al., 2010)."""
    sobol = need("SALib.analyze.sobol", extra="research", what="a sensitivity study")
    # Centred, as SALib does, so that the estimators do not depend on where zero is.
    together = np.concatenate([first, second, mixed.ravel()])
    centre, spread = together.mean(), together.std()
    if spread == 0.0:
        return np.full(mixed.shape[1], np.nan), np.full(mixed.shape[1], np.nan)
    a, b, ab = (first - centre) / spread, (second - centre) / spread, (mixed - centre) / spread
    if np.ptp(np.concatenate([a, b])) <= np.finfo(np.float64).eps:
        # SALib's answer too, but it warns of every factor; few points drawn again are often alike.
        return np.zeros(mixed.shape[1]), np.zeros(mixed.shape[1])
    s1 = [float(sobol.first_order(a, ab[:, place], b)) for place in range(ab.shape[1])]
    total = [float(sobol.total_order(a, ab[:, place], b)) for place in range(ab.shape[1])]
    return np.array(s1), np.array(total)


def _sobol_floor(values: Floats, means: Floats) -> Floats:
    """Give the total index by chance alone.

    Jansen's estimator is the mean of (f(A) − f(AB))² / 2 over the variance. Noise adds to each square the
    variance of the difference's error, s² / r over r replications on the same draws.
    """
    factors, replications = values.shape[1] - 2, values.shape[2]
    variance = means.reshape(-1, factors + 2)[:, [0, -1]].var()
    if replications < 2 or variance == 0.0:
        return np.full(factors, np.nan if replications < 2 else 0.0)
    differences = values[:, 1:-1] - values[:, :1]
    error = differences.var(axis=2, ddof=1) / replications
    return np.asarray(error.mean(axis=0) / (2.0 * variance))
