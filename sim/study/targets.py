"""Targets of a calibration: what was observed, how far the model may be from it, and which are held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.scenario.document import Target
from sim.study.claims import measured_as
from sim.study.headline import Key


@dataclass(frozen=True)
class Aim:
    """One target in the unit in which its figure is measured.

    Attributes:
        key: the figure.
        observed: what was observed.
        tolerance: standard deviation of what separates an observation from a right model: errors of the
            observation, and what the model leaves out.
        held_out: whether calibration does not see it.
    """

    key: Key
    observed: float
    tolerance: float
    held_out: bool = False

    @property
    def name(self) -> str:
        """The figure in words."""
        return f"{self.key.kpi} of {self.key.subject}"


def aims(targets: Sequence[Target], keys: Sequence[Key], *, hold_out: Sequence[str] = ()) -> tuple[Aim, ...]:
    """Give the targets of a scenario as aims.

    Args:
        targets: of the scenario.
        keys: all figures of a run.
        hold_out: texts `kpi of subject`, a KPI or a subject alone, with `*` where it may be anything.

    Raises:
        UsageError: there are no targets, a target is about no figure, or `hold_out` leaves nothing to fit or
            names no target.
    """
    if not targets:
        message = "the scenario has no targets to be calibrated to"
        raise UsageError(message)
    made: list[Aim] = []
    for target in targets:
        key, factor = measured_as(keys, target.kpi, target.of, written=target.unit)
        made.append(Aim(key, factor * target.observed, factor * target.tolerance, _held(target, hold_out)))
    for text in hold_out:
        if not any(_held(target, [text]) for target in targets):
            message = f"no target {text}; there are {', '.join(aim.name for aim in made)}"
            raise UsageError(message)
    if all(aim.held_out for aim in made):
        message = "every target is held out; nothing is left to calibrate to"
        raise UsageError(message)
    return tuple(made)


def _held(target: Target, hold_out: Sequence[str]) -> bool:
    names = (f"{target.kpi} of {target.of}", target.kpi, target.of)
    return any(fnmatchcase(name, text) for text in hold_out for name in names)


def columns(aims: Sequence[Aim], keys: Sequence[Key]) -> list[int]:
    """Give where the aims' figures stand among the figures of a point."""
    place = {key: column for column, key in enumerate(keys)}
    return [place[aim.key] for aim in aims]


def loss(aims: Sequence[Aim], means: NDArray[np.float64]) -> float:
    """Give the sum of squared misses, each in tolerances, over the targets that are fitted."""
    misses = [(mean - aim.observed) / aim.tolerance for aim, mean in zip(aims, means.tolist(), strict=True)]
    return float(sum(miss**2 for aim, miss in zip(aims, misses, strict=True) if not aim.held_out))
