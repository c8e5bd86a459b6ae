"""Checks of the timeline: every state that really occurs, with all entries in force then.

A state differs from the one before in what a few entries change; only the elements that these touch are
resolved anew. What is wrong is told once, at the entry that brings it about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from sim.errors import Finding
from sim.scenario import dynamic
from sim.scenario.checks import check_moment, check_opened
from sim.scenario.document import Document, Intervention
from sim.scenario.findings import Findings, nearest
from sim.scenario.reading import Change, Element, Reader, element_of, touched
from sim.scenario.resolve import Source, elements
from sim.scenario.resolve_claims import changes, intervention
from sim.scenario.schema_demand import InterventionModel
from sim.scenario.states import Turn, turns


class _Fault(NamedTuple):
    """What is wrong, and the dotted paths of other values that have a part in it."""

    found: Finding
    about: tuple[str, ...]


_Wrong = dict[tuple[str, str], _Fault]
"""What is wrong in one state, by code and path."""

_TIMELINE = "timeline."
"""How the paths begin of what an entry of the timeline holds."""


def check_moments(document: Document, source: Source, reader: Reader, findings: Findings) -> None:
    """Check every state that the timeline brings about.

    Entries whose begin or end cannot be read are looked at one by one, each in force in full.

    Args:
        document: the scenario without any entry in force.
        source: what it was resolved from.
        reader: what it was read with.
        findings: gets what is wrong.
    """
    partial = {
        int(key): left.model
        for (section, key), left in source.parsed.partial.items()
        if section == "timeline"
    }
    models: dict[int, InterventionModel] = {**source.parsed.timeline, **partial}
    if not models:
        return
    kept: dict[int, list[Change]] = {}
    for number in sorted(models):
        listed = dynamic.check(changes(models, source.root, {number: 1.0}), source.parsed, findings)
        kept[number] = listed
        check_opened(source, listed, findings)
    aside = source.reader(Findings())
    found = {
        number: None if number in partial else intervention(aside, number, model, document.clock)
        for number, model in models.items()
    }
    timed = {number: entry for number, entry in found.items() if entry is not None}
    unsure = {element for number in kept.keys() - timed.keys() for element in touched(kept[number])}
    states = _States(document, source, reader, kept, findings)
    for turn in turns(timed):
        states.move(turn, timed, unsure=unsure)
    states.end()
    for number in sorted(kept.keys() - timed.keys()):
        others = {each for other in kept if other != number for each in touched(kept[other])}
        alone = _States(document, source, reader, kept, findings)
        alone.move(Turn(0, {number: 1.0}), timed, unsure=others)
        alone.end()


class _States:
    """The scenario as it goes from one state to the next."""

    def __init__(
        self,
        document: Document,
        source: Source,
        reader: Reader,
        kept: Mapping[int, list[Change]],
        findings: Findings,
    ) -> None:
        self._document, self._source, self._findings = document, source, findings
        self._kept = kept
        self._start = frozenset((found.code, found.path) for found in findings.sorted())
        self._now: dict[int, float] = {}
        self._about: dict[Element, list[tuple[int, Change]]] = {}
        for number in sorted(kept):
            for change in kept[number]:
                self._about.setdefault(element_of(change.path), []).append((number, change))
        self._wrong: dict[Element, _Wrong] = {}
        self._seen = {frozenset[tuple[int, float]](): (document, self._wrong)}
        self._causes: dict[tuple[str, str], int] = {}
        self._told: dict[tuple[str, str, int], _Fault] = {}
        self._scaled = reader.scaled
        self._notes = reader.provenance

    def move(self, turn: Turn, entries: Mapping[int, Intervention], *, unsure: set[Element]) -> None:
        """Go to the next state and tell what it makes wrong.

        Args:
            turn: what differs.
            entries: those whose times are known.
            unsure: elements of which nothing can be said but what one change says of itself, as it is not
                known what else is in force.
        """
        moved = turn.moved
        self._now = {n: share for n, share in {**self._now, **moved}.items() if share > 0}
        before, state = self._wrong, frozenset(self._now.items())
        if state in self._seen:
            self._document, self._wrong = self._seen[state]
        else:
            self._wrong = dict(before)
            for element in sorted(self._places(moved)):
                aside = Findings()
                self._resolve(element, aside, fresh=moved)
                self._wrong[element] = self._apart(aside)
            aside = Findings()
            check_moment(self._document, self._source, aside)
            self._wrong["", ""] = self._settled(self._apart(aside), turn.rising)
            self._seen[state] = self._document, self._wrong
        for element, made in self._wrong.items():
            if made:
                self._tell(made, before.get(element, {}), moved, entries, unsure=unsure)

    def end(self) -> None:
        """Hand over what was found."""
        for fault in self._told.values():
            self._findings.keep(*fault)

    def _places(self, moved: Mapping[int, float]) -> set[Element]:
        """List the elements that have to be resolved anew."""
        places = {element for number in moved for element in touched(self._kept[number])}
        turned = [key for section, key in places if section == "levers"]
        if turned:
            # What an entry sets may be scaled by a lever as well.
            places |= {element for element, about in self._about.items() if any(self._active(about))}
        seen: set[str] = set()
        while turned:
            lever = turned.pop()
            if lever in seen:
                continue
            seen.add(lever)
            for section, key in map(element_of, self._scaled.get(lever, ())):
                places.add((section, key))
                turned += [key] if section == "levers" else []
        # An element that is wrong itself is told as such, and not resolved.
        parsed = self._source.parsed
        return {
            (section, key)
            for section, key in places
            if section != "levers" and key in getattr(parsed, section)
        }

    def _active(self, about: list[tuple[int, Change]]) -> Iterator[Change]:
        for number, change in about:
            share = self._now.get(number, 0.0)
            if share > 0:
                yield replace(change, fraction=share)

    def _resolve(self, element: Element, aside: Findings, *, fresh: Mapping[int, float]) -> None:
        """Resolve one element as it is now."""
        own = [(number, change) for number, change in self._about.get(element, ()) if self._now.get(number)]
        # What was set over in full since has no part in the value, and its own faults were told before.
        over: set[str] = set()
        active: list[Change] = []
        for number, change in reversed(own):
            if change.path in over and number not in fresh:
                continue
            active.append(replace(change, fraction=self._now[number]))
            if change.kind == "set" and self._now[number] >= 1:
                over.add(change.path)
        active.reverse()
        levers = [
            each for key, about in self._about.items() if key[0] == "levers" for each in self._active(about)
        ]
        reader = self._source.reader(aside, (*levers, *active))
        self._document = elements(self._source, reader, self._document, {element[0]: {element[1]}})
        # What the timeline brings is no parameter before it is in force: only here is it read.
        self._notes.update({at: note for at, note in reader.provenance.items() if at.startswith(_TIMELINE)})
        first = len(self._source.varied) + len(levers)
        for index, change in enumerate(active, start=first):
            if index not in reader.applied:
                self._no_parameter(change, aside)

    def _no_parameter(self, change: Change, aside: Findings) -> None:
        beside = change.path.rpartition(".vessels.")[0] or change.path.rpartition(".")[0]
        known = (path for path in dynamic.known(self._source.parsed) if path.startswith(f"{beside}."))
        hint = nearest(change.path, (path for path in known if path != change.path))
        message = f"there is no parameter {change.path}"
        expected = "a parameter that is given"
        where = change.operand.key_where
        aside.add("unknown-path", where, change.origin, message, expected=expected, hint=hint)

    def _apart(self, aside: Findings) -> _Wrong:
        """Keep what is said of a change itself, and give what the state as a whole makes wrong."""
        made: _Wrong = {}
        for found in aside.sorted():
            if found.path.startswith(_TIMELINE):
                self._findings.keep(found, aside.about(found))
            elif (found.code, found.path) not in self._start:
                made.setdefault((found.code, found.path), _Fault(found, aside.about(found)))
        return made

    def _settled(self, made: _Wrong, rising: Collection[int]) -> _Wrong:
        """Leave out a room that is only on its way from nothing to what it will be, and a count that is."""
        rising_paths = {change.path for number in rising for change in self._kept[number]}
        return {
            key: fault
            for key, fault in made.items()
            if not (fault.found.code == "does-not-fit" and not rising_paths.isdisjoint(fault.about))
            and not (fault.found.code == "part-of-one" and fault.found.path in rising_paths)
        }

    def _tell(
        self,
        made: _Wrong,
        before: _Wrong,
        moved: Mapping[int, float],
        entries: Mapping[int, Intervention],
        *,
        unsure: set[Element],
    ) -> None:
        """Note what has become wrong; while its entry comes into force, what it has become so far."""
        for key, fault in made.items():
            if not unsure.isdisjoint(map(element_of, (fault.found.path, *fault.about))):
                continue
            if key not in before:
                listed = [(number, change) for number in sorted(moved) for change in self._kept[number]]
                self._causes[key], _ = max(listed, key=lambda pair: (_likely(pair[1], fault), pair[0]))
            number = self._causes[key]
            if key not in before or moved.get(number, 0.0) > 0:
                placed = self._placed(fault, number, moved[number], entries)
                self._told[(*key, number)] = fault._replace(found=placed)

    def _placed(
        self, fault: _Fault, number: int, share: float, entries: Mapping[int, Intervention]
    ) -> Finding:
        """Put a finding at the entry that brings it about."""
        found = fault.found
        change = max(self._kept[number], key=lambda each: _likely(each, fault))
        named = found.path in found.message or found.path == change.path
        message = found.message if named else f"{found.message} (at {found.path})"
        if not share:
            entry = self._source.root.nearest("timeline", number)
            end = entry.get("lasts") or entry.get("until") or entry
            message = f"{message}, when '{entries[number].title}' ends"
            return replace(found, where=end.where, path=f"timeline.{number}", message=message)
        if _likely(change, fault) < 3:
            where = self._source.root.nearest("timeline", number).where
            return replace(found, where=where, path=f"timeline.{number}", message=message)
        return replace(found, where=change.operand.where, path=change.origin, message=message)


def _likely(change: Change, fault: _Fault) -> int:
    """Tell how likely it is that a change has brought about what was found."""
    path = fault.found.path
    one, two = f"{change.path}.", f"{path}."
    if one.startswith(two) or two.startswith(one) or change.path in fault.about:
        return 3
    if element_of(change.path) == element_of(path):
        return 2
    return 1 if change.path.startswith("levers.") else 0
