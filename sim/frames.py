"""Tables as frames of the two libraries that people use: pandas, which is always there, and Polars.

Also the verb `query`: SQL over all that is stored, the answer as a frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from sim.errors import UsageError
from sim.extras import need

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["pandas", "polars"]

RUN_TABLES: Final = ("kpis", "summary", "series", "breakdown", "steps", "sailings", "aboard", "levels")
REPLICATION_TABLES: Final = (
    "kpis",
    "series",
    "breakdown",
    "closing",
    "steps",
    "sailings",
    "aboard",
    "levels",
)
COMPARISON_TABLES: Final = ("table", "why", "sure", "ranking")
STUDY_TABLES: Final = ("table", "points", "values", "parameters")


def query(sql: str, *, out: str | Path = "results", kind: Kind = "pandas") -> Any:
    """Ask SQL of everything stored, as `corridor query` does.

    Args:
        sql: DuckDB's dialect, or the name of a table: `runs`, `kpis`, `summary`, `series`, `comparison`, ….
        out: folder of results.
        kind: whether the answer is a `pandas` or a `polars` frame.

    Returns:
        The answer; every table has a column `run`, the name of the folder it lies in.

    Raises:
        UsageError: the SQL is wrong, or Polars is not installed.
    """
    from sim.store.query import query_frame

    _checked(kind)
    return converted(query_frame(sql, Path(out)), kind)


def frame_of(result: object, name: str, names: Sequence[str], *, kind: Kind) -> Any:
    """Give a table of a result as a frame.

    Args:
        result: holds its tables as attributes.
        name: of the table.
        names: of its tables.
        kind: which library.

    Raises:
        UsageError: it has no such table, or Polars is not installed.
    """
    known = [each for each in names if hasattr(type(result), each)]
    if name not in known:
        message = f"no table {name}; there are {', '.join(known)}"
        raise UsageError(message)
    _checked(kind)
    return converted(getattr(result, name), kind)


def converted(frame: pd.DataFrame, kind: Kind) -> Any:
    """Give a pandas frame as it is or as a Polars frame.

    Args:
        frame: any table of the product.
        kind: which library. Texts that are categoricals become enumerations, what is missing null.

    Raises:
        UsageError: Polars is not installed.
    """
    if kind == "pandas":
        return frame
    polars = _polars()
    return polars.DataFrame([_column(polars, name, frame[name]) for name in frame.columns])


def _column(polars: Any, name: object, column: pd.Series[Any]) -> Any:
    """Convert column by column, which needs no Arrow and makes no text for each row of a categorical."""
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        names = [str(each) for each in column.cat.categories]
        # One more at the end, so that −1, no name, is null.
        known = polars.Series(str(name), [*names, None], dtype=polars.Enum(names))
        codes = column.cat.codes.to_numpy().astype("int64")
        codes[codes < 0] = len(names)
        return known.gather(codes)
    values = column.to_numpy()
    if values.dtype.kind == "f":
        return polars.Series(str(name), values, nan_to_null=True)
    if values.dtype.kind in "iub":
        return polars.Series(str(name), values)
    plain = [None if each is None or each is pd.NA or each != each else each for each in values.tolist()]
    return polars.Series(str(name), plain, strict=False)


def _checked(kind: str) -> None:
    if kind not in ("pandas", "polars"):
        message = f"no frames of kind {kind!r}; there are pandas and polars"
        raise UsageError(message)
    if kind == "polars":
        _polars()


def _polars() -> Any:
    """Import Polars, which only those who ask for it need."""
    return need("polars", extra="polars", what="a frame of Polars")
