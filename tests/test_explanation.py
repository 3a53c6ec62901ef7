"""What `explain` says of a line: parts that add up, under names that a reader knows."""

import copy
import dataclasses
import json
import pickle
import re
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import paywallstrip
from paywallstrip import Classifier, Label
from paywallstrip.decisions import DROP, STRICTNESS, Options, with_offsets
from paywallstrip.explanation import PLACES, STAGES, Contribution, Explanation
from paywallstrip.labels import LABELS
from paywallstrip.measures import Measure
from paywallstrip.model import Model
from paywallstrip.sequence import second_measures
from paywallstrip.stages import UNIT, first_scores
from paywallstrip.word_weights import BYTE_STEP
from tests.reference.model import Twin
from tests.test_reference import ODD
from tests.toy import CUES, toy, toy_model

PROSE = "Rain fell on the old harbour all night, and the boats that came in late had to wait."
PAGE = "\n".join(
    [
        "Share",
        PROSE,
        "",
        "Already a subscriber? Jetzt abonnieren: 12 a month, cancel anytime.",
        "***",
        "Also read: rain, rain and rain",
        PROSE,
        "Share",
    ]
)
TEXTS = {
    "page": PAGE,
    "leftover": "\n".join([PROSE] * 5),
    **{name: text for name, text in ODD.items() if name not in ("many words", "many lines")},
}


def stripped(features: set[str]) -> set[str]:
    """Take the line that a feature belongs to off its name."""
    for place in filter(None, PLACES.values()):
        features = {feature.removeprefix(place) for feature in features}
    return features


def features(line: int, stage: str, text: str = PAGE) -> dict[str, Contribution]:
    found = toy().explain(text, line).contributions
    return {c.feature: c for c in found if c.stage == stage}


@pytest.fixture
def explanation() -> Explanation:
    return toy().explain(PAGE, 2)


# The sums


@pytest.mark.parametrize("text", list(TEXTS.values()), ids=list(TEXTS))
def test_the_contributions_of_each_stage_add_up_to_its_scores_exactly(text: str) -> None:
    model = toy_model()
    reading = model.extractor.read([text])
    first = first_scores(reading, model.first)
    # The twin knows the page's kind, and what stands far behind its main run.
    shifted = Twin(model, CUES).read(text).shifted
    for i in range(len(first)):
        found = toy().explain(text, i)
        assert whole(found.sums("first")) == first[i].tolist()
        assert whole(found.scores) == shifted[i]


def test_weights_of_a_byte_add_up_exactly() -> None:
    # Those of the shipped model are: each stands for several units.
    model = toy_model()
    tables = {
        name: (getattr(model.first, name) // BYTE_STEP).astype(np.int8)
        for name in ("wide", "narrow")
    }
    model = dataclasses.replace(model, first=model.first._replace(**tables))
    first = first_scores(model.extractor.read([PAGE]), model.first)
    found = [Classifier(model).explain(PAGE, i).sums("first") for i in range(len(first))]
    assert list(map(whole, found)) == first.tolist()


def whole(sums: Any) -> list[float]:
    return [sums[label] * UNIT for label in LABELS]


def test_every_weight_is_a_whole_number_of_units(explanation: Explanation) -> None:
    for c in explanation.contributions:
        assert all((weight * UNIT).is_integer() for weight in c.weights.values())


@pytest.mark.parametrize("line", range(7))
def test_the_label_is_the_one_with_the_highest_score(line: int) -> None:
    found = toy().explain(PAGE, line)
    assert max(found.scores, key=found.scores.__getitem__) is found.line.label


@pytest.mark.parametrize("line", range(7))
def test_the_line_is_the_one_that_classify_gives(line: int) -> None:
    assert toy().explain(PAGE, line).line == toy().classify(PAGE).lines[line]


def test_contributions_without_weight_are_left_out(explanation: Explanation) -> None:
    assert all(any(c.weights.values()) for c in explanation.contributions)


def test_every_feature_of_a_stage_is_named_once(explanation: Explanation) -> None:
    names = [(c.stage, c.feature) for c in explanation.contributions]
    assert len(names) == len(set(names))


def test_a_word_that_stands_twice_weighs_twice() -> None:
    once, twice = (features(0, "first", text)["word 'rain'"] for text in ("rain", "rain rain"))
    # Each word of two counts 45 sixty-fourths.
    assert twice.weights[Label.CONTENT] == once.weights[Label.CONTENT] / 64 * 45 * 2


# The names


@pytest.mark.parametrize(
    "feature",
    [
        "bias",
        "word 'abonnieren'",
        "pair 'jetzt abonnieren'",
        "last pair 'anytime'",
        "stem 'abon'",
        "tail 'ren'",
        "first word 'already'",
        "last word 'anytime'",
        "line 'Already a subscriber? Jetzt abonnieren: 12 a month, cancel …'",
        "word '00'",
        "previous line: word 'harbour'",
        f"previous line: line '{PROSE[:59]}…'",
        "next line: line without words",
        "cue=gate=2",
        "previous line: cue=function_words>=3",
        "2 lines before: cue=share=1",
        "2 lines after: cue=related_heading=1",
        "cue-first=gate & size in 36..80",
        "from-top=2 & size in 36..80",
    ],
)
def test_the_first_stage_names(feature: str) -> None:
    assert feature in features(2, "first")


@pytest.mark.parametrize(
    "feature",
    ["bias", "offset: page-prose in 35..64", *(f"first stage's score of {x}" for x in LABELS)],
)
def test_the_second_stage_names(feature: str) -> None:
    # The best label's own score is 0 below itself: it says nothing.
    found = {name for i in range(7) for name in features(i, "second")}
    assert feature in found


def test_words_are_named_in_small_letters() -> None:
    assert "word 'überfähre'" in features(0, "first", "ÜBERFÄHRE")


def test_a_line_without_words_has_no_first_and_no_last_word() -> None:
    assert {"no first word", "no last word", "line without words"} <= set(features(3, "first"))


def test_neighbours_lend_their_words_as_far_as_one_line() -> None:
    places = {f.partition(": ")[0] for f in features(2, "first") if ": word " in f}
    assert places <= {"previous line", "next line"}


def test_a_line_by_itself_has_no_neighbours() -> None:
    assert not [f for f in features(0, "first", "Share") if ": " in f]


def test_binned_features_are_named_as_their_measures_name_them() -> None:
    extractor = toy_model().extractor
    known = names_of((*extractor.context, *extractor.own)) | {"nothing to say", "bias"}
    hashed = ("word ", "line ", "pair ", "last ", "first ", "stem ", "tail ", "no ")
    for line in range(7):
        found = stripped(set(features(line, "first")))
        assert {f for f in found if f not in known and not f.startswith(hashed)} == set()


def test_second_stage_features_are_named_as_their_measures_name_them() -> None:
    for line in range(7):
        found = {f for f in features(line, "second") if not f.startswith(("first stage", "offset"))}
        assert found <= names_of(second_measures()) | {"nothing to say", "bias"}


def names_of(measures: tuple[Measure, ...]) -> set[str]:
    return {name for m in measures for name in m.names()}


def test_control_characters_in_names_are_escaped() -> None:
    found = toy().explain("Rain\x1b[2Jfell\x00\ud800\nShare", 0)
    assert str(found).replace("\n", "").isprintable()


def test_a_model_whose_empty_columns_weigh_nothing_names_only_what_was_seen() -> None:
    model = toy_model()
    first, second = model.first, model.second
    context, own, later = first.context.copy(), first.own.copy(), second.table.copy()
    for table in (context, own, later):
        table[0] = 0
    quiet = Model(
        model.extractor,
        first._replace(context=context, own=own),
        second._replace(table=later),
        model.offsets,
        model.info,
    )
    found = Classifier(quiet).explain(PAGE, 2).contributions
    assert not [c for c in found if "nothing to say" in c.feature]


# A long page


LONG = "\n".join(f"{line} {i}" for i in range(500) for line in PAGE.splitlines() if line)
LAST = LONG.count("\n")


@pytest.mark.parametrize("line", [0, 1, 2, LAST // 2, LAST - 2, LAST - 1, LAST])
def test_the_contributions_to_a_line_of_a_long_page_add_up(line: int) -> None:
    model = toy_model()
    reading = model.extractor.read([LONG])
    first = first_scores(reading, model.first)
    (decision,) = toy().decide([LONG], Options.check(DROP, STRICTNESS))
    found = toy().explain(LONG, line)
    assert whole(found.sums("first")) == first[line].tolist()
    assert whole(found.scores) == with_offsets(decision.scores, reading, model)[line].tolist()


def peak(verb: Callable[[], Any]) -> int:
    """Return how much memory is held at once while a verb is at work, in bytes."""
    tracemalloc.start()
    try:
        verb()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_explaining_a_line_takes_little_more_memory_than_labelling_the_page() -> None:
    toy().explain(LONG, LAST)
    labelled = peak(lambda: toy().classify(LONG))
    assert peak(lambda: toy().explain(LONG, LAST)) < 2 * labelled


# Looking at it


def test_the_most_influential_comes_first(explanation: Explanation) -> None:
    influences = [c.influence for c in explanation.contributions]
    assert influences == sorted(influences, reverse=True)


def test_what_speaks_against_a_label_has_as_much_influence() -> None:
    weights = {label: -2.0 if label == "content" else 0.5 for label in Label}
    assert Contribution.of("first", "word", weights).influence == 2.0


@pytest.mark.parametrize("label", list(Label))
def test_what_spoke_for_a_label_is_in_order_of_its_weight(
    explanation: Explanation, label: Label
) -> None:
    weights = [abs(c.weights[label]) for c in explanation.for_label(label)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0


def test_what_says_nothing_of_a_label_is_left_out_of_what_spoke_for_it() -> None:
    weights = {label: float(label == "content") for label in Label}
    found = Explanation(toy().explain(PAGE, 2).line, (Contribution.of("first", "word", weights),))
    assert found.for_label("paywall") == ()


def test_a_label_may_be_given_by_its_name(explanation: Explanation) -> None:
    assert explanation.for_label("related-links") == explanation.for_label(Label.RELATED_LINKS)


@pytest.mark.parametrize("label", ["menu", "", None, 1, np.array(LABELS)])
def test_an_unknown_label_is_refused(explanation: Explanation, label: Any) -> None:
    message = re.escape(f"label is {label!r}; the labels are content, paywall,")
    with pytest.raises(ValueError, match=message):
        explanation.for_label(label)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_the_top_is_the_beginning(explanation: Explanation, n: int) -> None:
    assert explanation.top("paywall", n) == explanation.for_label("paywall")[:n]


def test_the_top_is_ten_unless_told_otherwise(explanation: Explanation) -> None:
    assert explanation.top("paywall") == explanation.for_label("paywall")[:10]


def test_more_than_there_is_gives_all(explanation: Explanation) -> None:
    assert explanation.top("paywall", 10**6) == explanation.for_label("paywall")


def test_a_negative_number_is_refused(explanation: Explanation) -> None:
    with pytest.raises(ValueError, match="0 or more, got -1"):
        explanation.top("paywall", -1)


@pytest.mark.parametrize("n", [1.5, True, None, np.array([1])])
def test_what_is_no_whole_number_is_refused(explanation: Explanation, n: Any) -> None:
    with pytest.raises(TypeError, match=re.escape(f"n must be a whole number from 0, got {n!r}")):
        explanation.top("paywall", n)


@pytest.mark.parametrize("stage", ["third", 1, None, np.array(STAGES)])
def test_an_unknown_stage_is_refused(explanation: Explanation, stage: Any) -> None:
    message = re.escape(f"stage is {stage!r}; the stages are first, second")
    with pytest.raises(ValueError, match=message):
        explanation.sums(stage)


def test_the_print_begins_with_line_and_label(explanation: Explanation) -> None:
    begin = str(explanation).partition("\n")[0]
    assert begin.startswith("'Already a subscriber? Jetzt")
    assert begin.endswith(f" is {explanation.line.label} ({explanation.line.confidence:.0%})")


def test_the_print_has_a_column_for_each_label(explanation: Explanation) -> None:
    assert str(explanation).split("\n")[2].split() == [*LABELS, "feature"]


@pytest.mark.parametrize("stage", STAGES)
def test_the_print_sums_up_all_of_a_stage(explanation: Explanation, stage: Any) -> None:
    rows = str(explanation).split("\n")
    found = [row.split() for row in rows if f"{stage} stage, sum of " in row]
    sums = [f"{weight:+.2f}" for weight in explanation.sums(stage).values()]
    count = sum(c.stage == stage for c in explanation.contributions)
    assert found == [[*sums, stage, "stage,", "sum", "of", str(count)]]


def test_the_print_shows_what_each_feature_weighs(explanation: Explanation) -> None:
    first = next(c for c in explanation.contributions if c.stage == "second")
    weights = [f"{weight:+.2f}" for weight in first.weights.values()]
    assert str(explanation).split("\n")[4].split(maxsplit=4) == [*weights, first.feature]


def test_the_print_shows_ten_features_a_stage(explanation: Explanation) -> None:
    assert str(explanation).count("\n") == 2 + 2 * 11


@pytest.mark.parametrize(("length", "shown"), [(60, "a" * 60), (61, "a" * 59 + "…")])
def test_the_print_quotes_sixty_characters_of_a_line(length: int, shown: str) -> None:
    assert str(toy().explain("a" * length, 0)).startswith(f"'{shown}' is ")


def test_the_print_quotes_a_line_without_white_space_around_it() -> None:
    assert str(toy().explain("  Share ", 0)).startswith("'Share' is ")


def test_the_print_has_the_stage_that_decides_first(explanation: Explanation) -> None:
    found = [line.split()[4] for line in str(explanation).split("\n") if " stage, sum of " in line]
    assert found == ["second", "first"]


def test_it_shows_its_line_and_label_and_not_each_contribution() -> None:
    found = toy().explain("Share", 0)
    count = len(found.contributions)
    assert repr(found) == f"<Explanation of 'Share': {found.line.label}, {count} contributions>"


def test_it_shows_no_more_than_the_beginning_of_a_long_line() -> None:
    assert repr(toy().explain("a" * 61, 0)).startswith(f"<Explanation of '{'a' * 59}…': ")


def test_it_comes_back_from_a_pickle(explanation: Explanation) -> None:
    assert pickle.loads(pickle.dumps(explanation)) == explanation


def test_it_can_be_copied_deeply(explanation: Explanation) -> None:
    assert copy.deepcopy(explanation) == explanation


def test_it_hashes_alike_when_equal(explanation: Explanation) -> None:
    assert hash(explanation) == hash(toy().explain(PAGE, 2))


def test_as_a_dict_it_comes_back_from_json(explanation: Explanation) -> None:
    assert json.loads(json.dumps(explanation.to_dict())) == explanation.to_dict()


def test_as_a_dict_it_has_these_fields(explanation: Explanation) -> None:
    found = explanation.to_dict()
    assert list(found) == ["line", "contributions"]
    assert list(found["contributions"][0]) == ["stage", "feature", "weights"]


def test_as_a_dict_it_has_its_line_as_one(explanation: Explanation) -> None:
    assert explanation.to_dict()["line"] == explanation.line.to_dict()


def test_as_a_dict_it_has_a_weight_for_each_label_by_its_name(explanation: Explanation) -> None:
    assert list(explanation.to_dict()["contributions"][0]["weights"]) == list(LABELS)


@pytest.mark.parametrize("name", ["line", "contributions", "scores", "other"])
def test_no_field_of_it_can_be_set(explanation: Explanation, name: str) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(explanation, name, None)


def test_no_field_of_a_contribution_can_be_set(explanation: Explanation) -> None:
    first: Any = explanation.contributions[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.feature = "other"


def test_the_weights_of_a_contribution_cannot_be_changed(explanation: Explanation) -> None:
    weights: Any = pickle.loads(pickle.dumps(explanation.contributions[0])).weights
    with pytest.raises(TypeError):
        weights[Label.CONTENT] = 1.0


# At the door


@pytest.mark.parametrize("text", [None, b"Share", ["Share"], 7])
def test_what_is_no_text_is_refused(text: Any) -> None:
    with pytest.raises(TypeError, match="text must be a str"):
        toy().explain(text, 0)


@pytest.mark.parametrize("line", [7, 100, -1, 10**30])
def test_a_line_that_is_not_there_is_refused(line: int) -> None:
    with pytest.raises(IndexError, match=rf"no line {line}: the text has 7 lines, 0 to 6"):
        toy().explain(PAGE, line)


@pytest.mark.parametrize(
    ("text", "has"), [("", "no line"), ("\n \n", "no line"), ("a", "1 line \\(")]
)
def test_the_error_says_how_many_lines_there_are(text: str, has: str) -> None:
    with pytest.raises(IndexError, match=f"the text has {has}"):
        toy().explain(text, 1)


@pytest.mark.parametrize("line", [1.0, "1", None, True, slice(1), np.array([1]), int])
def test_a_line_that_is_no_whole_number_is_refused(line: Any) -> None:
    with pytest.raises(TypeError, match="line must be a whole number"):
        toy().explain(PAGE, line)


def test_the_number_of_a_line_may_come_from_numpy() -> None:
    number: Any = np.int64(2)
    assert toy().explain(PAGE, number) == toy().explain(PAGE, 2)


def test_the_package_exports_it() -> None:
    assert paywallstrip.Explanation is Explanation


def test_importing_the_package_does_not_import_it() -> None:
    code = "import sys, paywallstrip; print('paywallstrip.explanation' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
