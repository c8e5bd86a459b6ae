"""Passes over what has been sorted, compiled with Numba: queues, levels, spreads.

Loaded only where the compiled engine is. Every figure is the same without it, to the bit: sums are of whole
numbers, or taken one after the other as NumPy takes them there. What they mean is written where they are
used.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.compiled_engine.jit import entry
from sim.measure.quantiles import BITS


@entry
def longest_queues(begun: Any, gone: Any, bits: Any, size: Any) -> Any:
    """Give the largest number that waits at each element, over the last values of all instants.

    Args:
        begun: element and instant from which each waits, in one number, ascending.
        gone: element and instant until which; who still waits at the end is not gone.
        bits: of an instant.
        size: number of elements.
    """
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
def squares(values: Any, number: Any, mean: Any) -> Any:
    """Add up the squared distances of values from their groups' means.

    Args:
        values: group by group.
        number: of values in each group.
        mean: of each group.
    """
    found = np.zeros(len(number))
    k = 0
    for group in range(len(number)):
        for _ in range(number[group]):
            off = values[k] - mean[group]
            found[group] += off * off
            k += 1
    return found


@entry
def numbered(key: Any, time_bits: Any, place_bits: Any) -> Any:
    """Pack keys of owner and time anew, in as few bits as they need, with their places below.

    Args:
        key: owner, and time in the lowest 41 bits.
        time_bits: bits of a time.
        place_bits: bits of a place.
    """
    found = np.empty(len(key), np.int64)
    for k in range(len(key)):
        owner, time = key[k] >> BITS, key[k] & ((1 << BITS) - 1)
        found[k] = (((owner << time_bits) | time) << place_bits) | k
    return found


@entry
def settled(order: Any, change: Any, time_bits: Any, place_bits: Any) -> Any:
    """Add changes up by owner: the last level of each instant, where it differs from the one before.

    Args:
        order: as `numbered` gives them, ascending.
        change: by how much, by place.
        time_bits: bits of a time.
        place_bits: bits of a place.

    Returns:
        Owner, time and level, by owner and time, shape (3, n).
    """
    found = np.empty((3, len(order)), np.int64)
    kept = 0
    level = before = 0
    here = -1
    is_new = True
    for k in range(len(order)):
        now = order[k] >> place_bits
        if now >> time_bits != here:
            here = now >> time_bits
            level = 0
            is_new = True
        level += change[order[k] & ((1 << place_bits) - 1)]
        if k + 1 < len(order) and order[k + 1] >> place_bits == now:
            continue
        if is_new or level != before:
            found[0, kept], found[1, kept], found[2, kept] = here, now & ((1 << time_bits) - 1), level
            kept += 1
            before = level
            is_new = False
    return found[:, :kept]


@entry
def integrate(levels: Any, grain: Any, end: Any, found: Any) -> None:
    """Integrate levels over the window, one piece after the other.

    Args:
        levels: owner, time and level, by owner and time.
        grain: by which each owner's levels are divided.
        end: of the window.
        found: integral, largest and least value by owner; to be filled in, the latter two hold the values at
            the window's start.
    """
    owner, time, amount = levels
    area, most, least = found
    value = most.copy()
    since = np.zeros(len(most), np.int64)
    for k in range(len(owner)):
        mine = owner[k]
        if 0 < time[k] < end:
            area[mine] += value[mine] * (time[k] - since[mine])
            value[mine] = amount[k] / grain[mine]
            since[mine] = time[k]
            most[mine] = max(most[mine], value[mine])
            least[mine] = min(least[mine], value[mine])
    for mine in range(len(area)):
        area[mine] += value[mine] * (end - since[mine])
