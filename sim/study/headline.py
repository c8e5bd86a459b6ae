"""The headline family: the few figures that are printed first, corrected together and waited for.

A run has thousands of figures. Asking all of them at once would hide every answer behind the correction for
asking often, so a small family is chosen by what the scenario asks about and what the corridor carries, never
by what came out: cargo in all, how much the main routes carry and how long they take, how full their vessels
sail, and how long cargo waits in their ports.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sim.study.outline import Outline


class Key(NamedTuple):
    """What a figure is: KPI, subject and unit; unique within a run."""

    kpi: str
    subject: str
    unit: str


ROUTES: Final = 7
"""Main routes of a scenario, so that the family stays below thirty figures."""
LINES: Final = 3
"""Of the lines on main routes, so many tell how full their vessels sail."""
PORTS: Final = 4
"""Of the berth groups, those that carry most tell how long cargo waits."""

FAMILY: Final = (
    ("shut_in", "total"),
    ("throughput", "total"),
    ("throughput", "cargo/"),
    ("transit_time.mean", "cargo/"),
    ("throughput", "route/"),
    ("transit_time.mean", "route/"),
    ("load_factor.mean", "line/"),
    ("wait.mean", "port/"),
)
"""KPIs with the beginning of their subject, in the order in which they are shown."""

PREFERRED_UNITS: Final = ("Mt/yr", "TEU/yr", "t", "t/yr", "h", "share")
"""Where a figure is given in several units, one speaks for it: the first of these that is there.

For a route boxes speak before tonnes.
"""

FLOORS: Final = {"h": 0.25, "d": 0.01, "share": 0.01}
"""Half-widths that are always small enough, by unit: a mean near zero has no relative precision."""


@dataclass(frozen=True)
class Scope:
    """What the family is about: main routes, in order of importance, with their lines and berth groups."""

    routes: tuple[str, ...]
    lines: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()


def main_routes(
    outline: Outline,
    figures: Mapping[Key, float],
    *,
    new: Collection[str] = (),
    most: int = ROUTES,
) -> tuple[str, ...]:
    """Choose the routes that matter most to who wrote the scenario.

    Those that its targets and expectations name (an element stands for the route that carries most over it);
    then those that are new in a comparison; then those with a promise; then all others; each by transport
    work. Background routes only where there is nothing else.

    Args:
        outline: of the scenario, or of several joined.
        figures: values of a run; `throughput` and `transport_work` of routes are read.
        new: routes that only one of two compared scenarios uses.
        most: how many are given.

    Returns:
        Subjects, the most important first.
    """
    weight = _weights(figures)
    only = frozenset(outline.background)
    ranked = sorted(weight, key=lambda route: (*(-part for part in weight[route]), route))
    own = [route for route in ranked if route not in only] or ranked
    asked = []
    for subject in outline.asked:
        if subject in own:
            asked.append(subject)
        elif not subject.startswith("route/"):
            asked += [route for route in own if subject in outline.over.get(route, ())][:1]
    later = [route for route in own if route in new]
    promised = [route for route in own if route in outline.promised]
    return tuple(dict.fromkeys([*asked, *later, *promised, *own]))[:most]


def _weights(figures: Mapping[Key, float]) -> dict[str, tuple[float, float]]:
    """Give transport work and boxes or tonnes of each route that carries anything."""
    volume: dict[str, float] = {}
    for key, value in figures.items():
        if key.kpi == "throughput" and key.subject.startswith("route/") and value > 0:
            grain = 1e-5 if key.unit == "TEU/yr" else 1.0
            volume[key.subject] = volume.get(key.subject, 0.0) + grain * value
    return {
        route: (max(0.0, figures.get(Key("transport_work", route, "Mt km/yr"), 0.0)), carried)
        for route, carried in volume.items()
    }


def scope_of(outline: Outline, figures: Mapping[Key, float], *, new: Collection[str] = ()) -> Scope:
    """Choose what the family is about; see `main_routes`.

    Lines are those of the main routes, in their order; berth groups those over which most is carried.
    """
    routes = main_routes(outline, figures, new=new)
    over = dict.fromkeys(subject for route in routes for subject in outline.over.get(route, ()))
    load: dict[str, tuple[float, ...]] = {}
    for route, weight in _weights(figures).items():
        for subject in dict.fromkeys(outline.over.get(route, ())):
            value = figures.get(Key("wait.mean", subject, "h"), float("nan"))
            if subject.startswith("port/") and value == value and route not in outline.background:
                known = load.get(subject, (0.0, 0.0))
                load[subject] = tuple(a + b for a, b in zip(known, weight, strict=True))
    ports = sorted(load, key=lambda port: (*(-part for part in load[port]), port))
    lines = [subject for subject in over if subject.startswith("line/")]
    return Scope(routes, tuple(lines[:LINES]), tuple(ports[:PORTS]))


def headline(keys: Iterable[Key], watch: Sequence[str] = (), *, scope: Scope | None = None) -> list[Key]:
    """Pick the headline family from the figures of a run.

    Args:
        keys: of all figures.
        watch: KPIs that make the family instead, with a statistic (`wait.mean`) or without (all of `wait`).
        scope: the routes, lines and berth groups it is about; all of them where it is not given.

    Returns:
        Those of the family, one unit each, in the order of `FAMILY` and of the scope or their subjects; what
        is watched, in all its units, in the order of `watch`.
    """
    if watch:
        order = {kpi: place for place, kpi in reversed(list(enumerate(watch)))}
        named = [(order.get(key.kpi, order.get(key.kpi.split(".")[0])), key) for key in keys]
        return [key for _, key in sorted((place, key) for place, key in named if place is not None)]
    chosen = None if scope is None else [*scope.routes, *scope.lines, *scope.ports]
    rank = {subject: place for place, subject in enumerate(chosen or ())}
    best: dict[tuple[int, int, str], Key] = {}
    for key in keys:
        for place, (kpi, subject) in enumerate(FAMILY):
            if key.kpi != kpi or not key.subject.startswith(subject):
                continue
            if chosen is None or subject in ("total", "cargo/") or key.subject in rank:
                at = (place, rank.get(key.subject, 0), key.subject)
                known = best.get(at)
                if known is None or _rank(key) < _rank(known):
                    best[at] = key
            break
    return [best[place] for place in sorted(best)]


def _rank(key: Key) -> tuple[bool, int, str]:
    place = PREFERRED_UNITS.index(key.unit) if key.unit in PREFERRED_UNITS else len(PREFERRED_UNITS)
    return not (key.subject.startswith("route/") and key.unit == "TEU/yr"), place, key.unit
