"""One Parquet file from chunks of rows, so that memory does not grow with their number.

Chunks wait on disk as numbers, names as codes; each row's names are written once, into the file that is asked
for. The same rows give the same bytes, however they come in chunks of one size.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sim.store.atomic import temporary, write_through
from sim.store.tables import (
    Columns,
    connect,
    copy_out,
    enumeration,
    files_to_read,
    listed,
    number_type,
    quoted,
    write_parquet,
)
from sim.study.outcome import Names


class ChunkedTable:
    """A table that is written chunk by chunk.

    Args:
        folder: where chunks wait, under temporary names.
        name: of the table.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._held: Columns | None = None
        self._files: list[Path] = []
        self._codes: dict[str, dict[str, int]] = {}
        self._connection: Any = None

    def add(self, columns: Columns) -> None:
        """Take the next rows, of the columns that the first have.

        The last chunk is held until it is known whether another comes: one alone needs no waiting.
        """
        self._put_away()
        self._held = columns

    def write(self, path: Path) -> None:
        """Write all rows as one file, atomically."""
        if self._held is None:
            message = f"the table {self._name} has no rows, and no columns"
            raise ValueError(message)
        if not self._files:
            write_parquet(path, self._held)
            return
        columns = tuple(self._held)
        self._put_away()
        write_through(path, lambda partial: self._join(partial, columns))

    def close(self) -> None:
        """Let go of what is open and what waits; also where not all rows have come."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._held = None
        for file in self._files:
            file.unlink(missing_ok=True)
        self._files = []

    def _put_away(self) -> None:
        """Write the chunk that is held, its names as codes that are those of all chunks."""
        if self._held is None:
            return
        if self._connection is None:
            self._connection = connect()
        numbers: dict[str, np.ndarray] = {}
        kinds: list[str] = []
        for place, (name, column) in enumerate(self._held.items()):
            if isinstance(column, Names):
                known = self._codes.setdefault(name, {})
                # One more at the end, so that -1, no name, stays -1.
                lookup = np.array(
                    [*(known.setdefault(each, len(known)) for each in column.names), -1], np.int32
                )
                column = lookup[column.codes]
            numbers[f"c{place}"] = column
            kinds.append("INTEGER" if name in self._codes else number_type(name))
        chosen = ", ".join(f"CAST(c{place} AS {kind}) AS c{place}" for place, kind in enumerate(kinds))
        self._folder.mkdir(parents=True, exist_ok=True)
        file = temporary(self._folder / f"{self._name}-{len(self._files):05d}.parquet")
        self._files.append(file)
        self._connection.register("given", numbers)
        copy_out(
            self._connection,
            f"COPY (SELECT {chosen} FROM given) TO {quoted(file)} (FORMAT parquet, COMPRESSION snappy)",
        )
        self._connection.unregister("given")
        self._held = None

    def _join(self, path: Path, columns: tuple[str, ...]) -> None:
        """Read the chunks in order, and write them with their names."""
        for name, known in self._codes.items():
            self._connection.execute(enumeration(f"of_{name}", sorted(known)))
        chosen = [
            f'{listed(f"of_{name}", f"c{place}")} AS "{name}"'
            if name in self._codes
            else f'c{place} AS "{name}"'
            for place, name in enumerate(columns)
        ]
        chunks = f"read_parquet({files_to_read(self._files)})"
        copy_out(
            self._connection,
            f"COPY (SELECT {', '.join(chosen)} FROM {chunks}) TO {quoted(path)} "
            "(FORMAT parquet, COMPRESSION zstd)",
            [list(self._codes[name]) for name in columns if name in self._codes],
        )
