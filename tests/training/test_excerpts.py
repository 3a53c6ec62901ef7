"""Small pages cut out of large ones, and written as HTML."""

from collections.abc import Sequence
from random import Random

import pytest

from paywallstrip.training.excerpts import (
    MOST_AROUND,
    MOST_LINES,
    as_html,
    cut_around,
    cut_short,
)

SEEDS = range(200)
LABELS = ["navigation"] * 20 + ["content", "navigation", "content"] * 10 + ["related-links"] * 20
LINES = [f"line {i}" for i in range(len(LABELS))]


def cuts() -> list[tuple[list[str], Sequence[str | None]]]:
    """Cut the same page many times."""
    return [cut_short(LINES, LABELS, Random(seed)) for seed in SEEDS]


def test_lines_keep_their_order_and_their_labels() -> None:
    for lines, labels in cuts():
        numbers = [LINES.index(line) for line in lines]
        assert (numbers, labels) == (sorted(numbers), [LABELS[i] for i in numbers])


def test_a_page_is_cut_to_a_few_lines() -> None:
    assert max(len(lines) for lines, _ in cuts()) <= 2 * (MOST_LINES + MOST_AROUND)


def test_some_pages_are_a_single_line() -> None:
    assert min(len(lines) for lines, _ in cuts()) == 1


def test_most_pages_have_a_line_of_the_piece() -> None:
    assert sum("content" in labels for _, labels in cuts()) > 0.8 * len(SEEDS)


def test_some_pages_have_none() -> None:
    assert any("content" not in labels for _, labels in cuts())


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_page_with_few_lines_gives_no_more_than_it_has(count: int) -> None:
    for seed in SEEDS:
        lines, _ = cut_short(LINES[:count], LABELS[:count], Random(seed))
        assert set(lines) <= set(LINES[:count])


def test_a_page_without_lines_gives_none() -> None:
    assert cut_short([], [], Random(0)) == ([], [])


def test_the_same_choices_give_the_same_page() -> None:
    assert as_html(LINES, LABELS, Random(3)) == as_html(LINES, LABELS, Random(3))


def test_the_html_has_each_line_as_a_block_of_its_own() -> None:
    pytest.importorskip("turbohtml", reason="needs the extra html")
    from paywallstrip.markup.lines import read_markup
    from paywallstrip.training.html_pages import lines_of

    for seed in SEEDS:
        lines, labels = cut_short(LINES, LABELS, Random(seed))
        assert lines_of(read_markup(as_html(lines, labels, Random(seed)))) == tuple(lines)


def test_signs_of_markup_in_a_line_stay_text() -> None:
    assert "a &lt; b" in as_html(["a < b"], ["content"], Random(0))


POINTING = ["The sea", "It rained.", "READ MORE: The tide", "The tide table of May", "It snowed."]
POINTING_LABELS = ["content", "content", "related-links", "related-links", "content"]


def test_a_line_that_leads_elsewhere_may_stand_in_the_element_of_the_piece() -> None:
    pages = [as_html(POINTING, POINTING_LABELS, Random(seed)) for seed in SEEDS]
    inside = [page for page in pages if "</p><p>READ MORE: <a " in page]
    assert 0.3 * len(SEEDS) < len(inside) < 0.7 * len(SEEDS)


def test_a_line_that_leads_elsewhere_stays_whole() -> None:
    pytest.importorskip("turbohtml", reason="needs the extra html")
    from paywallstrip.markup.lines import read_markup
    from paywallstrip.training.html_pages import lines_of

    pages = [as_html(POINTING, POINTING_LABELS, Random(seed)) for seed in SEEDS]
    assert {lines_of(read_markup(page)) for page in pages} == {tuple(POINTING)}


def test_lines_around_a_line_have_it() -> None:
    cuts = [cut_around(27, LINES, LABELS, Random(seed))[0] for seed in SEEDS]
    assert all(LINES[27] in cut for cut in cuts)
