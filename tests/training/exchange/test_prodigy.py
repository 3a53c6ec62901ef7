"""Prodigy: its JSON Lines as `db-out` writes them."""

import json
from pathlib import Path
from typing import Any

import pytest

from paywallstrip.errors import DataError
from paywallstrip.training.exchange.prodigy import prodigy_task, read_prodigy, write_prodigy
from paywallstrip.training.records import make_page
from tests.toy import toy

EXPORT = Path(__file__).parents[2] / "cases" / "exchange" / "prodigy.jsonl"
N, C, P = "navigation", "content", "paywall"


def written(folder: Path, **task: Any) -> Path:
    path = folder / "pages.jsonl"
    path.write_text(json.dumps({"text": "News\nMore", "answer": "accept"} | task) + "\n", "utf-8")
    return path


def test_an_accepted_page_has_its_labels() -> None:
    assert next(read_prodigy(EXPORT)).labels == (N, N, C, C, P)


def test_rejected_and_ignored_pages_are_open() -> None:
    assert [page.labels for page in read_prodigy(EXPORT)][1:] == [(None, None, None), (None,)]


def test_a_page_that_nobody_has_answered_is_open(tmp_path: Path) -> None:
    path = tmp_path / "pages.jsonl"
    write_prodigy([make_page("a", "News\nMore")], path, classifier=toy())
    assert [page.labels for page in read_prodigy(path)] == [(None, None)]


def test_a_page_is_named_by_its_meta_or_else_by_its_hash() -> None:
    assert [page.id for page in read_prodigy(EXPORT)] == ["ferry:1", "77301", "bote:3"]


def test_a_page_may_be_number_0(tmp_path: Path) -> None:
    assert next(read_prodigy(written(tmp_path, meta={"id": 0}, _input_hash=5))).id == "0"


def test_a_page_without_a_name_or_a_hash_has_its_row_s_number(tmp_path: Path) -> None:
    path = tmp_path / "pages.jsonl"
    path.write_text('{"text": "News"}\n\n{"text": "More"}\n', "utf-8")
    assert [page.id for page in read_prodigy(path)] == ["1", "3"]


def test_labels_are_by_the_annotator() -> None:
    assert {line.by for line in next(read_prodigy(EXPORT)).lines} == {"ada"}


@pytest.mark.parametrize(
    ("names", "by"),
    [
        ({"_session_id": "pages-ada", "_annotator_id": "ada"}, "ada"),
        ({"_session_id": "pages-ada"}, "pages-ada"),
    ],
)
def test_labels_are_by_the_session_where_no_annotator_is_named(
    tmp_path: Path, names: dict[str, str], by: str
) -> None:
    spans = [{"start": 0, "end": 4, "label": N}]
    assert next(read_prodigy(written(tmp_path, spans=spans, **names))).lines[0].by == by


def test_where_a_page_is_from_stands_in_its_meta() -> None:
    assert next(read_prodigy(EXPORT)).domain == "ferry.example"


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ({"text": None}, "expected a JSON object with a 'text'"),
        ({"answer": "maybe"}, "answer 'maybe' is none of accept, reject, ignore"),
        ({"spans": {}}, "'spans' must be a list"),
        ({"lines": []}, "a page in the native format, not one of Prodigy's"),
        ({"spans": [{"start": 0, "end": 4}]}, "is no span with start, end and label"),
        ({"spans": [{"start": 0, "end": 4, "label": "x"}]}, "label 'x' is none of"),
        ({"spans": [{"start": 0, "end": 40, "label": N}]}, "lies outside the text"),
    ],
)
def test_what_cannot_be_used_is_named_by_file_and_row(
    tmp_path: Path, task: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=rf"pages\.jsonl:1: .*{message}"):
        list(read_prodigy(written(tmp_path, **task)))


def test_a_page_to_label_has_no_answer_yet() -> None:
    assert prodigy_task(make_page("a", "News")) == {
        "text": "News",
        "meta": {"id": "a"},
        "spans": [],
    }


def test_a_page_to_label_may_start_from_a_model_s_labels() -> None:
    task = prodigy_task(make_page("a", "News\nMore"), toy())
    labels = [line.label.value for line in toy().classify("News\nMore").lines]
    assert [(span["label"], span["source"]) for span in task["spans"]] == [
        (label, "toy") for label in labels
    ]


def test_a_page_with_a_model_s_labels_keeps_where_it_is_from() -> None:
    page = make_page("a", "News", domain="ferry.example")
    assert prodigy_task(page, toy())["meta"] == {"id": "a", "domain": "ferry.example"}


@pytest.mark.parametrize("content", ["{", "[" * 100_000], ids=["cut off", "nested"])
def test_what_is_no_json_is_named_by_its_row(tmp_path: Path, content: str) -> None:
    (tmp_path / "pages.jsonl").write_text(content)
    with pytest.raises(DataError, match=r"pages\.jsonl:1: not JSON: "):
        list(read_prodigy(tmp_path / "pages.jsonl"))


def test_a_model_s_labels_that_an_annotator_accepts_are_the_annotator_s(tmp_path: Path) -> None:
    task = prodigy_task(make_page("a", "News\nMore"), toy())
    page = next(read_prodigy(written(tmp_path, **task, answer="accept", _annotator_id="ada")))
    assert [line.by for line in page.lines] == ["ada", "ada"]


def test_a_labelled_page_keeps_its_labels_beside_a_model() -> None:
    page = make_page("a", "News\nMore", [None, C])
    assert prodigy_task(page, toy()) == prodigy_task(page)


def test_spans_fit_the_tokens_that_spacy_cuts() -> None:
    spacy = pytest.importorskip("spacy", reason="spaCy is not installed")
    page = make_page("a", "News \n\n  The ferry.\r\n\tMore\n", [N, C, N])
    document = spacy.blank("en")(page.text)
    spans = prodigy_task(page)["spans"]
    assert all(document.char_span(span["start"], span["end"]) for span in spans)
