"""Timetables as instants: departures of vessels and arrivals of consignments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.model.times import midnight, whole_seconds
from sim.scenario.document import Clock, Timetable

Slots = NDArray[np.int64]


def slots(timetable: Timetable, *, clock: Clock) -> Slots:
    """Lay a timetable out over a run.

    A timetable that begins a while after the clock's start is carried back into the warm-up; without a
    warm-up it begins with its first. One of clock times goes from the day of the clock's start.

    Args:
        timetable: every so often, or at listed times.
        clock: the run's calendar.

    Returns:
        Seconds from the clock's start, ascending, in [begin, end).
    """
    begin, end = -whole_seconds(clock.warmup), whole_seconds(clock.length)
    if timetable.every is None:
        times = np.sort(np.floor(np.array(timetable.at, dtype=np.float64) + 0.5)).astype(np.int64)
    else:
        first = timetable.first + (midnight(clock.start) if timetable.clock_time else 0)
        lowest = 0 if begin == 0 else int((begin - first) // timetable.every) - 1
        highest = int((end - first) // timetable.every) + 1
        # Multiples of the interval, so that rounding does not pile up over a year.
        numbers = np.arange(lowest, highest + 1, dtype=np.float64)
        times = np.floor(first + numbers * timetable.every + 0.5).astype(np.int64)
    return times[(times >= begin) & (times < end)]
