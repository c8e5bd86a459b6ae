"""`corridor show` and `corridor explain`: the resolved scenario, and where every number in it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

import click

from sim.cli.options import debug_option, format_option, set_option

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.scenario.sources import Provenance

T = TypeVar("T")


@click.command()
@click.argument("file", metavar="FILE", required=False)
@click.argument("path", metavar="[PATH]", required=False)
@click.option("--diff", is_flag=True, help="What differs from the scenario it extends.")
@click.option("--sources", is_flag=True, help="Every parameter with its value, source, range and confidence.")
@click.option("--assumptions", is_flag=True, help="The parameters that rest on an assumption.")
@click.option("--schema", is_flag=True, help="The JSON Schema of a scenario file, for editors.")
@set_option
@format_option
@debug_option
def show(
    file: str | None,
    path: str | None,
    diff: bool,
    sources: bool,
    assumptions: bool,
    schema: bool,
    overrides: tuple[str, ...],
    form: str,
) -> None:
    """Show a scenario as it will be simulated, or what is below PATH."""
    if sum((diff, sources, assumptions, schema)) > 1:
        message = "--diff, --sources, --assumptions and --schema ask for different things; give one"
        raise click.UsageError(message)
    if schema:
        from sim.cli.output import as_json
        from sim.scenario import json_schema

        click.echo(as_json(json_schema()))
        return
    if file is None:
        message = "which FILE?"
        raise click.UsageError(message)
    scenario = _loaded(file, overrides)
    if diff:
        _tell_differences(scenario, path, form=form)
    elif sources or assumptions:
        _tell_sources(scenario, path, assumptions=assumptions, form=form)
    else:
        _tell_resolved(scenario, path, form=form)


@click.command()
@click.argument("file", metavar="FILE")
@click.argument("path", metavar="[PATH]", required=False)
@set_option
@format_option
@debug_option
def explain(file: str, path: str | None, overrides: tuple[str, ...], form: str) -> None:
    """Say where each number of a scenario comes from."""
    _tell_sources(_loaded(file, overrides), path, assumptions=False, form=form)


def _loaded(file: str, overrides: tuple[str, ...]) -> Scenario:
    from sim.cli.work import refuse_studies
    from sim.verbs import load

    refuse_studies([file])
    return load(file, overrides=overrides)


def _tell_resolved(scenario: Scenario, path: str | None, *, form: str) -> None:
    from sim.cli.output import as_json
    from sim.store.runs import as_yaml

    tree: object = scenario.resolved()
    for key in (path or "").split("."):
        if key:
            tree = _below(tree, key, path or "")
    if form == "json":
        click.echo(as_json(tree))
    elif isinstance(tree, Mapping):
        click.echo(as_yaml(tree), nl=False)
    else:
        click.echo(as_yaml({str(path): tree}), nl=False)


def _below(tree: object, key: str, path: str) -> object:
    if isinstance(tree, Mapping) and key in tree:
        return tree[key]
    from difflib import get_close_matches

    near = get_close_matches(key, list(map(str, tree)), n=1) if isinstance(tree, Mapping) else []
    message = f"nothing at {path}: no {key}" + (f"; did you mean {near[0]}?" if near else "")
    raise click.UsageError(message)


def _tell_differences(scenario: Scenario, path: str | None, *, form: str) -> None:
    from sim.cli.output import as_json, table

    found = _asked_for(scenario.differences(), path)
    if form == "json":
        click.echo(as_json({where: {"base": was, "here": now} for where, (was, now) in found.items()}))
        return
    if not found:
        click.echo(
            f"{scenario.name} differs from its base in nothing" if scenario.base else "there is no base"
        )
        return
    rows = [[where, _short(was), _short(now)] for where, (was, now) in found.items()]
    click.echo(table(["", "in its base", f"in {scenario.name}"], rows))


def _tell_sources(scenario: Scenario, path: str | None, *, assumptions: bool, form: str) -> None:
    from sim.cli.output import as_json, table

    told = {
        where: each
        for where, each in sorted(scenario.provenance.items())
        if not assumptions or each.kind == "assumption"
    }
    found = _asked_for(told, path)
    if form == "json":
        click.echo(as_json({where: _facts(each) for where, each in found.items()}))
        return
    if not found:
        click.echo(f"no assumption in {scenario.name}" if assumptions else f"no parameter in {scenario.name}")
        return
    header = ["parameter", "value", "from", "range", "confidence", "because" if assumptions else "written at"]
    rows = [
        [
            where,
            _amount(each.value, each.unit),
            each.source or each.kind,
            "" if each.low is None or each.high is None else f"{each.low:g} … {each.high:g}",
            each.confidence or "",
            (each.because or "") if assumptions else str(each.where or ""),
        ]
        for where, each in found.items()
    ]
    click.echo(table(header, rows))


def _asked_for(found: Mapping[str, T], path: str | None) -> dict[str, T]:
    """Choose what is asked for: whole parts of dotted paths, or else any piece of their text."""
    if not path:
        return dict(found)
    chosen = {where: each for where, each in found.items() if f".{path}." in f".{where}."}
    chosen = chosen or {where: each for where, each in found.items() if path in where}
    if not chosen:
        from difflib import get_close_matches

        names = {where.rsplit(".", count)[0] for where in found for count in range(4)}
        names |= {part for where in found for part in where.split(".")}
        near = get_close_matches(path, sorted(names), n=1, cutoff=0.5)
        message = f"nothing at {path}" + (f"; did you mean {near[0]}?" if near else "")
        raise click.UsageError(message)
    return chosen


def _facts(each: Provenance) -> dict[str, object]:
    return {
        "value": each.value,
        "unit": each.unit,
        "kind": each.kind,
        "source": each.source,
        "low": each.low,
        "high": each.high,
        "confidence": each.confidence,
        "because": each.because,
        "levers": list(each.levers),
        "where": str(each.where) if each.where else None,
    }


def _amount(value: float, unit: str) -> str:
    return f"{value:g} {unit}".strip()


def _short(value: object) -> str:
    text = _told(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _told(value: object) -> str:
    """Tell a value as one would write it to a colleague: number, where it is from, what it is scaled by."""
    if isinstance(value, Mapping) and ("assume" in value or "seed" in value):
        scale = f" × {value['scale']}" if "scale" in value else ""
        how = "calibrated" if value.get("calibrated") else "assumed"
        told = f"{value['assume']} {how}" if "assume" in value else str(value["seed"])
        return told + scale
    if isinstance(value, Mapping):
        parts = {key: each for key, each in value.items() if key not in ("range", "because")}
        mean = [_told(parts.pop("mean"))] if "mean" in parts else []
        return ", ".join([*mean, *(f"{key} {_told(each)}" for key, each in parts.items())])
    return "–" if value is None else str(value)
