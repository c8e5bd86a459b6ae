"""One replication as the measures read it: derived columns, made once and shared.

Times are cut to the run: what has not happened by the end of the window stands at the end. Nothing is
summed up here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from sim.engine.paths import parameters_in_force
from sim.engine.records import LeanSteps, Outcome, Records
from sim.errors import BalanceError
from sim.measure import compiled
from sim.measure.counted import Counted
from sim.measure.deliveries import Deliveries
from sim.measure.folds import Bools, Floats, Ints, count, total
from sim.measure.journeys import Journeys
from sim.measure.layout import Layout, lay_out, most_counted
from sim.measure.moves import Moves, moves_of
from sim.measure.occupancy import Services, Waits
from sim.measure.spans import pack
from sim.measure.tally import Marked, Rows, Tally
from sim.measure.waiting import Waiting
from sim.model.model import Model
from sim.model.times import months_between

COUNTS = ("under_way_before", "offered", "delivered", "turned_away", "gone_outside", "under_way")
"""Entries of the closing statement."""

HOUR = 3600
"""Seconds of an hour."""

YEAR_HOURS = 8766.0
"""Hours of a year, in every rate (model.md 3)."""


@dataclass(frozen=True)
class View:
    """Records beside their model, with derived columns.

    Times are integer seconds from the window's start; what has not happened reads `end`.
    Columns over steps have shape (rows,), over consignments (consignments,), over journeys (journeys,);
    a journey is the run of step rows of one consignment.
    """

    model: Model
    records: Records
    layout: Layout

    @property
    def end(self) -> int:
        """End of the window in seconds; its start is 0."""
        return self.model.clock.end

    @property
    def hours(self) -> float:
        """Length of the window in hours."""
        return self.end / HOUR

    @property
    def per_year(self) -> float:
        """Factor from an amount in the window to an amount per year."""
        return YEAR_HOURS / self.hours

    def cut(self, times: Ints) -> Ints:
        """Cut times to the run: `NULL` and what lies after the end become `end`."""
        begin = self.model.clock.begin
        # NULL is the least integer, so that unsigned it lies far after every time of the run.
        since = (times - begin).view(np.uint64)
        horizon = np.uint64(self.end - begin)
        out: Ints = np.minimum(since, horizon).view(np.int64)
        return out + begin

    def inside(self, times: Ints) -> Bools:
        """Tell which times lie in the window [0, end)."""
        return (times >= 0) & (times < self.end)

    def times(self, name: Literal["started", "ended", "left"], rows: Ints) -> Ints:
        """Read one of the times of some step rows, cut to the run."""
        return self.cut(self.records.steps.some(name, rows))

    def offered_at(self, consignments: Ints) -> Ints:
        """When some consignments were offered, cut to the run."""
        return self.cut(self.records.consignments.arrived[consignments])

    @cached_property
    def months(self) -> Ints:
        """When the window's months begin, the first with the window itself."""
        return months_between(self.model.clock.start, begin=0, end=self.end)[0]

    def parameter(self, parameter: int, time: int) -> float:
        """Read one parameter at an instant, as the engines had it in force."""
        return float(parameters_in_force(self.model).at(parameter, np.array([time], dtype=np.int64))[0])

    @cached_property
    def is_checked(self) -> bool:
        """Whether a pass has read and checked all rows; it has gathered what is summed up, and no columns."""
        return False

    @cached_property
    def cell(self) -> Ints:
        """Cell of each step row."""
        steps = self.records.steps
        width = len(self.model.routes)
        first = self.layout.first.reshape(-1)[steps.flow * width + steps.route]
        if len(first) and int(first.min()) < 0:
            row = int(first.argmin())
            flow = self.model.flows[int(steps.flow[row])].id
            msg = (
                f"flow {flow}: consignment {int(steps.consignment[row])} travels by route "
                f"{self.model.routes[int(steps.route[row])].id}, which is none of the flow's"
            )
            raise BalanceError(msg)
        out: Ints = first + steps.ordinal
        return out

    @cached_property
    def element(self) -> Ints:
        """Element of each step row."""
        out: Ints = self.layout.cell_element[self.cell]
        return out

    @cached_property
    def asked(self) -> Ints:
        """When each step was reached."""
        return self.cut(self.records.steps.asked)

    @cached_property
    def started(self) -> Ints:
        """When each step started."""
        return self.cut(self.records.steps.started)

    @cached_property
    def ended(self) -> Ints:
        """When each step ended."""
        return self.cut(self.records.steps.ended)

    @cached_property
    def left(self) -> Ints:
        """When each step was left."""
        return self.cut(self.records.steps.left)

    @cached_property
    def waits(self) -> Waits:
        """Where and when consignments waited by the end of the window, the warm-up's included."""
        rows = np.flatnonzero(self.started > self.asked)
        flow = self.records.steps.flow[rows]
        return Waits(
            self.element[rows], flow, rows, self.asked[rows], self.started[rows], self.admitted(rows)
        )

    def admitted(self, rows: Ints) -> Ints:
        """When each of some step rows admitted the consignment; the first step's stands with it."""
        out = self.asked[rows]
        first = np.flatnonzero(self.records.steps.ordinal[rows] == 0)
        journey = np.searchsorted(self.journeys.row, rows[first])
        out[first] = self.cut(self.records.consignments.admitted[self.journeys.consignment[journey]])
        return out

    @cached_property
    def waiting(self) -> Waiting:
        """Waits, gathered."""
        return Waiting.of(self)

    @cached_property
    def late(self) -> tuple[Ints, Ints, Ints, Ints]:
        """First steps that did not admit at once: rows, cells, when asked for, when they admitted."""
        waits = self.waits
        some = np.flatnonzero(waits.admitted > waits.asked)
        row = waits.row[some]
        return row, self.cell[row], waits.asked[some], waits.admitted[some]

    @cached_property
    def moves(self) -> Moves:
        """What consignments moved into buffers and yards, and out of buffers."""
        return moves_of(self)

    @cached_property
    def held(self) -> Ints:
        """Step rows that were blocked: not left when they ended."""
        return np.flatnonzero(self.left > self.ended)

    @cached_property
    def held_cell(self) -> Ints:
        """Cell of each of `held`."""
        out: Ints = self.cell[self.held]
        return out

    @cached_property
    def services(self) -> Services:
        """What servers of facilities have begun to serve by the end of the window."""
        number = self.records.steps.server
        rows = np.flatnonzero((number >= 0) & (self.started < self.end))
        opening = self.records.opening.server.max(initial=0)
        most = max(number.max(initial=0), self.records.servers.server.max(initial=0), opening)
        bits = max(int(most), most_counted(self.model)).bit_length()
        server = (self.layout.cell_index[self.cell[rows]] << bits) | number[rows]
        started, ended = self.started[rows], self.ended[rows]
        spent = total(
            server,
            np.maximum(ended, 0) - np.maximum(started, 0),
            size=len(self.model.facilities) << bits,
        )
        begin = self.model.clock.begin
        return Services(pack(server, started - begin), pack(server, ended - begin), bits, spent)

    @cached_property
    def arrived(self) -> Ints:
        """When each consignment was offered."""
        return self.cut(self.records.consignments.arrived)

    @cached_property
    def finished(self) -> Ints:
        """When each consignment was delivered, turned away or went outside."""
        return self.cut(self.records.consignments.finished)

    @cached_property
    def finished_inside(self) -> Bools:
        """Which consignments finished in the window, in whatever way."""
        return self.inside(self.finished)

    @cached_property
    def delivered(self) -> Bools:
        """Which consignments were delivered in the window."""
        done: Bools = self.records.consignments.outcome == Outcome.DELIVERED
        return self.finished_inside & done

    @cached_property
    def done(self) -> Ints:
        """Consignments delivered in the window, by row."""
        return np.flatnonzero(self.delivered)

    @cached_property
    def deliveries(self) -> Deliveries:
        """Deliveries, gathered."""
        return Deliveries.of(self)

    @cached_property
    def counts(self) -> dict[str, Floats]:
        """Consignments by flow: the entries of the closing statement, from `consignments` alone."""
        consignments, inside = self.records.consignments, self.finished_inside
        outcome = consignments.outcome

        def chosen(those: Bools) -> Floats:
            return count(consignments.flow[those], size=len(self.layout.flows))

        found = (
            chosen((self.arrived < 0) & (self.finished >= 0)),
            chosen(self.inside(self.arrived)),
            chosen(self.delivered),
            chosen(inside & (outcome == Outcome.TURNED_AWAY)),
            chosen(inside & (outcome == Outcome.GONE_OUTSIDE)),
            chosen((self.arrived < self.end) & (self.finished >= self.end)),
        )
        return dict(zip(COUNTS, found, strict=True))

    @cached_property
    def counted(self) -> Counted:
        """Consignments counted over time."""
        return Counted.of(self)

    @cached_property
    def pair(self) -> Ints:
        """Pair of each consignment; -1 without a route."""
        consignments = self.records.consignments
        width = len(self.model.routes)
        known = np.maximum(consignments.route, 0)
        found = self.layout.pair.reshape(-1)[consignments.flow * width + known]
        return np.where(consignments.route >= 0, found, -1)

    @cached_property
    def journeys(self) -> Journeys:
        """Which rows are of one consignment."""
        return Journeys(self.model, self.records)

    def cells_at(self, rows: Ints) -> Ints:
        """Give the cells of some step rows, without deriving those of all."""
        if not self.is_checked:
            return self.cell[rows]
        consignments = self.records.consignments
        place, ordinal = self.journeys.at(rows)
        out: Ints = self.layout.first[consignments.flow[place], consignments.route[place]] + ordinal
        return out

    def numbers_at(self, rows: Ints) -> Ints:
        """Give the numbers in their flows of the consignments of some step rows."""
        return self.records.consignments.number[self.journeys.at(rows)[0]]

    @cached_property
    def travels(self) -> Bools:
        """Which consignments have a row of a step."""
        out: Bools = np.zeros(len(self.arrived), dtype=np.bool_)
        out[self.journeys.consignment] = True
        return out

    @cached_property
    def at_origin(self) -> Ints:
        """Consignments without a row of a step, by row."""
        steps = self.records.steps
        if self.is_checked and isinstance(steps, LeanSteps):
            return np.flatnonzero(steps.length == 0)
        return np.flatnonzero(~self.travels)

    @cached_property
    def journeys_over(self) -> tuple[Floats, Floats]:
        """Journeys that ended at a last step in the window, and those that are not over, by flow."""
        size = len(self.layout.flows)
        last = self.journeys.row + self.journeys.length - 1
        left = self.left[last]
        over = self.layout.cell_last[self.cell[last]] & (left < self.end)
        flow = self.records.steps.flow[last]
        return count(flow[over & (left >= 0)], size=size), count(flow[~over], size=size)

    @cached_property
    def under_way(self) -> Floats:
        """Seconds of the window that consignments spent at their steps, by flow."""
        spent = np.maximum(self.left - np.maximum(self.asked, 0), 0)
        return total(self.records.steps.flow, spent, size=len(self.layout.flows))

    def mark(self, rows: Rows) -> Bools:
        """Tell which step rows are in a set."""
        if rows is Rows.DELIVERED:
            return np.repeat(self.delivered[self.journeys.consignment], self.journeys.length)
        return self.inside({Rows.LEFT: self.left, Rows.ENDED: self.ended, Rows.STARTED: self.started}[rows])

    def rows_of(self, cells: Bools, chosen: Rows) -> Iterator[tuple[int, Ints]]:
        """Find the step rows of some cells in a set, for what is read at each row's own time.

        Args:
            cells: which cells, shape (C,); where there are none, no row is looked at.
            chosen: the set.

        Yields:
            Cell, and its rows, ascending.
        """
        if not cells.any():
            return
        rows = np.flatnonzero(cells[self.cell] & self.mark(chosen))
        rows = rows[np.argsort(self.cell[rows].astype(np.min_scalar_type(len(cells))), kind="stable")]
        begin = np.searchsorted(self.cell[rows], np.arange(len(cells) + 1))
        for cell in np.flatnonzero(cells).tolist():
            yield cell, rows[begin[cell] : begin[cell + 1]]

    @cached_property
    def tally(self) -> Tally:
        """Step rows and their seconds by set of rows and cell."""
        waits, held = self.waits, self.held
        marked = Marked(self.cell, tuple(self.mark(rows) for rows in Rows), size=self.layout.cells)
        return Tally.of(
            marked.count(),
            waited=marked.sums(waits.started - waits.asked, waits.row),
            blocked=marked.sums(self.left[held] - self.ended[held], held),
            stayed=marked.sums(self.left - self.asked),
        )


def view(model: Model, records: Records) -> View:
    """Lay records beside their model."""
    seen = View(model, records, lay_out(model))
    if compiled.at_hand():
        from sim.measure.swift import fill

        fill(seen)
    return seen
