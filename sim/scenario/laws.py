"""Values that are more than one number: random quantities, prices, amounts with their measure, months."""

from __future__ import annotations

from dataclasses import replace
from math import isclose, isnan, nan, sqrt
from typing import TypeVar

from pydantic_core import PydanticCustomError

from sim.scenario.data_files import MOST, OutsideTreeError, TooLargeError
from sim.scenario.document import Amount, Family, Measure, Price, Prices, Random
from sim.scenario.forms import Law, Value, default, read_law
from sim.scenario.kinds import LENGTH, MEASURES, NUMBER, ORDER, SPREAD, TIME, USD, Kind
from sim.scenario.reading import Change, Reader
from sim.scenario.refusals import report
from sim.scenario.schema import PER
from sim.scenario.schema_types import MONTHS, Monthly, PriceForm, read_months_of_laws, read_months_of_values
from sim.scenario.sources import Found, Provenance
from sim.units import Dimension, UnitError, base_unit, parse, product, unit

T = TypeVar("T")

FIXED = Random(0.0)


def random(
    reader: Reader,
    path: str,
    law: Law,
    kind: Kind,
    *,
    bare: Family = "fixed",
    month: int = -1,
    scaled: bool = False,
) -> tuple[Random, Dimension]:
    """Read a random quantity.

    Args:
        reader: the parameters of the moment.
        path: its dotted path.
        law: as written.
        kind: what its mean must be.
        bare: law of a mean without a spread.
        month: which month of a monthly law this is, for changes that set all months.
        scaled: whether `per` has a meaning here.

    Returns:
        The law with its mean in base units, and the dimension in which it was given.
    """
    if law.per is not None and not scaled:
        at = f"{path}.per"
        message = "'per' beside what is not scaled by size"
        reader.findings.add("misplaced-key", reader.node(at).key_where, at, message, expected="no per")
    shape, found = _shape(reader, path, law, kind, bare=bare)
    if found is None:
        reader.changed(path, f"{path}.mean")
        return Random(nan), kind.dimensions[0]

    def operand(change: Change) -> Found | None:
        return _operand(reader, change, kind, shape, month=month)

    paths = [path, f"{path}.mean"]
    if month >= 0:
        paths.append(f"{path}.{MONTHS[month]}")
    made = reader.altered((found.value, found.dimension), kind, *paths, operand=operand)
    if made is None:
        return Random(nan), found.dimension
    return replace(shape, mean=made[0]), made[1]


def _shape(reader: Reader, path: str, law: Law, kind: Kind, *, bare: Family) -> tuple[Random, Found | None]:
    """Give the mean-one law and the mean as written."""
    if law.kind == "empirical":
        return _empirical(reader, path, law, kind)
    if law.points:
        return _points(reader, path, law, kind)
    if law.mean is None:
        return FIXED, None
    written = reader.root.get(*path.split("."))
    inner = written.get("mean") if written is not None else None
    at = path if inner is None else f"{path}.mean"
    found = reader.plain(at, law.mean, kind)
    if found is not None and not kind.allows(found.value):
        reader.out_of_range(at, law.mean, kind, reader.node(at), found)
        found = None
    if law.kind == "bare":
        return Random(0.0, bare, 1.0 if bare == "exponential" else 0.0), found
    if law.family == "erlang":
        return Random(0.0, "erlang", 1 / sqrt(law.k or 1)), found
    if law.family in ("fixed", "exponential"):
        return Random(0.0, law.family, 1.0 if law.family == "exponential" else 0.0), found
    cv = reader.number(f"{path}.cv", law.cv, SPREAD)
    family: Family = law.family or "gamma"
    return (Random(0.0) if cv == 0 else Random(0.0, family, cv)), found


def _points(reader: Reader, path: str, law: Law, kind: Kind) -> tuple[Random, Found | None]:
    triangular = law.kind == "triangular"
    names = ("low", "mode", "high") if triangular else ("low", "high")
    written = reader.root.get(*path.split("."))
    long = written is not None and isinstance(written.value, dict)
    last = law.points[-1].literal
    tail = (
        "".join(c for c in last if not (c.isdigit() or c in ".+-")).strip() if isinstance(last, str) else ""
    )
    founds: list[Found] = []
    for number, (name, point) in enumerate(zip(names, law.points, strict=True)):
        text = point.literal
        borrowed = isinstance(text, str) and tail and text.replace(".", "", 1).isdigit()
        value = replace(point, literal=f"{text} {tail}") if borrowed else point
        found = reader.plain(f"{path}.{law.kind}.{number}" if long else f"{path}.{name}", value, kind)
        if found is None:
            return FIXED, None
        founds.append(found)
    values = [found.value for found in founds]
    if len({found.dimension for found in founds}) > 1 or values != sorted(values) or values[0] < 0:
        expected = "low ≤ mode ≤ high" if triangular else "low ≤ high"
        shown = ", ".join(f"{found.note.value:g} {found.note.unit}" for found in founds)
        reader.findings.add("bad-random", reader.node(path), path, f"{shown} do not rise", expected=expected)
        return FIXED, None
    mean = sum(values) / len(values)
    first = founds[0]
    unit_text = first.note.unit
    note = Provenance(
        mean / unit(unit_text).factor if unit_text else mean,
        unit_text,
        first.note.kind,
        where=reader.node(path).where,
    )
    reader.provenance[path] = note
    if mean == 0 or values[0] == values[-1]:
        return FIXED, Found(mean, first.dimension, note)
    family: Family = "triangular" if triangular else "uniform"
    return Random(0.0, family, 0.0, tuple(value / mean for value in values)), Found(
        mean, first.dimension, note
    )


def _empirical(reader: Reader, path: str, law: Law, kind: Kind) -> tuple[Random, Found | None]:
    node = reader.node(path)
    name = law.file or ""

    def refuse(message: str, code: str = "bad-data-file") -> tuple[Random, None]:
        reader.findings.add(
            code,
            node,
            f"{path}.empirical",
            message,
            expected='one value per line, such as "3.2 h", or with unit: h',
        )
        return FIXED, None

    try:
        rows = reader.files.read(name, node).decode("utf-8").splitlines()
    except OutsideTreeError:
        return refuse(f"'{name}' lies outside the scenario tree", "outside-tree")
    except TooLargeError:
        return refuse(f"'{name}' is larger than {MOST // 1_000_000} MB")
    except (OSError, ValueError):  # ValueError: not UTF-8, or a name with a NUL in it
        return refuse(f"'{name}' cannot be read")
    values: list[float] = []
    dimensions: set[Dimension] = set()
    for number, row in enumerate(rows, start=1):
        text = row.strip().rstrip(",;")
        if not text or text.startswith("#"):
            continue
        try:
            read = parse(f"{text} {law.unit}" if law.unit else text)
        except UnitError as error:
            return refuse(f"line {number} of '{name}': {error.message}")
        values.append(read.value)
        dimensions.add(read.dimension)
    if not values or min(values) < 0 or len(dimensions) > 1 or not dimensions <= set(kind.dimensions):
        return refuse(f"'{name}' does not hold numbers that are {kind.words}")
    mean = sum(values) / len(values)
    dimension = dimensions.pop()
    note = Provenance(
        mean / unit(law.unit).factor if law.unit else mean, law.unit or base_unit(dimension), "literal"
    )
    reader.provenance[path] = replace(note, where=node.where, because=f"mean of {name}")
    found = Found(mean, dimension, note)
    if mean == 0 or min(values) == max(values):
        return FIXED, found
    return Random(0.0, "empirical", 0.0, tuple(value / mean for value in sorted(values))), found


def _operand(reader: Reader, change: Change, kind: Kind, shape: Random, *, month: int) -> Found | None:
    """Read the mean that a change sets; another law is a finding."""
    part = ""
    try:
        if month >= 0:
            laws = read_months_of_laws(change.operand.data())
            law, part = laws.values[month], laws.parts[month]
        else:
            law = read_law(change.operand.data())
    except PydanticCustomError as error:
        report(error.type, dict(error.context or {}), change.operand, change.origin, reader.findings)
        return None
    if law.kind == "bare" and law.mean is not None:
        return reader.brought(law.mean, change, kind, part=part or _inner(change))
    aside = Reader(
        reader.root,
        findings=reader.findings,
        levers=reader.levers,
        seeds=reader.seeds,
        files=reader.files,
    )
    other, found = _shape(aside, change.origin, law, kind, bare="fixed")
    if change.passing:
        for at, note in aside.provenance.items():
            parts = (change.origin, part, at.removeprefix(change.origin).lstrip(".") or _inner(change))
            path = ".".join(filter(None, parts))
            reader.provenance[path] = replace(note, where=change.operand.where)
    same = other.family == shape.family and len(other.points) == len(shape.points)
    pairs = zip((other.cv, *other.points), (shape.cv, *shape.points), strict=False)
    if found is not None and not (same and all(isclose(a, b, rel_tol=1e-9) for a, b in pairs)):
        reader.findings.add(
            "shape-change",
            change.operand,
            change.origin,
            f"{change.path} would change its law from {_named(shape)} to {_named(other)}",
            expected='the mean alone, such as "30 h"',
        )
        return None
    return found


def _inner(change: Change) -> str:
    """Name the key below which a law that a change holds says its mean, where it has one."""
    return "mean" if change.operand.get("mean") is not None else ""


def _named(shape: Random) -> str:
    return f"{shape.family} with cv {shape.cv:g}" if shape.cv else shape.family


def monthly(reader: Reader, path: str, values: Monthly[Value], kind: Kind) -> tuple[float, ...]:
    """Read twelve numbers."""
    made: list[float] = []
    for month, (value, part) in enumerate(zip(values.values, values.parts, strict=True)):
        at = f"{path}.{part}" if part else path
        found = reader.plain(at, value, kind)
        if found is not None and not kind.allows(found.value):
            reader.out_of_range(at, value, kind, reader.node(at), found)
            found = None
        if found is None:
            made.append(nan)
            continue
        paths = {path, at, f"{path}.{MONTHS[month]}"}

        def operand(change: Change, month: int = month) -> Found | None:
            return _month_operand(reader, change, kind, month)

        changed = reader.altered((found.value, found.dimension), kind, *sorted(paths), operand=operand)
        made.append(nan if changed is None else changed[0])
    return tuple(made)


def _month_operand(reader: Reader, change: Change, kind: Kind, month: int) -> Found | None:
    try:
        given = read_months_of_values(change.operand.data())
    except PydanticCustomError as error:
        report(error.type, dict(error.context or {}), change.operand, change.origin, reader.findings)
        return None
    value, part = given.values[month], given.parts[month]
    found = reader.brought(value, change, kind, part=part)
    if found is not None and not kind.allows(found.value):
        reader.out_of_range(change.origin, value, kind, change.operand, found)
        return None
    return found


def monthly_laws(reader: Reader, path: str, laws: Monthly[Law], kind: Kind) -> tuple[Random, ...]:
    """Read twelve random quantities."""
    made: list[Random] = []
    for month, (law, part) in enumerate(zip(laws.values, laws.parts, strict=True)):
        at = f"{path}.{part}" if part else path
        one, _ = random(reader, at, law, kind, month=month)
        if part:
            shape = one
            altered = reader.altered(
                (one.mean, TIME),
                kind,
                path,
                operand=lambda change, shape=shape, month=month: _operand(  # type: ignore[misc]
                    reader, change, kind, shape, month=month
                ),
            )
            one = replace(one, mean=nan if altered is None else altered[0])
        made.append(one)
    return tuple(made)


def amount(
    reader: Reader, path: str, value: Value | None, kind: Kind, *, also: tuple[str, ...] = ()
) -> Amount | None:
    """Read an amount, or an amount per time, with its measure."""
    found = reader.quantity(path, value, kind, also=also)
    return None if found is None else Amount(found[0], measure_of(found[1]))


def measure_of(dimension: Dimension) -> Measure:
    """Give the measure of an amount, an amount per time or something per amount."""
    for of, measure in MEASURES.items():
        for power in (1, -1):
            part = product((of, power))
            if dimension == part or set(part) <= set(dimension):
                return measure
    return "consignment"


def prices(reader: Reader, path: str, form: PriceForm | None, kind: Kind) -> Prices:
    """Read prices, in the order in which measures are tried."""
    made: dict[Measure, Price] = {}
    for key, value in form.items if form is not None else ():
        at = f"{path}.{key}" if key else path
        found = reader.quantity(at, value, kind, also=(path,))
        if found is None:
            continue
        usd, dimension = found
        per_km = set(product((LENGTH, -1))) <= set(dimension)
        flat = product((dimension, 1), (LENGTH, 1)) if per_km else dimension
        measure = measure_of(flat)
        if key:
            wanted, factor = PER[key]
            if flat in (USD, NUMBER):
                measure, usd = wanted, usd / factor  # type: ignore[assignment]
            elif measure != wanted:
                expected = f"a price per {key}"
                message = f"a price per {measure} stands under '{key}'"
                reader.findings.add("wrong-dimension", reader.node(at), at, message, expected=expected)
                continue
        made[measure] = Price(measure, usd, per_km)
    return tuple(made[measure] for measure in ORDER if measure in made)


def number_or(reader: Reader, path: str, value: Value | None, kind: Kind, *, otherwise: str | float) -> float:
    """Read a number, or the default of its key."""
    return reader.number(path, value if value is not None else default(otherwise), kind)


def known(value: float) -> bool:
    """Tell whether a number could be read."""
    return not isnan(value)
