"""The folder of a run: where its replications, tables, figures and manifest lie.

`results/<scenario>-<hash8>/`. A replication is one atomic file under `replications/`, written without a
lock by whichever process computed it; the tables beside it are merged from these files, in canonical order,
and can be made again at any time. Statistics are handed in; nothing is computed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import RunError, UsageError
from sim.store.atomic import alone, sweep, write_bytes, write_if_changed
from sim.store.bottlenecks import FIGURE
from sim.store.figures import put_away
from sim.store.manifest import MANIFEST, read_manifest, state_of
from sim.store.merging import TABLES, Merging
from sim.store.parts import decode, encode, read_facts
from sim.store.tables import (
    damaged,
    is_whole,
    merge_parquet,
    read_csv_frame,
    read_frame,
    stacked,
    write_csv,
    write_parquet,
)
from sim.study.outcome import Outcome, Table
from sim.study.summary import SummaryRow

if TYPE_CHECKING:
    import pandas as pd

RECORD_TABLES = ("steps", "sailings", "aboard", "levels")
SUMMARY_TYPES = {
    "kpi": "str",
    "subject": "str",
    "unit": "str",
    "n": "int64",
    "mean": "float64",
    "sd": "float64",
    "low": "float64",
    "high": "float64",
    "stationary": "bool",
}
SUMMARY_COLUMNS = tuple(SUMMARY_TYPES)
_PART = re.compile(r"(\d+)\.npz")


def run_folder_name(scenario: str, digest: str) -> str:
    """Give the name of a run's folder: the scenario's name and the first eight digits of its hash."""
    return f"{scenario}-{digest[:8]}"


@dataclass(frozen=True)
class RunFolder:
    """One run on disk; a sink of replications.

    Attributes:
        path: the folder.
        version: of the product; replications of another version do not count as finished.
        records: whether record tables are kept, and needed for a replication to be finished.
    """

    path: Path
    version: str
    records: bool = False

    @property
    def name(self) -> str:
        """The folder's own name, by which the run is known."""
        return self.path.name

    def part(self, number: int) -> Path:
        """Give the file of a replication."""
        return self.path / "replications" / f"{number:05d}.npz"

    def record_part(self, number: int, table: str) -> Path:
        """Give the file of a replication's record table."""
        return self.path / "replications" / table / f"{number:05d}.parquet"

    def finished(self) -> set[int]:
        """Give the numbers of the replications that are whole and of this version."""
        folder = self.path / "replications"
        if not folder.is_dir():
            return set()
        found = (_PART.fullmatch(file.name) for file in folder.iterdir())
        return {number for number in (int(name[1]) for name in found if name) if self._whole(number)}

    def _whole(self, number: int) -> bool:
        facts = read_facts(self.part(number))
        if facts is None or facts["version"] != self.version or facts["number"] != number:
            return False
        return not self.records or all(is_whole(self.record_part(number, name)) for name in RECORD_TABLES)

    def write(self, outcome: Outcome) -> None:
        """Keep a replication. Its record tables go first: the part is what makes it finished."""
        if self.records:
            for name in RECORD_TABLES:
                table = outcome.records[name]
                write_parquet(self.record_part(outcome.number, name), stacked([(outcome.number, table)]))
        write_bytes(self.part(outcome.number), encode(outcome, version=self.version))

    def read(self, number: int) -> Outcome:
        """Read a replication; its record tables stay on disk."""
        return decode(self.part(number))

    def fingerprint(self, number: int) -> str:
        """Give the fingerprint of a stored replication's records."""
        facts = read_facts(self.part(number))
        if facts is None:
            message = f"replication {number} of {self.name} is not stored"
            raise RunError(message)
        return str(facts["fingerprint"])

    def merge(self, tables: Merging, *, summary: Iterable[SummaryRow]) -> list[str]:
        """Write the tables of a run.

        Record tables that are kept go along, or are put away where they lack one of the replications; figures
        of what stood here before are put away too.

        Args:
            tables: has taken the replications.
            summary: its rows.

        Returns:
            The record tables that were put away.
        """
        lost = []
        with alone(self.path):
            tables.write()
            rows = [tuple(row.__dict__.values()) for row in summary]
            write_csv(self.path / "summary.csv", SUMMARY_COLUMNS, rows)
            for name in RECORD_TABLES:
                parts = [self.record_part(number, name) for number in tables.numbers]
                file = self.path / f"{name}.parquet"
                if not self.records and not file.exists():
                    continue
                try:
                    merge_parquet(file, parts)
                except RunError:
                    if self.records:
                        raise
                    # Of other replications than the tables beside it, it would answer another question.
                    file.unlink()
                    lost.append(name)
            # The ranking of bottlenecks has a table of its own.
            put_away(self.path / "figures", keep=(FIGURE,))
        sweep(self.path)
        return lost

    def merged(self) -> bool:
        """Tell whether every table of the run is there, and none of them cut off."""
        tables = [*TABLES, *(RECORD_TABLES if self.records else ())]
        try:
            self.summary_rows()
        except RunError:
            return False
        return all(is_whole(self.path / f"{table}.parquet") for table in tables)

    def write_scenario(self, resolved: str, files: Mapping[str, bytes]) -> None:
        """Write the resolved scenario with its provenance as `scenario.yaml`, so that it can be run again.

        Args:
            resolved: told in YAML.
            files: of values that it names, by path beside it.
        """
        keep_scenario(self.path, resolved, files)

    def summary_rows(self) -> tuple[SummaryRow, ...]:
        """Read `summary.csv` without a data frame.

        Raises:
            RunError: the run has no summary yet, or a damaged one.
        """
        import csv

        file = self.path / "summary.csv"
        if not file.exists():
            raise RunError(unfinished(self.path))
        try:
            with file.open(encoding="utf-8", newline="") as handle:
                reader = csv.DictReader(handle)
                if tuple(reader.fieldnames or ()) != SUMMARY_COLUMNS:
                    raise RunError(damaged(file))
                return tuple(_summary_row(row) for row in reader)
        except (ValueError, TypeError, csv.Error) as error:
            raise RunError(damaged(file)) from error

    def table(self, name: str) -> pd.DataFrame:
        """Read a merged table as a frame.

        Args:
            name: `kpis`, `series`, `breakdown`, `summary`, or a record table.

        Raises:
            RunError: the run does not hold it.
        """
        file = self.path / ("summary.csv" if name == "summary" else f"{name}.parquet")
        if not file.exists():
            message = f"{self.name} holds no table {name}"
            if name in RECORD_TABLES:
                message += "; run it with --records to keep its records"
            raise RunError(message)
        if name == "summary":
            return read_csv_frame(file, SUMMARY_TYPES)
        return read_frame(file, categorical=name in RECORD_TABLES)


def _summary_row(row: Mapping[str, str]) -> SummaryRow:
    if row["stationary"] not in ("true", "false"):
        message = "a row that is cut off"
        raise ValueError(message)
    numbers = {name: float(row[name] or "nan") for name in ("mean", "sd", "low", "high")}
    return SummaryRow(
        kpi=row["kpi"],
        subject=row["subject"],
        unit=row["unit"],
        n=int(row["n"]),
        stationary=row["stationary"] == "true",
        **numbers,
    )


def keep_scenario(folder: Path, resolved: str, files: Mapping[str, bytes]) -> None:
    """Write a resolved scenario as `scenario.yaml`, and the files of values that it names beside it."""
    for name, content in files.items():
        write_if_changed(folder / name, content)
    write_if_changed(folder / "scenario.yaml", resolved)


def as_yaml(tree: Mapping[str, object]) -> str:
    """Write a plain tree as YAML, in the order of its keys."""
    import io

    from ruamel.yaml import YAML

    yaml = YAML(typ="safe")  # in C: a resolved scenario has 10,000 lines
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 110
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    buffer = io.StringIO()
    yaml.dump(tree, buffer)
    return buffer.getvalue()


def read_yaml(path: Path) -> dict[str, object]:
    """Read a tree that `as_yaml` wrote.

    Raises:
        RunError: the file is missing or holds no tree.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        tree = YAML(typ="safe").load(path)
    except (OSError, YAMLError) as error:
        message = f"{path} cannot be read: {error}"
        raise RunError(message) from error
    if not isinstance(tree, dict):
        message = f"{path} holds no scenario"
        raise RunError(message)
    return tree


def stored_runs(out: Path) -> list[Path]:
    """Give the folders of a results folder that hold a run, by name."""
    if not out.is_dir():
        return []
    return sorted(folder for folder in out.iterdir() if _kind(folder) == "run")


def _kind(folder: Path) -> object:
    try:
        return read_manifest(folder).get("kind")
    except RunError:
        return None


def find_run(name: str, out: Path) -> Path:
    """Find a stored run by path, by name or by an unambiguous beginning of its name.

    Args:
        name: what the user typed.
        out: the results folder.

    Raises:
        UsageError: none or several match; the nearest are named.
    """
    from difflib import get_close_matches

    given = Path(name)
    for candidate in (given, given.parent if given.name == MANIFEST else given, out / name):
        if (candidate / MANIFEST).is_file():
            return candidate
    names = {folder.name: folder for folder in stored_runs(out)}
    begun = [folder for known, folder in names.items() if known.startswith(name)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        message = f"{name} may be any of {', '.join(folder.name for folder in begun)}"
        raise UsageError(message)
    near = get_close_matches(name, list(names), n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else f"; {out} holds {len(names)} runs, see `corridor runs`"
    message = f"no run {name}{hint}"
    raise UsageError(message)


def unfinished(folder: Path) -> str:
    """Say of a run without tables what there is of it, and how to go on.

    Args:
        folder: of the run.
    """
    facts = describe(folder)
    state = str(facts.get("state", "running"))
    stored, asked, scenario = facts["stored"], facts.get("asked", "?"), facts.get("scenario")
    told = {"running": "is still running, or was killed", "failed": f"failed ({facts.get('error')})"}
    message = (
        f"{folder.name} {told.get(state, f'was {state}')}: {stored} of {asked} replications are kept, and no "
        f"table is made of them yet. `corridor run {scenario}`, with the flags that it was run with, goes on"
    )
    return message + (
        f"; with --replications {stored} it makes the tables of what is there" if stored else ""
    )


def is_stored_run(name: str, out: Path) -> bool:
    """Tell whether a name is a run on disk rather than a scenario."""
    return (Path(name) / MANIFEST).is_file() or (out / name / MANIFEST).is_file()


def describe(folder: Path) -> dict[str, object]:
    """Give what is listed of a stored run, from its manifest and its finished parts."""
    manifest = read_manifest(folder)
    counts = manifest.get("replications")
    parts = folder / "replications"
    stored = sum(1 for file in parts.glob("*.npz") if _PART.fullmatch(file.name)) if parts.is_dir() else 0
    return {
        **manifest,
        **(counts if isinstance(counts, dict) else {}),
        "run": folder.name,
        "state": state_of(manifest),
        "stored": stored,
    }


__all__ = [
    "RECORD_TABLES",
    "SUMMARY_COLUMNS",
    "RunFolder",
    "Table",
    "as_yaml",
    "describe",
    "find_run",
    "is_stored_run",
    "keep_scenario",
    "run_folder_name",
    "stored_runs",
    "unfinished",
]
