"""A sweep: a scenario at many points, each beside the scenario as it stands.

Point 0 is the scenario as it stands; the design's points follow. Differences from point 0 are paired by
replication on common random numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.statistics.comparison import paired_columns
from sim.statistics.intervals import t_intervals
from sim.study.account import GROWS
from sim.study.headline import Key
from sim.study.points import PointOutcome, Simulated
from sim.study.space import Space

_MOST_NAMED: Final = 8
"""Points that a note names."""


@dataclass(frozen=True)
class SweepRow:
    """One figure at one point.

    Attributes:
        point: its number; 0 is the scenario as it stands.
        kpi: name.
        subject: whose.
        unit: unit.
        n: replications in which it has a value.
        mean: over them.
        sd: with n − 1.
        low: lower bound of the mean's interval.
        high: upper bound.
        difference: mean difference from point 0, paired by replication.
        difference_low: lower bound of its interval.
        difference_high: upper bound.
        stationary: False where a backlog grows through the window and the figure tells no lasting state: it
            depends on the length of the window.
    """

    point: int
    kpi: str
    subject: str
    unit: str
    n: int
    mean: float
    sd: float
    low: float
    high: float
    difference: float
    difference_low: float
    difference_high: float
    stationary: bool = True

    @property
    def key(self) -> Key:
        """What the figure is."""
        return Key(self.kpi, self.subject, self.unit)


@dataclass(frozen=True)
class Swept:
    """A finished sweep.

    Attributes:
        space: what was turned.
        coordinates: of the points after point 0, shape (points, factors).
        keys: figures watched.
        rows: by point, then by figure.
        confidence: of every interval.
        saturated: by point, the flows whose backlog grows through the window.
        judged: the confidences at which that was said, when the points were computed.
    """

    space: Space
    coordinates: NDArray[np.float64]
    keys: tuple[Key, ...]
    rows: tuple[SweepRow, ...]
    confidence: float
    saturated: tuple[tuple[str, ...], ...] = ()
    judged: tuple[float, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what values are warned of, where a backlog grows, and where another confidence judged it."""
        found: dict[str, list[int]] = {}
        for point, flows in enumerate(self.saturated):
            for flow in flows:
                found.setdefault(flow, []).append(point)
        told = [
            f"not stationary at {_points(points, len(self.saturated))}: the backlog of {flow} grows through "
            f"the window; {GROWS}"
            for flow, points in sorted(found.items())
        ]
        if others := [each for each in self.judged if each != self.confidence]:
            levels = " and ".join(f"{each:.4g}" for each in others)
            told.append(
                f"whether backlogs grow was judged at confidence {levels}, when stored points were computed; "
                "--fresh judges anew"
            )
        warned = [
            f"{factor.name} = {level.label}: {text}"
            for factor in self.space.factors
            for level in factor.levels
            for text in level.warnings
        ]
        return (*warned, *told)

    def labels(self, point: int) -> tuple[str, ...]:
        """Give the value of each factor at a point as text; at point 0 that of the scenario."""
        if point == 0:
            return tuple(factor.standing for factor in self.space.factors)
        place = self.coordinates[point - 1].tolist()
        return tuple(factor.label(each) for factor, each in zip(self.space.factors, place, strict=True))


def work_of(space: Space, design: NDArray[np.float64], template: Simulated) -> Simulated:
    """Give the work of a study: point 0 is the scenario as it stands, then the design's points.

    Args:
        space: what is turned.
        design: coordinates, shape (points, factors).
        template: how a point is computed; its space and coordinates are replaced.
    """
    from dataclasses import replace

    return replace(
        template, space=space, coordinates=np.vstack([np.full((1, design.shape[1]), np.nan), design])
    )


def summarise(
    space: Space, design: NDArray[np.float64], outcomes: Sequence[PointOutcome], *, confidence: float
) -> Swept:
    """Give the figures of every point with their intervals.

    Args:
        space: what was turned.
        design: coordinates, shape (points, factors).
        outcomes: of point 0 and of every point of the design, by number.
        confidence: of the intervals.
    """
    base = outcomes[0]
    rows: list[SweepRow] = []
    for outcome in outcomes:
        intervals = t_intervals(outcome.values, confidence)
        gaps = _differences(base, outcome, confidence=confidence)
        for column, key in enumerate(outcome.keys):
            each = intervals[column]
            rows.append(
                SweepRow(
                    outcome.number,
                    *key,
                    n=each.n,
                    mean=each.mean,
                    sd=each.sd,
                    low=each.low,
                    high=each.high,
                    difference=float(gaps[0][column]),
                    difference_low=float(gaps[1][column]),
                    difference_high=float(gaps[2][column]),
                    stationary=key not in outcome.unsteady,
                )
            )
    saturated = tuple(outcome.saturated for outcome in outcomes)
    judged = tuple(sorted({outcome.judged for outcome in outcomes if outcome.judged is not None}))
    return Swept(space, design, base.keys, tuple(rows), confidence, saturated, judged)


def _points(numbers: Sequence[int], count: int) -> str:
    """Name points, the first few where they are many."""
    if len(numbers) == 1:
        return f"point {numbers[0]}"
    told = ", ".join(str(number) for number in numbers[:_MOST_NAMED])
    if len(numbers) <= _MOST_NAMED:
        return f"points {told}"
    return f"{len(numbers)} of {count} points ({told}, …)"


def _differences(
    base: PointOutcome, outcome: PointOutcome, *, confidence: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Pair a point with point 0: difference, low and high, NaN for figures that point 0 has not."""
    pairs = min(len(base.values), len(outcome.values))
    place = {key: column for column, key in enumerate(base.keys)}
    first = np.full((pairs, len(outcome.keys)), np.nan)
    for column, key in enumerate(outcome.keys):
        if key in place:
            first[:, column] = base.values[:pairs, place[key]]
    found = paired_columns(first, outcome.values[:pairs], confidence=confidence, adjustment="none")
    return found.difference, found.low, found.high
