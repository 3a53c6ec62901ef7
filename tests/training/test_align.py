"""Labels carried from one converter's lines to another's."""

import pytest

from paywallstrip.training.align import carry_labels, covered

PAGE = (
    ("Home", "navigation"),
    ("Harbour", "navigation"),
    ("Ferry to the islands runs again", "content"),
    ("By Mette Dahl", "navigation"),
    ("The morning ferry left the quay at six with forty passengers on board.", "content"),
    ("Also read: Lighthouse keeper retires after thirty winters", "related-links"),
    ("Repairs to the engine had taken eleven weeks, twice as long as planned.", "content"),
    ("Subscribe for 3 euros a month", "paywall"),
    ("Imprint", "navigation"),
)
LINES = [line for line, _ in PAGE]
LABELS = [label for _, label in PAGE]
SENTENCE = LINES[4]


def carried(*lines: str) -> list[str | None]:
    return carry_labels(LINES, LABELS, lines)


def test_the_same_lines_keep_their_labels() -> None:
    assert carried(*LINES) == LABELS


def test_a_page_without_lines_gives_no_labels() -> None:
    assert carried() == []


def test_without_labelled_lines_all_labels_are_open() -> None:
    assert carry_labels([], [], ["Home"]) == [None]


def test_a_label_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="1 lines, but 0 labels"):
        carry_labels(["Home"], [], ["Home"])


def test_lines_left_out_do_not_shift_the_others() -> None:
    assert carried(LINES[2], LINES[5], LINES[7]) == ["content", "related-links", "paywall"]


def test_bullets_case_and_punctuation_do_not_matter() -> None:
    assert carried("• HOME", "* subscribe for 3 euros a month!") == ["navigation", "paywall"]


def test_a_piece_of_a_line_takes_the_line_s_label() -> None:
    assert carried("Lighthouse keeper retires", "after thirty winters") == ["related-links"] * 2


def test_lines_run_together_take_the_label_of_most_characters() -> None:
    assert carried("Home Harbour Subscribe for 3 euros a month") == ["paywall"]


def test_a_sentence_of_content_makes_a_line_content() -> None:
    furniture = "Also read: Lighthouse keeper retires after thirty winters"
    merged = f"{furniture} Repairs to the engine had taken eleven weeks"
    assert carried(merged) == ["content"]


def test_a_scrap_of_content_does_not_make_a_line_content() -> None:
    lines = ["Ferry", "Also read: Lighthouse keeper retires after thirty winters"]
    merged = " ".join(lines)
    assert carry_labels(lines, ["content", "related-links"], [merged]) == ["related-links"]


def test_a_line_the_page_does_not_have_stays_open() -> None:
    assert carried(SENTENCE, "Enable your camera", LINES[6])[1] is None


def test_a_line_found_by_less_than_three_fifths_stays_open() -> None:
    half = "The morning ferry left the quay while gulls were circling overhead noisily"
    assert carried(half) == [None]


def test_stray_words_match_nothing() -> None:
    assert carried(SENTENCE, "The crew at sea on the way", LINES[6])[1] is None


def test_a_line_in_another_place_is_found() -> None:
    assert carried(*LINES[3:], LINES[2])[-1] == "content"


def test_a_nearly_equal_line_in_another_place_is_found() -> None:
    moved = "Watch: " + LINES[4]
    assert carried(*LINES[5:], moved)[-1] == "content"


def test_a_repeated_line_takes_the_label_of_its_place() -> None:
    lines = ["Sport", "Ferry sinks", SENTENCE, "More on this", "Ferry sinks"]
    labels = ["navigation", "content", "content", "related-links", "related-links"]
    assert carry_labels(lines, labels, lines) == labels


def test_a_headline_beside_its_article_is_taken_for_the_nearer_one() -> None:
    lines = ["Ferry sinks", "Weather", "Ferry sinks", SENTENCE]
    labels = ["navigation", "navigation", "content", "content"]
    assert carry_labels(lines, labels, ["Ferry sinks", SENTENCE]) == ["content", "content"]


def test_an_output_may_repeat_what_the_page_has_once() -> None:
    assert carried(SENTENCE, SENTENCE) == ["content", "content"]


def test_scripts_without_spaces_are_matched_by_character() -> None:
    lines = ["首页", "渡轮今天早上六点离开码头，船上有四十名乘客。"]
    cut = ["渡轮今天早上六点离开码头", "船上有四十名乘客"]
    assert carry_labels(lines, ["navigation", "content"], cut) == ["content", "content"]


def test_lines_without_words_are_matched_as_they_are() -> None:
    assert carry_labels(["—", "Home", "***"], ["content", "navigation", "content"], ["* * *"]) == [
        "content"
    ]


def test_what_is_kept_whole_is_covered_whole() -> None:
    assert covered(LINES, [SENTENCE])[4] == 1.0


def test_what_is_left_out_is_not_covered() -> None:
    assert covered(LINES, [SENTENCE])[5] == 0.0


def test_half_a_line_is_half_covered() -> None:
    share = covered(
        ["The ferry left the quay at six with forty guests"], ["The ferry left the quay"]
    )
    assert 0.4 < share[0] < 0.6


def test_one_repeat_in_the_output_covers_one_line() -> None:
    assert sum(covered(["Ferry sinks", "Home", "Ferry sinks"], ["Ferry sinks"])) == 1.0


def test_a_moved_line_is_covered() -> None:
    assert covered(LINES, [*LINES[3:7], LINES[2]])[2] == 1.0


def test_an_empty_output_covers_nothing() -> None:
    assert covered(LINES, []) == [0.0] * len(LINES)


def test_a_long_page_of_equal_lines_is_aligned() -> None:
    assert carry_labels(["More"] * 5000, ["navigation"] * 5000, ["More"] * 4000) == (
        ["navigation"] * 4000
    )
