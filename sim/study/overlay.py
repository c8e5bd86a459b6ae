"""A calibration as a scenario file: an overlay that says what was found, in the form its base is written in.

Gives plain values; whoever keeps them writes the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.errors import UsageError
from sim.scenario import Scenario, load
from sim.scenario.composition import ELEMENTS, LISTS
from sim.scenario.forms import Law, Value, read_law
from sim.scenario.nodes import Node
from sim.scenario.show import between
from sim.study.factors import Dial, Factor
from sim.study.fit import Fit, FreeParameter
from sim.units import UnitError, split


def overlay(
    scenario: Scenario, factors: tuple[Factor, ...], fit: Fit, *, study: str, cost: str
) -> dict[str, Any]:
    """Give the overlay of a calibration.

    Args:
        scenario: what was calibrated; the overlay extends its file.
        factors: the free parameters.
        fit: what was found.
        study: name of the study, which becomes the provenance of every value.
        cost: how much was simulated, in words.

    Returns:
        A scenario file as plain values; laws, levers and scales of the base are kept, and with them what the
        scenario changes of its file.

    Raises:
        UsageError: an overlay cannot say what the scenario changes of its file.
    """
    fitted = [row for row in fit.targets if row.role == "fitted"]
    tree: dict[str, Any] = {
        "extends": scenario.path.name,
        "title": f"{scenario.document.title}, calibrated",
        "summary": _summary(fit, study=study, cost=cost),
        **changes_of_file(scenario),
    }
    for factor, found, place in zip(factors, fit.parameters, fit.place.tolist(), strict=True):
        because = (
            f"calibrated to {len(fitted)} targets; {found.verdict}, {fit.confidence:.0%} interval "
            f"within {found.range_low:.6g} to {found.range_high:.6g} {found.unit}".rstrip()
        )
        for dial in factor.dials:
            _put(tree, *_value(scenario, dial, found, factor, place, because=because, study=study))
    return tree


def changes_of_file(scenario: Scenario) -> dict[str, Any]:
    """Give what a scenario says beyond the file that it was loaded from, as an overlay of that file says it.

    Raises:
        UsageError: an overlay cannot say it: something was removed, or holds without being written.
    """
    was, now = load(scenario.path).source.body, scenario.source.body
    tree: dict[str, Any] = {}
    lost = [change.path for change in scenario.source.varied]
    for path, (_, value) in between(was, now).items():
        section, _, rest = path.partition(".")
        if section in LISTS or section in ("title", "summary"):
            continue
        known = was.get(section)
        if value is None:
            lost.append(path)
        elif section in ELEMENTS and (known is None or known.get(rest.partition(".")[0]) is None):
            _put(tree, f"add.{path}", value)
        else:
            _put(tree, path, value)
    for section in LISTS:
        old, new = ([] if body.get(section) is None else body[section].data() for body in (was, now))
        if new[: len(old)] != old:
            lost.append(section)
        elif new != old:
            tree[section] = new[len(old) :]
    if lost:
        message = (
            f"an overlay of {scenario.path.name} cannot say all that was changed of it: {', '.join(lost)}; "
            "write the changes into a scenario file that extends it, and calibrate that"
        )
        raise UsageError(message)
    return tree


def _summary(fit: Fit, *, study: str, cost: str) -> str:
    """Say how the values were found, and which of them the targets tell."""
    fitted = sum(row.role == "fitted" for row in fit.targets)
    held = len(fit.targets) - fitted
    told = {
        verdict: [row.factor for row in fit.parameters if row.verdict == verdict]
        for verdict in ("identified", "weakly identified", "not identified")
    }
    words = [
        f"Values found by {study} ({cost}), fitted to {fitted} targets"
        + (f" and judged by {held} others." if held else "."),
        *(f"{verdict.capitalize()}: {', '.join(names)}." for verdict, names in told.items() if names),
    ]
    if told["not identified"]:
        # Put back to the base beside the others' new values it would be a place that was never tried.
        words.append(
            "What is not identified is drawn to the base only weakly: its value is that of the fit, goes "
            "with the others, and is no finding."
        )
    return " ".join(words)


def _put(tree: dict[str, Any], path: str, content: Any) -> None:
    *parents, last = path.split(".")
    here = tree
    for part in parents:
        here = here.setdefault(part, {})
    if isinstance(content, Mapping) and isinstance(here.get(last), dict):
        here[last].update(content)
    else:
        here[last] = content


def _value(
    scenario: Scenario,
    dial: Dial,
    found: FreeParameter,
    factor: Factor,
    place: float,
    *,
    because: str,
    study: str,
) -> tuple[str, Any]:
    """Give the path and the content that turn a parameter to what was found."""
    first = factor.dials[0]
    shares = [first.share(end) for end in (found.low, found.high)]
    values = [dial.at(place), dial.at(shares[0]), dial.at(shares[1])]
    low, high = min(values[0], values[1]), max(values[0], values[2])
    node = scenario.source.root.get(*dial.path.split("."))
    times = _levers(scenario, node, dial)
    told: dict[str, Any] = {
        "assume": _text(values[0] / times, dial.unit),
        "range": [_text(low / times, dial.unit), _text(high / times, dial.unit)],
        "because": because,
        "calibrated": study,
    }
    scale = None if node is None else node.get("scale")
    if (
        dial.scaled
        and node is not None
        and scale is not None
        and {"assume", "value", "seed"} & set(node.value)
    ):
        # A value that is given anew goes without its scale unless that is written beside it.
        told["scale"] = scale.data()
    if node is None or (isinstance(node.value, dict) and not {"triangular", "uniform"} & set(node.value)):
        return dial.path, told
    law = _law(node)
    if law is None or law.kind == "bare":
        return dial.path, told
    if law.points:
        ratio = values[0] / dial.base if dial.base else 1.0
        points = [_point(point, ratio) for point in law.points]
        return dial.path, {law.kind: points}
    long: dict[str, Any] = {"mean": told}
    if law.family not in (None, "gamma"):
        long["shape"] = law.family
    if law.cv is not None:
        long["cv"] = law.cv.literal
    return dial.path, long


def _law(node: Node) -> Law | None:
    from pydantic_core import PydanticCustomError

    try:
        return read_law(node.data())
    except PydanticCustomError:
        return None


def _point(point: Value, ratio: float) -> str | float:
    """Scale one point of a law."""
    if isinstance(point.literal, float):
        return point.literal * ratio
    try:
        number, unit = split(str(point.literal))
    except UnitError:
        return str(point.literal)
    return _text(number * ratio, unit)


def _levers(scenario: Scenario, node: Node | None, dial: Dial) -> float:
    """Give what levers and scales multiply the written value by; the overlay writes them beside it."""
    if not dial.scaled or node is None or not isinstance(node.value, dict):
        return 1.0
    written = node.get("assume") or node.get("value")
    if written is not None:
        try:
            number = float(written.value) if not isinstance(written.value, str) else split(written.value)[0]
        except UnitError:
            return 1.0
        return dial.base / number if number else 1.0
    reference = node.get("seed")
    seeds = scenario.source.seeds
    if reference is None or seeds is None:
        return 1.0
    figure = seeds.figure(str(reference.value))
    return dial.base / figure.value if figure.value else 1.0


def _text(number: float, unit: str) -> str | float:
    rounded = float(f"{number:.10g}")
    return f"{rounded:.10g} {unit}" if unit else rounded
