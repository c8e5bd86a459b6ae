"""How answers look: aligned tables, numbers with few digits, JSON, and progress on a terminal."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sim.errors import Finding
    from sim.study.replicate import Progress


def number(value: float, digits: int = 4) -> str:
    """Write a number with so many significant digits; a dash where there is none."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else "-∞")
    if value == 0:
        return "0"
    rounded = float(f"{value:.{digits}g}")
    places = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    if places > digits + 4:
        return f"{value:.{digits}g}"
    return f"{value:,.{places}f}".replace(",", " ")


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Align columns.

    Args:
        header: names; a table without a header line where all are empty.
        rows: cells.
        right: columns that are aligned to the right.
    """
    lines = [list(header), *map(list, rows)] if any(header) else [list(row) for row in rows]
    if not lines:
        return ""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def as_json(content: object) -> str:
    """Write an answer as JSON; what is not finite is null."""
    from sim.store.manifest import plain

    return json.dumps(plain({"answer": content})["answer"], indent=2, ensure_ascii=False)


def note(text: str, *, quiet: bool = False) -> None:
    """Tell something beside the answer, on standard error."""
    if not quiet:
        click.echo(text, err=True)


def finding_facts(finding: Finding) -> dict[str, object]:
    """Give a finding as a mapping."""
    where = finding.where
    return {
        "code": finding.code,
        "level": finding.level.value,
        "file": where.file if where else None,
        "line": where.line if where else None,
        "column": where.column if where else None,
        "path": finding.path,
        "message": finding.message,
        "expected": finding.expected,
        "hint": finding.hint,
    }


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Callable[[Progress], None] | None]:
    """Show how far the work is and how long it will still take, on a terminal only.

    Yields:
        What is to be called after every replication, or None where nothing is shown.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("replications", total=None)

        def show(progress: Progress) -> None:
            bar.update(task, completed=progress.finished, total=progress.expected)

        yield show
