"""The feature extractor that a model is trained with: the cue lists, and how rare words are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from paywallstrip.cues import CueTable, compile_cues, read_cue_lists
from paywallstrip.features import FeatureExtractor
from paywallstrip.topic import MOST_RARITY, RARITY_BITS


def make_extractor(texts: Sequence[str]) -> FeatureExtractor:
    """Make an extractor with the package's cue lists and the rarities of words in some texts.

    Args:
        texts: pages, or bodies of pages.
    """
    cues = compile_cues(read_cue_lists())
    return FeatureExtractor(cues, word_rarity(texts, cues))


def word_rarity(texts: Sequence[str], cues: CueTable) -> NDArray[np.uint8]:
    """Count in how many texts each word stands, and grade how rare it is.

    Args:
        texts: pages, or bodies of pages.
        cues: the compiled cue lists; only the extractor's tokens are used.

    Returns:
        uint8 array of shape (2**16,): twice the binary logarithm of the inverse document
        frequency, 0 to 15, by the low bits of a word's hash.
    """
    size = 1 << RARITY_BITS
    extractor = FeatureExtractor(cues, np.zeros(size, np.uint8))
    counts = np.zeros(size, dtype=np.int64)
    for text in texts:
        reading = extractor.read([text])
        low = reading.topic_hashes & np.uint64(size - 1)
        counts[np.unique(low.astype(np.int64))] += 1
    grades = np.rint(2 * np.log2((len(texts) + 1) / (counts + 1)))
    clipped: NDArray[np.uint8] = np.clip(grades, 0, MOST_RARITY).astype(np.uint8)
    return clipped
