"""The space of a study: a scenario with the factors that are turned, and what a point of it means.

What a factor is stands in `factors`; where points lie in `designs`; what they give in `points`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError, UsageError
from sim.scenario import Scenario
from sim.scenario.kinds import COUNTS
from sim.scenario.points import Change, change, full_path, turned
from sim.scenario.study_file import Vary
from sim.study.factors import Dial, Factor, Level
from sim.study.ranges import ranged
from sim.units import UnitError, split, to_base, to_display, unit

_OWN_RANGE: Final = re.compile(r"range(?:/([1-9]\d*))?")


@dataclass(frozen=True)
class Space:
    """A scenario with the factors that a study turns.

    Attributes:
        scenario: as it stands.
        factors: in their order.
    """

    scenario: Scenario
    factors: tuple[Factor, ...] = field(default=())

    def at(self, coordinates: Sequence[float]) -> Scenario:
        """Give the scenario at a point.

        Args:
            coordinates: one for each factor, between 0 and 1.

        Raises:
            InputError: the scenario makes no sense there.
        """
        changes: list[Change] = []
        overrides: dict[str, Any] = {}
        for factor, coordinate in zip(self.factors, coordinates, strict=True):
            if factor.levels:
                level = factor.levels[factor.place(coordinate)]
                changes += level.changes
                overrides |= dict(level.overrides)
            else:
                changes += [dial.change(coordinate) for dial in factor.dials]
        scenario = self.scenario
        if overrides:
            scenario = scenario.override(overrides, name=scenario.name)
        return turned(scenario, changes) if changes else scenario

    def describe(self, coordinates: Sequence[float], *, most: int = 6) -> str:
        """Say where a point lies, naming at most so many factors."""
        named = [
            f"{factor.name} = {factor.label(coordinate)}"
            for factor, coordinate in zip(self.factors, coordinates, strict=True)
        ]
        rest = len(named) - most
        return ", ".join(named[:most]) + (f" and {rest} more" if rest > 0 else "")

    def home(self) -> NDArray[np.float64]:
        """Give the coordinates of the scenario as it stands, 0.5 where a factor has levels only."""
        return np.array(
            [0.5 if factor.levels else factor.dials[0].share(factor.dials[0].base) for factor in self.factors]
        )


def spanned(scenario: Scenario, vary: Sequence[Vary]) -> Space:
    """Make the space that a study varies.

    Args:
        scenario: what is varied.
        vary: by path or its tail, values or a span; the one value `range` (or `range/n`) stands for the
            range that the parameter's figure or assumption carries.

    Raises:
        InputError: a path names no parameter, or a value makes no sense.
        UsageError: a path is varied twice, or has no range.
    """
    factors: list[Factor] = []
    for each in vary:
        own = _OWN_RANGE.fullmatch(str(each.values[0])) if len(each.values) == 1 else None
        if own is not None:
            found = ranged(scenario, [each.path])
            factors += [replace(factor, count=int(own[1] or 3)) for factor in found]
            continue
        path = full_path(scenario, each.path)
        if each.low is not None and each.high is not None:
            factors.append(_span(scenario, path, each, low=each.low, high=each.high))
        else:
            levels = tuple(level(scenario, path, each.kind, value) for value in each.values)
            factors.append(Factor(path, levels=levels, source="given"))
    names = [factor.name for factor in factors]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        message = f"{twice} is varied twice"
        raise UsageError(message)
    return Space(scenario, tuple(factors))


def _span(scenario: Scenario, path: str, vary: Vary, *, low: float, high: float) -> Factor:
    count = len(vary.values)
    if vary.kind == "scale":
        return Factor(path, (Dial(path, 1.0, low, high, scaled=True),), (), count, "given")
    own = _own_value(scenario, path, vary.unit)
    # A table by month or year, and what is not given at all, has no one value: the middle stands in for it.
    base = (low + high) / 2 if own is None else own
    dial = Dial(path, base, low, high, vary.unit, known=own is not None)
    for share in (0.0, 1.0):
        turned(scenario, [dial.change(share)])
    return Factor(path, (dial,), (), count, "given")


def _own_value(scenario: Scenario, path: str, unit_text: str) -> float | None:
    """Give the value that a parameter has in the scenario, in a unit; None where it has no one value."""
    note = scenario.provenance.get(path) or scenario.provenance.get(f"{path}.mean")
    if note is None:
        return None
    if note.value == 0.0:
        return 0.0
    try:
        wanted, written = unit(unit_text), unit(note.unit)
    except UnitError:
        # What is no unit is refused where the ends are read.
        return None
    counted = wanted.dimension in COUNTS and written.dimension in COUNTS
    if wanted.dimension != written.dimension and not counted:
        return None
    if wanted.factor == written.factor:
        return note.value
    return to_display(to_base(note.value, note.unit).value, unit_text)


def is_own_range(vary: Vary) -> bool:
    """Tell whether the one value stands for the range that the parameter's figure or assumption carries."""
    return len(vary.values) == 1 and _OWN_RANGE.fullmatch(str(vary.values[0])) is not None


def level(scenario: Scenario, path: str, kind: Literal["set", "scale"], item: object) -> Level:
    """Make one of the values that a parameter is given by hand.

    Args:
        scenario: what is varied.
        path: full dotted path.
        kind: whether the value is set, or scales what is there.
        item: the value, as a scenario would write it.

    Raises:
        InputError: the value makes no sense.
    """
    text = str(item).lower() if isinstance(item, bool) else str(item)
    label = f"× {text}" if kind == "scale" else text
    number = float("nan")
    if isinstance(item, (int, float)) and not isinstance(item, bool):
        number = float(item)
    elif isinstance(item, str):
        number = _leading(item)
    made = change(path, item, kind=kind)
    try:
        tried = turned(scenario, [made])
    except InputError as error:
        static = {"unknown-path", "shape-change"}
        if kind != "set" or not all(finding.code in static for finding in error.findings):
            raise
        # What the timeline may not touch is written over, as a file that extends this one would.
        tried = scenario.override({path: item}, name=scenario.name)
        return Level(label, number, overrides=((path, item),), warnings=_warned(scenario, tried))
    return Level(label, number, (made,), warnings=_warned(scenario, tried))


def _warned(scenario: Scenario, tried: Scenario) -> tuple[str, ...]:
    """Give what a changed scenario is warned of, and the scenario itself is not."""
    known = {(found.code, found.path, found.message) for found in scenario.findings}
    return tuple(
        found.message
        for found in tried.findings
        if found.level == "warning" and (found.code, found.path, found.message) not in known
    )


def _leading(text: str) -> float:
    try:
        return split(text)[0]
    except UnitError:
        return float("nan")
