"""Results looked up by name: KPIs and series of a run, replication by replication.

Reads the frames of a run and nothing else; what a figure needs of them is for `adapter` to say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.report.inputs import Estimate
from sim.study.headline import Key

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


class RunLike(Protocol):
    """What is read of a run."""

    @property
    def name(self) -> str:
        """Name of the scenario."""
        ...

    @property
    def title(self) -> str:
        """Title of the scenario."""
        ...

    @property
    def replications(self) -> int:
        """How many replications the tables hold."""
        ...

    @property
    def confidence(self) -> float:
        """Of every interval."""
        ...

    @property
    def manifest(self) -> dict[str, Any]:
        """What the run says of itself."""
        ...

    @property
    def resolved(self) -> dict[str, Any]:
        """The scenario as it was run."""
        ...

    @property
    def kpis(self) -> pd.DataFrame:
        """replication, kpi, subject, value, unit."""
        ...

    @property
    def series(self) -> pd.DataFrame:
        """replication, series, subject, time, value."""
        ...

    @property
    def breakdown(self) -> pd.DataFrame:
        """replication, route, ordinal, step and mean hours of each kind."""
        ...


class KpiTable:
    """KPIs by name, subject and unit."""

    def __init__(self, frame: pd.DataFrame, *, confidence: float) -> None:
        self._confidence = confidence
        self._values = frame["value"].to_numpy(dtype=np.float64)
        self._rows: dict[tuple[str, str], dict[str, Any]] = {}
        groups: dict[Any, Any] = frame.groupby(["kpi", "subject", "unit"], observed=True).indices
        for kpi, subject, unit in sorted(groups):
            self._rows.setdefault((str(kpi), str(subject)), {})[str(unit)] = groups[kpi, subject, unit]

    def values(self, kpi: str, subject: str, unit: str | None = None) -> Floats:
        """Give one value per replication, empty where the run has no such KPI.

        Args:
            kpi: name.
            subject: whose.
            unit: None takes the only one, or the first by name.
        """
        found = self._rows.get((kpi, subject), {})
        rows = found.get(unit) if unit is not None else next(iter(found.values()), None)
        return np.empty(0) if rows is None else self._values[rows]

    def mean(self, kpi: str, subject: str, unit: str | None = None) -> float:
        """Give the mean over replications, NaN where there is none."""
        values = self.values(kpi, subject, unit)
        values = values[np.isfinite(values)]
        return float(values.mean()) if values.size else float("nan")

    def estimate(self, kpi: str, subject: str, unit: str | None = None) -> Estimate:
        """Give the mean with its interval."""
        return Estimate.of(self.values(kpi, subject, unit), self._confidence)

    def figures(self, kpis: Collection[str]) -> dict[Key, float]:
        """Give the means over replications of the named KPIs, by KPI, subject and unit."""
        return {
            Key(kpi, subject, unit): self.mean(kpi, subject, unit)
            for (kpi, subject), units in self._rows.items()
            if kpi in kpis
            for unit in units
        }

    def subjects(self, kpi: str, kind: str) -> list[str]:
        """Give the subjects of a kind (`route/`) that have a KPI, by name."""
        return sorted(subject for name, subject in self._rows if name == kpi and subject.startswith(kind))


class SeriesTable:
    """Series by name and subject, as times and a matrix of values."""

    def __init__(self, frame: pd.DataFrame, *, replications: int) -> None:
        self._replications = replications
        self._times = frame["time"].to_numpy(dtype=np.float64)
        self._values = frame["value"].to_numpy(dtype=np.float64)
        self._numbers = frame["replication"].to_numpy(dtype=np.int64)
        groups: dict[Any, Any] = frame.groupby(["series", "subject"], observed=True).indices
        self._rows = {(str(key[0]), str(key[1])): rows for key, rows in groups.items()}

    def subjects(self, series: str, keep: Callable[[str], bool] = bool) -> list[str]:
        """Give the subjects of a series, by name."""
        return sorted(subject for name, subject in self._rows if name == series and keep(subject))

    def matrix(self, series: str, subject: str, *, missing: float = np.nan) -> tuple[Floats, Floats]:
        """Give a series of one subject.

        Args:
            series: name.
            subject: whose.
            missing: what stands where a replication has no value at a time of another.

        Returns:
            Times, shape (n,), and values, shape (replications, n); both empty where there is none.
        """
        rows = self._rows.get((series, subject))
        if rows is None:
            return np.empty(0), np.empty((self._replications, 0))
        times, place = np.unique(self._times[rows], return_inverse=True)
        values = np.full((self._replications, times.size), missing)
        values[self._numbers[rows], place] = self._values[rows]
        return times, values
