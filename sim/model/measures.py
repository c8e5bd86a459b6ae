"""The measures of a consignment, and how amounts are counted: as integers.

Mass in kilograms, all else in thousandths, so that shares of a split consignment add up exactly.
"""

from __future__ import annotations

from enum import IntEnum
from math import floor
from typing import Final


class Measure(IntEnum):
    """What a consignment is counted in; `CONSIGNMENT` counts each as one."""

    KG = 0
    TEU = 1
    WAGONS = 2
    TRUCKS = 3
    TRAINS = 4
    CONSIGNMENT = 5


AMOUNTS: Final = (Measure.KG, Measure.TEU, Measure.WAGONS, Measure.TRUCKS, Measure.TRAINS)
"""The five measures that a consignment carries, in the order of its amounts."""

GRAIN: Final = (1000, 1000, 1000, 1000, 1000, 1)
"""How many integer units of amount make one t, TEU, wagon, truck, train, consignment.

An amount-valued parameter (buffer, yard, capacity, pool) is a float in the base unit of its measure: kg for
mass, else TEU, wagons, trucks, trains. `integer_amount` turns it into integer units: kg are such units
already, all else counts thousandths.
"""

NAMES: Final = ("t", "TEU", "wagons", "trucks", "trains", "consignment")
"""How the measures are written in a scenario, in the order of `Measure`."""


def integer_amount(value: float, measure: Measure) -> int:
    """Turn an amount in base units (kg, TEU, wagons, …) into integer units, rounded down.

    Args:
        value: amount in the base unit of the measure.
        measure: what is counted.
    """
    # The allowance keeps 0.3 TEU, which is a little less in binary, at 300 thousandths.
    if measure is Measure.CONSIGNMENT:
        return floor(value + 1e-9)
    return floor((value if measure is Measure.KG else value * 1000) + 1e-6)


def part(total: int, *, upto: int, after: int, whole: int) -> int:
    """Give a part's share of another measure: the difference of cumulated shares, rounded down.

    Args:
        total: the whole consignment's amount in the other measure.
        upto: cumulated amount of the splitting measure including this part.
        after: the same before this part.
        whole: the whole consignment's amount in the splitting measure.
    """
    return total * upto // whole - total * after // whole
