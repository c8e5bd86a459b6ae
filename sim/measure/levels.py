"""What lay where: levels of buffers, yards and pools over time.

A buffer and a yard hold only what waits, both directions together; a pool's level is what is at home.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from sim.measure import compiled
from sim.measure.collect import KpiRows
from sim.measure.folds import Floats, Ints, ratio
from sim.measure.integrals import integral
from sim.measure.moves import Moves, opening_moves
from sim.measure.parts import Parts
from sim.measure.quantiles import BITS
from sim.measure.spans import pack
from sim.measure.stores import Stores, stores_of
from sim.measure.view import View
from sim.model.measures import GRAIN, Measure, integer_amount
from sim.model.model import Model
from sim.model.once import of_model


@dataclass(frozen=True)
class Levels:
    """Levels as step functions, one row per subject and instant with its last value.

    Attributes:
        stores: the subjects, and in which units they are counted.
        owner: which subject, ascending, shape (n,).
        time: seconds from the window's start, ascending within a subject, shape (n,).
        amount: integer units from then on, shape (n,).
    """

    stores: Stores
    owner: Ints
    time: Ints
    amount: Ints

    @property
    def value(self) -> Floats:
        """Levels in display units, shape (n,)."""
        return self.amount / self.stores.grain[self.owner]

    def at(self, times: Ints) -> Floats:
        """Read all levels at given times, in display units, shape (subjects, times)."""
        subjects = np.arange(len(self.stores.subjects))
        if not len(self.time):
            return np.zeros((len(subjects), len(times)))
        start = int(self.time.min(initial=0))
        wanted = pack(subjects[:, None], (np.asarray(times) - start)[None, :])
        place = np.searchsorted(pack(self.owner, self.time - start), wanted, side="right") - 1
        own = (place >= 0) & (self.owner[np.maximum(place, 0)] == subjects[:, None])
        return np.where(own, self.amount[np.maximum(place, 0)], 0) / self.stores.grain[:, None]


def build_levels(view: View, parts: Parts) -> Levels:
    """Build the levels of all stores."""
    stores = stores_of(view.model)
    owner, time, amount = _settle(
        Moves.joined([view.moves, opening_moves(view), parts.moves]),
        begin=view.model.clock.begin,
        end=view.end,
    )
    pools = view.records.pools
    pool = pools.pool + stores.pools
    last = np.ones(len(pool), dtype=np.bool_)
    last[:-1] = (pool[1:] != pool[:-1]) | (pools.time[1:] != pools.time[:-1])
    return Levels(
        stores=stores,
        owner=np.concatenate([owner, pool[last]]),
        time=np.concatenate([time, pools.time[last]]),
        amount=np.concatenate([amount, pools.level[last]]),
    )


def _settle(moves: Moves, *, begin: int, end: int) -> tuple[Ints, Ints, Ints]:
    """Add changes up; keep the last value of each instant, and only where it differs from the one before.

    Returns:
        Owner, time and level, shape (n,) each.
    """
    key, change = moves.key, moves.change
    if compiled.at_hand():
        from sim.measure.sweeps import numbered, settled

        # One number that sorts by owner, then time, and tells which move it is: no permutation to be sorted.
        time_bits, place_bits = (end - begin).bit_length(), len(key).bit_length()
        if int(key.max(initial=0) >> BITS).bit_length() + time_bits + place_bits < 63:
            order = numbered(key, time_bits, place_bits)
            order.sort()
            owner, time, level = settled(order, change, time_bits, place_bits)
            return owner, time + begin, level
    order = np.argsort(key)
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
    stores = levels.stores
    area, most, least = _over_window(levels, view.end)
    for unit in dict.fromkeys(stores.units):
        some = [k for k, each in enumerate(stores.units) if each == unit]
        names = [stores.subjects[k] for k in some]
        rows.add("level.mean", unit, names, area[some] / view.end)
        rows.add("level.max", unit, names, most[some])
        rows.add("level.min", unit, names, least[some])
    home = area[stores.pools :] * stores.grain[stores.pools :]
    home /= np.array([_grain(pool.measure) for pool in view.model.pools])
    owned = _pool_seconds(view.model)
    rows.add("utilisation", "share", stores.subjects[stores.pools :], 1.0 - ratio(home, owned))


def _grain(measure: Measure) -> int:
    """Give how many integer units make one of the base unit in which a size is written."""
    return 1 if measure is Measure.KG else GRAIN[measure]


def _owned(size: float, *, measure: Measure) -> float:
    """Give what a pool owns, as the engines round its size down, in the base unit of its measure."""
    return integer_amount(size, measure) / _grain(measure)


@of_model
def _pool_seconds(model: Model) -> Floats:
    """Sum the seconds of the window over the units that each pool owned."""
    return np.array(
        [integral(model, pool.size, whole=partial(_owned, measure=pool.measure)) for pool in model.pools]
    )


def _over_window(levels: Levels, end: int) -> tuple[Floats, Floats, Floats]:
    """Give each level's integral over the window, its largest and its least value there."""
    opening = levels.at(np.zeros(1, dtype=np.int64))[:, 0]
    area, most, least = np.zeros(len(opening)), opening.copy(), opening.copy()
    if compiled.at_hand():
        from sim.measure.sweeps import integrate

        integrate((levels.owner, levels.time, levels.amount), levels.stores.grain, end, (area, most, least))
        return area, most, least
    inside = np.flatnonzero((levels.time > 0) & (levels.time < end))
    owner, time, value = levels.owner[inside], levels.time[inside], levels.value[inside]
    edges = np.searchsorted(owner, np.arange(len(opening) + 1))
    for k in range(len(opening)):
        mine = slice(edges[k], edges[k + 1])
        values = np.concatenate([opening[k : k + 1], value[mine]])
        times = np.concatenate([[0], time[mine], [end]])
        # One after the other, so that every way to add up gives the same to the bit.
        area[k] = np.cumsum(values * np.diff(times))[-1]
        most[k], least[k] = values.max(), values.min()
    return area, most, least
