"""Scenarios against a base: paired differences on common random numbers.

Replication k of every scenario meets the same draws, so the difference of two scenarios is taken
replication by replication, and what is common to both falls out. Which figures are compared is decided here;
how sure a difference is, in `statistics`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.statistics.comparison import paired_columns
from sim.statistics.multiplicity import holm
from sim.study.headline import Key, headline
from sim.study.summary import Matrix


@dataclass(frozen=True)
class ComparisonRow:
    """One figure of one scenario beside the base.

    Attributes:
        scenario: which other scenario.
        kpi: name.
        subject: whose.
        unit: unit.
        base: mean of the base over the pairs.
        other: mean of the other over the pairs.
        n: pairs in which both have a value.
        difference: mean of other − base.
        low: lower bound of the difference's interval.
        high: upper bound.
        p: two-sided p-value of "no difference".
        p_adjusted: corrected by Holm's method: within the headline family (over all its figures and
            scenarios) for a figure of the family, over every figure asked for any other.
        headline: whether the figure is of the headline family.
    """

    scenario: str
    kpi: str
    subject: str
    unit: str
    base: float
    other: float
    n: int
    difference: float
    low: float
    high: float
    p: float
    p_adjusted: float
    headline: bool

    @property
    def key(self) -> Key:
        """What the figure is."""
        return Key(self.kpi, self.subject, self.unit)


@dataclass(frozen=True)
class Contrast:
    """All differences from one base.

    Attributes:
        base: name of the base.
        others: names of the scenarios beside it.
        replications: pairs.
        confidence: of each interval alone.
        rows: by scenario, then by kpi, subject and unit.
        watch: KPIs that make the headline family, where it is not the usual one.
    """

    base: str
    others: tuple[str, ...]
    replications: int
    confidence: float
    rows: tuple[ComparisonRow, ...]
    watch: tuple[str, ...] = ()

    def headline(self) -> tuple[ComparisonRow, ...]:
        """Give the rows of the headline family, scenario by scenario, in the order of the family."""
        order = {key: place for place, key in enumerate(headline((row.key for row in self.rows), self.watch))}
        chosen = [row for row in self.rows if row.headline]
        return tuple(sorted(chosen, key=lambda row: (self.others.index(row.scenario), order[row.key])))


def contrast(
    figures: Sequence[tuple[str, Matrix]], *, confidence: float = 0.95, watch: Sequence[str] = ()
) -> Contrast:
    """Compare scenarios with the first.

    Args:
        figures: name and figures of each scenario; replication k of all has the same draws. Figures that
            only one of a pair has are left out, and so are replications that only one has.
        confidence: of each interval alone.
        watch: KPIs that make the headline family; the usual one where none is given.

    Returns:
        Paired differences of all shared figures.

    Raises:
        UsageError: fewer than two scenarios, two of one name, or a KPI watched that is in none.
    """
    names = [name for name, _ in figures]
    if len(names) < 2:
        message = f"{len(names)} scenario to compare; a base and at least one other expected"
        raise UsageError(message)
    if len(set(names)) < len(names):
        message = f"two scenarios of one name among {', '.join(names)}; each is named once in a comparison"
        raise UsageError(message)
    pairs = min(len(matrix.values) for _, matrix in figures)
    base = figures[0][1]
    rows: list[ComparisonRow] = []
    for name, other in figures[1:]:
        rows += _against(base, other, name=name, pairs=pairs, confidence=confidence)
    _check_watched(watch, [row.kpi for row in rows])
    family = set(headline({row.key for row in rows}, watch))
    return Contrast(
        names[0], tuple(names[1:]), pairs, confidence, _adjusted(rows, family), watch=tuple(watch)
    )


def _check_watched(watch: Sequence[str], kpis: Sequence[str]) -> None:
    known = {*kpis, *(kpi.split(".")[0] for kpi in kpis)}
    for kpi in watch:
        if kpi not in known:
            near = get_close_matches(kpi, sorted(known), n=1)
            message = f"no KPI {kpi}" + (f"; did you mean {near[0]}?" if near else "")
            raise UsageError(message)


def _against(base: Matrix, other: Matrix, *, name: str, pairs: int, confidence: float) -> list[ComparisonRow]:
    place = {key: column for column, key in enumerate(other.keys)}
    shared = [key for key in base.keys if key in place]
    if not shared:
        return []
    column = {key: index for index, key in enumerate(base.keys)}
    first = base.values[:pairs, [column[key] for key in shared]]
    second = other.values[:pairs, [place[key] for key in shared]]
    differences = paired_columns(first, second, confidence=confidence, adjustment="none")
    both = ~(np.isnan(first) | np.isnan(second))
    means = _means(first, both), _means(second, both)
    return [
        ComparisonRow(
            name,
            *key,
            base=float(means[0][index]),
            other=float(means[1][index]),
            n=int(differences.n[index]),
            difference=float(differences.difference[index]),
            low=float(differences.low[index]),
            high=float(differences.high[index]),
            p=float(differences.p[index]),
            p_adjusted=float("nan"),
            headline=False,
        )
        for index, key in enumerate(shared)
    ]


def _means(values: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    count = chosen.sum(axis=0)
    total = np.where(chosen, values, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _adjusted(rows: Sequence[ComparisonRow], family: set[Key]) -> tuple[ComparisonRow, ...]:
    """Fill in what the family decides: p_adjusted among itself, for all else over everything."""
    p = np.array([row.p for row in rows], dtype=np.float64)
    everything = holm(p)
    member = np.array([row.key in family for row in rows], dtype=bool)
    adjusted = np.where(member, holm(np.where(member, p, np.nan)), everything)
    return tuple(
        replace(row, p_adjusted=float(value), headline=bool(inside))
        for row, value, inside in zip(rows, adjusted, member, strict=True)
    )
