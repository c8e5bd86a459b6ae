"""Calibration: which values of free parameters the targets speak for, and which they cannot tell.

Every point runs the same fixed block of replications, and an emulator of each target stands in for the
simulation. Half of the points cover the ranges; the others are laid, in rounds, where the emulators say that
the targets are met. The answer is a posterior over the ranges, not the best sample: the best of many noisy
samples is mostly the luckiest. That is why no optimiser drives the search: one that looks at a single number
per trial throws away which target was missed and by how much, and has no interval to give at its end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.statistics.student import normal_quantile, t_critical
from sim.study.emulator import Emulator, fit
from sim.study.factors import Factor
from sim.study.fit import FitRow, FreeParameter, Verdict
from sim.study.posterior import Draws, LogDensity, alone, draw, spread_out
from sim.study.targets import Aim, means

Floats = NDArray[np.float64]

ROUNDS: Final = 3
"""Rounds in which points are added where the targets are met."""
CLEAR, FAINT = 0.5, 0.85
"""Shares of the range's own interval below which a parameter is identified, or weakly so."""
TRADED: Final = 0.7
"""Correlation from which two parameters are told to be traded against each other."""
FEWEST: Final = 8
SHARE: Final = 0.95
"""Of an interval in which Student's law is held against the normal one."""


@dataclass(frozen=True)
class Schedule:
    """How many points are laid when.

    Attributes:
        first: points that cover the ranges.
        rounds: points of each later round.
    """

    first: int
    rounds: tuple[int, ...]

    @property
    def total(self) -> int:
        """Points in all."""
        return self.first + sum(self.rounds)


def schedule(trials: int | None, factors: int) -> Schedule:
    """Share trials out.

    Args:
        trials: how many points; 15 for each parameter and 15 more where it is not given.
        factors: how many parameters are free.

    Raises:
        UsageError: too few for the parameters.
    """
    count = 15 * (factors + 1) if trials is None else trials
    least = max(FEWEST, 3 * factors)
    if count < least:
        message = f"{count} trials for {factors} free parameters; at least {least} expected"
        raise UsageError(message)
    first = max(least - 2, math.ceil(count / 2))
    left = count - first
    each, more = divmod(left, ROUNDS)
    rounds = tuple(each + (1 if place < more else 0) for place in range(ROUNDS))
    return Schedule(first, tuple(size for size in rounds if size))


@dataclass(frozen=True)
class Surrogate:
    """Emulators of all targets, and how far each observation may lie from them.

    Attributes:
        aims: the targets.
        factors: the free parameters.
        emulators: one for each target.
        noise: variance of a target's mean over the block of replications, wider by as much as Student's law
            is than the normal, for all points share the block and few replications tell little of it.
    """

    aims: tuple[Aim, ...]
    factors: tuple[Factor, ...]
    emulators: tuple[Emulator, ...]
    noise: Floats

    def density(self, *, heat: float = 1.0, without: int | None = None) -> LogDensity:
        """Give the log density of the posterior over a uniform prior.

        Args:
            heat: above 1 flattens it, to look around.
            without: a target that is not asked.
        """
        asked = [number for number, aim in enumerate(self.aims) if not aim.held_out and number != without]

        def logs(places: Floats) -> Floats:
            effective = whole(places, self.factors)
            total = np.zeros(len(places))
            for number in asked:
                aim = self.aims[number]
                mean, sd = self.emulators[number].predict(effective)
                variance = aim.tolerance**2 + sd**2 + self.noise[number]
                total -= 0.5 * ((aim.observed - mean) ** 2 / variance + np.log(variance))
            return np.asarray(total / heat)

        return logs

    def predicted(self, number: int, places: Floats) -> tuple[float, float]:
        """Predict one target over draws: mean and standard deviation."""
        mean, sd = self.emulators[number].predict(whole(places, self.factors))
        return float(mean.mean()), float(math.sqrt(mean.var() + (sd**2).mean() + self.noise[number]))


def whole(places: Floats, factors: Sequence[Factor]) -> Floats:
    """Give the places that the simulation sees: counts are whole."""
    seen = places.copy()
    for column, factor in enumerate(factors):
        dial = factor.dials[0]
        if dial.counted:
            values = np.round(dial.low + places[:, column] * (dial.high - dial.low))
            seen[:, column] = np.clip((values - dial.low) / (dial.high - dial.low), 0.0, 1.0)
    return seen


@alone
def surrogate(aims: Sequence[Aim], factors: Sequence[Factor], places: Floats, values: Floats) -> Surrogate:
    """Fit an emulator to each target.

    Args:
        aims: the targets.
        factors: the free parameters.
        places: of the points, shape (points, factors).
        values: shape (points, replications, targets).

    Raises:
        UsageError: a target has no value at some point; `targets.defined` says which may be used.
    """
    gaps: NDArray[np.bool_] = np.asarray(np.isnan(values).all(axis=1))
    for column, aim in enumerate(aims):
        if gaps[:, column].any():
            message = f"{aim.name} has no value at {int(gaps[:, column].sum())} of {len(places)} points"
            raise UsageError(message)
    effective = whole(places, factors)
    middle, noise = _means_and_noise(values)
    emulators = tuple(fit(effective, middle[:, column], noise[:, column]) for column in range(len(aims)))
    replications = values.shape[1]
    if replications < 2:
        # Too much rather than too little.
        shared = middle.var(axis=0)
    else:
        wider = t_critical(SHARE, replications - 1) / normal_quantile((1 + SHARE) / 2)
        shared = np.median(noise, axis=0) * wider**2
    return Surrogate(tuple(aims), tuple(factors), emulators, shared)


def _means_and_noise(values: Floats) -> tuple[Floats, Floats]:
    """Give each point's means, and the variance of their errors.

    Args:
        values: shape (points, replications, targets); at least one of a point's is finite.
    """
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    middle = np.where(known, values, 0.0).sum(axis=1) / count
    if values.shape[1] < 2:
        return middle, np.zeros_like(middle)
    square = np.where(known, (values - middle[:, np.newaxis]) ** 2, 0.0).sum(axis=1)
    free = count - 1
    # The spread of a few replications is itself uncertain: half of the mean over all points steadies it.
    # A point at which a figure is defined only once has nothing but that mean, and where there is no such
    # point either, the spread of the points stands for it: too much rather than too little.
    pooled = np.where(
        free.sum(axis=0) > 0, square.sum(axis=0) / np.maximum(free.sum(axis=0), 1), middle.var(axis=0)
    )
    variance = np.where(free > 0, square / np.maximum(free, 1), pooled)
    return middle, 0.5 * (variance + variance.mean(axis=0)) / count


@alone
def next_places(model: Surrogate, count: int, *, seed: int) -> Floats:
    """Lay points where the targets are met, a little flattened so that their surroundings are seen too."""
    found = draw(model.density(heat=2.0), len(model.factors), seed=seed, steps=200, burn=200)
    return spread_out(found.places, count, seed=seed)


@alone
def posterior(model: Surrogate, *, seed: int) -> Draws:
    """Draw from what the targets say of the parameters."""
    return draw(model.density(), len(model.factors), seed=seed)


@alone
def most_probable(model: Surrogate, draws: Draws, home: Floats) -> Floats:
    """Give the place of the highest posterior density, searched from the best draws.

    Where the targets cannot tell, a weak pull decides: half a range from the scenario as it stands weighs as
    much as one target missed by one tolerance. It has no part in the intervals.

    Args:
        model: emulators and targets.
        draws: from the posterior.
        home: the scenario as it stands, shape (factors,).
    """
    from scipy import optimize

    density = model.density()

    def height(places: Floats) -> Floats:
        pull = 0.5 * (((places - home) / 0.5) ** 2).sum(axis=1)
        return np.asarray(density(places) - pull)

    thin = draws.places[:: max(1, len(draws.places) // 4000)]
    heights = height(thin)
    order = np.argsort(-heights, kind="stable")
    best, top = thin[order[0]], float(heights[order[0]])
    for start in thin[order[:60:20]]:
        found = optimize.minimize(
            lambda place: -float(height(np.clip(place, 0.0, 1.0)[np.newaxis])[0]),
            start,
            method="L-BFGS-B",
            bounds=[(0.0, 1.0)] * len(best),
        )
        if -found.fun > top:
            best, top = np.clip(found.x, 0.0, 1.0), -float(found.fun)
    return np.asarray(best, dtype=np.float64)


@alone
def without_each(model: Surrogate, draws: Draws, *, seed: int) -> list[tuple[float, float]]:
    """Predict every target from the others alone: mean and standard deviation.

    A target that is held out is predicted by the posterior as it is.
    """
    found = []
    for number, aim in enumerate(model.aims):
        fitted = sum(not each.held_out for each in model.aims)
        if aim.held_out or fitted == 1:
            found.append(model.predicted(number, draws.places[::8]))
            continue
        left = draw(model.density(without=number), len(model.factors), seed=seed, steps=150, burn=150)
        found.append(model.predicted(number, left.places[::4]))
    return found


def parameters(
    model: Surrogate, draws: Draws, place: Floats, *, confidence: float
) -> tuple[FreeParameter, ...]:
    """Say what the posterior says of each parameter."""
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    correlations = np.atleast_2d(np.asarray(np.corrcoef(draws.places.T), dtype=np.float64))
    rows = []
    for column, factor in enumerate(model.factors):
        dial = factor.dials[0]
        low, high = np.quantile(draws.places[:, column], tails)
        narrowed = float((high - low) / confidence)
        others = np.abs(np.where(np.arange(len(model.factors)) == column, 0.0, correlations[column]))
        most = int(np.argmax(others))
        traded = others[most] >= TRADED
        rows.append(
            FreeParameter(
                factor=factor.name,
                unit=factor.unit,
                base=dial.base,
                range_low=dial.low,
                range_high=dial.high,
                value=dial.at(float(place[column])),
                low=dial.at(float(low)),
                high=dial.at(float(high)),
                narrowed=narrowed,
                verdict=_verdict(narrowed),
                traded_with=model.factors[most].name if traded else "",
                correlation=float(correlations[column][most]) if traded else 0.0,
            )
        )
    return tuple(rows)


def _verdict(narrowed: float) -> Verdict:
    if narrowed < CLEAR:
        return "identified"
    return "weakly identified" if narrowed < FAINT else "not identified"


def fit_rows(
    model: Surrogate,
    *,
    before: Floats,
    checked: Floats,
    without: Sequence[tuple[float, float]],
    confidence: float,
) -> tuple[FitRow, ...]:
    """Set observed against simulated.

    Args:
        model: emulators and targets.
        before: the scenario as it stands, on the same new replications, shape (replications, targets).
        checked: the values found, on new replications, shape (replications, targets).
        without: what the other targets predict of each.
        confidence: of the intervals.
    """
    from sim.statistics.intervals import t_intervals

    intervals = t_intervals(checked, confidence)
    stood = means(before)
    rows = []
    for column, aim in enumerate(model.aims):
        each = intervals[column]
        rows.append(
            FitRow(
                *aim.key,
                role="held out" if aim.held_out else "fitted",
                observed=aim.observed,
                tolerance=aim.tolerance,
                before=float(stood[column]),
                simulated=each.mean,
                low=each.low,
                high=each.high,
                miss=(each.mean - aim.observed) / aim.tolerance,
                without=without[column][0],
                without_sd=without[column][1],
                explained=model.emulators[column].explained,
            )
        )
    return tuple(rows)
