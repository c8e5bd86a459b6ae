"""Names on a map, placed so that none covers another or leaves the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sim.report import lettering, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Box = tuple[float, float, float, float]

_SIDES: Final = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))


class Labels:
    """What is already written in one panel; all boxes in inches from the figure's lower left."""

    def __init__(self, axes: Axes, figure: Figure) -> None:
        self._axes = axes
        self._figure = figure
        self._taken: list[Box] = []

    def block(self, x: float, y: float, *, radius: float) -> None:
        """Keep a spot of so many inches around a data point free of names."""
        left, low = self._inches(x, y)
        self._taken.append((left - radius, low - radius, left + radius, low + radius))

    def place(self, name: str, x: float, y: float, *, size: float) -> bool:
        """Write a name beside a data point, on the first side where it fits; tell whether it did."""
        wide, tall = self._measure(name, size)
        left, low = self._inches(x, y)
        for across, up in _SIDES:
            gap = 0.05
            x_0 = left + (gap if across > 0 else -gap - wide if across < 0 else -wide / 2)
            y_0 = low + (gap if up > 0 else -gap - tall if up < 0 else -tall / 2)
            if self._write(name, (x_0, y_0, x_0 + wide, y_0 + tall), size=size, soft=False):
                return True
        return False

    def centre(self, name: str, x: float, y: float, *, size: float) -> bool:
        """Write the name of a land or a sea around a data point if there is room."""
        wide, tall = self._measure(name, size)
        left, low = self._inches(x, y)
        box = (left - wide / 2, low - tall / 2, left + wide / 2, low + tall / 2)
        return self._write(name, box, size=size, soft=True)

    def _inches(self, x: float, y: float) -> tuple[float, float]:
        found = self._axes.transData.transform((x, y)) / self._figure.dpi
        return float(found[0]), float(found[1])

    def _measure(self, name: str, size: float) -> tuple[float, float]:
        return lettering.text_width(self._figure, name, size=size), 1.25 * size / 72

    def _write(self, name: str, box: Box, *, size: float, soft: bool) -> bool:
        frame = self._axes.get_window_extent()
        dpi = self._figure.dpi
        inside = (
            box[0] > frame.x0 / dpi + 0.03
            and box[2] < frame.x1 / dpi - 0.03
            and box[1] > frame.y0 / dpi + 0.03
            and box[3] < frame.y1 / dpi - 0.03
        )
        if not inside or any(_overlap(box, other) for other in self._taken):
            return False
        from matplotlib.patheffects import withStroke

        self._taken.append(box)
        width, height = self._figure.get_size_inches()
        text = self._figure.text(
            box[0] / width,
            (box[1] + box[3]) / 2 / height,
            name,
            size=size,
            color=style.SOFT if soft else style.INK,
            style="italic" if soft else "normal",
            va="center",
            ha="left",
            zorder=6,
        )
        text.set_in_layout(False)
        if not soft:
            text.set_path_effects([withStroke(linewidth=2.0, foreground=style.PAPER)])
        return True


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
