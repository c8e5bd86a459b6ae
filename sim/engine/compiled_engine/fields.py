"""How records lie in memory: a class's annotations are its fields, for NumPy and for Numba."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Protocol, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

T = TypeVar("T")

Short = Annotated[int, "i4"]
"""An integer in 32 bits, in records of which there are many."""

Small = Annotated[int, "i2"]
"""An integer in 16 bits."""

Stamp = Annotated[int, "u4"]
"""A time in records of which there are many: seconds since the run's begin, in 32 bits."""


class Table(Protocol[T]):
    """Rows of one kind, by index."""

    def __getitem__(self, index: int, /) -> T: ...

    def __setitem__(self, index: int, value: T, /) -> None: ...

    def __len__(self) -> int: ...


Pair = Annotated[Table[int], ("i8", (2,))]
"""Two integers: by direction, by end, or by path."""


@cache
def layout(record: type) -> np.dtype[np.void]:
    """Give the memory layout of a record class: its annotations in order, aligned."""
    plain = {int: "i8", float: "f8", bool: "?"}
    fields: list[Any] = []
    for name, hint in get_type_hints(record, include_extras=True).items():
        if get_origin(hint) is Annotated:
            kind = get_args(hint)[1]
            fields.append((name, *kind) if isinstance(kind, tuple) else (name, kind))
        else:
            fields.append((name, plain[hint]))
    return np.dtype(fields, align=True)
