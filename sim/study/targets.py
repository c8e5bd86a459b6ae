"""Targets of a calibration: what was observed, how far the model may be from it, and which are held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.scenario.document import Target
from sim.study.claims import claimed
from sim.study.headline import Key

if TYPE_CHECKING:
    from sim.scenario.document import Document


@dataclass(frozen=True)
class Aim:
    """One target in the unit in which its figure is measured.

    Attributes:
        key: the figure; of a sum, what the sum is called.
        observed: what was observed.
        tolerance: standard deviation of what separates an observation from a right model: errors of the
            observation, and what the model leaves out.
        held_out: whether calibration does not see it.
        parts: figures of a run with the factor by which each counts; empty where it is the figure itself.
    """

    key: Key
    observed: float
    tolerance: float
    held_out: bool = False
    parts: tuple[tuple[Key, float], ...] = ()

    @property
    def name(self) -> str:
        """The figure in words."""
        return f"{self.key.kpi} of {self.key.subject}"


def aims(document: Document, keys: Sequence[Key], *, hold_out: Sequence[str] = ()) -> tuple[Aim, ...]:
    """Give the targets of a scenario as aims.

    Args:
        document: the scenario, with its targets.
        keys: all figures of a run.
        hold_out: texts `kpi of subject`, a KPI or a subject alone, with `*` where it may be anything. A
            target whose figure is marked `use: validate` is held out in any case.

    Raises:
        UsageError: there are no targets, a target is about no figure, or `hold_out` leaves nothing to fit or
            names no target.
    """
    targets = document.targets
    if not targets:
        message = "the scenario has no targets to be calibrated to"
        raise UsageError(message)
    made: list[Aim] = []
    for target in targets:
        found = claimed(target, keys, document)
        observed, tolerance = found.factor * target.observed, found.factor * target.tolerance
        aside = target.kept_aside or held(target, hold_out)
        made.append(Aim(found.key, observed, tolerance, aside, found.parts))
    for text in hold_out:
        if not any(held(target, [text]) for target in targets):
            message = f"no target {text}; there are {', '.join(aim.name for aim in made)}"
            raise UsageError(message)
    if all(aim.held_out for aim in made):
        message = "every target is held out; nothing is left to calibrate to"
        raise UsageError(message)
    return tuple(made)


def held(target: Target, hold_out: Sequence[str]) -> bool:
    """Tell whether a target is among those held out; each text may name it, its KPI or its subject."""
    names = (f"{target.kpi} of {target.of}", target.kpi, target.of)
    return any(fnmatchcase(name, text) for text in hold_out for name in names)


def columns(aims: Sequence[Aim], keys: Sequence[Key], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the aims' figures of a point.

    Args:
        aims: the targets.
        keys: the point's figures.
        values: of them, shape (replications, figures).

    Returns:
        Shape (replications, aims); NaN where a figure is not defined.
    """
    place = {key: column for column, key in enumerate(keys)}
    made = np.empty((len(values), len(aims)))
    for column, aim in enumerate(aims):
        parts = aim.parts or ((aim.key, 1.0),)
        made[:, column] = sum(factor * values[:, place[key]] for key, factor in parts)
    return made


def defined(aims: Sequence[Aim], values: NDArray[np.float64]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Part the aims that every point gives a value from those that some point does not.

    Args:
        aims: the targets.
        values: shape (points, replications, aims).

    Returns:
        Places of the aims that may be used, and a note on each other one.

    Raises:
        UsageError: none that is fitted is left.
    """
    gaps = np.isnan(values).all(axis=1).sum(axis=0).tolist()
    kept = tuple(place for place, missing in enumerate(gaps) if not missing)
    notes = tuple(
        f"{aim.name} is left out: it has no value at {missing} of {len(values)} points, "
        "for in no replication anything of it was measured in the window"
        for aim, missing in zip(aims, gaps, strict=True)
        if missing
    )
    if all(aims[place].held_out for place in kept):
        names = ", ".join(aim.name for place, aim in enumerate(aims) if place not in kept)
        message = f"no target is left to calibrate to: {names} measured nothing; a longer run is expected"
        raise UsageError(message)
    return kept, notes


def means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give means over the replications in which a figure is defined, NaN where it is in none.

    Args:
        values: shape (replications, figures).
    """
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def loss(aims: Sequence[Aim], means: NDArray[np.float64]) -> float:
    """Give the sum of squared misses, each in tolerances, over the targets that are fitted and defined."""
    misses = [(mean - aim.observed) / aim.tolerance for aim, mean in zip(aims, means.tolist(), strict=True)]
    return float(
        sum(miss**2 for aim, miss in zip(aims, misses, strict=True) if not aim.held_out and miss == miss)
    )
