"""Random streams keyed by name: who draws, not when.

A stream depends on the seed, the replication and its names, on nothing else; no global state, no call order.
What is drawn from a stream is written elsewhere.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

_SEPARATOR = "\x1f"
_WORDS = 4


def generator(seed: int, replication: int, *names: str) -> np.random.Generator:
    """Give the generator of one stream.

    Counter-based Philox (Salmon et al., 2011), seeded through NumPy's `SeedSequence`, so that streams of
    different names or replications are independent for all that matters.

    Args:
        seed: seed of the experiment, not negative.
        replication: number of the replication, from 0.
        names: what the stream is for, e.g. `"arrivals", "china-containers-west"`.
    """
    digest = blake2b(_SEPARATOR.join(names).encode(), digest_size=4 * _WORDS).digest()
    words = tuple(int.from_bytes(digest[4 * k : 4 * k + 4], "little") for k in range(_WORDS))
    sequence = np.random.SeedSequence(seed, spawn_key=(replication, *words))
    return np.random.Generator(np.random.Philox(sequence))
