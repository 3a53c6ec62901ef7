"""Thresholds are chosen on scores of pages that the model has not seen."""

from collections.abc import Sequence

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the extra [train]")

from paywallstrip.labels import CONTENT, LABELS, NAVIGATION, PAYWALL
from paywallstrip.stages import UNIT
from paywallstrip.training.thresholds import (
    DISTANCE,
    Places,
    choose_islands,
    choose_offsets,
    choose_paywall_offset,
)

PROSE = 70


def lines_of(margins: list[float], label: int = CONTENT) -> np.ndarray:
    """Make scores of lines in which a label is so many logits ahead of navigation."""
    scores = np.full((len(margins), len(LABELS)), -9 * UNIT, np.int64)
    scores[:, NAVIGATION] = 0
    scores[:, label] = np.rint(np.array(margins) * UNIT)
    return scores


def offset_of(
    margins: list[float],
    content: Sequence[bool | None],
    tolerance: float,
    weights: np.ndarray | float = 1.0,
) -> float:
    """Choose the offset where lines are content, are none or, None, are open."""
    count = len(margins)
    targets = np.array([{True: CONTENT, False: NAVIGATION, None: -1}[each] for each in content])
    offsets = choose_offsets(
        lines_of(margins), targets, np.full(count, PROSE), np.ones(count) * weights, tolerance
    )
    return float(offsets[:, CONTENT].max() / UNIT)


SURE, DOUBTFUL = [5.0] * 98, [-0.55, -1.55]


def test_lines_that_would_be_lost_ask_for_a_lenient_offset() -> None:
    assert offset_of([*SURE, *DOUBTFUL, -5.0], [True] * 100 + [False], 0.0) == pytest.approx(
        2.5, abs=1e-5
    )


@pytest.mark.parametrize(("tolerance", "expected"), [(0.0, 0.5), (0.006, 1.5), (0.02, 2.5)])
def test_leniency_may_cost_the_tolerance(tolerance: float, expected: float) -> None:
    margins, content = [*SURE, *DOUBTFUL], [True] * 98 + [False] * 2
    assert offset_of(margins, content, tolerance) == pytest.approx(expected, abs=1e-5)


def test_a_kind_without_lines_has_no_offset() -> None:
    offsets = choose_offsets(
        lines_of([1.0]), np.array([CONTENT]), np.array([PROSE]), np.ones(1), 0.01
    )
    assert np.count_nonzero(offsets.any(axis=1)) == 1


def test_a_kind_without_content_has_no_offset() -> None:
    targets = np.full(9, NAVIGATION)
    offsets = choose_offsets(
        lines_of([-1.5] * 9), targets, np.full(9, PROSE), np.ones(9), tolerance=0.01
    )
    assert not offsets.any()


def test_open_lines_choose_nothing() -> None:
    offsets = choose_offsets(lines_of([1.0]), np.array([-1]), np.array([PROSE]), np.ones(1), 0.01)
    assert not offsets.any()


def test_open_lines_have_no_say_in_an_offset() -> None:
    margins, content = [*SURE, *DOUBTFUL, *[-0.45] * 9], [True] * 98 + [False] * 2 + [None] * 9
    assert offset_of(margins, content, 0.0) == pytest.approx(0.5, abs=1e-5)


@pytest.mark.parametrize(("weight", "expected"), [(1.0, 2.5), (3.0, 0.4)])
def test_a_line_counts_for_an_offset_as_much_as_its_weight(weight: float, expected: float) -> None:
    margins, content = [*SURE, -0.55, -0.45], [True] * 99 + [False]
    weights = np.array([1.0] * 99 + [weight])
    assert offset_of(margins, content, 0.0, weights) == pytest.approx(expected, abs=1e-5)


def paywall_offset(precision: float, weight: float = 1.0, more: int = 0) -> float:
    """Choose the offset where lines of paywall have a weight, beside so many open lines."""
    margins = [3.0] * 4 + [-0.55] * 4 + [-0.45] * 2 + [-0.55] * more
    targets = np.array([PAYWALL] * 8 + [NAVIGATION] * 2 + [-1] * more)
    weights = np.where(targets == PAYWALL, weight, 1.0)
    scores = lines_of(margins, PAYWALL)
    return choose_paywall_offset(scores, targets, weights, precision) / UNIT


@pytest.mark.parametrize("precision", [0.0, 0.8])
def test_paywall_is_called_as_readily_as_its_f_measure_asks_for(precision: float) -> None:
    assert paywall_offset(precision) == pytest.approx(0.6, abs=1e-5)


def test_open_lines_have_no_say_in_how_readily_paywall_is_called() -> None:
    assert paywall_offset(0.0, more=20) == pytest.approx(0.6, abs=1e-5)


def test_a_line_counts_for_the_precision_of_paywall_as_much_as_its_weight() -> None:
    assert paywall_offset(0.75, weight=0.5) < 0.45


def test_paywall_is_called_no_more_readily_than_its_precision_allows() -> None:
    assert paywall_offset(0.9) < 0.45


def test_paywall_has_no_offset_where_none_is_precise() -> None:
    scores = lines_of([1.0, 1.0], PAYWALL)
    assert choose_paywall_offset(scores, np.array([NAVIGATION] * 2), np.ones(2), 0.8) == 0


def penalty(behind: list[int], weights: list[float] | None = None) -> float:
    """Choose the penalty where content far behind the body has these labels in truth."""
    body, between = 20, 2 * DISTANCE
    margins = [0.5] * body + [-4.0] * between + [1.1] * len(behind)
    targets = [CONTENT] * body + [NAVIGATION] * between + behind
    count = len(margins)
    of_lines = np.ones(count)
    of_lines[body + between :] = weights or 1.0
    places = Places(np.full(count, 50), np.zeros(count, np.int64))
    found = choose_islands(lines_of(margins), np.array(targets), of_lines, places)
    return found.penalty / UNIT


def test_islands_lose_as_much_as_it_takes() -> None:
    assert penalty([NAVIGATION] * 10) == pytest.approx(1.25, abs=1e-5)


def test_islands_that_are_content_lose_nothing() -> None:
    assert penalty([CONTENT] * 10) == 0


def test_open_lines_have_no_say_in_what_islands_lose() -> None:
    assert penalty([CONTENT] * 4 + [-1] * 6) == 0


def test_a_line_counts_for_what_islands_lose_as_much_as_its_weight() -> None:
    assert penalty([CONTENT] * 4 + [NAVIGATION] * 6, [1.0] * 4 + [0.1] * 6) == 0
