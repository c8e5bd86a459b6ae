"""Put the baseline beside what was observed in 2024, into docs/validation.md.

Usage: python docs/make_baseline_table.py RUN_FOLDER      (of `corridor run baseline`)

Each row joins a figure of `seeds/` and a function of the run's tables, one value for each replication.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from make_validation import ROOT, replace
from ruamel.yaml import YAML

from sim.scenario.figures import Figure
from sim.scenario.seeds import load_seeds
from sim.statistics import t_interval
from sim.store.manifest import read_manifest
from sim.store.tables import read_frame

sys.path[:0] = [str(ROOT / "tests" / "golden")]
from test_baseline_volumes import OIL, PUBLISHED, SCOPES  # noqa: E402

NOVEMBER, DECEMBER = 305 * 24, 335 * 24
CHINA = ("china-xian-west", "china-chengdu-altynkol-west", "china-chengdu-dostyk-west")
SPENT = ["waiting", "service", "running", "blocked"]


class Baseline:
    """The tables of a stored run; every method gives one value for each replication."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = read_manifest(folder)

    @cached_property
    def kpis(self) -> dict[tuple[str, str, str], pd.Series]:
        """Values by KPI, subject and unit."""
        table = read_frame(self.folder / "kpis.parquet").set_index("replication")
        grouped = table.groupby(["kpi", "subject", "unit"], observed=True)["value"]
        return {(str(kpi), str(of), str(unit)): values for (kpi, of, unit), values in grouped}

    @cached_property
    def breakdown(self) -> pd.DataFrame:
        """Mean hours of each route and step."""
        table = read_frame(self.folder / "breakdown.parquet")
        return table.assign(route=table["route"].astype(str), step=table["step"].astype(str))

    @cached_property
    def scenario(self) -> dict[str, Any]:
        """The scenario as it was run."""
        found: dict[str, Any] = YAML(typ="safe").load(self.folder / "scenario.yaml")
        return found

    def total(self, subjects: Iterable[str], unit: str, *, kpi: str = "throughput") -> pd.Series:
        """Add up a KPI over subjects; what does not carry the unit counts nothing."""
        return sum((self.kpis.get((kpi, subject, unit), 0.0) for subject in subjects), start=0.0)

    def flows(self, names: Iterable[str], unit: str) -> pd.Series:
        """Add up what flows delivered, per year."""
        return self.total([f"flow/{name}" for name in names], unit)

    def at_alat(self, measure: str, lines: set[str]) -> pd.Series:
        """Count wagons or trucks of the flows that cross by some lines."""
        found: Any = 0.0
        for name, flow in self.scenario["flows"].items():
            first = next(iter(flow["choice"].get("shares", ())), None)
            if first is not None and lines & set(self.steps(first)):
                size = float(str(flow["consignment"][measure]).split()[0])
                found = found + size * self.total([f"flow/{name}"], "consignments", kpi="delivered")
        return found  # type: ignore[no-any-return]

    def steps(self, route: str) -> list[str]:
        """Give the steps of a route."""
        given = self.scenario["routes"][route]
        return self.steps(given["reverse"]) if "reverse" in given else given.get("steps", [])

    def section(self, route: str, first: str, last: str | None = None) -> pd.Series:
        """Add up the mean time of a route's steps, days."""
        table = self.breakdown[self.breakdown["route"] == f"route/{route}"]
        place = dict(zip(table["step"], table["ordinal"], strict=True))
        end = place[last] if last else max(place.values())
        table = table[table["ordinal"].between(place[first], end)]
        return table.set_index("replication")[SPENT].sum(axis=1).groupby("replication").sum() / 24

    def closed(self, subject: str) -> pd.Series:
        """Share of November and December in which a port was closed."""
        table = read_frame(self.folder / "series.parquet")
        chosen = (table["series"] == "closed_share") & (table["subject"] == subject)
        table = table[chosen & (table["time"] >= NOVEMBER)].set_index("replication")
        days = table["time"].map(lambda time: 30 if time < DECEMBER else 31)
        return (table["value"] * days).groupby("replication").sum() / 61


Row = tuple[str, str, str, Callable[[Baseline], pd.Series]]

ROWS: tuple[Row, ...] = (
    (PUBLISHED["A"], "cargo of the whole route (A)", "Mt", lambda run: run.flows(SCOPES["A"][0], "Mt/yr")),
    (PUBLISHED["P"], "over Aktau and Kuryk (P)", "Mt", lambda run: run.flows(SCOPES["P"][0], "Mt/yr")),
    (PUBLISHED["R"], "on Kazakh railways (R)", "Mt", lambda run: run.flows(SCOPES["R"][0], "Mt/yr")),
    ("land/titr-teu-2024", "boxes of the route", "TEU", lambda run: run.flows(SCOPES["A"][0], "TEU/yr")),
    ("land/titr-teu-china-2024", "boxes from China", "TEU", lambda run: run.flows(CHINA, "TEU/yr")),
    (
        "land/khorgos-teu-titr-2024",
        "of these by Khorgos",
        "TEU",
        lambda run: run.flows(CHINA[:2], "TEU/yr"),
    ),
    (
        "land/block-trains-2024-received-ady",
        "trains from China received",
        "trains",
        lambda run: run.total([f"flow/{name}" for name in CHINA], "consignments", kpi="delivered"),
    ),
    (
        "sea/kmtf-teu-2024",
        "boxes Aktau – Alat, of one owner; model: all",
        "TEU",
        lambda run: run.total(["line/aktau-alat-feeder"], "TEU/yr"),
    ),
    (
        "sea/baku-throughput-2024-teu",
        "boxes at Alat",
        "TEU",
        lambda run: run.total(["facility/alat-terminal"], "TEU/yr"),
    ),
    (
        "sea/baku-units-2024-wagons",
        "wagons at Alat",
        "wagons",
        lambda run: run.at_alat("wagons", {"kuryk-alat-rail", "turkmenbashi-alat-rail"}),
    ),
    (
        "sea/baku-units-2024-trucks",
        "trucks at Alat",
        "trucks",
        lambda run: run.at_alat("trucks", {"kuryk-alat-roro", "turkmenbashi-alat-roro"}),
    ),
    (
        "land/titr-trucks-2024",
        "trucks Kuryk – Alat",
        "trucks",
        lambda run: run.at_alat("trucks", {"kuryk-alat-roro"}),
    ),
    ("oil/cpc-2024", "CPC", "Mt", lambda run: run.total(["facility/cpc"], "Mt/yr")),
    (
        "oil/route-samara-2024",
        "Atyrau – Samara",
        "Mt",
        lambda run: run.total(["facility/atyrau-samara"], "Mt/yr"),
    ),
    (
        "oil/route-btc-2024",
        "Kazakh crude Aktau – Sangachal",
        "Mt",
        lambda run: run.total(["line/aktau-sangachal-tanker"], "Mt/yr"),
    ),
    ("oil/btc-flow-2024", "BTC, all origins", "Mt", lambda run: run.total(["facility/btc"], "Mt/yr")),
    (
        "oil/kz-exp-2024",
        "Kazakh crude exports",
        "Mt",
        lambda run: run.flows(OIL["seeds/oil/kz-exp-2024"], "Mt/yr"),
    ),
    (
        "sea/kuryk-closed-novdec-2024",
        "Kuryk closed, November and December",
        "share",
        lambda run: run.closed("port/kuryk"),
    ),
    (
        "land/transit-kz-section-2023",
        "Kazakh section: border to Aktau terminal, as of 2023",
        "d",
        lambda run: run.section("xian-absheron", "facility/altynkol-border", "facility/aktau-terminal"),
    ),
    (
        "land/transit-altynkol-absheron-schedule",
        "Altynkol – Absheron, timetable",
        "d",
        lambda run: run.section("xian-absheron", "facility/altynkol-border"),
    ),
    (
        "land/transit-altynkol-poti-schedule",
        "Altynkol – Poti, timetable",
        "d",
        lambda run: run.section("xian-poti", "facility/altynkol-border"),
    ),
    (
        "land/transit-altynkol-constanta-schedule",
        "Altynkol – Constanța, timetable",
        "d",
        lambda run: run.section("xian-constanta", "facility/altynkol-border"),
    ),
    (
        "land/transit-xian-baku-daily-service",
        "Xi'an – Absheron, as advertised",
        "d",
        lambda run: run.total(["route/xian-absheron"], "h", kpi="transit_time.mean") / 24,
    ),
)
"""Figure, what it is of, unit of both, and how the run says it."""


def number(value: float) -> str:
    """Write a number with four digits at least."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def observed(figure: Figure) -> str:
    """Write a figure with its range."""
    assert figure.value is not None, figure.ref
    told = number(figure.value)
    ends = [number(end) for end in (figure.low, figure.high) if end is not None]
    return f"{told} [{', '.join(ends)}]" if ends else told


def main() -> None:
    """Rewrite the table."""
    run, book = Baseline(Path(sys.argv[1])), load_seeds()
    done = run.manifest["replications"]["finished"]
    confidence = float(run.manifest["confidence"])
    title, seed, digest = (run.manifest[key] for key in ("title", "seed", "hash"))
    lines = [
        f"{title}: {done} replications, seed {seed}, hash `{digest}`, {confidence:.0%} intervals.",
        "",
        "| figure | of | observed | simulated | interval | ratio | use |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for reference, words, unit, say in ROWS:
        figure = book.figure(reference if reference.startswith("seeds/") else f"seeds/{reference}")
        values = say(run).dropna()
        found = t_interval(list(values), confidence)
        assert figure.value is not None, figure.ref
        cells = (
            f"`{figure.ref}`",
            words,
            f"{observed(figure)} {unit}",
            number(found.mean),
            f"{number(found.low)} – {number(found.high)}",
            f"{found.mean / figure.value:.2f}",
            figure.use or "",
        )
        lines.append(f"| {' | '.join(cells)} |")
    replace("baseline", lines)


if __name__ == "__main__":
    main()
