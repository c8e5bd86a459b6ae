"""What is written on figures stays whole and apart: long words, many years, few replications."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

from sim.report import lettering, render, style
from sim.report.calendar import month_starts
from sim.report.differences import forest
from sim.report.inputs import Curve, Difference, Estimate, Load, Source
from sim.report.oil import export_layers
from sim.report.side_by_side import _look
from sim.report.volumes import throughput_by_month, utilisation, worst_queues
from sim.results import rendered

START = datetime(2024, 7, 1, tzinfo=UTC)
WORD = "Karagandazhezkazganbeyneuaktauharbourbakualatabsheron"


def source(*, years: float = 1.0, replications: int = 8) -> Source:
    return Source("Middle Corridor in 2024", replications, START, 8766.0 * years, 0.95)


def months(years: float, *, title: str = "Place") -> Curve:
    at = np.array(month_starts(START, low=0.0, high=8766.0 * years - 1))
    return Curve(title, "kt/month", at, np.full((8, at.size), 300.0))


def title(figure: Figure) -> str:
    found = next(text.get_text() for text in figure.texts if text.get_weight() == "bold")
    return found.replace("\xa0", " ")


@pytest.mark.parametrize("years", [0.5, 1.0, 2.0, 3.5, 5.0, 16.0, 40.0])
@pytest.mark.parametrize("panels", [1, 2])
def test_names_of_months_and_years_never_run_into_each_other(years: float, panels: int) -> None:
    figure = throughput_by_month([months(years)] * panels, source=source(years=years))
    assert render(figure, "png")
    renderer = lettering.renderer_of(figure)
    for axes in figure.axes:
        labels = [label for label in axes.get_xticklabels(minor=True) if label.get_text()]
        boxes = [label.get_window_extent(renderer) for label in labels]
        assert len(boxes) >= 2
        assert all(one.x1 + 2 < other.x0 for one, other in pairwise(boxes))


def test_the_sum_of_many_years_is_told_of_years() -> None:
    assert "57.6 Mt in 16 years" in title(throughput_by_month([months(16.0)], source=source(years=16.0)))


def test_a_word_that_fits_is_not_cut_to_make_lines_alike() -> None:
    figure = utilisation([Load(WORD, "facility", Estimate(0.6))], source=source())
    assert title(figure).replace("\n", " ") == f"{WORD} is used most, 60 % of the time"


def test_the_name_of_a_row_grows_before_it_is_cut() -> None:
    with style.in_style():
        figure = style.new_figure(4.0)
        wide = lettering.text_width(figure, WORD, size=lettering.SMALL)
        assert lettering.row_names(figure, [WORD], width=wide / 1.6, lines=3) == [WORD]
        assert lettering.row_names(figure, [WORD], width=wide / 2, lines=3)[0].endswith("…")


def test_where_nothing_is_in_use_no_element_is_used_most() -> None:
    idle = [Load("Alat terminal", "facility", Estimate(0.0, 0.0, 0.0))]
    assert title(utilisation(idle, source=source())) == "Nothing is in use in the window"


def test_one_replication_is_no_mean_over_replications() -> None:
    at = np.arange(0.0, 8766.0, 168.0)
    queue = Curve("Place", "consignments waiting", at, np.ones((1, at.size)))
    for count, words in ((1, "the one replication"), (8, "mean over replications")):
        figure = worst_queues([queue], source=source(replications=count))
        assert figure.legends[0].get_texts()[0].get_text() == words


@pytest.fixture
def no_further_font(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(lettering, "_FURTHER", ())
    forget()
    yield
    monkeypatch.undo()
    forget()


def forget() -> None:
    lettering.families.cache_clear()
    lettering._signs.cache_clear()


@pytest.mark.usefixtures("no_further_font")
def test_signs_that_no_font_has_are_told_once_and_in_words() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        idle = [Load("中欧班列 Алматы", "facility", Estimate(0.5))]
        list(rendered((f"figure-{k}", utilisation(idle, source=source())) for k in range(2)))
    assert [each.category for each in caught] == [lettering.MissingSigns]
    assert "中列欧班;" in str(caught[0].message)


def test_a_further_font_changes_nothing_that_the_first_can_write(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(name: str) -> Figure:
        return utilisation([Load(name, "facility", Estimate(0.5))], source=source())

    monkeypatch.setattr(lettering, "_FURTHER", ())
    forget()
    alone = {form: render(drawn("Қазақстан – Poti"), form) for form in ("png", "svg")}
    unknown = chr(min(signs("STIXGeneral") - signs(lettering.FONT)))
    assert lettering.unwritable(drawn(unknown)) == unknown
    monkeypatch.setattr(lettering, "_FURTHER", ("No Such Font", "STIXGeneral"))
    forget()
    assert lettering.families() == (lettering.FONT, "STIXGeneral")
    assert {form: render(drawn("Қазақстан – Poti"), form) for form in ("png", "svg")} == alone
    assert lettering.unwritable(drawn(unknown)) == ""
    monkeypatch.undo()
    forget()


def signs(family: str) -> set[int]:
    found = get_font(findfont(FontProperties(family=family))).get_charmap()
    return {sign for sign in found if sign > 0x2000 and chr(sign).isprintable()}


def test_no_power_of_ten_stands_beside_an_axis() -> None:
    curve = months(1.0)
    for scale in (1e4, 1e-8):
        figure = throughput_by_month([replace(curve, values=scale * curve.values)], source=source())
        assert render(figure, "png")
        assert figure.axes[0].yaxis.get_offset_text().get_text() == ""


def test_the_layers_of_exports_say_of_what_they_are_and_how_long_a_month_is() -> None:
    layers = [replace(months(1.0, title=name), unit="Mt/month") for name in ("CPC", "Samara")]
    words = " ".join(text.get_text() for text in export_layers(layers, source=source()).texts)
    assert "half of the crude oil" in words.replace("50\xa0% of", "half of")
    assert "Crude oil delivered by route" in words
    assert "A month is 30.4 days" in words


@pytest.mark.parametrize("count", range(1, 9))
@pytest.mark.parametrize("letters", [10, 22, 34, 46])
def test_a_legend_stays_on_the_figure(count: int, letters: int) -> None:
    with style.in_style():
        figure = style.new_figure(4.0)
        figure.subplots()
        legend = [(style.swatch(style.LOOKS[0]), "m" * (letters - k)) for k in range(count)]
        style.finish(figure, title="A title", legend=legend)
        box = figure.legends[0].get_window_extent(lettering.renderer_of(figure))
    assert box.x1 <= figure.get_figwidth() * figure.dpi


def test_each_of_twelve_scenarios_has_a_look_that_is_no_other_and_dark_enough_for_a_line() -> None:
    looks = [_look(place) for place in range(12)]
    assert len({(look.marker, fill == style.PAPER) for look, fill in looks}) == 12
    for look, _ in looks:
        red, green, blue = (int(look.pen[k : k + 2], 16) / 255 for k in (1, 3, 5))
        assert 0.3 * red + 0.59 * green + 0.11 * blue < 0.75


@pytest.mark.parametrize(("low", "mark"), [(0.0, "same"), (-1.0, "n.s."), (math.nan, "same")])
def test_only_what_is_the_same_in_all_pairs_is_called_the_same(low: float, mark: str) -> None:
    row = Difference("transit time", "d", 6.0, 6.0, 0.0, low, -low, 1.0)
    words = [text.get_text() for text in forest([row], base="A", other="B", source=source()).axes[0].texts]
    assert any(word.endswith(mark) for word in words)
