"""Features to scores: two logistic regressions, applied in whole numbers.

Weights are fixed-point integers, and so is every sum of them: a line's scores do not
depend on the order of additions, hence not on what else is in the batch. The second
stage sees the first one's probabilities around the line.
"""

import sys
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.families import PAGE_EDGES, context_measures, own_measures
from paywallstrip.features import ROLES, WIDE_ROLES, Reading
from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.measures import COARSE
from paywallstrip.sequence import ONE, second_measures, second_values
from paywallstrip.surroundings import MOST_HITS
from paywallstrip.weighing import JointWeights, member_weights
from paywallstrip.windows import running_columns

WORD_UNIT = 1 << 12
"""Hashed weights are stored in 4096ths."""
SCALE_ONE = 64
"""A word of a one-word line counts 64 sixty-fourths."""
UNIT = WORD_UNIT * SCALE_ONE
"""All scores are in this fraction of a natural logarithm."""
LOWEST = -12 * UNIT
"""Scores this far below the best one are as good as lost."""

_EXP_STEP = UNIT // 1024
_EXP = np.rint(2**20 * np.exp(-np.arange(12 * 1024 + 1) / 1024)).astype(np.int64)
_SCALES = np.rint(SCALE_ONE / np.sqrt(np.maximum(np.arange(4097), 1))).astype(np.int64)


class FirstArrays(NamedTuple):
    """Weights of the first stage; K is the number of labels.

    Attributes:
        bias: int64 array of shape (K,).
        context: int32 array of shape (context columns, roles * K), in units of `UNIT`.
        own: int32 array of shape (own columns, K), in units of `UNIT`.
        wide: int16 array of shape (2**16, wide roles * K), in units of `WORD_UNIT`.
        narrow: int16 array of shape (2**16, K), in units of `WORD_UNIT`.
    """

    bias: Ints
    context: NDArray[np.int32]
    own: NDArray[np.int32]
    wide: NDArray[np.int16]
    narrow: NDArray[np.int16]


class SecondArrays(NamedTuple):
    """Weights of the second stage.

    Attributes:
        bias: int64 array of shape (K,), in units of `UNIT`.
        table: int32 array of shape (columns, K), in units of `UNIT`.
        mixing: int64 array of shape (K, K), in 1024ths: first-stage score by label.
    """

    bias: Ints
    table: NDArray[np.int32]
    mixing: Ints


class FirstStage(FirstArrays):
    """The first stage's weights, and what is made of them when they are first used."""

    def prepared(self, categories: tuple[str, ...]) -> "FirstTables":
        """Return the weights as tables that are fast to read, made once."""
        key, made = self.__dict__.get("_prepared", (None, None))
        if key != categories:
            made = FirstTables.make(self, categories)
            self.__dict__["_prepared"] = (categories, made)
        tables: FirstTables = made
        return tables

    def __getstate__(self) -> None:
        """Pickle the arrays alone."""


class SecondStage(SecondArrays):
    """The second stage's weights, and what is made of them when they are first used."""

    def prepared(self) -> JointWeights:
        """Return the table's weights in a form that is fast to read, made once."""
        if "_prepared" not in self.__dict__:
            measures = second_measures()
            joint = JointWeights(measures, member_weights(measures, self.table))
            self.__dict__["_prepared"] = joint
        found: JointWeights = self.__dict__["_prepared"]
        return found

    def __getstate__(self) -> None:
        """Pickle the arrays alone."""


class FirstTables(NamedTuple):
    """The first stage's weights, joined for reading.

    Attributes:
        context: the context families but `cue`.
        own: the own families but those of single cue hits and `cue-page`.
        page: the family `cue-page`, int64 array of shape (categories, levels, K).
        cue: joint weights of a category's hits in a line.
        words: the weights of hashed columns.
    """

    context: JointWeights
    own: JointWeights
    page: Ints
    cue: "CueWeights"
    words: "WordWeights"

    @classmethod
    def make(cls, stage: FirstArrays, categories: tuple[str, ...]) -> "FirstTables":
        """Join the weights."""
        context, own = context_measures(categories), own_measures(categories)
        context_weights = member_weights(context, stage.context)
        own_weights = member_weights(own, stage.own)
        hits = ("cue", "cue-sized", "cue-first", "cue-whole")
        return cls(
            JointWeights([m for m in context if m.name not in hits], context_weights),
            JointWeights([m for m in own if m.name not in (*hits, "cue-page")], own_weights),
            own_weights["cue-page"][:, :, 0],
            CueWeights(context_weights["cue"], *(own_weights[name] for name in hits[1:])),
            WordWeights(stage.wide, stage.narrow),
        )


class WordWeights:
    """Weights of hashed columns, packed by pairs; see `pack`.

    Args:
        wide: as in `FirstArrays`.
        narrow: as in `FirstArrays`.
    """

    def __init__(self, wide: NDArray[np.int16], narrow: NDArray[np.int16]) -> None:
        self.wide, self.narrow = wide, narrow

    @cached_property
    def packed(self) -> tuple[Ints, Ints, Ints]:
        """All weights: of wide columns for the line itself and beside it, of narrow ones."""
        wide = pack(self.wide)
        # Rows of 32 and of 16 bytes: twice as fast to take as one of 48.
        size = len(LABELS) // 2
        within, beside = (wide.take(part, axis=1) for part in np.split(_PACKED_ORDER, [size]))
        return within, beside, pack(self.narrow)

    def _packs(self, columns: Ints) -> bool:
        """Return whether the weights of these columns alone are to be packed."""
        return len(columns) < FEW_WORDS and "packed" not in self.__dict__

    def rows(self, wide: Ints) -> tuple[Ints, Ints]:
        """Return the packed weights of wide columns, for the line itself and beside it."""
        if self._packs(wide):
            rows = pack(self.wide.take(wide, axis=0)).take(_PACKED_ORDER, axis=1)
            return rows[:, : len(LABELS) // 2], rows[:, len(LABELS) // 2 :]
        within, beside, _ = self.packed
        return within.take(wide, axis=0), beside.take(wide, axis=0)

    def narrow_rows(self, columns: Ints) -> Ints:
        """Return the packed weights of narrow columns."""
        if self._packs(columns):
            return pack(self.narrow.take(columns, axis=0))
        return self.packed[2].take(columns, axis=0)


class CueWeights:
    """Weights of a category's hits in a line, less what lines without a hit get.

    Lines without a hit of a category are nearly all, so the weights are summed over the
    hits alone.

    Args:
        count: int64 array of shape (categories, levels, 1, roles * K).
        sized: int64 array of shape (categories, 2, COARSE, K).
        first: int64 array of shape (categories, 2, COARSE, K).
        whole: int64 array of shape (categories, 2, 1, K).
    """

    def __init__(self, count: Ints, sized: Ints, first: Ints, whole: Ints) -> None:
        self.levels = count.shape[1]
        base = [count[:, 0, 0], sum(w[:, 0, 0] for w in (sized, first, whole))]
        self.base = np.concatenate(base, axis=1).sum(axis=0)
        context = count[:, :, 0] - count[:, :1, 0]
        changes = [w - w[:, :1] for w in (sized, first, whole)]
        # By category, hits, coarse size, whether the first word, whether the whole line.
        own = (
            changes[0][:, 1, :, None, None]
            + changes[1].swapaxes(1, 2)[:, :, :, None]
            + changes[2][:, :, 0][:, None, None]
        )
        table = np.empty((*context.shape[:2], *own.shape[1:-1], len(self.base)), np.int64)
        table[..., : context.shape[-1]] = context[:, :, None, None, None]
        table[..., context.shape[-1] :] = own[:, None]
        rows = table.reshape(-1, len(self.base))
        self.packed = int(np.abs(rows).max(initial=0)) * len(count) < 1 << 31
        self.rows = pack(rows) if self.packed else rows

    def sums(self, reading: Reading) -> Ints:
        """Return the sums of context weights, then of own ones, of shape (lines, width)."""
        cues, count = reading.cues, len(reading.coarse)
        which = cues.categories * self.levels + np.minimum(cues.counts, self.levels - 1)
        which = which * COARSE + reading.coarse.take(cues.lines)
        which = (which * 2 + cues.first) * 2 + cues.whole
        bounds = cues.lines.searchsorted(np.arange(count + 1))
        found = _run_sums(bounds, self.rows.take(which, axis=0))
        if self.packed:
            found = _unpack(found)
        found += self.base
        return found


MIXING_BITS = 10
MIXING_UNIT = 1 << MIXING_BITS
_PAGE_BINS = np.searchsorted(PAGE_EDGES, np.arange(MOST_HITS + 1), side="right")
_WIDE = slice(
    ROLES.index(WIDE_ROLES[0]) * len(LABELS), (ROLES.index(WIDE_ROLES[-1]) + 1) * len(LABELS)
)
_MIDDLE = slice(WIDE_ROLES.index(0) * len(LABELS), (WIDE_ROLES.index(0) + 1) * len(LABELS))
_PACKED_ORDER = np.argsort(
    np.arange(len(WIDE_ROLES) * len(LABELS) // 2) // (len(LABELS) // 2) != WIDE_ROLES.index(0),
    kind="stable",
)
"""Packed columns, those for the line itself first."""


def token_scale(counts: Ints) -> Ints:
    """Return by how many sixty-fourths a word counts in a line of so many words."""
    return _SCALES.take(np.minimum(counts, len(_SCALES) - 1))


def first_scores(reading: Reading, stage: FirstStage) -> Ints:
    """Score every line with the first stage.

    Args:
        reading: the batch's features.
        stage: the weights.

    Returns:
        int64 array of shape (lines, K), in units of `UNIT`.
    """
    tables, lines, coarse = stage.prepared(reading.categories), reading.lines, reading.coarse
    sums = tables.cue.sums(reading)
    lent, scores = sums[:, : -len(LABELS)], sums[:, -len(LABELS) :]
    scores += stage.bias
    scores += tables.own.sums(reading.values, coarse)
    scores += _page_scores(reading, tables.page).take(lines.pages, axis=1).T
    words = _word_sums(reading, tables.words)
    words *= token_scale(reading.tokens.counts)[:, None]
    scores += words[:, : len(LABELS)]
    ends = tables.words.narrow_rows(reading.hashed.first_words)
    ends += tables.words.narrow_rows(reading.hashed.last_words)
    scores += _unpack(ends * SCALE_ONE)
    lent += tables.context.sums(reading.values, coarse)
    wide = lent[:, _WIDE]
    wide += np.multiply(
        stage.wide.take(reading.hashed.wide_lines, axis=0), SCALE_ONE, dtype=np.int64
    )
    wide[:, : _MIDDLE.start] += words[:, len(LABELS) : 2 * len(LABELS)]
    wide[:, _MIDDLE.stop :] += words[:, 2 * len(LABELS) :]
    return with_neighbours(scores, lent, lines.pages)


def _page_scores(reading: Reading, weights: Ints) -> Ints:
    """Sum the weights of each page's hits, of shape (K, pages)."""
    bins = _PAGE_BINS.take(reading.page_hits())
    rows = bins + np.arange(0, len(bins) * weights.shape[1], weights.shape[1])[:, None]
    found: Ints = weights.reshape(-1, weights.shape[-1]).take(rows, axis=0).sum(axis=0).T
    return found


def with_neighbours(scores: Ints, lent: Ints, pages: Ints) -> Ints:
    """Add to each line what it says of itself and what the lines around it lend to it.

    Args:
        scores: of shape (lines, K).
        lent: of shape (lines, roles * K): what a line says of the line that sees it so.
        pages: the text each line belongs to.

    Returns:
        A new array of shape (lines, K).
    """
    size = len(LABELS)
    middle = ROLES.index(0) * size
    scores = scores + lent[:, middle : middle + size]
    several = len(pages) > 0 and pages[0] != pages[-1]
    for step in range(1, min(max(ROLES), len(scores) - 1) + 1):
        # Nearly all neighbours stand in the same page: the others are taken back.
        apart = (pages[step:] != pages[:-step]).nonzero()[0] if several else ()
        for role in (step, -step):
            at = ROLES.index(role) * size
            part = lent[:, at : at + size]
            target, source = (scores[:-step], part[step:])
            if role < 0:
                target, source = (scores[step:], part[:-step])
            target += source
            if several:
                target[apart] -= source[apart]
    return scores


def _run_sums(bounds: Ints, *tables: Ints) -> Ints:
    """Sum the rows from each bound to the next, of tables side by side."""
    at_bounds = running_columns(*tables).take(bounds, axis=1)
    found: Ints = at_bounds[:, 1:] - at_bounds[:, :-1]
    return found.T


FEW_WORDS = 1 << 12
"""Weights of fewer words are packed as they are taken: that is faster than to pack all."""
TOKEN_CHUNK = 1 << 16
"""Words whose weights are summed at once: a whole long page's would not fit into the cache."""
PACKED_SPAN = 1 << 13
"""Words up to which the sums of packed weights, four a word, keep to their halves."""


def pack(table: NDArray[np.integer[Any]]) -> Ints:
    """Pack pairs of neighbouring columns into one whole number, to be summed together."""
    halves = table.astype(np.int32)
    # A negative number in the lower half borrows from the upper one.
    halves[:, 1::2] += halves[:, 0::2] >> 31
    if sys.byteorder == "big":
        halves = halves.reshape(len(halves), -1, 2)[:, :, ::-1].reshape(halves.shape).copy()
    return halves.view(np.int64)


def _unpack(sums: Ints) -> Ints:
    """Undo `pack` on sums, each half of which fits into 32 bits.

    Args:
        sums: of shape (lines, pairs); faster if its columns lie in one piece each.

    Returns:
        Of shape (lines, 2 * pairs), its columns in one piece each.
    """
    halves = np.empty((sums.shape[1], 2, len(sums)), np.int64)
    low, high = halves[:, 0], halves[:, 1]
    low[:] = sums.T.astype(np.int32)
    np.subtract(sums.T, low, out=high)
    high >>= 32
    return halves.reshape(2 * sums.shape[1], len(sums)).T


def _word_sums(reading: Reading, weights: WordWeights) -> Ints:
    """Sum the weights of each line's words.

    Returns:
        int64 array of shape (lines, 3 * K): for the line itself, for the one before it,
        for the one after it.
    """
    bounds, counts = reading.tokens.bounds, reading.tokens.counts
    own, beside = weights.rows(reading.hashed.wide)
    own = own + weights.narrow_rows(reading.hashed.stems)
    own += weights.narrow_rows(reading.hashed.tails)
    size, longest = int(bounds[-1]), counts.max(initial=0)
    if longest <= PACKED_SPAN and size <= TOKEN_CHUNK:
        return _some_word_sums(reading, weights, own, beside, bounds)
    pieces, cuts = bounds, bounds.searchsorted(np.arange(0, size, TOKEN_CHUNK))
    if longest > PACKED_SPAN:
        pieces = np.union1d(bounds, np.arange(0, size, PACKED_SPAN))
        cuts = pieces.searchsorted(np.arange(0, size, TOKEN_CHUNK))
    sums = [
        _some_word_sums(reading, weights, own, beside, pieces[a : b + 1])
        for a, b in pairwise([*cuts.tolist(), len(pieces) - 1])
    ]
    found = np.concatenate(sums)
    return found if pieces is bounds else _run_sums(pieces.searchsorted(bounds), found)


def _some_word_sums(
    reading: Reading, weights: WordWeights, own: Ints, beside: Ints, bounds: Ints
) -> Ints:
    """Sum the weights of the tokens from each bound to the next; the rest is of the words."""
    part = slice(int(bounds[0]), int(bounds[-1]))
    if reading.words.numbers is None:
        own, beside = own[part], beside[part]
    else:
        which = reading.words.numbers[part]
        own, beside = own.take(which, axis=0), beside.take(which, axis=0)
    own = own + weights.narrow_rows(reading.hashed.pairs[part])
    # Prefix sums may wrap around: their differences do not mind.
    return _unpack(_run_sums(bounds - part.start, own, beside))


def shares(scores: Ints) -> NDArray[np.uint8]:
    """Turn scores to probabilities in whole 255ths, without a floating-point sum."""
    below = np.minimum(scores.max(axis=1, keepdims=True) - scores, -LOWEST)
    odds = _EXP.take(below // _EXP_STEP)
    total = odds.sum(axis=1, keepdims=True)
    return np.asarray((odds * ONE + total // 2) // total, dtype=np.uint8)


def second_scores(reading: Reading, scores: Ints, stage: SecondStage) -> Ints:
    """Score every line with the second stage.

    Args:
        reading: the batch's features.
        scores: the first stage's scores.
        stage: the weights.

    Returns:
        int64 array of shape (lines, K), in units of `UNIT`.
    """
    values = second_values(reading, shares(scores))
    total = stage.bias + stage.prepared().sums(values, reading.coarse)
    mixed: Ints = centred(scores) @ stage.mixing >> MIXING_BITS
    total += mixed
    return total


def centred(scores: Ints) -> Ints:
    """Return how far each score lies below its line's best, down to `LOWEST`."""
    below: Ints = np.maximum(scores - scores.max(axis=1, keepdims=True), LOWEST)
    return below


def probabilities(scores: Ints) -> NDArray[np.float64]:
    """Return the softmax of scores, as float64 of the same shape; rows sum to 1."""
    odds = np.exp(centred(scores) / UNIT)
    # Summed column by column: the order is fixed, whatever the shape.
    total = odds[:, 0] + odds[:, 1] + odds[:, 2] + odds[:, 3]
    return np.asarray(odds / total[:, None])
