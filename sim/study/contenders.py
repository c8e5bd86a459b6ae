"""What is asked of a selection among scenarios, and what it answers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from sim.errors import UsageError
from sim.study.headline import Key
from sim.units import UnitError, split, unit

Best = Literal["min", "max"]
FIRST_KN: Final = 10
"""Replications of each scenario before the first is ruled out."""
FIRST_OCBA: Final = 5
"""Replications of each scenario before the budget is first divided."""
MOST: Final = 1000
"""Replications of one scenario after which KN gives up, unless another number is given."""


@dataclass(frozen=True)
class Question:
    """What is asked of a selection.

    Attributes:
        figure: `kpi of subject`, or a KPI that has one headline figure.
        best: whether the lowest or the highest is best; as the KPI has it where it is not given.
        delta: the smallest difference that matters, in the figure's unit or with a unit; decided by KN.
        budget: replications of all scenarios together; without `delta` divided by OCBA.
        confidence: wanted probability of choosing right, for KN.
        at_most: replications of one scenario, for KN.
    """

    figure: str
    best: Best | None = None
    delta: str | float | None = None
    budget: int | None = None
    confidence: float = 0.95
    at_most: int = MOST

    def check(self, scenarios: int) -> None:
        """Refuse a question without meaning.

        Raises:
            UsageError: neither a difference nor a budget, or too few replications.
        """
        if self.delta is None and self.budget is None:
            message = (
                "a selection needs the smallest difference that matters (--delta '6 h': with a guarantee), "
                "replications to spend (--budget 60: without one), or both"
            )
            raise UsageError(message)
        first = FIRST_OCBA if self.delta is None else FIRST_KN
        if self.budget is not None and self.budget < scenarios * first:
            message = (
                f"a budget of {self.budget} replications; {scenarios} scenarios take {scenarios * first} "
                f"({first} each) before anything is told"
            )
            raise UsageError(message)
        if self.delta is not None and self.at_most < first:
            message = f"{self.at_most} replications; KN looks first after {first} of each scenario"
            raise UsageError(message)
        if self.confidence <= 1.0 / scenarios:
            message = f"confidence is {self.confidence}; above 1/{scenarios} expected, which is blind chance"
            raise UsageError(message)


@dataclass(frozen=True)
class Contender:
    """One scenario in a selection.

    Attributes:
        scenario: name.
        chosen: whether it is the one chosen.
        kpi: name of the figure.
        subject: whose.
        unit: unit.
        replications: of this scenario.
        mean: over them.
        low: lower bound of the mean's interval.
        high: upper bound.
        difference: mean of this − chosen, over the replications that both have.
        difference_low: lower bound of its interval.
        difference_high: upper bound.
        n: pairs.
        ruled_out_after: replications after which it was ruled out; 0 for one that never was.
    """

    scenario: str
    chosen: bool
    kpi: str
    subject: str
    unit: str
    replications: int
    mean: float
    low: float
    high: float
    difference: float
    difference_low: float
    difference_high: float
    n: int
    ruled_out_after: int


@dataclass(frozen=True)
class Selected:
    """The scenario chosen, and how.

    Attributes:
        key: the figure.
        best: whether the lowest or the highest is.
        method: `KN` or `OCBA`.
        delta: the smallest difference that matters, in the figure's unit; NaN without one.
        confidence: wanted probability, and that of intervals.
        budget: replications of all scenarios together, or None.
        decided: whether the guarantee holds.
        probability: estimate of the probability that the choice is right (by Bonferroni's inequality over
            paired differences).
        contenders: the scenarios, the best first.
    """

    key: Key
    best: Best
    method: Literal["KN", "OCBA"]
    delta: float
    confidence: float
    budget: int | None
    decided: bool
    probability: float
    contenders: tuple[Contender, ...]

    @property
    def chosen(self) -> Contender:
        """The scenario that was chosen."""
        return self.contenders[0]

    @property
    def replications(self) -> int:
        """Of all scenarios together."""
        return sum(each.replications for each in self.contenders)

    def facts(self) -> dict[str, object]:
        """Give what a manifest says of it."""
        return {
            "figure": f"{self.key.kpi} of {self.key.subject}",
            "unit": self.key.unit,
            "best": self.best,
            "method": self.method,
            "delta": self.delta,
            "confidence": self.confidence,
            "budget": self.budget,
            "chosen": self.chosen.scenario,
            "decided": self.decided,
            "probability": self.probability,
            "replications": self.replications,
        }


def difference_of(written: str | float, key: Key) -> float:
    """Read the smallest difference that matters, in the unit of a figure.

    Args:
        written: a number in the figure's unit, or a text with a unit of its kind.
        key: the figure.

    Raises:
        UsageError: it is no such difference, or not above 0.
    """
    try:
        number, own = split(str(written))
        given, measured = unit(own or key.unit), unit(key.unit)
    except UnitError as error:
        message = f"a difference of {written!r}: {error}"
        raise UsageError(message) from error
    if given.dimension != measured.dimension:
        message = (
            f"a difference of {written}; {key.kpi} of {key.subject} is in {key.unit} "
            "(`KPI of SUBJECT in UNIT` asks for another)"
        )
        raise UsageError(message)
    value = number * given.factor / measured.factor
    if not (math.isfinite(value) and value > 0):
        message = f"a difference of {written}; one above 0 expected, in {key.unit}"
        raise UsageError(message)
    return value
