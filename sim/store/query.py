"""SQL over everything that is stored: one view per kind of table, each row with the folder it lies in."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import RunError, UsageError
from sim.store.manifest import MANIFEST, read_manifest, state_of
from sim.store.runs import describe, stored_runs
from sim.store.studies import KINDS
from sim.store.tables import connect, damaged, files_to_read, quoted

if TYPE_CHECKING:
    import pandas as pd

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

RESULTS = _columns("kpi subject unit", "point replication", "value")
"""Of `values.parquet` in the folder of a study; `values` is a word of SQL, so the table is `results`."""

CSV: dict[str, tuple[tuple[str, str], ...]] = {
    "summary": (("sim.study.summary", "SummaryRow"),),
    "comparison": (("sim.study.compare", "ComparisonRow"),),
    "why": (("sim.study.why", "WhyRow"),),
    "certainty": (("sim.study.certainty", "Certainty"),),
    "selection": (("sim.study.contenders", "Contender"),),
    "sweep": (("sim.study.sweep", "SweepRow"),),
    "sensitivity": (("sim.study.sensitivity", "Effect"), ("sim.study.sensitivity", "Index")),
    "parameters": (("sim.study.fit", "FreeParameter"),),
    "fit": (("sim.study.fit", "FitRow"),),
    "bottleneck": (),
}
"""Tables as CSV, with the rows that are written to them, by module and class."""

_LEFT_OUT = {"comparison": ("headline",)}
"""What a row has and its file has not."""

LONG = {
    "points": (_columns("factor value", "point"), "point"),
    "posterior": (_columns("factor value", "draw"), ""),
}
"""Tables whose files have a column for each factor, told one below the other; and the column that numbers
their rows, where there is one."""

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

STUDIES = (
    ("kind", "VARCHAR"),
    ("scenario", "VARCHAR"),
    ("title", "VARCHAR"),
    ("hash", "VARCHAR"),
    ("seed", "BIGINT"),
    ("engine", "VARCHAR"),
    ("state", "VARCHAR"),
    ("points", "INTEGER"),
    ("replications", "INTEGER"),
    ("wall_time_s", "DOUBLE"),
)
"""Columns of the table `studies`: sweeps, sensitivity studies, calibrations and comparisons."""


def tables() -> tuple[str, ...]:
    """Name the tables that a query sees."""
    return (
        "runs",
        *PARQUET,
        "summary",
        "studies",
        *(name for name in CSV if name != "summary"),
        "results",
        *LONG,
    )


@dataclass(frozen=True)
class Answer:
    """What a query gave: names of columns, and rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def query(sql: str, out: Path) -> Answer:
    """Ask SQL of all stored tables; see `tables`. Each has a column `run`, the folder's name.

    Args:
        sql: DuckDB's dialect, or the name of a table.
        out: the results folder.

    Raises:
        UsageError: the SQL is wrong; the message is the database's.
    """
    import duckdb

    with _opened(out) as connection:
        try:
            asked = connection.execute(_whole(sql))
            # Nothing to execute, or a statement that gives no rows.
            if asked is None or asked.description is None:
                return Answer((), ())
            columns_found = tuple(str(column[0]) for column in asked.description)
            return Answer(columns_found, tuple(asked.fetchall()))
        except duckdb.Error as error:
            raise _refused(error, sql) from error


def query_frame(sql: str, out: Path) -> pd.DataFrame:
    """Ask SQL of all stored tables and give the answer as a pandas frame; see `query`.

    Args:
        sql: DuckDB's dialect, or the name of a table.
        out: the results folder.

    Raises:
        UsageError: the SQL is wrong; the message is the database's.
    """
    import duckdb

    with _opened(out) as connection:
        try:
            asked = _whole(sql)
            # An empty text asks nothing.
            found: pd.DataFrame = connection.execute(asked if asked.strip() else "SELECT NULL LIMIT 0").df()
        except duckdb.Error as error:
            raise _refused(error, sql) from error
    return found


def _whole(sql: str) -> str:
    """Make of the name of a table the question for all of it."""
    return f'SELECT * FROM "{sql.strip()}"' if sql.strip() in tables() else sql


def _refused(error: Exception, sql: str) -> UsageError:
    name = sql.strip()
    if not name.isidentifier():
        return UsageError(f"the query failed: {error}")
    # Of one word the database would only say that it is no SQL.
    from sim.scenario.findings import nearest

    hint = nearest(name, tables())
    return UsageError(f"no table {name}{f'; {hint}' if hint else ''}\nTables are {', '.join(tables())}")


@contextmanager
def _opened(out: Path) -> Iterator[Any]:
    """Open a database in memory with a view for each table.

    Raises:
        RunError: a stored table is damaged.
    """
    import duckdb

    with connect() as connection:
        try:
            _make_views(connection, out)
        except duckdb.Error as error:
            message = (
                f"a stored table cannot be read: {error}\nDelete it; the command that made it makes it anew"
            )
            raise RunError(message) from error
        yield connection


def _make_views(connection: Any, out: Path) -> None:
    for name, types in PARQUET.items():
        _view(connection, name, types=types, files=_files(out, f"{name}.parquet"))
    _view(connection, "results", types=RESULTS, files=_files(out, "values.parquet"))
    runs, studies = [describe(folder) for folder in stored_runs(out)], stored_besides(out)
    _listing(connection, "runs", RUNS, runs)
    _listing(connection, "studies", STUDIES, studies)
    _listing(connection, "folders", STUDIES[1:2], [*runs, *map(_about, studies)])
    for name in CSV:
        _csv_view(connection, name, types=csv_types(name), files=_files(out, f"{name}.csv"))
    for name, (types, number) in LONG.items():
        _long_view(connection, name, types=types, number=number, files=_files(out, f"{name}.csv"))


def csv_types(name: str) -> dict[str, str]:
    """Give the columns of a CSV table with their SQL types."""
    if name == "bottleneck":
        return _columns(
            "subject one_more parameter",
            "n",
            "more low high more_boxes boxes_low boxes_high fewer_waiting waiting_share usd_per_year "
            "usd_per_extra_tonne",
        ) | _columns("price_source")
    found: dict[str, str] = {}
    for module, row in CSV[name]:
        for each in fields(getattr(import_module(module), row)):
            if each.name not in _LEFT_OUT.get(name, ()):
                found[each.name] = _KINDS.get(str(each.type), _TEXT)
    return found


_KINDS = {"int": _WHOLE, "float": _REAL, "float | None": _REAL, "bool": "BOOLEAN"}
"""Types of a row's fields in SQL; all others are text."""


def stored_besides(out: Path) -> list[dict[str, object]]:
    """Give what is listed of studies and comparisons, by folder."""
    found = []
    for file in _files(out, MANIFEST):
        try:
            facts = read_manifest(file.parent)
        except RunError:
            continue
        if facts.get("kind") == "comparison":
            facts = {"scenario": facts.get("base"), "state": "finished", **facts}
            facts["title"] = " / ".join(str(title) for title in _listed(facts.get("titles")))
        if facts.get("kind") in (*KINDS, "comparison"):
            found.append({**facts, "run": file.parent.name, "state": state_of(facts)})
    return found


def _about(facts: Mapping[str, object]) -> dict[str, object]:
    """Give the scenario that the rows of a folder are about: of a comparison the one beside the base."""
    others = _listed(facts.get("others"))
    return {"run": facts["run"], "scenario": others[0] if len(others) == 1 else facts.get("scenario")}


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _files(out: Path, name: str) -> list[Path]:
    return sorted(out.glob(f"*/{name}"))


_RUN = "parse_path(filename)[-2]"


def _view(connection: Any, name: str, *, types: dict[str, str], files: Sequence[Path]) -> None:
    if not files:
        connection.execute(f'CREATE TABLE "{name}" (run VARCHAR, {_declared(types)})')
        return
    connection.execute(
        f'CREATE VIEW "{name}" AS SELECT {_RUN} AS run, * EXCLUDE (filename) '
        f"FROM read_parquet({files_to_read(files)}, filename = true, union_by_name = true)"
    )


def _csv_view(connection: Any, name: str, *, types: dict[str, str], files: Sequence[Path]) -> None:
    types = types if "scenario" in types else {"scenario": _TEXT, **types}
    parts = []
    # Files with the same header are read at once: results folders may hold thousands.
    alike: dict[tuple[str, ...], list[Path]] = {}
    for file in files:
        # A table without rows, of a scenario without flows, is a file without a header.
        if header := _header(file):
            alike.setdefault(header, []).append(file)
    if not alike:
        connection.execute(f'CREATE TABLE "{name}" (run VARCHAR, {_declared(types)})')
        return
    for header, some in alike.items():
        chosen = [
            f'CAST(file."{column}" AS {kind}) AS "{column}"'
            if column in header
            else f'{"folders.scenario" if column == "scenario" else f"NULL::{kind}"} AS "{column}"'
            for column, kind in types.items()
        ]
        parts.append(
            f"SELECT {_RUN} AS run, {', '.join(chosen)} FROM {_read(some, header)} AS file "
            f"LEFT JOIN folders ON folders.run = {_RUN}"
        )
    connection.execute(f'CREATE VIEW "{name}" AS {" UNION ALL ".join(parts)}')


def _long_view(
    connection: Any, name: str, *, types: dict[str, str], number: str, files: Sequence[Path]
) -> None:
    """Tell files that have a column for each factor row by row: which factor, and its value."""
    index = next(column for column, kind in types.items() if kind == _WHOLE)
    parts = []
    for file in files:
        header = _header(file)
        factors = [column for column in header if column != number]
        if not factors:
            continue
        counted = f'CAST("{number}" AS BIGINT)' if number else "row_number() OVER () - 1"
        pairs = ", ".join(f"{{'factor': {quoted(each)}, 'value': \"{each}\"}}" for each in factors)
        parts.append(
            f"SELECT run, {index}, pair.factor AS factor, pair.value AS value FROM (SELECT {_RUN} AS run, "
            f"{counted} AS {index}, unnest([{pairs}]) AS pair FROM {_read([file], header)})"
        )
    if not parts:
        connection.execute(f'CREATE TABLE "{name}" (run VARCHAR, {_declared(types)}, number DOUBLE)')
        return
    whole = " UNION ALL ".join(parts)
    # The number at the beginning, so that `400 km/day` can be compared too.
    numbers = "TRY_CAST(regexp_extract(value, '^[-+0-9.eE]+') AS DOUBLE) AS number"
    connection.execute(f'CREATE VIEW "{name}" AS SELECT *, {numbers} FROM ({whole})')


def _header(file: Path) -> tuple[str, ...]:
    try:
        with file.open(encoding="utf-8", newline="") as handle:
            return tuple(next(csv.reader(handle), ()))
    except (ValueError, csv.Error) as error:
        raise RunError(damaged(file)) from error


def _read(files: Sequence[Path], header: Sequence[str]) -> str:
    """Read CSV files of one header, every column as text; an empty field is null."""
    columns = ", ".join(f"{quoted(column)}: 'VARCHAR'" for column in header)
    return (
        f"read_csv({files_to_read(files)}, header = true, delim = ',', quote = '\"', escape = '\"', "
        f"nullstr = '', filename = true, auto_detect = false, columns = {{{columns}}})"
    )


def _listing(
    connection: Any, name: str, columns: Sequence[tuple[str, str]], found: Sequence[Mapping[str, object]]
) -> None:
    connection.execute(f'CREATE TABLE "{name}" (run VARCHAR, {_declared(dict(columns))})')
    rows = [[facts["run"], *(facts.get(column) for column, _ in columns)] for facts in found]
    if rows:
        marks = ", ".join("?" * (len(columns) + 1))
        connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)


def _declared(types: dict[str, str]) -> str:
    return ", ".join(f'"{column}" {kind}' for column, kind in types.items())
