"""What is claimed of elements that an overlay removes goes with them: targets and claims of its base."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sim.errors import Level
from sim.scenario.findings import Findings
from sim.scenario.nodes import Node

_KINDS: Final = {
    "flows": "flow",
    "routes": "route",
    "facilities": "facility",
    "legs": "leg",
    "lines": "line",
    "ports": "port",
    "pools": "pool",
}
_CLAIMS: Final = ("targets", "expect")


def without_claims(
    body: Mapping[str, Node], removed: Mapping[str, Node], findings: Findings
) -> dict[str, Node]:
    """Leave out the claims about elements that are no longer there.

    A sum over several subjects goes as a whole: without one of them it is a sum of something else.

    Args:
        body: sections after the removal.
        removed: what was removed, by its path, with the place that says so.
        findings: gets a note on each claim that goes.
    """
    gone = {}
    for path, item in removed.items():
        section, _, key = path.partition(".")
        if section in _KINDS and key and "." not in key:
            gone[f"{_KINDS[section]}/{key}"] = item
    result = dict(body)
    for section in _CLAIMS:
        listed = result.get(section)
        if listed is None or not isinstance(listed.value, list) or not gone:
            continue
        kept = []
        for claim in listed.value:
            about = next((subject for subject in _subjects(claim) if subject in gone), None)
            if about is None:
                kept.append(claim)
                continue
            kpi = claim.get("kpi")
            what = f"what is claimed of its {kpi.value}" if kpi is not None else "what is claimed of it"
            message = f"{about} is removed, and with it {what} ({claim.where})"
            findings.add("claim-removed", gone[about], section, message, level=Level.NOTE)
        result[section] = listed._replace(value=kept)
    return result


def _subjects(claim: Node) -> list[str]:
    """Give the elements that a claim is about; a berth group stands for its port."""
    of = claim.get("of")
    if of is None:
        return []
    named = [each.value for each in of.value] if isinstance(of.value, list) else [of.value]
    return ["/".join(each.split("/")[:2]) for each in named if isinstance(each, str)]
