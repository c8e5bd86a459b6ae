"""One look for every figure: paper, ink, palette, header, caption, and how a figure becomes bytes.

No figure is drawn here and no number of a run enters. Colours differ in lightness, and each goes with a
hatch, a line style and a marker of its own, so that a figure can be read in grey.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal

from sim.report.lettering import SMALL, families, renderer_of, text_width, wrapped

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

WIDTH: Final = 9.0
"""Width of every figure, inches."""

FRAME: Final = 1.5
"""Height that header, legend and caption take of a figure; where they need more, the figure grows."""

DPI: Final = 150
MARGIN: Final = 0.16
"""Empty edge on all sides, inches."""

INK: Final = "#1c1f24"
SOFT: Final = "#555b66"
RULE: Final = "#c9ced6"
PAPER: Final = "#ffffff"
ALARM: Final = "#a3242f"
"""For what is wrong or closed; always said in words too."""

TITLE_SIZE: Final = 13.0
TEXT_SIZE: Final = 9.0
SMALL_SIZE: Final = SMALL


@dataclass(frozen=True)
class Look:
    """How one series of several is drawn, in colour and in grey."""

    colour: str
    hatch: str
    line: Any
    marker: str

    @property
    def stroke(self) -> str:
        """Colour of edges and hatches on the look's own colour: dark on light, light on dark."""
        return SOFT if self._light > 190 else PAPER

    @property
    def pen(self) -> str:
        """Colour of a line on paper: of what is too pale for one, two thirds as light."""
        return self._darker(0.66) if self._light > 190 else self.colour

    @property
    def _light(self) -> float:
        red, green, blue = self._parts
        return 0.3 * red + 0.59 * green + 0.11 * blue

    @property
    def _parts(self) -> tuple[int, ...]:
        return tuple(int(self.colour[k : k + 2], 16) for k in (1, 3, 5))

    def _darker(self, share: float) -> str:
        return "#" + "".join(f"{round(share * part):02x}" for part in self._parts)


LOOKS: Final = (
    Look("#16325c", "", "-", "o"),
    Look("#d9782d", "///", "--", "s"),
    Look("#2a7f86", "...", "-.", "^"),
    Look("#8fc1de", "\\\\\\", ":", "D"),
    Look("#8c2346", "xxx", (0, (5, 1, 1, 1, 1, 1)), "v"),
    Look("#e6d58a", "+++", (0, (1, 1)), "P"),
)
"""Six looks; the CIE lightness of any two colours differs by at least ten."""

RUNNING: Final = Look("#16325c", "", "-", "o")
SERVICE: Final = Look("#2a7f86", "////", "--", "s")
WAITING: Final = Look("#e8a04c", "", "-.", "^")
BLOCKED: Final = Look("#8c2346", "xxxx", ":", "D")
IDLE: Final = Look("#eceff3", "", (0, (1, 1)), "")

_SETTINGS: Final[dict[str, Any]] = {
    "font.size": TEXT_SIZE,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.labelsize": TEXT_SIZE,
    "axes.titlesize": TEXT_SIZE + 0.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.linewidth": 0.8,
    "axes.unicode_minus": True,
    # A number on an axis is the number: no power of ten and nothing to add stands beside the axis.
    "axes.formatter.limits": [-12, 12],
    "axes.formatter.useoffset": False,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": SMALL_SIZE,
    "ytick.labelsize": SMALL_SIZE,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "lines.markersize": 4.5,
    "hatch.linewidth": 0.7,
    "hatch.color": PAPER,
    "legend.frameon": False,
    "legend.fontsize": SMALL_SIZE,
    "legend.handlelength": 2.2,
    "legend.borderaxespad": 0.0,
    "legend.borderpad": 0.0,
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "path",
    "svg.hashsalt": "middle-corridor",
    "path.simplify": True,
}


@contextmanager
def in_style() -> Iterator[None]:
    """Apply the one style for the time of a block, whatever the user's own settings are."""
    import matplotlib as mpl

    # The file a user keeps in a home folder must not change a figure's bytes.
    plain = {key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith("backend")}
    settings: Any = plain | _SETTINGS | {"font.family": list(families())}
    with mpl.rc_context(settings), warnings.catch_warnings():
        # What has no sign is told once, in words, by whoever writes the files.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def new_figure(height: float) -> Figure:
    """Make an empty figure of the common width; to be called inside `in_style`.

    Args:
        height: inches, `FRAME` for header, legend and caption included.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def finish(
    figure: Figure,
    *,
    title: str,
    subtitle: str = "",
    caption: str = "",
    legend: Sequence[tuple[Artist | tuple[Artist, ...], str]] = (),
    columns: int = 6,
) -> Figure:
    """Write header, legend and caption, then settle the layout of what lies between.

    Args:
        figure: drawn by `new_figure`, its axes filled.
        title: the finding in one sentence.
        subtitle: what is shown, of what, over what.
        caption: how to read it, and the sources.
        legend: handles with their labels, in one block under the subtitle.
        columns: most entries in a row of the legend.

    Returns:
        The same figure, its layout frozen, higher by what header and caption need beyond `FRAME`.
    """
    room = WIDTH - 2 * MARGIN
    top = MARGIN
    hung: list[tuple[Text, float]] = []
    for text, size, bold, colour in (
        (title, TITLE_SIZE, True, INK),
        (subtitle, TEXT_SIZE, False, SOFT),
    ):
        if text:
            lines = wrapped(figure, text, width=room, size=size, bold=bold)
            hung.append((_block(figure, lines, size=size, bold=bold, colour=colour), top))
            top += _tall(figure, hung[-1][0]) + 0.07
    drawn: Any = None
    if legend:
        drawn = figure.legend(
            handles=[handle for handle, _ in legend],
            labels=[label for _, label in legend],
            loc="upper left",
            ncols=_columns_that_fit(figure, [label for _, label in legend], columns=columns, room=room),
            columnspacing=1.6,
            handletextpad=0.6,
            alignment="left",
        )
        drawn.set_in_layout(False)
        below, top = top + 0.04, top + 0.1 + _tall(figure, drawn)
    bottom = MARGIN
    if caption:
        lines = wrapped(figure, caption, width=room, size=SMALL_SIZE, even=False)
        foot = _block(figure, lines, size=SMALL_SIZE, bold=False, colour=SOFT)
        foot.set_verticalalignment("bottom")
        bottom += _tall(figure, foot) + 0.1
    # A long title takes no room from the data.
    height = float(figure.get_figheight()) + max(0.0, top + bottom - FRAME)
    figure.set_figheight(height)
    for block, down in hung:
        block.set_y(1 - down / height)
    if drawn is not None:
        drawn.set_bbox_to_anchor((MARGIN / WIDTH, 1 - below / height))
    if caption:
        foot.set_y(MARGIN / height)
    engine: Any = figure.get_layout_engine()
    if engine is not None:
        side = MARGIN / WIDTH
        engine.set(rect=(side, bottom / height, 1 - 2 * side, 1 - (top + bottom) / height))
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        _settle(figure)
    return figure


def _block(figure: Figure, text: str, *, size: float, bold: bool, colour: str) -> Text:
    """Write lines at the left margin; where they stand is settled later."""
    block = figure.text(
        MARGIN / WIDTH,
        1.0,
        text,
        size=size,
        weight="bold" if bold else "normal",
        color=colour,
        ha="left",
        va="top",
        linespacing=1.25,
    )
    block.set_in_layout(False)
    return block


def _tall(figure: Figure, block: Artist) -> float:
    return float(block.get_window_extent(renderer_of(figure)).height) / figure.dpi


def _settle(figure: Figure) -> None:
    """Round what the layout found: its solver may differ in the last bit from process to process."""
    for axes in figure.axes:
        left, low, width, height = (round(value, 4) for value in axes.get_position(original=True).bounds)
        axes.set_position((left, low, width, height))
    side: Any = getattr(figure, "_supylabel", None)
    if side is not None:
        side.set_position((MARGIN / WIDTH, round(float(side.get_position()[1]), 4)))


def side_name(figure: Figure, text: str, *, height: float) -> None:
    """Name the vertical axes of several panels at once, at the figure's left side.

    Args:
        figure: with its panels.
        text: with the unit.
        height: inches it may take along the side.
    """
    figure.supylabel(wrapped(figure, text, width=height, size=TEXT_SIZE), size=TEXT_SIZE, ma="center")


def _columns_that_fit(figure: Figure, labels: Sequence[str], *, columns: int, room: float) -> int:
    """Give the number of legend columns that surely fits: as if each were as wide as its widest label."""
    handle = (2.2 + 0.6 + 1.6) * SMALL_SIZE / 72
    widths = [text_width(figure, label, size=SMALL_SIZE) + handle for label in labels]
    for count in range(min(columns, len(labels)), 1, -1):
        # Legends fill column by column, the first ones by one more where it does not come out even.
        least, more = divmod(len(labels), count)
        ends = [k * least + min(k, more) for k in range(count + 1)]
        if sum(max(widths[low:high]) for low, high in pairwise(ends)) <= room:
            return count
    return 1


def swatch(look: Look, *, edge: str | None = None) -> Artist:
    """Make the legend's handle of an area in a look."""
    from matplotlib.patches import Patch

    return Patch(facecolor=look.colour, hatch=look.hatch, edgecolor=edge or look.stroke, linewidth=0.5)


def label_axes(axes: Axes, *, x: str | None = None, y: str | None = None) -> None:
    """Name the axes; a unit stands in brackets at the end, as in `transit time (d)`."""
    if x is not None:
        axes.set_xlabel(x)
    if y is not None:
        axes.set_ylabel(y)


def grid(axes: Axes, along: Literal["x", "y", "both"]) -> None:
    """Draw faint guide lines behind the data across the named axis."""
    axes.grid(visible=True, axis=along)
    axes.tick_params(axis=along, length=3)


def beside(axes: Axes, at: float, text: str) -> None:
    """Write what a row amounts to, right of the axes at the row's height."""
    axes.annotate(
        text,
        xy=(1.0, at),
        xycoords=("axes fraction", "data"),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        ha="left",
        size=SMALL_SIZE,
        annotation_clip=False,
    )


def render(figure: Figure, form: Literal["png", "svg"]) -> bytes:
    """Turn a figure into the bytes of a file: the same bytes for the same figure.

    Args:
        figure: a finished figure.
        form: `png` or `svg`.

    Returns:
        The whole file; without date or version, so that equal results give equal files.
    """
    buffer = io.BytesIO()
    empty: dict[str, Any] = (
        {"Date": None, "Creator": None} if form == "svg" else {"Software": None, "Creation Time": None}
    )
    with in_style():
        figure.savefig(buffer, format=form, metadata=empty)
    return buffer.getvalue()
