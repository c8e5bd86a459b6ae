"""Who waits where: waits and queue lengths of consignments at every kind of element."""

from __future__ import annotations

import numpy as np

from sim.engine.records import Outcome
from sim.measure import compiled
from sim.measure.collect import KpiRows
from sim.measure.folds import Floats, Ints, total
from sim.measure.quantiles import BITS, Groups
from sim.measure.tally import Rows
from sim.measure.view import HOUR, View


def add_waits(rows: KpiRows, view: View) -> None:
    """Add waits of consignments that started in the window, in hours from reaching the step."""
    elements = view.layout.elements
    number = view.layout.by_element(view.tally.count(Rows.STARTED)).astype(np.int64)
    waits = view.waits
    some = np.flatnonzero(view.inside(waits.started))
    spent = waits.started[some] - waits.asked[some]
    groups = Groups.beside_zeros(waits.element[some], spent, number=number)
    rows.add("wait.mean", "h", elements, groups.mean() / HOUR)
    for label, share in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95)):
        rows.add(f"wait.{label}", "h", elements, groups.quantile(share) / HOUR)
    rows.add("wait.max", "h", elements, groups.max() / HOUR)


class Waiting:
    """Intervals in which consignments wait at elements, cut to the window.

    Those that still wait at their origin for their first step have no step row yet and are added here,
    so that Little's law (1961) holds exactly: queue.mean x window = sum of waits in the window.

    Attributes:
        element: where, shape (n,).
        flow: whose, shape (n,).
        since: from when, at least 0, shape (n,).
        until: until when, at most the window's end, shape (n,).
    """

    def __init__(self, view: View) -> None:
        layout = view.layout
        waits = view.waits
        some = np.flatnonzero(waits.started > 0)
        at_origin = self._at_origin(view)
        consignments = view.records.consignments
        flow, route = consignments.flow[at_origin], consignments.route[at_origin]
        first = layout.cell_element[layout.first[flow, route]]
        self.element: Ints = np.concatenate([waits.element[some], first])
        self.flow: Ints = np.concatenate([waits.flow[some], flow])
        self.since: Ints = np.maximum(np.concatenate([waits.asked[some], view.arrived[at_origin]]), 0)
        self.until: Ints = np.concatenate([waits.started[some], np.full(len(at_origin), view.end)])

    @staticmethod
    def _at_origin(view: View) -> Ints:
        here, outcome = view.at_origin, view.records.consignments.outcome
        waiting: Ints = here[(outcome[here] == Outcome.UNDER_WAY) & (view.pair[here] >= 0)]
        return waiting


def add_queues(rows: KpiRows, view: View, waiting: Waiting) -> None:
    """Add mean and largest number of consignments waiting at each element over the window."""
    elements = view.layout.elements
    size = len(elements)
    spent = total(waiting.element, waiting.until - waiting.since, size=size)
    rows.add("queue.mean", "consignments", elements, spent / view.end)
    rows.add("queue.max", "consignments", elements, _largest(waiting, size=size, end=view.end))


def _largest(waiting: Waiting, *, size: int, end: int) -> Floats:
    """Give the largest number waiting, over the last values of all instants of the window."""
    # The number rises only when one begins to wait: counting begun less gone at those instants is
    # enough, and two sorted lists need no pairing.
    begun = (waiting.element << BITS) | waiting.since
    begun.sort()
    ends = waiting.until < end
    gone = (waiting.element[ends] << BITS) | waiting.until[ends]
    gone.sort()
    if compiled.at_hand():
        from sim.measure.passes import longest_queues

        found: Ints = longest_queues(begun, gone, BITS, size)
        return found.astype(np.float64)
    count = np.arange(1, len(begun) + 1) - np.searchsorted(gone, begun, side="right")
    element = begun >> BITS
    # Those of the elements before have all begun, and are gone but for the ones that never end.
    first = np.searchsorted(element, np.arange(size))
    gone_before = np.searchsorted(gone, np.arange(size) << BITS)
    count -= (first - gone_before)[element]
    out = np.zeros(size)
    heads = np.flatnonzero(np.append([True], element[1:] != element[:-1])) if len(element) else element
    if len(heads):
        out[element[heads]] = np.maximum.reduceat(count, heads)
    return out
