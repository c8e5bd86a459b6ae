"""A run's statistics and tables, made while its replications are computed.

Who hands out work waits most of the time; so what each replication adds is worked in as it comes, and little
is left to do at the end. What comes out depends on the replications alone, not on when they came.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sim.model.model import Model
    from sim.scenario.document import Expectation
    from sim.store.merging import Merging
    from sim.store.runs import RunFolder
    from sim.store.spool import Spool
    from sim.study.gathered import Gathered
    from sim.study.outcome import Outcome

WAITING: Final = 16
"""Replications that wait for one before them; of more the rest is read again later."""


class Gathering:
    """Takes replications by ascending number: as they come, and what is missing then from the run's folder.

    Args:
        folder: the run's.
        model: what is simulated.
        scenario: its name.
        claims: of the scenario, whose figures are kept.
    """

    def __init__(
        self, folder: RunFolder, model: Model, *, scenario: str, claims: Iterable[Expectation]
    ) -> None:
        self._folder = folder
        self._model = model
        self._scenario = scenario
        self._claims = tuple(claims)
        self._waiting: dict[int, Outcome] = {}
        self._begun: tuple[Gathered, Merging, Spool] | None = None

    def follow(self, outcome: Outcome) -> None:
        """Take a replication that has just been stored, once those before it have been taken."""
        if outcome.number < self._taken or (outcome.number > self._taken and len(self._waiting) == WAITING):
            return
        # Record tables stay on disk, as where a replication is read from there.
        self._waiting[outcome.number] = replace(outcome, records={})
        while self._taken in self._waiting:
            self._take(self._waiting.pop(self._taken))

    def upto(self, count: int) -> tuple[Gathered, Merging]:
        """Give what is gathered of the replications 0 … count - 1, all of them stored."""
        if self._taken > count:
            self.close()
        for number in range(self._taken, count):
            waiting = self._waiting.pop(number, None)
            self._take(self._folder.read(number) if waiting is None else waiting)
        found, tables, _ = self._open()
        return found, tables

    def statistics(self, count: int) -> Gathered:
        """Give the statistics of replications that are all stored, without a table."""
        from sim.study.gathered import Gathered

        found = Gathered(self._model, claims=self._claims)
        for number in range(count):
            found.take(self._folder.read(number))
        return found

    def close(self) -> None:
        """Let go of all that was gathered."""
        self._waiting.clear()
        if self._begun is not None:
            _, tables, values = self._begun
            tables.close()
            values.close()
            self._begun = None

    @property
    def _taken(self) -> int:
        return 0 if self._begun is None else len(self._begun[1].numbers)

    def _open(self) -> tuple[Gathered, Merging, Spool]:
        from sim.store.merging import Merging
        from sim.store.spool import Spool
        from sim.study.gathered import Gathered

        if self._begun is None:
            values = Spool(self._folder.path)
            found = Gathered(self._model, claims=self._claims, values=values)
            self._begun = found, Merging(self._folder.path, scenario=self._scenario), values
        return self._begun

    def _take(self, outcome: Outcome) -> None:
        found, tables, _ = self._open()
        found.take(outcome)
        tables.add(outcome)
