"""Integrals over the window of what the model gives: parameters that change, calendars of weather."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.measure.folds import Floats, Ints
from sim.measure.spans import pack
from sim.model.parameters import NONE, ParameterTable


def closed_times(calendars: Sequence[tuple[Ints, Ints]], edges: Ints) -> Ints:
    """Give how many seconds between each edge and the next lie in closed intervals, of each calendar.

    Args:
        calendars: begins and ends of closed intervals, disjoint and ascending.
        edges: instants, ascending, shape (E,).

    Returns:
        Seconds, shape (calendars, E - 1).
    """
    which = np.repeat(np.arange(len(calendars)), len(edges))
    before = closed_upto(calendars, which, np.tile(edges, len(calendars)))
    return np.diff(before.reshape(len(calendars), len(edges)), axis=1)


def closed_upto(calendars: Sequence[tuple[Ints, Ints]], which: Ints, times: Ints) -> Ints:
    """Give how many seconds before each of some instants lie in closed intervals of one of several calendars.

    Args:
        calendars: begins and ends of closed intervals, disjoint and ascending.
        which: whose intervals, for each instant.
        times: the instants.
    """
    if not len(calendars):
        return np.zeros(0, dtype=np.int64)
    starts, ends = (np.concatenate(each).astype(np.int64) for each in zip(*calendars, strict=True))
    number = [len(begins) for begins, _ in calendars]
    low = min(int(starts.min(initial=0)), int(times.min(initial=0)))
    place = np.searchsorted(
        pack(np.repeat(np.arange(len(calendars)), number), starts - low),
        pack(which, times - low),
        side="right",
    )
    first = (np.cumsum(number) - number)[which]
    before = np.concatenate(([0], np.cumsum(ends - starts)))
    last = np.where(place > first, np.append(ends, 0)[place - 1], times)
    out: Ints = before[place] - before[first] - np.maximum(last - times, 0)
    return out


def integral(table: ParameterTable, parameter: int, *, end: int) -> float:
    """Integrate a parameter over the window [0, end), ramps taken at their middles."""
    if parameter == NONE:
        return float("nan")
    times, _, slopes = table.path(parameter)
    if not len(times):
        return float(table.base[parameter]) * end
    edges = np.unique(np.clip(np.concatenate(([0], times, [end])), 0, end))
    lengths = np.diff(edges)
    values = table.at(parameter, edges[:-1])
    step = np.searchsorted(times, edges[:-1], side="right") - 1
    slope = np.where(step < 0, 0.0, slopes[np.maximum(step, 0)])
    return float(((values + slope * lengths / 2) * lengths).sum())


def integral_upto(table: ParameterTable, parameter: int, times: Ints) -> Floats:
    """Integrate a parameter that changes from the clock's start to each of some instants, ramps straight.

    Args:
        table: with the parameter, which varies.
        parameter: index in the table.
        times: seconds from the clock's start, any shape; before it the integral is negative.

    Returns:
        Base units times seconds, of the shape of `times`.
    """
    since, values, slopes = table.path(parameter)
    lengths = np.diff(since).astype(np.float64)
    base = float(table.base[parameter])
    areas = (values[:-1] + slopes[:-1] * lengths / 2) * lengths
    before = base * float(since[0]) + np.concatenate(([0.0], np.cumsum(areas)))
    step = np.searchsorted(since, times, side="right") - 1
    known = np.maximum(step, 0)
    past = (times - since[known]).astype(np.float64)
    inside = before[known] + (values[known] + slopes[known] * past / 2) * past
    out: Floats = np.where(step < 0, base * times, inside)
    return out
