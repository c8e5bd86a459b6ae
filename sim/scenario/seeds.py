"""The book of figures: finds `seeds/<file>/<id>` and says what is nearest where there is none.

A file is read when a figure of it is first asked for, once in a process. What a file must look like is in
`figures`, whether the files agree with each other in `seed_checks`; no scenario is known here.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from sim.errors import CorridorError, Finding, InputError
from sim.scenario.data import data_root
from sim.scenario.figures import Confidence, Figure, Kind, Source, Use, make_figure
from sim.scenario.seed_checks import validate
from sim.scenario.seed_text import read_entries

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Confidence",
    "Figure",
    "Kind",
    "SeedBook",
    "SeedFile",
    "Source",
    "UnknownFigureError",
    "Use",
    "load_seeds",
    "validate",
]

_FIRST = "documents"


class UnknownFigureError(CorridorError, LookupError):
    """A reference to a figure that does not exist.

    Attributes:
        ref: the reference as written.
        nearest: canonical references of the figures with the nearest names, nearest first.
    """

    exit_code = 1

    def __init__(self, ref: str, *, nearest: tuple[str, ...]) -> None:
        self.ref = ref
        self.nearest = nearest
        hint = f"; nearest: {', '.join(nearest)}" if nearest else ""
        super().__init__(f"there is no figure {ref!r}{hint}")


@dataclass(frozen=True)
class SeedFile:
    """One file as read: its figures by id, its groups by id, and what is wrong with it.

    Attributes:
        figures: in the order of the file; the first of two with one id.
        groups: one figure without a number for each group, naming its parts.
        findings: entries that are no figures, ids given twice.
        repeated: figures whose id was there before.
    """

    figures: Mapping[str, Figure]
    groups: Mapping[str, Figure]
    findings: tuple[Finding, ...]
    repeated: tuple[Figure, ...]

    def __reduce__(self) -> tuple[object, ...]:
        """Send it to another process with the figures themselves: the file need not be there."""
        return _again, (dict(self.figures), dict(self.groups), self.findings, self.repeated)


def _again(
    figures: dict[str, Figure],
    groups: dict[str, Figure],
    findings: tuple[Finding, ...],
    repeated: tuple[Figure, ...],
) -> SeedFile:
    return SeedFile(MappingProxyType(figures), MappingProxyType(groups), findings, repeated)


class SeedBook:
    """All figures of one `seeds` folder.

    Iterating gives every figure, the file of the seed documents first, the others by name.
    """

    def __init__(self, folder: Path) -> None:
        """Make a book without reading anything yet.

        Args:
            folder: the folder that holds the files, `<data root>/seeds`.
        """
        self.folder = folder
        self._read: dict[str, SeedFile] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the files, e.g. `land`."""
        names = sorted({path.stem for path in self.folder.glob("*.yaml")} | set(self._read))
        return tuple(sorted(names, key=lambda name: name != _FIRST))

    def figure(self, ref: str) -> Figure:
        """Find a figure.

        Args:
            ref: `seeds/<file>/<id>`; underscores in the id count as hyphens.

        Returns:
            The figure, with its canonical reference. The id of a group gives a figure without a number
            whose `parts` name the figures of the group.

        Raises:
            UnknownFigureError: there is no such figure; carries the nearest references.
            InputError: the file has entries that are no figures.
        """
        name, key = _split(ref)
        if name not in self.names:
            raise UnknownFigureError(ref, nearest=self._nearest(name, key))
        read = self.file(name)
        if read.findings:
            raise InputError(read.findings)
        figure = read.figures.get(key) or read.groups.get(key)
        if figure is None:
            raise UnknownFigureError(ref, nearest=self._nearest(name, key))
        return figure

    def file(self, name: str) -> SeedFile:
        """Read one file, or return it as read before.

        Args:
            name: name of the file, e.g. `land`.

        Returns:
            Its figures and findings.

        Raises:
            InputError: the file is not YAML or not a list of mappings.
        """
        if name not in self._read:
            self._read[name] = _read_file(self.folder / f"{name}.yaml")
        return self._read[name]

    def __iter__(self) -> Iterator[Figure]:
        for name in self.names:
            yield from self.file(name).figures.values()

    def __len__(self) -> int:
        return sum(len(self.file(name).figures) for name in self.names)

    def __contains__(self, ref: object) -> bool:
        if not isinstance(ref, str):
            return False
        try:
            self.figure(ref)
        except UnknownFigureError:
            return False
        return True

    def _nearest(self, name: str, key: str) -> tuple[str, ...]:
        elsewhere = tuple(
            f"seeds/{other}/{key}"
            for other in self.names
            if other != name and (key in self.file(other).figures or key in self.file(other).groups)
        )
        if elsewhere or not key:
            return elsewhere
        if name not in self.names:
            name = next(iter(difflib.get_close_matches(name, self.names, n=1)), "")
        if not name:
            return ()
        known = (*self.file(name).figures, *self.file(name).groups)
        return tuple(f"seeds/{name}/{near}" for near in difflib.get_close_matches(key, known, n=3))


def load_seeds(root: Path | None = None) -> SeedBook:
    """Open the book of figures.

    Args:
        root: the folder that holds `seeds/`; without it the one that `data_root` finds.

    Returns:
        The book; the same one for the same folder within a process, so each file is read once.
    """
    return _book((data_root() if root is None else root).resolve() / "seeds")


@cache
def _book(folder: Path) -> SeedBook:
    return SeedBook(folder)


def _split(ref: str) -> tuple[str, str]:
    head, _, rest = ref.partition("/")
    name, _, key = rest.partition("/")
    if head != "seeds":
        name, key = "", ref.rpartition("/")[2]
    return name, key.replace("_", "-")


def _shown(path: Path) -> str:
    """Return the path as a reader would type it: from the working folder where it lies inside it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _read_file(path: Path) -> SeedFile:
    shown = _shown(path)
    figures: dict[str, Figure] = {}
    findings: list[Finding] = []
    repeated: list[Figure] = []
    for entry in read_entries(path, shown=shown):
        figure, found = make_figure(entry, name=path.stem, file=shown)
        findings += found
        if figure is None:
            continue
        if figure.id in figures:
            repeated.append(figure)
        else:
            figures[figure.id] = figure
    return SeedFile(
        MappingProxyType(figures), MappingProxyType(_groups(figures)), tuple(findings), tuple(repeated)
    )


def _groups(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    parts: dict[str, list[Figure]] = {}
    for figure in figures.values():
        if figure.part_of is not None:
            parts.setdefault(figure.part_of, []).append(figure)
    return {key: _group(key, members) for key, members in parts.items()}


def _group(key: str, members: list[Figure]) -> Figure:
    first = members[0]
    lead, _, _ = first.what.rpartition(": ")
    text = "; ".join(f"{part.what.rpartition(': ')[2]}: {part.quantity or part.text}" for part in members)
    return replace(
        first,
        ref=f"{first.ref.rpartition('/')[0]}/{key}",
        what=lead,
        value=None,
        text=text,
        low=None,
        high=None,
        unit="group",
        use=None,
        rivals=(),
        chosen=False,
        why=None,
        part_of=None,
        parts=tuple(part.ref for part in members),
    )
