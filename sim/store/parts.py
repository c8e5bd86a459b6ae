"""One finished replication as one small file.

The file is the unit that is finished or not: it is written at once or not at all, and the merged tables of a
run are made from these files and from nothing else. Its bytes depend on the replication alone.
"""

from __future__ import annotations

import ast
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

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
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
            # Without the date that a zip entry carries, the same content is the same bytes. The lightest
            # packing makes a tenth of it; more of it costs time and gains little.
            entry = zipfile.ZipInfo(f"{name}.npy")
            archive.writestr(entry, content.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=1)
    return buffer.getvalue()


def read_facts(path: Path) -> dict[str, object] | None:
    """Read what a part says of itself.

    Returns:
        Its facts, or None for a file that is no part of this layout.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _facts(archive)
    except _DAMAGE:
        return None


def decode(path: Path) -> Outcome:
    """Read a part.

    Raises:
        RunError: the file is damaged or of another layout.
    """
    facts, tables = None, {}
    try:
        with zipfile.ZipFile(path) as archive:
            facts = _facts(archive)
            if facts is not None:
                order: Mapping[str, list[str]] = facts["columns"]  # type: ignore[assignment]
                known = frozenset(archive.namelist())
                tables = {
                    name: {column: _get(archive, f"{name}.{column}", known=known) for column in order[name]}
                    for name in TABLES
                }
    except _DAMAGE:
        facts = None
    if facts is None:
        message = f"{path} is not a replication that can be read; delete it to have it computed again"
        raise RunError(message)
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


_DAMAGE = (OSError, ValueError, KeyError, EOFError, SyntaxError, zipfile.BadZipFile, zlib.error)
"""How a file shows that it is no whole part."""


def _facts(archive: zipfile.ZipFile) -> dict[str, object] | None:
    facts = json.loads(_array(archive.read("facts.npy")).tobytes())
    return facts if isinstance(facts, dict) and facts.get("format") == FORMAT else None


def _array(content: bytes) -> np.ndarray:
    """Read an array in NumPy's own format, version 1 (NumPy enhancement proposal 1)."""
    if content[:8] != b"\x93NUMPY\x01\x00":
        message = "an array of another format"
        raise ValueError(message)
    begin = 10 + int.from_bytes(content[8:10], "little")
    kind, shape = _header(content[10:begin])
    return np.frombuffer(content, dtype=kind, offset=begin).reshape(shape)


@lru_cache(maxsize=1024)
def _header(text: bytes) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Read what an array is; replications of one run have the same few."""
    header = ast.literal_eval(text.decode("latin1"))
    kind = np.dtype(header["descr"])
    if kind.hasobject or header["fortran_order"]:
        message = "an array that no part holds"
        raise ValueError(message)
    return kind, header["shape"]


def _put(arrays: dict[str, np.ndarray], name: str, column: Column) -> None:
    if isinstance(column, Names):
        arrays[f"{name}.codes"] = column.codes
        arrays[f"{name}.names"] = np.array(column.names, dtype=np.str_)
    else:
        arrays[name] = column


def _get(archive: zipfile.ZipFile, name: str, *, known: frozenset[str]) -> Column:
    if f"{name}.codes.npy" in known:
        names = _array(archive.read(f"{name}.names.npy"))
        return Names(_array(archive.read(f"{name}.codes.npy")), tuple(names.tolist()))
    return _array(archive.read(f"{name}.npy"))


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
