"""Keys of many streams at once, the same numbers as NumPy's `SeedSequence` gives one by one.

The entropy pool of `SeedSequence` (O'Neill, 2015, "Developing a seed_seq alternative") written for arrays, as
a replication needs hundreds of streams and to seed each costs more than to draw from it. Bit for bit NumPy's,
whose promise is that it never changes; held to it in tests.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]
Keys = NDArray[np.uint64]

_POOL = 4
_BITS = np.uint32(16)
_MASK = 0xFFFFFFFF
_FIRST_IN, _STEP_IN = 0x43B0D7E5, 0x931E8875
_FIRST_OUT, _STEP_OUT = 0x8B51F9DD, 0x58F38DED
_MIX_LEFT, _MIX_RIGHT = np.uint32(0xCA01F9DD), np.uint32(0x4973F715)


def stream_keys(seed: int, replication: int, words: Words) -> Keys:
    """Give the Philox keys of `SeedSequence(seed, spawn_key=(replication, *words))`.

    Args:
        seed: not negative.
        replication: not negative.
        words: of each stream, shape (streams, n).

    Returns:
        What `generate_state(2, uint64)` gives for each stream, shape (streams, 2).
    """
    common = _split(seed)
    common += [0] * (_POOL - len(common)) + _split(replication)
    entropy: list[Words] = [np.array([word], dtype=np.uint32) for word in common]
    entropy += [np.ascontiguousarray(column) for column in words.T]
    hashed = _Hash(_FIRST_IN, _STEP_IN)
    pool = [hashed(word) for word in entropy[:_POOL]]
    for source in range(_POOL):
        for target in range(_POOL):
            if source != target:
                pool[target] = _mixed(pool[target], hashed(pool[source]))
    for word in entropy[_POOL:]:
        pool = [_mixed(each, hashed(word)) for each in pool]
    out = _Hash(_FIRST_OUT, _STEP_OUT)
    low, high, low_2, high_2 = (out(each).astype(np.uint64) for each in pool)
    shift = np.uint64(32)
    return np.stack([low | high << shift, low_2 | high_2 << shift], axis=1)


def _split(number: int) -> list[int]:
    """Give a number's digits to the base 2**32, least first; at least one."""
    digits = [number & _MASK]
    while number := number >> 32:
        digits.append(number & _MASK)
    return digits


class _Hash:
    """A hash of words whose multiplier moves on with every use."""

    def __init__(self, first: int, step: int) -> None:
        self._multiplier = first
        self._step = step

    def __call__(self, word: Words) -> Words:
        before = self._multiplier
        self._multiplier = before * self._step & _MASK
        value = (word ^ np.uint32(before)) * np.uint32(self._multiplier)
        out: Words = value ^ value >> _BITS
        return out


def _mixed(one: Words, other: Words) -> Words:
    value = one * _MIX_LEFT - other * _MIX_RIGHT
    out: Words = value ^ value >> _BITS
    return out
