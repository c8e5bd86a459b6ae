"""Means, spreads and quantiles of many groups at once, from one sort.

Pure array functions; no model and no records enter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.measure import compiled
from sim.measure.folds import Floats, Ints, total

BITS = 41
"""Bits of a value inside a key: 2**41 s are 69,000 years."""


@dataclass(frozen=True)
class Groups:
    """Values sorted within their groups.

    Attributes:
        values: sorted by group, then by value, shape (n,); zeros are left out where `zeros` counts them.
        first: where each group begins in `values`, shape (G,).
        count: values in each group, the zeros included, shape (G,).
        zeros: how many zeros precede each group's values, shape (G,).
    """

    values: Ints
    first: Ints
    count: Ints
    zeros: Ints

    @classmethod
    def packed(cls, keys: Ints, *, number: Ints) -> Groups:
        """Sort positive values within groups that also hold zeros, which need no sorting.

        Args:
            keys: each value, below 2**41, in the lowest 41 bits, and above it its group; sorted in place, and
                left without the groups.
            number: values in each group, the zeros included, shape (G,).
        """
        keys.sort()
        first = np.searchsorted(keys, np.arange(len(number)) << BITS)
        positive = np.diff(first, append=len(keys))
        keys &= (1 << BITS) - 1
        return cls(keys, first, number, number - positive)

    def quantiles(self, *shares: float) -> list[Floats]:
        """Give quantiles of type 7 of each group (Hyndman and Fan, 1996); NaN for an empty one."""
        most = np.maximum(self.count - 1, 0)
        place = most * np.array(shares)[:, None]
        below = np.floor(place).astype(np.int64)
        low, high = self._rank(below), self._rank(np.minimum(below + 1, most))
        return list(np.where(self.count > 0, low + (place - below) * (high - low), np.nan))

    def mean(self) -> Floats:
        """Give the mean of each group; NaN for an empty one."""
        return np.where(self.count > 0, self._sum / np.maximum(self.count, 1), np.nan)

    def sd(self) -> Floats:
        """Give the standard deviation with n - 1 of each group; NaN below two values."""
        mean = np.nan_to_num(self.mean())
        squares = self._squares(mean) + self.zeros * mean**2
        return np.where(self.count > 1, np.sqrt(squares / np.maximum(self.count - 1, 1)), np.nan)

    def _squares(self, mean: Floats) -> Floats:
        """Add up squared distances of the values from their groups' means, one after the other."""
        inside = self.count - self.zeros
        if compiled.at_hand():
            from sim.measure.sweeps import squares

            found: Floats = squares(self.values, inside, mean)
            return found
        off = self.values - np.repeat(mean, inside)
        group = np.repeat(np.arange(len(self.count)), inside)
        return total(group, off * off, size=len(self.count))

    def bins(self, width: int) -> tuple[Ints, Ints, Ints]:
        """Count values by group and bin, bins with none left out.

        Args:
            width: of a bin.

        Returns:
            Group, the bin's number and how many, by group and bin.
        """
        inside = self.count - self.zeros
        most = int(self.values.max(initial=0)) // width + 1
        code = np.repeat(np.arange(len(self.count)) * most, inside) + self.values // width
        number = np.bincount(code, minlength=len(self.count) * most)
        number[np.arange(len(self.count)) * most] += self.zeros
        some = np.flatnonzero(number)
        return some // most, some % most, number[some]

    def max(self) -> Floats:
        """Give the largest value of each group; NaN for an empty one."""
        return np.where(self.count > 0, self._rank(np.maximum(self.count - 1, 0)), np.nan)

    @cached_property
    def _sum(self) -> Floats:
        upto = np.concatenate(([0], np.cumsum(self.values)))
        last = self.first + self.count - self.zeros
        out: Ints = upto[last] - upto[self.first]
        return out.astype(np.float64)

    def _rank(self, rank: Ints) -> Floats:
        place = rank - self.zeros
        inside = (place >= 0) & (self.count > 0)
        if not len(self.values):
            return np.zeros(len(self.count))
        at = np.where(inside, self.first + place, 0)
        return np.where(inside, self.values[at], 0).astype(np.float64)
