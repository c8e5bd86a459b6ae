"""The timeline as results know it: when each entry begins, and when what it did is over.

Kept beside the results, like the outline. What an entry does to the model is not known here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sim.scenario.findings import Findings
from sim.scenario.reading import Element, touched
from sim.scenario.show import timeline
from sim.scenario.states import fraction_of

if TYPE_CHECKING:
    from sim.scenario.document import Document
    from sim.scenario.scenario import Scenario

HOUR = 3600


@dataclass(frozen=True)
class Event:
    """An entry of the timeline: hours since the clock's start.

    Attributes:
        title: what it is called.
        begin: when it begins.
        end: when it ends by itself, None where it stays.
        does: what it does, as eight digits; empty in what an earlier version has written.
        undone: when other entries have put back what it changed, None where they have not, or it ends by
            itself. It is worked out from the others, so that it does not make an entry another one.
    """

    title: str
    begin: float
    end: float | None = None
    does: str = field(default="", compare=False)
    undone: float | None = field(default=None, compare=False)

    @property
    def over(self) -> float | None:
        """When it is over, in whichever way."""
        return self.undone if self.end is None else self.end

    def is_also(self, other: Event) -> bool:
        """Tell whether it is another scenario's entry too: of one name, at one time, doing the same."""
        return self == other and (self.does == other.does or not (self.does and other.does))


def events_of(scenario: Scenario) -> tuple[Event, ...]:
    """List the entries of a scenario's timeline, in file order."""
    states = _States(scenario)
    return tuple(
        Event(
            entry.title,
            entry.start / HOUR,
            None if entry.end is None else entry.end / HOUR,
            _digest(told),
            None if entry.end is not None else states.undone(number),
        )
        for number, (entry, told) in enumerate(zip(scenario.interventions, timeline(scenario), strict=True))
    )


def _digest(entry: Mapping[str, Any]) -> str:
    does = {name: entry[name] for name in ("set", "scale", "add", "ramp") if name in entry}
    return blake2b(json.dumps(does, sort_keys=True, default=str).encode(), digest_size=4).hexdigest()


class _States:
    """A scenario's state at the instants at which entries of its timeline begin, are in force, and end."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._entries = scenario.interventions
        self._fractions: dict[tuple[int, bool], tuple[float, ...]] = {}
        self._documents: dict[tuple[float, ...], Document] = {}
        self._levers: dict[tuple[tuple[float, ...], str], float | None] = {}
        self._touched: list[set[Element]] = []
        self._about: dict[Element, list[int]] = {}
        for number in range(len(self._entries)):
            alone = [float(k == number) for k in range(len(self._entries))]
            self._touched.append(touched(scenario.changes_at(alone)))
            for element in self._touched[number]:
                self._about.setdefault(element, []).append(number)

    def undone(self, number: int) -> float | None:
        """Tell when all that an entry touched is again as it was before, in hours, or None.

        Args:
            number: place of the entry; it stays.
        """
        entry = self._entries[number]
        in_full = entry.start + entry.ramp
        others = {k for element in self._touched[number] for k in self._about[element]} - {number}
        knots = {
            time
            for other in (self._entries[k] for k in others)
            for time in (other.start + other.ramp, other.end)
            if time is not None and time > in_full
        }
        if not knots or self._alike(number, in_full):
            return None
        return next((time / HOUR for time in sorted(knots) if self._alike(number, time)), None)

    def _alike(self, number: int, time: int) -> bool:
        """Tell whether what an entry touches is at an instant as it was just before the entry."""
        start = self._entries[number].start
        return all(
            self._state(element, start, before=True) == self._state(element, time)
            for element in self._touched[number]
        )

    def _state(self, element: Element, time: int, *, before: bool = False) -> object:
        """Give an element, or a lever's value, at or just before an instant."""
        if (time, before) not in self._fractions:
            self._fractions[time, before] = tuple(
                fraction_of(one, time, before=before) for one in self._entries
            )
        fractions, (section, key) = self._fractions[time, before], element
        if section == "levers":
            # What follows it is as it was when the lever is: no document has to be resolved for that.
            if (fractions, key) not in self._levers:
                self._levers[fractions, key] = self._lever(key, fractions)
            return self._levers[fractions, key]
        if fractions not in self._documents:
            self._documents[fractions] = self._scenario.document_at(fractions)
        return getattr(self._documents[fractions], section)[key]

    def _lever(self, name: str, fractions: tuple[float, ...]) -> float | None:
        path = f"levers.{name}"
        reader = self._scenario.source.reader(Findings(), self._scenario.changes_at(fractions))
        return reader.lever(name, reader.node(path), path)


def new_places(base: Sequence[Event], other: Sequence[Event]) -> tuple[int, ...]:
    """Give the places of a timeline's entries that the base's has not."""
    return tuple(
        place for place, event in enumerate(other) if not any(event.is_also(known) for known in base)
    )


def new_events(base: Sequence[Event], other: Sequence[Event]) -> tuple[Event, ...]:
    """Give the entries of a timeline that the base's has not."""
    return tuple(other[place] for place in new_places(base, other))
