"""Where everything lies: the links and spots of a run for the map."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.report.inputs import Link, Spot
from sim.report.names import Names, Tree, plain, section
from sim.report.tables import KpiTable


def links_and_spots(tree: Tree, kpis: KpiTable, names: Names) -> tuple[list[Link], list[Spot]]:
    """Give what is drawn on the map.

    Args:
        tree: the resolved scenario.
        kpis: of the run; `throughput` of legs and lines is read.
        names: titles.

    Returns:
        Legs and lines that carry something or are closed, and the places at their ends; both empty where
        the scenario gives no coordinates.
    """
    places = _points(tree)
    ports = {key: str(plain(port.get("at", key))) for key, port in _entries(tree, "ports")}
    links: list[Link] = []
    weight: dict[str, float] = {}
    for kind, part in (("leg", "legs"), ("line", "lines")):
        for key, entry in _entries(tree, part):
            ends = [str(plain(entry.get(end, ""))).partition("/")[0] for end in ("from", "to")]
            if kind == "line":
                ends = [ports.get(end, end) for end in ends]
            volume = float(np.nan_to_num(kpis.mean("throughput", f"{kind}/{key}", "Mt/yr")))
            closed = kind == "leg" and plain(entry.get("open", True)) is False and volume <= 0
            if not all(end in places for end in ends) or not (volume > 0 or closed):
                continue
            mode = str(plain(entry.get("mode", "rail"))) if kind == "leg" else "sea"
            links.append(
                Link(names.title(f"{kind}/{key}"), mode, (places[ends[0]], places[ends[1]]), volume, closed)
            )
            for end in ends:
                weight[end] = weight.get(end, 0.0) + volume
    spots = [Spot(names.place(key), *places[key], weight=weight[key]) for key in sorted(weight)]
    return links, spots


def _entries(tree: Tree, part: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(key, entry) for key, entry in sorted(section(tree, part).items()) if isinstance(entry, Mapping)]


def _points(tree: Tree) -> dict[str, tuple[float, float]]:
    """Give latitude and longitude of every place that has both."""
    found = {}
    for key, entry in _entries(tree, "places"):
        lat, lon = plain(entry.get("lat")), plain(entry.get("lon"))
        if all(isinstance(at, (int, float)) and math.isfinite(at) for at in (lat, lon)):
            found[key] = (float(lat), float(lon))
    # Without coordinates a place lies at 0, 0, which is in the Gulf of Guinea.
    return {key: point for key, point in found.items() if point != (0.0, 0.0)}
