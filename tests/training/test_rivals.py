"""Line rules, oracles, and what an output keeps of the labelled lines."""

import numpy as np
import pytest

from paywallstrip.training.align import covered
from paywallstrip.training.rivals import (
    OPEN,
    c4_keeps,
    keep_all,
    label_indices,
    oracle_keeps,
    overlap,
)

PAGE = (
    "Home",
    "Ferry to the islands runs again",
    "The morning ferry left the quay at six with forty passengers on board.",
    "Also read: Lighthouse keeper retires after thirty winters",
    "Repairs to the engine had taken eleven weeks, twice as long as planned.",
    "Home",
)
OUTPUT = (PAGE[1], f"{PAGE[2]} {PAGE[4]}", "Imprint")


@pytest.mark.parametrize(
    "line",
    ["It was late.", "Was it late?", "It was late!", 'He said: "late"', "Er sagte: “late”"],
)
def test_c4_keeps_lines_that_end_in_terminal_punctuation(line) -> None:
    assert c4_keeps([line]).tolist() == [True]


@pytest.mark.parametrize(
    "line",
    [
        "It was late",
        "It was late:",
        "It was late...",
        "Too late.",
        "Please enable JavaScript to read on.",
        "Read our Privacy Policy, it is short.",
        "This site uses cookies, as all do.",
    ],
)
def test_c4_drops_other_lines(line) -> None:
    assert c4_keeps([line]).tolist() == [False]


def test_c4_takes_the_number_of_words() -> None:
    assert c4_keeps(["It was late."], min_words=5).tolist() == [False]


def test_the_raw_input_keeps_every_line() -> None:
    assert keep_all(["a", "b"]).tolist() == [True, True]


def test_the_oracle_keeps_the_lines_of_the_body() -> None:
    assert oracle_keeps(PAGE, [PAGE[2], PAGE[4]]).tolist() == [
        False,
        False,
        True,
        False,
        True,
        False,
    ]


def test_the_oracle_counts_each_word_of_the_body_once() -> None:
    assert oracle_keeps(["Home", "Home"], ["Home"]).sum() == 1


def test_what_the_whole_output_keeps_is_what_is_covered() -> None:
    shares = overlap(PAGE, OUTPUT).share(keep_all(OUTPUT))
    assert shares.tolist() == covered(PAGE, OUTPUT)


def test_a_dropped_line_of_the_output_takes_its_labelled_lines_along() -> None:
    kept = overlap(PAGE, OUTPUT).kept(np.array([True, False, True]))
    assert kept.tolist() == [False, True, False, False, False, False]


def test_a_line_of_which_the_lesser_part_is_left_was_not_kept() -> None:
    lines = ["one two three four five six seven eight nine ten"]
    output = ["one two three four", "five six seven eight nine ten"]
    assert overlap(lines, output).kept(np.array([True, False])).tolist() == [False]


def test_an_empty_output_keeps_nothing() -> None:
    assert overlap(PAGE, []).kept(keep_all([])).tolist() == [False] * len(PAGE)


def test_a_page_without_lines_has_nothing_to_keep() -> None:
    assert overlap([], OUTPUT).kept(keep_all(OUTPUT)).tolist() == []


def test_labels_become_their_indices() -> None:
    assert label_indices(["related-links", None, "content"]).tolist() == [3, OPEN, 0]


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(ValueError, match="menu"):
        label_indices(["menu"])
