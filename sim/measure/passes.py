"""Passes over the record tables, compiled with Numba: what NumPy does in dozens of sweeps, done in one.

Loaded only where the compiled engine is. Every figure is the same without it, to the bit, as all sums here
are of whole numbers. What the columns mean is written in `view`, and the rules in `forward`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.compiled_engine.jit import entry
from sim.engine.records import Outcome
from sim.measure.counted import BATCHES, INSTANTS
from sim.measure.tally import Rows
from sim.model.network import Kind

UNDER_WAY, DELIVERED = int(Outcome.UNDER_WAY), int(Outcome.DELIVERED)
TURNED_AWAY, GONE_OUTSIDE = int(Outcome.TURNED_AWAY), int(Outcome.GONE_OUTSIDE)
SETS = len(Rows)
LINE = int(Kind.LINE)


@entry
def read_journeys(begin: Any, end: Any, steps: Any, consignments: Any, layout: Any, amounts: Any) -> Any:
    """Go through the rows of `steps` once.

    Args:
        begin: the run's begin in seconds.
        end: the window's end.
        steps: flow, consignment, route, ordinal, asked, started, ended, left, kg, milliteu, server, shape
            (rows,).
        consignments: flow, number, arrived, admitted, outcome, finished, shape (consignments,).
        layout: element, kind and index of each cell, 1 where it is the last of its route, first cell by flow
            and route, its width.
        amounts: kg and milliteu of each cell, shape (C, 2).

    Returns:
        Whether all rows obey the rules; cell by row; the columns of `Waits`; the columns of `Services`; rows
        that were held, rows at lines, first row and consignment of each journey; rows, seconds waited,
        blocked and stayed by cell and the sets they are in, shape (C, 16, 4); seconds in the window, journeys
        that ended in it and that are not over, by flow, shape (flows, 3).
    """
    flow, number, route, ordinal, asked, started, ended, left, kg, milliteu, server = steps
    of_flow, numbered, arrived, admitted, outcome, finished = consignments
    element, kind, index, last, first, width = layout
    rows, cells = len(flow), len(element)
    cell = np.empty(rows, np.int64)
    found = np.empty((6, rows), np.int64)
    served = np.empty((5, rows), np.int64)
    held = np.empty(rows, np.int64)
    afloat = np.empty(rows, np.int64)
    head = np.empty(len(of_flow), np.int64)
    whose = np.empty(len(of_flow), np.int64)
    # By cell and the sets that a row is in, one bit each: rows, seconds waited, blocked, stayed.
    sums = np.zeros((cells, 1 << SETS, 4), np.int64)
    by_flow = np.zeros((len(first) // max(width[0], 1), 3), np.int64)
    waits = np.zeros(1 + (element.max() + 1 if cells else 0), np.int64)
    waited = number_held = services = journeys = sailed = 0
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
            by_flow[flow[row], 1] += over and d >= 0
            by_flow[flow[row], 2] += not over
        cell[row] = c
        wait, block, stay = s - a, d - e, d - a
        if wait:
            found[0, waited], found[1, waited], found[2, waited] = element[c], flow[row], row
            entry = a if ordinal[row] else admitted[k]
            found[3, waited], found[4, waited] = a, s
            found[5, waited] = entry if begin <= entry <= end else end
            waited += 1
            waits[element[c] + 1] += 1
        if block:
            held[number_held] = row
            number_held += 1
        if server[row] >= 0 and s < end:
            served[0, services], served[1, services], served[2, services] = row, index[c], server[row]
            served[3, services], served[4, services] = s, e
            services += 1
        if kind[c] == LINE:
            afloat[sailed] = row
            sailed += 1
        sets = delivered | (0 <= d < end) << 1 | (0 <= e < end) << 2 | (0 <= s < end) << 3
        sums[c, sets, 0] += 1
        sums[c, sets, 1] += wait
        sums[c, sets, 2] += block
        sums[c, sets, 3] += stay
        by_flow[flow[row], 0] += max(d - max(a, 0), 0)
    begins = np.cumsum(waits)
    by_element = np.empty((6, waited), np.int64)
    for k in range(waited):
        place = begins[found[0, k]]
        begins[found[0, k]] = place + 1
        for field in range(6):
            by_element[field, place] = found[field, k]
    blocked, loaded = held[:number_held].copy(), afloat[:sailed].copy()
    mine = (blocked, loaded, head[:journeys].copy(), whose[:journeys].copy())
    return is_sound, cell, by_element, served[:, :services].copy(), mine, sums, by_flow


@entry
def read_consignments(begin: Any, end: Any, step: Any, consignments: Any, pairs: Any, size: Any) -> Any:
    """Go through `consignments` once.

    Args:
        begin: the run's begin in seconds.
        end: the window's end.
        step: seconds between readings.
        consignments: flow, arrived, outcome, route, finished, shape (consignments,).
        pairs: pair by flow and route, shape (flows * routes,).
        size: number of flows.

    Returns:
        When each was offered and finished, cut to the run, and its pair, shape (3, consignments); those
        delivered in the window; by flow those under way at its start, offered, delivered, turned away, gone
        outside, under way at its end, shape (6, flows); then what `Counted.summed` takes.
    """
    flow, arrived, outcome, route, finished = consignments
    number = len(flow)
    width = len(pairs) // max(size, 1)
    readings = end // step + 1
    columns = np.empty((3, number), np.int64)
    done = np.empty(number, np.int64)
    counts = np.zeros((6, size), np.int64)
    by_instant = np.zeros((2, size, INSTANTS + 2), np.int64)
    by_reading = np.zeros((3, size, readings + 1), np.int64)
    batches = np.zeros((size, BATCHES), np.int64)
    spent = np.zeros(size, np.int64)
    delivered = 0
    for k in range(number):
        f = flow[k]
        a = arrived[k] if begin <= arrived[k] <= end else end
        e = finished[k] if begin <= finished[k] <= end else end
        columns[0, k], columns[1, k] = a, e
        columns[2, k] = pairs[f * width + route[k]] if route[k] >= 0 else -1
        counts[0, f] += a < 0 and e >= 0
        counts[5, f] += a < end and e >= end
        if 0 <= a < end:
            counts[1, f] += 1
            batches[f, a * BATCHES // end] += 1
        by_instant[0, f, min((INSTANTS * max(a, 0) + end - 1) // end, INSTANTS + 1)] += 1
        by_reading[0, f, min((max(a, -1) + step) // step, readings)] += 1
        if e < end:
            by_instant[1, f, (INSTANTS * max(e, 0) + end - 1) // end] += 1
            place = min((max(e, -1) + step) // step, readings)
            by_reading[2, f, place] += 1
            if e >= 0 and outcome[k] == DELIVERED:
                counts[2, f] += 1
                by_reading[1, f, place] += 1
                done[delivered] = k
                delivered += 1
            elif e >= 0:
                counts[3, f] += outcome[k] == TURNED_AWAY
                counts[4, f] += outcome[k] == GONE_OUTSIDE
        spent[f] += max(min(end if outcome[k] == UNDER_WAY else e, end) - max(a, 0), 0)
    return columns, done[:delivered].copy(), counts, by_instant, by_reading, batches, spent


@entry
def read_aboard(aboard: Any, sailings: Any, consignments: Any, journeys: Any, cell: Any, whole: Any) -> Any:
    """Go through the rows of `aboard` once.

    Args:
        aboard: flow, consignment, ordinal, line, vessel, trip, amount, shape (parts,).
        sailings: line, vessel, trip, shape (trips,).
        consignments: flow, number, shape (consignments,).
        journeys: first row and consignment of each, shape (journeys,).
        cell: of each step row.
        whole: amount of a consignment in its line's measure, by cell.

    Returns:
        Whether each part's trip and step was found where it stands if no number is missing; row of its trip,
        its step row, cell, amount boarded up to and with it, amount of its consignment, shape (5, parts); 1
        where it is the first of its consignment and step; parts that are no whole consignment.
    """
    flow, number, ordinal, line, vessel, trip, amount = aboard
    of_line, of_vessel, numbered_trip = sailings
    of_flow, numbered = consignments
    head, whose = journeys
    parts = len(flow)
    columns = np.empty((5, parts), np.int64)
    begins = np.empty(parts, np.bool_)
    broken = np.empty(parts, np.int64)
    if parts == 0 or len(of_line) == 0:
        return parts == 0, columns, begins, broken
    most = max(vessel.max(), of_vessel.max()) + 1
    first = np.zeros((max(line.max(), of_line.max()) + 1) * most, np.int64)
    for row in range(len(of_line)):
        if row == 0 or of_line[row] != of_line[row - 1] or of_vessel[row] != of_vessel[row - 1]:
            first[of_line[row] * most + of_vessel[row]] = row - numbered_trip[row]
    number_broken = 0
    journey = 0
    for k in range(parts):
        place = first[line[k] * most + vessel[k]] + trip[k]
        is_found = 0 <= place < len(of_line) and numbered_trip[place] == trip[k]
        if not (is_found and of_line[place] == line[k] and of_vessel[place] == vessel[k]):
            return False, columns, begins, broken
        while journey < len(head) and (
            of_flow[whose[journey]] != flow[k] or numbered[whose[journey]] != number[k]
        ):
            journey += 1
        row = head[journey] + ordinal[k] if journey < len(head) else -1
        if row < 0 or row >= len(cell) or ordinal[k] < 0:
            return False, columns, begins, broken
        begins[k] = k == 0 or flow[k] != flow[k - 1] or number[k] != number[k - 1]
        begins[k] |= ordinal[k] != ordinal[k - 1]
        upto = amount[k] + (0 if begins[k] else columns[3, k - 1])
        here = cell[row]
        columns[0, k], columns[1, k], columns[2, k] = place, row, here
        columns[3, k], columns[4, k] = upto, whole[here]
        if upto != amount[k] or amount[k] != whole[here] or amount[k] == 0:
            broken[number_broken] = k
            number_broken += 1
    return True, columns, begins, broken[:number_broken].copy()


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
