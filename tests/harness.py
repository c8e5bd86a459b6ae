"""Runs a scenario written as text along the public path, and gives its records in hours.

Load, compile, draw, run: nothing is reached past. Times are hours since the clock's start, `None` for what
has not happened; amounts are in the measure's unit (t, TEU, …).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from types import SimpleNamespace

import numpy as np

from sim.chance.calendars import Intervals
from sim.chance.draws import Draws, draw
from sim.engine import run
from sim.engine.records import NULL, Outcome, Records
from sim.model.compile import compile_model
from sim.model.measures import Measure
from sim.model.model import Model
from sim.scenario import Scenario, load

CLOCK = "clock: {start: 2024-01-01, length: 200 h}\n"
HOUR = 3600
Spans = Sequence[tuple[float, float]]


def scenario(text: str) -> Scenario:
    """Load a scenario from text; one without a clock runs for 200 hours from 2024."""
    text = dedent(text)
    if not any(line.lstrip(' "').startswith("clock") for line in text.splitlines()):
        text = CLOCK + text
    with TemporaryDirectory() as folder:
        path = Path(folder) / "case.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path)


def simulate(
    text: str,
    *,
    replication: int = 0,
    engine: str = "simpy",
    closed: Mapping[str, Spans] | None = None,
    still: Mapping[str, Spans] | None = None,
) -> Ran:
    """Run one replication of a scenario given as text.

    Args:
        text: the scenario.
        replication: which one.
        engine: which engine.
        closed: hours in which a subject (`port/…`, `facility/…`) is closed, in place of the weather drawn.
        still: hours in which handling stands still there.
    """
    made = scenario(text)
    model = compile_model(made)
    draws = draw(model, seed=made.document.experiment.seed, replication=replication)
    if closed is not None:
        draws = replace(
            draws,
            calendars=calendars(model, closed),
            standstills=calendars(model, {} if still is None else still),
        )
    return ran(model, draws, engine=engine)


def simulated(made: Scenario, *, replication: int = 0, engine: str = "simpy") -> Ran:
    """Run one replication of a scenario."""
    model = compile_model(made)
    draws = draw(model, seed=made.document.experiment.seed, replication=replication)
    return ran(model, draws, engine=engine)


def ran(model: Model, draws: Draws, *, engine: str) -> Ran:
    """Run a model. Whatever a case is about, it is about both engines."""
    records = run(model, draws, engine=engine)
    assert run(model, draws, engine="compiled").digest() == records.digest()
    return Ran(model, records, draws)


def replicate(text: str, replications: int, *, engine: str = "simpy") -> list[Records]:
    """Run several replications of a scenario given as text, and give their records."""
    made = scenario(text)
    model = compile_model(made)
    seed = made.document.experiment.seed
    return [
        run(model, draw(model, seed=seed, replication=number), engine=engine)
        for number in range(replications)
    ]


def calendars(model: Model, closed: Mapping[str, Spans]) -> tuple[Intervals, ...]:
    """Lay out closures by hand, given in hours by subject."""
    spans = [closed.get(calendar.subject, []) for calendar in model.calendars]
    return tuple(
        Intervals(*(np.array([round(one[k] * HOUR) for one in each], dtype=np.int64) for k in (0, 1)))
        for each in spans
    )


def hours(column) -> list[float | None]:
    """Give a column of seconds in hours."""
    return [None if value == NULL else round(value / HOUR, 6) for value in column.tolist()]


@dataclass(frozen=True, eq=False)
class Ran:
    """A run and ways to look at it by name."""

    model: Model
    records: Records
    draws: Draws

    def _rank(self, section: str, key: str) -> int:
        return [each.id for each in getattr(self.model, section)].index(key)

    def offered(self, flow: str) -> SimpleNamespace:
        """Give a flow's consignments by number, as columns."""
        table = self.records.consignments
        mine = table.flow == self._rank("flows", flow)
        routes = [*(route.id for route in self.model.routes), None]
        return SimpleNamespace(
            number=table.number[mine].tolist(),
            arrived=hours(table.arrived[mine]),
            outcome=[Outcome(value).name.lower() for value in table.outcome[mine].tolist()],
            route=[routes[value] for value in table.route[mine].tolist()],
            admitted=hours(table.admitted[mine]),
            finished=hours(table.finished[mine]),
        )

    def at(self, element: str, *, flow: str | None = None) -> SimpleNamespace:
        """Give the steps taken at an element, by flow, consignment and ordinal, as columns."""
        table = self.records.steps
        mine = np.array(
            [
                self.model.element(self.model.routes[route].steps[ordinal]).id == element
                for route, ordinal in zip(table.route.tolist(), table.ordinal.tolist(), strict=True)
            ],
            dtype=bool,
        ).reshape(len(table.flow))
        if flow is not None:
            mine &= table.flow == self._rank("flows", flow)
        times = {name: hours(getattr(table, name)[mine]) for name in ("asked", "started", "ended", "left")}
        return SimpleNamespace(
            **times,
            number=table.consignment[mine].tolist(),
            server=table.server[mine].tolist(),
            t=(table.kg[mine] / 1000).tolist(),
            teu=(table.milliteu[mine] / 1000).tolist(),
        )

    def sailings(self, line: str, *, vessel: int | None = None) -> SimpleNamespace:
        """Give a line's sailings in order of departure (those that have not sailed last), as columns."""
        table = self.records.sailings
        rank = self._rank("lines", line)
        grain = 1000
        mine = table.line == rank
        if vessel is not None:
            mine &= table.vessel == vessel
        order = np.flatnonzero(mine)
        late = np.where(table.sailed[order] == NULL, np.iinfo(np.int64).max, table.sailed[order])
        order = order[np.lexsort((table.trip[order], table.vessel[order], late))]
        groups = [group.id for group in self.model.groups]
        names = ["called", "ready", "loading", "loaded", "sailed", "arrived", "berthed", "landed"]
        return SimpleNamespace(
            **{name: hours(getattr(table, name)[order]) for name in names},
            vessel=table.vessel[order].tolist(),
            origin=[groups[group] for group in table.origin[order].tolist()],
            amount=(table.amount[order] / grain).tolist(),
            capacity=(table.capacity[order] / grain).tolist(),
        )

    def aboard(self, flow: str) -> list[tuple[int, int, int, int, float]]:
        """Give (consignment, part, vessel, trip, amount) of each part of a flow's consignments."""
        table = self.records.aboard
        mine = table.flow == self._rank("flows", flow)
        columns = (table.consignment, table.part, table.vessel, table.trip)
        numbers = [column[mine].tolist() for column in columns]
        return list(zip(*numbers, (table.amount[mine] / 1000).tolist(), strict=True))

    def cancelled(self, line: str) -> list[tuple[int, float | None]]:
        """Give (end, time) of each cancelled slot of a line."""
        table = self.records.slots
        mine = table.line == self._rank("lines", line)
        return list(zip(table.end[mine].tolist(), hours(table.time[mine]), strict=True))

    def absent(self, facility: str) -> list[tuple[int, str, float | None, float | None]]:
        """Give (server, state, begin, end) of each interval in which a server was not there."""
        return self._absences(self.records.servers, "facility", self._rank("facilities", facility), "server")

    def laid_up(self, line: str) -> list[tuple[int, str, float | None, float | None]]:
        """Give (vessel, state, begin, end) of each interval in which a vessel was not there."""
        return self._absences(self.records.vessels, "line", self._rank("lines", line), "vessel")

    @staticmethod
    def _absences(table, owner: str, rank: int, number: str):
        mine = getattr(table, owner) == rank
        states = ["down" if value == 0 else "withdrawn" for value in table.state[mine].tolist()]
        numbers = getattr(table, number)[mine].tolist()
        return list(zip(numbers, states, hours(table.begin[mine]), hours(table.end[mine]), strict=True))

    def pool(self, pool: str) -> list[tuple[float | None, float]]:
        """Give (time, units at home) of a pool."""
        table = self.records.pools
        rank = self._rank("pools", pool)
        mine = table.pool == rank
        grain = 1 if self.model.pools[rank].measure is Measure.CONSIGNMENT else 1000
        return list(zip(hours(table.time[mine]), (table.level[mine] / grain).tolist(), strict=True))

    def opening(self, facility: str) -> SimpleNamespace:
        """Give the jobs of a facility's opening stock, as columns."""
        table = self.records.opening
        mine = table.facility == self._rank("facilities", facility)
        return SimpleNamespace(
            amount=table.amount[mine].tolist(),
            direction=table.direction[mine].tolist(),
            started=hours(table.started[mine]),
            ended=hours(table.ended[mine]),
            server=table.server[mine].tolist(),
        )
