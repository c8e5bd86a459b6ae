"""Journeys: which rows of steps are of one consignment, and which consignment that is."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from sim.engine.records import LeanSteps, Records
from sim.errors import BalanceError
from sim.measure.folds import Ints
from sim.model.model import Model


class Journeys:
    """The runs of step rows of one consignment each, in the order of the table; columns of shape (journeys,).

    Args:
        model: the model that was run.
        records: what the run left.
    """

    def __init__(self, model: Model, records: Records) -> None:
        self._model = model
        self._records = records

    @cached_property
    def row(self) -> Ints:
        """First step row of each journey."""
        steps = self._records.steps
        if isinstance(steps, LeanSteps) and steps.is_lean:
            return steps.heads[np.flatnonzero(steps.length)]
        return np.flatnonzero(steps.ordinal == 0)

    @cached_property
    def length(self) -> Ints:
        """Step rows of each journey."""
        return np.diff(self.row, append=len(self._records.steps))

    @cached_property
    def consignment(self) -> Ints:
        """Row in `consignments` of each journey."""
        steps = self._records.steps
        if isinstance(steps, LeanSteps) and steps.is_lean and steps.whole is self._records.consignments:
            return np.flatnonzero(steps.length)
        rows = self.row
        place, is_known = self.find(steps.flow[rows], steps.consignment[rows])
        if not is_known:
            consignments = self._records.consignments
            wrong = consignments.flow[place] != steps.flow[rows]
            wrong |= consignments.number[place] != steps.consignment[rows]
            row = int(rows[np.flatnonzero(wrong)[0]])
            name = self._model.flows[int(steps.flow[row])].id
            msg = f"flow {name}: consignment {int(steps.consignment[row])} has steps but was never offered"
            raise BalanceError(msg)
        return place

    def at(self, rows: Ints) -> tuple[Ints, Ints]:
        """Give the consignment and the ordinal of some step rows."""
        journey = np.searchsorted(self.row, rows, side="right") - 1
        return self.consignment[journey], rows - self.row[journey]

    def find(self, flow: Ints, number: Ints) -> tuple[Ints, bool]:
        """Find rows of `consignments`.

        Args:
            flow: whose.
            number: number in the flow.

        Returns:
            Their rows, and whether all of them are there.
        """
        of_flow, numbered = self._records.consignments.flow, self._records.consignments.number
        if not len(flow) or not len(of_flow):
            return np.zeros(len(flow), dtype=np.int64), not len(flow)

        def is_right(place: Ints) -> bool:
            return bool((of_flow[place] == flow).all() and (numbered[place] == number).all())

        # Where no number is missing, the n-th row of a flow is its consignment n.
        begin = np.searchsorted(of_flow, np.arange(len(self._model.flows)))
        place = np.minimum(begin[flow] + number, len(of_flow) - 1)
        if not is_right(place):
            place = np.searchsorted(_key(of_flow, numbered), _key(flow, number))
            place = np.minimum(place, len(of_flow) - 1)
            return place, is_right(place)
        return place, True


def _key(flow: Ints, number: Ints) -> Ints:
    return (flow << 40) | number
