"""The folder of a comparison: its table, its manifest and its figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from sim.store.atomic import sweep
from sim.store.tables import write_csv

if TYPE_CHECKING:
    from sim.study.compare import Contrast

COLUMNS = (
    "kpi",
    "subject",
    "unit",
    "base",
    "other",
    "n",
    "difference",
    "low",
    "high",
    "p",
    "p_adjusted",
)
"""Columns of `comparison.csv`; with more than one other scenario, `scenario` stands before them."""


def comparison_folder(
    out: Path, names: Sequence[str], *, runs: Sequence[str], asked: Mapping[str, object]
) -> Path:
    """Give the folder of a comparison: the same question has the same, another one another.

    Args:
        out: the results folder.
        names: scenarios, the base first.
        runs: names of their run folders, which carry the hashes.
        asked: what else tells comparisons apart: pairs, confidence, what is watched.
    """
    told = json.dumps([list(runs), dict(asked)], sort_keys=True)
    digest = blake2b(told.encode(), digest_size=4).hexdigest()
    more = f"-and-{len(names) - 2}-more" if len(names) > 2 else ""
    return out / f"compare-{names[0]}-{names[1]}{more}-{digest}"


def write_comparison(folder: Path, contrast: Contrast) -> Path:
    """Write `comparison.csv`: `base` and `other` are means over the pairs, `difference` is other − base."""
    columns = COLUMNS if len(contrast.others) == 1 else ("scenario", *COLUMNS)
    rows = [[asdict(row)[column] for column in columns] for row in contrast.rows]
    path = write_csv(folder / "comparison.csv", columns, rows)
    sweep(folder)
    return path


def write_rows(folder: Path, name: str, rows: Sequence[object]) -> Path | None:
    """Write dataclass rows as a table of the comparison, in their order.

    Args:
        folder: of the comparison.
        name: of the table, e.g. `why`.
        rows: of one kind; nothing is written where there are none.
    """
    if not rows:
        return None
    columns = [each.name for each in fields(rows[0])]  # type: ignore[arg-type]
    return write_csv(
        folder / f"{name}.csv", columns, [[getattr(row, column) for column in columns] for row in rows]
    )
