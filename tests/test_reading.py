"""Lines that are read in chunks say the same as those that are read at once."""

from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from paywallstrip import (
    Classifier,
    measures,
    reading,
    stages,
    surroundings,
    tokens,
    topic,
    weighing,
    windows,
    word_weights,
)
from paywallstrip.stages import first_scores, second_scores
from paywallstrip.training.written import read_lines
from tests.formats import NAMES
from tests.toy import toy_model
from tests.written import FOLDER as PAGES

TEXTS = [read_lines(PAGES / f"{name}.tsv")[0] for name in NAMES]
ODD = ["", "\n\n", "one", "word " * 3000, "a\n" * 500, "\u3042" * 4000, "x" * 9000 + "\nend"]


def scores(texts: list[str]) -> list[np.ndarray]:
    """Give the scores of both stages of the toy model."""
    model = toy_model()
    read = model.extractor.read(texts)
    first = first_scores(read, model.first)
    return [first, second_scores(read, first, model.second)]


@pytest.mark.parametrize("size", [1, 100, 3000])
@pytest.mark.parametrize("texts", [TEXTS, ODD], ids=["pages", "odd"])
def test_scores_in_chunks_are_those_of_the_whole(
    size: int, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = scores(texts)
    monkeypatch.setattr(reading, "CHUNK_CHARACTERS", size)
    assert all(np.array_equal(one, other) for one, other in zip(scores(texts), whole, strict=True))


@pytest.mark.parametrize("texts", [TEXTS, ODD], ids=["pages", "odd"])
def test_scores_made_part_by_part_are_those_of_the_whole(
    texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = scores(texts)
    monkeypatch.setattr(measures, "PART_LINES", 3)
    monkeypatch.setattr(stages, "PART_LINES", 5)
    monkeypatch.setattr(windows, "CHUNK_LINES", 7)
    monkeypatch.setattr(topic, "TOKEN_CHUNK", 20)
    monkeypatch.setattr(topic, "LANE_WORDS", 3)
    monkeypatch.setattr(word_weights, "TOKEN_CHUNK", 30)
    monkeypatch.setattr(tokens, "FEW_TOKENS", 2)
    monkeypatch.setattr(tokens, "MANY_TOKENS", 10)
    assert all(np.array_equal(one, other) for one, other in zip(scores(texts), whole, strict=True))


def test_values_of_many_lines_are_put_into_the_same_bins_as_those_of_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(weighing, "FEW_LINES", 1 << 20)
    few = scores(TEXTS)
    monkeypatch.setattr(weighing, "FEW_LINES", 0)
    assert all(np.array_equal(one, other) for one, other in zip(scores(TEXTS), few, strict=True))


def test_weights_of_more_words_than_fit_into_a_lane_are_summed_all_the_same() -> None:
    flags, weights = np.full((2, 2 * topic.LANE_WORDS), 15, np.uint8)
    sums = topic.flagged_sums(flags[None], weights, np.array([0, 1, len(flags)]))
    assert sums.tolist() == [[[15, 15 * (len(flags) - 1)]] * 4]


def test_weights_are_summed_alike_where_the_default_integer_has_32_bits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As in numpy 1 on Windows.
    def arange(*bounds: int, dtype: Any = np.int32) -> np.ndarray:
        return wide(*bounds, dtype=dtype)

    wide = np.arange
    monkeypatch.setattr(np, "arange", arange)
    narrow = ModuleType("narrow_topic")
    SourceFileLoader(narrow.__name__, topic.__file__).exec_module(narrow)
    sums = narrow.flagged_sums(
        np.array([[15]], np.uint8), np.array([7], np.uint8), np.array([0, 1])
    )
    assert sums.tolist() == [[[7]] * 4]


def test_a_page_longer_than_a_chunk_is_cleaned_as_without_chunks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    classifier, page = Classifier(toy_model()), "\n".join(TEXTS)
    whole = classifier.clean(page)
    monkeypatch.setattr(reading, "CHUNK_CHARACTERS", len(page) // 3)
    assert classifier.clean(page) == whole


@pytest.mark.parametrize("size", range(1, 9))
def test_texts_are_cut_into_chunks_at_line_ends_alone(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["ab\r\ncd\rde\n\r\r\nf", "", "\r", "gh\r\r\n\n ij\r", "kl", "m\nn\r\n"]
    cues = toy_model().extractor.cues
    whole, _ = reading.read_lines(texts, cues)
    monkeypatch.setattr(reading, "CHUNK_CHARACTERS", size)
    parts, _ = reading.read_lines(texts, cues)
    named = ("origins", "starts", "ends", "heads", "tails", "pages", "bounds")
    assert [getattr(parts, name).tolist() for name in named] == [
        getattr(whole, name).tolist() for name in named
    ]


SHORT = [text[:size] for text in TEXTS for size in (1, 80, 500)] + [
    "",
    "word",
    "1\n2\n\u3042\n...\n",
]


@pytest.mark.parametrize("text", SHORT)
def test_a_short_text_is_scored_as_a_long_one(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    few = scores([text])
    for module in (windows, surroundings, stages):
        monkeypatch.setattr(module, "FEW_LINES", 0)
    monkeypatch.setattr(tokens, "FEW_WORDS", 0)
    assert all(np.array_equal(one, other) for one, other in zip(scores([text]), few, strict=True))


@pytest.mark.parametrize("text", SHORT)
def test_a_lone_text_is_scored_as_beside_another(text: str) -> None:
    lone = scores([text])
    beside = [found[: len(lone[0])] for found in scores([text, "Subscribe now\nand read on\n"])]
    assert all(np.array_equal(one, other) for one, other in zip(beside, lone, strict=True))


@pytest.mark.parametrize("count", [1, 2, windows.FAR - 1, windows.FAR])
@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_distances_in_a_lone_page_are_those_in_any(count: int, share: float) -> None:
    flags = np.random.default_rng(count).random((3, count)) < share
    low, high = np.zeros(count, np.int64), np.full(count, count)
    found = windows.distances(flags, low, high)
    assert np.array_equal(found, windows._distances(flags, low, high))
