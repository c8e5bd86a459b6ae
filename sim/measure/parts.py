"""What lay on which vessel: the parts of consignments aboard, with their amounts in every measure.

Reads `aboard` and `sailings`; lines, berth groups, yards and the closing statement build on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.errors import BalanceError
from sim.measure.folds import Bools, Floats, Ints, total
from sim.measure.view import View
from sim.model.measures import Measure
from sim.model.network import Kind

TRIP = 32
"""Bits of a trip's number inside a key."""


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
        heads = (
            np.flatnonzero(np.append([True], here[1:] >> TRIP != here[:-1] >> TRIP)) if len(here) else here
        )
        vessels = here[heads] >> TRIP
        place = np.minimum(np.searchsorted(vessels, wanted >> TRIP), max(len(heads) - 1, 0))
        guess = np.append(heads, [0])[place] + (wanted & ((1 << TRIP) - 1))
        found = len(here) > 0 and int(guess.max()) < len(here) and bool((here[guess] == wanted).all())
        return guess if found else None

    @cached_property
    def cell(self) -> Ints:
        """Cell of each part."""
        return self.view.cell[self.row]

    @cached_property
    def row(self) -> Ints:
        """Step row of each part."""
        view = self.view
        aboard, steps = view.records.aboard, view.records.steps
        flow_begin = np.searchsorted(steps.flow, np.arange(len(view.model.flows) + 1))
        # The n-th journey of a flow need not be its consignment n (others were turned away), so that
        # journeys are found by number among those of the flow.
        head = view.journey_row
        key = (steps.flow[head] << 40) | steps.consignment[head]
        wanted = (aboard.flow << 40) | aboard.consignment
        journey = np.searchsorted(key, wanted)
        lost = journey >= len(key)
        journey[lost] = 0
        if len(wanted) and (not len(key) or bool((lost | (key[journey] != wanted)).any())):
            msg = f"a part lies aboard of a consignment without steps ({len(flow_begin) - 1} flows)"
            raise BalanceError(msg)
        return head[journey] + aboard.ordinal if len(wanted) else np.zeros(0, dtype=np.int64)

    def name(self, row: int) -> str:
        """Give a part's name in a message."""
        aboard = self.view.records.aboard
        flow = self.view.model.flows[int(aboard.flow[row])].id
        return f"flow {flow}: part {int(aboard.part[row])} of consignment {int(aboard.consignment[row])}"

    @cached_property
    def measure(self) -> Ints:
        """Measure of the line of each part."""
        measures = np.array([line.measure for line in self.view.model.lines], dtype=np.int64)
        return measures[self.view.records.aboard.line]

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
        return self._total(self.measure)

    def amount(self, measure: Measure) -> Ints:
        """Give the amount of each part in another measure (model.md 2): cumulated shares, rounded down."""
        return self.amounts(np.full(len(self.upto), measure, dtype=np.int64))

    def amounts(self, measure: Ints) -> Ints:
        """Give the amount of each part, each in a measure of its own."""
        aboard = self.view.records.aboard
        all_of_it = self._total(measure)
        whole = np.maximum(self.whole, 1)
        after = self.upto - aboard.amount
        out: Ints = all_of_it * self.upto // whole - all_of_it * after // whole
        return out

    def _total(self, measure: Ints) -> Ints:
        return self._table[self.cell, measure]

    @cached_property
    def _table(self) -> Ints:
        layout = self.view.layout
        return np.hstack([layout.cell_amounts, np.ones((layout.cells, 1), dtype=np.int64)])

    @cached_property
    def _landed_inside(self) -> Bools:
        view = self.view
        return view.inside(view.cut(view.records.sailings.landed))[self.trip]

    @cached_property
    def _loaded_inside(self) -> Bools:
        view = self.view
        return view.inside(view.cut(view.records.sailings.loaded))[self.trip]

    @cached_property
    def _weights(self) -> dict[Measure, Ints]:
        return {measure: self.amount(measure) for measure in (Measure.KG, Measure.TEU)}

    def landed(self, measure: Measure) -> Floats:
        """Give what each line landed in the window, in kg or thousandths of a TEU."""
        weight = self._weights[measure] * self._landed_inside
        line = self.view.records.aboard.line
        return total(line, weight, size=len(self.view.model.lines))

    def landed_at(self, measure: Measure) -> Floats:
        """Give what was landed at each berth group in the window."""
        group = self.view.records.sailings.destination[self.trip]
        weight = self._weights[measure] * self._landed_inside
        return total(group, weight, size=len(self.view.model.groups))

    def loaded_at(self, measure: Measure) -> Floats:
        """Give what was loaded at each berth group in the window."""
        group = self.view.records.sailings.origin[self.trip]
        weight = self._weights[measure] * self._loaded_inside
        return total(group, weight, size=len(self.view.model.groups))


def _trip_key(line: Ints, vessel: Ints, trip: Ints) -> Ints:
    return (line << 52) | (vessel << TRIP) | trip
