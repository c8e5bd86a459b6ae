"""Compiles demand: volume, growth and season as the expected number of consignments over time.

A Poisson flow is one unit-rate process run through this curve, a regular one arrives when the curve
reaches 1, 2, 3, …; so the same draws serve every volume.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np

from sim.errors import Finding, InputError, Level
from sim.model.elements import sorted_items
from sim.model.laws import by_month, changes
from sim.model.parameters import FloatArray, IntArray, Param, ParameterTable
from sim.model.paths import Paths
from sim.model.times import (
    MONTH_DAYS,
    MONTH_NAMES,
    days_between,
    middle_of_year,
    months_between,
    year_of,
)
from sim.scenario import document as doc


@dataclass(frozen=True)
class FlowLaw:
    """The parameters of one flow's demand in the table of laws.

    Attributes:
        years: middles of years, seconds from the clock's start, ascending, shape (Y,).
        volumes: volume at each of them, in base units of the volume's measure per second.
        season: weight of each month, normalised so that a year's total is the volume.
        size: one consignment in base units of the volume's measure.
    """

    years: IntArray
    volumes: tuple[Param, ...]
    season: tuple[Param, ...]
    size: float


def register_demand(document: doc.Document, *, laws: Paths, begin: int, end: int) -> Mapping[str, FlowLaw]:
    """Register volume by year and season of each flow that has a volume.

    Args:
        document: the resolved scenario.
        laws: where they are registered.
        begin: begin of the run, seconds from the clock's start.
        end: its end, likewise.

    Raises:
        InputError: where a consignment is 0 in the measure of its flow's volume.
    """
    return {
        key: _register(key, document, laws=laws, begin=begin, end=end)
        for key, one in sorted_items(document.flows)
        if one.volume is not None and one.arrivals != "timetable"
    }


def _register(key: str, document: doc.Document, *, laws: Paths, begin: int, end: int) -> FlowLaw:
    one, start = document.flows[key], document.clock.start
    size = 1.0 if one.volume_measure == "consignment" else one.consignment.get(one.volume_measure, 0.0)
    if size <= 0:
        raise InputError([_without(key, one.volume_measure)])
    source, path = ("flows", key), f"flows.{key}"
    middles = {
        year: middle_of_year(start, year)
        for year in range(year_of(start, begin) - 1, year_of(start, end) + 2)
    }
    volumes = tuple(
        laws.add(f"{path}.volume.{year}", source, read=partial(_volume_at, at=at, start=start))
        for year, at in middles.items()
    )
    season = tuple(
        laws.add(f"{path}.season.{name}", source, read=partial(_weight, month=month))
        for month, name in enumerate(MONTH_NAMES)
    )
    return FlowLaw(np.array(list(middles.values()), dtype=np.int64), volumes, season, size)


def _without(key: str, measure: str) -> Finding:
    return Finding(
        code="zero-measure",
        level=Level.ERROR,
        where=None,
        path=f"flows.{key}.consignment",
        message=f"the volume of {key} is in {measure}, and its consignment has none",
        expected=f"a size in {measure}",
    )


def _volume_at(flow: doc.Flow, *, at: int, start: datetime) -> float:
    """Read a volume by year at an instant: linear between the middles of years, constant outside."""
    volume = flow.volume or {0: 0.0}
    years = sorted(volume)
    if len(years) == 1:
        return volume[years[0]]
    middles = [middle_of_year(start, year) for year in years]
    return float(np.interp(at, middles, [volume[year] for year in years]))


def _weight(flow: doc.Flow, *, month: int) -> float:
    """Normalise a season so that its mean over a year's days is 1."""
    total = sum(weight * days for weight, days in zip(flow.season, MONTH_DAYS, strict=True))
    return flow.season[month] * sum(MONTH_DAYS) / total if total > 0 else 0.0


def cumulated(
    document: doc.Document, *, law: FlowLaw, laws: ParameterTable, begin: int, end: int
) -> tuple[IntArray, FloatArray]:
    """Cumulate the expected consignments of a flow.

    Args:
        document: the resolved scenario, for its clock.
        law: the flow's parameters.
        laws: the table that they are in.
        begin: begin of the run, seconds from the clock's start.
        end: its end, likewise.

    Returns:
        Times from `begin` to `end`, ascending, and the expected number of consignments by then; linear
        between. Where the rate itself runs, it is held for a day at its value in the day's middle.
    """
    start = document.clock.start
    since, months = months_between(start, begin=begin, end=end)
    knots, ramps = changes(laws, (*law.volumes, *law.season))
    times = np.concatenate([since, knots[(knots > begin) & (knots < end)], np.array([begin, end])])
    if ramps or _grows(law, laws):
        times = np.concatenate([times, days_between(start, begin=begin, end=end)])
    times = np.unique(times).astype(np.int64)
    middle = (times[:-1] + times[1:]) // 2
    month = months[np.searchsorted(since, middle, side="right") - 1]
    weight = by_month(laws, law.season, month=month, times=middle)
    rate = _volume(law, laws=laws, times=middle) * weight / law.size
    # Pieces of one rate are one piece, lest sums of many roundings shift regular arrivals.
    kept = np.concatenate([[True], rate[1:] != rate[:-1]])
    times, rate = np.append(times[:-1][kept], end), rate[kept]
    return times, np.concatenate([[0.0], np.cumsum(rate * np.diff(times))])


def _grows(law: FlowLaw, laws: ParameterTable) -> bool:
    """Tell whether the volume differs from year to year at any time of the run."""
    chosen = np.array(law.volumes, dtype=np.int64)
    mine = np.isin(laws.index, chosen)
    return bool(np.ptp(laws.base[chosen]) > 0) or bool(mine.any())


def _volume(law: FlowLaw, *, laws: ParameterTable, times: IntArray) -> FloatArray:
    """Read the volume at given times between the middles of years."""
    values = np.stack([laws.at(param, times) for param in law.volumes])
    after = np.clip(np.searchsorted(law.years, times, side="right"), 1, len(law.years) - 1)
    columns = np.arange(len(times))
    share = (times - law.years[after - 1]) / (law.years[after] - law.years[after - 1])
    before = values[after - 1, columns]
    volume: FloatArray = before + (values[after, columns] - before) * share
    return volume
