"""From a ranking of bottlenecks to its figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.report.adapter import Results
from sim.report.inputs import Estimate, Need
from sim.report.resilience import bottlenecks
from sim.report.tables import RunLike

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.statistics.intervals import Interval
    from sim.study.bottleneck import Gain


def bottleneck_figure(run: RunLike, gains: Sequence[Gain]) -> Figure:
    """Draw what one more unit of each element delivers.

    Args:
        run: the run it was asked of.
        gains: element by element.

    Returns:
        The bars, in kt a year; in boxes where no unit surely delivers more tonnes.
    """
    results = Results(run)
    boxes = any(_surely(gain.boxes) for gain in gains) and not any(_surely(gain.more) for gain in gains)
    needs = [
        Need(
            name=results.names.title(gain.one.subject),
            change=gain.one.words,
            gain=_estimate(gain.boxes, 1.0) if boxes else _estimate(gain.more, 1000.0),
            unit="TEU/yr" if boxes else "kt/yr",
            waiting=0.0 if math.isnan(gain.waiting) else gain.waiting,
        )
        for gain in gains
    ]
    return bottlenecks(needs, source=results.source)


def _estimate(interval: Interval | None, scale: float) -> Estimate:
    if interval is None:
        return Estimate(math.nan)
    return Estimate(scale * interval.mean, scale * interval.low, scale * interval.high)


def _surely(interval: Interval | None) -> bool:
    """Tell whether a gain is more than chance."""
    return interval is not None and interval.mean > 0 and not interval.low <= 0
