"""Moments of columns whose rows come one after the other, so that they need not be held together.

The same numbers to the bit as `sim.statistics.samples.moments` gives of the whole matrix. As there the spread
is taken about the mean, so the rows have to come twice.
"""

from __future__ import annotations

import numpy as np

from sim.statistics.samples import FloatArray, IntArray, Moments


class RunningMoments:
    """Count, mean and spread of each column; there are as many columns as have been met.

    Rows are given by `add`, all of them; then once more, in the same order, by `add_spread`.
    """

    def __init__(self) -> None:
        self._n = np.zeros(0, dtype=np.int64)
        # As in `moments`: distances from the first number, so that a large mean costs no digits.
        self._anchor, self._total, self._squares = np.zeros(0), np.zeros(0), np.zeros(0)

    def add(self, columns: IntArray, values: FloatArray) -> None:
        """Take a row.

        Args:
            columns: which columns it has values in, each at most once, shape (k,).
            values: NaN where it has none after all, shape (k,).
        """
        self._widen(int(columns.max(initial=-1)) + 1)
        seen = ~np.isnan(values)
        columns, values = columns[seen], values[seen]
        first = columns[self._n[columns] == 0]
        self._anchor[first] = values[self._n[columns] == 0]
        self._total[columns] += values - self._anchor[columns]
        self._n[columns] += 1

    def add_spread(self, columns: IntArray, values: FloatArray) -> None:
        """Take a row again, once all have been added."""
        seen = ~np.isnan(values)
        columns, values = columns[seen], values[seen]
        shift = self._total[columns] / self._n[columns]
        self._squares[columns] += (values - self._anchor[columns] - shift) ** 2

    def moments(self) -> Moments:
        """Give mean, sd and n of each column; the mean is NaN where n = 0, the sd where n < 2."""
        n = self._n
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(n > 0, self._anchor + self._total / n, np.nan)
            sd = np.sqrt(self._squares / np.where(n > 1, n - 1, np.nan))
        return Moments(mean=mean, sd=sd, n=n.copy())

    def _widen(self, size: int) -> None:
        more = size - len(self._n)
        if more > 0:
            self._n = np.append(self._n, np.zeros(more, dtype=np.int64))
            self._anchor, self._total, self._squares = (
                np.append(each, np.zeros(more)) for each in (self._anchor, self._total, self._squares)
            )
