"""Streams without a known length: factors in blocks, each block a stream of its own.

A vessel's trips and a server's failures are not known before the run; block k is drawn when index k × size
is first asked for, and is the same whoever asks and whenever.
"""

from __future__ import annotations

import numpy as np

from sim.chance.shapes import Factors, factors
from sim.chance.streams import Streams
from sim.model.network import Shape


class Blocks:
    """A sequence of mean-one factors that has no end.

    Attributes:
        shape: their law.
        size: factors in a block.
    """

    __slots__ = ("_known", "_names", "_replication", "_seed", "_values", "shape", "size")

    def __init__(self, seed: int, replication: int, *names: str, shape: Shape, size: int) -> None:
        self._seed = seed
        self._replication = replication
        self._names = names
        self.shape = shape
        self.size = size
        self._values: list[float] = []
        self._known = np.empty(0)

    def __call__(self, index: int) -> float:
        """Give the factor of an index, from 0."""
        if self.shape.family == "fixed":
            return 1.0
        if index >= len(self._values):
            self._values = self.upto(index + 1).tolist()
        return self._values[index]

    def upto(self, count: int) -> Factors:
        """Give at least the first `count` factors: whole blocks, shape (≥ count,)."""
        missing = range(len(self._known) // self.size, -(-count // self.size))
        if missing:
            self._known = np.concatenate([self._known, *(self._block(number) for number in missing)])
        return self._known

    def _block(self, number: int) -> Factors:
        if self.shape.family == "fixed":
            return np.ones(self.size)
        stream = Streams(self._seed, self._replication).at((*self._names, str(number)))
        return factors(self.shape, stream, self.size)
