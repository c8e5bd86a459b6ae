"""What a disturbance cost, replication by replication, from what is stored of a run and its undisturbed twin.

In a comparison the base is the twin: replication k of both met the same draws, so that every difference is
the disturbance's doing. The exact form from record tables is `sim.measure.resilience`; here backlogs are read
as often as the series are (`sim.measure.readings`): daily in a year, hourly in a few weeks. Amounts in t.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.measure.resilience import SHARE, recovery
from sim.measure.view import HOUR, YEAR_HOURS
from sim.study.events import Event
from sim.study.headline import Key
from sim.study.outcome import Outcome, Table, names_of, numbers_of
from sim.study.outline import Outline
from sim.study.summary import Matrix, keys_of

Floats = NDArray[np.float64]

WEEK_HOURS = 168.0


@dataclass(frozen=True)
class Disturbance:
    """What is known of a disturbance before it is measured.

    Attributes:
        since: when it begins, hours from the clock's start, at least 0.
        hours: length of the window.
        background: subjects of flows that are not the corridor's own.
        crude: subjects of flows of crude oil.
    """

    since: float
    hours: float
    background: frozenset[str] = frozenset()
    crude: frozenset[str] = frozenset()


def disturbance_of(events: Sequence[Event], *, hours: float, outline: Outline) -> Disturbance | None:
    """Describe what the entries of a timeline disturb, or None where none of them lies in the window.

    Args:
        events: entries that the twin has not.
        hours: length of the window.
        outline: of both scenarios, for what is background.
    """
    begins = [e.begin for e in events if e.begin < hours and (e.over is None or e.over > 0)]
    if not begins:
        return None
    since = max(0.0, min(begins))
    return Disturbance(since, hours, frozenset(outline.background), frozenset(outline.crude))


def disturbances(pairs: Iterable[tuple[Outcome, Outcome]], about: Disturbance) -> Matrix:
    """Measure a disturbance in every replication.

    Args:
        pairs: the twin and the disturbed run of each replication, in order.
        about: the disturbance.

    Returns:
        By figure, all in t but the last two: `lost` (delivered less), `shut_in` (turned away more: where
        production is cut, or pushed out of its way by diverted parcels), `diverted` (delivered more by a
        route that is not its cascade's first), `peak_backlog` (largest excess of what is under way, at the
        readings), `time_to_recover` (h from the disturbance, NaN where not within the run), `extra_cost` (USD
        per t delivered); by flow or route, kind of cargo and `total`, whose `extra_cost` is over the
        corridor's own cargo.
    """
    rows = [_measure(twin, run, about) for twin, run in pairs]
    keys = tuple(sorted({key for row in rows for key in row}))
    # Nothing turned away in a replication counts as 0 there, or a flow's mean would exceed the total's.
    missing = {key: 0.0 if key.kpi in ("shut_in", "diverted") else math.nan for key in keys}
    values = np.array([[row.get(key, missing[key]) for key in keys] for row in rows], dtype=np.float64)
    return Matrix(keys, values.reshape(len(rows), len(keys)))


def _measure(twin: Outcome, run: Outcome, about: Disturbance) -> dict[Key, float]:
    before, after = (dict(zip(keys_of(o.kpis), _values(o), strict=True)) for o in (twin, run))
    hours, under_way = _readings(twin.series, run.series, "under_way_t")
    _, delivered = _readings(twin.series, run.series, "delivered_t")
    kinds = _kinds(before, after, about)
    found: dict[Key, float] = {}

    def gap(kpi: str, subject: str, unit: str) -> float:
        key = Key(kpi, subject, unit)
        return _known(after.get(key)) - _known(before.get(key))

    flows = _subjects([before, after], "delivered", "t", "flow/")
    lost = {flow: -gap("delivered", flow, "t") for flow in flows}
    found |= {Key("lost", flow, "t"): amount for flow, amount in lost.items()}
    found |= {Key("lost", kind, "t"): sum(lost[flow] for flow in members) for kind, members in kinds.items()}
    found[Key("lost", "total", "t")] = sum(lost.values())
    away = {flow: gap("turned_away", flow, "t") for flow in flows}
    turned = [
        flow
        for flow in flows
        if any(_known(each.get(Key("turned_away", flow, "t"))) for each in (before, after))
    ]
    shut = {flow: away[flow] for flow in turned}
    moved = {
        route: gap("diverted", route, "Mt/yr") * 1e6 * about.hours / YEAR_HOURS
        for route in _subjects([before, after], "diverted", "Mt/yr", "route/")
    }
    for kpi, amounts in (("shut_in", shut), ("diverted", moved)):
        found |= {Key(kpi, subject, "t"): amount for subject, amount in amounts.items()}
        if amounts:
            found[Key(kpi, "total", "t")] = sum(amounts.values())
    if "cargo/crude" in kinds:
        found[Key("shut_in", "cargo/crude", "t")] = sum(away[flow] for flow in kinds["cargo/crude"])
    for subject, (was, now) in under_way.items():
        excess = np.round(now - was, 3)
        found[Key("peak_backlog", subject, "t")] = float(max(excess.max(initial=0.0), 0.0))
        week = float(delivered[subject][0][-1]) * WEEK_HOURS / float(hours[-1]) if len(hours) > 1 else 0.0
        seconds = recovery(
            np.rint(hours * HOUR).astype(np.int64),
            excess,
            limit=SHARE * week,
            since=round(about.since * HOUR),
            end=round(about.hours * HOUR),
        )
        found[Key("time_to_recover", subject, "h")] = seconds / HOUR
    return found | _costs(before, after, {**kinds, **_own(flows, about)})


def _costs(
    before: Mapping[Key, float], after: Mapping[Key, float], sums: Mapping[str, Sequence[str]]
) -> dict[Key, float]:
    """Give what a delivered tonne cost more, by flow and by sum of flows."""
    found: dict[Key, float] = {}
    for flow in _subjects([before, after], "cost", "USD/t", "flow/"):
        key = Key("cost", flow, "USD/t")
        found[Key("extra_cost", flow, "USD/t")] = after.get(key, math.nan) - before.get(key, math.nan)
    for subject, flows in sums.items():
        found[Key("extra_cost", subject, "USD/t")] = _mean_cost(after, flows) - _mean_cost(before, flows)
    return found


def _mean_cost(figures: Mapping[Key, float], flows: Iterable[str]) -> float:
    """Give the cost of a delivered tonne over several flows; NaN where none is delivered."""
    spent = tonnes = 0.0
    for flow in flows:
        cost = figures.get(Key("cost", flow, "USD/t"), math.nan)
        amount = _known(figures.get(Key("delivered", flow, "t")))
        if cost == cost and amount > 0:
            spent += cost * amount
            tonnes += amount
    return spent / tonnes if tonnes else math.nan


def _kinds(
    before: Mapping[Key, float], after: Mapping[Key, float], about: Disturbance
) -> dict[str, list[str]]:
    """Give the corridor's own flows of crude and of dry cargo."""
    own = _own(_subjects([before, after], "delivered", "t", "flow/"), about)["total"]
    kinds = {
        "cargo/crude": [flow for flow in own if flow in about.crude],
        "cargo/dry": [flow for flow in own if flow not in about.crude],
    }
    return {kind: flows for kind, flows in kinds.items() if flows}


def _own(flows: Iterable[str], about: Disturbance) -> dict[str, list[str]]:
    return {"total": [flow for flow in flows if flow not in about.background]}


def _readings(twin: Table, run: Table, series: str) -> tuple[Floats, dict[str, tuple[Floats, Floats]]]:
    """Read a series of both runs: times in hours, and by subject the values of the twin and the run."""
    was, now = _curves(twin, series), _curves(run, series)
    shared = [subject for subject in was if subject in now]
    if not shared:
        return np.zeros(0), {}
    times = was[shared[0]][0], now[shared[0]][0]
    # Runs of before may have been read less often.
    hours, ours, theirs = np.intersect1d(*times, return_indices=True)
    return hours, {subject: (was[subject][1][ours], now[subject][1][theirs]) for subject in shared}


def _curves(table: Table, series: str) -> dict[str, tuple[Floats, Floats]]:
    names, subjects = names_of(table, "series"), names_of(table, "subject")
    if series not in names.names:
        return {}
    rows = np.flatnonzero(names.codes == names.names.index(series))
    times, values = numbers_of(table, "time")[rows], numbers_of(table, "value")[rows]
    codes = subjects.codes[rows]
    found = {}
    for code in np.unique(codes).tolist():
        mine = np.flatnonzero(codes == code)
        mine = mine[np.argsort(times[mine], kind="stable")]
        found[subjects.names[code]] = (times[mine], values[mine])
    return found


def _subjects(figures: Sequence[Mapping[Key, float]], kpi: str, unit: str, kind: str) -> list[str]:
    return sorted(
        {
            key.subject
            for each in figures
            for key in each
            if key.kpi == kpi and key.unit == unit and key.subject.startswith(kind)
        }
    )


def _values(outcome: Outcome) -> list[float]:
    return [float(value) for value in numbers_of(outcome.kpis, "value")]


def _known(value: float | None) -> float:
    return 0.0 if value is None or math.isnan(value) else value
