"""Numbers said in words: what titles, labels and captions are made of.

Only text comes out; nothing is measured, decided or drawn here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

GAP: Final = "\N{NO-BREAK SPACE}"
"""Between a number and its unit."""

NONE: Final = "–"
"""Written for a figure that does not exist."""

_SHARES: Final = (
    (0.1, "a tenth"),
    (0.2, "a fifth"),
    (0.25, "a quarter"),
    (1 / 3, "a third"),
    (0.5, "half"),
    (2 / 3, "two thirds"),
    (0.75, "three quarters"),
)


def number(value: float, digits: int = 3) -> str:
    """Write a number to so many significant digits, with commas and a true minus, never with an exponent."""
    if not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    shown = round(value, places)
    text = f"{abs(shown):,.{max(0, places)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"−{text}" if shown < 0 else text


def told_apart(first: float, second: float) -> tuple[str, str]:
    """Write two numbers with just so many digits that a difference between them shows."""
    for digits in range(3, 5):
        texts = number(first, digits), number(second, digits)
        if texts[0] != texts[1]:
            return texts
    return number(first), number(second)


def signed(value: float, digits: int = 3) -> str:
    """Write a difference with its sign."""
    text = number(value, digits)
    return f"+{text}" if math.isfinite(value) and value > 0 else text


def percent(share: float) -> str:
    """Write a share as a percentage without decimals unless it is small."""
    if not math.isfinite(share):
        return NONE
    value = 100 * share
    return f"{number(value, 3 if abs(value) >= 100 else 2)}{GAP}%"


def duration(hours: float) -> str:
    """Write a duration in days from two days on, else in hours or minutes."""
    if not math.isfinite(hours):
        return NONE
    if abs(hours) >= 48:
        return f"{number(hours / 24)}{GAP}d"
    if abs(hours) >= 1:
        return f"{number(hours, 2 if abs(hours) < 10 else 3)}{GAP}h"
    return f"{number(hours * 60, 2)}{GAP}min"


def mass(tonnes: float) -> str:
    """Write an amount in t, kt or Mt, whichever reads well."""
    for size, unit in ((1e6, "Mt"), (1e4, "kt")):
        if abs(tonnes) >= size:
            return f"{number(tonnes / (1000 if unit == 'kt' else size))}{GAP}{unit}"
    return f"{number(tonnes)}{GAP}t"


def part_of(share: float) -> str:
    """Say a share as one says it: `a third`, or `38 %` where no simple fraction is near."""
    for value, words in _SHARES:
        if abs(share - value) <= 0.015:
            return words
    return percent(share)


def listed(names: Sequence[str]) -> str:
    """Join names as in a sentence: `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def plural(count: int, name: str) -> str:
    """Write a count with its noun: `1 replication`, `20 replications`."""
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"


def capital(text: str) -> str:
    """Begin a sentence."""
    return text[:1].upper() + text[1:]


def stars(p: float) -> str:
    """Mark an adjusted p-value: `***` below 0.001, `**` below 0.01, `*` below 0.05, `n.s.` otherwise."""
    if not math.isfinite(p):
        return ""
    for limit, mark in ((0.001, "***"), (0.01, "**"), (0.05, "*")):
        if p < limit:
            return mark
    return "n.s."


def distinct(titles: Sequence[str], names: Sequence[str]) -> list[str]:
    """Give titles, with the scenario's name where two are the same."""
    return [
        title if list(titles).count(title) == 1 else f"{title} ({name})"
        for title, name in zip(titles, names, strict=True)
    ]
