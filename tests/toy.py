"""A small model with made-up weights: it decides nothing well, but always the same."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from paywallstrip import Classifier
from paywallstrip.cues import compile_cues, read_cue_lists
from paywallstrip.features import ROLES, WIDE_ROLES, FeatureExtractor
from paywallstrip.islands import Islands
from paywallstrip.labels import LABELS
from paywallstrip.measures import table_width
from paywallstrip.model import PAGE_KINDS, Model
from paywallstrip.model_folder import WEIGHTS_FILE
from paywallstrip.reading import HASH_BITS
from paywallstrip.sequence import second_measures
from paywallstrip.stages import UNIT, WORD_UNIT, FirstStage, SecondStage
from paywallstrip.topic import RARITY_BITS

Arrays = dict[str, np.ndarray]

CUES = {
    "gate": ["subscribers only", "already a subscriber", "会員", "subscri*"],
    "offer": ["cancel anytime", "0 a month", "cancel anytime and keep", "premi*"],
    "share": ["share", "teilen", "partager sur"],
    "related_heading": ["also read", "most read", "続きを読む"],
    "function_words": ["the", "and", "of", "a", "to", "und", "der", "de", "la", "の", "share"],
}


def make_model(cues: Mapping[str, Sequence[str]]) -> Model:
    """Make a model with these cue lists; every label is met on ordinary text."""
    random = np.random.default_rng(8)
    count, hashed = len(LABELS), 1 << HASH_BITS
    rarity = random.integers(0, 16, 1 << RARITY_BITS).astype(np.uint8)
    extractor = FeatureExtractor(compile_cues(cues), rarity)

    def weights(unit: int, dtype: type, scale: float, *shape: int) -> np.ndarray:
        return np.rint(random.normal(0, scale * unit, shape)).astype(dtype)

    first = FirstStage(
        weights(UNIT, np.int64, 0.1, count),
        weights(UNIT, np.int32, 0.03, extractor.context_width, count * len(ROLES)),
        weights(UNIT, np.int32, 0.03, extractor.own_width, count),
        weights(WORD_UNIT, np.int16, 0.6, hashed, count * len(WIDE_ROLES)),
        weights(WORD_UNIT, np.int16, 0.6, hashed, count),
    )
    second = SecondStage(
        weights(UNIT, np.int64, 0.1, count),
        weights(UNIT, np.int32, 0.05, table_width(second_measures()), count),
        weights(1024, np.int64, 0.2, count, count) + 700 * np.eye(count, dtype=np.int64),
    )
    offsets = weights(UNIT, np.int64, 0.1, len(PAGE_KINDS) + 1, count)
    islands = Islands(gap=1, share=60, distance=4, penalty=UNIT // 2)
    return Model(extractor, first, second, offsets, {"name": "toy"}, islands)


@cache
def toy_model() -> Model:
    """Return the model with the small cue lists above."""
    return make_model(CUES)


@cache
def toy() -> Classifier:
    """Return a classifier with the toy model."""
    return Classifier(toy_model())


@cache
def full_cues() -> Classifier:
    """Return a classifier with made-up weights and the package's own cue lists."""
    return Classifier(make_model(read_cue_lists()))


def edit_arrays(folder: Path, edit: Callable[[Arrays], Any]) -> None:
    """Change the arrays of a saved model, of whatever kind, in place."""
    with np.load(folder / WEIGHTS_FILE) as archive:
        arrays = {name: archive[name] for name in archive.files}
    edit(arrays)
    np.savez(folder / WEIGHTS_FILE, allow_pickle=True, **arrays)
