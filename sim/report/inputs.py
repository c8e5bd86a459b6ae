"""What the figures are drawn from: small plain values, so that each can be drawn from made-up numbers.

Nothing here knows a run, a store or a data frame; `adapter` fills these from results. Times are hours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.statistics.intervals import t_interval, t_intervals

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Source:
    """What a figure is of: the words under its title and in its caption.

    Attributes:
        scenario: title of the scenario.
        replications: how many were run.
        confidence: of every interval drawn, between 0 and 1.
        start: start of the window, UTC.
        length: of the window, hours.
        sources: where the scenario's numbers come from, one sentence or empty.
        warning: what a reader must know before believing, e.g. that flows are saturated; or empty.
    """

    scenario: str
    replications: int
    start: datetime
    length: float
    confidence: float = 0.95
    sources: str = ""
    warning: str = ""


@dataclass(frozen=True)
class Estimate:
    """A mean over replications with its interval; the bounds are NaN for one replication."""

    mean: float
    low: float = math.nan
    high: float = math.nan

    @classmethod
    def of(cls, values: ArrayLike, confidence: float = 0.95) -> Estimate:
        """Estimate from one value per replication, NaN left out."""
        found = t_interval(np.asarray(values, dtype=np.float64), confidence)
        return cls(found.mean, found.low, found.high)


@dataclass(frozen=True)
class RouteTimes:
    """The transit times of one route, hours.

    Attributes:
        title: of the route.
        mean: over replications.
        p10, p50, p90: means over replications of the quantiles.
        edges: of the classes, shape (k + 1,); empty without a distribution.
        share: of the consignments in each class, shape (k,).
        promise: promised time or NaN.
    """

    title: str
    mean: Estimate
    p10: float
    p50: float
    p90: float
    edges: Floats = field(default_factory=lambda: np.empty(0))
    share: Floats = field(default_factory=lambda: np.empty(0))
    promise: float = math.nan

    @classmethod
    def of_samples(
        cls,
        title: str,
        samples: Sequence[ArrayLike],
        *,
        classes: int = 40,
        confidence: float = 0.95,
        promise: float = math.nan,
    ) -> RouteTimes:
        """Make it from the transit times themselves.

        Args:
            title: of the route.
            samples: hours of every consignment delivered, one array per replication.
            classes: how many equal classes the distribution gets.
            confidence: of the mean's interval.
            promise: promised hours or NaN.

        Returns:
            Means over the replications that delivered any; the distribution pools all.
        """
        arrays = [array for array in (np.asarray(s, dtype=np.float64) for s in samples) if array.size]
        if not arrays:
            nan = math.nan
            return cls(title, Estimate(nan), nan, nan, nan, promise=promise)
        pooled = np.concatenate(arrays)
        counts, edges = np.histogram(pooled, bins=classes)
        quantiles = np.mean([np.quantile(array, (0.1, 0.5, 0.9)) for array in arrays], axis=0)
        return cls(
            title=title,
            mean=Estimate.of([array.mean() for array in arrays], confidence),
            p10=float(quantiles[0]),
            p50=float(quantiles[1]),
            p90=float(quantiles[2]),
            edges=edges,
            share=counts / counts.sum(),
            promise=promise,
        )


@dataclass(frozen=True)
class JourneyStep:
    """One element of a route: mean hours per delivered consignment."""

    name: str
    waiting: float
    service: float
    running: float
    blocked: float

    @property
    def total(self) -> float:
        """All hours at this element."""
        return self.waiting + self.service + self.running + self.blocked


@dataclass(frozen=True)
class Journey:
    """A route as its steps, in order."""

    title: str
    steps: tuple[JourneyStep, ...]

    @property
    def total(self) -> float:
        """Hours from origin to end."""
        return sum(step.total for step in self.steps)


@dataclass(frozen=True)
class Curve:
    """Something over time, in every replication.

    Attributes:
        title: of what.
        unit: of the values.
        hours: since the clock's start, ascending, shape (n,); for a value that holds over a span
            (a month's throughput, a week's mean) the span's begin.
        values: shape (replications, n); NaN where there is none.
    """

    title: str
    unit: str
    hours: Floats
    values: Floats

    @property
    def mean(self) -> Floats:
        """Mean over replications, shape (n,)."""
        return np.asarray(t_intervals(self.values).mean)

    def band(self, confidence: float) -> tuple[Floats, Floats]:
        """Bounds of the mean's interval at each time, NaN for one replication."""
        found = t_intervals(self.values, confidence)
        return np.asarray(found.low), np.asarray(found.high)

    def spread(self, low: float = 0.1, high: float = 0.9) -> tuple[Floats, Floats]:
        """Quantiles over replications at each time."""
        found = np.nanquantile(self.values, (low, high), axis=0)
        return np.asarray(found[0]), np.asarray(found[1])


@dataclass(frozen=True)
class Load:
    """How an element's time is spent: shares of the window.

    Attributes:
        name: of the element.
        kind: what it is.
        busy: share in use.
        blocked: share held by what cannot leave.
        down: share out of order.
    """

    name: str
    kind: Literal["facility", "line", "leg", "berths", "pool"]
    busy: Estimate
    blocked: float = 0.0
    down: float = 0.0


@dataclass(frozen=True)
class Difference:
    """Other minus base in one figure, on common random numbers.

    Attributes:
        label: what it is, without the unit.
        unit: as displayed.
        base: mean of the base.
        other: mean of the other.
        difference: mean of other − base.
        low: lower bound of its interval.
        high: upper bound.
        p_adjusted: for the number of questions asked at once.
    """

    label: str
    unit: str
    base: float
    other: float
    difference: float
    low: float
    high: float
    p_adjusted: float

    @property
    def significant(self) -> bool:
        """Whether the adjusted p-value is below 0.05."""
        return self.p_adjusted < 0.05


@dataclass(frozen=True)
class Spot:
    """A place on the map: degrees; `weight` ranks which names are written first."""

    name: str
    lat: float
    lon: float
    weight: float = 0.0


@dataclass(frozen=True)
class Link:
    """A leg or line on the map: its ends as (lat, lon), what passes in Mt a year both ways."""

    name: str
    mode: str
    ends: tuple[tuple[float, float], tuple[float, float]]
    volume: float
    closed: bool = False


@dataclass(frozen=True)
class Span:
    """A stretch of time that a figure shades: hours since the clock's start."""

    title: str
    begin: float
    end: float


@dataclass(frozen=True)
class Need:
    """One element in the ranking of bottlenecks.

    Attributes:
        name: of the element.
        change: what was added, e.g. `one more vessel`.
        gain: what that delivers more, in `unit`.
        unit: of the gain.
        waiting: share of all waiting in the run that is spent here.
    """

    name: str
    change: str
    gain: Estimate
    unit: str
    waiting: float
