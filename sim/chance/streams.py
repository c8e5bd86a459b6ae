"""Random streams keyed by name: who draws, not when.

A stream depends on the seed, the replication and its names, on nothing else; no global state, no call order.
What is drawn from a stream is written elsewhere.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from hashlib import blake2b
from typing import Any, cast

import numpy as np
from numpy.random.bit_generator import ISeedSequence

from sim.chance.seeding import Keys, stream_keys

_SEPARATOR = "\x1f"
_WORDS = 4
_MOST = 16_384
"""Names that are remembered; far more than one model has."""

_known: dict[tuple[str, ...], tuple[int, ...]] = {}
"""Names asked for so far in this process with their words: the next replication will ask for them again."""


def generator(seed: int, replication: int, *names: str) -> np.random.Generator:
    """Give the generator of one stream.

    Counter-based Philox (Salmon et al., 2011), seeded through NumPy's `SeedSequence`, so that streams of
    different names or replications are independent for all that matters.

    Args:
        seed: seed of the experiment, not negative.
        replication: number of the replication, from 0.
        names: what the stream is for, e.g. `"arrivals", "china-containers-west"`.
    """
    key = _keys(seed, replication).get(names)
    if key is not None:
        seeded = cast(np.random.SeedSequence, _Seeded(key))
        return np.random.Generator(np.random.Philox(seeded))
    words = _known.get(names)
    if words is None:
        words = _words(names)
        if len(_known) >= _MOST:
            _known.clear()
        _known[names] = words
    sequence = np.random.SeedSequence(seed, spawn_key=(replication, *words))
    return np.random.Generator(np.random.Philox(sequence))


class _Lent(threading.local):
    """A generator that is set to the beginning of one stream after the other.

    A generator costs more to make than a few dozen numbers to draw: one is lent to one after the other.
    """

    def __init__(self) -> None:
        self._bits = np.random.Philox()
        self._generator = np.random.Generator(self._bits)
        self._begin: dict[str, Any] = {"counter": np.zeros(4, dtype=np.uint64)}
        self._state: Any = {
            "bit_generator": "Philox",
            "state": self._begin,
            "buffer": np.zeros(4, dtype=np.uint64),
            "buffer_pos": 4,
            "has_uint32": 0,
            "uinteger": 0,
        }

    def at(self, key: Keys) -> np.random.Generator:
        """Set the generator to the beginning of a stream."""
        self._begin["key"] = key
        self._bits.state = self._state
        return self._generator


_LENT = _Lent()


class Streams:
    """The streams of one replication, one after the other; the same numbers as each one's `generator` gives.

    Args:
        seed: seed of the experiment, not negative.
        replication: number of the replication, from 0.
    """

    def __init__(self, seed: int, replication: int) -> None:
        self._of = seed, replication
        self._keys = _keys(seed, replication)

    def at(self, names: tuple[str, ...]) -> np.random.Generator:
        """Give a generator at the beginning of a stream, to be drawn from at once: the next one moves it."""
        key = self._keys.get(names)
        return generator(*self._of, *names) if key is None else _LENT.at(key)


def _words(names: tuple[str, ...]) -> tuple[int, ...]:
    """Give four numbers of 32 bits that stand for some names."""
    digest = blake2b(_SEPARATOR.join(names).encode(), digest_size=4 * _WORDS).digest()
    return tuple(int.from_bytes(digest[4 * k : 4 * k + 4], "little") for k in range(_WORDS))


@lru_cache(maxsize=8)
def _keys(seed: int, replication: int) -> dict[tuple[str, ...], Keys]:
    """Work out the keys of all names known by now at once: a twentieth of the time of one by one."""
    names = list(_known.items())
    if not names:
        return {}
    words = np.array([each for _, each in names], dtype=np.uint32)
    keys = stream_keys(seed, replication, words)
    return {each: key for (each, _), key in zip(names, keys, strict=True)}


class _Seeded(ISeedSequence):
    """A seed sequence whose answer to Philox is known already."""

    def __init__(self, key: Keys) -> None:
        self._key = key

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> Keys:
        """Give the key that `SeedSequence` would give."""
        return self._key
