"""What lay on which vessel: the parts of consignments aboard, with their amounts in every measure.

Reads `aboard` and `sailings`; lines, berth groups, yards and the closing statement build on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.errors import BalanceError
from sim.measure import compiled
from sim.measure.folds import Bools, Floats, Ints, is_among, total
from sim.measure.moves import Moves, taken
from sim.measure.view import View
from sim.model.measures import Measure
from sim.model.network import Kind

TRIP = 32
"""Bits of a trip's number inside a key."""
LINE = 52
"""Bits of a trip's and a vessel's number inside a key."""
VESSEL = (1 << LINE) - (1 << TRIP)
"""The bits of a key in which the vessel stands."""


@dataclass(frozen=True)
class Parts:
    """Parts aboard, one per row of `aboard`, beside the trip that carried them.

    Attributes:
        view: the replication.
    """

    view: View

    @cached_property
    def trip(self) -> Ints:
        """Row in `sailings` of each part."""
        aboard, sailings = self.view.records.aboard, self.view.records.sailings
        here = _trip_key(sailings.line, sailings.vessel, sailings.trip)
        wanted = _trip_key(aboard.line, aboard.vessel, aboard.trip)
        if not len(wanted):
            return np.zeros(0, dtype=np.int64)
        found = self._guess(here, wanted)
        if found is not None:
            return found
        found = np.searchsorted(here, wanted)
        missing = found >= len(here)
        found[missing] = 0
        missing |= (here[found] != wanted) if len(here) else True
        if missing.any():
            row = int(np.flatnonzero(missing)[0])
            msg = f"{self.name(row)} lies on a vessel's trip {int(aboard.trip[row])} that is in no sailing"
            raise BalanceError(msg)
        return found

    @staticmethod
    def _guess(here: Ints, wanted: Ints) -> Ints | None:
        """Find trips where those of each vessel are numbered without a gap; None where they are not."""
        if not len(here):
            return None
        # Vessels of all lines numbered in one range, so that a table tells where each one's trips begin.
        vessel, trip = (here >> TRIP), (here & ((1 << TRIP) - 1))
        heads = np.flatnonzero(np.append([True], vessel[1:] != vessel[:-1]))
        most = 1 + int(max((here & VESSEL).max(), (wanted & VESSEL).max()) >> TRIP)
        lines = 1 + int(max(here.max(), wanted.max()) >> LINE)
        begin = np.zeros(lines * most, dtype=np.int64)
        begin[_vessel_number(here[heads], most)] = heads - trip[heads]
        guess = begin[_vessel_number(wanted, most)] + (wanted & ((1 << TRIP) - 1))
        is_inside = int(guess.min()) >= 0 and int(guess.max()) < len(here)
        return guess if is_inside and bool((here[guess] == wanted).all()) else None

    @cached_property
    def cell(self) -> Ints:
        """Cell of each part."""
        return self.view.cell[self.row]

    @cached_property
    def row(self) -> Ints:
        """Step row of each part."""
        view, aboard = self.view, self.view.records.aboard
        if not len(aboard.flow):
            return np.zeros(0, dtype=np.int64)
        consignment, is_known = view.journeys.find(aboard.flow, aboard.consignment)
        # Not every consignment has steps: others were turned away, or wait at their origin.
        journey = np.full(len(view.arrived), -1, dtype=np.int64)
        journey[view.journeys.consignment] = view.journeys.row
        head = journey[consignment]
        if not is_known or int(head.min()) < 0:
            msg = "a part lies aboard of a consignment without steps"
            raise BalanceError(msg)
        return head + aboard.ordinal

    def name(self, row: int) -> str:
        """Give a part's name in a message."""
        aboard = self.view.records.aboard
        flow = self.view.model.flows[int(aboard.flow[row])].id
        return f"flow {flow}: part {int(aboard.part[row])} of consignment {int(aboard.consignment[row])}"

    @cached_property
    def whole_of_cell(self) -> Ints:
        """Amount of a consignment in its line's measure, by cell; 0 where the step is no line."""
        layout = self.view.layout
        out = np.zeros(layout.cells, dtype=np.int64)
        on_line = np.flatnonzero(layout.cell_kind == Kind.LINE)
        measures = np.array([line.measure for line in self.view.model.lines], dtype=np.int64)
        out[on_line] = self._table[on_line, measures[layout.cell_index[on_line]]]
        return out

    @cached_property
    def is_checked(self) -> bool:
        """Whether the pass that read the parts has checked that they add up to consignments."""
        return False

    @cached_property
    def carried(self) -> Floats:
        """Amount that each trip carried, in the line's measure."""
        return total(self.trip, self.view.records.aboard.amount, size=len(self.view.records.sailings.line))

    @cached_property
    def held(self) -> Ints:
        """Parts of consignments that were blocked where they had been landed."""
        return np.flatnonzero(is_among(self.row, self.view.held, size=len(self.view.cell)))

    @cached_property
    def moves(self) -> Moves:
        """What vessels took out of yards."""
        return taken(self)

    @cached_property
    def begins(self) -> Bools:
        """True at the first part of each consignment and step."""
        aboard = self.view.records.aboard
        first = np.ones(len(aboard.flow), dtype=np.bool_)
        first[1:] = (
            (aboard.flow[1:] != aboard.flow[:-1])
            | (aboard.consignment[1:] != aboard.consignment[:-1])
            | (aboard.ordinal[1:] != aboard.ordinal[:-1])
        )
        return first

    @cached_property
    def upto(self) -> Ints:
        """Amount boarded of the consignment up to and with each part, in the line's measure."""
        amount = self.view.records.aboard.amount
        summed = np.cumsum(amount)
        heads = np.flatnonzero(self.begins)
        before = (summed - amount)[heads]
        out: Ints = summed - np.repeat(before, np.diff(heads, append=len(amount)))
        return out

    @cached_property
    def whole(self) -> Ints:
        """Whole amount of each part's consignment in the line's measure."""
        out: Ints = self.whole_of_cell[self.cell]
        return out

    def amount(self, measure: Measure) -> Ints:
        """Give the amount of each part in another measure (model.md 2): cumulated shares, rounded down."""
        return self.amounts(self._table[:, measure])

    def amounts(self, of_cell: Ints) -> Ints:
        """Give the amount of each part in some measure.

        Args:
            of_cell: amount of a whole consignment in the measure, by cell.
        """
        amount = of_cell[self.cell]
        some = self.broken
        whole, upto = np.maximum(self.whole[some], 1), self.upto[some]
        after = upto - self.view.records.aboard.amount[some]
        amount[some] = amount[some] * upto // whole - amount[some] * after // whole
        return amount

    @cached_property
    def broken(self) -> Ints:
        """Parts that are not a whole consignment."""
        amount = self.view.records.aboard.amount
        return np.flatnonzero((self.upto != amount) | (amount != self.whole) | (amount == 0))

    @cached_property
    def _table(self) -> Ints:
        layout = self.view.layout
        return np.hstack([layout.cell_amounts, np.ones((layout.cells, 1), dtype=np.int64)])

    @cached_property
    def weights(self) -> dict[Measure, Floats]:
        """Amounts carried by each trip."""
        trips = len(self.view.records.sailings.line)
        return {
            measure: total(self.trip, self.amount(measure), size=trips)
            for measure in (Measure.KG, Measure.TEU)
        }

    def landed(self, measure: Measure) -> Floats:
        """Give what each line landed in the window, in kg or thousandths of a TEU."""
        sailings = self.view.records.sailings
        weight = self.weights[measure] * self._inside(sailings.landed)
        return total(sailings.line, weight, size=len(self.view.model.lines))

    def landed_at(self, measure: Measure) -> Floats:
        """Give what was landed at each berth group in the window."""
        sailings = self.view.records.sailings
        weight = self.weights[measure] * self._inside(sailings.landed)
        return total(sailings.destination, weight, size=len(self.view.model.groups))

    def loaded_at(self, measure: Measure) -> Floats:
        """Give what was loaded at each berth group in the window."""
        sailings = self.view.records.sailings
        weight = self.weights[measure] * self._inside(sailings.loaded)
        return total(sailings.origin, weight, size=len(self.view.model.groups))

    def _inside(self, times: Ints) -> Bools:
        return self.view.inside(self.view.cut(times))


def parts_of(view: View) -> Parts:
    """Give the parts aboard of a replication."""
    parts = Parts(view)
    if compiled.at_hand():
        from sim.measure.swift import find_parts

        find_parts(parts)
    return parts


def _trip_key(line: Ints, vessel: Ints, trip: Ints) -> Ints:
    return (line << LINE) | (vessel << TRIP) | trip


def _vessel_number(key: Ints, most: int) -> Ints:
    """Number the vessels of all lines in one range, by trips' keys, with so many vessels for each line."""
    return (key >> LINE) * most + ((key & VESSEL) >> TRIP)
