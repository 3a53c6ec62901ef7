"""What stands apart from a page's main run of content, as the slow twin finds it."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paywallstrip import Classifier, Label, Page
from paywallstrip.islands import NO_ISLANDS, Islands, apart
from paywallstrip.stages import UNIT
from tests.reference.model import Twin
from tests.test_reference import TEXTS
from tests.toy import CUES, toy_model

ISLANDS = Islands(gap=2, share=50, distance=3, penalty=1)


def found(page: str, islands: Islands = ISLANDS) -> list[int]:
    """Find what stands apart in a page of one character a line: a number is content so long."""
    sizes = np.array([int(c) if c.isdigit() else 5 for c in page])
    content = np.array([c.isdigit() for c in page], dtype=bool)
    lines: list[int] = apart(content, sizes, np.zeros(len(page), np.int64), islands).tolist()
    return lines


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("", []),
        ("---", []),
        ("9", []),
        ("99---3", [5]),
        ("99--3", [4]),
        ("99-3", []),
        ("3---99", []),
        ("32---99", []),
        ("54---99", [5, 6]),
        ("9---99", []),
        ("9---3---9", [4, 8]),
        ("3---9---3-3", [8, 10]),
        ("9---9", [4]),
        ("5---9", []),
        ("5-3---9", [6]),
        ("55---9---", [5]),
        ("4-4---9---", [6]),
    ],
)
def test_content_far_behind_the_main_run_stands_apart(page: str, expected: list[int]) -> None:
    assert found(page) == expected


def test_a_gap_of_fewer_lines_does_not_end_a_run() -> None:
    assert found("99--3", ISLANDS._replace(gap=3)) == []


def test_models_without_islands_find_none() -> None:
    assert found("9---3", NO_ISLANDS) == []


def test_runs_end_with_their_page() -> None:
    content = np.ones(8, dtype=bool)
    pages = np.arange(8)
    assert not len(apart(content, np.ones(8, np.int64), pages, ISLANDS))


ISLANDS_DRAWN = st.builds(
    Islands,
    gap=st.integers(1, 4),
    share=st.integers(1, 100),
    distance=st.integers(1, 8),
    penalty=st.just(1),
)


@given(
    pages=st.lists(st.lists(st.tuples(st.booleans(), st.integers(1, 3)), max_size=20), max_size=4),
    islands=ISLANDS_DRAWN,
)
def test_a_batch_of_pages_is_as_the_twin_finds_each(
    pages: list[list[tuple[bool, int]]], islands: Islands
) -> None:
    twin = Twin(dataclasses.replace(toy_model(), islands=islands), CUES)
    expected, passed = [], 0
    for page in pages:
        content, sizes = [is_content for is_content, _ in page], [size for _, size in page]
        expected += [passed + i for i in twin.apart(content, sizes)]
        passed += len(page)
    lines = [line for page in pages for line in page]
    of_all = apart(
        np.array([is_content for is_content, _ in lines], dtype=bool),
        np.array([size for _, size in lines], dtype=np.int64),
        np.repeat(np.arange(len(pages)), [len(page) for page in pages]),
        islands,
    )
    assert of_all.tolist() == expected


def test_the_penalty_shows_in_the_label_and_in_the_probability() -> None:
    lenient, strict = NO_ISLANDS, Islands(gap=1, share=100, distance=2, penalty=3 * UNIT)
    changed = [
        (before, after)
        for page in TEXTS.values()
        for before, after in zip(
            classified(page, lenient).lines, classified(page, strict).lines, strict=True
        )
        if before != after
    ]
    assert changed
    for before, after in changed:
        assert before.label is Label.CONTENT
        assert after.probabilities[Label.CONTENT] < before.probabilities[Label.CONTENT]
    assert any(after.label is not Label.CONTENT for _, after in changed)


def classified(text: str, islands: Islands) -> Page:
    return Classifier(dataclasses.replace(toy_model(), islands=islands)).classify(text)
