"""One replication in memory, with its tables as frames when asked. No files, no figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.frames import REPLICATION_TABLES, Kind, frame_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine.records import Records
    from sim.measure import Measures
    from sim.model.model import Model


@dataclass(frozen=True)
class Replication:
    """One replication in memory.

    Attributes:
        model: what was simulated.
        number: of the replication.
        seed: of the simulation.
        engine: which engine moved it.
        records: the record tables as the engine left them: codes and integer seconds.
        measures: what they mean.
    """

    model: Model = field(repr=False)
    number: int
    seed: int
    engine: str
    records: Records = field(repr=False)
    measures: Measures = field(repr=False)

    @cached_property
    def kpis(self) -> pd.DataFrame:
        """Every figure: kpi, subject, value, unit."""
        return self._plain(self.measures.kpis)

    @cached_property
    def series(self) -> pd.DataFrame:
        """Values over time: series, subject, time (hours), value."""
        return self._plain(self.measures.series)

    @cached_property
    def breakdown(self) -> pd.DataFrame:
        """Where the time goes, by route and step, in mean hours."""
        return self._plain(self.measures.breakdown)

    @cached_property
    def closing(self) -> pd.DataFrame:
        """The closing statement, by flow and measure."""
        import pandas as pd

        return pd.DataFrame(self.measures.closing.flows)

    @property
    def findings(self) -> tuple[Any, ...]:
        """What was noticed in the run."""
        return tuple(self.measures.findings)

    @cached_property
    def steps(self) -> pd.DataFrame:
        """Every step of every consignment: flow, consignment, route, ordinal, step, asked, started, …."""
        return self._records["steps"]

    @cached_property
    def sailings(self) -> pd.DataFrame:
        """Every sailing: line, vessel, trip, origin, destination, called, ready, loading, …."""
        return self._records["sailings"]

    @cached_property
    def aboard(self) -> pd.DataFrame:
        """Which part sailed on which vessel: flow, consignment, part, vessel, trip, amount."""
        return self._records["aboard"]

    @cached_property
    def levels(self) -> pd.DataFrame:
        """Levels of buffers, yards and pools: subject, time, value."""
        return self._records["levels"]

    @cached_property
    def _records(self) -> dict[str, pd.DataFrame]:
        from sim.store.tables import frame
        from sim.study.tabulate import record_names

        return {name: frame(table) for name, table in record_names(self.model, self.records).items()}

    def frame(self, name: str, kind: Kind = "pandas") -> Any:
        """Give a table by name as a pandas or a Polars frame.

        Args:
            name: one of `kpis`, `series`, `breakdown`, `closing`, `steps`, `sailings`, `aboard`, `levels`.
            kind: which library.
        """
        return frame_of(self, name, REPLICATION_TABLES, kind=kind)

    def _plain(self, rows: object) -> pd.DataFrame:
        import pandas as pd

        from sim.study.outcome import Names
        from sim.study.tabulate import table

        return pd.DataFrame(
            {
                name: column.values() if isinstance(column, Names) else column
                for name, column in table(rows).items()
            }
        )
