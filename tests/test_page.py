"""The body put together, and what a caller may do with pages and lines.

The cases of the body are in cases/body.json: in their texts a line that begins with a
hyphen is removed.
"""

import copy
import dataclasses
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from paywallstrip import Label, Line, Page
from paywallstrip.lines import split_lines
from paywallstrip.page import assemble
from tests.toy import toy

CASES = json.loads((Path(__file__).parent / "cases" / "body.json").read_text("utf-8"))
TEXT = "Share\nRain fell on the harbour all night.\n\nAlso read\nPremium\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_body_is_put_together_as_the_case_says(case: dict) -> None:
    text = case["text"]
    batch = split_lines([text])
    kept = np.array([text[start] != "-" for start in batch.starts], dtype=bool)
    assert assemble(text, batch.starts, batch.ends, kept) == case["body"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_body_of_which_all_is_kept_stays_as_it_is(case: dict) -> None:
    body = case["body"]
    batch = split_lines([body])
    kept = np.ones(len(batch.starts), dtype=bool)
    assert assemble(body, batch.starts, batch.ends, kept) == body


@pytest.fixture
def page() -> Page:
    return toy().classify(TEXT, drop=(Label.PAYWALL, Label.CONTENT))


@pytest.fixture
def line(page: Page) -> Line:
    return page.lines[1]


def test_a_page_shows_how_many_lines_of_each_label_it_has(page: Page) -> None:
    shown = "content 1, paywall 2, navigation 0, related-links 1"
    assert repr(page) == f"<Page of 4 lines: {shown}>"


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Line)])
def test_no_field_of_a_line_can_be_set(line: Line, name: str) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(line, name, None)


@pytest.mark.parametrize("name", ["lines", "body", "removed", "counts", "other"])
def test_no_field_of_a_page_can_be_set(page: Page, name: str) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(page, name, None)


def test_the_probabilities_of_a_line_cannot_be_changed(line: Line) -> None:
    probabilities: Any = line.probabilities
    with pytest.raises(TypeError):
        probabilities[Label.CONTENT] = 1.0


def test_the_counts_of_a_page_cannot_be_changed(page: Page) -> None:
    counts: Any = page.counts
    with pytest.raises(TypeError):
        counts[Label.CONTENT] = 1


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_page_comes_back_from_a_pickle(page: Page, protocol: int) -> None:
    assert pickle.loads(pickle.dumps(page, protocol)) == page


def test_a_page_that_was_looked_at_comes_back_from_a_pickle(page: Page) -> None:
    assert page.removed is not None
    assert page.counts is not None
    assert pickle.loads(pickle.dumps(page)).counts == page.counts


def test_a_line_comes_back_from_a_pickle(line: Line) -> None:
    assert pickle.loads(pickle.dumps(line)) == line


def test_an_unpickled_line_cannot_be_changed(line: Line) -> None:
    again: Any = pickle.loads(pickle.dumps(line))
    with pytest.raises(TypeError):
        again.probabilities[Label.CONTENT] = 1.0


def test_a_page_can_be_copied_deeply(page: Page) -> None:
    assert copy.deepcopy(page) == page


def test_equal_pages_hash_alike(page: Page) -> None:
    assert hash(page) == hash(pickle.loads(pickle.dumps(page)))


def test_pages_with_other_lines_differ(page: Page) -> None:
    assert page != toy().classify(TEXT + "More")


def test_a_line_as_a_dict_has_these_fields(line: Line) -> None:
    assert list(line.to_dict()) == [
        "text",
        "start",
        "end",
        "label",
        "probabilities",
        "confidence",
        "kept",
    ]


def test_a_page_as_a_dict_has_these_fields(page: Page) -> None:
    assert list(page.to_dict()) == ["lines", "body", "counts"]


def test_a_page_as_a_dict_comes_back_from_json(page: Page) -> None:
    assert json.loads(json.dumps(page.to_dict())) == page.to_dict()


def test_a_page_as_a_dict_holds_plain_types_only(page: Page) -> None:
    def types(value: Any) -> set[type]:
        if isinstance(value, dict):
            return {type(k) for k in value} | {t for v in value.values() for t in types(v)}
        if isinstance(value, list):
            return {t for v in value for t in types(v)}
        return {type(value)}

    assert types(page.to_dict()) <= {str, int, float, bool}


def test_the_label_of_a_line_is_a_str(line: Line) -> None:
    assert isinstance(line.label, str)


def test_the_labels_have_these_names() -> None:
    assert [str(label) for label in Label] == ["content", "paywall", "navigation", "related-links"]


def test_the_confidence_is_the_probability_of_the_label(line: Line) -> None:
    assert line.confidence == line.probabilities[line.label]


def test_the_confidence_is_that_of_the_label_though_another_is_more_probable(line: Line) -> None:
    least = min(line.probabilities, key=line.probabilities.__getitem__)
    assert dataclasses.replace(line, label=least).confidence == min(line.probabilities.values())


def test_probabilities_can_be_looked_up_by_name(line: Line) -> None:
    by_name: Any = line.probabilities
    assert by_name["related-links"] == line.probabilities[Label.RELATED_LINKS]


def test_every_label_has_a_probability(line: Line) -> None:
    assert list(line.probabilities) == list(Label)


def test_offsets_are_plain_numbers(line: Line) -> None:
    assert (type(line.start), type(line.end), type(line.kept)) == (int, int, bool)


def test_the_removed_lines_are_those_not_kept(page: Page) -> None:
    assert page.removed == tuple(line for line in page.lines if not line.kept)


def test_the_counts_name_all_four_labels(page: Page) -> None:
    assert list(page.counts) == list(Label)


def test_a_page_becomes_plain_dicts_as_any_dataclass_does(page: Page) -> None:
    found = dataclasses.asdict(page)["lines"]
    assert [each["probabilities"] for each in found] == [each.probabilities for each in page.lines]


def test_counts_come_back_from_a_pickle(page: Page) -> None:
    assert pickle.loads(pickle.dumps(page.counts)) == page.counts


def test_counts_go_into_json(page: Page) -> None:
    assert json.loads(json.dumps(page.counts)) == page.to_dict()["counts"]


@pytest.mark.parametrize(
    "change",
    [
        lambda counts: counts.update({Label.CONTENT: 9}),
        lambda counts: counts.pop(Label.CONTENT),
        lambda counts: counts.setdefault("other", 9),
        lambda counts: counts.clear(),
        lambda counts: counts.popitem(),
        lambda counts: counts.__delitem__(Label.CONTENT),
        lambda counts: counts.__ior__({Label.CONTENT: 9}),
    ],
)
def test_counts_cannot_be_changed(page: Page, change: Any) -> None:
    with pytest.raises(TypeError, match=r"dict\(\.\.\.\)"):
        change(page.counts)
