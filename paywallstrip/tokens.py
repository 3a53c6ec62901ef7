"""Lines to tokens: words as 64-bit hashes, found and hashed without a loop.

A token is a run of letters, marks and digits; in scripts written without spaces
(Han, kana, Thai, Lao, Khmer, Burmese) every character is a token of its own.

A token's hash is a polynomial in its folded code points, taken as the difference of
a prefix sum over the whole batch and moved to the origin by the inverse power, so
that a word hashes alike wherever it stands. All of it is integer arithmetic modulo
2**64: exact, whatever else is in the batch.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.characters import TABLE_SIZE, CharacterClass, table
from paywallstrip.lines import Ints, LineBatch, Points
from paywallstrip.scalars import ONE, scalar

Hashes = NDArray[np.uint64]

BASE = 0x9E3779B97F4A7C15
"""The polynomial's base: odd, so that it has an inverse, and large, so that bits spread."""
INVERSE = pow(BASE, -1, 2**64)
CACHED_BITS = 19
"""Powers up to 2 to this power are kept; larger ones are products of two."""
STEM = 4
TAIL = 3
LONGER_STEMS = range(5, 9)
"""Further beginnings of words, hashed beforehand where words are few."""
FEW_WORDS = 1 << 8
"""So few have all their beginnings hashed in one step."""
FEW_TOKENS = 1 << 12
"""Fewer are treated in fewer steps: a call of numpy takes longer than it saves there."""
MANY_TOKENS = 1 << 18
"""More are sorted in parts."""

_FIRST = scalar(CharacterClass.LOWER, np.uint8)
_SPAN = scalar(CharacterClass.NUMBER - CharacterClass.LOWER, np.uint8)
"""The classes of letters, marks and digits: from the first one on so many more."""
IDEOGRAPH = scalar(CharacterClass.IDEOGRAPH, np.uint8)
_SHIFT, _FIRST_FACTOR, _SECOND_FACTOR = (
    scalar(value, np.uint64) for value in (33, 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)
)
_SIZE_FACTOR, _PAIR_FACTOR = (
    scalar(value, np.uint64) for value in (0xD6E8FEB86659FD93, 0x9FB21C651E98DF25)
)
_PAGE_SALT = scalar(0x2545F4914F6CDD1D, np.uint64)
_TAIL = scalar(TAIL, np.int64)
_WHOLE = np.iinfo(np.int32).max
_STOPS = np.array([_WHOLE, STEM, _WHOLE, *LONGER_STEMS])[:, None]
"""Characters from a word's start on where the word, its beginning, its end and longer
beginnings stop."""


class TokenBatch(NamedTuple):
    """The tokens of a batch, in order.

    Attributes:
        starts: int64 array of shape (tokens,), first character in the batch's `points`.
        ends: int64 array of shape (tokens,), one past the last.
        lines: int64 array of shape (tokens,), the line each belongs to; int32 once the tokens of
            several chunks were put together, where that will do.
        bounds: int64 array of shape (lines + 1,): the tokens of line i are
            `bounds[i]` up to `bounds[i + 1]`.
        counts: int64 array of shape (lines,), how many each line has.
        openings: uint8 array of shape (tokens,), the class of each first character; empty
            once the tokens of several chunks were put together.
        hashes: uint64 array of shape (tokens,), the folded word's hash.
        sums: uint64 array of shape (characters + 1,), the prefix sums they come from; empty
            once the tokens of several chunks were put together.
        parts: where tokens are few, uint64 array of shape (7, tokens): the hashes of each whole
            word and of the parts that `Words` holds, in its order; else an empty one.
    """

    starts: Ints
    ends: Ints
    lines: Ints
    bounds: Ints
    counts: Ints
    openings: NDArray[np.uint8]
    hashes: Hashes
    sums: Hashes
    parts: Hashes


def split_tokens(batch: LineBatch) -> TokenBatch:
    """Find and hash the tokens of a batch of lines.

    Args:
        batch: lines as `split_lines` gives them.

    Returns:
        The tokens of all lines, in reading order.
    """
    # What is no letter or digit: small letters, not among the marks, always are one.
    other = (batch.kinds - _FIRST > _SPAN).nonzero()[0]
    places = np.empty(len(other) + 1, dtype=np.int64)
    places[0] = -1
    # The marks of a single long line come in a smaller type.
    places[1:] = batch.marks.take(other)
    # Words lie between neighbours that leave room, ideographs are neighbours themselves.
    following = places[1:]
    room = following - places[:-1] > ONE
    single = batch.kinds.take(other) == IDEOGRAPH
    if np.count_nonzero(single):
        found = np.stack([room, single], axis=1).ravel().nonzero()[0]
        after, alone = found >> 1, found & 1
        ends = following.take(after) + alone
        starts = np.where(alone, ends - 1, places.take(after) + 1)
    else:
        after = room.nonzero()[0]
        starts, ends = places.take(after) + ONE, following.take(after)
    bounds = first_from(starts, batch.starts)
    counts = bounds[1:] - bounds[:-1]
    lines = np.arange(len(counts)).repeat(counts)
    sums = prefix_sums(batch.points)
    openings = batch.classes.take(starts)
    if len(starts) < FEW_WORDS:
        parts = parts_hash(sums, starts, ends, _STOPS)
        hashes = parts[0]
    else:
        parts, hashes = sums[:0], spans_hash(sums, starts, ends)
    return TokenBatch(starts, ends, lines, bounds, counts, openings, hashes, sums, parts)


def first_from(places: Ints, starts: Ints) -> Ints:
    """Return the number of the first of some places at or after each start, and their count."""
    bounds = np.empty(len(starts) + 1, np.int64)
    bounds[:-1] = places.searchsorted(starts)
    bounds[-1] = len(places)
    return bounds


def prefix_sums(points: Points) -> Hashes:
    """Return the prefix sums of the polynomial over folded code points, one longer."""
    # Terms become sums where they lie: the arrays are as long as the text, eight bytes each.
    sums = np.empty(len(points) + 1, dtype=np.uint64)
    sums[0] = 0
    terms = _terms().take(points, out=sums[1:], mode="clip")
    if len(points) and points.max() >= TABLE_SIZE:
        np.add(points, np.uint64(1), out=terms, where=points >= TABLE_SIZE, dtype=np.uint64)
    low = _low_powers(BASE, _bits(len(points)))
    if len(points) <= len(low):
        terms *= low[: len(points)]
    else:
        for i, factor in enumerate(_high_powers(BASE, len(points))):
            part = terms[i << CACHED_BITS : (i + 1) << CACHED_BITS]
            part *= low[: len(part)]
            part *= factor
    np.add.accumulate(terms, out=terms)
    return sums


@cache
def _terms() -> Hashes:
    """Return what each code point of the table adds to a polynomial: its fold plus 1."""
    terms = table().folds.astype(np.uint64)
    terms += np.uint64(1)
    return terms


def spans_hash(sums: Hashes, starts: Ints, ends: Ints) -> Hashes:
    """Return the hash of each span of characters, the same wherever the span stands.

    Args:
        sums: prefix sums of the batch.
        starts: int64 array of first characters.
        ends: int64 array, one past the last character each.

    Returns:
        uint64 array, one mixed hash a span; its length is part of it.
    """
    inverse = powers_at(INVERSE, starts, len(sums))
    raw = sums.take(ends)
    raw -= sums.take(starts)
    raw *= inverse
    raw += (ends - starts).astype(np.uint64) * _SIZE_FACTOR
    return mix(raw)


def mix(values: Hashes) -> Hashes:
    """Spread the bits of hashes in place (the finaliser of MurmurHash3) and return them."""
    values ^= values >> _SHIFT
    values *= _FIRST_FACTOR
    values ^= values >> _SHIFT
    values *= _SECOND_FACTOR
    values ^= values >> _SHIFT
    return values


def by_page(hashes: Hashes, pages: Ints) -> Hashes:
    """Return hashes that differ from page to page; `pages` numbers the page of each."""
    return hashes + pages.astype(np.uint64) * _PAGE_SALT


def group_order(keys: Hashes) -> Ints:
    """Return an order that puts equal hashes together, each group in its given order.

    Sixteen bits at a time numpy sorts by counting, several times as fast as by comparing;
    few hashes are sorted faster in one call, and many in several parts, in the cache.
    """
    if len(keys) < FEW_TOKENS:
        return keys.argsort(kind="stable")
    if len(keys) <= MANY_TOKENS:
        return _group_order(keys)
    parts = (keys >> np.uint64(60)).astype(np.uint8)
    chosen = ((parts == part).nonzero()[0] for part in range(16))
    return np.concatenate([some.take(_group_order(keys.take(some))) for some in chosen])


def _group_order(keys: Hashes) -> Ints:
    order = np.argsort(keys.astype(np.uint16), kind="stable")
    for shift in (16, 32, 48):
        digits = (keys >> np.uint64(shift)).astype(np.uint16)
        order = order.take(np.argsort(digits.take(order), kind="stable"))
        ordered = keys.take(order)
        low = ordered << np.uint64(48 - shift)
        # Where hashes agree in the bits seen so far, they nearly always are the same.
        if not ((low[1:] == low[:-1]) & (ordered[1:] != ordered[:-1])).any():
            break
    return order


def powers_at(base: int, exponents: Ints, size: int) -> Hashes:
    """Return `base` to the power of each exponent, all below `size`, modulo 2**64."""
    low = _low_powers(base, _bits(size))
    if size <= len(low):
        return low.take(exponents)
    high = _high_powers(base, size)
    return low.take(exponents & (len(low) - 1)) * high.take(exponents >> CACHED_BITS)


def _bits(size: int) -> int:
    """Return for how many bits of exponents powers are needed, in few different numbers."""
    return min(max(12, size.bit_length() + 1 & ~1), CACHED_BITS)


@cache
def _low_powers(base: int, bits: int) -> Hashes:
    return _powers(base, 1 << bits)


def _high_powers(base: int, size: int) -> Hashes:
    return _powers(pow(base, 1 << CACHED_BITS, 2**64), (size >> CACHED_BITS) + 1)


def _powers(base: int, size: int) -> Hashes:
    result = np.ones(size, dtype=np.uint64)
    filled = 1
    while filled < size:
        step = min(filled, size - filled)
        factor = np.uint64(pow(base, filled, 2**64))
        np.multiply(result[:step], factor, out=result[filled : filled + step])
        filled += step
    return result


def pair_hashes(tokens: TokenBatch) -> Hashes:
    """Return the hash of each token with the next one of its line, or with none at its end."""
    following = np.zeros(len(tokens.hashes), np.uint64)
    following[:-1] = tokens.hashes[1:]
    last = tokens.bounds[1:] - ONE
    following[last[tokens.counts.astype(bool)]] = 0
    return mix(tokens.hashes * _PAIR_FACTOR + following)


class Words(NamedTuple):
    """The different words of a batch, or all its tokens where they are few.

    What depends on a word alone is worked out once for it and handed to its tokens.

    Attributes:
        at: int64 array of shape (words,), number of a token that stands for each; int32, as are
            `numbers`, once the words of several chunks were put together, where that will do.
        hashes: uint64 array of shape (3, words): as the tokens', of each word's first `STEM`
            characters, and of its last `TAIL` ones (of all, if it has fewer).
        longer: uint64 array of shape (4, words), likewise of its first `LONGER_STEMS` ones, 0
            if it has fewer; an empty one where words are many.
        numbers: int64 array of shape (tokens,), the word each token is; None if every token
            is a word of its own.
    """

    at: Ints
    hashes: Hashes
    longer: Hashes
    numbers: Ints | None

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """Hand values of words, of shape (words, …), to the tokens."""
        return values if self.numbers is None else values.take(self.numbers, axis=0)

    def every_number(self) -> Ints:
        """Return the word each token is, also where every token is one of its own."""
        return self.at if self.numbers is None else self.numbers

    def starts(self, tokens: TokenBatch) -> Ints:
        """Return each word's first character."""
        return tokens.starts if self.numbers is None else tokens.starts.take(self.at)

    def ends(self, tokens: TokenBatch) -> Ints:
        """Return one past each word's last character."""
        return tokens.ends if self.numbers is None else tokens.ends.take(self.at)


LONG = 1 << 8
"""A token as long as this is a word of its own: polynomials of long texts can be made equal."""


def find_words(tokens: TokenBatch) -> Words:
    """Find the different words of a batch; some may be found more than once.

    Args:
        tokens: the batch's tokens.

    Returns:
        The words. Two tokens are the same only if their hashes are.
    """
    at = np.arange(len(tokens.hashes))
    if len(tokens.parts):
        return Words(at, tokens.parts[:3], tokens.parts[3:], None)
    numbers = None
    hashes, starts, ends = tokens.hashes, tokens.starts, tokens.ends
    if len(at) >= FEW_TOKENS:
        cells = (hashes >> np.uint64(64 - len(at).bit_length())).view(np.int64)
        # Any token of a cell will do to stand for it; one with another hash stands for itself.
        table = np.empty(1 << len(at).bit_length(), np.int64)
        table[cells] = at
        chosen = table.take(cells)
        same = hashes.take(chosen) == hashes
        same &= ends - starts < LONG
        chosen = np.where(same, chosen, at)
        at = (chosen == at).nonzero()[0]
        table = np.empty(len(hashes), np.int64)
        table[at] = np.arange(len(at))
        numbers = table.take(chosen)
        hashes, starts, ends = hashes.take(at), starts.take(at), ends.take(at)
    found = np.empty((3, len(at)), np.uint64)
    found[0], found[1:] = hashes, parts_hash(tokens.sums, starts, ends, _STOPS[1:3])
    return Words(at, found, found[:0], numbers)


def parts_hash(sums: Hashes, starts: Ints, ends: Ints, parts: Ints) -> Hashes:
    """Return the hashes of parts of words.

    Args:
        sums: prefix sums of the batch.
        starts: int64 array of shape (words,), first character of each.
        ends: int64 array of shape (words,), one past the last.
        parts: `_STOPS`, or its rows of beginnings and ends alone.

    Returns:
        uint64 array, a row for each part; a longer beginning than the word has is 0.
    """
    stops = np.minimum(starts + parts, ends)
    begins = np.empty(stops.shape, np.int64)
    begins[:] = starts
    every = len(parts) == len(_STOPS)
    np.maximum(ends - _TAIL, starts, out=begins[2 if every else 1])
    hashes = spans_hash(sums, begins, stops)
    if every:
        hashes[3:] *= stops[3:] - starts == parts[3:]
    return hashes
