"""Features to scores: two logistic regressions, applied in whole numbers.

Weights are fixed-point integers, and so is every sum of them: a line's scores do not
depend on the order of additions, hence not on what else is in the batch. The second
stage sees the first one's probabilities around the line.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.families import context_measures, own_measures
from paywallstrip.features import ROLES, WIDE_ROLES, Reading
from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.measures import COARSE
from paywallstrip.sequence import ONE, second_measures, second_values
from paywallstrip.weighing import JointWeights, member_weights
from paywallstrip.windows import running

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
        page: the family `cue-page`, read once a page.
        cue: joint weights of a category's hits in a line.
        beside: int64 array of shape (2**16, K), a word's weights for the lines next to
            its own, see `pack`.
        within: int64 array of shape (2**16, K / 2), a word's weights for its own line.
        narrow: int64 array of shape (2**16, K / 2).
    """

    context: JointWeights
    own: JointWeights
    page: JointWeights
    cue: "CueWeights"
    beside: Ints
    within: Ints
    narrow: Ints

    @classmethod
    def make(cls, stage: FirstArrays, categories: tuple[str, ...]) -> "FirstTables":
        """Join the weights."""
        context, own = context_measures(categories), own_measures(categories)
        context_weights = member_weights(context, stage.context)
        own_weights = member_weights(own, stage.own)
        hits = ("cue", "cue-sized", "cue-first", "cue-whole")
        page = [m for m in own if m.name == "cue-page"]
        return cls(
            JointWeights([m for m in context if m.name not in hits], context_weights),
            JointWeights([m for m in own if m.name not in (*hits, "cue-page")], own_weights),
            JointWeights(page, own_weights),
            CueWeights(context_weights["cue"], *(own_weights[name] for name in hits[1:])),
            # Rows of 32 and of 16 bytes: twice as fast to take as one of 48.
            pack(np.delete(stage.wide, _MIDDLE, axis=1)),
            pack(stage.wide[:, _MIDDLE]),
            pack(stage.narrow),
        )


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
        self.context_base = count[:, 0, 0].sum(axis=0)
        context = count[:, :, 0] - count[:, :1, 0]
        self.own_base = sum(w[:, 0, 0].sum(axis=0) for w in (sized, first, whole))
        changes = [w - w[:, :1] for w in (sized, first, whole)]
        # By category, coarse size, whether the first word, whether the whole line.
        own = (
            changes[0][:, 1, :, None, None]
            + changes[1].swapaxes(1, 2)[:, :, :, None]
            + changes[2][:, :, 0][:, None, None]
        )
        self.context = context.reshape(-1, context.shape[-1])
        self.own = own.reshape(-1, own.shape[-1])

    def sums(self, reading: Reading) -> tuple[Ints, Ints]:
        """Return the sums of context weights and of own weights, of shape (lines, width)."""
        cues, count = reading.cues, len(reading.coarse)
        which = cues.categories * self.levels + np.minimum(cues.counts, self.levels - 1)
        own = cues.categories * COARSE + reading.coarse.take(cues.lines)
        own = (own * 2 + cues.first) * 2 + cues.whole
        bounds = cues.lines.searchsorted(np.arange(count + 1))
        return (
            _run_sums(self.context.take(which, axis=0), bounds) + self.context_base,
            _run_sums(self.own.take(own, axis=0), bounds) + self.own_base,
        )


MIXING_UNIT = 1024
_MIDDLE = slice(WIDE_ROLES.index(0) * len(LABELS), (WIDE_ROLES.index(0) + 1) * len(LABELS))


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
    hashed, bounds = reading.hashed, reading.tokens.bounds
    context, scores = tables.cue.sums(reading)
    scores += stage.bias
    scores += tables.own.sums(reading.values, coarse)
    page_hits = reading.page_hits()
    page = tables.page.sums({"cue-page": page_hits}, np.zeros(page_hits.shape[1], np.uint8))
    scores += page.take(lines.pages, axis=0)
    scale = token_scale(reading.tokens.counts)[:, None]
    words = ((tables.within, hashed.wide), *((tables.narrow, each) for each in hashed.narrow))
    scores += _sum_tokens(words, bounds) * scale
    for columns in hashed.narrow_lines:
        scores += stage.narrow.take(columns, axis=0).astype(np.int64) * SCALE_ONE
    wide = stage.wide.take(hashed.wide_lines, axis=0).astype(np.int64) * SCALE_ONE
    beside = _sum_tokens(((tables.beside, hashed.wide),), bounds) * scale
    wide[:, : _MIDDLE.start] += beside[:, : _MIDDLE.start]
    wide[:, _MIDDLE.stop :] += beside[:, _MIDDLE.start :]
    context += tables.context.sums(reading.values, coarse)
    for roles, sums in ((ROLES, context), (WIDE_ROLES, wide)):
        for i, role in enumerate(roles):
            part = sums[:, i * len(LABELS) : (i + 1) * len(LABELS)]
            _add_shifted(scores, part, role, lines.pages)
    return scores


def _run_sums(rows: Ints, bounds: Ints) -> Ints:
    """Sum the rows from each bound to the next."""
    # Turned over first: sums run faster along memory than across it.
    sums = running(np.ascontiguousarray(rows.T))
    found: Ints = sums.take(bounds[1:], axis=1) - sums.take(bounds[:-1], axis=1)
    return found.T


TOKEN_CHUNK = 1 << 16
"""Words whose weights are summed at once: a whole long page's would not fit into the cache."""
PACKED_SPAN = 1 << 15
"""Words up to which the sums of packed weights keep to their halves."""


def pack(table: NDArray[np.int16]) -> Ints:
    """Pack pairs of neighbouring columns into one whole number, to be summed together."""
    wide = table.astype(np.int64)
    return (wide[:, 1::2] << 32) + wide[:, 0::2]


def _unpack(sums: Ints) -> Ints:
    """Undo `pack` on sums, each half of which fits into 32 bits."""
    low = sums.astype(np.int32).astype(np.int64)
    return np.stack([low, (sums - low) >> 32], axis=2).reshape(len(sums), 2 * sums.shape[1])


def _sum_tokens(words: Sequence[tuple[Ints, Ints]], bounds: Ints) -> Ints:
    """Sum, over each line's tokens, the rows that they name in packed tables."""
    cuts = bounds.searchsorted(np.arange(TOKEN_CHUNK, bounds[-1], TOKEN_CHUNK))
    parts = np.concatenate([[0], cuts, [len(bounds) - 1]])
    sums = [
        _sum_some_tokens([(table, each[bounds[a] : bounds[b]]) for table, each in words], own)
        for a, b in pairwise(parts.tolist())
        if b > a
        for own in (bounds[a : b + 1] - bounds[a],)
    ]
    return np.concatenate(sums) if sums else np.zeros((0, 2 * words[0][0].shape[1]), np.int64)


def _sum_some_tokens(words: Sequence[tuple[Ints, Ints]], bounds: Ints) -> Ints:
    rows = words[0][0].take(words[0][1], axis=0)
    if np.diff(bounds).max() * len(words) > PACKED_SPAN:
        kinds = [_unpack(packed.take(each, axis=0)) for packed, each in words]
        return _run_sums(np.sum(kinds, axis=0), bounds)
    for packed, each in words[1:]:
        rows += packed.take(each, axis=0)
    # Prefix sums may wrap around: their differences do not mind.
    return _unpack(_run_sums(rows, bounds))


def _add_shifted(scores: Ints, part: Ints, role: int, pages: Ints) -> None:
    """Add to each line what the line `role` further on in its page says of it."""
    if role == 0:
        scores += part
        return
    size = len(scores) - abs(role)
    if size <= 0:
        return
    target = slice(0, size) if role > 0 else slice(-role, None)
    source = slice(role, None) if role > 0 else slice(0, size)
    same = pages[target] == pages[source]
    scores[target] += np.where(same[:, None], part[source], 0)


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
    mixed: Ints = centred(scores) @ stage.mixing // MIXING_UNIT
    return total + mixed


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
