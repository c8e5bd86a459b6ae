"""Who was where and kept something busy: waits at elements, services on servers, as columns.

Forms only; `view` makes them from the records, `swift` from a compiled pass.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.measure.folds import Floats, Ints


class Waits(NamedTuple):
    """Step rows with a wait, in order of the table; all of shape (n,).

    Attributes:
        element: where.
        flow: whose.
        row: of `steps`.
        asked: from when, in seconds from the window's start, cut to the run.
        started: until when.
        admitted: when the element let them in; later than asked only at a first step.
    """

    element: Ints
    flow: Ints
    row: Ints
    asked: Ints
    started: Ints
    admitted: Ints


class Services(NamedTuple):
    """What servers of facilities have begun to serve by the end of the window, in any order.

    A server is told by its facility's index and, in the lowest `bits` bits, its number there; an instant of
    it by both packed as in `spans`, in seconds since the run's begin.

    Attributes:
        begin: when each service began, shape (n,).
        end: when it ended, cut to the run, shape (n,).
        bits: as above.
        spent: seconds of the window that each server served, shape (facilities << bits,).
    """

    begin: Ints
    end: Ints
    bits: int
    spent: Floats
