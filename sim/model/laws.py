"""Reads paths of parameters that only the compiler needs: the laws of weather and demand by month.

They go the way of all parameters, through one table, but what they become is laid out before the run.
"""

from __future__ import annotations

import numpy as np

from sim.model.parameters import FloatArray, IntArray, Param, ParameterTable


def changes(table: ParameterTable, chosen: tuple[Param, ...]) -> tuple[IntArray, list[tuple[int, int]]]:
    """Tell when any of some parameters changes, and in which stretches one of them ramps.

    Returns:
        Times of changes, ascending, and stretches (from, to), the last one without an end of its own
        reaching to the largest integer.
    """
    mine = np.isin(table.index, np.array(chosen, dtype=np.int64))
    knots = np.unique(table.time[mine])
    ramps = []
    for param in np.unique(table.index[mine & (table.slope != 0)]):
        times, _, slopes = table.path(int(param))
        until = np.append(times[1:], np.iinfo(np.int64).max)
        ramps += [(int(a), int(b)) for a, b, slope in zip(times, until, slopes, strict=True) if slope != 0]
    return knots, sorted(set(ramps))


def by_month(
    table: ParameterTable, months: tuple[Param, ...], *, month: IntArray, times: IntArray
) -> FloatArray:
    """Read the parameter of each segment's month at the segment's middle."""
    values = np.zeros(len(times))
    for index, param in enumerate(months):
        mine = month == index
        if mine.any():
            values[mine] = table.at(param, times[mine])
    return values
