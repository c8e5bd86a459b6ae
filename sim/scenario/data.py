"""Where the project's data files lie: the folder that holds `seeds/` and `scenarios/`.

In a checkout that is the repository; in an installed wheel it is `sim/_data`, where the same files are
shipped. Only paths are found here: nothing is read, and nothing else may decide where data lie.
"""

from __future__ import annotations

from pathlib import Path

from sim.errors import CorridorError

_PACKAGE = Path(__file__).resolve().parent.parent
_MARK = Path("seeds", "documents.yaml")


class DataMissingError(CorridorError):
    """No folder with the project's figures and scenarios was found."""


def data_root(scenario: Path | None = None) -> Path:
    """Return the folder that holds `seeds/` and `scenarios/`.

    Args:
        scenario: a scenario file or its folder. The nearest folder upwards that holds both `seeds/` and
            `scenarios/` wins, so that a tree of one's own brings its own figures.

    Returns:
        That folder; without one, the repository beside the package, else the data inside the package.

    Raises:
        DataMissingError: none of the three exists.
    """
    if scenario is not None:
        start = scenario.resolve()
        for folder in (start, *start.parents):
            if (folder / "seeds").is_dir() and (folder / "scenarios").is_dir():
                return folder
    candidates = (_PACKAGE.parent, _PACKAGE / "_data")
    for folder in candidates:
        if (folder / _MARK).is_file():
            return folder
    sought = " or ".join(str(folder / _MARK) for folder in candidates)
    message = f"the figures are missing: neither {sought} exists"
    raise DataMissingError(message)
