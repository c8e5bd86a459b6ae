"""Scenarios against a base: paired differences on common random numbers.

Replication k of every scenario meets the same draws, so the difference of two scenarios is taken
replication by replication, and what is common to both falls out. Which figures are compared is decided here;
how sure a difference is, in `statistics`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.statistics.comparison import paired_columns
from sim.statistics.multiplicity import holm
from sim.study.events import Event, new_events
from sim.study.headline import Key, Scope, headline, scope_of
from sim.study.outline import Outline, joined
from sim.study.summary import Matrix
from sim.study.watched import watched


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
class Newcomer:
    """A route that a scenario uses and the base does not, beside the one it takes cargo from.

    Attributes:
        route: subject of the route.
        rival: subject of the route of the same flows that loses most, or empty.
        volume: what it carries, against nothing.
        time: its transit time against the rival's, both in the other scenario; None without a rival.
    """

    route: str
    rival: str
    volume: ComparisonRow
    time: ComparisonRow | None


@dataclass(frozen=True)
class Contrast:
    """All differences from one base.

    Attributes:
        base: name of the base.
        others: names of the scenarios beside it.
        replications: pairs.
        confidence: of each interval alone.
        rows: by scenario, then by kpi, subject and unit.
        watch: what makes the headline family, where it is not the usual one.
        scope: the routes, lines and berth groups that the family is about.
        newcomers: routes that only the other scenario uses, by its name.
        events: what the other scenario's timeline does and the base's does not, by its name.
        background: subjects of flows and routes that are not the corridor's own.
    """

    base: str
    others: tuple[str, ...]
    replications: int
    confidence: float
    rows: tuple[ComparisonRow, ...]
    watch: tuple[str, ...] = ()
    scope: Scope | None = None
    newcomers: Mapping[str, tuple[Newcomer, ...]] = field(default_factory=dict)
    events: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    background: frozenset[str] = frozenset()

    def headline(self) -> tuple[ComparisonRow, ...]:
        """Give the rows of the headline family, scenario by scenario, in the order of the family."""
        family = family_of([row.key for row in self.rows], self.watch, scope=self.scope)
        order = {key: place for place, key in enumerate(family)}
        chosen = [row for row in self.rows if row.headline]
        return tuple(sorted(chosen, key=lambda row: (self.others.index(row.scenario), order[row.key])))

    def of(self, scenario: str) -> dict[tuple[str, str, str], ComparisonRow]:
        """Give the rows of one scenario by kpi, subject and unit."""
        return {row.key: row for row in self.rows if row.scenario == scenario}


def contrast(
    figures: Sequence[tuple[str, Matrix]],
    *,
    confidence: float = 0.95,
    watch: Sequence[str] = (),
    outlines: Sequence[Outline] = (),
    derived: Mapping[str, Matrix] | None = None,
) -> Contrast:
    """Compare scenarios with the first.

    Args:
        figures: name and figures of each scenario; replication k of all has the same draws. Of figures that
            only one of a pair has, a route's are kept: it carries nothing in the other. Replications that
            only one has are left out.
        confidence: of each interval alone.
        watch: KPIs, or `kpi of subject`, that make the headline family; the usual one where none is given.
        outlines: what each scenario says of itself, by which the main routes are chosen; all routes are main
            ones where it is not given.
        derived: figures that only a comparison has, by the other scenario's name; they are compared with 0.

    Returns:
        Paired differences of all figures.

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
    means = [_mean_figures(matrix, pairs) for _, matrix in figures]
    rows: list[ComparisonRow] = []
    new: dict[str, set[str]] = {}
    for (name, other), mean in zip(figures[1:], means[1:], strict=True):
        rows += _against(*_paired_routes(base, other), name=name, pairs=pairs, confidence=confidence)
        own = (derived or {}).get(name)
        if own is not None:
            nothing = Matrix(own.keys, np.where(np.isnan(own.values), np.nan, 0.0))
            rows += _against(nothing, own, name=name, pairs=pairs, confidence=confidence)
        new[name] = carried(mean) - carried(means[0])
    keys = sorted({row.key for row in rows})
    _check_watched(watch, [key.kpi for key in keys])
    whole = joined(outlines) if outlines else Outline()
    largest = {key: value for mean in reversed(means) for key, value in mean.items()}
    gone = [route for mean in means[1:] for route in carried(means[0]) - carried(mean)]
    scope = (
        scope_of(whole, largest, new=[*gone, *(r for each in new.values() for r in each)])
        if outlines
        else None
    )
    family = set(family_of(keys, watch, scope=scope))
    done = _adjusted(sorted(rows, key=lambda row: (names.index(row.scenario), row.key)), family)
    return Contrast(
        names[0],
        tuple(names[1:]),
        pairs,
        confidence,
        done,
        watch=tuple(watch),
        scope=scope,
        newcomers={
            name: _newcomers(
                done, matrix, new[name], name=name, outline=whole, pairs=pairs, confidence=confidence
            )
            for name, matrix in figures[1:]
        },
        events={
            name: new_events(outlines[0].events, outline.events)
            for name, outline in zip(names[1:], outlines[1:], strict=True)
        }
        if outlines
        else {},
        background=frozenset(whole.background),
    )


def family_of(keys: Sequence[Key], watch: Sequence[str], *, scope: Scope | None) -> list[Key]:
    """Give the headline family, or what is watched in its place.

    Args:
        keys: of all figures.
        watch: KPIs, with a statistic (`wait.mean`) or without, or `kpi of subject` as in `watched`.
        scope: the routes, lines and berth groups that the family is about.
    """
    if not watch:
        return headline(keys, scope=scope)
    found: dict[Key, None] = {}
    for text in watch:
        found.update(dict.fromkeys(watched(keys, [text]) if _narrow(text) else headline(keys, [text])))
    return list(found)


def _narrow(text: str) -> bool:
    return " of " in text or " in " in text


def carried(figures: Mapping[Key, float]) -> set[str]:
    """Give the routes that carry anything."""
    return {
        key.subject
        for key, value in figures.items()
        if key.kpi == "throughput" and key.subject.startswith("route/") and value > 0
    }


def _mean_figures(matrix: Matrix, pairs: int) -> dict[Key, float]:
    values = matrix.values[:pairs]
    means = _means(values, ~np.isnan(values))
    return dict(zip(matrix.keys, means.tolist(), strict=True))


def _paired_routes(base: Matrix, other: Matrix) -> tuple[Matrix, Matrix]:
    """Give both the same figures: a route that one of them has not carries nothing there, in no time."""
    known = set(base.keys), set(other.keys)
    wanted = [
        key
        for key in sorted(known[0] | known[1])
        if (key in known[0] and key in known[1])
        or (key.subject.startswith("route/") and key.kpi in ("throughput", "transit_time.mean"))
    ]
    found = []
    for matrix in (base, other):
        place = {key: column for column, key in enumerate(matrix.keys)}
        values = np.full((len(matrix.values), len(wanted)), np.nan)
        for column, key in enumerate(wanted):
            if key in place:
                values[:, column] = matrix.values[:, place[key]]
            elif key.kpi == "throughput":
                values[:, column] = 0.0
        found.append(Matrix(tuple(wanted), values))
    return found[0], found[1]


def _newcomers(
    rows: Sequence[ComparisonRow],
    other: Matrix,
    new: set[str],
    *,
    name: str,
    outline: Outline,
    pairs: int,
    confidence: float,
) -> tuple[Newcomer, ...]:
    """Set every new route beside the one that loses most to it, the largest first."""
    volumes: dict[str, ComparisonRow] = {}
    for row in rows:
        if row.scenario == name and row.kpi == "throughput" and row.subject.startswith("route/"):
            known = volumes.get(row.subject)
            # Boxes speak before tonnes.
            if known is None or row.unit == "TEU/yr":
                volumes[row.subject] = row
    place = {key: column for column, key in enumerate(other.keys)}
    found = []
    for route in sorted(new - set(outline.background), key=lambda route: (-volumes[route].other, route)):
        unit = volumes[route].unit
        lost = {r: volumes[r].difference for r in outline.rivals.get(route, ()) if r in volumes}
        losing = [r for r in lost if volumes[r].unit == unit and lost[r] < 0 and r not in new]
        rival = min(losing, key=lambda r: (lost[r], r), default="")
        time = None
        columns = [place.get(Key("transit_time.mean", r, "h")) for r in (rival, route)]
        if rival and None not in columns:
            beside = [
                Matrix((Key("transit_time.mean", route, "h"),), other.values[:, [column]])
                for column in columns
                if column is not None
            ]
            time = _against(*beside, name=name, pairs=pairs, confidence=confidence)[0]
        found.append(Newcomer(route, rival, volumes[route], time))
    return tuple(found)


def _check_watched(watch: Sequence[str], kpis: Sequence[str]) -> None:
    known = {*kpis, *(kpi.split(".")[0] for kpi in kpis)}
    for kpi in watch:
        if not _narrow(kpi) and kpi not in known:
            near = get_close_matches(kpi, sorted(known), n=1)
            message = f"no KPI {kpi}" + (f"; did you mean {near[0]}?" if near else "")
            raise UsageError(message)


def _against(base: Matrix, other: Matrix, *, name: str, pairs: int, confidence: float) -> list[ComparisonRow]:
    """Compare two matrices of the same figures."""
    if not base.keys:
        return []
    first, second = base.values[:pairs], other.values[:pairs]
    differences = paired_columns(first, second, confidence=confidence, adjustment="none")
    both = ~(np.isnan(first) | np.isnan(second))
    none = ~both.any(axis=0)
    # Where there is no pair at all, what one of them has is still worth telling.
    means = [_means(values, np.where(none, ~np.isnan(values), both)) for values in (first, second)]
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
        for index, key in enumerate(base.keys)
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


def surest(row: ComparisonRow) -> tuple[float, float]:
    """Order differences by how many half-widths they lie from nought, the farthest first.

    Args:
        row: of a comparison; what has no interval goes by how large it is beside what it changes.
    """
    size = max(abs(row.base), abs(row.other))
    share = abs(row.difference) / size if size else 0.0
    half = (row.high - row.low) / 2
    if row.difference == 0 or math.isnan(half):
        return 0.0, -share
    return -abs(row.difference) / half if half > 0 else -math.inf, -share
