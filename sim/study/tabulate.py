"""From what the measures give to what is kept of a replication."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple, get_type_hints

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import Records
from sim.measure import Measures
from sim.measure.closing import FlowBalance, ServerBalance
from sim.model.model import Model
from sim.study.outcome import Column, Names, Outcome, Table, length, names_of


def tabulate(
    number: int, model: Model, *, measures: Measures, records: Records, keep: bool = False
) -> Outcome:
    """Give a replication the form in which it is kept.

    Args:
        number: of the replication.
        model: what was simulated.
        measures: of the replication.
        records: of the replication.
        keep: whether the record tables go with it.
    """
    return Outcome(
        number=number,
        kpis=in_order(table(measures.kpis), by=("kpi", "subject", "unit")),
        series=in_order(table(measures.series), by=("series", "subject")),
        breakdown=table(measures.breakdown),
        closing=rows_table(FlowBalance, measures.closing.flows),
        servers=rows_table(ServerBalance, measures.closing.servers),
        findings=tuple(measures.findings),
        fingerprint=fingerprint(records, begin=model.clock.begin),
        records=record_names(model, records) if keep else {},
    )


def table(rows: object) -> Table:
    """Give a dataclass of columns as a table: text columns as names, numbers as they are."""
    columns: dict[str, Column] = {}
    for column in fields(rows):  # type: ignore[arg-type]
        values = getattr(rows, column.name)
        is_text = isinstance(values, np.ndarray) and values.dtype.kind in "OUT"
        columns[column.name] = Names.of(values) if is_text else values
    return columns


def in_order(rows: Table, *, by: Sequence[str]) -> Table:
    """Sort the rows of a table by columns of names, the first named first; those alike stay as they stand.

    So they stand in the tables of a run, where they are put under one another.
    """
    place = np.zeros(length(rows), dtype=np.int64)
    size = 1
    for column in by:
        names = names_of(rows, column)
        # From -1, which is no name, on.
        place = place * (len(names.names) + 1) + names.codes + 1
        size *= len(names.names) + 1
    # Numbers of 16 bits are sorted by their digits, in a fraction of the time.
    order = np.argsort(place.astype(np.int16 if size < 1 << 15 else np.int64), kind="stable")
    return {
        name: Names(column.codes[order], column.names) if isinstance(column, Names) else column[order]
        for name, column in rows.items()
    }


def rows_table(kind: type[NamedTuple], rows: Sequence[tuple[str | int | float, ...]]) -> Table:
    """Give rows of one kind as a table."""
    columns: dict[str, Column] = {}
    types = get_type_hints(kind)
    for place, name in enumerate(kind._fields):
        values = [row[place] for row in rows]
        if types[name] is str:
            columns[name] = Names.of([str(value) for value in values])
        else:
            columns[name] = np.array(values, dtype=np.float64)
    return columns


def record_names(model: Model, records: Records) -> dict[str, Table]:
    """Give the record tables as they are kept: hours and ids."""
    from sim.measure.tables import record_tables

    return {
        name: {
            column: Names(np.asarray(values[0], dtype=np.int32), tuple(values[1]))
            if isinstance(values, tuple)
            else values
            for column, values in columns.items()
        }
        for name, columns in record_tables(model, records).items()
    }


def fingerprint(records: Records, *, begin: int) -> str:
    """Give a hash of what happened to every consignment and when, equal where two runs are the same.

    Each column is summed up with random odd weights modulo 2**64 (multilinear hashing, Carter and Wegman,
    1979): columns that differ practically never have one sum, and a sum costs a tenth of a digest.

    Args:
        records: of the run.
        begin: the run's, from which stamps count.
    """
    state = blake2b(digest_size=16)
    taken = (
        records.consignments.arrived,
        records.consignments.route,
        records.consignments.finished,
        records.sailings.sailed,
        records.steps.as_stamps(begin),
    )
    for column in taken:
        numbers = np.ascontiguousarray(column).reshape(-1).view(np.uint64)
        total = np.dot(numbers, _weights(max(len(numbers).bit_length(), 16))[: len(numbers)])
        state.update(f"{len(numbers)} {total}|".encode())
    return state.hexdigest()


@lru_cache(maxsize=4)
def _weights(bits: int) -> NDArray[np.uint64]:
    """Give 2**bits odd numbers, the same in every process."""
    stream = np.random.Generator(np.random.Philox(bits))
    return stream.integers(0, 1 << 64, 1 << bits, dtype=np.uint64) | np.uint64(1)
