"""SQL over everything that is stored: one view per kind of table, over all runs, each row with its run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import UsageError
from sim.store.runs import describe, stored_runs
from sim.store.tables import connect, quoted

PARQUET = {
    "kpis": "scenario VARCHAR, replication INTEGER, kpi VARCHAR, subject VARCHAR, value DOUBLE, unit VARCHAR",
    "series": "replication INTEGER, series VARCHAR, subject VARCHAR, time DOUBLE, value DOUBLE",
    "breakdown": "replication INTEGER, route VARCHAR, ordinal INTEGER, step VARCHAR, waiting DOUBLE, "
    "service DOUBLE, running DOUBLE, blocked DOUBLE",
    "steps": "replication INTEGER, flow VARCHAR, consignment BIGINT, route VARCHAR, ordinal INTEGER, "
    "step VARCHAR, asked DOUBLE, started DOUBLE, ended DOUBLE, left DOUBLE, kg DOUBLE, teu DOUBLE",
    "sailings": "replication INTEGER, line VARCHAR, vessel VARCHAR, trip INTEGER, origin VARCHAR, "
    "destination VARCHAR, called DOUBLE, ready DOUBLE, loading DOUBLE, loaded DOUBLE, sailed DOUBLE, "
    "arrived DOUBLE, berthed DOUBLE, landed DOUBLE, amount DOUBLE, capacity DOUBLE",
    "aboard": "replication INTEGER, flow VARCHAR, consignment BIGINT, part INTEGER, vessel VARCHAR, "
    "trip INTEGER, amount DOUBLE",
    "levels": "replication INTEGER, subject VARCHAR, time DOUBLE, value DOUBLE",
}
"""Tables of runs, with the columns they have when no run holds them."""

CSV = {
    "summary": {
        "kpi": "VARCHAR",
        "subject": "VARCHAR",
        "unit": "VARCHAR",
        "n": "INTEGER",
        "mean": "DOUBLE",
        "sd": "DOUBLE",
        "low": "DOUBLE",
        "high": "DOUBLE",
        "stationary": "BOOLEAN",
    },
    "comparison": {
        "kpi": "VARCHAR",
        "subject": "VARCHAR",
        "unit": "VARCHAR",
        "base": "DOUBLE",
        "other": "DOUBLE",
        "n": "INTEGER",
        "difference": "DOUBLE",
        "low": "DOUBLE",
        "high": "DOUBLE",
        "p": "DOUBLE",
        "p_adjusted": "DOUBLE",
    },
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
        for name, columns in PARQUET.items():
            _view(connection, name, columns=columns, files=_files(out, f"{name}.parquet"))
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


def _view(connection: Any, name: str, *, columns: str, files: Sequence[Path]) -> None:
    if not files:
        connection.execute(f'CREATE TABLE "{name}" (run VARCHAR, {columns})')
        return
    listed = ", ".join(quoted(file) for file in files)
    connection.execute(
        f'CREATE VIEW "{name}" AS SELECT {_RUN} AS run, * EXCLUDE (filename) '
        f"FROM read_parquet([{listed}], filename = true, union_by_name = true)"
    )


def _csv_view(connection: Any, name: str, *, types: dict[str, str], files: Sequence[Path]) -> None:
    columns = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
    if not files:
        connection.execute(f'CREATE TABLE "{name}" (run VARCHAR, scenario VARCHAR, {columns})')
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
    columns = ", ".join(f'"{name}" {kind}' for name, kind in RUNS)
    connection.execute(f"CREATE TABLE runs (run VARCHAR, {columns})")
    rows = []
    for folder in stored_runs(out):
        facts = describe(folder)
        rows.append([facts["run"], *(facts.get(name) for name, _ in RUNS)])
    if rows:
        connection.executemany(f"INSERT INTO runs VALUES ({', '.join('?' * (len(RUNS) + 1))})", rows)
