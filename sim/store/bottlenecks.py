"""The ranking of bottlenecks in a run's folder: `bottleneck.csv`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sim.store.tables import write_csv

if TYPE_CHECKING:
    from sim.study.bottleneck import Gain

FILE: Final = "bottleneck.csv"
FIGURE: Final = "bottleneck"
COLUMNS: Final = (
    "subject",
    "one_more",
    "parameter",
    "n",
    "more",
    "low",
    "high",
    "more_boxes",
    "boxes_low",
    "boxes_high",
    "fewer_waiting",
    "waiting_share",
    "usd_per_year",
    "usd_per_extra_tonne",
    "price_source",
)
"""`more` with its bounds is Mt/yr, `more_boxes` TEU/yr, `fewer_waiting` a mean number of consignments."""


def write_bottlenecks(folder: Path, gains: Sequence[Gain]) -> Path:
    """Write a ranking, the most useful unit first."""
    nan = float("nan")
    rows = [
        (
            gain.one.subject,
            gain.one.words,
            gain.one.path,
            gain.more.n,
            gain.more.mean,
            gain.more.low,
            gain.more.high,
            *((gain.boxes.mean, gain.boxes.low, gain.boxes.high) if gain.boxes else (nan, nan, nan)),
            gain.shorter.mean,
            gain.waiting,
            gain.price,
            gain.per_tonne,
            gain.source,
        )
        for gain in gains
    ]
    return write_csv(folder / FILE, COLUMNS, rows)
