"""Changes of parameters as both engines take them: grouped by instant, limits and counts in steps.

A ramp of a base value or a price is linear and read when it is asked for. A ramp of what somebody may wait
for (a count, a limit, a rate, an opening, the loading before a timetabled departure) goes in hourly steps,
since only an event can wake the waiting.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.model.model import Model
from sim.model.parameters import NONE, ParameterTable

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


def parameter_changes(model: Model) -> list[tuple[int, list[Change]]]:
    """Give all changes after the run's begin, by instant and in order of the table.

    Returns:
        (seconds, changes) ascending; parameters before prices.
    """
    by_time: dict[int, list[Change]] = {}
    in_steps = stepped(model)
    for table, price in ((model.parameters, False), (model.prices, True)):
        _collect(table, price, set() if price else in_steps, by_time, model.clock.end)
    return [(time, by_time[time]) for time in sorted(by_time)]


def _collect(
    table: ParameterTable, price: bool, in_steps: set[int], by_time: dict[int, list[Change]], end: int
) -> None:
    """Add one table's changes, in order of parameter within each instant."""
    found: list[tuple[int, int, float, float]] = []
    for parameter in sorted(set(table.index.tolist())):
        times, values, slopes = table.path(parameter)
        for k, (time, value, slope) in enumerate(
            zip(times.tolist(), values.tolist(), slopes.tolist(), strict=True)
        ):
            if slope == 0.0 or parameter not in in_steps:
                found.append((time, parameter, value, slope))
                continue
            until = int(times[k + 1]) if k + 1 < len(times) else end
            found.extend((at, parameter, value + slope * (at - time), 0.0) for at in range(time, until, STEP))
    found.sort(key=lambda each: each[:2])
    for time, parameter, value, slope in found:
        if time < end:
            by_time.setdefault(time, []).append(Change(parameter, value, slope, price))
