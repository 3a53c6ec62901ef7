"""Plots, and the curve behind one of them."""

import numpy as np
import pytest

from paywallstrip.training.labelled_figures import Answers
from paywallstrip.training.plots import draw_answers, plot_learning_curve, precision_recall

PROBABILITIES = np.array([[0.7, 0.1, 0.1, 0.1], [0.2, 0.2, 0.5, 0.1], [0.3, 0.2, 0.2, 0.3]])
ANSWERS = Answers(np.array([0, 2, 3]), np.array([0, 2, 0]), PROBABILITIES)


def test_precision_and_recall_go_down_the_thresholds() -> None:
    precision, recall = precision_recall([0.9, 0.8, 0.4, 0.1], [True, False, True, False])
    assert precision == pytest.approx([1, 1 / 2, 2 / 3, 1 / 2])
    assert recall == pytest.approx([1 / 2, 1 / 2, 1, 1])


def test_lines_of_equal_probability_pass_together() -> None:
    precision, recall = precision_recall([0.5, 0.5, 0.5], [True, False, True])
    assert (precision.tolist(), recall.tolist()) == ([2 / 3], [1.0])


def test_a_label_that_no_line_has_gives_no_curve() -> None:
    assert len(precision_recall([0.5], [False])[0]) == 0


def test_three_plots_are_drawn(tmp_path) -> None:
    pytest.importorskip("matplotlib", reason="plots need the extra [plot]")
    files = draw_answers(ANSWERS, tmp_path / "plots")
    assert [file.stat().st_size > 1000 for file in files] == [True] * 3


def test_the_same_answers_give_the_same_file(tmp_path) -> None:
    pytest.importorskip("matplotlib", reason="plots need the extra [plot]")
    first, second = (draw_answers(ANSWERS, tmp_path / name)[2].read_bytes() for name in "ab")
    assert first == second


def test_a_learning_curve_is_drawn_as_png_too(tmp_path) -> None:
    pytest.importorskip("matplotlib", reason="plots need the extra [plot]")
    plot_learning_curve([100, 200], {"macro-F1": [0.7, 0.8]}, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_a_learning_curve_needs_a_score_for_each_number_of_pages(tmp_path) -> None:
    pytest.importorskip("matplotlib", reason="plots need the extra [plot]")
    with pytest.raises(ValueError, match="macro-F1: 1 scores for 2 numbers"):
        plot_learning_curve([100, 200], {"macro-F1": [0.7]}, tmp_path / "curve.svg")
