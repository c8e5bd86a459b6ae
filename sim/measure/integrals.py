"""Integrals over the window of what the model gives: parameters that change, calendars of weather."""

from __future__ import annotations

import numpy as np

from sim.measure.folds import Ints
from sim.model.parameters import NONE, ParameterTable


def closed_time(calendar: tuple[Ints, Ints], edges: Ints) -> Ints:
    """Give how many seconds between each edge and the next lie in closed intervals (disjoint, ascending)."""
    return np.diff(closed_upto(calendar, edges))


def closed_upto(calendar: tuple[Ints, Ints], times: Ints) -> Ints:
    """Give how many seconds before each of some instants lie in closed intervals (disjoint, ascending)."""
    starts, ends = calendar
    before = np.concatenate(([0], np.cumsum(ends - starts)))
    place = np.searchsorted(starts, times, side="right")
    # Whole intervals that have begun, less what the last of them has yet to run.
    last = np.append([times.min(initial=0)], ends)[place]
    out: Ints = before[place] - np.maximum(last - times, 0)
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
