"""What the markup features say of small pages, and that they say it in any company."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("turbohtml", reason="the extra [html] is not installed")

from paywallstrip.families import OPENERS
from paywallstrip.labels import LABELS, PAYWALL
from paywallstrip.markup import names
from paywallstrip.markup.families import (
    INSIDE,
    PLACES,
    around_measures,
    context_measures,
    own_measures,
)
from paywallstrip.markup.features import MarkupReading, read_features
from paywallstrip.markup.lines import read_markup
from paywallstrip.markup.names import NAME_BITS
from paywallstrip.markup.sequence import around_values
from tests.toy_html import toy_html

PROSE = "The council met on Monday, and after a long debate it voted to rebuild the old bridge."
HTML = sorted((Path(__file__).parent / "html").glob("*.html"))


def read(*pages: str) -> MarkupReading:
    markups = [read_markup(page) for page in pages]
    extractor = toy_html().html_model.extractor
    return read_features(extractor.read([each.text for each in markups]), markups)


def value(page: str, family: str) -> list[Any]:
    found: list[Any] = np.asarray(read(page).values[family]).T.tolist()
    return found


def test_every_family_has_its_values() -> None:
    names = {measure.name for measure in (*context_measures(), *own_measures())}
    assert read("<p>a</p>").values.keys() == names


@pytest.mark.parametrize("measure", [*context_measures(), *own_measures()], ids=lambda m: m.name)
def test_a_family_has_one_row_a_member(measure: Any) -> None:
    values = np.atleast_2d(read("<p>a</p><p>b</p>").values[measure.name])
    assert values.shape == (len(measure.members), 2)


def test_a_line_is_linked_by_the_share_of_its_characters() -> None:
    assert value("<p><a href=/>ab</a>cd</p><p>x</p>", "linked") == [50, 0]


@pytest.mark.parametrize("name", ["nav", "aside", "footer", "table", "list"])
def test_a_landmark_is_noted(name: str) -> None:
    tags = {"table": "table><td", "list": "ul><li"}
    inside = value(f"<{tags.get(name, name)}>x", "inside")[0]
    assert inside[INSIDE.index(name)] == 1


def test_a_hidden_line_is_noted() -> None:
    assert value("<p hidden>x</p>", "inside")[0][INSIDE.index("hidden")] == 1


def test_cards_are_counted_as_of_one_kind() -> None:
    cards = "<div class=card><a href=/>one</a></div>" * 4
    assert value(f"<main>{cards}</main><p>x</p>", "classes-count") == [4, 4, 4, 4, 1]


def test_the_main_element_is_the_innermost_with_half_of_the_prose() -> None:
    page = f"<nav>a</nav><main>{f'<p>{PROSE}</p>' * 3}</main><footer>b</footer>"
    assert value(page, "main") == [1, 2, 2, 2, 3]


def test_a_line_with_half_of_the_prose_is_the_main_element_itself() -> None:
    page = f"<main><p>a</p><p>{PROSE}</p><p>b</p></main>"
    assert value(page, "main") == [1, 2, 3]


def test_without_prose_there_is_no_main_element() -> None:
    assert value("<p>a</p><p>b</p>", "main") == [0, 0]


def test_a_line_after_a_heading_counts_from_it() -> None:
    assert [row[0] for row in value("<h2>a</h2><p>b</p><p>c</p>", "heading-before")][1:] == [1, 2]


def test_a_heading_stays_the_last_one_inside_of_its_section_alone() -> None:
    page = "<div><div><section><h2>a</h2><p>b</p></section></div></div><p>c</p>"
    assert value(page, "heading-level") == [2, 2, 8]


def test_the_cue_of_the_heading_goes_to_the_lines_below_it() -> None:
    row = OPENERS.index("related_heading")
    found = [each[row] for each in value("<h2>Also read</h2><p>b</p>", "heading-cue")]
    assert found == [2, 2]


@pytest.mark.parametrize(
    ("page", "place"),
    [
        ("<p>share</p>", "text"),
        ("<p><a href=/>share</a></p>", "link"),
        ("<button>share</button>", "control"),
        ("<footer>share</footer>", "edge"),
        ("<nav><a href=/>share</a></nav>", "edge link"),
    ],
)
def test_a_cue_is_told_apart_by_its_place(page: str, place: str) -> None:
    assert value(page, "cue-placed")[0][OPENERS.index("share")] == PLACES.index(place)


def test_the_words_of_the_title_are_found_in_the_headline() -> None:
    page = "<title>Old bridge closes</title><p>Menu</p><h1>Old bridge closes</h1><p>Text</p>"
    assert value(page, "title") == [[0, 0], [100, 100], [0, 0]]


def test_a_word_again_and_again_is_no_more_than_the_title() -> None:
    assert value("<title>Rain</title><p>Rain rain rain</p>", "title") == [[100, 100]]


def test_lines_count_from_the_headline() -> None:
    page = "<title>Old bridge closes</title><p>Menu</p><h1>Old bridge closes</h1><p>Text</p>"
    assert value(page, "headline-before")[1:] == [0, 1]


def claims(fields: str, body: str) -> str:
    return f'<script type=application/ld+json>{{"@type":"Article",{fields}}}</script>{body}'


def test_a_line_of_the_claimed_body_is_found_in_it() -> None:
    page = claims(f'"articleBody":"{PROSE * 3}"', f"<p>{PROSE}</p><p>Unknown words here</p>")
    assert value(page, "claimed-body") == [4, 1]


def test_without_a_claimed_body_nothing_is_said() -> None:
    assert value(f"<p>{PROSE}</p>", "claimed-body") == [0]


@pytest.mark.parametrize(("claim", "expected"), [("", 0), (":false", 1), (":true", 2)])
def test_the_claim_to_be_free_is_noted(claim: str, expected: int) -> None:
    field = f'"isAccessibleForFree"{claim}' if claim else '"x":1'
    assert value(claims(field, "<p>a</p>"), "claimed-free") == [expected]


def test_a_page_is_measured_alike_in_any_company() -> None:
    texts = [path.read_text("utf-8") for path in HTML]
    together = read(*texts)
    alone = [read(text) for text in texts]
    for name, values in together.values.items():
        parts = np.concatenate([np.atleast_2d(one.values[name]) for one in alone], axis=1)
        assert np.array_equal(np.atleast_2d(values), parts), name


def test_names_are_columns_of_the_table() -> None:
    names = read(HTML[0].read_text("utf-8")).names
    columns = np.concatenate([*(run for run, _ in names.runs), *names.single])
    assert columns.min() >= 0
    assert columns.max() < 1 << NAME_BITS


def test_lines_of_other_number_than_the_text_are_refused() -> None:
    reading = toy_html().html_model.extractor.read(["a\nb"])
    with pytest.raises(ValueError, match="2 lines of text, but 1 of markup"):
        read_features(reading, [read_markup("<p>a</p>")])


def test_every_family_around_a_line_has_its_values() -> None:
    page = read_markup(HTML[0].read_text("utf-8"))
    reading = toy_html().html_model.extractor.read([page.text])
    shares = np.full((len(reading.coarse), len(LABELS)), 63, np.uint8)
    values = around_values(reading, read_features(reading, [page]), shares)
    for measure in around_measures():
        found = np.atleast_2d(values[measure.name])
        assert found.shape == (len(measure.members), len(reading.coarse)), measure.name


def test_likely_lines_are_counted_in_each_element_around_a_line_but_for_the_line_itself() -> None:
    page = read_markup("<div><p>a<p>b<p>c</div><p>d")
    reading = toy_html().html_model.extractor.read([page.text])
    shares = np.full((4, len(LABELS)), 42, np.uint8)
    shares[[0, 1, 3], PAYWALL] = 128
    values = around_values(reading, read_features(reading, [page]), shares)["sure"]
    groups = values.reshape(-1, len(LABELS), 4)
    assert groups[:2, PAYWALL].tolist() == [[1, 1, 2, 2], [2, 2, 3, 2]]


LINKS = (
    "<li><a href=/news/harbour-bridge-opens-late-12345>Harbour bridge opens late</a>"
    "<li><a href=/news/harbour-bridge-opens-late-12345>Read on</a>"
    "<li><a href=/sport/>Sport</a>"
    "<li><a href=https://else.example/>Else</a>"
    "<li><a href=#top>Up</a>"
    "<p>A sentence that only has <a href=/x>one</a> link among its many other words."
    "<p>None here."
)
"""A card of two lines, a section, another site, a part of the page, and two lines of text."""


@pytest.mark.parametrize(
    ("family", "values"),
    [
        ("target-kind", [2, 2, 2, 3, 1, 5, 0]),
        ("target-parts", [5, 5, 1, 0, 0, 0, 0]),
        ("target-depth", [2, 2, 2, 1, 0, 0, 0]),
        ("target-digits", [5, 5, 0, 0, 0, 0, 0]),
        ("target-repeats", [2, 2, 1, 1, 1, 0, 0]),
        ("target-longest", [2, 2, 1, 1, 1, 0, 0]),
        ("target-host", [83, 83, 83, 16, 83, 0, 0]),
    ],
)
def test_an_address_is_measured(family: str, values: list[int]) -> None:
    assert value(LINKS, family) == values


def test_a_headline_s_words_stand_in_its_address() -> None:
    assert value(LINKS, "target-overlap")[0] == [100, 80]


def test_a_word_again_and_again_is_no_more_than_the_address() -> None:
    assert value("<p><a href=/rain>Rain rain rain</a></p>", "target-overlap") == [[100, 100]]


def test_a_button_s_words_do_not() -> None:
    assert value(LINKS, "target-overlap")[1] == [0, 0]


def test_lines_that_lead_to_one_place_are_peers() -> None:
    numbers = read(LINKS).kinds["target"]
    assert numbers[0] == numbers[1] != numbers[2]


def test_lines_are_told_apart_where_the_table_of_their_kinds_is_too_small(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = "".join(f"<p><a href=/{letter}>x</a>" for letter in "abcdefg" * 2)
    monkeypatch.setattr(names, "_CELL_BITS", -2)
    numbers = read(page).kinds["target"]
    assert np.array_equal(numbers == numbers[:, None], np.tile(np.eye(7, dtype=bool), (2, 2)))


def test_addresses_of_one_build_are_peers() -> None:
    page = "<li><a href=/a/one-two>x</a><li><a href=/b/two-six>y</a><li><a href=/c>z</a>"
    numbers = read(page).kinds["pattern"]
    assert numbers[0] == numbers[1] != numbers[2]
