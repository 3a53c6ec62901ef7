"""Spans as people mark them, to labels of whole lines."""

import pytest

from paywallstrip.errors import DataError
from paywallstrip.training.exchange.spans import Span, in_characters, inked_spans, label_lines
from paywallstrip.training.records import make_page

TEXT = "Harbour Post\n\n  The ferry runs again.  \r\nSubscribe to read on"


def labels(text: str, *spans: Span) -> list[str | None]:
    return [line.label for line in label_lines(text, spans)]


def marked(part: str, label: str, text: str = TEXT) -> Span:
    start = text.index(part)
    return Span(start, start + len(part), label)


def test_a_span_may_cover_many_lines() -> None:
    assert labels(TEXT, Span(0, len(TEXT), "content")) == ["content"] * 3


def test_a_line_without_a_span_is_open() -> None:
    assert labels(TEXT, marked("Harbour Post", "navigation")) == ["navigation", None, None]


def test_a_span_may_miss_the_edges_of_a_line() -> None:
    assert labels(TEXT, marked("he ferry runs again", "content")) == [None, "content", None]


@pytest.mark.parametrize(("part", "label"), [("aaa", "content"), ("aa", None), ("bbb", None)])
def test_a_line_takes_its_label_from_more_than_half_of_it(part: str, label: str | None) -> None:
    text = "aaa bbb" if part == "bbb" else "aaa bb"
    assert labels(text, marked(part, "content", text)) == [label]


def test_an_edge_that_runs_into_the_next_line_does_not_label_it() -> None:
    assert labels(TEXT, Span(0, TEXT.index("ferry"), "navigation")) == ["navigation", None, None]


def test_who_gave_a_label_stays_with_it() -> None:
    assert label_lines("News", [Span(0, 4, "navigation", "Ada")])[0].by == "Ada"


def test_two_spans_of_one_label_are_one_label() -> None:
    assert labels("News", Span(0, 4, "content"), Span(0, 3, "content")) == ["content"]


def test_a_label_is_by_whoever_gave_it_first() -> None:
    spans = [Span(0, 4, "content", "Ada"), Span(0, 4, "content", "Bea")]
    assert label_lines("News", spans)[0].by == "Ada"


def test_an_empty_span_labels_nothing() -> None:
    assert labels("News", Span(2, 2, "content")) == [None]


def test_two_labels_of_one_line_are_refused_by_the_line() -> None:
    spans = [marked("The ferry runs", "content"), marked("ferry runs again.", "paywall")]
    with pytest.raises(DataError, match=r"line 2: .* is labelled 'content' and 'paywall'"):
        labels(TEXT, *spans)


def test_a_fifth_label_is_refused() -> None:
    with pytest.raises(DataError, match="span 0 to 4: label 'advert' is none of content, "):
        labels("News", Span(0, 4, "advert"))


@pytest.mark.parametrize(("start", "end"), [(0, 5), (-1, 4), (3, 2), (9, 9)])
def test_a_span_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(DataError, match=f"span {start} to {end} lies outside the text"):
        labels("News", Span(start, end, "content"))


def test_a_span_that_should_hold_another_text_is_refused() -> None:
    with pytest.raises(DataError, match="should hold 'Sport', but the text has 'News' there"):
        labels("News", Span(0, 4, "content", text="Sport"))


TOPICS = ("Home", "News", "Blog")
SHIP = "🚢🚢🚢 The ferry\nruns again"


def by_either(text: str, *spans: Span) -> list[str | None]:
    return labels(text, *in_characters(text, spans))


def test_offsets_in_utf16_are_told_by_the_text_they_hold() -> None:
    span = Span(17, 27, "content", text="runs again")
    assert by_either(SHIP, span) == [None, "content"]


def test_offsets_in_utf16_are_told_by_a_text_whose_line_ends_are_written_out() -> None:
    span = Span(11, 27, "content", text="ferry\\nruns again")
    assert by_either(SHIP, span) == [None, "content"]


def test_offsets_in_utf16_are_told_by_the_edges_of_lines() -> None:
    spans = Span(0, 16, "content"), Span(17, 27, "paywall")
    assert by_either(SHIP, *spans) == ["content", "paywall"]


def test_offsets_in_utf16_are_told_by_the_edges_of_lines_with_their_white_space() -> None:
    text = " 🚢🚢🚢 \n runs \n"
    spans = Span(0, 8, "content"), Span(9, 15, "paywall")
    assert by_either(text, *spans) == ["content", "paywall"]


def test_full_width_marks_are_one_unit_of_utf16() -> None:
    span = Span(6, 10, "content", text="News")
    assert by_either("港！！🚢\nNews", span) == [None, "content"]


def test_offsets_in_characters_stay_beside_emoji() -> None:
    spans = Span(0, 13, "content"), Span(14, 24, "paywall")
    assert by_either(SHIP, *spans) == ["content", "paywall"]


def test_offsets_in_characters_stay_beside_emoji_and_white_space() -> None:
    text = "👍👍👍👍 liked by 12\n    Home \n    News \n    Blog \n"
    marks = [("👍👍👍👍 liked by 12", "content"), *((name, "navigation") for name in TOPICS)]
    spans = [marked(part, label, text) for part, label in marks]
    assert by_either(text, *spans) == ["content"] + ["navigation"] * 3


def test_a_span_for_a_tool_leaves_white_space_at_a_line_s_edges_out() -> None:
    page = make_page("a", TEXT, ["navigation", "content", None])
    assert [(number, span.text) for number, span in inked_spans(page)] == [
        (1, "Harbour Post"),
        (2, "The ferry runs again."),
    ]


def test_a_line_of_one_letter_and_a_byte_order_mark_keeps_its_label() -> None:
    page = make_page("a", "\ufeffA", ["content"])
    assert labels(page.text, *(span for _, span in inked_spans(page))) == ["content"]
