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
from typing import Any, Final

import numpy as np

from sim.errors import Finding, Level, RunError, Where
from sim.study.outcome import Column, Names, Outcome, Table

FORMAT = 2
"""Version of the layout; a part of another layout is computed afresh."""

TABLES = ("kpis", "series", "breakdown", "closing", "servers")
KINDS: Final[Mapping[str, np.dtype[Any]]] = {
    "names": np.dtype(np.int32),
    "whole": np.dtype(np.int64),
    "numbers": np.dtype(np.float64),
}
"""Arrays of a part by their names: all columns of one kind, one after the other; of names their codes."""


def encode(outcome: Outcome, *, version: str) -> bytes:
    """Write an outcome, without its records, as bytes: a NumPy archive of few arrays, as each costs time.

    Args:
        outcome: what is kept.
        version: of the product that computed it.
    """
    held: dict[str, list[np.ndarray]] = {kind: [] for kind in KINDS}
    columns: list[tuple[str, str, str, int, list[str]]] = []
    for name in TABLES:
        table: Table = getattr(outcome, name)
        for column, values in table.items():
            codes = values.codes if isinstance(values, Names) else values
            kind = next(kind for kind, numbers in KINDS.items() if numbers == codes.dtype)
            names = list(values.names) if isinstance(values, Names) else []
            held[kind].append(codes)
            columns.append((name, column, kind, len(codes), names))
    facts = {
        "format": FORMAT,
        "version": version,
        "number": outcome.number,
        "fingerprint": outcome.fingerprint,
        "findings": [asdict(finding) for finding in outcome.findings],
    }
    arrays = {"facts": _text(facts), "columns": _text(columns)}
    arrays |= {kind: np.concatenate([np.zeros(0, KINDS[kind]), *each]) for kind, each in held.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, allow_pickle=False)
            # Without the date that a zip entry carries, the same content is the same bytes. The lightest
            # packing makes a tenth of it; more of it costs time and gains little.
            entry = zipfile.ZipInfo(f"{name}.npy")
            archive.writestr(entry, content.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=1)
    return buffer.getvalue()


def _text(content: object) -> np.ndarray:
    return np.frombuffer(json.dumps(content, sort_keys=True).encode(), dtype=np.uint8)


def read_facts(path: Path) -> dict[str, object] | None:
    """Read what a part says of itself.

    Returns:
        Its facts, or None for a file that is no part of this layout.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _facts(archive)
    except DAMAGE:
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
                tables = _tables(archive)
    except DAMAGE:
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


DAMAGE: Final = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    SyntaxError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)
"""How a file shows that it is no whole part: one bit may make a zip file say that it is encrypted."""


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


def _tables(archive: zipfile.ZipFile) -> dict[str, Table]:
    """Cut the arrays into the columns of the tables."""
    arrays = {kind: _array(archive.read(f"{kind}.npy")) for kind in KINDS}
    place = dict.fromkeys(KINDS, 0)
    tables: dict[str, dict[str, Column]] = {name: {} for name in TABLES}
    for name, column, kind, rows, names in json.loads(_array(archive.read("columns.npy")).tobytes()):
        values = arrays[kind][place[kind] : place[kind] + rows]
        is_named = kind != "names" or (values.min(initial=-1) >= -1 and values.max(initial=-1) < len(names))
        if len(values) != rows or not is_named:
            message = "a column that is cut off, or names that are not there"
            raise ValueError(message)
        place[kind] += rows
        tables[name][column] = Names(values, tuple(names)) if kind == "names" else values
    is_used_up = all(place[kind] == len(values) for kind, values in arrays.items())
    if not is_used_up or any(len({len(each) for each in table.values()}) > 1 for table in tables.values()):
        message = "columns of different lengths"
        raise ValueError(message)
    return dict(tables)


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
