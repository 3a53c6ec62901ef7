"""What the page is about: how many of a line's words stand in other lines of the page.

Headlines of other stories look like the page's own lines; they differ in subject. The
words of a page go into a counting table of the page's own, sized by the page alone, so
that the answer never depends on what else is in the batch.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.lines import Ints, LineBatch
from paywallstrip.tokens import Hashes, TokenBatch

RARITY_BITS = 16
_SMALLEST, _LARGEST = 6, 15


class Topic(NamedTuple):
    """The words of a batch that can tell a subject.

    Attributes:
        keys: int64 array of shape (tokens,), the cell of each token in the counting table.
        weights: int64 array of shape (tokens,), how rare the token is in general, 0 to 15.
        cells: size of the counting table of all pages together.
        bounds: int64 array of shape (lines + 1,), the tokens of each line.
        totals: int64 array of shape (lines,), sum of the line's weights.
    """

    keys: Ints
    weights: Ints
    cells: int
    bounds: Ints
    totals: Ints


def topic_keys(tokens: TokenBatch, pairs: Hashes, single: NDArray[np.bool_]) -> Hashes:
    """Return what stands for each token: its hash; for an ideograph, with the next one's."""
    return np.where(single, pairs, tokens.hashes) if single.any() else tokens.hashes


def read_topic(
    batch: LineBatch, tokens: TokenBatch, hashes: Hashes, rarity: NDArray[np.uint8]
) -> Topic:
    """Place every token in its page's table.

    Args:
        batch: the lines.
        tokens: their tokens.
        hashes: uint64 array of shape (tokens,), from `topic_keys`.
        rarity: uint8 array of shape (2**16,), 0 (in every page) to 15, by a hash's low bits.

    Returns:
        Cells and weights of all tokens.
    """
    per_page = tokens.bounds[batch.bounds[1:]] - tokens.bounds[batch.bounds[:-1]]
    bits = np.searchsorted(2 ** np.arange(_SMALLEST, _LARGEST), per_page * 2) + _SMALLEST
    sizes = np.left_shift(1, bits)
    offsets = np.cumsum(sizes) - sizes
    pages = np.repeat(np.arange(len(sizes)), per_page)
    masks = (sizes - 1).astype(np.uint64)
    keys = (hashes >> np.uint64(20) & masks[pages]).astype(np.int64) + offsets[pages]
    weights = rarity.take((hashes & np.uint64((1 << RARITY_BITS) - 1)).astype(np.int64))
    weights = weights.astype(np.int64)
    return Topic(keys, weights, int(sizes.sum()), tokens.bounds, line_sums(weights, tokens.bounds))


def line_sums(values: Ints, bounds: Ints) -> Ints:
    """Sum a whole number per token over each line."""
    sums = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=sums[1:])
    return sums[bounds[1:]] - sums[bounds[:-1]]


def shared_weight(topic: Topic, tokens: TokenBatch, source: NDArray[np.bool_]) -> Ints:
    """Weigh the words that a line shares with the other source lines of its page.

    Args:
        topic: the words.
        tokens: the tokens they belong to.
        source: bool array of shape (lines,), the lines whose words count.

    Returns:
        int64 array of shape (lines,): the summed weight of the line's words that stand in
        a source line other than itself (a word that stands twice in the line and nowhere
        else counts as shared).
    """
    from_source = source.take(tokens.lines)
    counts = np.bincount(topic.keys[from_source], minlength=topic.cells)
    elsewhere = counts.take(topic.keys) > from_source
    return line_sums(np.where(elsewhere, topic.weights, 0), topic.bounds)
