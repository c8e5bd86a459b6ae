"""Sorting by radix and what is read off sorted lists, compiled with Numba.

Loaded only where the compiled engine is. Each function gives what NumPy gives in its caller, to the bit; what
the lists mean is written there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.compiled_engine.jit import compiled, entry

DIGIT = 11
"""Bits of a digit: as many counters as a core keeps near."""
MASK = (1 << DIGIT) - 1


@compiled
def bits_of(number: Any) -> Any:
    """Count the bits of a number that is not negative."""
    bits = 0
    while number >> bits:
        bits += 1
    return bits


@compiled
def in_order(keys: Any, values: Any) -> Any:
    """Sort pairs by keys that are not negative, pairs of one key as they stand; both arrays are used up."""
    size = len(keys)
    other_keys, other_values = np.empty(size, np.int64), np.empty(size, np.int64)
    for digit in range(-(-bits_of(keys.max() if size else 0) // DIGIT)):
        shift = digit * DIGIT
        begins = np.zeros(MASK + 2, np.int64)
        for k in range(size):
            begins[((keys[k] >> shift) & MASK) + 1] += 1
        begins = np.cumsum(begins)
        for k in range(size):
            here = (keys[k] >> shift) & MASK
            place = begins[here]
            begins[here] = place + 1
            other_keys[place] = keys[k]
            other_values[place] = values[k]
        keys, other_keys = other_keys, keys
        values, other_values = other_values, values
    return keys, values


@compiled
def ascending(keys: Any) -> Any:
    """Sort keys that are not negative; the array is used up."""
    size = len(keys)
    other = np.empty(size, np.int64)
    for digit in range(-(-bits_of(keys.max() if size else 0) // DIGIT)):
        shift = digit * DIGIT
        begins = np.zeros(MASK + 2, np.int64)
        for k in range(size):
            begins[((keys[k] >> shift) & MASK) + 1] += 1
        begins = np.cumsum(begins)
        for k in range(size):
            here = (keys[k] >> shift) & MASK
            other[begins[here]] = keys[k]
            begins[here] += 1
        keys, other = other, keys
    return keys


@entry
def sort_within(group: Any, value: Any) -> Any:
    """Sort values by group, then by value; none is negative."""
    bits = bits_of(value.max() if len(value) else 0)
    return ascending((group << bits) | value) & ((1 << bits) - 1)


@entry
def longest_queues(element: Any, since: Any, until: Any, size: Any, end: Any) -> Any:
    """Give the largest number that waits at each element, over the last values of all instants.

    Args:
        element: where each waits, shape (n,).
        since: from when, not negative.
        until: until when; who still waits at the end is not gone.
        size: number of elements.
        end: of the window.
    """
    bits = bits_of(end)
    begun = ascending((element << bits) | since)
    leaves = until < end
    gone = ascending((element[leaves] << bits) | until[leaves])
    longest = np.zeros(size, np.int64)
    here = -1
    number = 0
    k = 0
    for key in begun:
        if key >> bits != here:
            here = key >> bits
            number = 0
            while k < len(gone) and gone[k] >> bits < here:
                k += 1
        number += 1
        while k < len(gone) and gone[k] <= key:
            number -= 1
            k += 1
        longest[here] = max(longest[here], number)
    return longest


@entry
def served(owner: Any, started: Any, ended: Any, since: Any, size: Any) -> Any:
    """Say whether no server serves two at once, and for how many seconds from `since` on each served.

    Args:
        owner: server of each service, shape (n,).
        started: when it began, not negative.
        ended: when it ended.
        since: from when seconds count.
        size: number of servers.
    """
    bits = bits_of(started.max() if len(started) else 0)
    keys, ends = in_order((owner << bits) | started, ended.copy())
    is_apart = True
    seconds = np.zeros(size, np.int64)
    for k in range(len(keys)):
        here, start = keys[k] >> bits, keys[k] & ((1 << bits) - 1)
        is_apart &= k == 0 or keys[k - 1] >> bits != here or ends[k - 1] <= start
        seconds[here] += max(ends[k], since) - max(start, since)
    return is_apart, seconds


@entry
def settled(owner: Any, time: Any, change: Any) -> Any:
    """Add changes up by owner: the last level of each instant, where it differs from the one before.

    Args:
        owner: whose, not negative, shape (n,).
        time: when, not negative.
        change: by how much.

    Returns:
        Owner, time and level, by owner and time.
    """
    bits = bits_of(time.max() if len(time) else 0)
    keys, changes = in_order((owner << bits) | time, change.copy())
    levels = np.empty(len(keys), np.int64)
    kept = 0
    level = 0
    before = 0
    for k in range(len(keys)):
        is_first = k == 0 or keys[k - 1] >> bits != keys[k] >> bits
        if is_first:
            level = 0
        level += changes[k]
        if k + 1 < len(keys) and keys[k + 1] == keys[k]:
            continue
        is_new = kept == 0 or keys[kept - 1] >> bits != keys[k] >> bits
        if is_new or level != before:
            keys[kept], levels[kept] = keys[k], level
            kept += 1
            before = level
    kept_keys = keys[:kept]
    return kept_keys >> bits, kept_keys & ((1 << bits) - 1), levels[:kept].copy()
