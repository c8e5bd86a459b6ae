"""What the verbs give back: a run and a comparison, each with its tables as frames when asked.

Joins the store, which reads, and the report, which draws; neither may know the other. No computing of figures
and no printing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.frames import COMPARISON_TABLES, RUN_TABLES, Kind, frame_of
from sim.store.manifest import read_manifest
from sim.store.runs import RunFolder

if TYPE_CHECKING:
    import pandas as pd

    from sim.model.model import Model
    from sim.store.figures import Form
    from sim.study.certainty import Certainty
    from sim.study.compare import Contrast
    from sim.study.contenders import Selected
    from sim.study.expectations import Answer
    from sim.study.outline import Outline
    from sim.study.summary import Matrix
    from sim.study.why import WhyRow


@dataclass(frozen=True)
class Run:
    """A finished run on disk.

    Attributes:
        path: its folder.
        model: what was simulated, where it was run in this process; None for one that was opened.
        notes: what a reader should know of how it was made.
        computed: replications computed now; the others were stored.
        changed: whether its tables were written anew.
    """

    path: Path
    model: Model | None = field(default=None, repr=False, compare=False)
    notes: tuple[str, ...] = ()
    computed: int = 0
    changed: bool = True

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the run says of itself: title, hash, seed, engine, versions, warnings, closing statement."""
        return read_manifest(self.path)

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return str(self.manifest["scenario"])

    @property
    def title(self) -> str:
        """Title of the scenario."""
        return str(self.manifest["title"])

    @property
    def replications(self) -> int:
        """How many replications the tables hold."""
        return int(self.manifest["replications"]["finished"])

    @property
    def seed(self) -> int:
        """Seed of the simulation."""
        return int(self.manifest["seed"])

    @property
    def confidence(self) -> float:
        """Of every interval in `summary`."""
        return float(self.manifest["confidence"])

    @cached_property
    def outline(self) -> Outline:
        """What the scenario says of itself: what it asks about, what is background, its timeline."""
        from sim.study.outline import Outline

        return Outline.of_facts(self.manifest.get("outline"))

    @cached_property
    def expectations(self) -> tuple[Answer, ...]:
        """What the scenario expects of itself, answered: holds, fails or undecided."""
        from sim.study.expectations import Answer

        return tuple(Answer.of_facts(each) for each in self.manifest.get("expectations") or ())

    @property
    def folder(self) -> RunFolder:
        """The run's folder as the store knows it."""
        return RunFolder(self.path, str(self.manifest["versions"]["sim"]))

    @cached_property
    def kpis(self) -> pd.DataFrame:
        """Every figure of every replication: scenario, replication, kpi, subject, value, unit."""
        return self.folder.table("kpis")

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Every figure over the replications: kpi, subject, unit, n, mean, sd, low, high, stationary."""
        return self.folder.table("summary")

    @cached_property
    def series(self) -> pd.DataFrame:
        """Values over time: replication, series, subject, time (hours), value."""
        return self.folder.table("series")

    @cached_property
    def breakdown(self) -> pd.DataFrame:
        """Where the time goes: replication, route, ordinal, step and mean hours of each kind."""
        return self.folder.table("breakdown")

    @cached_property
    def steps(self) -> pd.DataFrame:
        """Every step of every consignment, with its replication; kept, or simulated again."""
        return self._records("steps")

    @cached_property
    def sailings(self) -> pd.DataFrame:
        """Every sailing, with its replication; kept, or simulated again."""
        return self._records("sailings")

    @cached_property
    def aboard(self) -> pd.DataFrame:
        """Which part sailed on which vessel, with its replication; kept, or simulated again."""
        return self._records("aboard")

    @cached_property
    def levels(self) -> pd.DataFrame:
        """Levels of buffers, yards and pools over time; kept, or simulated again."""
        return self._records("levels")

    @cached_property
    def resolved(self) -> dict[str, Any]:
        """The scenario as it was run, every quantity resolved, with provenance."""
        from sim.store.runs import read_yaml

        return read_yaml(self.path / "scenario.yaml")

    def frame(self, name: str, kind: Kind = "pandas") -> Any:
        """Give a table by name as a pandas or a Polars frame.

        Args:
            name: one of `kpis`, `summary`, `series`, `breakdown`, `steps`, `sailings`, `aboard`, `levels`.
            kind: which library.
        """
        return frame_of(self, name, RUN_TABLES, kind=kind)

    def figures(self) -> tuple[Path, ...]:
        """Draw the run's figures and write them under `figures/`.

        Returns:
            The files.
        """
        from sim.report import run_figures
        from sim.store.bottlenecks import FIGURE, FILE
        from sim.store.figures import save_figures

        # The ranking of bottlenecks is asked for apart, and costs runs of its own.
        keep = (FIGURE,) if (self.path / FILE).exists() else ()
        return save_figures(self.path / "figures", rendered(run_figures(self)), keep=keep)

    def _records(self, name: str) -> pd.DataFrame:
        if (self.path / f"{name}.parquet").exists() or self.model is None:
            return self.folder.table(name)
        import pandas as pd

        from sim.store.tables import frame, stacked
        from sim.study.replicate import simulate_one
        from sim.study.tabulate import record_names

        tables = []
        for number in range(self.replications):
            _, records = simulate_one(self.model, self.seed, replication=number)
            tables.append((number, record_names(self.model, records)[name]))
        return frame(stacked(tables)) if tables else pd.DataFrame()


@dataclass(frozen=True)
class Comparison:
    """Scenarios beside a base, on common random numbers.

    Attributes:
        path: folder of the comparison.
        runs: the runs, the base first.
        contrast: the differences, row by row.
        reasons: what the differences of mean transit times are made of.
        certainty: how sure the headline differences are, all together.
        selection: the scenario that was chosen, where one was to be.
        twins: by the name of a disturbed scenario its undisturbed twin, where that is not the base.
        unmade: names of disturbed scenarios whose twin cannot be made, as another version made their run.
        disturbances: by the name of a disturbed scenario what it cost in every pair of replications.
    """

    path: Path
    runs: tuple[Run, ...]
    contrast: Contrast = field(repr=False)
    reasons: tuple[WhyRow, ...] = field(default=(), repr=False)
    certainty: tuple[Certainty, ...] = field(default=(), repr=False)
    selection: Selected | None = None
    twins: Mapping[str, Run] = field(default_factory=dict, repr=False)
    unmade: tuple[str, ...] = ()
    disturbances: Mapping[str, Matrix] = field(default_factory=dict, repr=False)

    @cached_property
    def expectations(self) -> Mapping[str, tuple[Answer, ...]]:
        """By scenario the answers to its claims, those about a disturbance by the pairs."""
        from sim.study.expectations import settled

        return {
            name: tuple(
                settled(each, self.disturbances[name]) if name in self.disturbances else each
                for each in run.expectations
            )
            for name, run in zip(self.names, self.runs, strict=True)
        }

    @cached_property
    def table(self) -> pd.DataFrame:
        """Every shared figure: scenario, kpi, subject, unit, base, other, n, difference, low, high, p, …."""
        import pandas as pd

        return pd.DataFrame([row.__dict__ for row in self.contrast.rows])

    @cached_property
    def why(self) -> pd.DataFrame:
        """What a difference of mean transit time comes from, by element; its parts add up to it."""
        import pandas as pd

        return pd.DataFrame([row.__dict__ for row in self.reasons])

    @cached_property
    def sure(self) -> pd.DataFrame:
        """How sure the headline differences are: intervals that hold together, and who is better."""
        import pandas as pd

        return pd.DataFrame([row.__dict__ for row in self.certainty])

    @cached_property
    def unsteady(self) -> Mapping[str, frozenset[tuple[str, str, str]]]:
        """By scenario which figures (kpi, subject, unit) describe no lasting state, in it or in the base."""
        growing = [
            frozenset((r.kpi, r.subject, r.unit) for r in run.folder.summary_rows() if not r.stationary)
            for run in self.runs
        ]
        others = zip(self.contrast.others, growing[1:], strict=True)
        return {name: growing[0] | each for name, each in others}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the scenarios, the base first."""
        return (self.contrast.base, *self.contrast.others)

    @cached_property
    def ranking(self) -> pd.DataFrame:
        """The scenarios of a selection, the best first; empty without one."""
        import pandas as pd

        rows = () if self.selection is None else self.selection.contenders
        return pd.DataFrame([row.__dict__ for row in rows])

    def frame(self, name: str, kind: Kind = "pandas") -> Any:
        """Give a table by name as a pandas or a Polars frame.

        Args:
            name: one of `table`, `why`, `sure`, `ranking`.
            kind: which library.
        """
        return frame_of(self, name, COMPARISON_TABLES, kind=kind)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the comparison says of itself."""
        return read_manifest(self.path)

    def figures(self) -> tuple[Path, ...]:
        """Draw the comparison's figures and write them under `figures/`.

        Returns:
            The files.
        """
        from sim.report.selection import selection_figures
        from sim.store.figures import save_figures

        # Of a selection the choice is drawn; the differences of every pair are there for `plot`.
        drawn = self._drawn() if self.selection is None else selection_figures(self)
        return save_figures(self.path / "figures", rendered(drawn))

    def _drawn(self) -> Iterator[tuple[str, Any]]:
        from sim.report import comparison_figures
        from sim.report.selection import selection_figures
        from sim.report.why import why_figures

        yield from selection_figures(self)
        yield from comparison_figures(self)
        yield from why_figures(self)

    def plot(self, name: str) -> Any:
        """Draw one figure.

        Args:
            name: of the figure, or the beginning or a part of it, e.g. `transit_time`.

        Returns:
            A matplotlib `Figure`.

        Raises:
            UsageError: there is no such figure.
        """
        wanted = name.replace("_", "-").split(".")[0]
        names = []
        for known, figure in self._drawn():
            if wanted in known.replace("_", "-"):
                return figure
            names.append(known)
        message = f"no figure {name}; there are {', '.join(names)}"
        raise UsageError(message)


def rendered(figures: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Form, bytes]]:
    """Turn figures into the bytes of files, one after the other, so that only one is in memory.

    Characters for which no font has a sign are told in one warning when all are drawn.
    """
    import warnings

    from sim.report import render
    from sim.report.lettering import MissingSigns, unwritable
    from sim.store.figures import FORMS

    missing: set[str] = set()
    for name, figure in figures:
        missing |= set(unwritable(figure))
        for form in FORMS:
            yield name, form, render(figure, form)
    if missing:
        few = "".join(sorted(missing)[:12]) + ("…" if len(missing) > 12 else "")
        warnings.warn(
            f"the figures show empty boxes where no font here has a sign, for {few}; a font such as "
            "Noto Sans CJK SC, once installed, is taken",
            MissingSigns,
            stacklevel=2,
        )
