"""What a run of many replications must say of itself: its closing statement and its warnings."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sim.errors import Finding, Level
from sim.study.outcome import Names, Outcome, Table, names_of, same_names

NOT_STATIONARY = "not-stationary"
GROWS = "its means describe no lasting state"


class Statement:
    """Closing statements added up; each closes by itself, or its replication would not be here."""

    def __init__(self) -> None:
        self._flows = _Sums(("flow", "measure"))
        self._facilities = _Sums(("facility",))

    def add(self, outcome: Outcome) -> None:
        """Add that of a replication."""
        self._flows.add(outcome.closing)
        self._facilities.add(outcome.servers)

    def facts(self) -> dict[str, list[dict[str, object]]]:
        """Give the sums over the replications.

        Returns:
            `flows`: one mapping per flow and measure, before + offered = delivered + turned_away +
            gone_outside + under_way. `facilities`: one per facility, busy + idle + down + blocked + withdrawn
            = window, in hours of all its servers.
        """
        return {"flows": self._flows.facts(), "facilities": self._facilities.facts()}


class _Sums:
    """Columns of numbers summed by columns of names."""

    def __init__(self, by: tuple[str, ...]) -> None:
        self._by = by
        self._place: dict[tuple[str, ...], int] = {}
        self._total: dict[str, NDArray[np.float64]] = {}
        self._last: tuple[list[Names], NDArray[np.int64]] | None = None

    def add(self, table: Table) -> None:
        places = self._places([names_of(table, name) for name in self._by])
        for name, column in table.items():
            if isinstance(column, Names) or name == "server":
                continue
            sums = self._total.setdefault(name, np.zeros(0))
            if len(sums) < len(self._place):
                sums = self._total[name] = np.append(sums, np.zeros(len(self._place) - len(sums)))
            # One row after the other, in order: sums of floats depend on it.
            np.add.at(sums, places, column)

    def _places(self, names: list[Names]) -> NDArray[np.int64]:
        """Give the sums that rows go into; as a rule the rows are those of the table before."""
        if self._last is None or not all(map(same_names, names, self._last[0])):
            rows = zip(*(each.values() for each in names), strict=True)
            places = [self._place.setdefault(row, len(self._place)) for row in rows]
            self._last = names, np.array(places, dtype=np.int64)
        return self._last[1]

    def facts(self) -> list[dict[str, object]]:
        columns = [column.tolist() for column in self._total.values()]
        rows = zip(*columns, strict=True) if columns else ()
        return [
            {**dict(zip(self._by, key, strict=True)), **dict(zip(self._total, row, strict=True))}
            for key, row in zip(self._place, rows, strict=True)
        ]


class Noticed:
    """Findings of the replications; the same one in several is told once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], list[int]] = {}

    def add(self, outcome: Outcome) -> None:
        """Add those of a replication."""
        for each in outcome.findings:
            # Whether a backlog grows is judged over all replications, not by each.
            if each.level is Level.WARNING and each.code != NOT_STATIONARY:
                self._found.setdefault((each.code, each.path, each.message), []).append(outcome.number)

    def warnings(self, given: Iterable[Finding], *, saturated: Iterable[str]) -> list[dict[str, object]]:
        """Gather what a reader must know before believing a run.

        Args:
            given: findings of the scenario.
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
                "message": f"the backlog of {flow} grows through the window: {GROWS}",
                "replications": [],
            }
            for flow in saturated
        ]
        found += [
            {"code": code, "path": path, "message": message, "replications": numbers}
            for (code, path, message), numbers in self._found.items()
        ]
        return found
