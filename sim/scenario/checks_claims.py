"""Checks of what is claimed of a scenario's figures: targets and expectations name KPIs and subjects."""

from __future__ import annotations

from typing import Final

from sim.scenario.findings import nearest
from sim.scenario.scene import Scene
from sim.scenario.vocabulary import CARGO, COMPARED, KPIS, known, likeliest, subjects_of, told_of

SUMS: Final = frozenset(
    (
        *("offered", "delivered", "turned_away", "gone_outside", "under_way", "throughput"),
        *("backlog_growth", "shut_in", "diverted", "sailings", "cancelled", "queue.mean", "level.mean"),
    )
)
"""Amounts, rates and numbers: the KPIs whose values add up over subjects. Times, shares and prices do not."""

_SUBJECTS: Final = {
    "flow": "flows",
    "route": "routes",
    "facility": "facilities",
    "leg": "legs",
    "line": "lines",
    "port": "ports",
    "pool": "pools",
}


def claims_name_what_exists(scene: Scene) -> None:
    """Targets and claims are about KPIs and subjects that exist; what is summed adds up."""
    for number, target in scene.parsed.targets.items():
        path = f"targets.{number}"
        _kpi(scene, path, target.kpi)
        if isinstance(target.of, str):
            _subject(scene, f"{path}.of", target.kpi, target.of)
            if target.title:
                message = f"'title' beside the one subject {target.of}, which has its own name"
                scene.add("misplaced-key", f"{path}.title", message, expected="a list of subjects", key=True)
            continue
        for place, of in enumerate(target.of):
            _subject(scene, f"{path}.of.{place}", target.kpi, of)
        _sum(scene, path, target.kpi, target.of)
    for number, claim in scene.parsed.expect.items():
        _kpi(scene, f"expect.{number}", claim.kpi)
        _subject(scene, f"expect.{number}.of", claim.kpi, claim.of)


def _kpi(scene: Scene, path: str, kpi: str) -> None:
    """Check that a KPI is in the vocabulary, with a statistic that it has."""
    if known(kpi) or kpi in COMPARED:
        return
    name, dot, statistic = kpi.partition(".")
    meaning = KPIS.get(name)
    message, expected = f"no KPI '{kpi}' is known", "name, or name.statistic"
    if meaning is not None:
        its = [f"{name}.{each}" for each in meaning.statistics] or [name]
        message = f"'{name}' has no statistic '{statistic}'" if dot else f"'{name}' needs a statistic"
        expected = ", ".join(its)
    hint = f"did you mean '{likeliest(kpi)}'?" if likeliest(kpi) else ""
    scene.add("unknown-kpi", f"{path}.kpi", message, expected=expected, hint=hint)


def _subject(scene: Scene, path: str, kpi: str, of: str) -> None:
    """Check that a subject exists, and that the KPI is measured of its kind."""
    if _exists(scene, path, of) and known(kpi) and not told_of(kpi, of):
        kind, _, key = of.partition("/")
        groups = scene.parsed.ports[key].berths if kind == "port" and "/" not in key else ()
        berths = ", ".join(f"{of}/{group}" for group in groups if told_of(kpi, f"{of}/{group}"))
        scene.add("bad-value", path, f"{of} has no {kpi}", expected=berths or subjects_of(kpi))


def _exists(scene: Scene, path: str, of: str) -> bool:
    kind, _, key = of.partition("/")
    if of == "total" or kind == "country":
        return True
    if kind == "cargo":
        if key not in CARGO:
            message, expected = f"there is no cargo '{key}'", ", ".join(f"cargo/{each}" for each in CARGO)
            scene.add("dangling-id", path, message, expected=expected, hint=nearest(key, CARGO))
        return key in CARGO
    if kind not in _SUBJECTS:
        forms = ["total", "country/KZ", f"cargo/{CARGO[0]}", *(f"{each}/…" for each in _SUBJECTS)]
        expected = ", ".join(forms)
        there = [each for each, section in _SUBJECTS.items() if of in scene.parsed.ids[section]]
        hint = f"did you mean '{there[0]}/{of}'?" if there else nearest(kind, _SUBJECTS)
        scene.add("bad-value", path, f"'{of}' is no subject", expected=expected, hint=hint)
        return False
    there_are = scene.parsed.ids[_SUBJECTS[kind]]
    found = key.partition("/")[0] if kind == "port" else key
    if found not in there_are:
        message, expected = f"there is no {kind} '{found}'", f"an id under {_SUBJECTS[kind]}:"
        scene.add("dangling-id", path, message, expected=expected, hint=nearest(found, there_are))
        return False
    group = key.partition("/")[2]
    if kind == "port" and group and group not in scene.parsed.ports[found].berths:
        groups = scene.parsed.ports[found].berths
        message, expected = f"port '{found}' has no berths '{group}'", ", ".join(groups)
        scene.add("dangling-id", path, message, expected=expected, hint=nearest(group, groups))
        return False
    return True


def _sum(scene: Scene, path: str, kpi: str, subjects: list[str]) -> None:
    """Check that a list of subjects may be summed."""
    if not subjects:
        scene.add("bad-value", f"{path}.of", "a sum of nothing", expected="at least one subject")
    elif len(subjects) > 1 and kpi not in SUMS and (known(kpi) or kpi in COMPARED):
        message = f"{kpi} does not add up over {len(subjects)} subjects"
        expected = f"one subject, or one of {', '.join(sorted(SUMS))}"
        scene.add("bad-value", f"{path}.kpi", message, expected=expected)
    for of in dict.fromkeys(subjects):
        if subjects.count(of) > 1:
            place = len(subjects) - 1 - subjects[::-1].index(of)
            message = f"{of} is counted {subjects.count(of)} times"
            scene.add("bad-value", f"{path}.of.{place}", message, expected="each subject once")
