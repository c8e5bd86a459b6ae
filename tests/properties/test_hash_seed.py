"""The same bytes whatever Python's hash seed: no sum, row or word follows the order of a set."""

import subprocess
from pathlib import Path

import little
import pytest
import tiny

MANY = """\
title: Two ways
extends: little.yaml
add:
  legs:
    a-q: {from: a, to: q, mode: rail, distance: "900 km", speed: "400 km/day", cv: 0.3}
  routes:
    round: {title: Round, from: a, direction: west, steps: [a-q, customs, q-b]}
  flows:
    more: {commodity: grain, volume: "900 kt/yr", consignment: {t: 1000}, choice: {shares: {round: 1.0}}}
    boxes-round:
      commodity: containers
      volume: "9000 TEU/yr"
      consignment: {TEU: 7, t: 70}
      choice: {shares: {round: 0.7, west: 0.3}}
"""

SLOWER = """\
title: Slow
extends: many.yaml
facilities: {customs: {servers: 3, service: "5 h ± 50 %"}}
flows: {boxes-round: {choice: {shares: {round: 0.4, west: 0.6}}}}
"""


def files(folder: Path) -> dict[str, bytes]:
    """Give what a command left, but for what tells of times and machines."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != "manifest.json"
    }


COMMANDS = (
    "compare many.yaml slower.yaml -n 4 --engine simpy",
    "run many.yaml -n 2 --engine simpy --records",
    "sweep many.yaml --vary customs.servers=2,3 -n 2 --engine simpy --watch transit_time.mean",
    "sensitivity tiny.yaml --over legs --over servers --points 2 -n 2 --engine simpy",
    "calibrate tiny.yaml --free a-p.speed --free customs.service --trials 8 -n 2 --engine simpy",
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.split()[0])
def test_no_byte_follows_the_hash_seed(tmp_path, command):
    found = []
    for seed in ("1", "2", "3"):
        folder = tmp_path / seed
        folder.mkdir()
        little.write(folder)
        (folder / "tiny.yaml").write_text(tiny.TINY, encoding="utf-8")
        (folder / "many.yaml").write_text(MANY, encoding="utf-8")
        (folder / "slower.yaml").write_text(SLOWER, encoding="utf-8")
        said = subprocess.run(
            little.arguments(*command.split()),
            cwd=folder,
            env={**little.environment(), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode == 0, said.stderr
        found.append((said.stdout, files(folder / "results")))
    (told, kept), *others = found
    for words, left in others:
        assert words == told
        assert list(left) == list(kept)
        assert [name for name in kept if kept[name] != left[name]] == []
