"""The hash of a scenario: what decides a replication, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from sim.scenario.document import Document
from sim.scenario.findings import Findings
from sim.scenario.resolve import again

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

_WORDS: Final = frozenset({"title", "summary", "name"})
_WHOLE: Final = frozenset({"experiment", "targets", "expect", "places"})


def canonical(value: Any) -> Any:
    """Turn a document into plain values with keys in order, words left out."""
    if is_dataclass(value) and not isinstance(value, type):
        skip = _WORDS | (_WHOLE if isinstance(value, Document) else frozenset())
        return {
            each.name: canonical(getattr(value, each.name)) for each in fields(value) if each.name not in skip
        }
    if isinstance(value, Mapping):
        return {str(key): canonical(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value


def digest(scenario: Scenario, meaning: str, *, seed: int) -> str:
    """Hash a scenario; see `Scenario.digest`.

    Args:
        scenario: what is hashed.
        meaning: version of the model's meaning.
        seed: the simulation's seed.
    """
    moments = []
    ones = len(scenario.interventions)
    for number in range(ones):
        found = scenario.changes_at([1.0 if n == number else 0.0 for n in range(ones)])
        reader = scenario.source.reader(Findings(), found)
        document = again(scenario.source, reader, scenario.document, found)
        touched = sorted({change.path.partition(".")[0] for change in found})
        state = canonical(document)
        moments.append(
            {
                "changes": [(change.path, change.kind) for change in found],
                "state": state if "levers" in touched else {name: state.get(name) for name in touched},
            }
        )
    whole = {
        "meaning": meaning,
        "seed": seed,
        "document": canonical(scenario.document),
        "places": {key: [place.country] for key, place in sorted(scenario.document.places.items())},
        "moments": moments,
    }
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return blake2b(text.encode(), digest_size=4).hexdigest()
