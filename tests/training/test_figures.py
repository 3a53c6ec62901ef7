"""Counts to figures, and figures to tables."""

import json
import math

import numpy as np
import pytest

from paywallstrip.scoring import page_counts
from paywallstrip.training.figures import (
    CONTENT,
    DIFFERENCE,
    LEFTOVER_WORDS,
    LINE_F1,
    MACRO_F1,
    RECALL,
    WORD_F1,
    WORDS,
    Figure,
    bare_figure,
    content_row,
    empty_figures,
    group_by,
    label_statistics,
    leftover_statistics,
    make_differences,
    make_figures,
)
from paywallstrip.training.report import pivot

EVERY = {"all": np.array([0, 1, 2, 3])}
SCORES = page_counts([0.2, 0.4, 0.6, 1.0])
# Two of three content lines kept, 30 of 40 characters, and one other line.
ROW = content_row([1, 1, 1, 0], [1, 1, 0, 1], [10, 20, 10, 6])


def only(figures: list[Figure]) -> Figure:
    (figure,) = figures
    return figure


def test_a_figure_is_the_score_of_the_group_s_sum() -> None:
    assert only(make_figures("t", "s", SCORES, WORDS, EVERY)).value == pytest.approx(0.55)


def test_a_group_counts_its_own_pages_only() -> None:
    groups = {"two": np.array([0, 3])}
    assert only(make_figures("t", "s", SCORES, WORDS, groups)).value == pytest.approx(0.6)


def test_a_figure_lies_in_its_interval() -> None:
    figure = only(make_figures("t", "s", SCORES, WORDS, EVERY))
    assert figure.low < figure.value < figure.high


def test_a_group_without_pages_has_no_figure() -> None:
    assert make_figures("t", "s", SCORES, WORDS, {"none": np.zeros(0, np.int64)}) == []


def test_differences_are_ours_less_theirs() -> None:
    counts = {"ours": SCORES, "theirs": page_counts([0.1, 0.3, 0.5, 0.9])}
    figure = only(make_differences("t", counts, "ours", WORDS, EVERY))
    assert (figure.table, figure.system) == ("t, ahead", "theirs")
    assert figure.value == pytest.approx(0.1)


def test_an_equal_lead_on_every_page_has_no_width() -> None:
    counts = {"ours": SCORES, "theirs": page_counts([0.1, 0.3, 0.5, 0.9])}
    figure = only(make_differences("t", counts, "ours", WORDS, EVERY))
    assert figure.high - figure.low == pytest.approx(0)


def test_pages_without_output_are_counted() -> None:
    outputs = {"x": [["line"], [], ["line"], ["line"]]}
    assert only(empty_figures(outputs, EVERY)).value == 0.25


def test_groups_come_largest_first() -> None:
    assert list(group_by("kind", ["a", "b", "b"], few=1)) == ["kind: b", "kind: a"]


def test_values_with_few_pages_are_put_together() -> None:
    groups = group_by("kind", ["a", "b", "c", "c"], few=2)
    assert groups["kind: other"].tolist() == [0, 1]


def test_pages_without_a_value_are_in_no_group() -> None:
    assert group_by("kind", [None, "a"], few=1)["kind: a"].tolist() == [1]


def test_content_is_counted_by_characters_then_by_lines() -> None:
    assert ROW.tolist() == [30, 40, 36, 2, 3, 3]


def test_content_recall_is_by_characters() -> None:
    assert CONTENT[RECALL](ROW[None]) == pytest.approx([30 / 40])


def test_content_f1_is_by_lines() -> None:
    assert CONTENT[LINE_F1](ROW[None]) == pytest.approx([4 / 6])


def test_label_statistics_read_a_flat_confusion_matrix() -> None:
    confusion = np.diag([3, 1, 2, 2])
    confusion[1, 0] = 1  # a paywall line taken for content
    sums = confusion.reshape(1, -1).astype(np.float64)
    statistics = label_statistics()
    assert statistics["content precision"](sums) == pytest.approx([3 / 4])
    assert statistics["paywall recall"](sums) == pytest.approx([1 / 2])
    assert statistics[MACRO_F1](sums) == pytest.approx([(6 / 7 + 2 / 3 + 1 + 1) / 4])


def test_a_leftover_s_difference_is_cleaned_less_as_it_is() -> None:
    sums = np.array([[1.0, 1.5, 1.8, 2.0]])
    assert LEFTOVER_WORDS[DIFFERENCE](sums) == pytest.approx([0.25])


def test_leftovers_on_labelled_lines_are_meaned_over_extractors() -> None:
    nothing = np.array([0.0, 40, 0, 0, 3, 0])
    # As it is: F1 of 4/6 and 0; cleaned: 0 and 4/6.
    sums = np.concatenate([ROW, nothing, ROW, nothing, ROW, ROW])[None]
    statistics = leftover_statistics()
    assert statistics["as it is"](sums) == pytest.approx([1 / 3])
    assert statistics[DIFFERENCE](sums) == pytest.approx([0])


def test_a_figure_that_is_not_defined_is_null_in_json() -> None:
    figure = bare_figure("t", "g", "s", "m", math.nan, 1)
    assert json.loads(json.dumps(figure.to_dict(), allow_nan=False))["value"] is None


def test_a_table_has_a_row_a_system_and_a_column_a_measure() -> None:
    figures = [
        Figure("t", "all", "ours", WORD_F1, 0.91234, 0.9, 0.92, 4),
        bare_figure("t", "all", "theirs", WORD_F1, math.nan, 4),
    ]
    assert pivot(figures, "system", "measure", intervals=True).splitlines() == [
        "| system | word F1 |",
        "| --- | ---: |",
        "| ours | 0.912 (0.900 to 0.920) |",
        "| theirs | – |",
    ]


def test_a_difference_shows_its_sign() -> None:
    table = pivot([bare_figure("t, ahead", "all", "theirs", WORD_F1, 0.01, 4)], "system", "measure")
    assert "+0.010" in table


def test_without_figures_there_is_no_table() -> None:
    assert pivot([], "system", "measure") == ""
