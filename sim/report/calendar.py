"""The time axis: hours since the clock's start become months, quarters, years or plain days.

Ticks are set by hand, so that they are the same on every machine and never cut.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from sim.report import style
from sim.report.lettering import text_width
from sim.report.words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONG_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def moment(start: datetime, hours: float) -> datetime:
    """Give the instant so many hours after the clock's start."""
    return start + timedelta(hours=float(hours))


def day(at: datetime) -> str:
    """Write a date: `29 Nov 2025`."""
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def window(start: datetime, length: float) -> str:
    """Write a window of so many hours: `1 Jan – 31 Dec 2024`, or its hours where it is short."""
    if length < 72:
        return f"{number(length)} h from {day(start)}"
    last = moment(start, length) - timedelta(seconds=1)
    first = day(start) if start.year != last.year else f"{start.day} {MONTHS[start.month - 1]}"
    return f"{first} – {day(last)}"


def month_starts(start: datetime, *, low: float, high: float) -> list[float]:
    """Give the hours at which months begin in [low, high]."""
    first = moment(start, low)
    year, month = first.year, first.month
    found: list[float] = []
    while True:
        at = datetime(year, month, 1, tzinfo=start.tzinfo)
        hours = (at - start).total_seconds() / 3600
        if hours > high:
            return found
        if hours >= low:
            found.append(hours)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def calendar_axis(axes: Axes, start: datetime, *, low: float, high: float, label: bool = True) -> None:
    """Let a horizontal axis in hours since the clock's start read as a calendar.

    Args:
        axes: to be changed.
        start: start of the clock, UTC.
        low: first hour shown.
        high: last hour shown.
        label: whether the axis is named here.
    """
    axes.set_xlim(low, high)
    span = high - low
    if span < 60 * 24:
        _plain(axes, start, span=span, label=label)
        return
    starts = month_starts(start, low=low, high=high)
    every = 1 if len(starts) <= 15 else 3 if len(starts) <= 45 else 12
    marks = [at for at in starts if (moment(start, at).month - 1) % every == 0]
    # A name stands in the middle of its stretch, so that it is not read as an instant.
    edges = [low, *(at for at in marks if low < at < high), high]
    middles: list[float] = []
    names: list[str] = []
    first = 0
    for begin, end in pairwise(edges):
        if end - begin < 0.45 * every * 730.5:
            continue
        date = moment(start, begin)
        name = str(date.year) if every == 12 else MONTHS[date.month - 1]
        if every == 3:
            name = f"{MONTHS[date.month - 1]}–{MONTHS[moment(start, end - 1).month - 1]}"
        year = every != 12 and (not names or date.month == 1)
        first = len(names) if date.month == 1 and not first else first
        middles.append((begin + end) / 2)
        names.append(f"{name}\n{date.year}" if year else name)
    axes.set_xticks(edges, [""] * len(edges))
    step = _step_that_fits(axes, middles, names, span=span)
    axes.set_xticks(middles[first % step :: step], names[first % step :: step], minor=True)
    axes.tick_params(axis="x", which="minor", length=0)
    if label:
        axes.set_xlabel("year (UTC)" if every == 12 else "month (UTC)")


def _step_that_fits(axes: Axes, middles: list[float], names: list[str], *, span: float) -> int:
    """Give every how many-eth stretch is named so that no name runs into the next."""
    spec: Any = axes.get_subplotspec()
    share = len(spec.colspan) / spec.get_gridspec().ncols if spec is not None else 1.0
    # What the vertical axis takes is not known before the layout; this is enough for its names.
    wide = share * (style.WIDTH - 2 * style.MARGIN) - 0.7
    figure: Any = axes.figure
    sizes = [
        max(text_width(figure, line, size=style.SMALL_SIZE) for line in name.split("\n")) for name in names
    ]
    for step in (1, 2, 4, 8, 16):
        kept = list(zip(middles, sizes, strict=True))[::step]
        if all((b - a) / span * wide > (u + v) / 2 + 0.03 for (a, u), (b, v) in pairwise(kept)):
            return step
    return max(1, len(names))


def hide_names(axes: Axes) -> None:
    """Leave the marks of a calendar axis without names, where a panel below carries them."""
    axes.tick_params(axis="x", which="both", labelbottom=False)


def _plain(axes: Axes, start: datetime, *, span: float, label: bool) -> None:
    """Name the axis in hours or days since the start, where a calendar would show too few months."""
    hours = span <= 96
    unit = 1.0 if hours else 24.0
    steps = (1, 2, 3, 6, 12, 24) if hours else (1, 2, 5, 7, 10, 14)
    step = next((s for s in steps if span / unit / s <= 10), steps[-1]) * unit
    low, high = axes.get_xlim()
    first = -(-low // step) * step
    marks = [first + k * step for k in range(int((high - first) // step) + 1)]
    axes.set_xticks(marks, [number(at / unit) for at in marks])
    if label:
        axes.set_xlabel(f"time since {day(start)} ({'h' if hours else 'd'})")
