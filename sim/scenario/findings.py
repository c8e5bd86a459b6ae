"""The findings of a scenario: their codes, and the list they are gathered in before anything is raised.

Every code that the scenario language gives stands in `FINDINGS`; it is stable and may be relied on. No
check is made here.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from sim.errors import Finding, InputError, Level, Where
from sim.scenario.nodes import Node

FINDINGS: Final[dict[str, str]] = {
    # reading a file
    "yaml-syntax": "the text is not YAML 1.2",
    "duplicate-key": "a key stands twice in one mapping",
    "tag": "a YAML tag, such as !!python/object, is not allowed",
    "unknown-alias": "an alias names no anchor that stands before it",
    "alias-cycle": "an alias stands inside its own anchor",
    "complex-key": "a key is a list, a mapping or an alias",
    "too-deep": "values are nested too deeply",
    "too-large": "a file, its expanded aliases or the demand it asks for is too large",
    "second-document": "a file holds more than one YAML document",
    "not-utf8": "a file is not UTF-8 text",
    "unreadable-file": "a file does not exist or cannot be read",
    "empty-file": "a file holds nothing",
    # composition
    "outside-tree": "a path leaves the scenario tree",
    "cycle": "files, routes or parts refer to each other in a circle",
    "duplicate-id": "one id is given twice: in two parts, or in legs, facilities and lines",
    "unknown-element": "a file that extends another changes what its base does not have",
    "already-exists": "`add` gives an id that the base has",
    "nothing-to-remove": "`remove` names what the base does not have",
    "claim-removed": "a target or an expectation is about an element that is removed, and goes with it",
    "scale-dropped": "a value, or a scale, is given anew over one with a scale, which goes",
    "misplaced-key": "a key has no meaning in this kind of file",
    # keys and values
    "unknown-key": "no such key",
    "missing-key": "a key that must be given is not",
    "wrong-type": "a text, number, list or mapping stands where another kind of value must",
    "bad-value": "a value is none of the legal ones",
    "bad-id": "an id is not kebab-case",
    "exactly-one": "one of several keys must be given, and only one",
    "bad-date": "a date is not ISO 8601",
    "bad-hours": "opening hours are not like 21:00-02:00",
    "bad-months": "monthly values are not twelve, or name no month",
    "bad-country": "a country is not a code of two capital letters",
    # quantities
    "bad-quantity": "a text is no quantity",
    "unknown-unit": "no such unit",
    "wrong-dimension": "a unit of the wrong dimension",
    "out-of-range": "a value lies outside what has a meaning",
    "outside-range": "an assumption lies outside its own range",
    "missing-range": "an assumption has no range",
    "missing-reason": "an assumption gives no reason",
    "unknown-figure": "no such figure in seeds/",
    "figure-without-number": "the figure holds a text, or a group, not a number",
    "unknown-lever": "no such lever",
    "bad-random": "a random quantity is not well formed",
    "bad-data-file": "an empirical file cannot be read as numbers",
    # references and semantics
    "dangling-id": "an id refers to nothing",
    "steps-do-not-join": "a step of a route does not begin where the one before it ends",
    "nothing-to-measure": "a flow has 0 in a measure by which a step serves, loads or limits",
    "does-not-fit": "a consignment is larger than a buffer, a yard or a pool that it must pass",
    "vessel-too-small": "a vessel may not load one whole unit",
    "cascade-starts-with": "a route of a cascade begins with what cannot refuse",
    "no-value-of-time": "a logit choice needs a value of time",
    "outside-without-logit": "an outside option stands in a choice that is not logit",
    "all-zero": "weights that are shared out are all zero",
    "timetable-volume": "a timetable and a volume differ by more than one per cent",
    "step-not-in-route": "a pool is held from or to a step that the route does not have",
    "rate-with-servers": "a rate has one server",
    "part-of-one": "half a server, vessel or berth: only whole ones count",
    "unused": "an element that nothing refers to",
    # timeline
    "unknown-path": "no such parameter",
    "ambiguous-path": "a tail of a path fits several parameters",
    "not-dynamic": "a parameter that cannot change in mid-run",
    "shape-change": "the law of a random quantity cannot change in mid-run",
    "measure-change": "the measure of a limit cannot change in mid-run",
    "background": "goods without a value where others have one: no part of the corridor's own cargo",
    "ramp-from-nothing": "a facility's rate comes back from 0 by a ramp: its first jobs take very long",
    "no-flow-can-choose": "a leg is opened that no flow can choose",
    "never-active": "an intervention ends before it begins, or lies outside the run",
    "unknown-kpi": "no such KPI, or none with that statistic",
}
"""Meaning of every code, for the documentation."""

OUTSIDE: Final = ("--set", "override", "vary ")
"""How the places begin of what no file of the scenario says."""

_MOST: Final = 5000
_LONGEST: Final = 200


class Findings:
    """Gathers findings; the same one is kept once.

    Attributes:
        own: the file that is looked at, whose findings are told before those of files that it reads.
    """

    def __init__(self, found: Iterable[Finding] = (), *, own: str = "") -> None:
        self.own = own
        self._found: dict[Finding, tuple[str, ...]] = dict.fromkeys(found, ())

    def add(
        self,
        code: str,
        where: Node | Where | None,
        path: str,
        message: str,
        *,
        expected: str = "",
        hint: str = "",
        level: Level = Level.ERROR,
        about: tuple[str, ...] = (),
    ) -> None:
        """Note one thing; a node stands for the place of its value.

        Args:
            code: one of `FINDINGS`.
            where: the place it is told at.
            path: dotted path of what is wrong.
            message: what is wrong.
            expected: what would have been right.
            hint: the nearest legal name or the next step.
            level: how much it matters.
            about: dotted paths of other values that have a part in it.
        """
        place = where.where if isinstance(where, Node) else where
        self.keep(Finding(code, level, place, path, message, expected, hint), about)

    def keep(self, found: Finding, about: tuple[str, ...] = ()) -> None:
        """Note one that stands elsewhere already, with the other values that have a part in it."""
        self._found[found] = about

    def about(self, found: Finding) -> tuple[str, ...]:
        """Give the dotted paths of other values that have a part in a finding."""
        return self._found[found]

    def extend(self, found: Iterable[Finding]) -> None:
        """Note several."""
        self._found.update(dict.fromkeys(found, ()))

    def merge(self, found: Iterable[Finding], into: Finding) -> None:
        """Put one finding in place of several."""
        for finding in found:
            del self._found[finding]
        self._found[into] = ()

    @property
    def failed(self) -> bool:
        """Tell whether one of them is an error."""
        return any(finding.level is Level.ERROR for finding in self._found)

    def sorted(self) -> tuple[Finding, ...]:
        """Give all, errors first; of these what is said beside files, of the own file, of those it reads."""
        order = list(Level)

        def key(finding: Finding) -> tuple[int, bool, bool, str, int, int, str, str]:
            where = finding.where or Where("", 0, 0)
            return (
                order.index(finding.level),
                not where.file.startswith(OUTSIDE),
                where.file != self.own,
                where.file,
                where.line,
                where.column,
                finding.path,
                finding.message,
            )

        return tuple(sorted(self._found, key=key))

    def raise_errors(self) -> None:
        """Raise all errors at once, if there are any.

        Raises:
            InputError: with every finding of level error.
        """
        errors = [finding for finding in self.sorted() if finding.level is Level.ERROR]
        if errors:
            raise InputError(errors)


def closest(name: str, names: Iterable[str]) -> str:
    """Give the known name that looks most like this one, or ''."""
    known = sorted(set(names))
    if len(known) > _MOST or len(name) > _LONGEST:
        return ""
    close = get_close_matches(name, known, n=1, cutoff=0.55)
    if not close:
        lowered = {each.lower(): each for each in known}
        close = [lowered[each] for each in get_close_matches(name.lower(), lowered, n=1, cutoff=0.55)]
    return close[0] if close else ""


def nearest(name: str, names: Iterable[str]) -> str:
    """Ask whether the known name that looks most like this one was meant; '' where none does."""
    close = closest(name, names)
    return f"did you mean '{close}'?" if close else ""


def listed(names: Iterable[str], *, most: int = 8) -> str:
    """Write names as a list a reader can take in."""
    known = sorted(set(names))
    tail = f", … ({len(known)} in all)" if len(known) > most else ""
    return ", ".join(known[:most]) + tail
