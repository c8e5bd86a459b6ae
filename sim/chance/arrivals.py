"""When consignments arrive: the demand curve run through by a unit-rate process, or by counting."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from hashlib import blake2b
from math import floor, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.chance.reuse import remembered
from sim.chance.streams import Streams
from sim.model.flows import Flow
from sim.model.model import Model
from sim.model.once import of_model

Times = NDArray[np.int64]
Values = NDArray[np.float64]


class Curve(NamedTuple):
    """A rising curve, linear from each of its points to the next; columns of shape (pieces,).

    Attributes:
        low: its value where a piece begins.
        rise: by how much it rises there; 1 where it is level, so that it can be divided by.
        since: instant at which a piece begins.
        lasts: until the next.
        sign: the same for the same curve.
    """

    low: Values
    rise: Values
    since: Times
    lasts: Times
    sign: bytes

    @classmethod
    def of(cls, times: Times, values: Values) -> Curve:
        """Cut a curve into pieces.

        Args:
            times: instants of its points, ascending, shape (K,).
            values: there, never falling, shape (K,).
        """
        low = values[:-1]
        rise = np.where(values[1:] > low, values[1:] - low, 1.0)
        sign = blake2b(times.tobytes() + values.tobytes(), digest_size=16).digest()
        return cls(low, rise, times[:-1], np.diff(times), sign)


@of_model
def _curves(model: Model) -> tuple[Curve, ...]:
    """Give how demand cumulates, by flow."""
    return tuple(Curve.of(flow.demand_time, flow.demand) for flow in model.flows)


def arrivals(model: Model, *, seed: int, replication: int) -> tuple[Times, ...]:
    """Give the arrival times of each flow's consignments.

    A Poisson process of any rate is the unit-rate process on the scale of its cumulated rate
    (Çınlar, 1975): so demand at a higher volume is the same process run faster.

    Args:
        model: with its flows.
        seed: seed of the experiment.
        replication: number of the replication.

    Returns:
        By flow seconds from the clock's start, ascending, in [begin, end).
    """
    known = remembered(seed, replication)
    end, curves = model.clock.end, _curves(model)
    found: dict[int, Times] = {}
    missing: list[int] = []
    for place, (flow, curve) in enumerate(zip(model.flows, curves, strict=True)):
        times = flow.slots if flow.arrivals == "timetable" else known.arrays.get(_key(flow, curve, end))
        if times is None:
            missing.append(place)
        else:
            found[place] = times
    # All that are missing in one go: most flows have few consignments.
    if missing:
        streams = Streams(seed, replication)
        targets = [_targets(model.flows[place], streams) for place in missing]
        reached = first_reached(targets, [curves[place] for place in missing])
        whole = np.floor(reached + 0.5).astype(np.int64)
        begin = 0
        for place, each in zip(missing, targets, strict=True):
            times = whole[begin : begin + len(each)]
            begin += len(each)
            mine = times[: times.searchsorted(end)]
            found[place] = known.keep(_key(model.flows[place], curves[place], end), mine)
    return tuple(found[place] for place in range(len(found)))


def _key(flow: Flow, curve: Curve, end: int) -> Hashable:
    return ("arrivals", flow.arrivals, flow.id, curve.sign, end)


def _targets(flow: Flow, streams: Streams) -> Values:
    """Give at what cumulated demand each consignment arrives, ascending."""
    total = float(flow.demand[-1])
    if flow.arrivals == "regular":
        return np.arange(1, floor(total * (1 + 1e-12)) + 1, dtype=np.float64)
    return unit_process(streams.at(("arrivals", flow.id)), upto=total)


def unit_process(stream: np.random.Generator, *, upto: float) -> Values:
    """Give the events of a unit-rate Poisson process in (0, upto), ascending.

    How many numbers are drawn at a time has no effect on any of them.
    """
    drawn = cumulated = np.empty(0)
    missing = upto
    while missing > 0:
        more = stream.standard_exponential(int(missing + 6 * sqrt(missing)) + 16)
        drawn = np.concatenate([drawn, more]) if len(drawn) else more
        cumulated = drawn.cumsum()
        missing = upto - cumulated[-1]
    return cumulated[: cumulated.searchsorted(upto)]


def first_reached(targets: Sequence[Values], curves: Sequence[Curve]) -> Values:
    """Give the first instants at which rising curves reach some values.

    Args:
        targets: of each curve, ascending, none above its last value by more than rounding.
        curves: one for each.

    Returns:
        Instants, of one curve after the other.
    """
    values = np.concatenate([np.empty(0), *targets])
    # The tolerance keeps a target that meets a level stretch within rounding from jumping over it.
    # Both ascend: where each point of the curve falls among the targets tells the piece of every target.
    nearly = values * (1 - 1e-12)
    pieces: list[Times] = []
    begin = 0
    for each, curve in zip(targets, curves, strict=True):
        upto = np.empty(len(curve.low) + 1, dtype=np.int64)
        upto[0], upto[-1] = 0, len(each)
        upto[1:-1] = nearly[begin : begin + len(each)].searchsorted(curve.low[1:], side="right")
        pieces.append(upto[1:] - upto[:-1])
        begin += len(each)
    number = np.concatenate([np.empty(0, dtype=np.int64), *pieces])
    low, rise, since, lasts = (
        np.concatenate(column).repeat(number) for column in list(zip(*curves, strict=True))[:-1]
    )
    share = np.minimum((values - low) / rise, 1.0)
    reached: Values = since + lasts * share
    return reached
