"""Scores computed by hand, one expectation each."""

import numpy as np
import pytest

from paywallstrip.scoring import (
    are_headlines,
    bounds,
    calibration_errors,
    confusion_matrix,
    count_words,
    kept_counts,
    kept_scores,
    label_scores,
    overlap_f1,
    page_counts,
    page_mean,
    reliability,
    resample,
    without_headline,
    word_f1,
    words,
)

# True labels in rows: content, paywall, navigation, related-links.
CONFUSION = [[6, 0, 2, 0], [1, 2, 1, 0], [0, 1, 8, 0], [1, 0, 1, 0]]


def test_words_are_lower_case_runs_of_letters_and_digits() -> None:
    assert words("Ferry-No. 7, ÉTÉ_1!") == ["ferry", "no", "7", "été_1"]


def test_scripts_without_spaces_give_single_characters() -> None:
    assert words("7月のABC号") == ["7", "月", "の", "abc", "号"]


def test_thai_gives_single_characters() -> None:
    assert words("กา bar") == ["ก", "า", "bar"]


def test_punctuation_of_a_spaceless_script_is_no_word() -> None:
    assert words("東、京。") == ["東", "京"]


def test_lines_do_not_run_together_when_words_are_counted() -> None:
    assert count_words(["sea", "side"]) == {"sea": 1, "side": 1}


def test_word_f1_counts_each_word_as_often_as_both_have_it() -> None:
    # Overlap a, a, b = 3; 5 and 4 words: 2 * 3 / 9.
    assert word_f1("a a a b c", "a a b d") == pytest.approx(2 / 3)


def test_word_f1_ignores_order_case_and_punctuation() -> None:
    assert word_f1("The sea, calm.", "calm THE\nsea") == 1.0


def test_word_f1_of_two_empty_texts_is_one() -> None:
    assert word_f1(" \n", "—") == 1.0


def test_word_f1_of_one_empty_text_is_zero() -> None:
    assert word_f1("", "sea") == 0.0


def test_word_f1_is_the_overlap_of_counted_words() -> None:
    assert overlap_f1(count_words(["a b"]), count_words(["b"])) == word_f1("a b", "b")


def test_only_lines_that_are_just_the_headline_are_left_out() -> None:
    lines = ["FERRY SINKS!", "Ferry sinks off coast", "Ferry"]
    assert without_headline(lines, "Ferry sinks") == lines[1:]


def test_a_headline_is_left_out_wherever_it_stands() -> None:
    assert are_headlines(["Sea", "x", "sea."], "Sea").tolist() == [True, False, True]


def test_without_a_headline_every_line_stays() -> None:
    assert without_headline(["—", "a"], "") == ["—", "a"]


def test_a_page_without_lines_has_no_headlines() -> None:
    assert are_headlines([], "Sea").shape == (0,)


def test_the_confusion_matrix_has_true_labels_in_rows() -> None:
    matrix = confusion_matrix([0, 0, 3], [0, 2, 1])
    assert matrix.tolist() == [[1, 0, 1, 0], [0] * 4, [0] * 4, [0, 1, 0, 0]]


def test_open_lines_are_left_out_of_the_confusion_matrix() -> None:
    assert confusion_matrix([-1, 1], [0, 1]).sum() == 1


def test_a_label_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="true labels"):
        confusion_matrix([0, 1], [0])


@pytest.mark.parametrize(("truth", "predicted"), [(0, 4), (4, 0)])
def test_an_unknown_label_is_refused(truth: int, predicted: int) -> None:
    with pytest.raises(ValueError, match="4 or more"):
        confusion_matrix([truth], [predicted])


def test_a_negative_prediction_is_refused() -> None:
    # Beside a true label above the first it would be counted in the row before.
    with pytest.raises(ValueError, match="negative"):
        confusion_matrix([1], [-1])


def test_precision_is_right_among_given() -> None:
    assert label_scores(CONFUSION).precision == pytest.approx([6 / 8, 2 / 3, 8 / 12, 0])


def test_recall_is_right_among_true() -> None:
    assert label_scores(CONFUSION).recall == pytest.approx([6 / 8, 2 / 4, 8 / 9, 0])


def test_f1_is_twice_right_among_given_and_true() -> None:
    assert label_scores(CONFUSION).f1 == pytest.approx([12 / 16, 4 / 7, 16 / 21, 0])


def test_support_is_the_lines_of_each_label() -> None:
    assert label_scores(CONFUSION).support.tolist() == [8, 4, 9, 2]


def test_macro_f1_is_the_mean_of_the_labels() -> None:
    expected = (12 / 16 + 4 / 7 + 16 / 21 + 0) / 4
    assert label_scores(CONFUSION).macro_f1 == pytest.approx(expected)


def test_a_label_neither_there_nor_given_is_left_out_of_macro_f1() -> None:
    matrix = confusion_matrix([0, 2, 2], [0, 2, 0])  # F1 2/3 and 2/3
    assert label_scores(matrix).macro_f1 == pytest.approx(2 / 3)


def test_a_label_given_but_not_there_scores_zero() -> None:
    assert label_scores(confusion_matrix([0, 0], [0, 1])).f1[1] == 0


@pytest.mark.parametrize("score", ["precision", "recall", "f1"])
def test_a_label_neither_there_nor_given_has_no_score(score: str) -> None:
    scores = label_scores(confusion_matrix([0, 2], [0, 2]))
    assert np.isnan(getattr(scores, score)).tolist() == [False, True, False, True]


def test_a_label_given_but_not_there_has_a_recall_of_zero() -> None:
    assert label_scores(confusion_matrix([0, 0], [0, 1])).recall[1] == 0


def test_stacked_matrices_give_stacked_scores() -> None:
    assert label_scores([CONFUSION, CONFUSION]).f1.shape == (2, 4)


def test_kept_counts_are_content_kept_then_content_then_kept() -> None:
    counts = kept_counts([True, True, False, False], [True, False, True, False], [10, 5, 3, 1])
    assert counts.tolist() == [10, 15, 13]


def test_kept_counts_without_sizes_count_lines() -> None:
    assert kept_counts([True, True, False], [True, False, False]).tolist() == [1, 2, 1]


def test_kept_counts_refuse_different_numbers_of_lines() -> None:
    with pytest.raises(ValueError, match="lines"):
        kept_counts([True], [True, False])


def test_content_recall_by_characters() -> None:
    assert kept_scores([10, 15, 13]).recall == pytest.approx(10 / 15)


def test_content_precision_by_characters() -> None:
    assert kept_scores([10, 15, 13]).precision == pytest.approx(10 / 13)


def test_content_f1_is_twice_both_among_content_and_kept() -> None:
    assert kept_scores([10, 15, 13]).f1 == pytest.approx(20 / 28)


def test_keeping_nothing_where_there_is_no_content_is_right() -> None:
    assert [float(score) for score in kept_scores([0, 0, 0])] == [1, 1, 1]


def test_keeping_nothing_of_the_content_has_no_f1() -> None:
    assert kept_scores([0, 5, 0]).f1 == 0


def test_bins_hold_equal_numbers_of_lines() -> None:
    bins = reliability([0.9, 0.1, 0.4, 0.6, 0.2], [1, 0, 0, 1, 0], bins=2)
    assert bins.counts.tolist() == [3, 2]


def test_bins_are_filled_from_the_least_probable_on() -> None:
    bins = reliability([0.9, 0.1, 0.3, 0.7], [1, 0, 1, 1], bins=2)
    assert bins.stated == pytest.approx([0.2, 0.8])


def test_a_bin_s_error_is_weighted_by_its_lines() -> None:
    # Bins (.1 .3 .2): stated .2, observed 1/3; (.9 .7): stated .8, observed 1.
    bins = reliability([0.9, 0.1, 0.3, 0.7, 0.2], [1, 0, 1, 1, 0], bins=2)
    assert bins.error == pytest.approx((3 * (1 / 3 - 0.2) + 2 * 0.2) / 5)


def test_calibration_of_no_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one line"):
        reliability([], [])


def test_calibration_errors_stand_for_each_label() -> None:
    probabilities = [[0.7, 0.1, 0.1, 0.1], [0.7, 0.1, 0.1, 0.1]]
    errors = calibration_errors(probabilities, [0, 2], bins=1)
    assert errors == pytest.approx([0.2, 0.1, 0.4, 0.1])


def test_open_lines_are_left_out_of_the_calibration_error() -> None:
    errors = calibration_errors([[1.0, 0, 0, 0], [0, 1.0, 0, 0]], [0, -1])
    assert errors.tolist() == [0, 0, 0, 0]


def test_the_mean_over_pages_weighs_pages_alike() -> None:
    assert page_mean(page_counts([0.5, 1.0, 0.0]).sum(axis=0)) == pytest.approx(0.5)


def mean_bounds(counts: np.ndarray, seed: int = 0) -> tuple[float, float]:
    return bounds(page_mean(resample(counts, seed=seed)))


def test_an_interval_of_equal_pages_has_no_width() -> None:
    assert mean_bounds(page_counts([0.25] * 9)) == (0.25, 0.25)


def test_an_interval_of_a_binary_mean_is_the_binomial_s() -> None:
    # 100 pages, half of them right: 0.5 plus and minus 1.96 * 0.05.
    low, high = mean_bounds(page_counts([0, 1] * 50))
    assert (low, high) == pytest.approx((0.402, 0.598), abs=0.02)


def test_an_interval_is_the_same_for_the_same_seed() -> None:
    counts = page_counts(np.linspace(0, 1, 30))
    assert mean_bounds(counts, seed=3) == mean_bounds(counts, seed=3)


def test_an_interval_differs_for_another_seed() -> None:
    counts = page_counts(np.linspace(0, 1, 30))
    assert mean_bounds(counts, seed=3) != mean_bounds(counts, seed=4)


def test_the_difference_of_a_system_to_itself_is_bounded_by_zero() -> None:
    one = page_counts(np.linspace(0, 1, 30))
    sums = resample(np.hstack([one, one]))
    assert bounds(page_mean(sums[:, :2]) - page_mean(sums[:, 2:])) == (0, 0)


def test_a_score_that_is_never_defined_has_no_interval() -> None:
    assert np.isnan(mean_bounds(np.zeros((1, 2)))).all()


def test_samples_in_which_a_score_is_not_defined_are_left_out_of_its_interval() -> None:
    assert bounds(np.array([np.nan, 0.5, np.nan, 0.5])) == (0.5, 0.5)


def test_equal_probabilities_stay_in_their_order() -> None:
    found = reliability([0.2, 0.8] * 300, [True] * 300 + [False] * 300, bins=4)
    assert found.observed.tolist() == [1, 0, 1, 0]


def test_an_interval_without_pages_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one page"):
        resample(np.zeros((0, 2)))
