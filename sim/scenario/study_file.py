"""Study files: what is varied, how, and what is watched. Every flag of a study's command has a key here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, ValidationError, field_validator

from sim.scenario.composition import Body, Composer
from sim.scenario.files import Tree, follow, locate, read_mapping, tree_of
from sim.scenario.findings import Findings
from sim.scenario.forms import refuse
from sim.scenario.nodes import Node, from_data
from sim.scenario.overrides import find
from sim.scenario.refusals import translate
from sim.scenario.schema import Strict
from sim.scenario.yaml_nodes import compose
from sim.units import UnitError, split

_SPAN = re.compile(r"^(?P<low>.+?)\s*\.\.\s*(?P<high>.+?)(?:\s*/\s*(?P<points>\d+))?$")
_MOST: Final = 10_000


@dataclass(frozen=True)
class Vary:
    """One parameter that a study varies.

    Attributes:
        path: its dotted path, or an unambiguous tail.
        kind: whether values are set, or scale what is there.
        values: the values, as they would be written.
        low: lower end of a span, in `unit`; None for a list.
        high: upper end of a span.
        unit: unit of the ends, '' for plain numbers.
    """

    path: str
    kind: Literal["set", "scale"]
    values: tuple[Any, ...]
    low: float | None = None
    high: float | None = None
    unit: str = ""


class StudyModel(Strict):
    """A study file."""

    study: Literal["compare", "sweep", "sensitivity", "calibrate"]
    """Which kind of study."""
    title: str | None = None
    """Title of its figures."""
    summary: str = ""
    """What it asks."""
    of: str | list[str]
    """The scenario, or the scenarios that are compared, the first of them the base."""
    vary: dict[str, Any] = Field(default_factory=dict)
    """What is varied: by path a list, {scale: […]}, {from, to, points} or "lo..hi/n"."""
    design: Literal["grid", "lhs", "sobol"] = "grid"
    """How points are laid."""
    points: int | None = Field(default=None, ge=1, le=1_000_000)
    """How many points."""
    method: Literal["morris", "sobol"] | None = None
    """Method of a sensitivity study."""
    over: list[str] = Field(default_factory=list)
    """Parameters of a sensitivity study; all with a range by default."""
    free: list[str] = Field(default_factory=list)
    """Parameters that calibration may change."""
    trials: int | None = Field(default=None, ge=1, le=1_000_000)
    """How many trials calibration makes."""
    hold_out: list[str] = Field(default_factory=list)
    """Targets that calibration does not see, and is judged by."""
    design_seed: int | None = Field(default=None, ge=0, lt=2**63)
    """Seed of where points lie."""
    bootstrap_seed: int | None = Field(default=None, ge=0, lt=2**63)
    """Seed of the bootstrap and of other draws of the analysis."""
    replications: int | None = Field(default=None, ge=1, le=1_000_000)
    """Replications of every point."""
    precision: float | None = Field(default=None, gt=0, lt=1)
    """Replicate until the half-width is that share of the mean."""
    confidence: float | None = Field(default=None, gt=0, lt=1)
    """Level of confidence."""
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    """Seed of the simulation."""
    watch: list[str] = Field(default_factory=list)
    """KPIs that are reported."""
    select: str | None = None
    """Of a comparison: choose the scenario that is best in this `kpi of subject`."""
    best: Literal["min", "max"] | None = None
    """Of a selection: whether the lowest or the highest is best."""
    delta: float | str | None = None
    """Of a selection: the smallest difference that matters."""
    budget: int | None = Field(default=None, ge=1)
    """Of a selection: replications of all scenarios together."""
    set: dict[str, Any] | list[str] = Field(default_factory=dict)
    """Overrides of every scenario in it."""
    engine: Literal["auto", "simpy", "compiled"] = "auto"
    """Which engine."""
    jobs: int | None = Field(default=None, ge=1, le=4096)
    """Processes."""
    cluster: str | None = None
    """Address of a running Dask scheduler."""
    out: str | None = None
    """Folder of results."""
    fresh: bool = False
    """Begin anew instead of going on with what is stored."""
    records: bool = False
    """Keep record tables."""
    figures: bool = True
    """Draw figures."""
    format: Literal["table", "json"] = "table"
    """How the answer is printed."""
    quiet: bool = False
    """Print no progress."""
    strict: bool = False
    """Let warnings stop the work."""
    debug: bool = False
    """Show the traceback of an error."""

    @field_validator("of", mode="after")
    @classmethod
    def _some(cls, of: str | list[str]) -> str | list[str]:
        if not of:
            refuse("missing-key", "a study of nothing", expected="a scenario file")
        return of


@dataclass(frozen=True)
class Study:
    """A study as read.

    Attributes:
        name: name of its file.
        path: its file.
        model: every key of it.
        scenarios: the scenario files it is about.
        vary: what is varied.
        root: the file as read, for places in findings.
    """

    name: str
    path: Path
    model: StudyModel
    scenarios: tuple[Path, ...]
    vary: tuple[Vary, ...]
    root: Node = field(repr=False)

    @property
    def overrides(self) -> tuple[str, ...]:
        """Its overrides as `--set` would give them; JSON is YAML too."""
        given = self.model.set
        if isinstance(given, Mapping):
            return tuple(f"{path}={json.dumps(value, ensure_ascii=False)}" for path, value in given.items())
        return tuple(given)


def load_study(path: str | Path) -> Study:
    """Read a study file.

    Args:
        path: its path, or the bare name of a file in `scenarios/studies/`.

    Raises:
        InputError: with all findings at once.
    """
    findings = Findings()
    found = locate(path, findings=findings, below="studies")
    study = None if found is None else _read(found, findings)
    findings.raise_errors()
    assert study is not None
    return study


def _read(path: Path, findings: Findings) -> Study | None:
    root = read_mapping(path, findings=findings)
    if root is None:
        return None
    try:
        model = StudyModel.model_validate(
            {key: each for key, each in root.data().items() if each is not None}
        )
    except ValidationError as errors:
        for error in errors.errors(include_url=False):
            translate(error, StudyModel, root, "", findings)
        return None
    _belongs(model, root, findings)
    tree = tree_of(path)
    of = root.value["of"]
    names = of.value if isinstance(of.value, list) else [of]
    scenarios = []
    for number, name in enumerate(names):
        at = f"of.{number}" if isinstance(of.value, list) else "of"
        one = follow(name, path.resolve(), tree, path=at, findings=findings)
        if one is not None:
            scenarios.append(one)
    vary = []
    written = root.get("vary")
    for key in model.vary:
        node = written.get(key) if written is not None else None
        made = None if node is None else read_vary(key, node, findings)
        if made is not None:
            vary.append(made)
    if scenarios and not findings.failed:
        _paths_exist(scenarios[0], tree_of(scenarios[0]), model, root, findings)
    return Study(path.stem, path, model, tuple(scenarios), tuple(vary), root)


def _belongs(model: StudyModel, root: Node, findings: Findings) -> None:
    """Check that the keys fit the kind of study."""
    needed = {"sweep": "vary", "calibrate": "free"}.get(model.study)
    if needed is not None and not getattr(model, needed):
        message = f"a {model.study} without '{needed}'"
        findings.add("missing-key", root, needed, message, expected=f"{needed}: …")
    if model.study == "compare" and (isinstance(model.of, str) or len(model.of) < 2):
        findings.add(
            "missing-key", root.nearest("of"), "of", "a comparison of one", expected="a list of two or more"
        )
    if model.study != "compare" and isinstance(model.of, list) and len(model.of) > 1:
        message = f"a {model.study} of several scenarios"
        findings.add("bad-value", root.nearest("of"), "of", message, expected="one scenario")
    if model.study == "sweep" and model.design != "grid" and model.points is None:
        message = f"a {model.design} design without points"
        findings.add("missing-key", root.nearest("design"), "points", message, expected="points: 64")
    owners = {
        "vary": ("sweep",),
        "design": ("sweep",),
        "points": ("sweep", "sensitivity"),
        "over": ("sensitivity",),
        "method": ("sensitivity",),
        "free": ("calibrate",),
        "trials": ("calibrate",),
        "hold_out": ("calibrate",),
        "design_seed": ("sweep", "sensitivity", "calibrate"),
        "bootstrap_seed": ("sensitivity", "calibrate"),
        "precision": ("compare", "sweep"),
        "records": ("compare",),
        "watch": ("compare", "sweep", "sensitivity"),
        "select": ("compare",),
        "best": ("compare",),
        "delta": ("compare",),
        "budget": ("compare",),
    }
    for key, kinds in owners.items():
        if key in model.model_fields_set and getattr(model, key) and model.study not in kinds:
            where = root.nearest(key).key_where
            message = f"'{key}' has no meaning in a study that is a {model.study}"
            findings.add("misplaced-key", where, key, message, expected=f"study: {' or '.join(kinds)}")


def _paths_exist(scenario: Path, tree: Tree, model: StudyModel, root: Node, findings: Findings) -> None:
    aside = Findings()
    body, _ = Composer(tree, aside).compose(scenario)
    if aside.failed:
        findings.extend(aside.sorted())
        return
    for section, paths in (("vary", list(model.vary)), ("over", model.over), ("free", model.free)):
        for number, path in enumerate(paths):
            node = root.nearest(section, path if section == "vary" else number)
            name = path.partition("=")[0].strip() if section == "free" else path
            # A figure, an element or a section turns all that it names; which these are shows when they are
            # looked up with their ranges.
            whole = name.startswith("seeds/") or ("." not in name and name in body) or _element(body, name)
            if section == "vary" or not whole:
                find(body, name, node, findings=findings)


def _element(body: Body, name: str) -> bool:
    section, _, key = name.partition(".")
    under = body.get(section)
    return under is not None and isinstance(under.value, dict) and key in under.value


def parse_vary(text: str) -> Vary:
    """Read `PATH=a,b,c`, `PATH=lo..hi/n` or `PATH=scale:a,b,c`, as the command line takes it.

    Args:
        text: the option's value.

    Raises:
        InputError: it is none of these.
    """
    findings = Findings()
    path, equals, rest = text.partition("=")
    file = f"--vary {path.strip()}"
    kind, colon, tail = rest.partition(":")
    scaled = bool(colon) and kind.strip() == "scale"
    raw = (tail if scaled else rest).strip()
    data: Any = raw
    if ".." not in raw:
        parts = compose(f"[{raw}]", file=file)
        findings.extend(parts.findings)
        data = [] if parts.root is None else parts.root.data()
    made = None
    if equals and path.strip() and raw:
        node = from_data({"scale": data} if scaled else data, file=file)
        made = read_vary(path.strip(), node, findings) if not findings.failed else None
    else:
        findings.add(
            "bad-value", from_data("", file=file), path, f"'{text}' varies nothing", expected="PATH=a,b,c"
        )
    findings.raise_errors()
    assert made is not None
    return made


def read_vary(path: str, node: Node, findings: Findings) -> Vary | None:
    """Read what one parameter is varied over.

    Args:
        path: its dotted path.
        node: a list, {scale: …}, {from, to, points} or "lo..hi/n".
        findings: gets what is wrong.
    """
    kind: Literal["set", "scale"] = "set"
    data = node.data()
    if isinstance(data, Mapping) and set(data) == {"scale"}:
        kind, data = "scale", data["scale"]
    if isinstance(data, list):
        if not data or any(isinstance(each, dict | list) or each is None for each in data):
            _no_values(path, node, findings)
            return None
        return Vary(path, kind, tuple(data))
    ends: tuple[Any, Any, Any] | None = None
    if isinstance(data, Mapping) and set(data) <= {"from", "to", "points"} and {"from", "to"} <= set(data):
        ends = data["from"], data["to"], data.get("points")
    elif isinstance(data, str) and (span := _SPAN.match(data.strip())) is not None:
        ends = span["low"], span["high"], None if span["points"] is None else int(span["points"])
    elif isinstance(data, str | int | float):
        return Vary(path, kind, (data,))
    made = None if ends is None else _spread(path, kind, ends)
    if made is None:
        _no_values(path, node, findings)
    return made


def _no_values(path: str, node: Node, findings: Findings) -> None:
    expected = 'a list, {scale: […]}, {from, to, points} or "lo..hi/n"'
    findings.add("bad-value", node, f"vary.{path}", f"'{path}' is varied over no values", expected=expected)


def _spread(path: str, kind: Literal["set", "scale"], ends: tuple[Any, Any, Any]) -> Vary | None:
    try:
        (low, unit_low), (high, unit_high) = (split(str(end)) for end in ends[:2])
    except UnitError:
        return None
    unit = unit_high or unit_low
    points = 5 if ends[2] is None else ends[2]
    if unit_low not in ("", unit) or not isinstance(points, int) or not 2 <= points <= _MOST or low >= high:
        return None
    values = [low + (high - low) * n / (points - 1) for n in range(points)]
    written: list[Any] = [int(each) if each == int(each) else each for each in values]
    if unit:
        written = [f"{each} {unit}" for each in written]
    return Vary(path, kind, tuple(written), low, high, unit)
