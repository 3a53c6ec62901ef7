"""Labels kept by line hash, and joining them to the pages again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paywallstrip.errors import DataError
from paywallstrip.training import further
from paywallstrip.training.converters import Converter
from paywallstrip.training.corpus import BodyPage, is_final, read_bodies, read_labelled
from paywallstrip.training.further import (
    FURTHER,
    FurtherLabels,
    Joined,
    converter_name,
    join_further,
    line_hash,
    read_further,
)

LINES = ("Harbour Post", "The ferry runs again.", "Tickets are free.", "Imprint")
RECORD: dict[str, Any] = {
    "id": "invented:1",
    "domain": "ferry.example",
    "converter": "html-text 0.7.1",
    "rules": "0123456789ab",
    "labelled_by": "reading",
    "hashes": [line_hash(line) for line in LINES],
    "labels": [["navigation", 1], ["content", 2], ["navigation", 1]],
}
SECOND = FURTHER.with_name("further-second.jsonl")


@pytest.fixture(autouse=True)
def converters(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages whose HTML is their text, except where the real corpus is read."""
    if "corpus" not in request.fixturenames:
        table = {"html-text": Converter("html-text", "dump", "numpy", lambda: same)}
        monkeypatch.setattr(further, "CONVERTERS", table)


def same(html: str) -> str:
    return html


def written(folder: Path, *records: Any) -> Path:
    path = folder / "further.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def labels_of(**changes: Any) -> FurtherLabels:
    fields = RECORD | {"labels": ("navigation", "content", "content", "navigation")} | changes
    return FurtherLabels(**fields | {"hashes": tuple(fields["hashes"])})


def body_of(html: str, page: str = "invented:1") -> BodyPage:
    return BodyPage(page, "invented", "", "ferry.example", "article", "", "", (), (), html)


def joined(*lines: str) -> Joined:
    return join_further([labels_of()], [body_of("\n".join(lines))])


def test_a_line_s_hash_is_the_start_of_its_sha256() -> None:
    # `printf 'The ferry runs again.' | sha256sum`
    assert line_hash("The ferry runs again.") == "b5e074aacb73"


def test_half_a_surrogate_pair_has_a_hash() -> None:
    assert len(line_hash("\ud800")) == 12


def test_runs_are_one_label_a_line(tmp_path: Path) -> None:
    [page] = read_further(written(tmp_path, RECORD))
    assert page.labels == ("navigation", "content", "content", "navigation")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": [["content", 3]]}, "further.jsonl:2: page invented:1: 4 hashes, 3 labels"),
        ({"labels": [["advert", 4]]}, "further.jsonl:2: .*'advert'.* is no run"),
        ({"labels": [["content", 0], ["content", 4]]}, "further.jsonl:2: .*is no run"),
        ({"labels": "content"}, "further.jsonl:2: hashes and labels must be lists"),
        ({}, "further.jsonl:2: page invented:1 stands here twice"),
    ],
)
def test_a_damaged_page_is_refused_by_file_and_line(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    path = written(tmp_path, RECORD, RECORD | change)
    with pytest.raises(DataError, match=message):
        read_further(path)


@pytest.mark.parametrize("field", sorted(RECORD))
def test_a_missing_field_is_named(tmp_path: Path, field: str) -> None:
    record = {name: value for name, value in RECORD.items() if name != field}
    with pytest.raises(DataError, match=f":1: field '{field}' is missing"):
        read_further(written(tmp_path, record))


@pytest.mark.parametrize("text", ["{", "[]", ""])
def test_what_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "further.jsonl"
    path.write_text(text + "\n")
    with pytest.raises(DataError, match=":1: "):
        read_further(path)


@pytest.mark.parametrize(
    ("described", "name"),
    [
        ("html-text 0.7.1", "html-text"),
        ("resiliparse 2.0.1 extract_plain_text(main_content=False)", "resiliparse-plain"),
        ("resiliparse 2.0.1 extract_plain_text(main_content=True)", "resiliparse-main"),
        ("goose3", "goose3"),
    ],
)
def test_a_converter_is_known_by_its_description(
    monkeypatch: pytest.MonkeyPatch, described: str, name: str
) -> None:
    monkeypatch.undo()
    assert converter_name(described) == name


def test_an_unknown_converter_is_refused() -> None:
    with pytest.raises(DataError, match="unknown converter 'lynx 2'"):
        converter_name("lynx 2")


def test_a_page_has_its_lines_again() -> None:
    assert joined(*LINES).pages[0].lines == LINES


def test_a_page_has_its_labels_again() -> None:
    assert joined(*LINES).pages[0].labels == ("navigation", "content", "content", "navigation")


def test_white_space_makes_no_difference() -> None:
    assert joined("", "  Harbour \t Post", *LINES[1:]).share == 1


def test_a_line_that_is_not_found_is_dropped() -> None:
    assert joined("Harbour Post", "Imprint").pages[0].labels == ("navigation", "navigation")


def test_a_line_that_nobody_labelled_is_left_out() -> None:
    assert joined("New", *LINES, "Newer").pages[0].lines == LINES


def test_lines_are_found_in_order_only() -> None:
    assert joined("Imprint", *LINES[:3]).pages[0].lines == LINES[:3]


def test_a_line_that_comes_once_of_two_times_takes_one_label() -> None:
    twice = labels_of(hashes=[line_hash("More")] * 2, labels=("content", "navigation"))
    assert len(join_further([twice], [body_of("More")]).pages[0].labels) == 1


def test_the_share_of_lines_found_is_reported() -> None:
    assert joined("Harbour Post", "Imprint", "Other").share == 0.5


def test_a_page_that_differs_is_named() -> None:
    assert joined("Harbour Post").differing == ("invented:1",)


def test_a_page_without_a_line_is_left_out() -> None:
    assert joined("Other").pages == ()


def test_a_page_that_the_corpus_lacks_counts_as_not_found() -> None:
    assert join_further([labels_of()], [body_of("Other", "invented:2")]).share == 0


def test_no_labels_leave_nothing_to_find() -> None:
    assert join_further([], [body_of("Other")]).share == 1


class TestKeptLabels:
    """The labels in the repository."""

    def test_at_least_150_pages_are_labelled(self) -> None:
        assert len(read_further()) >= 150

    def test_a_tenth_of_them_is_labelled_twice(self) -> None:
        assert len(read_further(SECOND)) >= len(read_further()) / 10

    def test_a_second_labelling_is_of_the_same_lines(self) -> None:
        first = {page.id: page.hashes for page in read_further()}
        assert all(first[page.id] == page.hashes for page in read_further(SECOND))

    def test_none_is_of_the_final_part(self) -> None:
        assert not [page.id for page in read_further() if is_final(page.domain)]

    def test_a_hash_has_twelve_hex_digits(self) -> None:
        is_hex: Callable[[str], bool] = set("0123456789abcdef").issuperset
        hashes = [hash_ for page in read_further() for hash_ in page.hashes]
        assert all(len(hash_) == 12 and is_hex(hash_) for hash_ in hashes)

    def test_no_page_holds_text(self) -> None:
        records = [json.loads(line) for line in FURTHER.read_text("utf-8").splitlines()]
        assert all(record.keys() == RECORD.keys() for record in records)

    def test_no_page_is_in_the_labelled_corpus_too(self, corpus: Path) -> None:
        ids = {page.id for page in read_labelled(corpus / "labelled.jsonl.xz")}
        assert ids.isdisjoint(page.id for page in read_further())

    @pytest.mark.slow
    def test_at_least_98_percent_of_the_lines_are_found(self, corpus: Path) -> None:
        pytest.importorskip("html_text")
        pytest.importorskip("resiliparse")
        bodies = read_bodies(corpus / "bodies.jsonl.xz")
        assert join_further(read_further(), bodies).share >= 0.98
