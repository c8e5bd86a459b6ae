"""From timeline to parameter paths: the scenario is read at the timeline's knots, and straight between.

Here a `Param` is born: a name, the element it is read from, and how. Reading touches only elements that an
intervention has changed. What a parameter means is known to those who register it, not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.model.parameters import NONE, FloatArray, IntArray, Param, ParameterTable
from sim.scenario.document import Document, Intervention
from sim.scenario.states import fraction_of

UNLIMITED: Final = 1e15
"""Value of a limit while a scenario has lifted it, in base units."""

_BEND = 5e-4
"""How far, relative to its size, a value may lie off the straight line inside a piece."""
_SHORTEST = 3_600
"""A piece is not halved below this many seconds; a jump inside it is taken at its end."""
_PROBE = 0.381966
"""Where a piece is tested for straightness: off the middle, where steps of a table may hide."""

Source = tuple[str, str]
"""Section and id of the element from which a parameter is read."""


class ScenarioLike(Protocol):
    """What the compiler asks of a scenario."""

    @property
    def document(self) -> Document:
        """The resolved scenario without any intervention."""

    @property
    def interventions(self) -> tuple[Intervention, ...]:
        """The timeline, in file order."""

    def document_at(self, fractions: Sequence[float]) -> Document:
        """The resolved scenario with each intervention applied at a fraction in [0, 1]."""


@dataclass(frozen=True)
class Piece:
    """A stretch of time between two knots.

    Attributes:
        start: seconds from the clock's start.
        stop: likewise, after `start`.
        opening: the scenario at `start`.
        closing: the scenario just before `stop`; the same object where nothing ramps.
        probe: the scenario inside a piece too short to be halved again, where some values are not straight.
    """

    start: int
    stop: int
    opening: Document
    closing: Document
    probe: Document | None = None


class Timeline:
    """The scenario as pieces of time, in which parameters are constant or run straight."""

    def __init__(self, scenario: ScenarioLike, *, begin: int, until: int) -> None:
        self._interventions = scenario.interventions
        self._document_at = scenario.document_at
        self._known = {(0.0,) * len(self._interventions): scenario.document}
        knots = {begin, until}
        for intervention in self._interventions:
            times = (intervention.start, intervention.start + intervention.ramp, intervention.end)
            knots |= {time for time in times if time is not None and begin < time < until}
        self.pieces: tuple[Piece, ...] = tuple(self._piece(a, b) for a, b in pairwise(sorted(knots)))

    def documents(self) -> Iterator[Document]:
        """Give the scenario at every knot and just before the next."""
        for piece in self.pieces:
            yield piece.opening
            if piece.closing is not piece.opening:
                yield piece.closing

    def refine(self, tables: Sequence[Paths]) -> None:
        """Halve every piece in which a parameter of the tables does not run straight."""
        self.pieces = tuple(
            part for piece in self.pieces for part in self._straightened(piece, tables=tables)
        )

    def _straightened(self, piece: Piece, *, tables: Sequence[Paths]) -> Iterator[Piece]:
        if piece.opening is piece.closing:
            yield piece
            return
        at = piece.start + _PROBE * (piece.stop - piece.start)
        probe = self._at(at)
        if not any(table.bent(piece, probe=probe).any() for table in tables):
            yield piece
        elif piece.stop - piece.start <= _SHORTEST:
            yield Piece(piece.start, piece.stop, piece.opening, piece.closing, probe)
        else:
            middle = (piece.start + piece.stop) // 2
            yield from self._straightened(self._piece(piece.start, middle), tables=tables)
            yield from self._straightened(self._piece(middle, piece.stop), tables=tables)

    def _piece(self, start: int, stop: int) -> Piece:
        return Piece(start, stop, self._at(start), self._at(stop, before=True))

    def _at(self, time: float, *, before: bool = False) -> Document:
        fractions = tuple(fraction_of(one, time, before=before) for one in self._interventions)
        if fractions not in self._known:
            self._known[fractions] = self._document_at(fractions)
        return self._known[fractions]


@dataclass(frozen=True)
class _Entry:
    name: str
    source: Source
    read: Callable[[Any], float | None]


class Paths:
    """Registers parameters and reads them along a timeline into one table."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._base = timeline.pieces[0].opening
        self._entries: list[_Entry] = []
        self._of: dict[Source, list[int]] = {}
        self._stepped: list[bool] = []
        self._read: dict[int, FloatArray] = {}

    def add(
        self,
        name: str,
        source: Source,
        *,
        read: Callable[[Any], float | None],
        stepped: bool = False,
    ) -> Param:
        """Register a parameter.

        Args:
            name: dotted path in the scenario.
            source: section of the document and id of the element.
            read: gives the value in base units from that element; None stands for no limit.
            stepped: True for what is on or off; it never runs between two values.
        """
        param = Param(len(self._entries))
        self._entries.append(_Entry(name, source, read))
        self._of.setdefault(source, []).append(param)
        self._stepped.append(stepped)
        return param

    def optional(self, name: str, source: Source, *, read: Callable[[Any], float | None]) -> Param:
        """Register a limit, or give `NONE` where it is never set."""
        section, key = source
        if all(read(getattr(document, section)[key]) is None for document in self._timeline.documents()):
            return NONE
        return self.add(name, source, read=read)

    def values(self, document: Document) -> FloatArray:
        """Read every parameter from the scenario at one moment, shape (P,)."""
        known = self._read.get(id(document))
        if known is not None and len(known) == len(self._entries):
            return known
        if document is self._base:
            values = np.array([self._value(entry, document) for entry in self._entries], dtype=np.float64)
        else:
            values = self.values(self._base).copy()
            for source, chosen in self._of.items():
                section, key = source
                element = getattr(document, section)[key]
                before = getattr(self._base, section)[key]
                if element is not before and element != before:
                    for index in chosen:
                        values[index] = self._value(self._entries[index], document)
        self._read[id(document)] = values
        return values

    @staticmethod
    def _value(entry: _Entry, document: Document) -> float:
        section, key = entry.source
        value = entry.read(getattr(document, section)[key])
        return UNLIMITED if value is None else float(value)

    def bent(self, piece: Piece, *, probe: Document) -> NDArray[np.bool_]:
        """Tell which parameters lie off the straight line at the probe of a piece, shape (P,)."""
        opening, closing, inside = (self.values(one) for one in (piece.opening, piece.closing, probe))
        off = np.abs(inside - (opening + (closing - opening) * _PROBE))
        size = np.maximum(np.maximum(np.abs(opening), np.abs(closing)), np.abs(inside))
        bent: NDArray[np.bool_] = (off > _BEND * size) & ~np.array(self._stepped, dtype=np.bool_)
        return bent

    def table(self, *, end: int) -> ParameterTable:
        """Build the table of all registered parameters with their changes before `end`."""
        stepped = np.array(self._stepped, dtype=np.bool_)
        times: list[IntArray] = []
        indices: list[IntArray] = []
        values: list[FloatArray] = []
        slopes: list[FloatArray] = []
        base, _ = self._line(self._timeline.pieces[0], stepped=stepped)
        value, pace = base.copy(), np.zeros_like(base)
        since = np.full(len(base), self._timeline.pieces[0].start)
        for piece in self._timeline.pieces:
            if piece.start >= end:
                break
            opening, slope = self._line(piece, stepped=stepped)
            length = piece.stop - piece.start
            expected = value + pace * (piece.start - since)
            noise = 1e-12 * (np.abs(opening) + np.abs(opening + slope * length))
            changed = np.flatnonzero(
                (np.abs(opening - expected) > noise) | (np.abs(slope - pace) * length > noise)
            )
            value[changed], pace[changed], since[changed] = opening[changed], slope[changed], piece.start
            times.append(np.full(len(changed), piece.start, dtype=np.int64))
            indices.append(changed.astype(np.int64))
            values.append(opening[changed])
            slopes.append(slope[changed])
        return ParameterTable(
            names=tuple(entry.name for entry in self._entries),
            base=base,
            time=np.concatenate(times),
            index=np.concatenate(indices),
            value=np.concatenate(values),
            slope=np.concatenate(slopes),
        )

    def _line(self, piece: Piece, *, stepped: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
        """Give the values at a piece's start and their slopes within it."""
        opening, closing = self.values(piece.opening), self.values(piece.closing)
        if piece.opening is piece.closing:
            return opening, np.zeros_like(opening)
        slope = (closing - opening) / (piece.stop - piece.start)
        slope[stepped] = 0.0
        if piece.probe is not None:
            slope[self.bent(piece, probe=piece.probe)] = 0.0
        # A switch that ramps is thrown as soon as the ramp has begun.
        return np.where(stepped, closing, opening), slope
