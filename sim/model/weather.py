"""Compiles closures: shares and lengths by month and by change, as segments of constant law."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from sim.model.closures import Calendar, Closure
from sim.model.elements import Ranks, shape_of, sorted_items
from sim.model.laws import by_month, changes
from sim.model.network import Shape
from sim.model.parameters import Param, ParameterTable
from sim.model.paths import Paths
from sim.model.times import DAY, MONTH_NAMES, months_between
from sim.scenario import document as doc

BEYOND = 90 * DAY
"""How long after the run's end the weather is laid out, for vessels that look ahead."""

MOST = 1 - 1e-6
"""The largest share closed: where a timeline scales a share to 1 and beyond, nearly always."""

Laws = Mapping[str, tuple[tuple[Param, ...], tuple[Param, ...]]]
"""Per closure its share closed and its mean length by month, as parameters of the table of laws."""


def register_closures(document: doc.Document, *, laws: Paths) -> Laws:
    """Register share closed and mean length of each closure and month."""
    registered = {}
    for key in document.closures:
        source, path = ("closures", key), f"closures.{key}"
        shares = tuple(
            laws.add(f"{path}.share_closed.{name}", source, read=partial(_share_closed, month=month))
            for month, name in enumerate(MONTH_NAMES)
        )
        means = tuple(
            laws.add(f"{path}.lasts.{name}", source, read=partial(_mean_length, month=month))
            for month, name in enumerate(MONTH_NAMES)
        )
        registered[key] = (shares, means)
    return registered


def _share_closed(one: doc.Closure, *, month: int) -> float:
    return one.share_closed[month]


def _mean_length(one: doc.Closure, *, month: int) -> float:
    return one.lasts[month].mean


def compile_closures(
    document: doc.Document, *, registered: Laws, laws: ParameterTable, begin: int, end: int
) -> tuple[Closure, ...]:
    """Give the closures in order of id, as segments over the run and `BEYOND` it.

    Args:
        document: the resolved scenario.
        registered: parameters of each closure.
        laws: the table that they are in.
        begin: begin of the run, seconds from the clock's start.
        end: its end, likewise.
    """
    return tuple(
        _closure(key, document, registered=registered, laws=laws, begin=begin, end=end + BEYOND)
        for key, _ in sorted_items(document.closures)
    )


def _closure(
    key: str, document: doc.Document, *, registered: Laws, laws: ParameterTable, begin: int, end: int
) -> Closure:
    one = document.closures[key]
    shares, means = registered[key]
    start = document.clock.start
    since, months = months_between(start, begin=begin, end=end)
    knots, ramps = changes(laws, (*shares, *means))
    times = np.concatenate([since, knots[(knots > begin) & (knots < end)]])
    # A share that ramps is laid out in steps of a day, each at its middle.
    days = [np.arange(max(first, begin), min(last, end), DAY) for first, last in ramps]
    times = np.unique(np.concatenate([times, *days])).astype(np.int64)
    month = months[np.searchsorted(since, times, side="right") - 1]
    middle = (times + np.append(times[1:], end)) // 2
    shapes, law_of = _laws(one)
    return Closure(
        id=key,
        since=times,
        share=np.clip(by_month(laws, shares, month=month, times=middle), 0.0, MOST),
        mean=by_month(laws, means, month=month, times=middle),
        law=np.array(law_of, dtype=np.int64)[month],
        shapes=shapes,
        stops_handling=one.stops_handling,
    )


def _laws(one: doc.Closure) -> tuple[tuple[Shape, ...], list[int]]:
    """Give the distinct laws of a closure's length, and which one each month has."""
    by_month = [shape_of(length) for length in one.lasts]
    distinct = list(dict.fromkeys(by_month))
    return tuple(distinct), [distinct.index(shape) for shape in by_month]


def compile_calendars(document: doc.Document, *, ranks: Ranks) -> tuple[Calendar, ...]:
    """Give one calendar per port and per facility that a closure names, in order of subject."""
    closures = [one for _, one in sorted_items(document.closures)]
    return tuple(
        Calendar(subject, tuple(index for index, one in enumerate(closures) if _closes(one, subject)))
        for subject in ranks.calendars
    )


def _closes(one: doc.Closure, subject: str) -> bool:
    kind, key = subject.split("/", 1)
    return key in (one.ports if kind == "port" else one.facilities)
