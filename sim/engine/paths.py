"""Changes of parameters as both engines take them: grouped by instant, limits and counts in steps.

A ramp of a base value or a price is linear and read when it is asked for. A ramp of what somebody may wait
for (a count, a limit, a rate, an opening, the loading before a timetabled departure) goes in hourly steps,
since only an event can wake the waiting.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.model.model import Model
from sim.model.once import of_model
from sim.model.parameters import NONE, FloatArray, IntArray, ParameterTable

STEP = 3600
"""Seconds between the steps of a ramped limit."""


@dataclass(frozen=True)
class Change:
    """A new value of one parameter (or price), with its slope per second."""

    parameter: int
    value: float
    slope: float
    price: bool = False


def stepped(model: Model) -> set[int]:
    """Give the parameters whose ramps go in steps: those that somebody may wait for."""
    found: set[int] = set()
    for leg in model.legs:
        found.update((leg.open, leg.train_paths))
    for facility in model.facilities:
        found.add(facility.servers)
        found.add(facility.buffer)
        if facility.rate:
            found.add(facility.service)
    for group in model.groups:
        found.update((group.berths, group.yard))
    for line in model.lines:
        for kind in line.classes:
            found.update((kind.count, kind.capacity, kind.payload_share))
        for rule in line.rules:
            found.update((rule.full, rule.after))
            if rule.slots is not None:
                found.add(line.load.time)
    found.update(pool.size for pool in model.pools)
    for flow in model.flows:
        found.update(option.share for option in flow.options)
    found.discard(NONE)
    return found


@of_model
def parameters_in_force(model: Model) -> ParameterTable:
    """Give the model's parameters as the engines have them in force: ramps of limits and counts in steps.

    Returns:
        The model's own table where no such ramp is; values are not rounded to whole numbers.
    """
    table = model.parameters
    ramping = stepped(model) & set(table.index[table.slope != 0.0].tolist())
    if not ramping:
        return table
    columns: list[tuple[IntArray, IntArray, FloatArray, FloatArray]] = []
    for parameter in sorted(set(table.index.tolist())):
        times, values, slopes = table.path(parameter)
        if parameter in ramping:
            times, values = _in_steps(times, values, slopes, end=model.clock.end)
            slopes = np.zeros(len(times))
        columns.append((times, np.full(len(times), parameter, dtype=np.int64), values, slopes))
    time, index, value, slope = (np.concatenate(each) for each in zip(*columns, strict=True))
    order = np.argsort(time, kind="stable")
    return replace(table, time=time[order], index=index[order], value=value[order], slope=slope[order])


def _in_steps(
    times: IntArray, values: FloatArray, slopes: FloatArray, *, end: int
) -> tuple[IntArray, FloatArray]:
    """Give the steps of one parameter: times and values."""
    until = np.append(times[1:], max(end, int(times[-1]) + 1))
    number = np.where(slopes == 0.0, 1, -(-(until - times) // STEP))
    which = np.repeat(np.arange(len(times)), number)
    past = (np.arange(len(which)) - (np.cumsum(number) - number)[which]) * STEP
    return times[which] + past, values[which] + slopes[which] * past


def parameter_changes(model: Model) -> list[tuple[int, list[Change]]]:
    """Give all changes after the run's begin, by instant and in order of the table.

    Returns:
        (seconds, changes) ascending; parameters before prices.
    """
    by_time: dict[int, list[Change]] = {}
    for table, price in ((parameters_in_force(model), False), (model.prices, True)):
        order = np.lexsort((table.index, table.time))
        for time, parameter, value, slope in zip(
            *(each[order].tolist() for each in (table.time, table.index, table.value, table.slope)),
            strict=True,
        ):
            if time < model.clock.end:
                by_time.setdefault(time, []).append(Change(parameter, value, slope, price))
    return [(time, by_time[time]) for time in sorted(by_time)]
