"""What lay where: levels of buffers, yards and pools over time.

A buffer and a yard hold only what waits, both directions together; a pool's level is what is at home.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.measure import compiled
from sim.measure.collect import KpiRows
from sim.measure.folds import Floats, Ints, ratio
from sim.measure.integrals import integral
from sim.measure.parts import Parts
from sim.measure.quantiles import BITS
from sim.measure.spans import pack
from sim.measure.view import View
from sim.model.measures import GRAIN, NAMES, Measure
from sim.model.network import Kind
from sim.model.parameters import NONE


@dataclass(frozen=True)
class Levels:
    """Levels as step functions, one row per subject and instant with its last value.

    Attributes:
        subjects: buffers, yards, pools, each kind in order of id.
        units: display unit of each subject.
        grain: integer units in one display unit, of each subject.
        owner: which subject, ascending, shape (n,).
        time: seconds from the window's start, ascending within a subject, shape (n,).
        amount: integer units from then on, shape (n,).
    """

    subjects: tuple[str, ...]
    units: tuple[str, ...]
    grain: Floats
    owner: Ints
    time: Ints
    amount: Ints

    @property
    def value(self) -> Floats:
        """Levels in display units, shape (n,)."""
        return self.amount / self.grain[self.owner]

    def at(self, times: Ints) -> Floats:
        """Read all levels at given times, in display units, shape (subjects, times)."""
        if not len(self.time):
            return np.zeros((len(self.subjects), len(times)))
        start = int(self.time.min(initial=0))
        wanted = pack(np.arange(len(self.subjects))[:, None], (np.asarray(times) - start)[None, :])
        place = np.searchsorted(pack(self.owner, self.time - start), wanted, side="right") - 1
        own = (place >= 0) & (self.owner[np.maximum(place, 0)] == np.arange(len(self.subjects))[:, None])
        return np.where(own, self.amount[np.maximum(place, 0)], 0) / self.grain[:, None]


def build_levels(view: View, parts: Parts) -> Levels:
    """Build the levels of every buffer and yard with a limit or an opening stock, and of every pool."""
    model = view.model
    buffers = [f for f, one in enumerate(model.facilities) if one.buffer != NONE or one.level is not None]
    yards = [g for g, one in enumerate(model.groups) if one.yard != NONE]
    subjects = [view.layout.elements[view.layout.facility + f] for f in buffers]
    subjects += [view.layout.groups[g] for g in yards]
    subjects += [f"pool/{pool.id}" for pool in model.pools]
    measures = [model.facilities[f].buffer_measure for f in buffers]
    measures += [model.groups[g].yard_measure for g in yards]
    measures += [pool.measure for pool in model.pools]
    moves = [
        _buffer_moves(view, buffers),
        _opening_moves(view, buffers),
        _yard_moves(view, parts, yards, first=len(buffers)),
    ]
    owner, time, amount = _settle(
        np.concatenate([move[0] for move in moves]),
        np.concatenate([move[1] for move in moves]),
        np.concatenate([move[2] for move in moves]),
        begin=model.clock.begin,
    )
    pools = view.records.pools
    pool = pools.pool + len(buffers) + len(yards)
    last = np.ones(len(pool), dtype=np.bool_)
    last[:-1] = (pool[1:] != pool[:-1]) | (pools.time[1:] != pools.time[:-1])
    return Levels(
        subjects=tuple(subjects),
        units=tuple(NAMES[m] if m is not Measure.CONSIGNMENT else "consignments" for m in measures),
        grain=np.array([GRAIN[m] for m in measures], dtype=np.float64),
        owner=np.concatenate([owner, pool[last]]),
        time=np.concatenate([time, pools.time[last]]),
        amount=np.concatenate([amount, pools.level[last]]),
    )


Moves = tuple[Ints, Ints, Ints]
"""Owner, time in seconds and change of amount."""


def _moves(owner: Ints, *, since: Ints, until: Ints, amount: Ints, end: int) -> Moves:
    """Give an entry and, where it happens within the run, a departure for each stay that lasts."""
    stays = np.flatnonzero((until > since) & (amount > 0))
    goes = stays[until[stays] < end]
    return (
        np.concatenate([owner[stays], owner[goes]]),
        np.concatenate([since[stays], until[goes]]),
        np.concatenate([amount[stays], -amount[goes]]),
    )


def _buffer_moves(view: View, buffers: list[int]) -> Moves:
    """From admission to the start of service; the first step's admission stands with the consignment."""
    layout, model = view.layout, view.model
    place = np.full(len(model.facilities), -1, dtype=np.int64)
    place[buffers] = np.arange(len(buffers))
    measure = np.array([one.buffer_measure for one in model.facilities], dtype=np.int64)
    owner_of_cell = np.full(layout.cells, -1, dtype=np.int64)
    served = np.flatnonzero(layout.cell_kind == Kind.FACILITY)
    owner_of_cell[served] = place[layout.cell_index[served]]
    amount_of_cell = np.zeros(layout.cells, dtype=np.int64)
    table = np.hstack([layout.cell_amounts, np.ones((layout.cells, 1), dtype=np.int64)])
    amount_of_cell[served] = table[served, measure[layout.cell_index[served]]]
    waits = view.waits
    if compiled.at_hand():
        from sim.measure.passes import stays

        columns = (waits.row, waits.admitted, waits.started)
        owner, time, change = stays(columns, view.cell, owner_of_cell, amount_of_cell, view.end)
        return owner, time, change
    owner_of_element = np.full(len(layout.elements), -1, dtype=np.int64)
    owner_of_element[layout.facility : layout.line] = place
    some = np.flatnonzero((owner_of_element >= 0)[waits.element])
    cell = view.cell[waits.row[some]]
    return _moves(
        owner_of_cell[cell],
        since=waits.admitted[some],
        until=waits.started[some],
        amount=amount_of_cell[cell],
        end=view.end,
    )


def _opening_moves(view: View, buffers: list[int]) -> Moves:
    """The opening stock lies there from the run's begin."""
    opening = view.records.opening
    place = np.full(len(view.model.facilities), -1, dtype=np.int64)
    place[buffers] = np.arange(len(buffers))
    begin = np.full(len(opening.facility), view.model.clock.begin, dtype=np.int64)
    return _moves(
        place[opening.facility],
        since=begin,
        until=view.cut(opening.started),
        amount=opening.amount,
        end=view.end,
    )


def _yard_moves(view: View, parts: Parts, yards: list[int], *, first: int) -> Moves:
    """From admission to the beginning of loading on the vessel that takes the part."""
    layout, model = view.layout, view.model
    place = np.full(len(model.groups), -1, dtype=np.int64)
    place[yards] = first + np.arange(len(yards))
    ends = np.array([line.groups for line in model.lines], dtype=np.int64).reshape(-1, 2)
    on_line = np.flatnonzero(layout.cell_kind == Kind.LINE)
    owner_of_cell = np.full(layout.cells, -1, dtype=np.int64)
    group = ends[layout.cell_index[on_line], layout.cell_way[on_line]]
    owner_of_cell[on_line] = place[group]
    measure_of_cell = np.zeros(layout.cells, dtype=np.int64)
    measure_of_cell[on_line] = np.array([one.yard_measure for one in model.groups], dtype=np.int64)[group]
    table = np.hstack([layout.cell_amounts, np.ones((layout.cells, 1), dtype=np.int64)])
    amount_of_cell = table[np.arange(layout.cells), measure_of_cell]
    # In: whole consignments on admission. Out: parts as they are taken.
    cell = view.cell[view.afloat]
    some = np.flatnonzero((owner_of_cell >= 0)[cell])
    cell = cell[some]
    entered = (owner_of_cell[cell], view.entered_afloat[some], amount_of_cell[cell])
    inside = np.flatnonzero((owner_of_cell >= 0)[parts.cell])
    taken = parts.amounts(amount_of_cell)[inside]
    loading = view.cut(view.records.sailings.loading)[parts.trip[inside]]
    return (
        np.concatenate([entered[0], owner_of_cell[parts.cell[inside]]]),
        np.concatenate([entered[1], loading]),
        np.concatenate([entered[2], -taken]),
    )


def _settle(owner: Ints, time: Ints, change: Ints, *, begin: int) -> Moves:
    """Add changes up; keep the last value of each instant, and only where it differs from the one before."""
    key = pack(owner, time - begin)
    order = np.argsort(key)
    if compiled.at_hand():
        from sim.measure.passes import settled

        owner, time, level = settled(key, change, order, BITS)
        return owner, time + begin, level
    key, change = key[order], change[order]
    summed = np.cumsum(change)
    last = np.flatnonzero(np.append(key[1:] != key[:-1], [True])) if len(key) else np.zeros(0, dtype=np.int64)
    key, summed = key[last], summed[last]
    owner = key >> BITS
    heads = np.flatnonzero(np.append([True], owner[1:] != owner[:-1])) if len(key) else last
    # Totals run through all subjects: take off what the ones before have left.
    before = np.concatenate(([0], summed))[heads]
    level = summed - np.repeat(before, np.diff(heads, append=len(key)))
    moved = np.ones(len(key), dtype=np.bool_)
    moved[1:] = (level[1:] != level[:-1]) | (owner[1:] != owner[:-1])
    return owner[moved], (key[moved] & ((1 << BITS) - 1)) + begin, level[moved]


def add_levels(rows: KpiRows, view: View, levels: Levels) -> None:
    """Add mean, largest and least level over the window; of pools the share of units not at home."""
    opening = levels.at(np.zeros(1, dtype=np.int64))[:, 0]
    inside = np.flatnonzero((levels.time > 0) & (levels.time < view.end))
    owner, time, value = levels.owner[inside], levels.time[inside], levels.value[inside]
    area, most, least = opening * view.end, opening.copy(), opening.copy()
    if len(owner):
        heads = np.flatnonzero(np.append([True], owner[1:] != owner[:-1]))
        until = np.append(time[1:], view.end)
        until[heads[1:] - 1] = view.end
        moved = owner[heads]
        area[moved] = opening[moved] * time[heads] + np.add.reduceat(value * (until - time), heads)
        most[moved] = np.maximum(opening[moved], np.maximum.reduceat(value, heads))
        least[moved] = np.minimum(opening[moved], np.minimum.reduceat(value, heads))
    for unit in dict.fromkeys(levels.units):
        some = [k for k, each in enumerate(levels.units) if each == unit]
        names = [levels.subjects[k] for k in some]
        rows.add("level.mean", unit, names, area[some] / view.end)
        rows.add("level.max", unit, names, most[some])
        rows.add("level.min", unit, names, least[some])
    pools = view.model.pools
    owned = [integral(view.model.parameters, pool.size, end=view.end) for pool in pools]
    grain = np.array([1.0 if pool.measure is Measure.KG else GRAIN[pool.measure] for pool in pools])
    first = len(levels.subjects) - len(pools)
    home = area[first:] * levels.grain[first:] / grain
    rows.add("utilisation", "share", levels.subjects[first:], 1.0 - ratio(home, np.array(owned)))
