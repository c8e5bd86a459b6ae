"""Checks of a resolved scenario: all of them run, none of them raises."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from operator import itemgetter
from typing import Any, Final

from sim.scenario import resolve_claims, resolve_network
from sim.scenario.checks_demand import (
    DEMAND_CHECKS,
    MOMENT_DEMAND_CHECKS,
    choices_exist,
    seasons_are_not_all_zero,
    shares_are_not_all_zero,
)
from sim.scenario.checks_network import (
    NETWORK_CHECKS,
    REFERENCE_CHECKS,
    counts_are_whole,
    work_comes_to_an_end,
)
from sim.scenario.checks_routes import (
    MOMENT_ROUTE_CHECKS,
    ROUTE_CHECKS,
    reverses_exist,
    steps_exist,
    uses_are_on_route,
)
from sim.scenario.document import Document
from sim.scenario.findings import Findings
from sim.scenario.reading import Change, Reader
from sim.scenario.resolve import SECTIONS, Source, resolve_one
from sim.scenario.scene import Scene

CHECKS: Final[tuple[Callable[[Scene], None], ...]] = (*NETWORK_CHECKS, *ROUTE_CHECKS, *DEMAND_CHECKS)
"""Every check of the document at the start."""

OWN_CHECKS: Final[tuple[Callable[[Scene], None], ...]] = (
    *REFERENCE_CHECKS,
    steps_exist,
    reverses_exist,
    uses_are_on_route,
    choices_exist,
    shares_are_not_all_zero,
    seasons_are_not_all_zero,
)
"""What can be said of one element by itself."""

MOMENT_CHECKS: Final[tuple[Callable[[Scene], None], ...]] = (
    counts_are_whole,
    *MOMENT_ROUTE_CHECKS,
    *MOMENT_DEMAND_CHECKS,
    work_comes_to_an_end,
)
"""What may also go wrong when an intervention is in force."""


def check_document(document: Document, source: Source, reader: Reader, findings: Findings) -> None:
    """Run every check on the document at the start.

    Args:
        document: what was resolved.
        source: what it was resolved from.
        reader: what it was read with.
        findings: gets what is wrong.
    """
    levers = frozenset(reader.used_levers)
    scene = Scene(document, source.parsed, source.root, findings, levers)
    for check in CHECKS:
        check(scene)


def check_partial(document: Document, source: Source, findings: Findings) -> None:
    """Check what could be read of elements that are wrong, each for itself.

    Args:
        document: what was resolved of all others.
        source: what it was resolved from.
        findings: gets what is wrong.
    """
    empty: dict[str, Any] = {name: {} for name in SECTIONS}
    for (section, key), left in sorted(source.parsed.partial.items(), key=itemgetter(0)):
        aside = Findings()
        reader = source.reader(aside)
        if section == "clock":
            resolve_network.clock(reader, left.model)
        elif section == "timeline":
            resolve_claims.intervention(reader, int(key), left.model, document.clock)
        elif section in SECTIONS:
            made = resolve_one(source, reader, section, key, left.model)
            shown: dict[str, Any] = {**empty, "ports": document.ports, section: {key: made}}
            parsed = replace(source.parsed, **{**empty, section: {key: left.model}})
            scene = Scene(replace(document, **shown), parsed, source.root, aside)
            for check in OWN_CHECKS:
                check(scene)
        at = f"{section}.{key}" if key else section
        lost = [f"{at}.{name}" for name in left.lost]
        for found in aside.sorted():
            if not any(found.path == path or found.path.startswith(f"{path}.") for path in lost):
                findings.keep(found, aside.about(found))


def check_moment(document: Document, source: Source, findings: Findings) -> None:
    """Run every check of what the timeline may make wrong.

    Args:
        document: the scenario while some entries of the timeline are in force.
        source: what it was resolved from.
        findings: gets what is wrong, at the paths of the document.
    """
    scene = Scene(document, source.parsed, source.root, findings, moment=True)
    for check in MOMENT_CHECKS:
        check(scene)


def check_opened(source: Source, changes: Iterable[Change], findings: Findings) -> None:
    """A leg that is opened must lie on a route that some flow can choose at some time.

    Args:
        source: what the scenario is resolved from.
        changes: what the timeline does.
        findings: gets what is wrong.
    """
    reached: set[str] | None = None
    for change in changes:
        section, key, *rest = change.path.split(".")
        if section != "legs" or rest != ["open"] or change.operand.value is not True:
            continue
        reached = _reachable_steps(source) if reached is None else reached
        if key not in reached:
            findings.add(
                "no-flow-can-choose",
                change.operand,
                change.origin,
                f"the leg '{key}' is opened, but no flow can choose a route with it",
                expected="a route with this leg among some flow's choices, with a share above 0",
            )


def _reachable_steps(source: Source) -> set[str]:
    """List the steps of every route that a flow can choose at the start or by the timeline."""
    parsed = source.parsed
    routes: set[str] = set()
    for flow in parsed.flows.values():
        choice = flow.choice
        for name, value in (choice.shares or {}).items():
            if value.literal != 0:
                routes.add(name)
        routes.update(entry.route for entry in choice.cascade or ())
        routes.update(choice.logit.options if choice.logit is not None else ())
    for entry in parsed.timeline.values():
        for path, value in (*entry.set.items(), *entry.add.items()):
            head, found, tail = path.partition(".choice.shares")
            if found and head.startswith("flows."):
                routes.update([tail[1:]] if tail else value if isinstance(value, dict) else ())
    steps: set[str] = set()
    for name in routes:
        model, seen = parsed.routes.get(name), {name}
        while model is not None and model.reverse is not None and model.reverse not in seen:
            seen.add(model.reverse)
            model = parsed.routes.get(model.reverse)
        steps.update(model.steps or () if model is not None else ())
    return steps
