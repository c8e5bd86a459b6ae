"""Following a route from place to place: where each step begins and ends, and where it stops joining up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class _Leg(Protocol):
    @property
    def origin(self) -> str: ...
    @property
    def destination(self) -> str: ...


class _At(Protocol):
    @property
    def at(self) -> str: ...


class _Line(Protocol):
    @property
    def origin(self) -> tuple[str, str]: ...
    @property
    def destination(self) -> tuple[str, str]: ...


@dataclass(frozen=True)
class Walk:
    """A route followed.

    Attributes:
        places: place before each step, and after the last one that joined.
        ways: 0 along the element, 1 against it, of each step that joined.
        broken: number of the first step that does not join, or None.
        ends: the places at which that step could have begun.
    """

    places: tuple[str, ...]
    ways: tuple[int, ...]
    broken: int | None = None
    ends: tuple[str, ...] = ()


def walk(
    origin: str,
    steps: Sequence[str],
    *,
    legs: Mapping[str, _Leg],
    facilities: Mapping[str, _At],
    lines: Mapping[str, _Line],
    ports: Mapping[str, _At],
) -> Walk | None:
    """Follow the steps of a route.

    Args:
        origin: place where it starts.
        steps: ids of legs, facilities and lines.
        legs: journeys by id.
        facilities: facilities by id.
        lines: vessel services by id.
        ports: ports by id, for the places of a line's ends.

    Returns:
        The walk, or None where a step or a port is not known.
    """
    places, ways = [origin], list[int]()
    for number, step in enumerate(steps):
        if step in facilities:
            ends = (facilities[step].at, facilities[step].at)
        elif step in legs:
            ends = (legs[step].origin, legs[step].destination)
        elif step in lines and lines[step].origin[0] in ports and lines[step].destination[0] in ports:
            ends = (ports[lines[step].origin[0]].at, ports[lines[step].destination[0]].at)
        else:
            return None
        if places[-1] not in ends:
            return Walk(tuple(places), tuple(ways), number, tuple(dict.fromkeys(ends)))
        way = 0 if places[-1] == ends[0] else 1
        ways.append(way)
        places.append(ends[1 - way])
    return Walk(tuple(places), tuple(ways))
