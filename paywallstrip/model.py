"""What a model is, and the fingerprint of the features that its weights are for."""

import json
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from paywallstrip.characters import table
from paywallstrip.families import context_measures, own_measures
from paywallstrip.features import ROLES, WIDE_ROLES, FeatureExtractor
from paywallstrip.islands import NO_ISLANDS, Islands
from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.reading import HASH_BITS
from paywallstrip.sequence import second_measures
from paywallstrip.stages import MIXING_UNIT, UNIT, WORD_UNIT, FirstStage, SecondStage
from paywallstrip.topic import RARITY_BITS

FEATURE_VERSION = 1
"""Raised when a feature's meaning changes without its name or place changing."""
PAGE_KINDS = (35, 65, 80, 90, 97)
"""Percent of a page's characters in running text from which the next kind begins."""
_KINDS = np.searchsorted(PAGE_KINDS, np.arange(PAGE_KINDS[-1] + 1), side="right")
OLD_HASH_BITS = 16
"""Of a hashed column's number, in formats 1 and 2."""
SHIPPED_SCHEMA = (
    0x6E6DFEEB,
    "30e991eb019a6f758c546a7122b3eee0c3ef681f5a2e0f59be8bcc7c93352b6c",
)
"""Checksum of the shipped model's cue categories, and the fingerprint they give."""


@dataclass(frozen=True)
class Model:
    """All that turns texts into scores.

    Attributes:
        extractor: the feature extractor with the model's cue lists and word rarities.
        first: weights of the first stage.
        second: weights of the second stage.
        offsets: int64 array of shape (kinds of page, labels), added to the scores before
            the best label is taken, in units of `stages.UNIT`; the kind of a page is the
            bin of `PAGE_KINDS` that its share of running text falls into.
        info: the model's JSON.
        islands: which content stands apart from the page's main run, and what that costs it.
        evidence: uint8 array of shape (`first_width`,), how much the training lines said of
            each of the first stage's weights, as `training.evidence` grades it; None where
            the model does not say. Only adapting reads it.
    """

    extractor: FeatureExtractor
    first: FirstStage
    second: SecondStage
    offsets: Ints
    info: dict[str, Any]
    islands: Islands = NO_ISLANDS
    evidence: NDArray[np.uint8] | None = None


def page_kinds(prose_share: Ints) -> Ints:
    """Return the kind of each page, 0 up to `len(PAGE_KINDS)`, a row of `Model.offsets`.

    Args:
        prose_share: int64 array, percent of the page's characters in running text.
    """
    return _KINDS.take(prose_share, mode="clip")


def first_width(extractor: FeatureExtractor) -> int:
    """Return how many columns the first stage has, all roles counted."""
    hashed = (len(WIDE_ROLES) + 1) << HASH_BITS
    return extractor.context_width * len(ROLES) + extractor.own_width + hashed


def schema_fingerprint(categories: tuple[str, ...]) -> str:
    """Return the SHA-256 of everything that gives a column its meaning.

    Args:
        categories: names of the cue categories.
    """
    parts = {
        "version": FEATURE_VERSION,
        "unicode": table().unicode,
        "labels": [label.value for label in LABELS],
        # How many hashed columns there are is told by the format's version.
        "units": [UNIT, WORD_UNIT, MIXING_UNIT, OLD_HASH_BITS, RARITY_BITS],
        "roles": [ROLES, WIDE_ROLES],
        "page_kinds": PAGE_KINDS,
        "measures": [
            repr(m)
            for family in (
                context_measures(categories),
                own_measures(categories),
                second_measures(),
            )
            for m in family
        ],
    }
    # Imported here: it would take longer than reading the shipped model, which does without.
    import hashlib

    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def is_schema(found: object, categories: tuple[str, ...]) -> bool:
    """Return whether a fingerprint is that of this release's features.

    Args:
        found: the fingerprint, whatever a model's JSON has in its place.
        categories: names of the cue categories.
    """
    # Of the shipped model's features the fingerprint is known: taking it needs hashlib.
    names = "\n".join(categories).encode("utf-8", "surrogatepass")
    known = (zlib.crc32(names), found) == SHIPPED_SCHEMA
    return known or found == schema_fingerprint(categories)
