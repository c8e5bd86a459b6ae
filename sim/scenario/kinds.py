"""What each kind of number must be: its dimension, its bounds, and the words that say so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, isnan
from typing import Final

from sim.scenario.document import Measure
from sim.units import Dimension, base_unit, dimension, product

NUMBER: Final = dimension()
TIME: Final = dimension(time=1)
LENGTH: Final = dimension(length=1)
MASS: Final = dimension(mass=1)
USD: Final = dimension(USD=1)
CO2: Final = dimension(CO2=1)

MEASURES: Final[dict[Dimension, Measure]] = {
    MASS: "t",
    dimension(TEU=1): "TEU",
    dimension(wagon=1): "wagons",
    dimension(truck=1): "trucks",
    dimension(train=1): "trains",
    dimension(consignment=1): "consignment",
}
"""Which measure an amount of a dimension is counted in."""
OF_MEASURE: Final[dict[Measure, Dimension]] = {measure: of for of, measure in MEASURES.items()}
ORDER: Final[tuple[Measure, ...]] = ("TEU", "wagons", "trucks", "t", "trains", "consignment")
"""In which order prices by measure are tried."""

_COUNTED: Final = ("vessel", "berth", "mooring", "locomotive", "crane", "unit", "barge", "container", "slot")
COUNTS: Final = (NUMBER, *(dimension(**{thing: 1}) for thing in _COUNTED))
CARRIED: Final = frozenset((*MEASURES, *COUNTS[1:]))
"""Dimensions of cargo and of what carries it: an amount of a year may stand for a rate per year."""


@dataclass(frozen=True)
class Kind:
    """A kind of number.

    Attributes:
        words: what is expected, with an example.
        dimensions: the dimensions that are accepted.
        low: least value.
        high: greatest value.
        above: True where `low` itself is too little.
        below: True where `high` itself is too much.
        closes: True where the timeline may bring it to `low` all the same, which closes what has it.
        lifts: True where the timeline may set it to nothing, which lifts the limit.
    """

    words: str
    dimensions: tuple[Dimension, ...]
    low: float = 0.0
    high: float = inf
    above: bool = False
    below: bool = False
    closes: bool = False
    lifts: bool = False

    def allows(self, value: float) -> bool:
        """Tell whether a number lies within the bounds; what is no number does."""
        if isnan(value):
            return True
        if value < self.low or value > self.high:
            return False
        return not ((self.above and value == self.low) or (self.below and value == self.high))

    @property
    def bounds(self) -> str:
        """Say what the bounds are."""
        low = f"more than {self.low:g}" if self.above else f"at least {self.low:g}"
        if self.high >= 1e9:
            return low
        return f"{low} and {'less than' if self.below else 'at most'} {self.high:g}"


def _per(of: tuple[Dimension, ...], by: Dimension) -> tuple[Dimension, ...]:
    return tuple(product((each, 1), (by, -1)) for each in of)


_AMOUNTS: Final = (dimension(consignment=1), *(of for of in MEASURES if of != dimension(consignment=1)))
_PRICE: Final = (*(product((USD, 1), (each, -1)) for each in _AMOUNTS), USD)

DURATION: Final = Kind('a duration, such as "18 h"', (TIME,), high=4e10)
SPAN: Final = replace(DURATION, above=True, high=4e10)
WINDOW: Final = Kind('a duration, such as "366 d"', (TIME,), low=100.0, high=4e10)
WAIT: Final = replace(DURATION, lifts=True)
OFFSET: Final = replace(DURATION, low=-4e10)
DISTANCE: Final = Kind('a length, such as "253 nmi"', (LENGTH,), above=True)
SPEED: Final = Kind('a speed, such as "800 km/d"', (product((LENGTH, 1), (TIME, -1)),), above=True)
PATHS: Final = Kind(
    'trains per time, such as "12 trains/day"', _per((dimension(train=1), NUMBER), TIME), lifts=True
)
COUNT: Final = Kind("a number of things, such as 3", COUNTS, high=1e6)
FACTOR: Final = Kind("a plain number", (NUMBER,))
SPREAD: Final = Kind("a coefficient of variation, such as 0.3", (NUMBER,), high=20)
SHARE: Final = Kind("a share, such as 0.8 or 80 %", (NUMBER,), high=1, above=True)
PAYLOAD: Final = replace(SHARE, closes=True)
CLOSED: Final = Kind("a share of the time, such as 0.2", (NUMBER,), high=1, below=True)
AMOUNT: Final = Kind(
    'an amount in t, TEU, wagons, trucks, trains or consignments, such as "850 kt"', _AMOUNTS
)
ROOM: Final = replace(AMOUNT, lifts=True)
CAPACITY: Final = replace(AMOUNT, above=True, closes=True)
RATE: Final = Kind('an amount per time, such as "4.1 Mt/yr"', _per((*_AMOUNTS, NUMBER), TIME))

HANDLING: Final = Kind(
    'a duration, such as "10 h", or one per unit, such as "2.3 h/kt"',
    (TIME, *(product((TIME, 1), (each, -1)) for each in _AMOUNTS)),
)
PRICE: Final = Kind('a price, such as "400 USD/FEU"', _PRICE)
TARIFF: Final = Kind(
    'a price, such as "0.24 USD/FEU/km"', (*_PRICE, *(product((each, 1), (LENGTH, -1)) for each in _PRICE))
)
EMISSION: Final = Kind('emissions such as "20 gCO2/t/km"', (product((CO2, 1), (MASS, -1), (LENGTH, -1)),))
EMISSION_HERE: Final = Kind('emissions such as "500 gCO2/t"', (product((CO2, 1), (MASS, -1)),))
VALUE: Final = Kind('a value, such as "40000 USD/TEU"', _PRICE)
VALUE_OF_TIME: Final = Kind(
    'a value of time, such as "30 USD/TEU/d", or a share of the value, such as "1.35 %/d"',
    (*(product((each, 1), (TIME, -1)) for each in _PRICE), product((TIME, -1))),
)
PER_USD: Final = Kind('a sensitivity, such as "0.004 /USD"', (product((USD, -1)),), above=True)
OUTSIDE_COST: Final = Kind(
    'a cost, such as "6500 USD/FEU" or "40 USD/t"',
    (product((USD, 1), (dimension(TEU=1), -1)), product((USD, 1), (MASS, -1))),
)
WEIGHT: Final = Kind("a weight, such as 0.56", (NUMBER,))
ANYTHING: Final = Kind("a quantity", (), low=-inf)
LENGTH_OR_NONE: Final = replace(DISTANCE, above=False)


def like(dimension_: Dimension) -> Kind:
    """Make the kind of what has a given dimension."""
    return Kind(f"a quantity in {base_unit(dimension_) or 'plain numbers'}", (dimension_,), low=-inf)
