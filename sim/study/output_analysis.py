"""Is the warm-up long enough? Asked of every flow and every queue of a finished run.

Where nothing follows the calendar, by MSER-5 (White, 1997) on what is left after the warm-up: should it cut
more, and should what it cuts differ surely from the rest, the warm-up was too short. Where seasons, monthly
weather or a timeline move the corridor, a cut would find the winter and not the start; a window of whole
years is then asked whether the corridor ends as it began, on the same day of the year. What the timeline
itself changes is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from sim.model.model import Model
from sim.scenario.document import Document
from sim.statistics.comparison import paired_columns
from sim.statistics.multiplicity import holm
from sim.statistics.warmup import mser5
from sim.study.outcome import Table, names_of, numbers_of

Floats = NDArray[np.float64]
Method = Literal["MSER-5", "year on year", "none"]

SERIES: Final = (("backlog", "flow/"), ("queue", ""))
"""Series that tell whether the corridor has settled, with the beginning of their subjects."""
WORTH: Final = 0.1
"""Share of the mean below which a difference between start and rest is not worth a warning."""
FLOOR: Final = 0.5
"""Consignments below which a difference is not worth one either."""
SURE: Final = 0.99
"""Confidence with which the start must differ from the rest, all subjects together (Holm)."""
YEAR: Final = 365.25 * 24.0
SLACK: Final = 2 * 24.0
"""Hours by which a window may miss a whole number of years."""
FEWEST: Final = 3
"""Replications below which nothing is asked."""
MOST: Final = 50
"""Replications that are looked at; more say no more."""


@dataclass(frozen=True)
class Unsettled:
    """A subject whose start still shows in the figures.

    Attributes:
        subject: whose figures: `flow/…` or an element.
        series: which series told.
        code: `warmup-too-short`, or `no-steady-state` where the series never settles.
        hours: how much more ought to be cut, hours; NaN where that cannot be told.
        start: mean at the start.
        rest: mean of the rest.
    """

    subject: str
    series: str
    code: str
    hours: float
    start: float
    rest: float

    @property
    def message(self) -> str:
        """What a reader should know."""
        what = "consignments under way" if self.series == "backlog" else "consignments waiting"
        told = f"{what} of {self.subject}: {self.start:.4g} at the start, {self.rest:.4g} later"
        if self.code == "no-steady-state":
            return f"{told}; the series does not settle in the first half of the window"
        if np.isfinite(self.hours):
            return f"{told}; another {self.hours / 24:.3g} d of warm-up would leave the start out"
        return f"{told}, on the same day of the year; a longer warm-up, or a corridor that changes"


@dataclass(frozen=True)
class _Told:
    """What one subject says: code, hours to cut, mean at the start, mean later, p of no difference."""

    code: str
    hours: float
    start: float
    rest: float
    p: float


@dataclass(frozen=True)
class Start:
    """What was found of a run's start.

    Attributes:
        method: how it was asked; `none` where it cannot be.
        why: why in this way.
        asked: how many subjects were asked.
        unsettled: those whose start still shows.
    """

    method: Method
    why: str
    asked: int
    unsettled: tuple[Unsettled, ...]

    def warnings(self) -> list[dict[str, object]]:
        """Give what still shows its start as warnings of a run."""
        return [
            {
                "code": each.code,
                "path": each.subject.replace("/", ".", 1),
                "message": each.message,
                "replications": [],
            }
            for each in self.unsettled
        ]

    def facts(self) -> dict[str, object]:
        """Give it as plain values."""
        return {
            "method": self.method,
            "why": self.why,
            "asked": self.asked,
            "unsettled": [each.subject for each in self.unsettled],
        }


def look_at_start(
    model: Model,
    document: Document,
    series: Sequence[Table],
    *,
    moved: Sequence[str] = (),
    saturated: Sequence[str] = (),
) -> Start:
    """Ask whether the warm-up was long enough.

    Args:
        model: what was simulated.
        document: the scenario at its start.
        series: of each replication.
        moved: paths that the timeline changes.
        saturated: flows whose backlog grows without end; they have a warning of their own.

    Returns:
        How it was asked, and what still shows its start.
    """
    hours = model.clock.end / 3600
    if len(series) < FEWEST:
        return Start("none", f"fewer than {FEWEST} replications", 0, ())
    calendar = follows_calendar(document)
    years = round(hours / YEAR)
    whole = years >= 1 and abs(hours - years * YEAR) <= SLACK
    if calendar and not whole:
        return Start(
            "none", f"{calendar} move the corridor, and the window is no whole number of years", 0, ()
        )
    left_out = touched(model, moved) | {f"flow/{flow}" for flow in saturated}
    candidates: list[tuple[float, Unsettled]] = []
    asked = 0
    for name, beginning in SERIES:
        for subject, (times, values) in _paths(series[:MOST], name, beginning).items():
            if subject in left_out or len(times) < 20 or not values.any():
                continue
            asked += 1
            told = _by_year(values) if calendar else _by_mser(times, values)
            if told is not None:
                candidates.append(
                    (told.p, Unsettled(subject, name, told.code, told.hours, told.start, told.rest))
                )
    # Of a hundred queues one would be flagged by chance; so all are asked together.
    adjusted = holm([*(p for p, _ in candidates), *[1.0] * (asked - len(candidates))])
    found = [each for (_, each), p in zip(candidates, adjusted.tolist(), strict=False) if p < 1 - SURE]
    method: Method = "year on year" if calendar else "MSER-5"
    why = f"{calendar} move the corridor" if calendar else "nothing follows the calendar"
    return Start(method, why, asked, tuple(found))


def follows_calendar(document: Document) -> str:
    """Say what makes one time of the year unlike another, or nothing."""
    found = []
    if any(len(set(flow.season)) > 1 or len(flow.volume or {}) > 1 for flow in document.flows.values()):
        found.append("seasons")
    if any(
        len(set(each.share_closed)) > 1 or len(set(each.lasts)) > 1 for each in document.closures.values()
    ):
        found.append("monthly weather")
    if document.timeline:
        found.append("interventions")
    return " and ".join(found)


def touched(model: Model, paths: Sequence[str]) -> set[str]:
    """Give the subjects whose figures a timeline changes: what it names, and the flows that pass there.

    Args:
        model: what was simulated.
        paths: dotted paths of the parameters changed.
    """
    found: set[str] = set()
    for path in paths:
        section, _, rest = path.partition(".")
        key = rest.partition(".")[0]
        if section == "flows":
            found.add(f"flow/{key}")
        elif section in ("legs", "facilities", "lines"):
            found |= _passing(model, {key})
        elif section == "routes":
            found |= {f"flow/{flow.id}" for flow in model.flows if key in _routes(model, flow.options)}
        else:
            # Weather, ports, pools and levers reach everything.
            found |= {f"flow/{flow.id}" for flow in model.flows}
            found |= _passing(model, None)
    return found


def _routes(model: Model, options: Sequence[object]) -> set[str]:
    return {model.routes[option.route].id for option in options}  # type: ignore[attr-defined]


def _passing(model: Model, names: set[str] | None) -> set[str]:
    """Give the flows that pass an element, and the elements on their routes."""
    found: set[str] = set()
    for flow in model.flows:
        for option in flow.options:
            subjects = {model.subject(step) for step in model.routes[option.route].steps}
            if names is None or any(subject.rpartition("/")[2] in names for subject in subjects):
                found |= subjects | {f"flow/{flow.id}"}
    return found


def _paths(series: Sequence[Table], name: str, beginning: str) -> Mapping[str, tuple[Floats, Floats]]:
    """Give times and values, shape (replications, times), of each subject of a series."""
    by_subject: dict[str, list[tuple[Floats, Floats]]] = {}
    for table in series:
        names, subjects = names_of(table, "series"), names_of(table, "subject")
        if name not in names.names:
            continue
        rows = np.flatnonzero(names.codes == names.names.index(name))
        codes = subjects.codes[rows]
        order = np.lexsort((numbers_of(table, "time")[rows], codes))
        rows, codes = rows[order], codes[order]
        edges = np.flatnonzero(np.append(True, codes[1:] != codes[:-1])) if len(codes) else codes
        for first, last in zip(edges, np.append(edges[1:], len(codes)), strict=True):
            subject = subjects.names[int(codes[first])]
            if subject.startswith(beginning):
                part = rows[first:last]
                path = numbers_of(table, "time")[part], numbers_of(table, "value")[part]
                by_subject.setdefault(subject, []).append(path)
    return {
        subject: (paths[0][0], np.array([values for _, values in paths]))
        for subject, paths in sorted(by_subject.items())
        if len({len(times) for times, _ in paths}) == 1
    }


def _by_mser(times: Floats, values: Floats) -> _Told | None:
    """Cut by MSER-5, and set what is cut beside the rest."""
    found = mser5(values.mean(axis=0))
    if found.cut == 0:
        return None
    start, rest = values[:, : found.cut].mean(axis=1), values[:, found.cut :].mean(axis=1)
    code = "no-steady-state" if found.warning else "warmup-too-short"
    return _told(code, float(times[found.cut] - times[0]), start, rest)


def _by_year(values: Floats) -> _Told:
    """Set the start of the window beside its end, a whole number of years later."""
    few = max(1, values.shape[1] // 50)
    return _told(
        "warmup-too-short", float("nan"), values[:, :few].mean(axis=1), values[:, -few:].mean(axis=1)
    )


def _told(code: str, hours: float, start: Floats, rest: Floats) -> _Told:
    found = paired_columns(start[:, np.newaxis], rest[:, np.newaxis], adjustment="none")[0]
    first, later = float(start.mean()), float(rest.mean())
    worth = abs(found.difference) > max(WORTH * max(abs(first), abs(later)), FLOOR)
    return _Told(code, hours, first, later, found.p if worth else 1.0)
