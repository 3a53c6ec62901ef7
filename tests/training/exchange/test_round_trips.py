"""What goes out to a format and comes back is the same page."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from paywallstrip.errors import DataError
from paywallstrip.labels import LABELS
from paywallstrip.training.exchange.convert import (
    FORMATS,
    PREDICTING,
    Format,
    read_format,
    write_format,
)
from paywallstrip.training.records import PageRecord, make_page
from tests.test_properties import TEXTS
from tests.toy import toy

PAGES = [
    make_page(
        "ferry:1",
        'Harbour Post\nNews\n\n\nThe ferry 🚢 runs again; "at last".\n  Subscribe\tto read on\n',
        ["navigation", "navigation", "content", None],
        by="Ada, the elder",
        url="https://ferry.example/again",
        domain="ferry.example",
        language="en",
        rules="0123456789ab",
    ),
    make_page("bote:2", "Stadtbote\nMehr zum Thema\n"),
    make_page("港:3", "会員\n港に一晩中雨が降った。\n", ["paywall", "content"]),
]
SHARED = settings(
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
KEPT = [form for form in FORMATS if form != "csv"]


@st.composite
def pages(draw: st.DrawFn) -> PageRecord:
    page = make_page(draw(st.text(min_size=1, max_size=9)), draw(TEXTS), url=draw(st.text()))
    options = st.sampled_from([*map(str, LABELS), None])
    return replace(page, lines=tuple(replace(line, label=draw(options)) for line in page.lines))


def there_and_back(form: Format, records: list[PageRecord], folder: Path) -> list[PageRecord]:
    write_format(form, records, folder / "there")
    return list(read_format(form, folder / "there"))


def lines_of(page: PageRecord) -> list[tuple[str, str | None]]:
    return list(zip(page.line_texts, page.labels, strict=True))


def is_utf8(page: PageRecord) -> bool:
    """Tell whether a page can stand in a CSV file, which has no escapes."""
    text = "".join((page.id, page.url, page.text))
    return not any("\ud800" <= character <= "\udfff" for character in text)


@pytest.mark.parametrize("form", FORMATS)
def test_pages_come_back_as_they_were(form: Format, tmp_path: Path) -> None:
    assert there_and_back(form, PAGES, tmp_path) == PAGES


@pytest.mark.parametrize("form", FORMATS)
def test_no_page_is_no_page(form: Format, tmp_path: Path) -> None:
    assert there_and_back(form, [], tmp_path) == []


@pytest.mark.parametrize("form", KEPT)
@SHARED
@given(page=pages())
def test_whatever_page_comes_back_as_it_was(form: Format, tmp_path: Path, page: PageRecord) -> None:
    assert there_and_back(form, [page], tmp_path) == [page]


@SHARED
@given(page=pages())
def test_whatever_page_comes_back_from_csv_with_its_lines(tmp_path: Path, page: PageRecord) -> None:
    assume(is_utf8(page))
    back = there_and_back("csv", [page], tmp_path)
    assert [labelled for each in back for labelled in lines_of(each)] == lines_of(page)


def test_a_line_of_a_million_characters_comes_back_from_csv(tmp_path: Path) -> None:
    page = make_page("a", "ferry " * 170_000 + "\n", ["content"])
    assert there_and_back("csv", [page], tmp_path) == [page]


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in PREDICTING])
def test_a_format_without_predictions_refuses_them(form: Format, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no predictions"):
        write_format(form, PAGES, tmp_path / "out", classifier=toy())


@pytest.mark.parametrize("form", PREDICTING)
def test_predictions_go_into_the_formats_that_hold_them(form: Format, tmp_path: Path) -> None:
    write_format(form, [PAGES[1]], tmp_path / "out", classifier=toy())
    assert '"toy"' in (tmp_path / "out").read_text("utf-8")


def test_texts_go_to_the_pages_of_label_studio(tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text('[{"data": {"page_id": "a"}}]')
    [page] = read_format("label-studio", tmp_path / "export.json", texts={"a": "News"})
    assert page == make_page("a", "News")


def test_texts_for_a_format_that_has_its_own_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="texts belong to label-studio"):
        read_format("csv", tmp_path / "in.csv", texts={})
