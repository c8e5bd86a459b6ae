"""The states that a timeline goes through: which entries are in force when, and how far.

Knows nothing of what an entry changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sim.scenario.document import Intervention

_JUST_AFTER = 0.5
"""Entries begin and end at whole seconds: half a second later nothing else has begun."""


@dataclass(frozen=True)
class Turn:
    """What differs between one state of a timeline and the next.

    Attributes:
        time: seconds from the clock's start at which it comes about, or just before which it has.
        moved: how far each entry is in force from now on that was so to another degree before.
        rising: the entries that are still coming into force.
    """

    time: int
    moved: Mapping[int, float]
    rising: frozenset[int] = frozenset()


def fraction_of(intervention: Intervention, time: float, *, before: bool) -> float:
    """Tell how far an intervention is in force at (or just before) an instant.

    Args:
        intervention: an entry of the timeline.
        time: seconds from the clock's start.
        before: just before that.

    Returns:
        From 0, not at all, to 1, in full.
    """
    start, end, ramp = intervention.start, intervention.end, intervention.ramp
    if time < start or (before and time == start):
        return 0.0
    if end is not None and (time > end or (time == end and not before)):
        return 0.0
    return (time - start) / ramp if time < start + ramp else 1.0


def turns(entries: Mapping[int, Intervention]) -> Iterator[Turn]:
    """List every state in order of time: where an entry begins, is in force in full, or ends.

    Args:
        entries: those of the timeline by their number.
    """
    at: dict[int, list[int]] = {}
    risen: dict[int, int] = {}
    for number, entry in entries.items():
        full = entry.start + entry.ramp if entry.end is None else min(entry.start + entry.ramp, entry.end)
        risen[number] = full
        for time in sorted({entry.start, full, entry.end} - {None}):  # type: ignore[type-var]
            at.setdefault(time, []).append(number)  # type: ignore[arg-type]
    now: dict[int, float] = {}
    ramping: set[int] = set()
    for time in sorted(at):
        reached = {number: fraction_of(entries[number], time, before=True) for number in sorted(ramping)}
        soon = time + _JUST_AFTER
        after = {number: fraction_of(entries[number], soon, before=False) for number in at[time]}
        ramping = (ramping - set(after)) | {number for number, share in after.items() if 0 < share < 1}
        rising = frozenset(number for number in reached if time < risen[number])
        for state, still in ((reached, rising), (after, frozenset(ramping))):
            moved = {number: share for number, share in state.items() if share != now.get(number, 0.0)}
            if moved:
                now |= moved
                yield Turn(time, moved, still)
