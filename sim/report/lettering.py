"""Lettering: how wide a text is on a figure, and how it is broken into lines or shortened.

Only texts come out; nothing is written on a figure here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL: Final = 8.0
"""Points of tick labels, legends and captions."""

FONT: Final = "DejaVu Sans"
"""Comes with the drawing library, so that a figure is the same everywhere."""

_FURTHER: Final = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "Arial Unicode MS",
)
"""Fonts asked for what the first has no sign for, such as Chinese, where they are installed."""


class MissingSigns(UserWarning):
    """Figures hold characters for which no font has a sign."""


@cache
def families() -> tuple[str, ...]:
    """Give the fonts of all lettering: the common one, then those installed that know more signs."""
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return (FONT, *(name for name in _FURTHER if name in installed))


@cache
def _signs(*names: str) -> frozenset[int]:
    """Give the code points that can be written with some fonts."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    files = [findfont(FontProperties(family=name)) for name in names]
    return frozenset().union(*(get_font(file).get_charmap() for file in files))


def is_foreign(text: str) -> bool:
    """Tell whether a text has a sign that the common font does not have: lines of others are taller."""
    return any(ord(char) not in _signs(FONT) for char in text)


def unwritable(figure: Figure) -> str:
    """Give the characters on a figure that no font has a sign for, each once, in order."""
    from matplotlib.text import Text

    texts: list[Any] = figure.findobj(Text)
    found = {char for text in texts if text.get_visible() for char in str(text.get_text())}
    known = _signs(*families())
    return "".join(sorted(char for char in found if char.isprintable() and ord(char) not in known))


def renderer_of(figure: Figure) -> Any:
    """Give the renderer that measures text on a figure."""
    canvas: Any = figure.canvas
    return canvas.get_renderer()


def text_width(figure: Figure, text: str, *, size: float, bold: bool = False) -> float:
    """Measure a line of text.

    Args:
        figure: where it will stand.
        text: one line.
        size: points.
        bold: whether in bold.

    Returns:
        Width in inches.
    """
    from matplotlib.font_manager import FontProperties

    font = FontProperties(family=list(families()), size=size, weight="bold" if bold else "normal")
    width, _, _ = renderer_of(figure).get_text_width_height_descent(text, font, ismath=False)
    return float(width) / figure.dpi


def wrapped(
    figure: Figure, text: str, *, width: float, size: float, bold: bool = False, even: bool = True
) -> str:
    """Break a text into lines.

    Args:
        figure: where it will stand.
        text: broken at spaces only, never at a no-break space.
        width: inches that no line exceeds; a single longer word is cut with an ellipsis.
        size: points.
        bold: whether in bold.
        even: whether to make the lines much alike in width, as in a title.
    """
    lines = _broken(figure, text, width=width, size=size, bold=bold)
    if len(lines) == 1 or not even:
        return "\n".join(lines)
    # As few lines as the width allows, but no line of one last word; no word is cut to make them alike.
    longest = max(text_width(figure, word, size=size, bold=bold) for word in text.split(" "))
    low, high = min(width, max(0.6 * width, longest)), width
    for _ in range(6):
        middle = (low + high) / 2
        if len(_broken(figure, text, width=middle, size=size, bold=bold)) == len(lines):
            high = middle
        else:
            low = middle
    return "\n".join(_broken(figure, text, width=high, size=size, bold=bold))


def row_names(figure: Figure, names: Sequence[str], *, width: float, lines: int) -> list[str]:
    """Break the names of rows so that each has few lines; the width grows before a name is cut.

    Args:
        figure: where they will stand.
        names: one for each row.
        width: inches they take where that is enough.
        lines: most lines of a name.
    """
    # A dash belongs to the word before it.
    kept = [name.replace(" – ", "\N{NO-BREAK SPACE}– ") for name in names]
    for wider in (1.0, 1.25, 1.5, 1.75):
        found = [wrapped(figure, name, width=wider * width, size=SMALL) for name in kept]
        whole = [name.replace("\n", " ") for name in found] == kept
        if whole and all(name.count("\n") < lines for name in found):
            return found
    cut = [name.split("\n") for name in found]
    return [
        "\n".join(name if len(name) <= lines else [*name[: lines - 1], name[lines - 1] + "…"]) for name in cut
    ]


def _broken(figure: Figure, text: str, *, width: float, size: float, bold: bool) -> list[str]:
    lines = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and text_width(figure, longer, size=size, bold=bold) > width:
            lines.append(line)
            longer = word
        line = shortened(figure, longer, width=width, size=size, bold=bold)
    return [*lines, line]


def shortened(figure: Figure, text: str, *, width: float, size: float, bold: bool = False) -> str:
    """Cut one line of text with an ellipsis where it is wider than `width` inches."""
    if text_width(figure, text, size=size, bold=bold) <= width:
        return text
    kept = text
    while kept and text_width(figure, kept + "…", size=size, bold=bold) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"
