"""What a scenario says of itself before it is run: which subjects it asks about, what is only background.

Kept beside the results, so that runs of different scenarios can be told and compared without loading them.
Plain facts; nothing of a result enters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sim.study.events import Event, events_of

if TYPE_CHECKING:
    from sim.model.model import Model
    from sim.scenario.scenario import Scenario


@dataclass(frozen=True)
class Outline:
    """What a scenario says of itself.

    Attributes:
        asked: subjects of its targets and expectations, in order.
        promised: subjects of routes with a promise.
        background: subjects of flows and routes that only load the corridor's terminals.
        over: by route, the lines, the berth groups where it boards them, and the asked elements.
        rivals: by route, the other routes that flows may choose beside it.
        events: the timeline.
        crude: subjects of flows of crude oil.
    """

    asked: tuple[str, ...] = ()
    promised: tuple[str, ...] = ()
    background: tuple[str, ...] = ()
    over: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rivals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    crude: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        """Give plain values, to be written down."""
        return asdict(self)

    @classmethod
    def of_facts(cls, facts: object) -> Outline:
        """Read what `facts` gave; an empty outline where it is none."""
        if not isinstance(facts, Mapping):
            return cls()
        return cls(
            asked=_texts(facts.get("asked")),
            promised=_texts(facts.get("promised")),
            background=_texts(facts.get("background")),
            crude=_texts(facts.get("crude")),
            over={route: _texts(names) for route, names in dict(facts.get("over", {})).items()},
            rivals={route: _texts(names) for route, names in dict(facts.get("rivals", {})).items()},
            events=tuple(Event(**entry) for entry in facts.get("events", ())),
        )


def outline_of(model: Model, scenario: Scenario) -> Outline:
    """Give what a scenario says of itself.

    Args:
        model: compiled from it.
        scenario: it.
    """
    from sim.measure.cargo import background, is_crude

    document = scenario.document
    # A target that sums subjects asks about none of them by itself.
    alone = [target.of for target in document.targets if len(target.subjects) < 2]
    asked = tuple(dict.fromkeys([*alone, *(claim.of for claim in document.expect)]))
    only = background(model)
    takers: dict[str, list[int]] = {}
    for number, flow in enumerate(model.flows):
        for option in flow.options:
            route = model.routes[option.route]
            if not route.is_outside:
                takers.setdefault(f"route/{route.id}", []).append(number)
    return Outline(
        asked=asked,
        promised=tuple(f"route/{route.id}" for route in model.routes if route.promise is not None),
        background=(
            *(f"flow/{flow.id}" for flow, other in zip(model.flows, only, strict=True) if other),
            *(route for route, flows in takers.items() if all(only[flow] for flow in flows)),
        ),
        crude=tuple(f"flow/{flow.id}" for flow in model.flows if is_crude(flow)),
        over=_over(model, set(asked), takers),
        rivals=_rivals(model, takers),
        events=events_of(scenario),
    )


def _over(model: Model, asked: set[str], used: Iterable[str]) -> dict[str, tuple[str, ...]]:
    known = {f"route/{route.id}": route for route in model.routes}
    found: dict[str, tuple[str, ...]] = {}
    for name in used:
        subjects: list[str] = []
        for step in known[name].steps:
            subject = model.subject(step)
            if step.kind.name == "LINE":
                group = model.groups[model.lines[step.index].groups[step.way]]
                subjects += [subject, f"port/{group.id}"]
            elif subject in asked:
                subjects.append(subject)
        found[name] = tuple(subjects)
    return found


def _rivals(model: Model, takers: Mapping[str, Sequence[int]]) -> dict[str, tuple[str, ...]]:
    """Give for each route the others of its flows."""
    choices = [[f"route/{model.routes[option.route].id}" for option in flow.options] for flow in model.flows]
    found = {}
    for name, flows in takers.items():
        others = dict.fromkeys(route for flow in flows for route in choices[flow] if route in takers)
        others.pop(name, None)
        if others:
            found[name] = tuple(others)
    return found


def joined(outlines: Sequence[Outline]) -> Outline:
    """Join the outlines of several scenarios; the first one's order leads, and its events are kept.

    What one of them takes for its own cargo is background for none.
    """
    over: dict[str, tuple[str, ...]] = {}
    rivals: dict[str, tuple[str, ...]] = {}
    for outline in reversed(outlines):
        over |= outline.over
        rivals |= outline.rivals
    known = [set(each.over) | {s for s in each.background if s.startswith("flow/")} for each in outlines]
    return Outline(
        asked=tuple(dict.fromkeys(name for each in outlines for name in each.asked)),
        promised=tuple(dict.fromkeys(name for each in outlines for name in each.promised)),
        background=tuple(
            dict.fromkeys(
                name
                for each in outlines
                for name in each.background
                if all(
                    name in other.background or name not in those
                    for other, those in zip(outlines, known, strict=True)
                )
            )
        ),
        crude=tuple(dict.fromkeys(name for each in outlines for name in each.crude)),
        over=over,
        rivals=rivals,
        events=outlines[0].events if outlines else (),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, (list, tuple)) else ()
