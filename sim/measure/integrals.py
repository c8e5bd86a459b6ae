"""Integrals over the window of what the model gives: parameters that change, calendars of weather."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sim.engine.paths import parameters_in_force
from sim.measure.folds import Floats, Ints
from sim.measure.spans import pack
from sim.model.model import Model
from sim.model.parameters import NONE, Param, ParameterTable


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


def integral(model: Model, parameter: Param, *, whole: Callable[[float], float]) -> float:
    """Integrate over the window how many of something the engines had in force, ramps in their hourly steps.

    Args:
        model: the model.
        parameter: a count or an amount of `Model.parameters`, or `NONE`.
        whole: how the engines make a number or an amount of its value.

    Returns:
        What `whole` gives times seconds; NaN for `NONE`.
    """
    if parameter == NONE:
        return float("nan")
    table, end = parameters_in_force(model), model.clock.end
    times, _, _ = table.path(parameter)
    if not len(times):
        return whole(float(table.base[parameter])) * end
    edges = np.unique(np.clip(np.concatenate(([0], times, [end])), 0, end))
    values = np.array([whole(value) for value in table.at(parameter, edges[:-1]).tolist()])
    return float((values * np.diff(edges)).sum())


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
