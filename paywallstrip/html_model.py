"""The model for HTML: the two stages of a model for text, and one more that sees the markup."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from paywallstrip.features import ROLES, FeatureExtractor, Reading
from paywallstrip.islands import Islands
from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.markup.elements import LANDMARKS, TAGS
from paywallstrip.markup.families import (
    ADDED,
    around_measures,
    context_measures,
    own_measures,
)
from paywallstrip.markup.features import read_features
from paywallstrip.markup.lines import MarkupLines
from paywallstrip.markup.names import NAME_BITS, NEAR_ANCESTORS
from paywallstrip.markup.stages import MarkupStages, markup_scores
from paywallstrip.markup.tree import LEVELS
from paywallstrip.measures import table_width
from paywallstrip.model import Model, schema_fingerprint
from paywallstrip.model_checks import checked
from paywallstrip.model_folder import HTML_KIND, Reader, read_folder, write_folder
from paywallstrip.model_formats import (
    model_arrays,
    read_format_1,
    read_format_2,
    read_format_3,
    read_format_4,
)
from paywallstrip.stages import first_scores, second_scores

MARKUP_VERSION = 1
"""Raised when a markup feature's meaning changes without its name or place changing."""


@dataclass(frozen=True)
class HtmlModel:
    """All that turns HTML pages into scores.

    Attributes:
        text: the model for text whose scores the third stage starts from; its offsets,
            `islands` and `info` are those of the whole.
        markup: weights of the third stage.
    """

    text: Model
    markup: MarkupStages

    @property
    def extractor(self) -> FeatureExtractor:
        """The text's feature extractor."""
        return self.text.extractor

    @property
    def offsets(self) -> Ints:
        """As `Model.offsets`."""
        return self.text.offsets

    @property
    def islands(self) -> Islands:
        """As `Model.islands`."""
        return self.text.islands

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
        return reading, markup_scores(reading, markup, text, self.markup)


def html_fingerprint(categories: tuple[str, ...], without: tuple[str, ...] = ()) -> str:
    """Return the SHA-256 of everything that gives a column its meaning.

    Args:
        categories: names of the cue categories.
        without: families that a model of an old format does not have.
    """
    parts = {
        "text": schema_fingerprint(categories),
        "version": MARKUP_VERSION,
        "sizes": [NAME_BITS, NEAR_ANCESTORS, LEVELS],
        "elements": [TAGS, LANDMARKS],
        "measures": [
            repr(m)
            for family in (context_measures(), own_measures(), around_measures())
            for m in family
            if m.name not in without
        ],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def save_html_model(model: HtmlModel, path: str | Path) -> None:
    """Write a model folder; arguments as for `model_formats.save_model`."""
    arrays = model_arrays(model.text)
    arrays |= {f"markup_{name}": array for name, array in model.markup._asdict().items()}
    categories = model.extractor.cues.categories
    write_folder(path, HTML_KIND, html_fingerprint(categories), model.text, arrays)


def load_html_model(path: str | Path) -> HtmlModel:
    """Read a model folder; arguments and errors as for `model_formats.load_model`."""
    return read_folder(path, HTML_KIND, _is_schema, HTML_READERS)


def _is_schema(found: object, categories: tuple[str, ...]) -> bool:
    # Which of the two a model has to have is told by the arrays that its format's reader checks.
    return found == html_fingerprint(categories) or found == html_fingerprint(categories, ADDED)


def _read_html_format_1(info: dict[str, Any], arrays: dict[str, Any]) -> HtmlModel:
    return HtmlModel(read_format_1(info, arrays), _read_markup(_widened(arrays)))


def _read_html_format_2(info: dict[str, Any], arrays: dict[str, Any]) -> HtmlModel:
    return HtmlModel(read_format_2(info, arrays), _read_markup(_widened(arrays)))


def _read_html_format_3(info: dict[str, Any], arrays: dict[str, Any]) -> HtmlModel:
    return HtmlModel(read_format_3(info, arrays), _read_markup(_widened(arrays)))


def _read_html_format_4(info: dict[str, Any], arrays: dict[str, Any]) -> HtmlModel:
    return HtmlModel(read_format_4(info, arrays), _read_markup(arrays))


def _widened(arrays: dict[str, Any]) -> dict[str, Any]:
    """Give the families that came with format 4, the table's last ones, no weight."""
    former = table_width(tuple(m for m in around_measures() if m.name not in ADDED))
    around = checked(arrays, "markup_around", (former, len(LABELS)), np.int32)
    more = table_width(around_measures()) - former
    return {**arrays, "markup_around": np.pad(around, ((0, more), (0, 0)))}


def _read_markup(arrays: dict[str, Any]) -> MarkupStages:
    count = len(LABELS)
    widths = [table_width(m) for m in (context_measures(), own_measures(), around_measures())]
    return MarkupStages(
        checked(arrays, "markup_bias", (count,), np.int64),
        checked(arrays, "markup_mixing", (count, count), np.int64),
        checked(arrays, "markup_context", (widths[0], count * len(ROLES)), np.int32),
        checked(arrays, "markup_own", (widths[1], count), np.int32),
        checked(arrays, "markup_names", (1 << NAME_BITS, count), np.int16),
        checked(arrays, "markup_around", (widths[2], count), np.int32),
    )


HTML_READERS: Mapping[int, Reader[HtmlModel]] = {
    1: _read_html_format_1,
    2: _read_html_format_2,
    3: _read_html_format_3,
    4: _read_html_format_4,
}
"""As `model_formats.READERS`, for models of this kind."""
