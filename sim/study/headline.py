"""The headline family: the few KPIs that are printed first, corrected together and waited for.

A run has thousands of figures. Asking all of them at once would hide every answer behind the correction for
asking often, so a small family is fixed beforehand, for every scenario alike: what is carried in all and by
route, how long it takes, whether it keeps its promise, and how full vessels sail.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple


class Key(NamedTuple):
    """What a figure is: KPI, subject and unit; unique within a run."""

    kpi: str
    subject: str
    unit: str


FAMILY: Final = (
    ("throughput", "total"),
    ("throughput", "route/"),
    ("transit_time.mean", "route/"),
    ("on_promise", "route/"),
    ("load_factor.mean", "line/"),
    ("shut_in", ""),
)
"""KPIs with the beginning of their subject, in the order in which they are shown."""

PREFERRED_UNITS: Final = ("Mt/yr", "TEU/yr", "t/yr", "h", "share")
"""Where a figure is given in several units, one speaks for it: the first of these that is there."""

FLOORS: Final = {"h": 0.25, "d": 0.01, "share": 0.01}
"""Half-widths that are always small enough, by unit: a mean near zero has no relative precision."""


def headline(keys: Iterable[Key], watch: Sequence[str] = ()) -> list[Key]:
    """Pick the headline family from the figures of a run.

    Args:
        keys: of all figures.
        watch: KPIs that make the family instead, with a statistic (`wait.mean`) or without (all of `wait`).

    Returns:
        Those of the family, one unit each, in the order of `FAMILY` and then of their subjects; what is
        watched, in all its units, in the order of `watch`.
    """
    if watch:
        order = {kpi: place for place, kpi in reversed(list(enumerate(watch)))}
        named = [(order.get(key.kpi, order.get(key.kpi.split(".")[0])), key) for key in keys]
        return [key for _, key in sorted((place, key) for place, key in named if place is not None)]
    best: dict[tuple[int, str], Key] = {}
    for key in keys:
        for place, (kpi, subject) in enumerate(FAMILY):
            if key.kpi == kpi and key.subject.startswith(subject):
                known = best.get((place, key.subject))
                if known is None or _rank(key.unit) < _rank(known.unit):
                    best[place, key.subject] = key
                break
    return [best[place] for place in sorted(best)]


def _rank(unit: str) -> tuple[int, str]:
    place = PREFERRED_UNITS.index(unit) if unit in PREFERRED_UNITS else len(PREFERRED_UNITS)
    return place, unit
