"""The shipped model on the pages and short texts written for the project.

`python -m tests.written` reports what is wrong where, and records floors.json and
known_failures.json anew.
"""

import json
from functools import cache
from pathlib import Path

import pytest

from paywallstrip import Classifier, Label, Page
from paywallstrip.lines import split_lines
from tests.written import (
    ALMOST_EMPTY,
    FLOORS,
    FOLDER,
    INDEX,
    KNOWN_FAILURES,
    SEED_NAMES,
    all_scores,
    body_share,
    lost_content,
    marked,
    other_forms,
    read_page,
    read_short_texts,
    wrong_body,
)

# What the shipped model says of them is the same on every Python and numpy, which
# tests/test_reference.py holds it to.
pytestmark = pytest.mark.slow

NAMES = [entry["name"] for entry in INDEX]
HARD_NEGATIVES = [entry["name"] for entry in INDEX if entry["hard_negative"]]
INDEX_PAGES = [entry["name"] for entry in INDEX if entry["kind"] == "index-page"]
SHORT_TEXTS = read_short_texts()
WITHOUT_SPACES_OR_RIGHT_TO_LEFT = {"ar", "fa", "he", "ja", "th", "ur", "zh"}


@cache
def classify(name: str) -> Page:
    return Classifier.load().classify(read_page(name).text)


@cache
def classify_short(name: str) -> Page:
    return Classifier.load().classify(SHORT_TEXTS[name].text)


@cache
def measured() -> dict[str, float]:
    pages = [(read_page(name), classify(name)) for name in NAMES]
    short_texts = [(text, classify_short(name)) for name, text in SHORT_TEXTS.items()]
    return all_scores(pages, short_texts, other_forms(Classifier.load()))


def test_the_index_lists_every_page_once() -> None:
    assert sorted(NAMES) == sorted(path.stem for path in FOLDER.glob("*.tsv"))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_parses_into_lines_with_labels(name: str) -> None:
    assert len(read_page(name).labels) > 0


@pytest.mark.parametrize("name", NAMES)
def test_every_labelled_line_of_a_page_is_a_line_of_the_text(name: str) -> None:
    written = read_page(name)
    assert len(split_lines([written.text]).starts) == len(written.labels)


@pytest.mark.parametrize("name", NAMES)
def test_the_domain_of_a_page_is_invented(name: str) -> None:
    domain = next(entry["domain"] for entry in INDEX if entry["name"] == name)
    assert domain.endswith(".example")


def test_there_are_thirty_pages_in_ten_languages() -> None:
    assert len(NAMES) >= 30
    assert len({entry["language"] for entry in INDEX}) >= 10


def test_three_pages_are_without_spaces_or_right_to_left() -> None:
    languages = [entry["language"] for entry in INDEX]
    assert sum(language in WITHOUT_SPACES_OR_RIGHT_TO_LEFT for language in languages) >= 3


def test_the_pages_hold_every_label() -> None:
    assert {label for name in NAMES for label in read_page(name).labels} == set(Label)


@pytest.mark.parametrize("name", marked("hard-negative", HARD_NEGATIVES))
def test_a_hard_negative_loses_no_content_line(name: str) -> None:
    assert lost_content(read_page(name), classify(name)) == []


@pytest.mark.parametrize("name", marked("index", INDEX_PAGES))
def test_the_body_of_an_index_page_is_almost_empty(name: str) -> None:
    assert body_share(classify(name)) <= ALMOST_EMPTY


@pytest.mark.parametrize("name", marked("short-text", list(SHORT_TEXTS)))
def test_of_a_short_text_the_piece_is_kept_and_nothing_else(name: str) -> None:
    assert wrong_body(SHORT_TEXTS[name], classify_short(name)) == []


@pytest.mark.parametrize("name", SHORT_TEXTS)
def test_every_labelled_line_of_a_short_text_is_a_line_of_it(name: str) -> None:
    written = SHORT_TEXTS[name]
    assert len(split_lines([written.text]).starts) == len(written.labels)


@pytest.mark.parametrize("score", json.loads(FLOORS.read_text("utf-8")))
def test_a_score_over_all_pages_is_at_or_above_its_floor(score: str) -> None:
    assert measured()[score] >= json.loads(FLOORS.read_text("utf-8"))[score]


def test_every_score_has_a_floor() -> None:
    assert list(json.loads(FLOORS.read_text("utf-8"))) == list(measured())


def test_every_known_failure_names_a_check() -> None:
    checks = {
        *(f"hard-negative:{name}" for name in HARD_NEGATIVES),
        *(f"index:{name}" for name in INDEX_PAGES),
        *(f"short-text:{name}" for name in SHORT_TEXTS),
        *(f"{check}:{name}" for check in ("seed-body", "seed-labels") for name in SEED_NAMES),
    }
    known = json.loads(Path(KNOWN_FAILURES).read_text("utf-8"))
    assert set(known) <= checks
