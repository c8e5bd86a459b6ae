"""Checks of ramps: what begins from nothing moves hardly at all at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.errors import InputError, Level

if TYPE_CHECKING:
    from sim.scenario.document import Intervention
    from sim.scenario.findings import Findings
    from sim.scenario.scenario import Scenario


def ramps_begin_above_nothing(scenario: Scenario, findings: Findings) -> None:
    """Warn where the rate of a facility comes back from 0 by a ramp.

    A job is timed when it starts: one that starts in the first hours of such a ramp holds its server as long
    as the whole job takes at a sliver of the rate.

    Args:
        scenario: resolved.
        findings: gets the warnings.
    """
    entries = scenario.interventions
    for number, (place, entry) in enumerate(
        zip(sorted(scenario.source.parsed.timeline), entries, strict=True)
    ):
        if not entry.ramp:
            continue
        before = [float(_in_force(other, entry.start)) for other in entries]
        before[number] = 0.0
        after = [*before[:number], 1.0, *before[number + 1 :]]
        try:
            nothing, full = scenario.document_at(before), scenario.document_at(after)
        except InputError:
            continue  # what is wrong together is found where all moments are checked
        for key, facility in full.facilities.items():
            if facility.rate and nothing.facilities[key].rate == 0.0:
                node = scenario.source.root.nearest("timeline", str(place), "ramp")
                findings.add(
                    "ramp-from-nothing",
                    node.where,
                    f"timeline.{place}.ramp",
                    f"the rate of '{key}' comes back from 0 by a ramp: a job that starts in its first hours "
                    "is timed by a sliver of the rate, and may hold its server for weeks",
                    expected="a ramp that begins at a rate at which work is done",
                    hint="set a part of the rate in an entry of its own, and let the ramp begin there",
                    level=Level.WARNING,
                )


def _in_force(entry: Intervention, at: int) -> bool:
    """Tell whether an entry is in force just after an instant, in full or not."""
    return entry.start < at and (entry.end is None or entry.end > at)
