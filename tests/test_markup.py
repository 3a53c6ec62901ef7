"""HTML to lines: which lines, and what the markup says of them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("turbohtml", reason="the extra [html] is not installed")

from paywallstrip.lines import split_lines
from paywallstrip.markup import writer
from paywallstrip.markup.elements import LANDMARKS, REACH, TAGS
from paywallstrip.markup.hints import Hints, read_hints
from paywallstrip.markup.lines import (
    ELEMENT_WORDS,
    LINE_WORDS,
    MarkupLines,
    read_markup,
    read_markups,
)

CASES = json.loads((Path(__file__).parent / "cases" / "markup_lines.json").read_text("utf-8"))
case = pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])


def lines_of(html: str | bytes) -> list[str]:
    text = read_markup(html).text
    return text.split("\n") if text else []


def landmarks_of(markup: MarkupLines, line: int = 0) -> set[str]:
    return {name for i, name in enumerate(LANDMARKS) if markup.landmarks[line] >> i & 1}


def words_of(markup: MarkupLines, line: int = 0) -> list[int]:
    words: list[int] = markup.words[slice(*markup.word_bounds[line : line + 2])].tolist()
    return words


@case
def test_the_lines_are_these(case: dict[str, Any]) -> None:
    assert lines_of(case["html"]) == case["lines"]


@case
def test_only_these_lines_are_flagged_as_hidden(case: dict[str, Any]) -> None:
    assert np.flatnonzero(read_markup(case["html"]).hidden).tolist() == case.get("hidden", [])


def test_the_title_is_folded() -> None:
    assert read_markup("<title> The\n title </title>").title == "The title"


def test_a_drawing_has_no_say_in_the_title() -> None:
    assert read_markup("<svg><title>a</title></svg><p>b").title == ""


def test_the_first_title_with_text_counts() -> None:
    assert read_markup("<title></title><title>a</title><title>b</title>").title == "a"


@pytest.mark.parametrize(
    ("html", "tag"),
    [
        ("<p>x", "p"),
        ("<p><span><b>x", "p"),
        ("<ul><li>x", "li"),
        ("<ul><li><p>x", "p"),
        ("<h2><a href=/>x", "h2"),
        ("<table><tr><td>x", "td"),
        ("<button>x", "button"),
        ("x", "body"),
        ("<my-element>x", "body"),
    ],
)
def test_the_tag_is_that_of_the_innermost_block(html: str, tag: str) -> None:
    assert TAGS[read_markup(html).tags[0]] == tag


def test_a_line_has_the_tag_of_its_beginning() -> None:
    assert [TAGS[tag] for tag in read_markup("<div>a<p>b</p>c").tags] == ["div", "p", "div"]


def test_characters_in_links_are_counted() -> None:
    markup = read_markup("<p>See <a href=/>here  and</a> <a href=/b>there</a>.</p><p>none")
    assert markup.link_characters.tolist() == [len("here and") + len("there"), 0]


def test_links_with_text_are_counted() -> None:
    markup = read_markup("<p><a href=/><b>a</b> c</a> <a href=/b> </a><a href=/c>b</a></p>")
    assert markup.links.tolist() == [2]


def test_an_anchor_without_address_is_no_link() -> None:
    assert read_markup("<p><a name=x>a</a>").links.tolist() == [0]


@pytest.mark.parametrize(
    ("html", "characters"),
    [
        ("<svg><a xlink:href=/x><text>Rain", 4),
        ("<svg><a href=/x><text>Rain", 4),
        ("<a xlink:href=/x>Rain", 0),
    ],
)
def test_links_in_drawings_may_have_their_own_name(html: str, characters: int) -> None:
    assert read_markup(html).link_characters.tolist() == [characters]


def test_the_address_of_a_link_in_a_drawing_is_the_common_one_if_there_are_two() -> None:
    two, one = (
        read_markup(f"<svg><a {given}><text>Rain").targets[0]
        for given in ("xlink:href=/x href=/y", "xlink:href=/y")
    )
    assert two == one


def test_a_link_around_blocks_is_one_of_each_line() -> None:
    assert read_markup("<a href=/><p>a</p><p>b</p></a>").links.tolist() == [1, 1]


def test_characters_in_bold_are_counted() -> None:
    assert read_markup("<p>a <b>bc</b> <strong>d</strong>").strong_characters.tolist() == [3]


def test_depth_counts_all_ancestors() -> None:
    assert read_markup("<div><p>a<b>b</b></p></div>").depth.tolist() == [4]


def test_joined_is_the_depth_of_what_holds_both_lines() -> None:
    markup = read_markup("<div><p>a</p><p>b</p></div><div><p>c<br>d</p></div>")
    assert markup.joined.tolist() == [0, 3, 2, 4]


@pytest.mark.parametrize(
    ("html", "names"),
    [
        ("<nav><ul><li>x", {"nav", "list"}),
        ("<div role=navigation>x", {"nav"}),
        ("<main><article><section><p>x", {"main", "article", "section"}),
        ("<form><label>x", {"form", "label"}),
        ("<div role=nonsense>x", set()),
        ("<footer><p>y</p></footer><p>x", set()),
    ],
)
def test_landmarks_are_those_the_line_stands_in(html: str, names: set[str]) -> None:
    markup = read_markup(html)
    assert landmarks_of(markup, len(markup.tags) - 1) == names


def test_a_heading_is_a_heading_through_what_stands_in_it() -> None:
    assert read_markup("<h2><div>a</div></h2><h3><a href=/>b</a></h3><p>c").headings.tolist() == [
        2,
        3,
        0,
    ]


def test_a_heading_in_a_heading_is_its_own() -> None:
    assert read_markup("<h1><div><h3>a</h3></div></h1>").headings.tolist() == [3]


def test_lines_of_one_block_have_one_parent() -> None:
    parents = read_markup("<div>a<p>b<br>c</p>d</div>").parents.tolist()
    assert (parents[0] == parents[3], parents[1] == parents[2]) == (True, True)


def test_lines_of_two_blocks_have_two() -> None:
    parents = read_markup("<p>a</p><p>b</p>").parents.tolist()
    assert parents[0] < parents[1]


def test_cards_share_their_paths() -> None:
    card = "<div class='card big'><h3 class=title-{0}>x</h3></div>"
    markup = read_markup("<section>" + card.format(1) + card.format(2) + "<p>y")
    assert len(set(markup.class_paths.tolist())) == 2


def test_other_classes_make_other_class_paths_but_the_same_tag_path() -> None:
    markup = read_markup("<p class=a>x</p><p class=b>y</p>")
    found = (len(set(markup.tag_paths.tolist())), len(set(markup.class_paths.tolist())))
    assert found == (1, 2)


def test_words_come_from_class_id_and_role_nearest_first() -> None:
    markup = read_markup("<div id=siteFooter><p class='legal-note' role=note>x")
    (legal, note, *rest) = words_of(markup)
    same = read_markup("<p class='LEGAL note note site footer'>x")
    assert [legal, note, *rest] == words_of(same)


def test_levels_say_how_far_up_a_word_stands() -> None:
    markup = read_markup("<div class=outer><p><b class=inner>x")
    assert markup.word_levels.tolist() == [0, 2]


def test_words_are_bounded() -> None:
    html = ("<div class='" + " ".join(f"{chr(97 + i)}word" for i in range(26)) + "'>") * 40
    assert len(words_of(read_markup(html + "x"))) == LINE_WORDS


def test_words_of_one_element_are_bounded() -> None:
    markup = read_markup("<p class='" + "ab " * 100 + "'>x")
    assert len(words_of(markup)) == ELEMENT_WORDS


def test_ancestors_beyond_reach_lend_no_words() -> None:
    markup = read_markup("<div class=word>" + "<div>" * REACH + "x")
    assert words_of(markup) == []


def test_the_first_links_address_gives_its_words() -> None:
    markup = read_markup("<p>a <a href='/some-news/2024'>b</a> <a href=/other>c</a></p><p>d")
    assert markup.target_bounds.tolist() == [0, 2, 2]


def test_a_long_address_with_signs_that_are_written_as_entities_is_read() -> None:
    assert lines_of("<a href='/rain?" + "a&b<" * 100 + "'>Rain</a>") == ["Rain"]


@pytest.mark.parametrize("name", MarkupLines._fields[3:])
def test_every_array_has_a_row_a_line(name: str) -> None:
    markup = read_markup("<p class=a>x</p><p><a href=/b/>y</a></p>")
    array = getattr(markup, name)
    expected = {
        "word_bounds": 3,
        "target_bounds": 3,
        "words": markup.word_bounds[-1],
        "word_levels": markup.word_bounds[-1],
        "target_words": markup.target_bounds[-1],
    }
    assert len(array) == expected.get(name, 2)


# fmt: off
TAGS_IN_PAGES = (
    "<p>", "</p>", "<div class='a b'>", "</div>", "<a href=/x>", "</a>", "<b>", "</b>", "<br>",
    "<table>", "<tr>", "<td>", "</table>", "<pre>", "</pre>", "<span hidden>", "</span>", "<ul>",
    "<li>", "</ul>", "<select>", "<option>", "</select>", "<svg>", "<title>", "</title>",
    "<p hidden>", "<h1>", "</h1>", "<!--", "-->", "<textarea>", "</textarea>", "<script>",
    "</script>", "<dialog>", "<template>", "</template>",
)
# fmt: on
SPACES = (" ", "\n", "\u00a0", "\u2028", "\x85", "\x1c", "&#13;", "&#10;", "\ud800")
PIECES = st.sampled_from([*TAGS_IN_PAGES, *SPACES])
PAGES = st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=60).map("".join)


@given(PAGES)
def test_every_line_is_one_to_the_text_verbs_too(html: str) -> None:
    markup = read_markup(html)
    assert len(split_lines([markup.text]).starts) == len(markup.tags)


@given(PAGES)
def test_no_line_is_blank_or_has_loose_white_space(html: str) -> None:
    assert all(line and line == " ".join(line.split()) for line in lines_of(html))


@given(PAGES)
def test_no_more_characters_stand_in_links_than_in_the_line(html: str) -> None:
    markup = read_markup(html)
    sizes = [len(line) for line in lines_of(html)]
    assert all(
        0 <= linked <= size for linked, size in zip(markup.link_characters, sizes, strict=True)
    )


@given(PAGES)
def test_lines_are_joined_no_deeper_than_they_stand(html: str) -> None:
    markup = read_markup(html)
    before = np.concatenate([[0], markup.depth[:-1]])[: len(markup.depth)]
    assert (markup.joined <= np.minimum(before, markup.depth)).all()


@given(st.lists(PAGES, max_size=4))
def test_a_page_reads_alike_in_any_company(pages: list[str]) -> None:
    alone = [read_markup(page) for page in pages]
    for own, shared in zip(alone, read_markups(pages), strict=True):
        for name, value in own._asdict().items():
            np.testing.assert_array_equal(getattr(shared, name), value, err_msg=name)


def test_pages_read_alike_where_long_markup_parts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = ["<title>A</title><p>a <a href=/x>b</a>", "", "<b>c<p>d"]
    together = read_markups(pages)
    monkeypatch.setattr(writer, "TOGETHER", 0)
    assert repr(read_markups(pages)) == repr(together)


def test_what_hides_an_empty_element_hides_no_text() -> None:
    assert lines_of("<p>a <img hidden> b <input hidden> c") == ["a b c"]


def test_half_a_surrogate_pair_in_a_name_loses_no_text() -> None:
    assert lines_of('<p \ud800="1">Log in</p>') == ["Log in"]


@pytest.mark.parametrize("element", ["script", "style", "iframe", "noembed", "noframes"])
def test_code_is_not_read_however_deep_it_stands(element: str) -> None:
    html = "<div>" * 600 + f"<p>Rain</p><{element}>1 < 2</{element}>Snow"
    assert lines_of(html) == ["Rain", "Snow"]


def test_what_a_deep_script_claims_is_read() -> None:
    script = '<script type="application/ld+json">{"@type": "Article", "headline": "Rain"}</script>'
    assert read_markup("<div>" * 600 + script).hints.headline == "Rain"


@pytest.mark.parametrize(
    ("drawing", "headline"),
    [("<svg>", None), ("<math>", None), ("<svg><foreignObject>", "Rain"), ("<svg><desc>", "Rain")],
)
def test_a_script_claims_something_if_it_is_one_of_html(drawing: str, headline: str | None) -> None:
    script = '<script type="application/ld+json">{"@type": "Article", "headline": "Rain"}</script>'
    assert read_markup(drawing + script).hints.headline == headline


def test_text_behind_a_deep_script_is_read() -> None:
    assert lines_of("<div>" * 600 + "<script src=a.js></script>Rain") == ["Rain"]


@pytest.mark.parametrize(
    ("scripts", "hints"),
    [
        pytest.param(
            ['{"@type": "Article", "headl\\u0069ne": "Rain"}'],
            Hints(None, "Rain", None),
            id="a name with an escape",
        ),
        pytest.param(
            ['{"@type": "Article", "headline": "Rain\nand snow"}'],
            Hints(None, "Rain\nand snow", None),
            id="a line end in a string",
        ),
        pytest.param(
            ['{"headline":', '{"@type": "Article", "headline": "Rain"}'],
            Hints(None, "Rain", None),
            id="no JSON before it",
        ),
        pytest.param(
            ['{"headline":' + "[" * 100_000, '{"@type": "Article", "headline": "Rain"}'],
            Hints(None, "Rain", None),
            id="nested too deep before it",
        ),
        pytest.param(
            ['[{"@type": "Article", "headline": " "}, {"@type": "Article", "headline": "Rain"}]'],
            Hints(None, "Rain", None),
            id="a blank one before it",
        ),
        pytest.param(
            ['{"@type": "Article", "headline": " "}'], Hints(None, None, None), id="a blank one"
        ),
        pytest.param(
            ['{"@type": "WebPage", "articleBody": "It rains."}'],
            Hints("It rains.", None, None),
            id="a body of what is called no article",
        ),
        pytest.param(
            ['{"@type": ["Thing", "BlogPosting"], "headline": "Rain"}'],
            Hints(None, "Rain", None),
            id="several types",
        ),
        pytest.param(
            ['{"@type": "WebSite", "headline": "Rain"}'],
            Hints(None, None, None),
            id="the headline of something else",
        ),
        pytest.param(
            ['{"@type": "Article", "isAccessibleForFree": "https://schema.org/False"}'],
            Hints(None, None, False),
            id="a truth value as an address",
        ),
    ],
)
def test_the_claims_of_a_page_are(scripts: list[str], hints: Hints) -> None:
    assert read_hints(scripts) == hints
