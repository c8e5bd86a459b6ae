"""One finished replication as one small file.

The file is the unit that is finished or not: it is written at once or not at all, and the merged tables of a
run are made from these files and from nothing else. Its bytes depend on the replication alone.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from sim.errors import Finding, Level, RunError, Where
from sim.study.outcome import Column, Names, Outcome, Table

FORMAT = 1
"""Version of the layout; a part of another layout is computed afresh."""

TABLES = ("kpis", "series", "breakdown", "closing", "servers")


def encode(outcome: Outcome, *, version: str) -> bytes:
    """Write an outcome, without its records, as bytes.

    Args:
        outcome: what is kept.
        version: of the product that computed it.
    """
    arrays: dict[str, np.ndarray] = {}
    order: dict[str, list[str]] = {}
    for name in TABLES:
        table: Table = getattr(outcome, name)
        order[name] = list(table)
        for column, values in table.items():
            _put(arrays, f"{name}.{column}", values)
    facts = {
        "format": FORMAT,
        "version": version,
        "number": outcome.number,
        "fingerprint": outcome.fingerprint,
        "columns": order,
        "findings": [asdict(finding) for finding in outcome.findings],
    }
    arrays["facts"] = np.frombuffer(json.dumps(facts, sort_keys=True).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    # Without the date that a zip entry carries, the same content is the same bytes.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w") as entry:
                np.lib.format.write_array(entry, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def read_facts(path: Path) -> dict[str, object] | None:
    """Read what a part says of itself.

    Returns:
        Its facts, or None for a file that is no part of this layout.
    """
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as archive:
            facts = json.loads(archive["facts"].tobytes())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return facts if isinstance(facts, dict) and facts.get("format") == FORMAT else None


def decode(path: Path) -> Outcome:
    """Read a part.

    Raises:
        RunError: the file is damaged or of another layout.
    """
    facts = read_facts(path)
    if facts is None:
        message = f"{path} is not a replication that can be read; delete it to have it computed again"
        raise RunError(message)
    columns: Mapping[str, list[str]] = facts["columns"]  # type: ignore[assignment]
    with path.open("rb") as handle, np.load(handle, allow_pickle=False) as archive:
        tables = {
            name: {column: _get(archive, f"{name}.{column}") for column in columns[name]} for name in TABLES
        }
    return Outcome(
        number=int(str(facts["number"])),
        kpis=tables["kpis"],
        series=tables["series"],
        breakdown=tables["breakdown"],
        closing=tables["closing"],
        servers=tables["servers"],
        findings=tuple(_finding(raw) for raw in facts["findings"]),  # type: ignore[attr-defined]
        fingerprint=str(facts["fingerprint"]),
    )


def _put(arrays: dict[str, np.ndarray], name: str, column: Column) -> None:
    if isinstance(column, Names):
        arrays[f"{name}.codes"] = column.codes
        arrays[f"{name}.names"] = np.array(column.names, dtype=np.str_)
    else:
        arrays[name] = column


def _get(archive: Mapping[str, np.ndarray], name: str) -> Column:
    if f"{name}.codes" in archive:
        return Names(archive[f"{name}.codes"], tuple(archive[f"{name}.names"].tolist()))
    return archive[name]


def _finding(raw: Mapping[str, object]) -> Finding:
    where = raw["where"]
    return Finding(
        code=str(raw["code"]),
        level=Level(str(raw["level"])),
        where=Where(**where) if isinstance(where, dict) else None,
        path=str(raw["path"]),
        message=str(raw["message"]),
        expected=str(raw["expected"]),
        hint=str(raw["hint"]),
    )
