"""Names on a map, placed so that none covers another or leaves the frame."""

from __future__ import annotations

import math
from itertools import pairwise, product
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.report import lettering, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Box = tuple[float, float, float, float]
Floats = NDArray[np.float64]

_GAPS: Final = (0.05, 0.11)
"""Inches between a place and its name; the wider where a broad line ends at the place."""

_BESIDE: Final = 0.1
"""Inches within which a name may seem to be that of a place."""

_DOUBT: Final = 60.0
"""What a doubt whose name it is counts for, in points of lines hidden."""

_ASIDE: Final = 0.22
"""Inches by which the name of a land may be moved, so that no line runs through it."""

_STEP: Final = 0.02
"""Inches between the points by which a line is known."""

_SIDES: Final = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))


class Labels:
    """What is already written in one panel; all boxes in inches from the figure's lower left."""

    def __init__(self, axes: Axes, figure: Figure) -> None:
        self._axes = axes
        self._figure = figure
        self._taken: list[Box] = []
        self._lines: list[tuple[float, float, float]] = []
        self._spots: list[tuple[float, float]] = []

    def line(self, x: Floats, y: Floats, *, width: float, aside: tuple[float, float] = (0.0, 0.0)) -> None:
        """Know of a line, which a name covers only where no other side is free.

        Args:
            x: data points across.
            y: data points up.
            width: points.
            aside: points by which it is drawn to the right and up of its data points.
        """
        path = self._axes.transData.transform(np.column_stack([x, y])) / self._figure.dpi
        path = path + np.array(aside) / 72
        for (x_0, y_0), (x_1, y_1) in pairwise(path.tolist()):
            steps = max(1, math.ceil(math.hypot(x_1 - x_0, y_1 - y_0) / _STEP))
            self._lines += [
                (x_0 + (x_1 - x_0) * k / steps, y_0 + (y_1 - y_0) * k / steps, width)
                for k in range(steps + 1)
            ]

    def block(self, x: float, y: float, *, radius: float) -> None:
        """Keep a spot of so many inches around a data point free of names."""
        left, low = self._inches(x, y)
        self._spots.append((left, low))
        self._taken.append((left - radius, low - radius, left + radius, low + radius))

    def place(self, name: str, x: float, y: float, *, size: float) -> bool:
        """Write a name beside a data point, on the side where it hides least; tell whether it fits."""
        wide, tall = self._measure(name, size)
        left, low = self._inches(x, y)
        boxes: list[tuple[float, Box]] = []
        for gap, (across, up) in product(_GAPS, _SIDES):
            x_0 = left + (gap if across > 0 else -gap - wide if across < 0 else -wide / 2)
            y_0 = low + (gap if up > 0 else -gap - tall if up < 0 else -tall / 2)
            box = (x_0, y_0, x_0 + wide, y_0 + tall)
            doubts = (gap > _GAPS[0]) + self._others(box, left, low)
            boxes.append((self._hidden(box) + _DOUBT * doubts, box))
        boxes.sort(key=lambda found: found[0])
        return any(self._write(name, box, size=size, soft=False) for _, box in boxes)

    def _others(self, box: Box, left: float, low: float) -> int:
        """Count the other places that a box stands beside."""
        near = (box[0] - _BESIDE, box[1] - _BESIDE, box[2] + _BESIDE, box[3] + _BESIDE)
        return sum(
            near[0] < x < near[2] and near[1] < y < near[3] and math.hypot(x - left, y - low) > _BESIDE
            for x, y in self._spots
        )

    def _hidden(self, box: Box) -> float:
        """Give how much of the lines a box would cover."""
        return sum(
            width
            for x, y, width in self._lines
            if box[0] - width / 144 <= x <= box[2] + width / 144
            and box[1] - width / 144 <= y <= box[3] + width / 144
        )

    def centre(self, name: str, x: float, y: float, *, size: float) -> bool:
        """Write the name of a land or a sea around a data point, or near it, if there is room."""
        wide, tall = self._measure(name, size)
        left, low = self._inches(x, y)
        boxes: list[Box] = []
        for across, up in ((0, 0), *_SIDES):
            x_0, y_0 = left + _ASIDE * across - wide / 2, low + _ASIDE * up - tall / 2
            boxes.append((x_0, y_0, x_0 + wide, y_0 + tall))
        # A small land that is full of names would be named elsewhere.
        if any(_overlap(boxes[0], other) for other in self._taken):
            return False
        boxes.sort(key=self._hidden)
        return any(self._write(name, box, size=size, soft=True) for box in boxes)

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
