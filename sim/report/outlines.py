"""The ground of the map: outlines of countries and the projection that flattens them.

Holds no flow and draws nothing. The data and where they are from stand in `data/`.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

EARTH: Final = 6371.0
"""Mean radius of the Earth, km."""

_PARALLELS: Final = (np.radians(32.0), np.radians(50.0))
_CENTRE: Final = (np.radians(42.0), np.radians(65.0))


def albers(lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
    """Project onto Albers' equal-area cone (Snyder, 1987, p. 100, on the sphere).

    Args:
        lat: degrees north, any shape.
        lon: degrees east, the same shape.

    Returns:
        x and y in km from 42° N, 65° E, true to area; standard parallels 32° and 50° N.
    """
    phi, lam = np.radians(np.asarray(lat, dtype=np.float64)), np.radians(np.asarray(lon, dtype=np.float64))
    n = (np.sin(_PARALLELS[0]) + np.sin(_PARALLELS[1])) / 2
    c = np.cos(_PARALLELS[0]) ** 2 + 2 * n * np.sin(_PARALLELS[0])
    rho, rho_0 = (EARTH * np.sqrt(c - 2 * n * np.sin(at)) / n for at in (phi, _CENTRE[0]))
    theta = n * (lam - _CENTRE[1])
    return rho * np.sin(theta), rho_0 - rho * np.cos(theta)


@cache
def countries() -> dict[str, tuple[Floats, ...]]:
    """Read the outlines.

    Returns:
        For each country, by name, its rings (outer ones and holes), each an array of (lon, lat) in
        degrees of shape (n, 2).
    """
    text = (files("sim.report") / "data" / "outlines.geojson").read_text(encoding="utf-8")
    return {
        feature["properties"]["name"]: tuple(
            np.asarray(ring, dtype=np.float64)
            for polygon in feature["geometry"]["coordinates"]
            for ring in polygon
        )
        for feature in json.loads(text)["features"]
    }
