"""What the page is about: how many of a line's words stand in other lines of the page.

Headlines of other stories look like the page's own lines; they differ in subject. The
words of a page go into a counting table of the page's own, sized by the page alone, so
that the answer never depends on what else is in the batch.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.lines import Ints, LineBatch
from paywallstrip.scalars import BYTE_ONE, ONE, TWO, scalar
from paywallstrip.tokens import Hashes, TokenBatch, by_page, group_order
from paywallstrip.windows import running

RARITY_BITS = 16
MOST_RARITY = 15
RARE = 6
"""From this weight on a word can tell a subject by standing somewhere again."""
TOKEN_CHUNK = 1 << 18
"""Words whose weights are summed at once."""
_SMALLEST, _LARGEST = 6, 15
_BITS_FROM = 2 ** np.arange(_SMALLEST, _LARGEST)
_KEY_SHIFT, _RARITY_MASK = scalar(20, np.uint64), scalar((1 << RARITY_BITS) - 1, np.uint64)
_FOUR, _LOW_FOUR, _RARE = (scalar(value, np.uint8) for value in (4, 15, RARE))


class Topic(NamedTuple):
    """The words of a batch that can tell a subject: those that stand in their page again.

    A word that stands once is counted in `totals` only: it is shared with no line. Of many
    words nearly all stand again, and all are here: their `keys` and `lines` are int32 then, where
    that will do.

    Attributes:
        at: int64 array of shape (words,), number of the token; None if all tokens are here.
        keys: int64 array of shape (words,), its cell in the counting table, by number among
            those that are named more than once.
        weights: uint8 array of shape (words,), how rare it is in general, 0 to 15.
        lines: int64 array of shape (words,), its line.
        bounds: int64 array of shape (lines + 1,), the words of each line.
        cells: how many such cells there are.
        totals: int64 array of shape (lines,), sum of the weights of all the line's tokens.
    """

    at: Ints | None
    keys: Ints
    weights: NDArray[np.uint8]
    lines: Ints
    bounds: Ints
    cells: int
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
    at_pages = tokens.bounds.take(batch.bounds)
    per_page = at_pages[1:] - at_pages[:-1]
    sizes = np.left_shift(1, _BITS_FROM.searchsorted(per_page * TWO) + _SMALLEST)
    ends = sizes.cumsum()
    masks, begins = (sizes - 1).astype(np.uint64), ends - sizes
    if len(sizes) > 1:
        masks, begins = masks.repeat(per_page), begins.repeat(per_page)
    keys, weights, counts = _places(
        hashes, masks, begins, rarity, int(ends[-1]) if len(ends) else 0
    )
    totals = line_sums(weights, tokens.bounds)
    if len(hashes) > TOKEN_CHUNK:
        return Topic(None, keys, weights, tokens.lines, tokens.bounds, len(counts), totals)
    # Common words stay in, though they weigh nothing: others may share their cells.
    shared = counts > ONE
    again = shared.take(keys).nonzero()[0]
    cells = shared.nonzero()[0]
    numbers = np.empty(len(counts), keys.dtype)
    numbers[cells] = np.arange(len(cells))
    return Topic(
        again,
        numbers.take(keys.take(again)),
        weights.take(again),
        tokens.lines.take(again),
        again.searchsorted(tokens.bounds),
        len(cells),
        totals,
    )


def _places(
    hashes: Hashes, masks: Hashes, begins: Ints, rarity: NDArray[np.uint8], cells: int
) -> tuple[Ints, NDArray[np.uint8], Ints]:
    """Return the cell of each token, its weight, and how many tokens each cell has.

    Args:
        hashes: as for `read_topic`.
        masks: uint64 array, a page's number of cells less one for each token, or for all.
        begins: int64 array likewise, its first cell.
        rarity: as for `read_topic`.
        cells: how many there are.
    """
    size, several = len(hashes), len(masks) > 1
    if size <= TOKEN_CHUNK:
        places = hashes >> _KEY_SHIFT
        places &= masks
        keys = places.view(np.int64)
        keys += begins
        weights = rarity.take((hashes & _RARITY_MASK).view(np.int64))
        return keys, weights, np.bincount(keys, minlength=cells)
    keys = np.empty(size, np.int32 if cells < 1 << 31 else np.int64)
    weights, counts = np.empty(size, np.uint8), np.zeros(cells, np.int64)
    for begin in range(0, size, TOKEN_CHUNK):
        part = slice(begin, begin + TOKEN_CHUNK)
        pages = part if several else slice(None)
        found = _places(hashes[part], masks[pages], begins[pages], rarity, cells)
        keys[part], weights[part] = found[:2]
        counts += found[2]
    return keys, weights, counts


def line_sums(values: NDArray[Any], bounds: Ints) -> Ints:
    """Sum whole numbers per token, the last axis, over each line."""
    at_bounds = running(values).take(bounds, axis=-1)
    return np.asarray(at_bounds[..., 1:] - at_bounds[..., :-1])


def shared_weights(topic: Topic, kinds: NDArray[np.uint8], count: int) -> Ints:
    """Weigh the words that a line shares with the other lines of its page, kind by kind.

    Args:
        topic: the words.
        kinds: uint8 array of shape (lines,), which kind of line each is.
        count: how many kinds there are.

    Returns:
        int64 array of shape (count, lines): the summed weight of the line's words that
        stand in a line of that kind other than itself (a word that stands twice in the
        line and nowhere else counts as shared).
    """
    return flagged_sums(_shared(topic, kinds, count)[None], topic.weights, topic.bounds)[0, :count]


def shared_and_near(topic: Topic, prose: NDArray[np.bool_], hashes: Hashes, pages: Ints) -> Ints:
    """Weigh the words that a line shares with running text and with other lines, and with any.

    Args:
        topic: the words.
        prose: bool array of shape (lines,), which lines are running text.
        hashes: uint64 array of shape (tokens,), from `topic_keys`.
        pages: int64 array of shape (lines,), the text a line belongs to.

    Returns:
        int64 array of shape (2, 4, lines): first as `shared_weights` for running text, other
        lines, and none; then the summed weight of the words for each of `near_flags`.
    """
    flags = np.empty((2, len(topic.lines)), np.uint8)
    flags[0] = _shared(topic, (~prose).view(np.uint8), 2)
    near_flags(topic, hashes, pages, flags[1])
    return flagged_sums(flags, topic.weights, topic.bounds)


def _shared(topic: Topic, kinds: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
    """Return a bit for each kind of line that each word stands in, its own line left out."""
    parts = [
        (kinds.take(topic.lines[at : at + TOKEN_CHUNK]), topic.keys[at : at + TOKEN_CHUNK])
        for at in range(0, max(len(topic.keys), 1), TOKEN_CHUNK)
    ]
    counts = _count_cells(*parts[0], count, topic.cells)
    for own, keys in parts[1:]:
        counts += _count_cells(own, keys, count, topic.cells)
    # Four bits say in which kinds of line a word stands, four more in which of them twice.
    stands = _STANDS.take(counts.reshape(count, topic.cells), mode="clip")
    stands <<= _KIND_BITS[:count]
    stands = np.bitwise_or.reduce(stands, axis=0)
    elsewhere = [_elsewhere(stands.take(keys), BYTE_ONE << own) for own, keys in parts]
    return elsewhere[0] if len(elsewhere) == 1 else np.concatenate(elsewhere)


def _count_cells(own: NDArray[np.uint8], keys: Ints, count: int, cells: int) -> Ints:
    """Count the words of each cell, kind of line by kind of line."""
    found = np.multiply(own, cells, dtype=np.int64)
    found += keys
    return np.bincount(found, minlength=count * cells)


def _elsewhere(flags: NDArray[np.uint8], own: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a bit for each kind of line that a word stands in, its own line left out."""
    found: NDArray[np.uint8] = (flags & ~own & _LOW_FOUR) | (flags >> _FOUR & own)
    return found


_STANDS = np.array([0, 1, 17], np.uint8)
_KIND_BITS = np.arange(4, dtype=np.uint8)[:, None]


def flagged_sums(flags: NDArray[np.uint8], weights: NDArray[np.uint8], bounds: Ints) -> Ints:
    """Sum the weights of each line's words, once for each of four flags.

    Args:
        flags: uint8 array of shape (k, words), below 16: a bit for each flag.
        weights: uint8 array of shape (words,), below 16.
        bounds: int64 array of shape (lines + 1,), the words of each line.

    Returns:
        int64 array of shape (k, 4, lines).
    """
    which = flags << _FOUR
    which |= weights
    found = np.empty((len(flags), 4, len(bounds) - 1), np.int64)
    edges = [0, len(bounds) - 1]
    if len(weights) > TOKEN_CHUNK:
        cuts = bounds.searchsorted(np.arange(0, len(weights), TOKEN_CHUNK))
        edges[:1] = np.unique(cuts).tolist()
    for a, b in pairwise(edges):
        begin, end = int(bounds[a]), int(bounds[b])
        _sum_lanes(which[:, begin:end], bounds[a : b + 1] - begin, found[:, :, a:b])
    return found


LANE_WORDS = 0xFFFF // MOST_RARITY
"""Words up to which the sum of a line's weights fits into a lane."""


def _sum_lanes(which: NDArray[np.uint8], bounds: Ints, found: Ints) -> None:
    """Sum four weights for each word over each line, side by side in the lanes of a number."""
    size = which.shape[1]
    if size > LANE_WORDS and (bounds[1:] - bounds[:-1]).max(initial=0) > LANE_WORDS:
        for lane, shift in enumerate(_LANE_SHIFTS):
            found[:, lane] = line_sums(_LANES.take(which) >> shift & _LANE, bounds)
        return
    # Prefix sums may wrap around: their differences do not mind.
    np.right_shift(line_sums(_LANES.take(which), bounds)[:, None], _LANE_SHIFTS, out=found)
    found &= _LANE


def _flag_lanes() -> Ints:
    flags, weights = np.divmod(np.arange(256), 16)
    bits = flags >> np.arange(4)[:, None] & 1
    return np.asarray((bits << _LANE_SHIFTS).sum(axis=0) * weights)


_LANE = scalar(0xFFFF, np.int64)
# The default integer of numpy 1 on Windows has 32 bits: half of the lanes would be lost.
_LANE_SHIFTS = np.arange(0, 64, 16, dtype=np.int64)[:, None]
_LANES = _flag_lanes()

NEAR, MIDDLE = 3, 12
"""Up to how many lines away a word's last or next occurrence counts as near, or not far."""
_STEPS = np.arange(MIDDLE + 2)
_AROUND = ((_STEPS > 0) & (_STEPS <= MIDDLE)) * 4 + (_STEPS > 0) * 8
_FLAGS_BEFORE = (_AROUND + (_STEPS > 0) * (_STEPS <= NEAR)).astype(np.uint8)
_FLAGS_AFTER = (_AROUND + (_STEPS > 0) * (_STEPS <= NEAR) * 2).astype(np.uint8)
"""A bit for each of what `near_flags` tells apart, by the step to the place before or after."""


def near_flags(topic: Topic, hashes: Hashes, pages: Ints, flags: NDArray[np.uint8]) -> None:
    """Tell how near the other occurrences of each word are.

    Paragraphs of one piece take up each other's words; teasers, cards and menu items
    that stand side by side do not.

    Args:
        topic: the words.
        hashes: uint64 array of shape (tokens,), from `topic_keys`.
        pages: int64 array of shape (lines,), the text a line belongs to.
        flags: uint8 array of shape (words,), where the answers go, four bits: of words that
            stood up to `NEAR` lines before, that stand up to `NEAR` lines after, whose nearest
            other occurrence lies up to `MIDDLE` lines away, and that have any in the page.
    """
    flags[:] = 0
    ends = [
        _link_words(slice(begin, begin + TOKEN_CHUNK), topic, hashes, pages, flags)
        for begin in range(0, len(flags), TOKEN_CHUNK)
    ]
    if len(ends) > 1:
        _link_parts(ends, topic.lines, flags)


class _Ends(NamedTuple):
    """The first and the last of equal words, of each kind of word in a part of a batch.

    Attributes:
        keys: uint64 array, what stands for the word in its page.
        first: int64 array, number of the first such word in the batch.
        last: int64 array, number of the last one.
    """

    keys: Hashes
    first: Ints
    last: Ints


def _link_words(
    part: slice, topic: Topic, hashes: Hashes, pages: Ints, flags: NDArray[np.uint8]
) -> _Ends:
    """Put into `flags` how near each word of a part has its equals in that part."""
    rare = (topic.weights[part] >= _RARE).nonzero()[0]
    owners = topic.lines[part].take(rare)
    own = hashes[part].take(rare) if topic.at is None else hashes.take(topic.at[part].take(rare))
    keys = own
    if len(pages) and pages[-1]:
        keys = by_page(keys, pages.take(owners))
    order = group_order(keys)
    keys, lines = keys.take(order), owners.take(order)
    same = keys[1:] == keys[:-1]
    # A word's own line is no other place, as no place at all.
    steps = (lines[1:] - lines[:-1]) * same
    found = np.zeros(len(keys), np.uint8)
    found[1:] = _FLAGS_BEFORE.take(steps, mode="clip")
    found[:-1] |= _FLAGS_AFTER.take(steps, mode="clip")
    at = rare.take(order)
    flags[part][at] = found
    if len(flags) <= TOKEN_CHUNK or not len(at):
        return _Ends(keys, at, at)
    begins = np.append(True, ~same).nonzero()[0]
    last = np.append(begins[1:], len(at)) - 1
    at += part.start
    return _Ends(keys.take(begins), at.take(begins), at.take(last))


def _link_parts(parts: Sequence[_Ends], lines: Ints, flags: NDArray[np.uint8]) -> None:
    """Add to `flags` how near words have their equals in the parts before and after."""
    keys, first, last = (np.concatenate(field) for field in zip(*parts, strict=True))
    order = group_order(keys)
    keys = keys.take(order)
    pairs = (keys[1:] == keys[:-1]).nonzero()[0]
    before, after = last.take(order.take(pairs)), first.take(order.take(pairs + 1))
    steps = lines.take(after) - lines.take(before)
    flags[after] |= _FLAGS_BEFORE.take(steps, mode="clip")
    flags[before] |= _FLAGS_AFTER.take(steps, mode="clip")
