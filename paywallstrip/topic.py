"""What the page is about: how many of a line's words stand in other lines of the page.

Headlines of other stories look like the page's own lines; they differ in subject. The
words of a page go into a counting table of the page's own, sized by the page alone, so
that the answer never depends on what else is in the batch.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.lines import Ints, LineBatch
from paywallstrip.tokens import Hashes, TokenBatch, mix

RARITY_BITS = 16
RARE = 6
"""From this weight on a word can tell a subject by standing somewhere again."""
_SMALLEST, _LARGEST = 6, 15
_PAGE_SALT = np.uint64(0x2545F4914F6CDD1D)
_NEVER = 1 << 40


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


NEAR, MIDDLE = 3, 12
"""Up to how many lines away a word's last or next occurrence counts as near, or not far."""


def cohesion(
    tokens: TokenBatch, hashes: Hashes, weights: Ints, pages: Ints, totals: Ints
) -> Ints:
    """Measure how near the other occurrences of a line's words are.

    Paragraphs of one piece take up each other's words; teasers, cards and menu items
    that stand side by side do not.

    Args:
        tokens: the tokens.
        hashes: uint64 array of shape (tokens,), from `topic_keys`.
        weights: int64 array of shape (tokens,), how rare each word is.
        pages: int64 array of shape (lines,), the text a line belongs to.
        totals: int64 array of shape (lines,), sum of the line's weights.

    Returns:
        int64 array of shape (lines, 4), percent of the line's weight: in words that stood
        up to `NEAR` lines before, that stand up to `NEAR` lines after, whose nearest other
        occurrence lies up to `MIDDLE` lines away, and that have any in the page.
    """
    rare = np.flatnonzero(weights >= RARE)
    owners = tokens.lines.take(rare)
    keys = mix(hashes.take(rare) + pages.take(owners).astype(np.uint64) * _PAGE_SALT)
    order = np.argsort(keys, kind="stable")
    keys, lines = keys.take(order), owners.take(order)
    same = keys[1:] == keys[:-1]
    step = np.where(same, lines[1:] - lines[:-1], _NEVER)
    # A word's own line is no other place: take the step over it as none.
    step[step == 0] = _NEVER
    before, after = np.full(len(keys), _NEVER), np.full(len(keys), _NEVER)
    before[1:], after[:-1] = step, step
    nearest = np.minimum(before, after)
    weight = weights.take(rare).take(order)
    columns = [
        np.bincount(lines, np.where(flags, weight, 0), minlength=len(totals))
        for flags in (before <= NEAR, after <= NEAR, nearest <= MIDDLE, nearest < _NEVER)
    ]
    return 100 * np.stack(columns, axis=1).astype(np.int64) // np.maximum(totals, 1)[:, None]
