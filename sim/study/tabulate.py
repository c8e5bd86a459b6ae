"""From what the measures give to what is kept of a replication."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import lru_cache, wraps
from hashlib import blake2b
from operator import is_
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import Records
from sim.measure import Measures
from sim.model.model import Model
from sim.study.outcome import Column, Names, Outcome, Table, names_of

T = TypeVar("T")

_LAST: Final = 8
"""Things made of the last replications' names that are kept."""
_ROW: Final = 1 << 12
"""Numbers that a fingerprint sums up at a time."""


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
        closing=table(measures.closing.by_flow),
        servers=table(measures.closing.by_server),
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
        columns[column.name] = _names(values) if is_text else values
    return columns


def in_order(rows: Table, *, by: Sequence[str]) -> Table:
    """Sort the rows of a table by columns of names, the first named first; those alike stay as they stand.

    So they stand in the tables of a run, where they are put under one another.
    """
    order = _order(*(names_of(rows, column) for column in by))
    return {
        name: _taken(column, order) if isinstance(column, Names) else column[order]
        for name, column in rows.items()
    }


def _of_the_last(make: Callable[..., T]) -> Callable[..., T]:
    """Give again what was made of the very same objects: replications of one scenario share their names."""
    known: list[tuple[tuple[object, ...], T]] = []

    @wraps(make)
    def recalled(*given: object) -> T:
        for objects, made in known:
            if len(objects) == len(given) and all(map(is_, objects, given)):
                return made
        made = make(*given)
        known.insert(0, (given, made))
        del known[_LAST:]
        return made

    return recalled


@_of_the_last
def _names(values: NDArray[Any]) -> Names:
    return Names.of(values)


@_of_the_last
def _order(*columns: Names) -> NDArray[np.int64]:
    place = np.zeros(len(columns[0]), dtype=np.int64)
    size = 1
    for names in columns:
        # From -1, which is no name, on.
        place = place * (len(names.names) + 1) + names.codes + 1
        size *= len(names.names) + 1
    # Numbers of 16 bits are sorted by their digits, in a fraction of the time.
    return np.argsort(place.astype(np.int16 if size < 1 << 15 else np.int64), kind="stable")


@_of_the_last
def _taken(names: Names, order: NDArray[np.int64]) -> Names:
    return Names(names.codes[order], names.names)


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
        # In rows, each summed up with one set of weights that stays near, and these sums with another.
        whole = len(numbers) // _ROW * _ROW
        sums = numbers[:whole].reshape(-1, _ROW) @ _weights(_ROW)
        rest = np.dot(numbers[whole:], _weights(_ROW)[: len(numbers) - whole])
        sums = np.append(sums, rest)
        total = np.dot(sums, _weights(1 << len(sums).bit_length())[: len(sums)])
        state.update(f"{len(numbers)} {total}|".encode())
    return state.hexdigest()


@lru_cache(maxsize=32)
def _weights(number: int) -> NDArray[np.uint64]:
    """Give odd numbers, the same in every process."""
    stream = np.random.Generator(np.random.Philox(number))
    return stream.integers(0, 1 << 64, number, dtype=np.uint64) | np.uint64(1)
