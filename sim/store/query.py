"""SQL over everything that is stored: one view per kind of table, over all runs, each row with its run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import UsageError
from sim.store.runs import describe, stored_runs
from sim.store.tables import connect, quoted

_TEXT, _WHOLE, _REAL = "VARCHAR", "BIGINT", "DOUBLE"


def _columns(text: str = "", whole: str = "", real: str = "") -> dict[str, str]:
    """Give the types of columns, by kind."""
    kinds = ((text, _TEXT), (whole, _WHOLE), (real, _REAL))
    return {name: kind for names, kind in kinds for name in names.split()}


PARQUET = {
    "kpis": _columns("scenario kpi subject unit", "replication", "value"),
    "series": _columns("series subject", "replication", "time value"),
    "breakdown": _columns("route step", "replication ordinal", "waiting service running blocked"),
    "steps": _columns(
        "flow route step", "replication consignment ordinal", "asked started ended left kg teu"
    ),
    "sailings": _columns(
        "line vessel origin destination",
        "replication trip",
        "called ready loading loaded sailed arrived berthed landed amount capacity",
    ),
    "aboard": _columns("flow vessel", "replication consignment part trip", "amount"),
    "levels": _columns("subject", "replication", "time value"),
}
"""Tables of runs, with the columns they have when no run holds them."""

CSV = {
    "summary": {**_columns("kpi subject unit", "n", "mean sd low high"), "stationary": "BOOLEAN"},
    "comparison": _columns("kpi subject unit", "n", "base other difference low high p p_adjusted"),
}

RUNS = (
    ("scenario", "VARCHAR"),
    ("title", "VARCHAR"),
    ("hash", "VARCHAR"),
    ("seed", "BIGINT"),
    ("engine", "VARCHAR"),
    ("state", "VARCHAR"),
    ("asked", "INTEGER"),
    ("finished", "INTEGER"),
    ("stored", "INTEGER"),
    ("wall_time_s", "DOUBLE"),
)


@dataclass(frozen=True)
class Answer:
    """What a query gave: names of columns, and rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def query(sql: str, out: Path) -> Answer:
    """Ask SQL of all stored tables.

    Views: `runs`, `kpis`, `summary`, `series`, `breakdown`, `comparison`, and the record tables `steps`,
    `sailings`, `aboard`, `levels` where runs kept them. Each has a column `run`, the folder's name.

    Args:
        sql: DuckDB's dialect.
        out: the results folder.

    Raises:
        UsageError: the SQL is wrong; the message is the database's.
    """
    import duckdb

    with connect() as connection:
        for name, types in PARQUET.items():
            _view(connection, name, types=types, files=_files(out, f"{name}.parquet"))
        for name, types in CSV.items():
            _csv_view(connection, name, types=types, files=_files(out, f"{name}.csv"))
        _runs(connection, out)
        try:
            asked = connection.execute(sql)
            if asked.description is None:
                return Answer((), ())
            columns_found = tuple(str(column[0]) for column in asked.description)
            return Answer(columns_found, tuple(asked.fetchall()))
        except duckdb.Error as error:
            message = f"the query failed: {error}"
            raise UsageError(message) from error


def _files(out: Path, name: str) -> list[Path]:
    return sorted(out.glob(f"*/{name}"))


_RUN = "parse_path(filename)[-2]"


def _view(connection: Any, name: str, *, types: dict[str, str], files: Sequence[Path]) -> None:
    if not files:
        connection.execute(f'CREATE TABLE "{name}" (run VARCHAR, {_declared(types)})')
        return
    listed = ", ".join(quoted(file) for file in files)
    connection.execute(
        f'CREATE VIEW "{name}" AS SELECT {_RUN} AS run, * EXCLUDE (filename) '
        f"FROM read_parquet([{listed}], filename = true, union_by_name = true)"
    )


def _csv_view(connection: Any, name: str, *, types: dict[str, str], files: Sequence[Path]) -> None:
    if not files:
        connection.execute(f'CREATE TABLE "{name}" (run VARCHAR, scenario VARCHAR, {_declared(types)})')
        return
    parts = []
    for file in files:
        with file.open(encoding="utf-8") as handle:
            header = handle.readline().strip().split(",")
        known = ", ".join(f"{quoted(column)}: {quoted(types.get(column, 'VARCHAR'))}" for column in header)
        scenario = "scenario" if "scenario" in header else "NULL::VARCHAR AS scenario"
        chosen = ", ".join(f'"{column}"' for column in types)
        parts.append(
            f"SELECT {quoted(file.parent.name)} AS run, {scenario}, {chosen} "
            f"FROM read_csv({quoted(file)}, header = true, columns = {{{known}}})"
        )
    connection.execute(f'CREATE VIEW "{name}" AS {" UNION ALL ".join(parts)}')


def _runs(connection: Any, out: Path) -> None:
    connection.execute(f"CREATE TABLE runs (run VARCHAR, {_declared(dict(RUNS))})")
    rows = []
    for folder in stored_runs(out):
        facts = describe(folder)
        rows.append([facts["run"], *(facts.get(name) for name, _ in RUNS)])
    if rows:
        connection.executemany(f"INSERT INTO runs VALUES ({', '.join('?' * (len(RUNS) + 1))})", rows)


def _declared(types: dict[str, str]) -> str:
    return ", ".join(f'"{column}" {kind}' for column, kind in types.items())
