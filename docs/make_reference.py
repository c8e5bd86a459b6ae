"""Write the pages of docs/reference/ from the schema, the vocabulary and the command line.

Usage: python docs/make_reference.py [--check]

With --check nothing is written; exit code 1 says that a page is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import fields
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import click
from pydantic_core import PydanticUndefined
from reference_words import MORE_FINDINGS, ROWS, SECTIONS, TABLES, UNITS, VALUES, column

from sim import units
from sim.cli.main import COMMANDS, cli
from sim.measure import series
from sim.scenario import dynamic, schema, schema_demand, study_file
from sim.scenario import schema_types as forms
from sim.scenario.findings import FINDINGS
from sim.scenario.schema_json import _docstrings
from sim.scenario.vocabulary import KPIS
from sim.store.query import PARQUET, RUNS, tables

HERE: Final = Path(__file__).resolve().parent
PAGES: Final[dict[str, Callable[[], str]]] = {}
NOTICE: Final = "<!-- Written by docs/make_reference.py; do not edit. -->"

FORMS: Final = {
    forms.Q: "quantity",
    forms.R: "random quantity",
    forms.MonthlyQ: "monthly quantities",
    forms.MonthlyR: "monthly random quantities",
    forms.PricesForm: "price, or prices by measure",
    forms.Volume: "rate, or rates by year",
    forms.Rate: "random quantity, or a table",
    forms.Hours: "hours of the day",
    forms.DateText: "date",
    forms.MomentText: "date, or duration after the start",
    forms.Country: "two letters",
    forms.Latitude: "degrees",
    forms.Longitude: "degrees",
}
NO_BOUND: Final = 1e9
SIGNS: Final = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
PLAIN: Final = {str: "text", int: "whole number", float: "number", bool: "true or false", Any: "any"}


def page(function: Callable[[], str]) -> Callable[[], str]:
    """Register the writer of a page; its name is the file's."""
    PAGES[f"{function.__name__}.md"] = function
    return function


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table."""
    head = tuple(head)
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def document(title: str, *parts: str) -> str:
    """Join the parts of a page."""
    return "\n\n".join([f"# {title}", NOTICE, *(part for part in parts if part)]) + "\n"


def code(names: Iterable[str]) -> str:
    """Write names as code."""
    return ", ".join(f"`{name}`" for name in names)


# scenario files


def type_words(hint: Any) -> str:
    """Say what a key may hold."""
    for form, words in FORMS.items():
        if hint == form:
            return words
    if hint in PLAIN:
        return PLAIN[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if hasattr(hint, "__metadata__"):
        return type_words(inner[0])
    if origin is Literal:
        return " / ".join(f"`{value}`" for value in inner)
    if origin is dict:
        return f"{type_words(inner[1])}, by name"
    if origin is list:
        return f"list of {type_words(inner[0])}"
    if isinstance(hint, type):
        return "keys below"
    return ", or ".join(type_words(each) for each in inner if each is not NoneType)


def key_rows(model: Any) -> Iterable[tuple[str, str, str, str, str]]:
    """Give the rows of one model: key, type, unit, default, meaning."""
    words = _docstrings(sys.modules[model.__module__])
    told = {
        name: text for base in reversed(model.__mro__) for name, text in words.get(base.__name__, {}).items()
    }
    hints = get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        kind = type_words(hints[name])
        key = f"{model.__name__.removeprefix('Both').removesuffix('Model').removesuffix('File')}.{name}"
        quantity = any(word in kind for word in ("quantit", "price", "rate")) or key in UNITS
        if quantity:
            of, otherwise = UNITS[key]
            seen_units.add(key)
            bounds = of.bounds if of.low > -NO_BOUND and of.bounds != "at least 0" else ""
            unit = f"{of.words}; {bounds}" if bounds else of.words
        else:
            otherwise, unit = None, _limits(field)
        default = otherwise or _default(field)
        shown = f"`{field.alias or name}`" if name != "selector" else "*named by `rate.by`*"
        yield shown, kind, unit, default, told[name]


def _limits(field: Any) -> str:
    found = {name: getattr(each, name) for each in field.metadata for name in SIGNS if hasattr(each, name)}
    return ", ".join(f"{SIGNS[name]} {value:,}" for name, value in found.items() if value != 2**63)


def _default(field: Any) -> str:
    if field.is_required():
        return "**required**"
    value = field.default
    if value is None or value is PydanticUndefined or value in ("", ()):
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, schema_demand.ArrivalsModel):
        return f"`{value.kind}`"
    return "none" if isinstance(value, schema.Strict) else f"`{value}`"


seen_units: set[str] = set()
KEYS: Final = ("key", "type", "unit", "default", "meaning")


@page
def scenario() -> str:
    """Write the page on scenario files."""
    parts = [
        "A scenario is a YAML 1.2 file. Ids are kebab-case. `corridor show --schema FILE` gives the same as "
        "JSON Schema, for editors. What the keys do in the model is told in [methods](../methods.md).",
        "## Forms of values",
        table(("form", "written"), VALUES),
    ]
    models = {**vars(schema), **vars(schema_demand)}
    known = {
        name for name, each in models.items() if isinstance(each, type) and issubclass(each, schema.Strict)
    }
    missing = known - {"Strict"} - {name for _, name, _ in SECTIONS}
    if missing:
        message = f"SECTIONS in reference_words.py lacks {sorted(missing)}"
        raise SystemExit(message)
    for path, name, remark in SECTIONS:
        rows = table(KEYS, key_rows(models[name])) if name else ""
        parts += [f"## {path}", remark, rows]
    if set(UNITS) - seen_units:
        message = f"UNITS in reference_words.py has {sorted(set(UNITS) - seen_units)} too many"
        raise SystemExit(message)
    parts += [
        "## What may change in mid-run",
        "A timeline may `set`, `scale` or `add` to these, and to whatever follows a lever. A random quantity "
        "keeps its law.",
        table(("section", "below an id"), ((f"`{key}`", _tails(key)) for key in dynamic.DYNAMIC)),
        "A facility's rate selector, such as `moorings`, may change too. What must be more than 0 at the "
        "start stays so, but for a vessel's `capacity` and `payload_share`: 0 closes the line. A yard or a "
        "pool of 0 lets nothing in as long as it lasts, a buffer of 0 only what a server takes at once; more "
        "than 0, but less than a consignment, is a finding, but on the way there by a ramp. A bare 0 is 0 of "
        "any measure. `null` lifts a limit (`train_paths`, `buffer`, `yard`, `leaves.after`); elsewhere it "
        "is a finding, as is a factor below 0.",
    ]
    return document("Scenario files", *parts)


def _tails(section: str) -> str:
    if section == "levers":
        return "the lever itself"
    found = []
    for pattern in dynamic.DYNAMIC[section]:
        text = pattern.replace(dynamic._MONTH, "MONTH").replace("[a-z0-9-]+", "NAME").replace("\\.", ".")
        text = text.replace(r"\w+", "MEASURE").replace(r"\d+", "YEAR")
        found.append(re.sub(r"\(\?:([^()]*)\)\?", r"[\1]", text).replace("(?:", "("))
    return code(found)


@page
def study() -> str:
    """Write the page on study files."""
    said = (
        "A study file lies in `scenarios/studies/`; every flag of its command has a key in it, and a flag "
        "given on the command line wins."
    )
    words = _docstrings(study_file)["StudyModel"]
    hints = get_type_hints(study_file.StudyModel, include_extras=True)
    rows = (
        (f"`{name}`", type_words(hints[name]), _default(field), words[name])
        for name, field in study_file.StudyModel.model_fields.items()
    )
    return document("Study files", said, table(("key", "type", "default", "meaning"), rows))


@page
def units_() -> str:
    """Write the page on units."""
    by: dict[str, list[str]] = {}
    for name in units._names():
        by.setdefault(units.base_unit(units.unit(name).dimension) or "a plain number", []).append(name)
    said = (
        "A unit is a product of names joined by `/`, `*` or a space; `/` binds the one name that follows it; "
        "a name may have a whole exponent. A year of rates has 8,766 h. Currencies are not converted."
    )
    rows = ((f"`{base}`" if base != "a plain number" else base, code(names)) for base, names in by.items())
    return document("Units", said, table(("base unit", "names"), rows))


# findings, KPIs, commands, results


@page
def findings() -> str:
    """Write the page on findings."""
    said = (
        "A finding has a level (error, warning or note), a code, file, line and column, the path, what was "
        "expected and the nearest legal name. Codes are stable. Errors stop; warnings stop with `--strict`."
    )
    rows = ((f"`{name}`", words) for name, words in (FINDINGS | MORE_FINDINGS).items())
    return document("Findings", said, table(("code", "meaning"), rows))


@page
def kpis() -> str:
    """Write the page on KPIs and series."""
    said = (
        "A KPI with a statistic reads `name.statistic`, such as `transit_time.p90`. Quantiles are of type 7, "
        "sd has n − 1. Subjects read `flow/ID`, `route/ID`, `leg/ID`, `facility/ID`, `line/ID`, "
        "`port/ID/GROUP`, `port/ID` (its weather), `pool/ID`, `country/KZ`, `cargo/containers`, "
        "`cargo/dry`, `cargo/crude`, `total`. Times are hours; `corridor run` prints days "
        "where that reads better. *better* is what `--select` looks for and `certainty.csv` goes by, unless "
        "`--best` says otherwise."
    )
    rows = (
        (
            f"`{name}`",
            code(each.statistics) or "–",
            ", ".join(each.units),
            ", ".join(each.of),
            each.better,
            each.words,
        )
        for name, each in KPIS.items()
    )
    head = ("KPI", "statistics", "units", "of", "better", "meaning")
    over_time = table(("series", "unit"), ((f"`{name}`", unit) for name, unit in series.UNITS.items()))
    told = cleandoc(_after(series, "UNITS")).partition("\n\n")[2]
    return document("KPIs", said, table(head, rows), "## Series", told, over_time)


def _after(module: Any, name: str) -> str:
    text = Path(module.__file__).read_text(encoding="utf-8")
    found = re.search(rf"^{name}\b[^\n]*= .*?^\}}\n\"\"\"(.*?)\"\"\"", text, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


@page
def cli_() -> str:
    """Write the page on the command line."""
    parts = [
        cleandoc(cli.help or ""),
        "Also `python -m sim`. Exit codes: 0 well; 1 findings in the input; 2 wrong usage; 3 a run failed; "
        "130 interrupted.",
        table(("flag", "meaning"), _flags(cli)),
    ]
    context = click.Context(cli, info_name="corridor", **cli.context_settings)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        own = click.Context(command, info_name=name, parent=context)
        usage = " ".join(command.collect_usage_pieces(own))
        help_text = cleandoc(command.help or "").replace("\b\n", "")
        parts += [
            f"## corridor {name}",
            f"`corridor {name} {usage}`",
            help_text,
            table(("flag", "meaning"), _flags(command)),
        ]
    return document("Command line", *parts)


def _flags(command: click.Command) -> Iterable[tuple[str, str]]:
    context = click.Context(command, **cli.context_settings)
    for option in command.get_params(context):
        record = option.get_help_record(context) if isinstance(option, click.Option) else None
        if record is not None:
            flags, words = record
            yield f"`{flags}`", " ".join(words.split())


@page
def results() -> str:
    """Write the page on results."""
    have = {**PARQUET, "runs": dict(RUNS)}
    parts = [
        "`results/SCENARIO-HASH/` is a run, `compare-…`, `sweep-…`, `sensitivity-…` and `calibration-…` are "
        "studies. Every folder has `manifest.json` (what was asked, by which versions, with which warnings; "
        "of a run the closing statement and, under `expectations`, the answers to what its scenario claims) "
        "and `figures/`; runs and studies have `scenario.yaml`, the scenario "
        "as it was simulated, studies also `study.yaml`. `corridor query` and `sim.query` see the tables `"
        + "`, `".join(tables())
        + "`, each with a column `run`, the name of the folder; `studies` lists studies and comparisons.",
    ]
    for name, (file, words, _) in TABLES.items():
        columns = list(have.get(name, {"points": ["point"], "values": POINTS}.get(name, [])))
        rows = ((f"`{each}`", column(name, each)) for each in columns)
        parts += [f"## {name}", f"`{file}`. {words}", table(("column", "meaning"), rows)]
    for name, file, words, module, row in ROWS:
        made = getattr(import_module(module), row)
        told = _attributes(made)
        rows = ((f"`{field.name}`", told[field.name]) for field in fields(made))
        parts += [f"## {name}", f"`{file}`. {words}", table(("column", "meaning"), rows)]
    return document("Results", *parts)


POINTS: Final = ["point", "replication", "kpi", "subject", "value", "unit"]


def _attributes(made: type) -> dict[str, str]:
    """Read what a docstring says of each attribute."""
    section = cleandoc(made.__doc__ or "").partition("Attributes:\n")[2]
    pairs = re.findall(r"^ {4}(\w+): (.+?)(?=^ {4}\w|\Z)", section, re.DOTALL | re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in pairs}


def pages() -> dict[str, str]:
    """Give the text of every page by file name."""
    seen_units.clear()
    return {name.replace("_.", "."): write() for name, write in PAGES.items()}


def main() -> int:
    """Write the pages, or check them."""
    folder = HERE / "reference"
    folder.mkdir(exist_ok=True)
    stale = []
    for name, text in pages().items():
        file = folder / name
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            file.write_text(text, encoding="utf-8")
    for name in stale:
        print(f"docs/reference/{name}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
