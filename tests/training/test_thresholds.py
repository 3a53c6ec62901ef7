"""Thresholds are chosen on scores of pages that the model has not seen."""

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


def offset_of(margins: list[float], content: list[bool], tolerance: float) -> float:
    count = len(margins)
    targets = np.where(content, CONTENT, NAVIGATION)
    offsets = choose_offsets(
        lines_of(margins), targets, np.full(count, PROSE), np.ones(count), tolerance
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


def paywall_offset(precision: float) -> float:
    margins = [3.0] * 4 + [-0.55] * 4 + [-0.45] * 2
    targets = np.array([PAYWALL] * 8 + [NAVIGATION] * 2)
    scores = lines_of(margins, PAYWALL)
    return choose_paywall_offset(scores, targets, np.ones(10), precision) / UNIT


def test_paywall_is_called_as_readily_as_its_f_measure_asks_for() -> None:
    assert paywall_offset(0.0) == pytest.approx(0.6, abs=1e-5)


def test_paywall_is_called_no_more_readily_than_its_precision_allows() -> None:
    assert paywall_offset(0.9) < 0.45


def test_paywall_has_no_offset_where_none_is_precise() -> None:
    scores = lines_of([1.0, 1.0], PAYWALL)
    assert choose_paywall_offset(scores, np.array([NAVIGATION] * 2), np.ones(2), 0.8) == 0


def penalty(label: int) -> float:
    """Choose the penalty where all content far behind the body has some label in truth."""
    body, between, behind = 20, 2 * DISTANCE, 10
    margins = [4.0] * body + [-4.0] * between + [1.1] * behind
    targets = [CONTENT] * body + [NAVIGATION] * between + [label] * behind
    count = len(margins)
    places = Places(np.full(count, 50), np.zeros(count, np.int64))
    found = choose_islands(lines_of(margins), np.array(targets), np.ones(count), places)
    return found.penalty / UNIT


def test_islands_lose_as_much_as_it_takes() -> None:
    assert penalty(NAVIGATION) == pytest.approx(1.25, abs=1e-5)


def test_islands_that_are_content_lose_nothing() -> None:
    assert penalty(CONTENT) == 0
