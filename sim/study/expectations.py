"""Expectations: claims of a scenario about its own figures, answered holds, fails or undecided.

A claim holds when the whole interval of the figure's mean lies within its bounds, fails when the whole
interval lies outside, and is undecided in between: more replications may decide it. Answers are also given as
JUnit XML, the form in which other programs take the answers of tests.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from xml.etree import ElementTree

import numpy as np

from sim.errors import UsageError
from sim.scenario.document import Expectation
from sim.scenario.vocabulary import COMPARED
from sim.statistics.intervals import t_interval
from sim.study.claims import measured_as
from sim.study.headline import Key
from sim.study.summary import Matrix
from sim.units import to_base, to_display

DAYS_FROM = 48.0
"""Hours from which a time is told in days."""

MEGATONNES_FROM: Final = 1e5
"""Tonnes from which they are told in millions."""

ALONE: Final = "a run alone does not tell it: `compare` it with its base"
"""Why a run leaves a claim about `lost`, `peak_backlog` and their like open."""

Verdict = Literal["holds", "fails", "undecided"]


@dataclass(frozen=True)
class Answer:
    """One claim and what the replications say of it.

    Attributes:
        kpi: name.
        subject: whose.
        unit: unit of all numbers.
        above: lower bound claimed, or None.
        below: upper bound claimed, or None.
        at: confidence of the interval.
        n: replications in which the figure has a value.
        mean: over them.
        low: lower bound of the mean's interval.
        high: upper bound.
        verdict: holds, fails or undecided.
        why: why nothing can be said, or empty.
    """

    kpi: str
    subject: str
    unit: str
    above: float | None
    below: float | None
    at: float
    n: int
    mean: float
    low: float
    high: float
    verdict: Verdict
    why: str = ""

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> Answer:
        """Read an answer as a manifest keeps it, where what is not a number is null."""
        numbers = {name: math.nan if facts[name] is None else facts[name] for name in ("mean", "low", "high")}
        return cls(**{**facts, **numbers})

    @property
    def claim(self) -> str:
        """The claim in words."""
        scale, unit = self._told
        bounds = [f"above {self.above * scale:.6g}"] if self.above is not None else []
        bounds += [f"below {self.below * scale:.6g}"] if self.below is not None else []
        return f"{self.kpi} of {self.subject} {' and '.join(bounds)} {unit}".rstrip()

    @property
    def found(self) -> str:
        """What was found, in words."""
        if self.why:
            return self.why
        scale, unit = self._told
        mean, low, high = (each * scale for each in (self.mean, self.low, self.high))
        return f"{mean:.6g} [{low:.6g}, {high:.6g}] {unit}".rstrip()

    @property
    def _told(self) -> tuple[float, str]:
        """Give factor and unit of the words: claims about days are told in days, about many tonnes in Mt."""
        bound = max(abs(each) for each in (self.above, self.below) if each is not None)
        if self.unit == "h" and bound >= DAYS_FROM:
            return 1 / 24, "d"
        if self.unit in ("t", "t/yr") and bound >= MEGATONNES_FROM:
            return 1e-6, f"M{self.unit}"
        return 1.0, self.unit


def answers(
    expect: Sequence[Expectation],
    figures: Matrix,
    *,
    known: Sequence[Key] = (),
    saturated: Collection[Key] = (),
    forgiving: bool = False,
) -> tuple[Answer, ...]:
    """Answer every claim of a scenario.

    Args:
        expect: the claims.
        figures: of all replications; those that claims are about are enough.
        known: all figures there are, where more than these.
        saturated: figures that describe no lasting state; a claim about one is undecided.
        forgiving: leave a claim about no figure undecided, with the reason, instead of raising.

    Raises:
        UsageError: a claim is about no figure, or in a unit that is not its.
    """
    found = []
    for each in expect:
        if each.kpi in COMPARED:
            found.append(_unanswered(each, ALONE))
            continue
        try:
            found.append(_answer(each, figures, known=known or figures.keys, saturated=frozenset(saturated)))
        except UsageError as error:
            if not forgiving:
                raise
            found.append(_unanswered(each, str(error)))
    return tuple(found)


def settled(answer: Answer, figures: Matrix) -> Answer:
    """Answer a claim about what only a comparison tells.

    Args:
        answer: what a run alone says of the claim.
        figures: of the disturbance in every pair of replications; see `sim.study.disturbance`.

    Returns:
        The answer, or the old one where the figures do not have what it is about.
    """
    if answer.kpi not in COMPARED or not any(
        (key.kpi, key.subject) == (answer.kpi, answer.subject) for key in figures.keys
    ):
        return answer
    low, high = (
        None if bound is None else to_base(bound, answer.unit).value for bound in (answer.above, answer.below)
    )
    claim = Expectation(answer.kpi, answer.subject, low, high, answer.unit, answer.at)
    return _answer(claim, figures, known=figures.keys, saturated=frozenset())


def _unanswered(claim: Expectation, why: str) -> Answer:
    above, below = (
        None if bound is None else to_display(bound, claim.unit) for bound in (claim.low, claim.high)
    )
    return Answer(
        kpi=claim.kpi,
        subject=claim.of,
        unit=claim.unit,
        above=above,
        below=below,
        at=claim.at,
        n=0,
        mean=math.nan,
        low=math.nan,
        high=math.nan,
        verdict="undecided",
        why=why,
    )


def _answer(
    claim: Expectation, figures: Matrix, *, known: Sequence[Key], saturated: frozenset[Key]
) -> Answer:
    key, factor = measured_as(known, claim.kpi, claim.of, written=claim.unit)
    values = figures.values[:, figures.keys.index(key)]
    interval = t_interval(values[~np.isnan(values)], claim.at)
    above = None if claim.low is None else claim.low * factor
    below = None if claim.high is None else claim.high * factor
    verdict, why = verdict_of(interval.low, interval.high, above=above, below=below), ""
    if interval.n == 0:
        why = "has no value in any replication"
    elif math.isnan(interval.low):
        why = "one replication gives no interval"
    elif key in saturated:
        # A mean that grows with the length of the run can neither keep nor break a promise.
        verdict, why = "undecided", "is not stationary: the backlog grows"
    return Answer(
        key.kpi,
        key.subject,
        key.unit,
        above,
        below,
        claim.at,
        interval.n,
        interval.mean,
        interval.low,
        interval.high,
        verdict,
        why,
    )


def verdict_of(low: float, high: float, *, above: float | None, below: float | None) -> Verdict:
    """Say whether an interval lies within bounds, outside, or neither.

    Args:
        low: lower end of the interval; NaN where there is none.
        high: upper end.
        above: lower bound, or None.
        below: upper bound, or None.
    """
    if math.isnan(low) or math.isnan(high):
        return "undecided"
    if (above is None or low > above) and (below is None or high < below):
        return "holds"
    if (above is not None and high <= above) or (below is not None and low >= below):
        return "fails"
    return "undecided"


def junit(suites: Sequence[tuple[str, Sequence[Answer]]]) -> str:
    """Write answers as JUnit XML: what fails is a failure, what is undecided is skipped.

    Args:
        suites: name of each scenario, and its answers.

    Returns:
        The document, ending in a line end.

    Raises:
        UsageError: there is no scenario.
    """
    if not suites:
        message = "no scenario to be reported"
        raise UsageError(message)
    root = ElementTree.Element("testsuites", name="corridor")
    for name, found in suites:
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=name,
            tests=str(len(found)),
            failures=str(sum(each.verdict == "fails" for each in found)),
            errors="0",
            skipped=str(sum(each.verdict == "undecided" for each in found)),
        )
        for each in found:
            case = ElementTree.SubElement(suite, "testcase", classname=name, name=each.claim)
            if each.verdict == "fails":
                ElementTree.SubElement(case, "failure", message=each.found, type="expectation")
            elif each.verdict == "undecided":
                ElementTree.SubElement(case, "skipped", message=f"undecided: {each.found}")
            else:
                output = ElementTree.SubElement(case, "system-out")
                output.text = each.found
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
