"""When consignments arrive: the demand curve run through by a unit-rate process, or by counting."""

from __future__ import annotations

from math import floor

import numpy as np
from numpy.typing import NDArray

from sim.chance.reuse import remembered
from sim.chance.streams import drawn
from sim.model.flows import Flow

Times = NDArray[np.int64]


def arrivals(flow: Flow, *, seed: int, replication: int, end: int) -> Times:
    """Give the arrival times of a flow's consignments.

    A Poisson process of any rate is the unit-rate process on the scale of its cumulated rate
    (Çınlar, 1975): so demand at a higher volume is the same process run faster.

    Args:
        flow: the flow.
        seed: seed of the experiment.
        replication: number of the replication.
        end: the run's end, seconds from the clock's start.

    Returns:
        Seconds from the clock's start, ascending, in [begin, end).
    """
    if flow.arrivals == "timetable":
        return flow.slots
    if flow.arrivals == "regular":
        return _arrivals(flow, seed=seed, replication=replication, end=end)
    curve = (flow.demand_time.tobytes(), flow.demand.tobytes())
    return remembered(
        seed,
        replication,
        ("arrivals", flow.id, curve, end),
        lambda: _arrivals(flow, seed=seed, replication=replication, end=end),
    )


def _arrivals(flow: Flow, *, seed: int, replication: int, end: int) -> Times:
    total = float(flow.demand[-1])
    if flow.arrivals == "regular":
        reached = np.arange(1, floor(total * (1 + 1e-12)) + 1, dtype=np.float64)
    else:
        reached = drawn(
            seed, replication, ("arrivals", flow.id), lambda stream: unit_process(stream, upto=total)
        )
    times = np.floor(first_reached(reached, flow.demand_time, flow.demand) + 0.5).astype(np.int64)
    return times[: np.searchsorted(times, end)]


def unit_process(stream: np.random.Generator, *, upto: float) -> NDArray[np.float64]:
    """Give the events of a unit-rate Poisson process in (0, upto), ascending.

    How many numbers are drawn at a time has no effect on any of them.
    """
    drawn = cumulated = np.empty(0)
    missing = upto
    while missing > 0:
        more = stream.standard_exponential(int(missing + 6 * np.sqrt(missing)) + 16)
        drawn = np.concatenate([drawn, more])
        cumulated = np.cumsum(drawn)
        missing = upto - cumulated[-1]
    return cumulated[: np.searchsorted(cumulated, upto)]


def first_reached(
    targets: NDArray[np.float64], times: Times, curve: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the first instants at which a rising curve reaches some values.

    Args:
        targets: values, ascending, none above the curve's last by more than rounding, shape (N,).
        times: instants of the curve's points, ascending, shape (K,).
        curve: its values there, never falling, linear between, shape (K,).

    Returns:
        Instants, shape (N,).
    """
    # The tolerance keeps a target that meets a level stretch within rounding from jumping over it.
    # Both ascend: where each point of the curve falls among the targets tells the piece of every target.
    upto = np.full(len(curve), len(targets))
    upto[0] = 0
    upto[1:-1] = np.searchsorted(targets * (1 - 1e-12), curve[1:-1], side="right")
    piece = upto[1:] - upto[:-1]
    low = curve[:-1]
    rise = np.where(curve[1:] > low, curve[1:] - low, 1.0)
    share = np.minimum((targets - np.repeat(low, piece)) / np.repeat(rise, piece), 1.0)
    reached: NDArray[np.float64] = (
        np.repeat(times[:-1], piece) + np.repeat(times[1:] - times[:-1], piece) * share
    )
    return reached
