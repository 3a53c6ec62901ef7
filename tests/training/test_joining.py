"""Lines put together and wrapped."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paywallstrip.labels import LABELS
from paywallstrip.training.joining import WIDTHS, join_lines, wrap_lines

PAGES = st.lists(
    st.tuples(st.text("abc", min_size=1), st.sampled_from([*LABELS, None])),
    max_size=30,
)


@given(PAGES, st.integers())
def test_nothing_is_lost(page: list[tuple[str, str | None]], seed: int) -> None:
    lines = [line for line, _ in page]
    joined, _ = join_lines(lines, [label for _, label in page], Random(seed))
    assert " ".join(joined) == " ".join(lines)


@given(PAGES, st.integers())
def test_every_line_has_a_label(page: list[tuple[str, str | None]], seed: int) -> None:
    joined, labels = join_lines([a for a, _ in page], [b for _, b in page], Random(seed))
    assert len(joined) == len(labels)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (["navigation", "content", "navigation"], "content"),
        ([None, "content", "navigation"], "content"),
        (["navigation", "paywall", "paywall"], "paywall"),
        ([None, "navigation", "navigation"], None),
    ],
)
def test_put_together_lines_are_called(labels: list[str | None], found: str | None) -> None:
    one = (join_lines(["a", "b", "c"], labels, Random(seed)) for seed in range(100))
    assert {got[0] for lines, got in one if len(lines) == 1} == {found}


def test_some_pages_become_one_line_and_others_several() -> None:
    counts = {len(join_lines(["a"] * 40, ["content"] * 40, Random(i))[0]) for i in range(50)}
    assert 1 in counts
    assert max(counts) > 10


SPACED = st.lists(
    st.tuples(
        st.lists(st.text("abc", min_size=1, max_size=12), min_size=1, max_size=60).map(" ".join),
        st.sampled_from([*LABELS, None]),
    ),
    max_size=10,
)


@given(SPACED, st.integers(*WIDTHS))
def test_no_word_is_lost_by_wrapping(page: list[tuple[str, str | None]], width: int) -> None:
    lines, _ = wrap_lines([a for a, _ in page], [b for _, b in page], width)
    assert " ".join(lines).split() == " ".join(a for a, _ in page).split()


@given(SPACED, st.integers(*WIDTHS))
def test_a_piece_has_the_label_of_its_line(page: list[tuple[str, str | None]], width: int) -> None:
    lines, labels = wrap_lines([a for a, _ in page], [b for _, b in page], width)
    words = [label for line, label in zip(lines, labels, strict=True) for _ in line.split()]
    assert words == [label for line, label in page for _ in line.split()]


@given(SPACED, st.integers(*WIDTHS))
def test_no_wrapped_line_is_longer_than_the_widest(
    page: list[tuple[str, str | None]], width: int
) -> None:
    lines, _ = wrap_lines([a for a, _ in page], [b for _, b in page], width)
    assert all(len(line) <= max(WIDTHS) for line in lines)
