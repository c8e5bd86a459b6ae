"""What the targets say of the parameters: draws from a posterior over the unit cube.

An ensemble sampler with stretch moves (Goodman and Weare, 2010), whole halves of the ensemble at a time. It
knows nothing of what the density is of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.extras import need

Floats = NDArray[np.float64]
LogDensity = Callable[[Floats], Floats]
"""From places, shape (m, d), to the logarithm of the density, shape (m,), up to a constant."""

STRETCH = 2.0

P = ParamSpec("P")
T = TypeVar("T")


def one_thread() -> Any:
    """Give what keeps linear algebra to a number of threads.

    Raises:
        UsageError: it is not installed.
    """
    return need("threadpoolctl", extra="research", what="a calibration").threadpool_limits


def alone(work: Callable[P, T]) -> Callable[P, T]:
    """Keep a function's linear algebra to one thread.

    Its matrices are small, threads of several processes would stand in each other's way, and sums must not
    depend on how many there are.
    """

    @wraps(work)
    def limited(*args: P.args, **named: P.kwargs) -> T:
        with one_thread()(1):
            return work(*args, **named)

    return limited


@dataclass(frozen=True)
class Draws:
    """Draws from a density.

    Attributes:
        places: shape (draws, d), between 0 and 1.
        logs: log density at each, shape (draws,).
        accepted: share of proposals that were taken.
    """

    places: Floats
    logs: Floats
    accepted: float

    @property
    def best(self) -> Floats:
        """Give the place of the highest density among the draws, shape (d,)."""
        return np.asarray(self.places[int(np.argmax(self.logs))])


def draw(
    density: LogDensity, dimensions: int, *, seed: int, steps: int = 800, burn: int = 400, walkers: int = 0
) -> Draws:
    """Draw from a density over the unit cube.

    Args:
        density: log density inside the cube; outside it is nothing.
        dimensions: of the cube.
        seed: of the draws.
        steps: of every walker that are kept.
        burn: steps before these.
        walkers: how many; at least four for each dimension where it is 0.
    """
    generator = np.random.default_rng(seed)
    count = walkers or max(64, 4 * dimensions)
    count += count % 2
    # Begin where the density is high, but not all in one place.
    first = generator.random((40 * count, dimensions))
    logs = density(first)
    chosen = np.argsort(-logs, kind="stable")[: 4 * count]
    chosen = np.sort(generator.choice(chosen, size=count, replace=False))
    places, logs = first[chosen], logs[chosen]
    half = count // 2
    kept_places, kept_logs = [], []
    taken = tried = 0
    for step in range(burn + steps):
        for mine in (slice(0, half), slice(half, count)):
            others = places[half:] if mine.start == 0 else places[:half]
            partners = others[generator.integers(half, size=half)]
            stretch = ((STRETCH - 1.0) * generator.random(half) + 1.0) ** 2 / STRETCH
            proposed = partners + stretch[:, np.newaxis] * (places[mine] - partners)
            inside = ((proposed >= 0.0) & (proposed <= 1.0)).all(axis=1)
            new = np.full(half, -np.inf)
            if inside.any():
                new[inside] = density(proposed[inside])
            odds = (dimensions - 1) * np.log(stretch) + new - logs[mine]
            accept = np.log(generator.random(half)) < odds
            places[mine] = np.where(accept[:, np.newaxis], proposed, places[mine])
            logs[mine] = np.where(accept, new, logs[mine])
            taken += int(accept.sum())
            tried += half
        if step >= burn:
            kept_places.append(places.copy())
            kept_logs.append(logs.copy())
    return Draws(np.concatenate(kept_places), np.concatenate(kept_logs), taken / max(tried, 1))


def thinned(places: Floats, count: int) -> Floats:
    """Pick so many places that lie far from each other: each next the farthest from those picked."""
    step = max(1, len(places) // 4000)
    pool = places[::step]
    picked = [0]
    distance = ((pool - pool[0]) ** 2).sum(axis=1)
    while len(picked) < min(count, len(pool)):
        following = int(np.argmax(distance))
        picked.append(following)
        distance = np.minimum(distance, ((pool - pool[following]) ** 2).sum(axis=1))
    return np.asarray(pool[picked])


def spread_out(places: Floats, count: int, *, seed: int) -> Floats:
    """Pick so many draws at random, and of those asked for twice as many the ones that lie far apart."""
    generator = np.random.default_rng(seed)
    size = min(len(places), 8 * count)
    rows = np.sort(generator.choice(len(places), size=size, replace=False))
    return thinned(places[rows], count)
