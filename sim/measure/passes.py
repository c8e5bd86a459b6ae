"""Passes over the record tables, compiled with Numba: what NumPy does in dozens of sweeps, done in one.

Loaded only where the compiled engine is. Every figure is the same without it, to the bit, as all sums here
are of whole numbers. What the columns mean is written in `view`, and the rules in `forward`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.compiled_engine.jit import entry
from sim.engine.limits import MOST_SERVERS
from sim.engine.records import Outcome
from sim.measure.counted import BATCHES, INSTANTS
from sim.measure.quantiles import BITS
from sim.measure.tally import Rows
from sim.model.network import Kind

UNDER_WAY, DELIVERED = int(Outcome.UNDER_WAY), int(Outcome.DELIVERED)
TURNED_AWAY, GONE_OUTSIDE = int(Outcome.TURNED_AWAY), int(Outcome.GONE_OUTSIDE)
SETS = len(Rows)
SERVER_BITS = MOST_SERVERS.bit_length()
LINE = int(Kind.LINE)


@entry
def read_journeys(begin: Any, end: Any, times: Any, consignments: Any, layout: Any) -> Any:
    """Go through the rows of `steps` once.

    Args:
        begin: the run's begin in seconds.
        end: the window's end.
        times: started, ended, left and server, shape (rows,).
        consignments: flow, route, arrived, admitted, outcome, finished and number of steps, shape
            (consignments,).
        layout: element, kind and index of each cell, 1 where it is the last of its route, first cell by flow
            and route, its width.

    Returns:
        Whether all rows obey the rules; cell by row; the columns of `Waits`; begin, end and spent of
        `Services`; rows at lines, and when they were admitted; rows that were held, first row and consignment
        of each journey; rows, seconds waited, blocked and stayed by cell and the sets they are in, shape
        (C, 16, 4); seconds in the window, journeys that ended in it and that are not over, by flow, shape
        (flows, 3).
    """
    started, ended, left, server = times
    flow, route, arrived, admitted, outcome, finished, length = consignments
    element, kind, index, last, first, width = layout
    rows, cells = len(left), len(element)
    cell = np.empty(rows, np.int64)
    found = np.empty((6, rows), np.int64)
    served = np.empty((2, rows), np.int64)
    busy = np.zeros((index.max() + 1 if cells else 1) << SERVER_BITS, np.int64)
    held = np.empty(rows, np.int64)
    afloat = np.empty((2, rows), np.int64)
    head = np.empty(len(flow), np.int64)
    whose = np.empty(len(flow), np.int64)
    # By cell and the sets that a row is in, one bit each: rows, seconds waited, blocked, stayed.
    sums = np.zeros((cells, 1 << SETS, 4), np.int64)
    by_flow = np.zeros((len(first) // max(width[0], 1), 3), np.int64)
    waited = number_held = services = journeys = sailed = 0
    is_sound = True
    row = 0
    for k in range(len(flow)):
        if length[k] == 0:
            continue
        head[journeys], whose[journeys] = row, k
        journeys += 1
        c = first[flow[k] * width[0] + route[k]] if route[k] >= 0 else -1
        if c < 0 or c + length[k] > cells or row + length[k] > rows:
            is_sound = False
            break
        a = arrived[k] if begin <= arrived[k] <= end else end
        gone = finished[k] if begin <= finished[k] <= end else end
        let_in = admitted[k] if begin <= admitted[k] <= end else end
        delivered = int(outcome[k] == DELIVERED and 0 <= gone < end)
        for ordinal in range(length[k]):
            s = started[row] if begin <= started[row] <= end else end
            e = ended[row] if begin <= ended[row] <= end else end
            d = left[row] if begin <= left[row] <= end else end
            is_sound &= a <= s <= e <= d and (ordinal == 0 or last[c - 1] == 0)
            cell[row] = c
            wait, block, stay = s - a, d - e, d - a
            if wait:
                found[0, waited], found[1, waited], found[2, waited] = element[c], flow[k], row
                found[3, waited], found[4, waited], found[5, waited] = a, s, a if ordinal else let_in
                waited += 1
            if block:
                held[number_held] = row
                number_held += 1
            if server[row] >= 1 << SERVER_BITS:
                is_sound = False
            elif server[row] >= 0 and s < end:
                owner = (index[c] << SERVER_BITS) | server[row]
                served[0, services] = (owner << BITS) | (s - begin)
                served[1, services] = (owner << BITS) | (e - begin)
                services += 1
                busy[owner] += max(e, 0) - max(s, 0)
            if kind[c] == LINE:
                afloat[0, sailed], afloat[1, sailed] = row, a if ordinal else let_in
                sailed += 1
            sets = delivered | (0 <= d < end) << 1 | (0 <= e < end) << 2 | (0 <= s < end) << 3
            sums[c, sets, 0] += 1
            sums[c, sets, 1] += wait
            sums[c, sets, 2] += block
            sums[c, sets, 3] += stay
            by_flow[flow[k], 0] += max(d - max(a, 0), 0)
            a = d
            c += 1
            row += 1
        over = last[c - 1] != 0 and a < end
        is_sound &= (outcome[k] == DELIVERED) == over and (not over or gone == a)
        by_flow[flow[k], 1] += over and a >= 0
        by_flow[flow[k], 2] += not over
    is_sound &= row == rows
    mine = (held[:number_held], head[:journeys], whose[:journeys])
    listed = (found[:, :waited], served[:, :services], busy, afloat[:, :sailed])
    return is_sound, cell, *listed, mine, sums, by_flow


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


@entry
def stays(waits: Any, cell: Any, owner: Any, amount: Any, end: Any) -> Any:
    """Give an entry and, where it happens within the run, a departure for each wait in a buffer that lasts.

    Args:
        waits: row, admitted and started of each.
        cell: of each step row.
        owner: of each cell's buffer, -1 for none.
        amount: that a consignment takes there, by cell.
        end: of the window.

    Returns:
        Owner, time and change of amount, shape (3, n).
    """
    row, admitted, started = waits
    moves = np.empty((3, 2 * len(row)), np.int64)
    number = 0
    for k in range(len(row)):
        here = cell[row[k]]
        if owner[here] < 0 or amount[here] <= 0 or started[k] <= admitted[k]:
            continue
        moves[0, number], moves[1, number], moves[2, number] = owner[here], admitted[k], amount[here]
        number += 1
        if started[k] < end:
            moves[0, number], moves[1, number], moves[2, number] = owner[here], started[k], -amount[here]
            number += 1
    return moves[:, :number]


@entry
def settled(key: Any, change: Any, order: Any, bits: Any) -> Any:
    """Add changes up by owner: the last level of each instant, where it differs from the one before.

    Args:
        key: owner and time of each change, in one number.
        change: by how much.
        order: by which the keys ascend.
        bits: of a time.

    Returns:
        Owner, time and level, by owner and time, shape (3, n).
    """
    found = np.empty((3, len(key)), np.int64)
    kept = 0
    level = before = 0
    here = -1
    for k in range(len(order)):
        now = key[order[k]]
        if now >> bits != here:
            here = now >> bits
            level = 0
            is_new = True
        level += change[order[k]]
        if k + 1 < len(order) and key[order[k + 1]] == now:
            continue
        if is_new or level != before:
            found[0, kept], found[1, kept], found[2, kept] = here, now & ((1 << bits) - 1), level
            kept += 1
            before = level
            is_new = False
    return found[:, :kept]
