"""Put the fit to 2024 into README.md and docs/calibration.md, from the calibration kept in results/reference.

Usage: python docs/make_fit.py [STUDY_FOLDER]

Nothing is simulated. With the folder that `corridor calibrate scenarios/studies/fit-to-2024.yaml` left, its
small tables are first kept in results/reference, and its overlay as scenarios/baseline-2024-calibrated.yaml.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import sim
from sim.report.names import Names
from sim.report.study_words import figure_words, parameter
from sim.scenario.seeds import load_seeds

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "results" / "reference"
README, PAGE = ROOT / "README.md", ROOT / "docs" / "calibration.md"
OVERLAY = ROOT / "scenarios" / "baseline-2024-calibrated.yaml"
SCENARIO = "baseline"
KEPT = ("manifest.json", "study.yaml", "fit.csv", "parameters.csv")
FIGURES = ("observed-simulated.png", "parameters.png")

Row = dict[str, str]


def stored() -> Path:
    """Give the folder of the calibration that is kept."""
    (folder,) = REFERENCE.glob(f"calibration-{SCENARIO}-*")
    return folder


def rows(folder: Path, name: str) -> list[Row]:
    """Read one of its tables."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def number(value: float) -> str:
    """Write a number with three digits at least."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:#.3g}".rstrip(".")


def width(value: float) -> str:
    """Write half of an interval, or a tolerance, with two digits at least."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.2g}".rstrip(".")


def sources() -> list[tuple[str, ...]]:
    """Give the figures behind each target, in the order of the scenario."""
    scenario, book = sim.load(SCENARIO), load_seeds()
    found = []
    for place in range(len(scenario.document.targets)):
        note = scenario.provenance[f"targets.{place}.observed"]
        named = [note.source] if note.source else re.findall(r"seeds/[\w/-]+", note.because or "")
        found.append(tuple(book.figure(each).ref for each in named))
    return found


def in_days(row: Row) -> tuple[float, str]:
    """Give factor and unit in which a target is shown: long times in days."""
    long = row["unit"] == "h" and float(row["observed"]) >= 48
    return (1 / 24, "d") if long else (1.0, row["unit"])


def fit_table(folder: Path, *, full: bool) -> Iterator[str]:
    """Write observed against simulated; in full with sources and what the other targets say."""
    names = Names(sim.load(SCENARIO).resolved())
    head = ["target", "observed", "baseline", "calibrated", "ratio", "within tolerance", "used"]
    if full:
        head = [head[0], "source", *head[1:], "from the others"]
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join(['---'] * len(head))} |"
    for row, cited in zip(rows(folder, "fit"), sources(), strict=True):
        scale, unit = in_days(row)
        value = {
            key: scale * float(row[key])
            for key in (
                "observed",
                "tolerance",
                "before",
                "simulated",
                "low",
                "high",
                "without",
                "without_sd",
            )
        }
        half = (value["high"] - value["low"]) / 2
        spread = value["without_sd"]
        miss = float(row["miss"])
        cells = [
            figure_words(row["kpi"], row["subject"], names),
            f"{number(value['observed'])} ± {width(value['tolerance'])} {unit}",
            number(value["before"]),
            f"{number(value['simulated'])} ± {width(half)}",
            f"{value['simulated'] / value['observed']:.2f}",
            f"{'yes' if abs(miss) <= 1 else 'no'} ({miss:+.1f})",
            row["role"],
        ]
        if full:
            cells.insert(1, ", ".join(f"`{each.removeprefix('seeds/')}`" for each in cited))
            cells.append(f"{number(value['without'])} ± {width(spread)}")
        yield f"| {' | '.join(cells)} |"


def parameter_table(folder: Path) -> Iterator[str]:
    """Write what was found of each free parameter."""
    names = Names(sim.load(SCENARIO).resolved())
    yield "| parameter | range | baseline | found | interval | the targets |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for row in rows(folder, "parameters"):
        low, high, base, value = (
            number(float(row[key])) for key in ("range_low", "range_high", "base", "value")
        )
        ends = f"{number(float(row['low']))} – {number(float(row['high']))}"
        told = row["verdict"]
        if row["traded_with"]:
            told += f", traded with {parameter(row['traded_with'], names)}"
        title = f"{parameter(row['factor'], names)} (`{row['factor']}`)"
        span = f"{low} – {high} {row['unit']}".rstrip()
        yield f"| {title} | {span} | {base} | {value} | {ends} | {told} |"


def made(folder: Path) -> str:
    """Say how the calibration was made."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    trials = manifest["asked"]["trials"]
    inside = {
        key: sum(abs(float(row[key]) - float(row["observed"])) <= float(row["tolerance"]) for row in fitted)
        for fitted in [rows(folder, "fit")]
        for key in ("before", "simulated")
    }
    count, confidence = manifest["replications"], manifest["confidence"]
    table = rows(folder, "fit")
    return (
        f"{trials} points × {count} replications of seed {manifest['seed']}, {manifest['engine']} engine; "
        f"then, on {count} replications that nothing was fitted to, {inside['simulated']} of {len(table)} "
        f"targets lie within their tolerance, {inside['before']} before. Half-widths are of "
        f"{confidence:.0%} intervals."
    )


def replaced(text: str, name: str, lines: list[str]) -> str:
    """Put lines between the marks of a table."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    body = "\n".join([begin, "", *lines, "", end])
    changed, count = re.subn(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: body, text, flags=re.DOTALL)
    if count != 1:
        message = f"{count} places for the table {name}"
        raise SystemExit(message)
    return changed


def pages() -> dict[Path, str]:
    """Give the pages with their tables made anew."""
    folder = stored()
    page = PAGE.read_text(encoding="utf-8")
    picture = f"../{(folder / 'figures' / FIGURES[0]).relative_to(ROOT).as_posix()}"
    page = replaced(page, "made", [made(folder), "", f"![Observed against simulated]({picture})"])
    page = replaced(page, "fit", list(fit_table(folder, full=True)))
    page = replaced(page, "parameters", list(parameter_table(folder)))
    readme = README.read_text(encoding="utf-8")
    return {PAGE: page, README: replaced(readme, "fit", [made(folder), "", *fit_table(folder, full=False)])}


def keep(study: Path) -> None:
    """Keep the small tables and pictures of a calibration, and its overlay as a scenario."""
    for old in REFERENCE.glob(f"calibration-{SCENARIO}-*"):
        shutil.rmtree(old)
    folder = REFERENCE / study.name
    (folder / "figures").mkdir(parents=True)
    for name in KEPT:
        shutil.copyfile(study / name, folder / name)
    for name in FIGURES:
        shutil.copyfile(study / "figures" / name, folder / "figures" / name)
    shutil.copyfile(study / f"{SCENARIO}-calibrated.yaml", OVERLAY)


def main() -> None:
    """Keep a study if one is given, and rewrite the tables."""
    if len(sys.argv) > 1:
        keep(Path(sys.argv[1]))
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
