"""Which parameters may change in mid-run, by the pattern of their path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sim.scenario.findings import Findings, nearest
from sim.scenario.reading import Change
from sim.scenario.validate import Parsed

_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|else|\\d+)"
_VESSELS = "(?:count|capacity|payload_share)"

DYNAMIC: Final[dict[str, tuple[str, ...]]] = {
    "levers": ("",),
    "legs": ("open", "distance", "speed", "train_paths", r"tariff(?:\.\w+)?"),
    "facilities": (
        "servers",
        r"service(?:\.mean)?",
        r"rate(?:\.mean)?",
        "buffer",
        r"charge(?:\.\w+)?",
        r"outages\.(?:every|lasts)(?:\.mean)?",
    ),
    "ports": (r"berths\.[a-z0-9-]+", r"yard\.[a-z0-9-]+"),
    "closures": (rf"share_closed(?:\.{_MONTH})?", rf"lasts(?:\.{_MONTH})?(?:\.mean)?"),
    "lines": (
        rf"vessels\.(?:[a-z0-9-]+\.)?{_VESSELS}",
        r"leaves\.(?:from\.|to\.)?(?:full|after)",
        r"(?:sailing|load|unload)(?:\.mean)?",
        "look_ahead",
        r"charge(?:\.\w+)?",
    ),
    "pools": ("size", r"returns(?:\.mean)?"),
    "routes": (r"outside\.(?:time|cost)",),
    "flows": (
        r"volume(?:\.\d+)?",
        rf"season(?:\.{_MONTH})?",
        "value_of_time",
        r"choice\.shares(?:\.[a-z0-9-]+)?",
    ),
}
"""By section, what may change below an id; a facility's rate selector may too."""

_CLOSING: Final = {
    "facilities": "a facility closes by servers: 0",
    "ports": "a port closes by berths: 0 of a group, a facility at it by servers: 0",
    "lines": "a line closes by count: 0 of its vessels",
    "routes": "a route closes with a leg (open: false) or a facility (servers: 0) on it",
}
"""How what has no key `open` is closed."""

_COMPILED = {section: re.compile("|".join(tails)) for section, tails in DYNAMIC.items()}
_SIMPLE: Final = {
    "legs": ("open", "distance", "speed", "train_paths", "tariff"),
    "facilities": ("servers", "service", "rate", "buffer", "charge", "outages.every", "outages.lasts"),
    "closures": ("share_closed", "lasts"),
    "lines": (
        "vessels.count",
        "vessels.capacity",
        "vessels.payload_share",
        "leaves.full",
        "leaves.after",
        "sailing",
        "load",
        "unload",
        "look_ahead",
        "charge",
    ),
    "pools": ("size", "returns"),
    "routes": ("outside.time", "outside.cost"),
    "flows": ("volume", "season", "value_of_time", "choice.shares"),
}


def is_dynamic(path: str, parsed: Parsed) -> bool:
    """Tell whether a parameter may change in mid-run."""
    section, _, rest = path.partition(".")
    if section == "levers":
        return "." not in rest
    key, _, tail = rest.partition(".")
    pattern = _COMPILED.get(section)
    if pattern is None or not tail:
        return False
    return pattern.fullmatch(tail) is not None or tail == selector(section, key, parsed)


def selector(section: str, key: str, parsed: Parsed) -> str | None:
    """Give the name of a facility's rate selector."""
    facility = parsed.facilities.get(key) if section == "facilities" else None
    return (
        facility.rate.by if facility is not None and facility.rate is not None and facility.rate.by else None
    )


def known(parsed: Parsed) -> Iterator[str]:
    """List the paths that may change, for the nearest name."""
    for name in parsed.levers:
        yield f"levers.{name}"
    for section, tails in _SIMPLE.items():
        for key in parsed.ids.get(section, ()):
            yield from (f"{section}.{key}.{tail}" for tail in tails)
            by = selector(section, key, parsed)
            if by:
                yield f"{section}.{key}.{by}"
    for key, port in parsed.ports.items():
        for group in port.berths:
            yield f"ports.{key}.berths.{group}"
            yield f"ports.{key}.yard.{group}"
    for key, line in parsed.lines.items():
        for name in line.vessels:
            if name:
                yield from (
                    f"lines.{key}.vessels.{name}.{tail}" for tail in ("count", "capacity", "payload_share")
                )


def check(changes: list[Change], parsed: Parsed, findings: Findings) -> list[Change]:
    """Keep the changes of the timeline whose parameter may change; the others are findings.

    Args:
        changes: what the timeline does.
        parsed: the scenario's models.
        findings: gets what may not change.
    """
    kept: list[Change] = []
    for change in changes:
        section, _, rest = change.path.partition(".")
        key, _, tail = rest.partition(".")
        ids = parsed.ids.get(section)
        if is_dynamic(change.path, parsed) and ids is not None and key in ids:
            kept.append(change)
            continue
        exists = ids is not None and key in ids and tail
        hint = _CLOSING.get(section, "") if tail in ("open", "closed") else ""
        hint = hint or nearest(change.path, known(parsed))
        if exists and _legal(section, key, tail, parsed):
            message = f"{change.path} cannot change in mid-run"
            findings.add(
                "not-dynamic",
                change.operand.key_where,
                change.origin,
                message,
                expected="a parameter that the timeline may change",
                hint=hint,
            )
        else:
            message = f"there is no parameter {change.path}"
            findings.add(
                "unknown-path",
                change.operand.key_where,
                change.origin,
                message,
                expected="section.id.key",
                hint=hint,
            )
    return kept


def _legal(section: str, key: str, tail: str, parsed: Parsed) -> bool:
    made = getattr(parsed, section, {}).get(key)
    if made is None:
        return True
    first = tail.partition(".")[0]
    fields = type(made).model_fields if hasattr(type(made), "model_fields") else {}
    return first in {info.alias or name for name, info in fields.items()}
