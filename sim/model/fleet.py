"""Vessel services: lines, vessel classes and the rules by which a vessel leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.model.measures import Measure
from sim.model.network import Outage, Shape
from sim.model.parameters import Param


@dataclass(frozen=True)
class LeaveRule:
    """When a vessel leaves one end of a line.

    Attributes:
        full: share of its capacity at which it begins to load.
        after: seconds after which the oldest part waits no longer; `NONE` for ever.
        slots: departure times in seconds from the clock's start, ascending, where the end has a
            timetable; None otherwise (then `full` and `after` are in force).
    """

    full: Param
    after: Param
    slots: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class VesselClass:
    """Vessels that are alike.

    Attributes:
        count: vessels in service; they are numbered over the classes in alphabetical order.
        capacity: in the base unit of the line's measure (TEU, wagons, trucks, kg).
        payload_share: share of it that may be loaded; capacity × share is rounded down to whole units.
        start: at which end they lie at the start; `split` alternates, the first at `from`.
        most: the largest count that the timeline ever gives this class.
    """

    id: str
    count: Param
    capacity: Param
    payload_share: Param
    start: Literal["from", "to", "split"]
    most: int


@dataclass(frozen=True)
class Handling:
    """Loading or unloading: mean seconds per unit of `per` (`CONSIGNMENT`: per call), with its law."""

    time: Param
    per: Measure
    shape: Shape


@dataclass(frozen=True)
class Line:
    """A vessel service between two berth groups.

    Attributes:
        groups: indices of the berth groups at the `from` and the `to` end.
        classes: vessel classes in alphabetical order.
        measure: what capacity is counted in.
        rules: leaving rule at the `from` and the `to` end.
        sailing: mean seconds under way, with its law.
        look_ahead: seconds of perfect forecast for the destination port.
        distance: kilometres, for emissions.
        emissions: gCO2e per kg and km.
        vessels: names, `line/class-number` (or `line/number` without classes), in order of number.
    """

    id: str
    groups: tuple[int, int]
    classes: tuple[VesselClass, ...]
    measure: Measure
    rules: tuple[LeaveRule, LeaveRule]
    sailing: Param
    sailing_shape: Shape
    load: Handling
    unload: Handling
    look_ahead: Param
    outage: Outage | None
    distance: float
    emissions: float
    vessels: tuple[str, ...]
    vessel_class: tuple[int, ...]
