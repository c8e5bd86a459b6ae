"""Why two scenarios differ: the change of the mean transit time, element by element, summing to the whole.

The time of a delivered consignment is the sum of its parts (waiting, service, running, blocked, at each
element), and so is a difference of means over the same draws. For all routes together there is one more part:
that cargo went another way. Its share is taken at the middle between both (Marshall and Edgeworth's weights),
so that nothing is left over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from sim.statistics.comparison import paired_columns
from sim.study.headline import Key
from sim.study.outcome import Outcome, Table, names_of, numbers_of
from sim.study.summary import keys_of

PARTS: Final = ("waiting", "service", "running", "blocked")
ROUTED: Final = "another way"
"""The part of a difference that comes from cargo taking other routes."""
BOXES: Final = "cargo/containers"
"""Subject of all boxes, each counting alike."""
ALL: Final = "total"
"""Subject of all routes together, each consignment counting alike."""


class Part(NamedTuple):
    """Where time goes: an element and what happens there; or a route, for cargo that goes another way."""

    element: str
    component: str


@dataclass(frozen=True)
class WhyRow:
    """One part of a difference of mean transit time, in hours for each delivered consignment.

    Attributes:
        scenario: which other scenario.
        subject: `route/…`, `cargo/containers` for all boxes, or `total` for all consignments.
        element: where, or the route that gained or lost cargo.
        component: waiting, service, running, blocked, or `another way`.
        base: hours there in the base; for `another way` the route's share of what is delivered.
        other: the same in the other.
        difference: what the part adds to the difference of the means.
        low: lower bound of its interval.
        high: upper bound.
        n: pairs.
        element_difference: what the whole element adds, all its components together; for `another way` all
            routes together.
        element_low: lower bound of its interval.
        element_high: upper bound.
    """

    scenario: str
    subject: str
    element: str
    component: str
    base: float
    other: float
    difference: float
    low: float
    high: float
    n: int
    element_difference: float
    element_low: float
    element_high: float

    @property
    def place(self) -> str:
        """Where it happens; `another way` for all routes together."""
        return place_of(self.element, self.component)


def place_of(element: str, component: str) -> str:
    """Give the element of a part; all that comes from cargo on other routes is one."""
    return ROUTED if component == ROUTED else element


def why(
    base: Sequence[Outcome],
    other: Sequence[Outcome],
    *,
    scenario: str,
    confidence: float,
    background: Collection[str] = (),
) -> tuple[WhyRow, ...]:
    """Part the differences of mean transit times.

    Args:
        base: replications 0, 1, … of the base.
        other: the same replications of the other.
        scenario: name of the other.
        confidence: of the intervals.
        background: routes (`route/…`) that are not the corridor's own; they are no part of the totals.

    Returns:
        By subject, the largest part first: every route that both use, then boxes, then all. The parts of a
        subject add up to the difference of its mean transit times.
    """
    pairs = min(len(base), len(other))
    times = [[_times(outcome) for outcome in each[:pairs]] for each in (base, other)]
    routes = sorted({route for each in times for found in each for route in found})
    rows: list[WhyRow] = []
    for route in routes:
        both = [
            (one[route], two[route])
            for one, two in zip(times[0], times[1], strict=True)
            if route in one and route in two
        ]
        if both:
            rows += _rows(_differences(both), scenario=scenario, subject=route, confidence=confidence)
    own = [route for route in routes if route not in background]
    for subject, weigh in ((BOXES, _boxes), (ALL, _counts)):
        weights = [[weigh(outcome) for outcome in each[:pairs]] for each in (base, other)]
        whole = []
        for k in range(pairs):
            if _carried(weights[0][k], own) and _carried(weights[1][k], own):
                pair = _whole(times[0][k], times[1][k], weights[0][k], weights[1][k], own)
                measured = [_measured(each[k], subject) for each in (base, other)]
                whole.append(_completed(pair, measured[1] - measured[0]))
        if whole:
            rows += _rows(whole, scenario=scenario, subject=subject, confidence=confidence)
    return tuple(rows)


Times = Mapping[Part, float]
_Pair = Mapping[Part, tuple[float, float, float]]
"""By part: hours in the base, in the other, and what it adds to the difference."""


def _times(outcome: Outcome) -> dict[str, Times]:
    """Give the mean hours of each part, by route."""
    table = outcome.breakdown
    routes, steps = names_of(table, "route").values(), names_of(table, "step").values()
    columns = {part: numbers_of(table, part).tolist() for part in PARTS}
    found: dict[str, dict[Part, float]] = {}
    for row, (route, step) in enumerate(zip(routes, steps, strict=True)):
        hours = {part: columns[part][row] for part in PARTS}
        if any(value != value for value in hours.values()):
            continue
        mine = found.setdefault(route, {})
        for part, value in hours.items():
            # A route may pass an element twice.
            mine[Part(step, part)] = mine.get(Part(step, part), 0.0) + value
    return dict(found)


def _measured(outcome: Outcome, subject: str) -> float:
    """Give the mean transit time of a subject where it is measured as such, else NaN."""
    return _figures(outcome).get(Key("transit_time.mean", subject, "h"), float("nan"))


def _figures(outcome: Outcome) -> dict[Key, float]:
    return dict(zip(keys_of(outcome.kpis), numbers_of(outcome.kpis, "value").tolist(), strict=True))


def _completed(pair: _Pair, measured: float) -> _Pair:
    """Add what flows of unlike sizes on one route leave over, so that the parts are the whole measured."""
    left = measured - sum(added for _, _, added in pair.values())
    if not abs(left) > 1e-9:
        return pair
    return {**pair, Part(BOXES, ROUTED): (0.0, 0.0, left)}


def _boxes(outcome: Outcome) -> dict[str, float]:
    """Give the boxes that each route delivered, per year."""
    values = _figures(outcome)
    if Key("transit_time.mean", BOXES, "h") not in values:
        return {}
    return {
        key.subject: value
        for key, value in values.items()
        if key.kpi == "throughput" and key.unit == "TEU/yr" and key.subject.startswith("route/") and value > 0
    }


def _counts(outcome: Outcome) -> dict[str, float]:
    """Give how many consignments each route delivered."""
    series: Table = outcome.series
    names, subjects = names_of(series, "series"), names_of(series, "subject")
    if "transit_count" not in names.names:
        return {}
    rows = names.codes == names.names.index("transit_count")
    total = np.bincount(
        subjects.codes[rows], weights=numbers_of(series, "value")[rows], minlength=len(subjects.names)
    )
    return {name: float(value) for name, value in zip(subjects.names, total, strict=True) if value > 0}


def _carried(counts: Mapping[str, float], routes: Sequence[str]) -> float:
    return sum(counts.get(route, 0.0) for route in routes)


def _differences(both: Sequence[tuple[Times, Times]]) -> list[_Pair]:
    return [
        {
            part: (one.get(part, 0.0), two.get(part, 0.0), two.get(part, 0.0) - one.get(part, 0.0))
            for part in sorted({*one, *two})
        }
        for one, two in both
    ]


def _whole(
    one: Mapping[str, Times],
    two: Mapping[str, Times],
    counts_one: Mapping[str, float],
    counts_two: Mapping[str, float],
    routes: Sequence[str],
) -> _Pair:
    """Part the difference over all routes of one pair of replications."""
    totals = _carried(counts_one, routes), _carried(counts_two, routes)
    found: dict[Part, list[float]] = {}
    means: dict[str, float] = {}
    turns: dict[str, tuple[float, float]] = {}
    for route in routes:
        shares = counts_one.get(route, 0.0) / totals[0], counts_two.get(route, 0.0) / totals[1]
        # A route that one of the two does not use takes the same time in both: only its share changes.
        first, second = one.get(route) or two.get(route, {}), two.get(route) or one.get(route, {})
        weight = (shares[0] + shares[1]) / 2
        for part in sorted({*first, *second}):
            before, after = first.get(part, 0.0), second.get(part, 0.0)
            mine = found.setdefault(part, [0.0, 0.0, 0.0])
            mine[0] += shares[0] * before
            mine[1] += shares[1] * after
            mine[2] += weight * (after - before)
        means[route] = (sum(first.values()) + sum(second.values())) / 2
        turns[route] = shares
    # A slower route that gains cargo adds time, a faster one takes it away; shares sum to one either way.
    middle = sum((one + two) / 2 * means[route] for route, (one, two) in turns.items())
    for route, (before, after) in turns.items():
        found[Part(route, ROUTED)] = [before, after, (after - before) * (means[route] - middle)]
    return {part: (values[0], values[1], values[2]) for part, values in found.items()}


def _rows(pairs: Sequence[_Pair], *, scenario: str, subject: str, confidence: float) -> list[WhyRow]:
    """Give the parts with their intervals over the pairs, the largest first."""
    parts = sorted({part for pair in pairs for part in pair})
    nothing = (0.0, 0.0, 0.0)
    values = np.array([[pair.get(part, nothing) for part in parts] for pair in pairs], dtype=np.float64)
    added = values[:, :, 2]
    found = paired_columns(np.zeros_like(added), added, confidence=confidence, adjustment="none")
    places = [place_of(*part) for part in parts]
    names = list(dict.fromkeys(places))
    sums = np.stack([added[:, [place == name for place in places]].sum(axis=1) for name in names], axis=1)
    together = paired_columns(np.zeros_like(sums), sums, confidence=confidence, adjustment="none")
    at = {name: column for column, name in enumerate(names)}
    rows = [
        WhyRow(
            scenario=scenario,
            subject=subject,
            element=part.element,
            component=part.component,
            base=float(values[:, column, 0].mean()),
            other=float(values[:, column, 1].mean()),
            difference=float(found.difference[column]),
            low=float(found.low[column]),
            high=float(found.high[column]),
            n=int(found.n[column]),
            element_difference=float(together.difference[at[places[column]]]),
            element_low=float(together.low[at[places[column]]]),
            element_high=float(together.high[at[places[column]]]),
        )
        for column, part in enumerate(parts)
        if added[:, column].any()
    ]
    return sorted(rows, key=lambda row: (-abs(row.difference), row.element, row.component))
