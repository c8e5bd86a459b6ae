"""Tables on disk: Parquet through DuckDB in memory, CSV by hand; the same rows give the same bytes.

Knows columns and files, not runs. One thread writes, so that row groups never depend on timing.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import RunError
from sim.store.atomic import write_text, write_through
from sim.study.outcome import Names, Table

if TYPE_CHECKING:
    import pandas as pd

Columns = Mapping[str, Names | np.ndarray]
"""Columns of one length, by name, in order."""

SQL_TYPES: Mapping[str, str] = {
    "point": "INTEGER",
    "replication": "INTEGER",
    "consignment": "BIGINT",
    "ordinal": "INTEGER",
    "part": "INTEGER",
    "trip": "INTEGER",
}
"""Columns of whole numbers; all other numbers are DOUBLE, names VARCHAR."""


def connect(*, threads: int = 1) -> Any:
    """Open DuckDB in memory, with everything that would go to the network switched off."""
    import duckdb

    return duckdb.connect(
        config={
            "threads": threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )


def copy_out(connection: Any, statement: str, names: Sequence[Sequence[str]] = ()) -> None:
    """Let DuckDB write a file.

    Args:
        connection: as `connect` gives it.
        statement: a COPY statement.
        names: its parameters.

    Raises:
        OSError: the disk is full, or the folder may not be written.
    """
    import duckdb

    try:
        connection.execute(statement, list(names))
    except duckdb.IOException as error:
        # DuckDB tells the system's error in words and braces of its own.
        number = re.search(r'"errno": ?"(\d+)"', str(error))
        if number is None:
            raise OSError(str(error)) from error
        raise OSError(int(number[1]), os.strerror(int(number[1]))) from error


def quoted(text: str | Path) -> str:
    """Write a string as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def files_to_read(paths: Iterable[str | Path]) -> str:
    """Write the first arguments of DuckDB's readers: paths, each for the one file that it names.

    DuckDB takes them for patterns, and folders such as `seed=3` for columns.
    """
    one = (quoted(_PATTERN.sub(r"[\1]", str(path))) for path in paths)
    return f"[{', '.join(one)}], hive_partitioning = false"


_PATTERN = re.compile(r"([*?[])")


def stacked(tables: Sequence[tuple[int, Table]]) -> dict[str, Names | np.ndarray]:
    """Put the tables of several replications under one another.

    Args:
        tables: replication and table, in the order wanted; every table has the columns of the first.

    Returns:
        The columns, with `replication` before them.
    """
    columns: dict[str, Names | np.ndarray] = {}
    rows = [next((len(column) for column in table.values()), 0) for _, table in tables]
    columns["replication"] = np.repeat(np.array([number for number, _ in tables], dtype=np.int64), rows)
    for name in tables[0][1] if tables else ():
        parts = [table[name] for _, table in tables]
        columns[name] = _joined(parts)
    return columns


def _joined(parts: Sequence[Names | np.ndarray]) -> Names | np.ndarray:
    if not isinstance(parts[0], Names):
        return np.concatenate([part for part in parts if not isinstance(part, Names)])
    named = [part for part in parts if isinstance(part, Names)]
    names = tuple(sorted({name for part in named for name in part.names}))
    place = {name: code for code, name in enumerate(names)}
    codes = []
    for part in named:
        # One more at the end, so that −1, no name, stays −1.
        lookup = np.array([*(place[name] for name in part.names), -1], dtype=np.int32)
        codes.append(lookup[part.codes])
    return Names(np.concatenate(codes), names)


def sorted_rows(columns: Columns, by: Sequence[str]) -> dict[str, Names | np.ndarray]:
    """Sort rows by columns, the first named first; names sort by their text."""
    keys = [columns[name] for name in by]
    order = _order([key.codes if isinstance(key, Names) else key for key in keys])
    if order is None:
        return dict(columns)
    return {
        name: Names(column.codes[order], column.names) if isinstance(column, Names) else column[order]
        for name, column in columns.items()
    }


def _order(keys: Sequence[np.ndarray]) -> np.ndarray | None:
    """Give the order that sorts rows by several keys, the first named first; equal rows as they stand.

    None where they stand in that order already.
    """
    whole = [key for key in keys if key.dtype.kind == "i" and int(key.min(initial=0)) >= -1]
    rest = keys[len(whole) :]
    widths = [int(key.max(initial=0)) + 2 for key in whole]
    if any(key.dtype.kind == "i" for key in rest) or math.prod(widths) >= 1 << 62:
        return np.lexsort(list(reversed(keys)))
    # Whole numbers are sorted by as one, from -1, which is no name, on; as a rule the rest is in order then.
    one = np.zeros(len(keys[0]), dtype=np.int64)
    for key, width in zip(whole, widths, strict=True):
        one = one * width + (key + 1)
    if bool((one[1:] >= one[:-1]).all()) and (
        not rest or (len(rest) == 1 and bool(((one[1:] > one[:-1]) | (rest[0][1:] >= rest[0][:-1])).all()))
    ):
        return None
    order = np.argsort(one, kind="stable")
    is_new = one[order[1:]] != one[order[:-1]]
    if not rest:
        return order
    is_next = rest[0][order[1:]] >= rest[0][order[:-1]]
    if len(rest) == 1 and bool((is_new | is_next).all()):
        return order
    return np.lexsort([*reversed(rest), one])


def write_parquet(path: Path, columns: Columns) -> Path:
    """Write columns as one Parquet file, atomically; NaN is written as null.

    Args:
        path: where.
        columns: of one length, in order.
    """
    numbers = {
        f"c{place}": column.codes if isinstance(column, Names) else column
        for place, column in enumerate(columns.values())
    }
    chosen: list[str] = []
    parameters: list[list[str]] = []
    kinds: list[str] = []
    for place, (name, column) in enumerate(columns.items()):
        if isinstance(column, Names):
            parameters.append(list(column.names))
            kinds.append(enumeration(f"of_{name}", sorted(set(column.names))))
            chosen.append(f'{listed(f"of_{name}", f"c{place}")} AS "{name}"')
        else:
            chosen.append(f'CAST(c{place} AS {number_type(name)}) AS "{name}"')
    query = f"SELECT {', '.join(chosen)} FROM given"

    def write(partial: Path) -> None:
        with connect() as connection:
            for kind in kinds:
                connection.execute(kind)
            connection.register("given", numbers)
            copy_out(
                connection,
                f"COPY ({query}) TO {quoted(partial)} (FORMAT parquet, COMPRESSION zstd)",
                parameters,
            )

    return write_through(path, write)


def number_type(column: str) -> str:
    """Give the SQL type of a column of numbers by its name."""
    return SQL_TYPES.get(column, "DOUBLE")


def enumeration(name: str, values: Sequence[str]) -> str:
    """Give the statement that makes a type of some names: no string is made then for each of many rows."""
    # A type has a name at least, if only one that no row has.
    return f'CREATE OR REPLACE TYPE "{name}" AS ENUM ({", ".join(quoted(value) for value in values or [""])})'


def listed(kind: str, codes: str) -> str:
    """Give the expression that reads the names at some codes from a list, a parameter; -1 is none."""
    return f'(?::VARCHAR[]::"{kind}"[])[{codes} + 1]'


def merge_parquet(path: Path, parts: Sequence[Path]) -> Path:
    """Write one Parquet file of several with the same columns, in the order given, atomically.

    Raises:
        RunError: one of them is damaged or missing.
    """
    import duckdb

    listed = files_to_read(parts)

    def write(partial: Path) -> None:
        with connect() as connection:
            copy_out(
                connection,
                f"COPY (SELECT * FROM read_parquet({listed})) TO {quoted(partial)} "
                "(FORMAT parquet, COMPRESSION zstd)",
            )

    try:
        return write_through(path, write)
    except (OSError, duckdb.Error) as error:
        # The error is the disk's only where nothing is wrong with what was to be read.
        broken = next((part for part in parts if not _is_readable(part)), None)
        if broken is None:
            raise
        message = (
            f"{broken} is not a table that can be read; delete it to have its replication computed again"
        )
        raise RunError(message) from error


def is_whole(path: Path) -> bool:
    """Tell whether a Parquet file stands there from beginning to end; what lies between is not read."""
    try:
        with path.open("rb") as handle:
            first = handle.read(4)
            size = handle.seek(0, os.SEEK_END)
            handle.seek(max(size - 8, 0))
            last = handle.read(8)
    except OSError:
        return False
    return first == last[4:] == _MAGIC and int.from_bytes(last[:4], "little") <= size - 12


_MAGIC = b"PAR1"
"""How a Parquet file begins and ends; before its end stands the length of its description."""


def _is_readable(path: Path) -> bool:
    import duckdb

    source = f"read_parquet({files_to_read([path])})"
    try:
        with connect() as connection:
            connection.execute(f"SELECT max(hash(COLUMNS(*))) FROM {source}").fetchall()
    except duckdb.Error:
        return False
    return True


def read_frame(path: Path, *, categorical: bool = False) -> pd.DataFrame:
    """Read a Parquet file as a pandas frame; null numbers become NaN.

    Args:
        path: of the file.
        categorical: whether columns of names become categoricals, in order of name.

    Raises:
        RunError: the file is damaged.
    """
    import duckdb

    try:
        return _read_frame(path, categorical=categorical)
    except duckdb.Error as error:
        raise RunError(damaged(path)) from error


def damaged(path: Path) -> str:
    """Say that a table is damaged, and what helps."""
    return f"{path} is not a table that can be read; delete it, and the command that made it makes it anew"


def _read_frame(path: Path, *, categorical: bool) -> pd.DataFrame:
    with connect() as connection:
        source = f"read_parquet({files_to_read([path])})"
        columns = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        chosen = [f'"{name}"' for name, *_ in columns]
        for place, (name, kind, *_) in enumerate(columns):
            if categorical and kind == "VARCHAR":
                # Cast to an enumeration, so that no string is made for each of millions of rows.
                query = f'SELECT DISTINCT "{name}" FROM {source} WHERE "{name}" IS NOT NULL ORDER BY 1'
                names = ", ".join(quoted(row[0]) for row in connection.execute(query).fetchall())
                if names:
                    chosen[place] = f'CAST("{name}" AS ENUM({names})) AS "{name}"'
        found: pd.DataFrame = connection.execute(f"SELECT {', '.join(chosen)} FROM {source}").df()
    return found


def read_csv_frame(path: Path, types: Mapping[str, str]) -> pd.DataFrame:
    """Read a CSV file as a pandas frame; an empty number is NaN, an empty text stays empty.

    Args:
        path: of the file.
        types: pandas types by column.

    Raises:
        RunError: the file is damaged.
    """
    import pandas as pd

    texts = [column for column, kind in types.items() if kind == "str"]
    empty = {column: [] if column in texts else [""] for column in types}
    try:
        found = pd.read_csv(path, dtype=dict(types), na_values=empty, keep_default_na=False)
    except ValueError as error:  # what pandas cannot parse or convert, and what is not UTF-8
        raise RunError(damaged(path)) from error
    if list(found) != list(types):
        raise RunError(damaged(path))
    return found


def frame(table: Table) -> pd.DataFrame:
    """Give a table as a pandas frame; names become categoricals in order of id."""
    import pandas as pd

    return pd.DataFrame(
        {
            name: pd.Categorical.from_codes(column.codes, pd.Index(list(column.names)), ordered=True)
            if isinstance(column, Names)
            else column
            for name, column in table.items()
        }
    )


def write_csv(path: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    """Write rows as CSV, atomically.

    Floats are written with the fewest digits that read back to the same number; NaN and None are empty.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return write_text(path, buffer.getvalue())


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(float(value)) if isinstance(value, float) else str(value)
