"""What the compiled engine cannot hold; a model beyond these limits runs on the SimPy engine."""

from __future__ import annotations

from sim.engine.paths import parameter_changes
from sim.engine.rules import count
from sim.model.model import Model

MOST_SERVERS = 62
"""A facility's servers are the bits of a 64-bit integer."""

MOST_SMALL = (1 << 15) - 1
"""Options of a flow and steps of a route are numbered in 16 bits."""

MOST_SECONDS = (1 << 32) - 2
"""Times of consignments are seconds since the run's begin in 32 bits: 136 years."""


def most_servers(model: Model) -> list[int]:
    """Give the largest number of servers that each facility has during the run."""
    numbers = [int(facility.servers) for facility in model.facilities]
    most = {number: count(float(model.parameters.base[number])) for number in numbers}
    table = model.parameters
    if set(most) & set(table.index.tolist()):
        for _, found in parameter_changes(model):
            for change in found:
                if not change.price and change.parameter in most:
                    most[change.parameter] = max(most[change.parameter], count(change.value))
    return [most[number] for number in numbers]


def beyond(model: Model) -> str:
    """Say what of a model is beyond the compiled engine, or nothing."""
    for facility, servers in zip(model.facilities, most_servers(model), strict=True):
        if servers > MOST_SERVERS:
            return f"facility {facility.id} has {servers} servers, more than {MOST_SERVERS}"
    most = max((len(one.options) for one in model.flows), default=0)
    if max(most, max((len(one.steps) for one in model.routes), default=0)) > MOST_SMALL:
        return f"a flow has more than {MOST_SMALL} options, or a route more steps"
    if model.clock.end - model.clock.begin > MOST_SECONDS:
        return "the run lasts longer than 136 years, with its warm-up"
    return ""
