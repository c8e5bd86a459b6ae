"""A column of names as codes: there are few names and many rows.

The form in which names travel from the measures to the store. No model and no records enter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.measure.folds import Bools, Ints


@dataclass(frozen=True)
class Names:
    """A column of names: `names[codes]`.

    Attributes:
        codes: index into `names` by row, −1 where there is none.
        names: distinct, ascending.
    """

    codes: NDArray[np.int32]
    names: tuple[str, ...]

    @classmethod
    def of(cls, values: Sequence[str] | NDArray[Any]) -> Names:
        """Make a column of names from one string per row."""
        texts = values.tolist() if isinstance(values, np.ndarray) else list(values)
        # Looking names up is many times faster than sorting all rows: there are few names.
        names = tuple(sorted(set(texts)))
        code_of = {name: code for code, name in enumerate(names)}
        return cls(np.fromiter(map(code_of.__getitem__, texts), np.int32, len(texts)), names)

    @classmethod
    def at(cls, values: Sequence[str], rows: Ints) -> Names:
        """Make a column of the names that stand at some places of a list.

        Args:
            values: names, which may repeat.
            rows: place in `values` of each row, shape (n,).
        """
        used = np.bincount(rows, minlength=len(values))[: len(values)] > 0
        some = cls.of([value for value, is_used in zip(values, used.tolist(), strict=True) if is_used])
        codes = np.full(len(values), -1, dtype=np.int32)
        codes[used] = some.codes
        return cls(codes[rows], some.names)

    def __len__(self) -> int:
        return len(self.codes)

    def rows(self, name: str) -> Bools:
        """Tell which rows have a name."""
        code = self.names.index(name) if name in self.names else -2
        out: Bools = self.codes == code
        return out

    def values(self) -> list[str]:
        """Give one string per row, empty where there is none."""
        return [self.names[code] if code >= 0 else "" for code in self.codes.tolist()]
