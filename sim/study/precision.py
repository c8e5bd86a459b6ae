"""When there are enough replications: the sequential rule over the headline family."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.statistics.stopping import Decision, PrecisionRule
from sim.study.headline import FLOORS, Key, Scope, headline, scope_of
from sim.study.outcome import Table, numbers_of
from sim.study.outline import Outline
from sim.study.summary import keys_of

MOST = 1000
"""Replications after which precision is given up, where no other limit is set."""


@dataclass(frozen=True)
class Precision:
    """How precise a run is to be.

    Attributes:
        share: half-width as a share of |mean|.
        confidence: of the half-widths.
        look_ahead: how many further numbers of replications must be precise enough too.
        minimum: replications before anything is decided.
        outline: what the scenario says of itself, by which the headline figures are chosen.
    """

    share: float
    confidence: float = 0.95
    look_ahead: int = 10
    minimum: int = 5
    outline: Outline | None = None


class Watch:
    """Looks at the headline figures of replications 0, 1, … in order, and says when they are enough."""

    def __init__(self, precision: Precision, at_most: int) -> None:
        self._precision = precision
        self._most = at_most
        self._rows: list[dict[Key, float]] = []
        self._scope: Scope | None = None
        self._decision: Decision | None = None

    @property
    def first_look(self) -> int:
        """How many replications are needed before looking is of any use."""
        return min(self._most, max(self._precision.minimum, 3 + self._precision.look_ahead))

    @property
    def seen(self) -> int:
        """How many replications have been looked at."""
        return len(self._rows)

    @property
    def done(self) -> bool:
        """Whether no more are wanted."""
        return self._decision is not None and (self._decision.done or self.seen >= self._most)

    @property
    def reached(self) -> bool:
        """Whether the precision was reached."""
        return self._decision is not None and self._decision.reached

    @property
    def expected(self) -> int:
        """How many replications it will take, as far as is known."""
        return self.first_look if self._decision is None else self._decision.expected

    @property
    def count(self) -> int:
        """How many replications make the answer: what one at a time would have run, look-ahead included."""
        if self._decision is None or self._decision.n is None:
            return self.seen
        return min(self.seen, max(self._precision.minimum, self._decision.n + self._precision.look_ahead))

    @property
    def notes(self) -> list[str]:
        """What a reader should know."""
        decision = self._decision
        if decision is None:
            return []
        if decision.reached:
            return [
                f"half-widths of the headline figures are within {self._precision.share:.3g} of their means, "
                f"or below {_floors()}, from {decision.n} replications on; {self.count} were run to see that "
                "they stay so"
            ]
        least = f"the precision of {self._precision.share:.3g} was not reached in {self.seen} replications"
        if decision.ratio <= 1:
            return [f"{least}: it holds, but not yet for {self._precision.look_ahead} numbers on end"]
        ratio = "" if math.isnan(decision.ratio) else f", {decision.ratio:.2g} times what was asked"
        return [f"{least}; the widest is {decision.slowest_kpi or 'unknown'}{ratio}"]

    def see(self, kpis: Table) -> None:
        """Take the figures of the next replication."""
        keys = keys_of(kpis)
        values = numbers_of(kpis, "value").tolist()
        if self._scope is None and self._precision.outline is not None:
            # Chosen once: a family that changed from look to look would never come to rest.
            self._scope = scope_of(self._precision.outline, dict(zip(keys, values, strict=True)))
        family = set(headline(keys, scope=self._scope))
        self._rows.append({key: value for key, value in zip(keys, values, strict=True) if key in family})

    def decide(self) -> None:
        """Judge what has been seen."""
        keys = headline({key: None for row in self._rows for key in row}, scope=self._scope)
        if not keys:
            self._decision = Decision(True, True, self.seen, self.seen, "", math.nan, self.seen, ())
            return
        minimum = max(3, min(self._precision.minimum, self._most))
        rule = PrecisionRule(
            kpis=tuple(f"{key.kpi} of {key.subject} in {key.unit}" for key in keys),
            precision=self._precision.share,
            confidence=self._precision.confidence,
            look_ahead=self._precision.look_ahead,
            minimum=minimum,
            floor=[FLOORS.get(key.unit, 0.0) for key in keys],
            at_most=max(self._most, minimum),
        )
        matrix = np.array([[row.get(key, math.nan) for key in keys] for row in self._rows])
        self._decision = rule.update(matrix)


def _floors() -> str:
    """Say which half-widths are always small enough."""
    return f"{60 * FLOORS['h']:.0f} min and {FLOORS['share']:.2f} of a share"
