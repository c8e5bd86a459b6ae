"""Figures on disk. They come as finished bytes; which are drawn, and how, is not known here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final, Literal

from sim.store.atomic import write_bytes

Form = Literal["png", "svg"]
FORMS: Final[tuple[Form, ...]] = ("png", "svg")


def save_figures(
    folder: Path, figures: Iterable[tuple[str, Form, bytes]], *, keep: Collection[str] = ()
) -> tuple[Path, ...]:
    """Write figures as they come, each atomically, and remove those of an earlier drawing.

    Args:
        folder: `figures/` of a run or comparison.
        figures: name, form (`png`, `svg`) and content.
        keep: names of figures that were drawn apart and stay.

    Returns:
        The files, in the order drawn.
    """
    written = [write_bytes(folder / f"{name}.{form}", content) for name, form, content in figures]
    if folder.is_dir():
        for file in folder.iterdir():
            if file.suffix[1:] in FORMS and not file.name.startswith(".") and file not in written:
                if file.stem in keep:
                    continue
                file.unlink(missing_ok=True)
    return tuple(written)


def put_away(folder: Path, *, keep: Collection[str] = ()) -> None:
    """Remove the figures in a folder, but for some names: what they show no longer stands beside them."""
    for file in figure_files(folder):
        if file.stem not in keep:
            file.unlink(missing_ok=True)


def figure_files(folder: Path) -> tuple[Path, ...]:
    """Give the figures in a folder, by name."""
    if not folder.is_dir():
        return ()
    return tuple(sorted(file for file in folder.iterdir() if file.suffix[1:] in FORMS))
