"""Files of measured values that a scenario names: within its tree, read once, told apart by what they hold.

What the values mean is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Final

from sim.scenario.nodes import Node

MOST: Final = 8_000_000
"""Bytes of a file that is read."""
FOLDER: Final = "data"
"""Where copies lie beside a scenario that is kept."""


class OutsideTreeError(ValueError):
    """A name leads out of the scenario tree."""


class TooLargeError(ValueError):
    """A file is larger than `MOST`."""


class DataFiles:
    """The files that one scenario may name.

    A file is read when it is first asked for, so that a scenario stays what it was when it was loaded.

    Args:
        folder: of the scenario, where a name is written in no file.
        roots: resolved folders within which a file must lie.
    """

    def __init__(self, folder: Path, roots: tuple[Path, ...]) -> None:
        # Names of files are told from where the scenario was loaded, wherever the process goes then.
        self._here = Path.cwd()
        self._folder = folder
        self._roots = roots
        self._read: dict[tuple[str, str], bytes] = {}
        self._within: dict[str, str] = {}

    def read(self, name: str, by: Node) -> bytes:
        """Read a file.

        Args:
            name: relative to the file in which it is written.
            by: the node in which it is.

        Raises:
            OutsideTreeError: it lies outside the tree.
            TooLargeError: it is larger than `MOST`.
            OSError: it cannot be read.
            ValueError: the name cannot be that of a file.
        """
        key = by.file, name
        if key not in self._read:
            written = self._here / by.file
            folder = written.parent if written.is_file() else self._folder
            target = (folder / name).resolve()
            if not any(target.is_relative_to(root) for root in self._roots):
                raise OutsideTreeError(name)
            if target.stat().st_size > MOST:
                raise TooLargeError(name)
            self._read[key] = target.read_bytes()
        return self._read[key]

    def kept_as(self, name: str, by: Node) -> str:
        """Give the name under which a file that has been read is kept; what was never read keeps its name."""
        content = self._read.get((by.file, name))
        return name if content is None else _kept_name(name, content)

    def kept(self) -> Mapping[str, bytes]:
        """Give all files that have been read, by the name under which each is kept."""
        found = {_kept_name(name, content): content for (_, name), content in self._read.items()}
        return dict(sorted(found.items()))

    def within(self, file: str) -> str:
        """Tell a file of the tree from the tree's root, wherever one stands; others as they are."""
        # Asked for each of a thousand numbers that stand in a few files.
        if file not in self._within:
            path = (self._here / file).resolve()
            roots = (root for root in self._roots if path.is_relative_to(root) and path.is_file())
            root = next(roots, None)
            self._within[file] = file if root is None else path.relative_to(root).as_posix()
        return self._within[file]


def _kept_name(name: str, content: bytes) -> str:
    given = PurePosixPath(name.replace("\\", "/"))
    mark = f"-{blake2b(content, digest_size=4).hexdigest()}"
    stem = given.stem.removesuffix(mark)
    return f"{FOLDER}/{stem}{mark}{given.suffix}"
