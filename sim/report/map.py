"""The corridor on the map: what passes on each leg and line, as wide as its volume."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.report import style
from sim.report.captions import caption, subtitle
from sim.report.inputs import Link, Source, Spot
from sim.report.labels import Labels
from sim.report.outlines import albers, countries
from sim.report.words import GAP, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.gridspec import SubplotSpec

Floats = NDArray[np.float64]

LAND: Final = "#f0ede4"
WATER: Final = "#dbe7f0"
BORDER: Final = "#ffffff"
WIDEST: Final = 11.0
"""Width of the busiest link, points; widths go with the square root of the volume."""

THINNEST: Final = 0.7

CLOSED: Final = 1.2
"""Width of a closed link, points."""

_BOWS: Final = {"sea": 0.5, "road": 0.25}
"""How far links of these modes are bowed, in quarters of what they go north or south."""

_LEVEL: Final = 0.25
"""Share of its length by which a link must go north or south to be bowed."""

_APART: Final = 1.4
"""Points between links that join the same two places."""

MODES: Final = {
    "rail": style.Look("#16325c", "", "-", ""),
    "sea": style.Look("#2a7f86", "", (0, (3, 0.8)), ""),
    "road": style.Look("#d9782d", "", (0, (1, 0.6)), ""),
    "pipe": style.Look("#8c2346", "", "-", ""),
}
"""Pipelines are drawn as a double line."""

_MODE_WORDS: Final = {"rail": "railway", "sea": "ship", "pipe": "pipeline", "road": "road"}

_NAMES: Final = (
    ("China", 36.5, 94.0),
    ("Kazakhstan", 48.6, 66.5),
    ("Türkiye", 38.9, 34.0),
    ("Russia", 54.5, 57.0),
    ("Iran", 34.5, 55.0),
    ("Mongolia", 46.8, 103.0),
    ("Turkmenistan", 39.0, 59.5),
    ("Uzbekistan", 42.0, 63.0),
    ("Ukraine", 49.0, 32.0),
    ("Georgia", 42.15, 43.3),
    ("Azerbaijan", 40.45, 47.4),
    ("Armenia", 40.3, 44.9),
    ("Caspian Sea", 41.6, 50.6),
    ("Black Sea", 43.2, 34.5),
)
"""Names written where there is room: name, latitude, longitude."""

_CLOSE: Final = (38.4, 46.4, 40.5, 54.5)
"""South, north, west and east of what the close view of the Caspian and the Caucasus may hold."""

_WHOLE_NAMES: Final = 18
"""Places named in the view of the whole where a close view follows."""

View = tuple[float, float, float, float]
"""Left, right, low and high edge in km of the projection."""


def corridor_map(links: Sequence[Link], spots: Sequence[Spot], *, source: Source) -> Figure:
    """Draw what passes on the map, with a close view of the Caspian and the Caucasus.

    Args:
        links: legs and lines with the Mt a year on each, both ways together.
        spots: places; names are written by weight where there is room.
        source: what it is of.

    Returns:
        The whole corridor above, the close view below where enough of the corridor lies in it.
    """
    from matplotlib.lines import Line2D

    open_links = [link for link in links if link.volume > 0 and not link.closed]
    inside = [spot for spot in spots if _within(spot)]
    views = [_view([(spot.lat, spot.lon) for spot in spots])]
    if 4 <= len(inside) < len(spots):
        views.append(_view([(spot.lat, spot.lon) for spot in inside]))
    most = max((link.volume for link in open_links), default=1.0)
    with style.in_style():
        heights = [style.WIDTH * (view[3] - view[2]) / (view[1] - view[0]) for view in views]
        figure = style.new_figure(sum(heights) + 1.7)
        cells = figure.add_gridspec(len(views), 1, height_ratios=heights, hspace=0.02)
        handles: list[tuple[Any, str]] = [
            (_handle(look, mode), _MODE_WORDS[mode])
            for mode, look in MODES.items()
            if any(link.mode == mode for link in open_links)
        ]
        handles += [
            (_stroke(_width(size, most)), f"{number(size)}{GAP}Mt/yr") for size in _legend_sizes(most)
        ]
        if any(link.closed for link in links):
            handles.append((Line2D([], [], color=style.SOFT, linestyle=":", linewidth=CLOSED), "closed"))
        axes = [_panel(figure, cells[k], view) for k, view in enumerate(views)]
        for one in axes:
            _draw_links(one, figure, links, most=most)
        finished = style.finish(
            figure,
            title=_message(open_links),
            subtitle=subtitle("What passes on each leg and line, both ways together", source),
            caption=caption(
                source,
                "Width goes with the square root of the tonnes. Links are drawn straight or as plain arcs, "
                "those between the same two places side by side. "
                "Outlines: Natural Earth (public domain), Albers equal-area projection.",
            ),
            legend=handles,
            columns=8,
        )
        # What the close view names need not crowd the whole.
        outside = [spot for spot in spots if spot not in inside]
        if len(views) > 1:
            ranked = [*_by_weight(outside), *_by_weight(inside)]
            _write_names(axes[0], finished, ranked, links, most=_WHOLE_NAMES)
        _write_names(axes[-1], finished, _by_weight(spots), links, most=len(spots))
        return finished


def _handle(look: style.Look, mode: str) -> Any:
    """Make the legend's handle of a mode."""
    from matplotlib.lines import Line2D

    line = Line2D([], [], color=look.colour, linestyle=look.line, linewidth=4, solid_capstyle="butt")
    if mode != "pipe":
        return line
    return line, Line2D([], [], color=style.PAPER, linewidth=1.3, solid_capstyle="butt")


def _stroke(width: float) -> Any:
    """Make the legend's handle of a width."""
    from matplotlib.lines import Line2D

    return Line2D([], [], color=style.SOFT, linewidth=width, solid_capstyle="butt")


def _draw_links(axes: Axes, figure: Figure, links: Sequence[Link], *, most: float) -> None:
    from matplotlib.transforms import ScaledTranslation

    for link, (right, up) in _asides(links, most=most):
        look = MODES.get(link.mode, MODES["rail"])
        x, y = _bow(link)
        place = axes.transData + ScaledTranslation(right / 72, up / 72, figure.dpi_scale_trans)
        plain: dict[str, Any] = {"transform": place, "zorder": 3}
        if link.closed:
            axes.plot(x, y, color=style.SOFT, linestyle=":", linewidth=CLOSED, **plain)
        else:
            width = _width(link.volume, most)
            axes.plot(x, y, color=style.PAPER, linewidth=width + 1.0, solid_capstyle="round", **plain)
            plain |= {"solid_capstyle": "butt"}
            axes.plot(x, y, color=look.colour, linestyle=look.line, linewidth=width, **plain)
            if link.mode == "pipe" and width > 2:
                axes.plot(x, y, color=style.PAPER, linewidth=width / 3, **plain)


def _asides(links: Sequence[Link], *, most: float) -> list[tuple[Link, tuple[float, float]]]:
    """Lay links of the same course between the same two places side by side.

    Args:
        links: all; those that are neither open nor closed are left out.
        most: volume of the busiest.

    Returns:
        The links, the busiest first, each with how far it is drawn to the right and up, in points.
    """
    courses: dict[tuple[frozenset[tuple[float, float]], str], list[Link]] = {}
    for link in sorted(links, key=lambda link: (-link.volume, link.name)):
        if link.volume > 0 or link.closed:
            courses.setdefault((frozenset(link.ends), _course(link)), []).append(link)
    found = []
    for beside in courses.values():
        (x_0, x_1), (y_0, y_1) = albers(*zip(*sorted(beside[0].ends), strict=True))
        long = float(np.hypot(x_1 - x_0, y_1 - y_0))
        across = (float(y_0 - y_1) / long, float(x_1 - x_0) / long) if long > 0 else (0.0, 1.0)
        widths = [CLOSED if link.closed else _width(link.volume, most) for link in beside]
        at = -(sum(widths) + _APART * (len(widths) - 1)) / 2
        for link, width in zip(beside, widths, strict=True):
            aside = at + width / 2
            found.append((link, (aside * across[0], aside * across[1])))
            at += width + _APART
    return sorted(found, key=lambda one: (-one[0].volume, one[0].name))


def _course(link: Link) -> str:
    """Tell which links between the same places would cover each other: those of one bow, and all straight."""
    return link.mode if link.mode in _BOWS and _rise(link) > _LEVEL else "straight"


def _rise(link: Link) -> float:
    """Give how much a link goes north or south, as a share of its length."""
    (x_0, x_1), (y_0, y_1) = albers(*zip(*link.ends, strict=True))
    return abs(float(y_1 - y_0)) / max(1e-9, float(np.hypot(x_1 - x_0, y_1 - y_0)))


def _bow(link: Link) -> tuple[Floats, Floats]:
    """Give the line of a link: straight by rail, bowed to the east by sea and road.

    A sea passage along a coast would else run over land, and a road would hide the railway.
    """
    (x_0, x_1), (y_0, y_1) = albers(*zip(*link.ends, strict=True))
    if _course(link) == "straight":
        return np.array([x_0, x_1]), np.array([y_0, y_1])
    along = np.linspace(0.0, 1.0, 25)
    push = _BOWS[link.mode] * along * (1 - along)
    sign = 1.0 if y_0 > y_1 else -1.0
    rise = _rise(link)
    x = x_0 + (x_1 - x_0) * along - sign * rise * push * (y_1 - y_0)
    y = y_0 + (y_1 - y_0) * along + sign * rise * push * (x_1 - x_0)
    return x, y


def _panel(figure: Figure, cell: SubplotSpec, view: View) -> Axes:
    """Draw the land and water of a view."""
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path
    from matplotlib.transforms import Bbox

    axes = figure.add_subplot(cell)
    left, right, low, high = view
    axes.set(xlim=(left, right), ylim=(low, high), aspect="equal", facecolor=WATER)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(visible=True, color=style.RULE)
    # Cut a little outside the frame, so that the cut is not drawn as a coast.
    pad = 0.05 * (right - left)
    frame = Bbox.from_extents(left - pad, low - pad, right + pad, high + pad)
    paths = []
    for rings in countries().values():
        pieces = [
            piece
            for ring in rings
            for piece in Path(_thinned(ring, least=(right - left) / 2500), closed=True)
            .clip_to_bbox(frame)
            .to_polygons()
        ]
        if pieces:
            paths.append(Path.make_compound_path(*(Path(piece, closed=True) for piece in pieces)))
    land = PathCollection(paths, facecolor=LAND, edgecolor=BORDER, linewidth=0.6, zorder=1)
    land.set_transform(axes.transData)
    axes.add_collection(land, autolim=False)
    return axes


def _thinned(ring: Floats, *, least: float) -> Floats:
    """Project a ring and leave out points nearer than `least` km to the one before."""
    x, y = albers(ring[:, 1], ring[:, 0])
    path = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    kept = np.unique(np.searchsorted(path, np.arange(0.0, path[-1] + least, least)).clip(max=len(x) - 1))
    return np.column_stack([x[kept], y[kept]]) if kept.size >= 4 else np.column_stack([x, y])


def _by_weight(spots: Sequence[Spot]) -> list[Spot]:
    return sorted(spots, key=lambda spot: (-spot.weight, spot.name))


def _write_names(
    axes: Axes, figure: Figure, spots: Sequence[Spot], links: Sequence[Link], *, most: int
) -> None:
    """Mark the places, name them in their order, then write lands and seas where room is left."""
    # The panel takes its shape only when drawn; names must stand where places then are.
    axes.apply_aspect()
    labels = Labels(axes, figure)
    largest = max((link.volume for link in links), default=1.0) or 1.0
    for link, aside in _asides(links, most=largest):
        labels.line(*_bow(link), width=_width(link.volume, largest), aside=aside)
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    inside = []
    for spot in spots:
        x, y = (float(value) for value in albers(spot.lat, spot.lon))
        if left < x < right and low < y < high:
            inside.append((spot, x, y))
            axes.plot(x, y, marker="o", markersize=3.6, color=style.PAPER, mec=style.INK, mew=0.9, zorder=5)
            labels.block(x, y, radius=0.04)
    named = 0
    for spot, x, y in inside:
        if named < most and labels.place(spot.name, x, y, size=7.5):
            named += 1
    for name, lat, lon in _NAMES:
        x, y = (float(value) for value in albers(lat, lon))
        labels.centre(name, x, y, size=7.5)


def _view(points: Sequence[tuple[float, float]]) -> View:
    """Choose the frame that holds all points (lat, lon), wide rather than tall, with ground around."""
    x, y = albers([lat for lat, _ in points] or [42.0], [lon for _, lon in points] or [50.0])
    wide = max(1.14 * float(np.ptp(x)), 2.0 * float(np.ptp(y)), 400.0)
    tall = min(max(1.25 * float(np.ptp(y)), 0.38 * wide), 0.75 * wide)
    across, up = float(x.max() + x.min()) / 2, float(y.max() + y.min()) / 2
    return across - wide / 2, across + wide / 2, up - tall / 2, up + tall / 2


def _within(spot: Spot) -> bool:
    return _CLOSE[0] <= spot.lat <= _CLOSE[1] and _CLOSE[2] <= spot.lon <= _CLOSE[3]


def _width(volume: float, most: float) -> float:
    return max(THINNEST, WIDEST * float(np.sqrt(volume / most)))


def _legend_sizes(most: float) -> list[float]:
    """Give three round volumes: near the largest, and a tenth and a hundredth of it."""
    power = 10.0 ** np.floor(np.log10(most))
    top = float(max(step * power for step in (1.0, 2.0, 5.0) if step * power <= most))
    return [top, top / 10, top / 100]


def _message(links: Sequence[Link]) -> str:
    """Say which link carries most by each mode."""
    if not links:
        return "Nothing passes"
    told: list[str] = []
    for mode, words in _MODE_WORDS.items():
        of_mode = [link for link in links if link.mode == mode]
        if of_mode:
            first = max(of_mode, key=lambda link: (link.volume, link.name))
            unit = f"{GAP}Mt a year" if not told else f"{GAP}Mt"
            told.append(f"by {words} {first.name}, {number(first.volume)}{unit}")
    return f"Busiest {'; '.join(told[:3])}"
