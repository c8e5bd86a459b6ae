"""What the verbs of studies give back: a sweep, a sensitivity study, a calibration, their tables as frames.

Joins the store, which reads, and the report, which draws; neither may know the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.frames import STUDY_TABLES, Kind, frame_of
from sim.results import rendered
from sim.store.manifest import read_manifest

if TYPE_CHECKING:
    import pandas as pd

    from sim.report.inputs import Source
    from sim.report.names import Names
    from sim.scenario import Scenario
    from sim.store.studies import StudyFolder
    from sim.study.fit import Fit
    from sim.study.sensitivity import Influence
    from sim.study.space import Space
    from sim.study.sweep import Swept


@dataclass(frozen=True)
class StudyResult:
    """A finished study on disk.

    Attributes:
        path: its folder.
        scenario: what was studied, as it stands.
        space: what was turned.
    """

    path: Path
    scenario: Scenario = field(repr=False)
    space: Space = field(repr=False)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the study says of itself."""
        return read_manifest(self.path)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of how it was made."""
        found = self.manifest.get("notes") or ()
        return tuple(str(note) for note in found)

    @property
    def folder(self) -> StudyFolder:
        """The study's folder as the store knows it."""
        from sim.store.studies import StudyFolder

        return StudyFolder(self.path, str(self.manifest["versions"]["sim"]))

    @cached_property
    def points(self) -> pd.DataFrame:
        """Where the points lie: point, and a column for each factor."""
        return self.folder.table("points")

    @cached_property
    def values(self) -> pd.DataFrame:
        """Every figure of every replication: point, replication, kpi, subject, value, unit."""
        return self.folder.table("values")

    def frame(self, name: str, kind: Kind = "pandas") -> Any:
        """Give a table by name as a pandas or a Polars frame.

        Args:
            name: one of `table`, `points`, `values`, and of a calibration `parameters`.
            kind: which library.
        """
        return frame_of(self, name, STUDY_TABLES, kind=kind)

    @cached_property
    def names(self) -> Names:
        """Titles of the scenario's elements."""
        from sim.report.names import Names

        return Names(self.scenario.resolved())

    def source(self) -> Source:
        """Say what the study's figures are of."""
        from sim.report.study_words import study_source

        return study_source(
            self.scenario,
            replications=int(self.manifest["replications"]),
            confidence=float(self.manifest["confidence"]),
        )

    def drawn(self) -> Iterator[tuple[str, Any]]:
        """Draw the study's figures, one after the other, with their names."""
        return iter(())

    def figures(self) -> tuple[Path, ...]:
        """Draw the study's figures and write them under `figures/`.

        Returns:
            The files.
        """
        from sim.store.figures import save_figures

        return save_figures(self.path / "figures", rendered(self.drawn()))


@dataclass(frozen=True)
class Sweep(StudyResult):
    """A finished sweep.

    Attributes:
        swept: its rows.
    """

    swept: Swept = field(repr=False)

    @cached_property
    def table(self) -> pd.DataFrame:
        """Every figure at every point, with its interval and its difference from point 0."""
        return self.folder.table("sweep")

    def drawn(self) -> Iterator[tuple[str, Any]]:
        """Draw how the figures answer to what was varied."""
        from sim.report.sweep import sweep_figures

        return sweep_figures(self.swept, source=self.source(), names=self.names)


@dataclass(frozen=True)
class Sensitivity(StudyResult):
    """A finished sensitivity study.

    Attributes:
        method: `morris` or `sobol`.
        influences: by figure, the most influential factor first.
    """

    method: str
    influences: tuple[Influence, ...] = field(repr=False)

    @cached_property
    def table(self) -> pd.DataFrame:
        """Every figure's answer to every factor, the most influential first."""
        return self.folder.table("sensitivity")

    def drawn(self) -> Iterator[tuple[str, Any]]:
        """Draw the ranking of factors for each figure, with intervals and the noise floor."""
        from sim.report.sensitivity import sensitivity_figures

        return sensitivity_figures(
            self.influences,
            source=self.source(),
            names=self.names,
            points=int(self.manifest["points"]),
            turned={factor.name: len(factor.dials) for factor in self.space.factors},
        )


@dataclass(frozen=True)
class Calibration(StudyResult):
    """A finished calibration.

    Attributes:
        fit: what was found.
        overlay: the scenario file that carries it; others can extend it.
    """

    fit: Fit = field(repr=False)
    overlay: Path

    @cached_property
    def table(self) -> pd.DataFrame:
        """Observed against simulated, target by target."""
        return self.folder.table("fit")

    @cached_property
    def parameters(self) -> pd.DataFrame:
        """Every free parameter: value, interval, and how much the targets say of it."""
        return self.folder.table("parameters")

    def drawn(self) -> Iterator[tuple[str, Any]]:
        """Draw observed against simulated, the parameters with their intervals, and their cloud."""
        from sim.report.calibration import calibration_figures

        return calibration_figures(self.fit, source=self.source(), names=self.names)
