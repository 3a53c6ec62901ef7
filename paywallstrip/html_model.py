"""The model for HTML: the two stages of a model for text, and two more that see the markup."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from paywallstrip.features import ROLES, FeatureExtractor, Reading
from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.markup import MarkupLines
from paywallstrip.markup_elements import LANDMARKS, TAGS
from paywallstrip.markup_families import context_measures, own_measures, second_measures
from paywallstrip.markup_features import read_features
from paywallstrip.markup_names import NAME_BITS, NEAR_ANCESTORS
from paywallstrip.markup_stages import MarkupStages, around_scores, markup_scores
from paywallstrip.markup_tree import LEVELS
from paywallstrip.measures import table_width
from paywallstrip.model import (
    HTML_KIND,
    Model,
    build_model,
    checked,
    checked_second,
    model_arrays,
    read_folder,
    schema_fingerprint,
    write_folder,
)
from paywallstrip.stages import SecondStage, first_scores, second_scores

MARKUP_VERSION = 1
"""Raised when a markup feature's meaning changes without its name or place changing."""


@dataclass(frozen=True)
class HtmlModel:
    """All that turns HTML pages into scores.

    Attributes:
        text: the model for text whose scores the third stage starts from; its offsets and
            its `info` are those of the whole.
        markup: weights of the third stage, and those of the fourth along the markup.
        last: the rest of the fourth stage's weights.
    """

    text: Model
    markup: MarkupStages
    last: SecondStage

    @property
    def extractor(self) -> FeatureExtractor:
        """The text's feature extractor."""
        return self.text.extractor

    @property
    def offsets(self) -> Ints:
        """As `Model.offsets`."""
        return self.text.offsets

    @property
    def info(self) -> dict[str, Any]:
        """The model's JSON."""
        return self.text.info

    def score(self, pages: Sequence[MarkupLines]) -> tuple[Reading, Ints]:
        """Score every line of some pages.

        Args:
            pages: the pages, as `read_markup` gives them.

        Returns:
            What was read of their texts, and int64 scores of shape (lines, labels), in units
            of `stages.UNIT`, without the offsets.
        """
        reading = self.extractor.read([page.text for page in pages])
        markup = read_features(reading, pages)
        first = first_scores(reading, self.text.first)
        text = second_scores(reading, first, self.text.second)
        third = markup_scores(reading, markup, text, self.markup)
        return reading, around_scores(reading, markup, third, self.markup, self.last)


def html_fingerprint(categories: tuple[str, ...]) -> str:
    """Return the SHA-256 of everything that gives a column its meaning.

    Args:
        categories: names of the cue categories.
    """
    parts = {
        "text": schema_fingerprint(categories),
        "version": MARKUP_VERSION,
        "sizes": [NAME_BITS, NEAR_ANCESTORS, LEVELS],
        "elements": [TAGS, LANDMARKS],
        "measures": [
            repr(m)
            for family in (context_measures(), own_measures(), second_measures())
            for m in family
        ],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def save_html_model(model: HtmlModel, path: Path) -> None:
    """Write a model folder; arguments as for `model.save_model`."""
    arrays = model_arrays(model.text)
    arrays |= {f"markup_{name}": array for name, array in model.markup._asdict().items()}
    arrays |= {f"last_{name}": array for name, array in model.last._asdict().items()}
    categories = model.extractor.cues.categories
    write_folder(path, HTML_KIND, html_fingerprint(categories), model.text, arrays)


def load_html_model(path: Path) -> HtmlModel:
    """Read a model folder; arguments and errors as for `model.load_model`."""
    return read_folder(path, HTML_KIND, html_fingerprint, _build)


def _build(info: dict[str, Any], arrays: dict[str, Any]) -> HtmlModel:
    count = len(LABELS)
    text = build_model(info, arrays)
    widths = [table_width(m) for m in (context_measures(), own_measures(), second_measures())]
    markup = MarkupStages(
        checked(arrays, "markup_bias", (count,), np.int64),
        checked(arrays, "markup_mixing", (count, count), np.int64),
        checked(arrays, "markup_context", (widths[0], count * len(ROLES)), np.int32),
        checked(arrays, "markup_own", (widths[1], count), np.int32),
        checked(arrays, "markup_names", (1 << NAME_BITS, count), np.int16),
        checked(arrays, "markup_second", (widths[2], count), np.int32),
    )
    return HtmlModel(text, markup, checked_second(arrays, "last"))
