"""Passes over the record tables, compiled with Numba: what NumPy does in dozens of sweeps, done in one.

Loaded only where the compiled engine is. Every figure is the same without it, to the bit, as all sums here
are of whole numbers. What the columns mean is written in `view`, and the rules in `forward`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.compiled_engine.jit import entry
from sim.engine.limits import MOST_SERVERS
from sim.engine.records import NEVER, Outcome
from sim.measure.counted import BATCHES, INSTANTS
from sim.measure.quantiles import BITS
from sim.measure.tally import Rows
from sim.measure.waiting import WEEK
from sim.model.network import Kind

UNDER_WAY, DELIVERED = int(Outcome.UNDER_WAY), int(Outcome.DELIVERED)
TURNED_AWAY, GONE_OUTSIDE = int(Outcome.TURNED_AWAY), int(Outcome.GONE_OUTSIDE)
SETS = len(Rows)
SERVER_BITS = MOST_SERVERS.bit_length()
FACILITY, LINE = int(Kind.FACILITY), int(Kind.LINE)


@entry
def read_journeys(begin: Any, end: Any, stamps: Any, consignments: Any, layout: Any, stores: Any) -> Any:
    """Go through the rows of `steps` once.

    Args:
        begin: the run's begin in seconds.
        end: the window's end.
        stamps: started, ended, left and server, in seconds since the run's begin, shape (rows, 4).
        consignments: flow, route, arrived, admitted, outcome, finished and number of steps, shape
            (consignments,).
        layout: element, kind and index of each cell, 1 where it is the last of its route, first cell by flow
            and route, its width, number of elements.
        stores: store in which a consignment waits at each cell, what it takes up there.

    Returns:
        Whether all rows obey the rules; rows, seconds waited, blocked and stayed by cell and the sets they
        are in, shape (C, 16, 4); seconds in the window, journeys that ended in it and that are not over, by
        flow, shape (flows, 3); what `Waiting.summed` takes; begin, end and spent of `Services`; rows that
        were held, and their cells; rows and cells of those not admitted at once, from when and until when,
        shape (4, n); the columns of `Moves`.
    """
    flow, route, arrived, admitted, outcome, finished, length = consignments
    element, kind, index, last, first, width, elements = layout
    store, takes = stores
    rows, cells = len(stamps), len(element)
    flows = len(first) // max(width[0], 1)
    weeks = -(-end // WEEK)
    horizon = end - begin
    lengths = np.empty(rows, np.int64)
    begun = np.empty(rows + len(flow), np.int64)
    gone = np.empty(rows, np.int64)
    by_week = np.zeros((2, elements[0], weeks), np.int64)
    by_instant = np.zeros((flows, INSTANTS + 2), np.int64)
    served = np.empty((2, rows), np.int64)
    busy = np.zeros((index.max() + 1 if cells else 1) << SERVER_BITS, np.int64)
    held = np.empty((2, rows), np.int64)
    late = np.empty((4, len(flow)), np.int64)
    moves = np.empty((2, 2 * rows), np.int64)
    # By cell and the sets that a row is in, one bit each: rows, seconds waited, blocked, stayed.
    sums = np.zeros((cells, 1 << SETS, 4), np.int64)
    by_flow = np.zeros((flows, 3), np.int64)
    ended_waits = waits = over_waits = number_held = services = number_late = moved = 0
    is_sound = True
    row = 0
    for k in range(len(flow)):
        f = flow[k]
        c = first[f * width[0] + route[k]] if route[k] >= 0 else -1
        if length[k] == 0:
            is_sound &= outcome[k] != DELIVERED
            if outcome[k] == UNDER_WAY and c >= 0:
                # At its origin still: it waits for its first step.
                since = max(arrived[k] if begin <= arrived[k] <= end else end, 0)
                begun[waits] = (element[c] << BITS) | since
                waits += 1
                week = min(since // WEEK, weeks - 1)
                by_week[0, element[c], week] += 1
                by_week[1, element[c], week] += since
                by_week[0, element[c], weeks - 1] -= 1
                by_week[1, element[c], weeks - 1] -= end
                by_instant[f, min((INSTANTS * since + end - 1) // end, INSTANTS + 1)] += 1
            continue
        if c < 0 or c + length[k] > cells or row + length[k] > rows:
            is_sound = False
            break
        a = arrived[k] if begin <= arrived[k] <= end else end
        over = finished[k] if begin <= finished[k] <= end else end
        let_in = admitted[k] if begin <= admitted[k] <= end else end
        delivered = int(outcome[k] == DELIVERED and 0 <= over < end)
        if let_in > a:
            late[0, number_late], late[1, number_late] = row, c
            late[2, number_late], late[3, number_late] = a, let_in
            number_late += 1
        spent = 0
        for ordinal in range(length[k]):
            s = min(np.int64(stamps[row, 0]), horizon) + begin
            e = min(np.int64(stamps[row, 1]), horizon) + begin
            d = min(np.int64(stamps[row, 2]), horizon) + begin
            server = np.int64(stamps[row, 3])
            is_sound &= a <= s <= e <= d and (ordinal == 0 or last[c - 1] == 0)
            wait, block, stay = s - a, d - e, d - a
            if wait:
                here = element[c]
                if 0 <= s < end:
                    lengths[ended_waits] = (here << BITS) | wait
                    ended_waits += 1
                if s > 0:
                    since = max(a, 0)
                    begun[waits] = (here << BITS) | since
                    waits += 1
                    week = min(since // WEEK, weeks - 1)
                    by_week[0, here, week] += 1
                    by_week[1, here, week] += since
                    week = min(s // WEEK, weeks - 1)
                    by_week[0, here, week] -= 1
                    by_week[1, here, week] -= s
                    by_instant[f, min((INSTANTS * since + end - 1) // end, INSTANTS + 1)] += 1
                    if s < end:
                        gone[over_waits] = (here << BITS) | s
                        over_waits += 1
                        by_instant[f, (INSTANTS * s + end - 1) // end] -= 1
                let = a if ordinal else let_in
                if kind[c] == FACILITY and store[c] >= 0 and s > let and takes[c] > 0:
                    moves[0, moved], moves[1, moved] = (store[c] << BITS) | (let - begin), takes[c]
                    moved += 1
                    if s < end:
                        moves[0, moved], moves[1, moved] = (store[c] << BITS) | (s - begin), -takes[c]
                        moved += 1
            if kind[c] == LINE and store[c] >= 0:
                let = a if ordinal else let_in
                moves[0, moved], moves[1, moved] = (store[c] << BITS) | (let - begin), takes[c]
                moved += 1
            if block:
                held[0, number_held], held[1, number_held] = row, c
                number_held += 1
            if server != NEVER:
                if server >= 1 << SERVER_BITS:
                    is_sound = False
                elif s < end:
                    owner = (index[c] << SERVER_BITS) | server
                    served[0, services] = (owner << BITS) | (s - begin)
                    served[1, services] = (owner << BITS) | (e - begin)
                    services += 1
                    busy[owner] += max(e, 0) - max(s, 0)
            sets = delivered | (0 <= d < end) << 1 | (0 <= e < end) << 2 | (0 <= s < end) << 3
            sums[c, sets, 0] += 1
            sums[c, sets, 1] += wait
            sums[c, sets, 2] += block
            sums[c, sets, 3] += stay
            spent += max(d - max(a, 0), 0)
            a = d
            c += 1
            row += 1
        is_over = last[c - 1] != 0 and a < end
        is_sound &= (outcome[k] == DELIVERED) == is_over and (not is_over or over == a)
        by_flow[f, 0] += spent
        by_flow[f, 1] += is_over and a >= 0
        by_flow[f, 2] += not is_over
    is_sound &= row == rows
    listed = (lengths[:ended_waits], begun[:waits], gone[:over_waits], by_week, by_instant)
    work = (served[0, :services], served[1, :services], busy)
    stopped = (held[0, :number_held], held[1, :number_held])
    return is_sound, sums, by_flow, listed, work, stopped, late[:, :number_late], moves[:, :moved]


@entry
def read_consignments(begin: Any, end: Any, step: Any, months: Any, consignments: Any, routes: Any) -> Any:
    """Go through `consignments` once.

    Args:
        begin: the run's begin in seconds.
        end: the window's end.
        step: seconds between readings.
        months: when the window's months begin.
        consignments: flow, arrived, outcome, route, finished, shape (consignments,).
        routes: pair by flow and route, shape (flows, routes); seconds that each route promises, or NaN;
            number of pairs.

    Returns:
        By flow those under way at the window's start, offered, delivered, turned away, gone outside, under
        way at its end, shape (6, flows); what `Counted.summed` takes; what `Deliveries.summed` takes.
    """
    flow, arrived, outcome, route, finished = consignments
    pairs, promise, size = routes
    number, flows = len(flow), len(pairs)
    readings = end // step + 1
    counts = np.zeros((6, flows), np.int64)
    by_instant = np.zeros((2, flows, INSTANTS + 2), np.int64)
    by_reading = np.zeros((3, flows, readings + 1), np.int64)
    batches = np.zeros((flows, BATCHES), np.int64)
    spent = np.zeros(flows, np.int64)
    by_month = np.zeros((size[0], len(months)), np.int64)
    seconds = np.zeros((size[0], len(months)), np.int64)
    kept = np.zeros(size[0], np.int64)
    turned_away = np.zeros((flows, len(months)), np.int64)
    took = np.empty((2, number), np.int64)
    lasting = 0
    month = 0
    for k in range(number):
        f = flow[k]
        a = arrived[k] if begin <= arrived[k] <= end else end
        e = finished[k] if begin <= finished[k] <= end else end
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
            if e >= 0:
                # Mostly the month of the one before, or the next.
                while month > 0 and e < months[month]:
                    month -= 1
                while month + 1 < len(months) and e >= months[month + 1]:
                    month += 1
                if outcome[k] == DELIVERED:
                    counts[2, f] += 1
                    by_reading[1, f, place] += 1
                    pair = pairs[f, route[k]]
                    by_month[pair, month] += 1
                    seconds[pair, month] += e - a
                    kept[pair] += e - a <= promise[route[k]]
                    if e > a:
                        took[0, lasting] = (f << BITS) | (e - a)
                        took[1, lasting] = (route[k] << BITS) | (e - a)
                        lasting += 1
                elif outcome[k] == TURNED_AWAY:
                    counts[3, f] += 1
                    turned_away[f, month] += 1
                else:
                    counts[4, f] += outcome[k] == GONE_OUTSIDE
        spent[f] += max(min(end if outcome[k] == UNDER_WAY else e, end) - max(a, 0), 0)
    found = (by_month, seconds, kept, turned_away, took[0, :lasting], took[1, :lasting])
    return counts, (by_instant, by_reading, batches, spent), found


@entry
def read_aboard(end: Any, aboard: Any, sailings: Any, consignments: Any, stamps: Any, layout: Any) -> Any:
    """Go through the rows of `aboard` once.

    Args:
        end: of the window, in seconds since the run's begin.
        aboard: flow, consignment, ordinal, line, vessel, trip, amount, shape (parts,).
        sailings: line, vessel, trip, and the begin of loading in seconds since the run's begin, cut to the
            run; shape (trips,).
        consignments: flow, number, route, number of steps, shape (consignments,).
        stamps: as in `read_journeys`.
        layout: first cell by flow and route, shape (flows, routes); by cell the amount of a consignment in
            kg, in thousandths of a TEU, in its line's measure, its yard among the stores, the amount there.

    Returns:
        Whether each part's trip and step was found where it stands if no number is missing, and the parts of
        each consignment add up to it; row of its trip and its step row, shape (2, parts); parts of
        consignments that were held there; carried by each trip in the line's measure, kg, thousandths of a
        TEU, shape (3, trips); the columns of `Moves`, one for each trip and yard.
    """
    flow, number, ordinal, line, vessel, trip, amount = aboard
    of_line, of_vessel, numbered_trip, loading = sailings
    of_flow, numbered, route, length = consignments
    first, kg, milliteu, whole, yard, takes = layout
    parts = len(flow)
    columns = np.empty((2, parts), np.int64)
    held = np.empty(parts, np.int64)
    carried = np.zeros((3, len(of_line)), np.int64)
    moves = np.empty((2, parts), np.int64)
    # The last move of each trip: what is taken out of one yard at once is one move.
    of_trip = np.full(len(of_line), -1)
    if parts == 0 or len(of_line) == 0:
        return parts == 0, columns, held[:0], carried, moves[:, :0]
    most = max(vessel.max(), of_vessel.max()) + 1
    begins = np.zeros((max(line.max(), of_line.max()) + 1) * most, np.int64)
    for row in range(len(of_line)):
        if row == 0 or of_line[row] != of_line[row - 1] or of_vessel[row] != of_vessel[row - 1]:
            begins[of_line[row] * most + of_vessel[row]] = row - numbered_trip[row]
    number_held = moved = 0
    consignment = head = 0
    upto = 0
    is_sound = True
    for k in range(parts):
        place = begins[line[k] * most + vessel[k]] + trip[k]
        is_found = 0 <= place < len(of_line) and numbered_trip[place] == trip[k]
        if not (is_found and of_line[place] == line[k] and of_vessel[place] == vessel[k]):
            is_sound = False
            break
        while consignment < len(of_flow) and (
            of_flow[consignment] != flow[k] or numbered[consignment] != number[k]
        ):
            head += length[consignment]
            consignment += 1
        if consignment == len(of_flow) or not 0 <= ordinal[k] < length[consignment]:
            is_sound = False
            break
        row = head + ordinal[k]
        here = first[flow[k], route[consignment]] + ordinal[k]
        columns[0, k], columns[1, k] = place, row
        is_next = (
            k == 0 or flow[k] != flow[k - 1] or number[k] != number[k - 1] or ordinal[k] != ordinal[k - 1]
        )
        after = 0 if is_next else upto
        upto = after + amount[k]
        all_of_it = whole[here]
        share = (kg[here], milliteu[here], takes[here])
        if amount[k] != all_of_it or after != 0 or amount[k] == 0:
            divisor = max(all_of_it, 1)
            share = (
                share[0] * upto // divisor - share[0] * after // divisor,
                share[1] * upto // divisor - share[1] * after // divisor,
                share[2] * upto // divisor - share[2] * after // divisor,
            )
        carried[0, place] += amount[k]
        carried[1, place] += share[0]
        carried[2, place] += share[1]
        if yard[here] >= 0:
            key = (yard[here] << BITS) | loading[place]
            if of_trip[place] < 0 or moves[0, of_trip[place]] != key:
                of_trip[place] = moved
                moves[0, moved], moves[1, moved] = key, 0
                moved += 1
            moves[1, of_trip[place]] -= share[2]
        landed = min(np.int64(stamps[row, 1]), end)
        if min(np.int64(stamps[row, 2]), end) > landed:
            held[number_held] = k
            number_held += 1
        is_last = (
            k + 1 == parts
            or flow[k] != flow[k + 1]
            or number[k] != number[k + 1]
            or ordinal[k] != ordinal[k + 1]
        )
        if is_last:
            is_sound &= upto <= all_of_it and (landed == end or upto == all_of_it)
    return is_sound, columns, held[:number_held].copy(), carried, moves[:, :moved]
