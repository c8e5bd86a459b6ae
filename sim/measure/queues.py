"""Who waits where: waits and queue lengths of consignments at every kind of element."""

from __future__ import annotations

import numpy as np

from sim.measure import compiled
from sim.measure.collect import KpiRows
from sim.measure.folds import Floats, Ints
from sim.measure.quantiles import BITS
from sim.measure.view import HOUR, View


def add_waits(rows: KpiRows, view: View) -> None:
    """Add waits of consignments that started in the window, in hours from reaching the step."""
    elements, groups = view.layout.elements, view.waiting.lengths
    rows.add("wait.mean", "h", elements, groups.mean() / HOUR)
    for label, seconds in zip(("p50", "p90", "p95"), groups.quantiles(0.5, 0.9, 0.95), strict=True):
        rows.add(f"wait.{label}", "h", elements, seconds / HOUR)
    rows.add("wait.max", "h", elements, groups.max() / HOUR)


def add_queues(rows: KpiRows, view: View) -> None:
    """Add mean and largest number of consignments waiting at each element over the window."""
    elements, waiting = view.layout.elements, view.waiting
    rows.add("queue.mean", "consignments", elements, waiting.spent.sum(axis=1) / view.end)
    rows.add("queue.max", "consignments", elements, _largest(waiting.begun, waiting.gone, size=len(elements)))


def _largest(begun: Ints, gone: Ints, *, size: int) -> Floats:
    """Give the largest number waiting, over the last values of all instants of the window."""
    # The number rises only when one begins to wait: counting begun less gone at those instants is
    # enough, and two sorted lists need no pairing.
    if compiled.at_hand():
        from sim.measure.sweeps import longest_queues

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
