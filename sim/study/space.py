"""The space of a study: a scenario with the factors that are turned, and what a point of it means.

What a factor is stands in `factors`; where points lie in `designs`; what they give in `points`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError, UsageError
from sim.scenario import Scenario
from sim.scenario.points import Change, change, full_path, turned
from sim.study.factors import Factor, Level
from sim.study.ranges import ranged, span
from sim.units import UnitError, split


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


def varied(scenario: Scenario, given: Mapping[str, object]) -> Space:
    """Make the space that a `vary:` mapping describes.

    Args:
        scenario: what is varied.
        given: by path or its tail, a list of values, `{scale: [...]}`, `{add: [...]}`, a range
            `lo..hi` or `lo..hi/n`, `{from: lo, to: hi, points: n}`, or None for the range of its figure.

    Raises:
        InputError: a path names no parameter, or a value makes no sense.
        UsageError: something that describes no values.
    """
    factors: list[Factor] = []
    for path, values in given.items():
        if values is None or (isinstance(values, str) and values.startswith("/")):
            count = 3 if values is None else _count(path, values[1:])
            found = ranged(scenario, [path])
            factors += [Factor(each.name, each.dials, (), count, each.source) for each in found]
            continue
        full = full_path(scenario, path)
        found_span = span(scenario, full, values)
        if found_span is not None:
            factors.append(found_span)
            continue
        factors.append(Factor(full, levels=_levels(scenario, full, values), source="given"))
    names = [factor.name for factor in factors]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        message = f"{twice} is varied twice"
        raise UsageError(message)
    return Space(scenario, tuple(factors))


def _count(path: str, text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        message = f"{path}: '/{text}' is no number of values; write {path}/5 or {path}=lo..hi/5"
        raise UsageError(message)
    return int(text)


def _levels(scenario: Scenario, path: str, values: object) -> tuple[Level, ...]:
    kind, listed = "set", values
    if isinstance(values, Mapping):
        if len(values) != 1 or next(iter(values)) not in ("set", "scale", "add"):
            keys = ", ".join(map(str, values))
            message = f"{path}: keys {keys}; a list, scale, add, or from, to and points expected"
            raise UsageError(message)
        kind, listed = next(iter(values.items()))
    items = list(listed) if isinstance(listed, (list, tuple)) else [listed]
    if not items:
        message = f"{path} is given no value"
        raise UsageError(message)
    return tuple(_level(scenario, path, kind, item) for item in items)


def _level(scenario: Scenario, path: str, kind: str, item: object) -> Level:
    mark = {"set": "", "scale": "× ", "add": "+ "}[kind]
    label = mark + (str(item).lower() if isinstance(item, bool) else str(item))
    number = float("nan")
    if isinstance(item, (int, float)) and not isinstance(item, bool):
        number = float(item)
    elif isinstance(item, str):
        number = _leading(item)
    made = change(path, item, kind=kind)  # type: ignore[arg-type]
    try:
        turned(scenario, [made])
    except InputError as error:
        static = {"unknown-path", "shape-change"}
        if kind != "set" or not all(finding.code in static for finding in error.findings):
            raise
        # What the timeline may not touch is written over, as a file that extends this one would.
        scenario.override({path: item}, name=scenario.name)
        return Level(label, number, overrides=((path, item),))
    return Level(label, number, (made,))


def _leading(text: str) -> float:
    try:
        return split(text)[0]
    except UnitError:
        return float("nan")
