"""What `run` prints of what found no way: all of it, not only the flows whose production is cut."""

from __future__ import annotations

from sim.cli.answers import MOST_REFUSED, sections
from sim.study.outline import Outline
from sim.study.summary import SummaryRow

TITLE = "Shut in or turned away"


def row(subject, mean, unit="t", kpi="turned_away"):
    return SummaryRow(kpi, subject, unit, 4, mean, 0.0, mean, mean, True)


def told(*rows, outline=None):
    found = {title: lines for title, lines, _ in sections(rows, outline or Outline())}
    return [(line[0].strip(), line[1], line[3]) for line in found.get(TITLE, [])[1:]]


def test_flows_without_a_cut_are_told_too_the_largest_first():
    lines = told(
        row("flow/cut", 500.0),
        row("flow/cut", 0.1, unit="consignments"),
        row("flow/cut", 499.0, unit="t/yr", kpi="shut_in"),
        row("total", 499.0, unit="t/yr", kpi="shut_in"),
        row("flow/contract", 4000.0),
        row("flow/none", 0.0),
        row("flow/terminal-other", 9000.0),
        row("total", 13_500.0),
        outline=Outline(background=("flow/terminal-other",)),
    )
    assert lines == [
        ("flow/contract", "4 000", "t"),
        ("flow/cut", "500.0", "t"),
        ("total, background too", "13 500", "t"),
    ]


def test_boxes_are_told_where_nothing_weighs():
    lines = told(row("flow/boxes", 0.0), row("flow/boxes", 40.0, unit="TEU"), row("total", 40.0, unit="TEU"))
    assert [line[0] for line in lines] == ["flow/boxes", "total"]
    assert told(row("flow/boxes", 0.0)) == []


def test_only_the_largest_are_told():
    lines = told(*(row(f"flow/{k}", 1000.0 + k) for k in range(9)))
    assert [line[0] for line in lines] == [f"flow/{8 - k}" for k in range(MOST_REFUSED)]
