"""Sets of time per owner: unions of intervals and their lengths, for many owners at once.

Pure array functions. An instant of an owner is one packed integer, owner above time, so that one sorted
array holds all owners. Times must be non-negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.measure.folds import Floats, Ints, total
from sim.measure.quantiles import BITS


def pack(owner: Ints, time: Ints) -> Ints:
    """Pack owner and time into one integer that sorts by owner, then time."""
    return (owner << BITS) | time


@dataclass(frozen=True)
class Spans:
    """Intervals as two lists sorted apart: the k-th begin and the k-th end.

    Where intervals of an owner do not overlap, the k-th begin and the k-th end are of one interval.

    Attributes:
        begin: packed begins, ascending, shape (n,).
        end: packed ends, ascending, shape (n,).
    """

    begin: Ints
    end: Ints

    @classmethod
    def of(cls, owner: Ints, begin: Ints, end: Ints) -> Spans:
        """Sort intervals [begin, end) of owners."""
        first, last = pack(owner, begin), pack(owner, end)
        first.sort()
        last.sort()
        return cls(first, last)

    def overlap(self) -> int | None:
        """Give the packed begin of an interval that begins before another of its owner ends, if any."""
        wrong = np.flatnonzero(self.end[:-1] > self.begin[1:])
        return int(self.begin[1:][wrong[0]]) if len(wrong) else None

    def of_owners(self, owners: Ints) -> Spans:
        """Give the intervals of some owners, ascending; where those of one owner do not overlap."""
        if not len(owners):
            return Spans(self.begin[:0], self.end[:0])
        edges = np.searchsorted(self.begin, np.stack([owners, owners + 1]) << BITS)
        chosen = np.concatenate([np.arange(first, last) for first, last in edges.T])
        return Spans(self.begin[chosen], self.end[chosen])

    def since(self, time: int) -> Spans:
        """Cut off what lies before a time."""
        return Spans(self._raise(self.begin, time), self._raise(self.end, time))

    @staticmethod
    def _raise(key: Ints, time: int) -> Ints:
        out: Ints = np.maximum(key, (key >> BITS << BITS) | time)
        return out

    def __or__(self, other: Spans) -> Spans:
        """Give the union, as disjoint intervals."""
        begin, end = np.concatenate([self.begin, other.begin]), np.concatenate([self.end, other.end])
        begin.sort()
        end.sort()
        return Spans(begin, end).merged()

    def merged(self) -> Spans:
        """Give the same set of time as disjoint intervals."""
        if not len(self.begin):
            return self
        # As many have ended as have begun: nothing lasts, so a new stretch begins.
        heads = np.flatnonzero(np.concatenate(([True], self.begin[1:] > self.end[:-1])))
        tails = np.append(heads[1:], len(self.begin)) - 1
        return Spans(self.begin[heads], self.end[tails])

    def length(self, size: int) -> Floats:
        """Sum the lengths of disjoint intervals by owner, shape (size,)."""
        return total(self.begin >> BITS, self.end - self.begin, size=size)
