"""Calendar arithmetic: instants as integer seconds from the clock's start.

The only place of the model that knows months, years and days. No scenario key and no figure enters.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]

DAY: Final = 86_400
"""Seconds of a day."""

YEAR: Final = 8_766 * 3_600
"""Seconds of a year in every rate: 8,766 h."""

MONTH_NAMES: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""Months as a scenario writes them."""

MONTH_DAYS: Final = (31.0, 28.25, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0)
"""Mean lengths of the months in days."""


def whole_seconds(value: float) -> int:
    """Round a time to integer seconds, halves upward: floor(x + 0.5)."""
    return math.floor(value + 0.5)


def utc(moment: datetime) -> datetime:
    """Give a moment in UTC; one without a zone is UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def since_start(start: datetime, moment: datetime) -> int:
    """Give a moment as seconds from the clock's start."""
    return whole_seconds((utc(moment) - utc(start)) / timedelta(seconds=1))


def year_of(start: datetime, time: int) -> int:
    """Give the UTC calendar year in which an instant lies."""
    return (utc(start) + timedelta(seconds=time)).year


def middle_of_year(start: datetime, year: int) -> int:
    """Give the middle of a year, noon of 2 July, in seconds from the clock's start."""
    return since_start(start, datetime(year, 7, 2, 12, tzinfo=UTC))


def months_between(start: datetime, *, begin: int, end: int) -> tuple[IntArray, IntArray]:
    """Give the UTC calendar months that [begin, end) touches.

    Args:
        start: the clock's start.
        begin: seconds from it.
        end: seconds from it, after `begin`.

    Returns:
        Beginnings in seconds, ascending, the first being `begin` itself, and months 0 to 11; shape (M,).
    """
    first = utc(start) + timedelta(seconds=begin)
    year, month = first.year, first.month
    since, months = [begin], [month - 1]
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        at = since_start(start, datetime(year, month, 1, tzinfo=UTC))
        if at >= end:
            return np.array(since, dtype=np.int64), np.array(months, dtype=np.int64)
        since.append(at)
        months.append(month - 1)


def midnight(start: datetime) -> int:
    """Give the UTC midnight with which the day of the clock's start began, in seconds (0 or less)."""
    begun = utc(start)
    return since_start(start, begun.replace(hour=0, minute=0, second=0, microsecond=0))


def days_between(start: datetime, *, begin: int, end: int) -> IntArray:
    """Give every UTC midnight inside (begin, end), in seconds from the clock's start."""
    first = midnight(start)
    first += ((begin - first) // DAY + 1) * DAY
    return np.arange(first, end, DAY, dtype=np.int64)
