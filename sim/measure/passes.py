"""Passes over the record tables, compiled with Numba: what NumPy does in dozens of sweeps, done in one.

Loaded only where the compiled engine is. Every figure is the same without it, to the bit, as all sums here
are of whole numbers. What the columns mean is written in `view`, and the rules in `forward`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.compiled_engine.jit import entry
from sim.engine.records import Outcome
from sim.measure.tally import Rows

DELIVERED = int(Outcome.DELIVERED)
SETS = len(Rows)


@entry
def read_journeys(begin: Any, end: Any, steps: Any, consignments: Any, layout: Any, amounts: Any) -> Any:
    """Go through the rows of `steps` once.

    Args:
        begin: the run's begin in seconds.
        end: the window's end.
        steps: flow, consignment, route, ordinal, asked, started, ended, left, kg, milliteu, shape (rows,).
        consignments: flow, number, arrived, outcome, finished, shape (consignments,).
        layout: element of each cell, 1 where it is the last of its route, first cell by flow and route, its
            width.
        amounts: kg and milliteu of each cell, shape (C, 2).

    Returns:
        Whether all rows obey the rules; cell, asked, started, ended, left by row; rows that waited, by
        element; rows that were held; first row and consignment of each journey; rows, seconds waited, blocked
        and stayed by cell and the sets they are in, shape (C, 16, 4); seconds in the window by flow.
    """
    flow, number, route, ordinal, asked, started, ended, left, kg, milliteu = steps
    of_flow, numbered, arrived, outcome, finished = consignments
    element, last, first, width = layout
    rows, cells = len(flow), len(element)
    cell = np.empty(rows, np.int64)
    times = np.empty((4, rows), np.int64)
    waited = np.empty(rows, np.int64)
    held = np.empty(rows, np.int64)
    head = np.empty(len(of_flow), np.int64)
    whose = np.empty(len(of_flow), np.int64)
    # By cell and the sets that a row is in, one bit each: rows, seconds waited, blocked, stayed.
    sums = np.zeros((cells, 1 << SETS, 4), np.int64)
    spent = np.zeros(len(first) // max(width[0], 1), np.int64)
    waits = np.zeros(1 + (element.max() + 1 if cells else 0), np.int64)
    number_waited = number_held = journeys = 0
    k = -1
    before = 0
    delivered = 0
    is_sound = True
    for row in range(rows):
        a = asked[row] if begin <= asked[row] <= end else end
        s = started[row] if begin <= started[row] <= end else end
        e = ended[row] if begin <= ended[row] <= end else end
        d = left[row] if begin <= left[row] <= end else end
        if ordinal[row] == 0:
            k += 1
            while k < len(of_flow) and (of_flow[k] != flow[row] or numbered[k] != number[row]):
                k += 1
            if k == len(of_flow):
                is_sound = False
                break
            head[journeys], whose[journeys] = row, k
            journeys += 1
            offered = arrived[k] if begin <= arrived[k] <= end else end
            delivered = int(outcome[k] == DELIVERED and 0 <= finished[k] < end)
            is_sound &= a == offered
        else:
            is_sound &= row > 0 and ordinal[row] == ordinal[row - 1] + 1 and a == before
        before = d
        pair = flow[row] * width[0] + route[row]
        c = first[pair] + ordinal[row] if 0 <= pair < len(first) else -1
        if c < ordinal[row] or c >= cells:
            is_sound = False
            break
        is_sound &= a <= s <= e <= d and kg[row] == amounts[c, 0] and milliteu[row] == amounts[c, 1]
        if row + 1 == rows or ordinal[row + 1] == 0:
            over = last[c] != 0 and d < end
            ends_there = (finished[k] if begin <= finished[k] <= end else end) == d
            is_sound &= (outcome[k] == DELIVERED) == over and (not over or ends_there)
        cell[row] = c
        times[0, row], times[1, row], times[2, row], times[3, row] = a, s, e, d
        wait, block, stay = s - a, d - e, d - a
        if wait:
            waited[number_waited] = row
            number_waited += 1
            waits[element[c] + 1] += 1
        if block:
            held[number_held] = row
            number_held += 1
        sets = delivered | (0 <= d < end) << 1 | (0 <= e < end) << 2 | (0 <= s < end) << 3
        sums[c, sets, 0] += 1
        sums[c, sets, 1] += wait
        sums[c, sets, 2] += block
        sums[c, sets, 3] += stay
        spent[flow[row]] += max(d - max(a, 0), 0)
    begins = np.cumsum(waits)
    by_element = np.empty(number_waited, np.int64)
    for place in range(number_waited):
        here = element[cell[waited[place]]]
        by_element[begins[here]] = waited[place]
        begins[here] += 1
    mine = (by_element, held[:number_held].copy(), head[:journeys].copy(), whose[:journeys].copy())
    return is_sound, cell, times, mine, sums, spent
