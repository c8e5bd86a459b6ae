"""What a run of many replications must say of itself: its closing statement and its warnings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.errors import Finding, Level
from sim.study.outcome import Names, Outcome, Table, names_of, numbers_of

NOT_STATIONARY = "not-stationary"


def statement(outcomes: Sequence[Outcome]) -> dict[str, list[dict[str, object]]]:
    """Add the closing statements of all replications up.

    Args:
        outcomes: each closes by itself, or it would not be here.

    Returns:
        `flows`: one mapping per flow and measure, before + offered = delivered + turned_away + gone_outside
        + under_way. `facilities`: one per facility, busy + idle + down + blocked + withdrawn = window, in
        hours of all its servers. Sums over the replications.
    """
    return {
        "flows": _sums([outcome.closing for outcome in outcomes], by=("flow", "measure")),
        "facilities": _sums([outcome.servers for outcome in outcomes], by=("facility",)),
    }


def _sums(tables: Sequence[Table], *, by: tuple[str, ...]) -> list[dict[str, object]]:
    total: dict[tuple[str, ...], dict[str, float]] = {}
    for table in tables:
        numbers = [
            name for name, column in table.items() if not isinstance(column, Names) and name != "server"
        ]
        keys = zip(*(names_of(table, name).values() for name in by), strict=True)
        columns = {name: numbers_of(table, name).tolist() for name in numbers}
        for row, key in enumerate(keys):
            sums = total.setdefault(key, dict.fromkeys(numbers, 0.0))
            for name, values in columns.items():
                sums[name] += values[row]
    return [{**dict(zip(by, key, strict=True)), **sums} for key, sums in total.items()]


def warnings_of(
    given: Iterable[Finding], outcomes: Iterable[Outcome], *, saturated: Iterable[str]
) -> list[dict[str, object]]:
    """Gather what a reader must know before believing a run.

    Args:
        given: findings of the scenario.
        outcomes: with the findings of each replication; the same one in several is told once.
        saturated: flows whose backlog grows without end.

    Returns:
        One mapping per warning: code, path, message, and the replications that noticed it.
    """
    found: list[dict[str, object]] = [
        {"code": each.code, "path": each.path, "message": each.message, "replications": []}
        for each in given
        if each.level is Level.WARNING
    ]
    found += [
        {
            "code": NOT_STATIONARY,
            "path": f"flows.{flow}",
            "message": f"the backlog of {flow} grows through the window: its means describe no lasting state",
            "replications": [],
        }
        for flow in saturated
    ]
    noticed: dict[tuple[str, str, str], list[int]] = {}
    for outcome in outcomes:
        for each in outcome.findings:
            # Whether a backlog grows is judged over all replications, not by each.
            if each.level is Level.WARNING and each.code != NOT_STATIONARY:
                noticed.setdefault((each.code, each.path, each.message), []).append(outcome.number)
    found += [
        {"code": code, "path": path, "message": message, "replications": numbers}
        for (code, path, message), numbers in noticed.items()
    ]
    return found
