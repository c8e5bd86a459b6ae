"""Factors: what a study turns, and which values it may take.

A factor is one parameter, or several that read the same figure or the same assumption and so are uncertain
together. Where its range comes from is the business of `ranges`, where points lie that of `designs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sim.scenario.points import Change, change

_COUNTED: Final = (".servers", ".count", ".moorings")
_COUNTED_BELOW: Final = (".berths.",)


@dataclass(frozen=True)
class Dial:
    """One parameter with its range.

    Attributes:
        path: full dotted path.
        base: value in the scenario, in `unit`.
        low: lower end, in `unit`.
        high: upper end, in `unit`.
        unit: as written; empty for a plain number.
        scaled: whether levers multiply it, so that it is turned by a factor and follows them.
        known: whether `base` is the scenario's own value; False where it has no one value.
    """

    path: str
    base: float
    low: float
    high: float
    unit: str = ""
    scaled: bool = False
    known: bool = True

    @property
    def counted(self) -> bool:
        """Whether it counts whole things: servers, berths, vessels."""
        return self.path.endswith(_COUNTED) or any(part in self.path for part in _COUNTED_BELOW)

    def at(self, share: float) -> float:
        """Give the value at a share of the range, 0 at its lower end; whole where things are counted."""
        value = self.high if share >= 1.0 else self.low + float(share) * (self.high - self.low)
        return float(round(value)) if self.counted else value

    def share(self, value: float) -> float:
        """Give the share of the range at which a value lies."""
        return 0.0 if self.high == self.low else (value - self.low) / (self.high - self.low)

    def change(self, share: float) -> Change:
        """Give the change that turns the parameter to a share of its range."""
        value = self.at(share)
        if self.scaled and self.base != 0.0:
            return change(self.path, value / self.base, kind="scale")
        return change(self.path, f"{value!r} {self.unit}" if self.unit else value)


@dataclass(frozen=True)
class Level:
    """One of the values that a factor is given by hand.

    Attributes:
        label: as a reader writes it.
        number: the value as a number, NaN where it is none.
        changes: what it does to parameters.
        overrides: what it sets that only a file could: the scenario is then read again.
        warnings: what the scenario is warned of with it, and not as it stands.
    """

    label: str
    number: float
    changes: tuple[Change, ...] = ()
    overrides: tuple[tuple[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Factor:
    """What a study turns.

    Attributes:
        name: path of its first parameter, or the figure that several share.
        dials: parameters with their ranges; all move together. Empty where `levels` are given.
        levels: values given by hand, in their order.
        count: how many values a grid takes of a range.
        source: where the range comes from.
    """

    name: str
    dials: tuple[Dial, ...] = ()
    levels: tuple[Level, ...] = ()
    count: int = 3
    source: str = ""

    @property
    def size(self) -> int:
        """How many values a grid takes."""
        return len(self.levels) if self.levels else self.count

    @property
    def unit(self) -> str:
        """Unit of its numbers."""
        return self.dials[0].unit if self.dials else ""

    def place(self, coordinate: float) -> int:
        """Give the level that a coordinate between 0 and 1 falls on."""
        return min(len(self.levels) - 1, int(coordinate * len(self.levels)))

    def number(self, coordinate: float) -> float:
        """Give the value of the first parameter at a coordinate, in its unit."""
        if self.levels:
            return self.levels[self.place(coordinate)].number
        return self.dials[0].at(coordinate)

    @property
    def standing(self) -> str:
        """Give the value in the scenario as text, where it has one."""
        if not self.dials or not self.dials[0].known:
            return "as it stands"
        return f"{self.dials[0].base:.6g} {self.unit}".rstrip()

    def label(self, coordinate: float) -> str:
        """Give the value at a coordinate as text."""
        if self.levels:
            return self.levels[self.place(coordinate)].label
        return f"{self.number(coordinate):.6g} {self.unit}".rstrip()

    def coordinates(self) -> list[float]:
        """Give the coordinates of a grid."""
        if self.levels:
            return [(place + 0.5) / len(self.levels) for place in range(len(self.levels))]
        return [0.5] if self.count == 1 else [place / (self.count - 1) for place in range(self.count)]
