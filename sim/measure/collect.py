"""What measures are handed over in: columns of KPIs, of series, and of the breakdown of journeys.

Rows come in an order fixed by the model alone, and the set of rows too, so that replications of one
scenario can be laid side by side. What is not defined in a replication is NaN, never a missing row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.measure.folds import Floats, Ints
from sim.measure.names import Names

Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Kpis:
    """KPIs of one replication, one row per KPI, subject and unit.

    Attributes:
        kpi: name, `name` or `name.statistic`.
        subject: whose it is, `flow/…`, `route/…`, `facility/…`, …, `total`.
        value: the number, NaN where it is not defined.
        unit: its unit.
    """

    kpi: Texts
    subject: Texts
    value: Floats
    unit: Texts

    def __len__(self) -> int:
        return len(self.value)

    def get(self, kpi: str, subject: str, unit: str | None = None) -> float:
        """Look one value up.

        Args:
            kpi: name.
            subject: whose.
            unit: may be left out where the KPI has one unit for the subject.

        Raises:
            KeyError: there is no such row, or several with different units.
        """
        rows = [
            k
            for k in np.flatnonzero((self.kpi == kpi) & (self.subject == subject))
            if unit is None or self.unit[k] == unit
        ]
        if len(rows) != 1:
            msg = f"{len(rows)} rows of {kpi} for {subject}" + (f" in {unit}" if unit else "")
            raise KeyError(msg)
        return float(self.value[rows[0]])


@dataclass(frozen=True)
class Series:
    """Values over time of one replication.

    Attributes:
        series: name; what it counts and its unit stand in `sim.measure.series.UNITS`.
        subject: whose it is.
        time: hours since the clock's start (hours of transit in a histogram).
        value: the number.
    """

    series: Names
    subject: Names
    time: Floats
    value: Floats

    def __len__(self) -> int:
        return len(self.value)

    def get(self, series: str, subject: str) -> tuple[Floats, Floats]:
        """Give the times and values of one series of one subject."""
        rows = self.series.rows(series) & self.subject.rows(subject)
        return self.time[rows], self.value[rows]


@dataclass(frozen=True)
class Breakdown:
    """Where the time of a delivered consignment goes, by route and step, in mean hours.

    Over the consignments delivered in the window; over the steps of a route the four add up to its mean
    transit time.
    """

    route: Texts
    ordinal: Ints
    step: Texts
    waiting: Floats
    service: Floats
    running: Floats
    blocked: Floats

    def __iter__(self) -> Iterator[tuple[str, int, str, float, float, float, float]]:
        columns = (
            self.route,
            self.ordinal,
            self.step,
            self.waiting,
            self.service,
            self.running,
            self.blocked,
        )
        return zip(*(column.tolist() for column in columns), strict=True)


@dataclass
class KpiRows:
    """Gathers KPIs block by block."""

    kpi: list[str] = field(default_factory=list)
    subject: list[str] = field(default_factory=list)
    value: list[Floats] = field(default_factory=list)
    unit: list[str] = field(default_factory=list)

    def add(self, kpi: str, unit: str, subjects: Sequence[str], values: Floats | Sequence[float]) -> None:
        """Add one KPI of several subjects.

        Args:
            kpi: name.
            unit: unit.
            subjects: whose.
            values: one for each subject.
        """
        self.kpi += [kpi] * len(subjects)
        self.unit += [unit] * len(subjects)
        self.subject += subjects
        self.value.append(np.asarray(values, dtype=np.float64))

    def done(self) -> Kpis:
        """Give the columns."""
        value = np.concatenate(self.value) if self.value else np.zeros(0)
        if len(value) != len(self.subject):
            msg = f"{len(value)} values for {len(self.subject)} subjects"
            raise ValueError(msg)
        return Kpis(_texts(self.kpi), _texts(self.subject), value, _texts(self.unit))


@dataclass
class SeriesRows:
    """Gathers series block by block."""

    series: list[str] = field(default_factory=list)
    subjects: list[Sequence[str]] = field(default_factory=list)
    lengths: list[Ints] = field(default_factory=list)
    time: list[Floats] = field(default_factory=list)
    value: list[Floats] = field(default_factory=list)

    def add(self, series: str, subjects: Sequence[str], times: Floats, values: Floats) -> None:
        """Add one series of several subjects at the same times.

        Args:
            series: name.
            subjects: whose, S of them.
            times: hours, shape (T,).
            values: shape (S, T).
        """
        lengths = np.full(len(subjects), len(times), dtype=np.int64)
        self.add_rows(series, subjects, lengths, times=np.tile(times, len(subjects)), values=values)

    def add_rows(
        self, series: str, subjects: Sequence[str], lengths: Ints, *, times: Floats, values: Floats
    ) -> None:
        """Add rows of one series.

        Args:
            series: name.
            subjects: whose, each named once, S of them.
            lengths: how many rows each has, one subject after the other, shape (S,).
            times: hours of each row.
            values: of each row.
        """
        self.series.append(series)
        self.subjects.append(subjects)
        self.lengths.append(lengths)
        self.time.append(times.astype(np.float64, copy=False))
        self.value.append(values.reshape(-1).astype(np.float64, copy=False))

    def done(self) -> Series:
        """Give the columns."""
        none = np.zeros(0)
        blocks = np.repeat(np.arange(len(self.subjects)), [len(subjects) for subjects in self.subjects])
        named = [subject for subjects in self.subjects for subject in subjects]
        lengths = np.concatenate([none.astype(np.int64), *self.lengths])
        return Series(
            Names.at(self.series, np.repeat(blocks, lengths)),
            Names.at(named, np.repeat(np.arange(len(named)), lengths)),
            np.concatenate([none, *self.time]),
            np.concatenate([none, *self.value]),
        )


_MOST: Final = 12
_texts_made: Final[list[tuple[list[str], Texts]]] = []
"""Names of the last replications with the columns made of them."""


def _texts(values: list[str]) -> Texts:
    """Give names as a column, not to be written to: replications of one scenario share it."""
    for known, made in _texts_made:
        if known == values:
            return made
    out = np.empty(len(values), dtype=np.object_)
    out[:] = values
    out.flags.writeable = False
    _texts_made.insert(0, (values, out))
    del _texts_made[_MOST:]
    return out
