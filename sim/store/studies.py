"""The folder of a study: its points, its tables, its manifest and its figures.

`results/<kind>-<scenario>-<hash8>/`. A point is one atomic file under `points/`, written without a lock by
whichever process has it; the tables beside it are made from these files. Statistics are handed in; nothing is
computed here.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.errors import RunError
from sim.store.atomic import alone, sweep, write_bytes, write_if_changed
from sim.store.parts import DAMAGE
from sim.store.runs import as_yaml, keep_scenario
from sim.store.tables import read_frame, write_csv, write_parquet
from sim.study.headline import Key
from sim.study.outcome import Names
from sim.study.points import PointOutcome

if TYPE_CHECKING:
    import pandas as pd

FORMAT: Final = 2
"""Version of the layout of a point's file; one of another layout is computed afresh."""

KINDS: Final = ("sweep", "sensitivity", "calibration")
_PART = re.compile(r"(\d+)\.npz")


def study_folder_name(kind: str, scenario: str, digest: str) -> str:
    """Give the name of a study's folder."""
    return f"{kind}-{scenario}-{digest[:8]}"


@dataclass(frozen=True)
class StudyFolder:
    """One study on disk; a sink of points.

    Attributes:
        path: the folder.
        version: of the product; points of another version do not count as finished.
        fresh: whether what is stored counts for nothing.
    """

    path: Path
    version: str
    fresh: bool = False

    def part(self, number: int) -> Path:
        """Give the file of a point."""
        return self.path / "points" / f"{number:06d}.npz"

    def finished(self) -> set[int]:
        """Give the numbers of the points that are whole and of this version."""
        folder = self.path / "points"
        if self.fresh or not folder.is_dir():
            return set()
        found = (_PART.fullmatch(file.name) for file in folder.iterdir())
        return {number for number in (int(name[1]) for name in found if name) if self._whole(number)}

    def _whole(self, number: int) -> bool:
        facts = _facts(self.part(number))
        return facts is not None and facts["version"] == self.version and facts["number"] == number

    def write(self, outcome: PointOutcome) -> None:
        """Keep a point."""
        write_bytes(self.part(outcome.number), _encode(outcome, version=self.version))

    def read(self, number: int) -> PointOutcome:
        """Read a point.

        Raises:
            RunError: its file is damaged or missing.
        """
        path = self.part(number)
        facts = _facts(path)
        try:
            with path.open("rb") as handle, np.load(handle, allow_pickle=False) as archive:
                values = archive["values"]
        except DAMAGE:
            facts = None
        if facts is None:
            message = f"{path} is not a point that can be read; delete it to have it computed again"
            raise RunError(message)
        keys = tuple(Key(*key) for key in facts["keys"])  # type: ignore[attr-defined]
        unsteady = frozenset(keys[column] for column in facts["unsteady"])  # type: ignore[attr-defined]
        return PointOutcome(number, keys, values, tuple(facts["saturated"]), unsteady, facts["judged"])  # type: ignore[arg-type]

    def write_study(
        self, study: Mapping[str, object], scenario: Mapping[str, object], files: Mapping[str, bytes]
    ) -> None:
        """Write what was asked as `study.yaml`, and the resolved scenario as `scenario.yaml`.

        Args:
            study: what was asked.
            scenario: resolved.
            files: of values that it names, by path beside it.
        """
        write_if_changed(self.path / "study.yaml", as_yaml(study))
        keep_scenario(self.path, as_yaml(scenario), files)

    def write_values(self, outcomes: Sequence[PointOutcome]) -> None:
        """Write every figure of every replication of every point as `values.parquet`."""
        keys = sorted({key for outcome in outcomes for key in outcome.keys})
        place = {key: code for code, key in enumerate(keys)}
        codes = [np.array([place[key] for key in outcome.keys], dtype=np.int64) for outcome in outcomes]
        rows = [len(outcome.values) for outcome in outcomes]
        code = _joined([np.tile(each, count) for each, count in zip(codes, rows, strict=True)])
        numbers = [np.full(outcome.values.size, outcome.number) for outcome in outcomes]
        within = [np.repeat(np.arange(n), len(each)) for n, each in zip(rows, codes, strict=True)]
        columns: dict[str, Names | np.ndarray] = {
            "point": _joined(numbers),
            "replication": _joined(within),
        }
        for name in ("kpi", "subject", "unit"):
            texts = Names.of([str(getattr(key, name)) for key in keys])
            columns[name] = Names(texts.codes[code], texts.names)
        columns["value"] = np.concatenate([outcome.values.ravel() for outcome in outcomes])
        order = ("point", "replication", "kpi", "subject", "value", "unit")
        with alone(self.path):
            write_parquet(self.path / "values.parquet", {name: columns[name] for name in order})

    def write_table(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
        """Write a table as CSV."""
        with alone(self.path):
            return write_csv(self.path / f"{name}.csv", columns, rows)

    def write_design(self, design: np.ndarray) -> Path:
        """Keep the coordinates of all points laid so far, so that a study goes on exactly where it was."""
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, np.ascontiguousarray(design), allow_pickle=False)
        return write_bytes(self.path / "design.npy", buffer.getvalue())

    def read_design(self) -> np.ndarray | None:
        """Give the coordinates kept, or None where there are none or none that count."""
        file = self.path / "design.npy"
        if self.fresh or not file.exists():
            return None
        try:
            return np.asarray(np.load(file, allow_pickle=False))
        except (OSError, ValueError):
            return None

    def write_text(self, name: str, content: str) -> Path:
        """Write a text file of the study, e.g. an overlay."""
        return write_if_changed(self.path / name, content)

    def tidy(self) -> None:
        """Remove what killed processes left half written."""
        sweep(self.path)

    def table(self, name: str) -> pd.DataFrame:
        """Read a table of the study as a frame.

        Raises:
            RunError: the study does not hold it.
        """
        import pandas as pd

        if (file := self.path / f"{name}.parquet").exists():
            return read_frame(file)
        if (file := self.path / f"{name}.csv").exists():
            return pd.read_csv(file)
        message = f"{self.path.name} holds no table {name}"
        raise RunError(message)


def _joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _encode(outcome: PointOutcome, *, version: str) -> bytes:
    facts = {
        "format": FORMAT,
        "version": version,
        "number": outcome.number,
        "keys": [list(key) for key in outcome.keys],
        "judged": outcome.judged,
        "saturated": list(outcome.saturated),
        "unsteady": [column for column, key in enumerate(outcome.keys) if key in outcome.unsteady],
    }
    arrays: dict[str, np.ndarray] = {
        "facts": np.frombuffer(json.dumps(facts, sort_keys=True).encode(), dtype=np.uint8),
        "values": np.ascontiguousarray(outcome.values),
    }
    buffer = io.BytesIO()
    # Without the date that a zip entry carries, the same content is the same bytes.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w") as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)
    return buffer.getvalue()


def _facts(path: Path) -> dict[str, object] | None:
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as archive:
            facts = json.loads(archive["facts"].tobytes())
    except DAMAGE:
        return None
    return facts if isinstance(facts, dict) and facts.get("format") == FORMAT else None
