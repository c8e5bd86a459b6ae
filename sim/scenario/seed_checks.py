"""What must hold between figures: ids, units, ranges, groups and rivals.

One small function a rule; all that is found is given back at once. What one entry gets wrong by itself
is found where it is read (`figures`); no figure is changed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sim.errors import Finding, InputError, Level
from sim.scenario.figures import KEBAB, TEXT_UNITS, Figure
from sim.units import UnitError, unit

if TYPE_CHECKING:
    from sim.scenario.seeds import SeedBook, SeedFile

OWN_UNITS = frozenset({"bridges", "ordinal", "passengers/yr", "Tbit/s"})
"""Units of figures that the model never computes with and `sim.units` does not know."""


def validate(book: SeedBook) -> list[Finding]:
    """Check every figure of a book.

    Args:
        book: the book; all its files are read.

    Returns:
        All that is wrong, in the order of the files and of the rules; an empty list when nothing is.
    """
    found: list[Finding] = []
    figures: dict[str, Figure] = {}
    for name in book.names:
        try:
            file = book.file(name)
        except InputError as error:
            found += error.findings
            continue
        found += file.findings
        found += _ids(file)
        found += _groups(file)
        figures |= {figure.ref: figure for figure in file.figures.values()}
    for figure in figures.values():
        found += _unit(figure)
        found += _range(figure)
        found += _rivals(figure, figures)
    found += _choices(figures)
    return found


def _finding(code: str, figure: Figure, message: str, *, expected: str = "", hint: str = "") -> Finding:
    return Finding(code, Level.ERROR, figure.line, figure.ref, message, expected=expected, hint=hint)


def _ids(file: SeedFile) -> Iterator[Finding]:
    for figure in (*file.figures.values(), *file.repeated):
        if not KEBAB.fullmatch(figure.id):
            message = f"the id {figure.id!r} is not kebab-case"
            yield _finding(
                "seed-id", figure, message, expected="lower-case letters, digits and single hyphens"
            )
    for figure in file.repeated:
        first = file.figures[figure.id]
        yield _finding(
            "seed-repeated", figure, f"the id {figure.id!r} is taken", hint=f"first at {first.line}"
        )


def _groups(file: SeedFile) -> Iterator[Finding]:
    for key, group in file.groups.items():
        if key in file.figures:
            yield _finding("seed-group", file.figures[key], f"{key!r} is a figure and a group")
        for ref in group.parts:
            part = file.figures[ref.rpartition("/")[2]]
            if not part.id.startswith(f"{key}-"):
                expected = f"an id that begins with {key}-"
                yield _finding("seed-group", part, f"{part.id!r} is part of {key!r}", expected=expected)
            lead, _, rest = part.what.rpartition(": ")
            if lead != group.what or not rest:
                expected = f"{group.what}: <part>"
                yield _finding("seed-group", part, f"the part is called {part.what!r}", expected=expected)


def _unit(figure: Figure) -> Iterator[Finding]:
    if figure.unit in TEXT_UNITS or figure.unit in OWN_UNITS:
        return
    try:
        unit(figure.unit)
    except UnitError as error:
        message = f"the unit {figure.unit!r}: {error.message}"
        yield _finding("seed-unit", figure, message, expected=error.expected, hint=error.hint)


def _range(figure: Figure) -> Iterator[Finding]:
    if figure.value is None:
        return
    low = figure.value if figure.low is None else figure.low
    high = figure.value if figure.high is None else figure.high
    if not low <= figure.value <= high:
        message = f"the value {figure.value} lies outside {low} to {high}"
        yield _finding("seed-range", figure, message, expected="low <= value <= high")


def _rivals(figure: Figure, figures: Mapping[str, Figure]) -> Iterator[Finding]:
    for ref in figure.rivals:
        rival = figures.get(ref)
        if rival is None or rival is figure:
            message = f"the rival {ref!r} is no other figure"
            yield _finding(
                "seed-rival", figure, message, expected="seeds/<file>/<id> as it stands in its file"
            )
        elif figure.ref not in rival.rivals:
            message = f"the rival {ref!r} does not name this figure"
            yield _finding("seed-rival", figure, message, expected="rivals that name each other")
        elif (figure.value is None) != (rival.value is None):
            yield _finding("seed-rival", figure, f"only one of this figure and {ref!r} has a number")
        elif figure.unit not in OWN_UNITS and not _same_dimension(figure, rival):
            message = f"{figure.unit!r} and {rival.unit!r} of {ref!r} measure different things"
            yield _finding("seed-rival", figure, message)
    if (figure.chosen or figure.why is not None) and not figure.rivals:
        yield _finding("seed-rival", figure, "a figure without rivals is chosen", expected="rivals")
    if figure.chosen != (figure.why is not None):
        yield _finding("seed-rival", figure, "chosen and why do not go together", expected="both or neither")


def _same_dimension(one: Figure, other: Figure) -> bool:
    try:
        first, second = unit(one.unit).dimension, unit(other.unit).dimension
    except UnitError:
        return True  # a finding of its own
    yearly = dict(first).get("time", 0) - dict(second).get("time", 0)
    rest = {name: power for name, power in first if name != "time"}
    # an amount over one year is the same quantity as a rate per year
    return rest == {name: power for name, power in second if name != "time"} and yearly in (-1, 0, 1)


def _choices(figures: Mapping[str, Figure]) -> Iterator[Finding]:
    seen: set[str] = set()
    for ref, figure in figures.items():
        if not figure.rivals or ref in seen:
            continue
        circle = _circle(ref, figures)
        seen |= circle
        chosen = [one for one in circle if figures[one].chosen]
        if len(chosen) != 1:
            message = f"{len(chosen)} of {len(circle)} rival figures are chosen"
            yield _finding("seed-rival", figure, message, expected="one of them, with why")


def _circle(ref: str, figures: Mapping[str, Figure]) -> set[str]:
    """Return the figure and all that are its rivals directly or through others."""
    circle, ahead = {ref}, [ref]
    while ahead:
        for rival in figures[ahead.pop()].rivals:
            if rival in figures and rival not in circle:
                circle.add(rival)
                ahead.append(rival)
    return circle
