"""Features to scores: two logistic regressions, applied in whole numbers.

Weights are fixed-point integers, and so is every sum of them: a line's scores do not
depend on the order of additions, hence not on what else is in the batch. The second
stage sees the first one's probabilities around the line.
"""

from dataclasses import replace
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from paywallstrip.families import PAGE_EDGES, context_measures, own_measures
from paywallstrip.features import ROLES, WIDE_ROLES, Reading
from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.measures import COARSE
from paywallstrip.once import made_once
from paywallstrip.scalars import TWO, scalar
from paywallstrip.sequence import AROUND, ONE, second_measures, second_values
from paywallstrip.surroundings import MOST_HITS
from paywallstrip.weighing import JointWeights, member_weights
from paywallstrip.windows import FEW_LINES
from paywallstrip.word_weights import SCALE_ONE, WordWeights, lent, run_sums, step_of, unpack

WORD_UNIT = 1 << 12
"""Hashed weights are stored in 4096ths."""
UNIT = WORD_UNIT * SCALE_ONE
"""All scores are in this fraction of a natural logarithm."""
LOWEST = -12 * UNIT
"""Scores this far below the best one are as good as lost."""

PART_LINES = 1 << 14
"""Lines that the first stage scores at once: what is made for them serves the next ones."""

_EXP_STEP = UNIT // 1024
_COARSE = scalar(COARSE, np.int64)
_STEP, _SHARES, _HALF, _LOWEST = (scalar(value, np.int64) for value in (_EXP_STEP, ONE, 1, LOWEST))
_EXP = np.rint(2**20 * np.exp(-np.arange(12 * 1024 + 1) / 1024)).astype(np.int64)


class FirstArrays(NamedTuple):
    """Weights of the first stage; K is the number of labels.

    Attributes:
        bias: int64 array of shape (K,).
        context: int32 array of shape (context columns, roles * K), in units of `UNIT`.
        own: int32 array of shape (own columns, K), in units of `UNIT`.
        wide: int16 array of shape (2**18, wide roles * K), in units of `WORD_UNIT`, or int8 in
            units of `word_weights.BYTE_STEP` of these.
        narrow: array of shape (2**18, K), of the same type as `wide`.
    """

    bias: Ints
    context: NDArray[np.int32]
    own: NDArray[np.int32]
    wide: NDArray[Any]
    narrow: NDArray[Any]


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

    def finely(self) -> Self:
        """Return the same weights with two bytes for each of the hashed columns."""
        step = np.int16(step_of(self.wide))
        return self._replace(
            wide=self.wide.astype(np.int16) * step, narrow=self.narrow.astype(np.int16) * step
        )

    def __getstate__(self) -> None:
        """Pickle the arrays alone."""


class SecondStage(SecondArrays):
    """The second stage's weights, and what is made of them when they are first used."""

    @made_once
    def prepared(self) -> JointWeights:
        """The table's weights in a form that is fast to read."""
        measures = second_measures()
        weights = member_weights(measures, self.table)
        near, far = (m for m in measures if m.windowed)
        weights[AROUND] = np.concatenate([weights[near.name], weights[far.name]])
        around = replace(near, name=AROUND, members=near.members + far.members)
        single = [m for m in measures if not m.windowed]
        return JointWeights([*single, around], weights)

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
    words: WordWeights

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
        self.levels, self.top = (scalar(count.shape[1] - i, np.int64) for i in (0, 1))
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
        self.rows = lent(rows.astype(np.int32)).view(np.int64) if self.packed else rows

    def sums(self, reading: Reading) -> Ints:
        """Return the sums of context weights, then of own ones, of shape (lines, width)."""
        cues, count = reading.cues, len(reading.coarse)
        which = cues.categories * self.levels + np.minimum(cues.counts, self.top)
        which *= _COARSE
        which += reading.coarse.take(cues.lines)
        which *= TWO
        which += cues.first
        which *= TWO
        which += cues.whole
        bounds = cues.lines.searchsorted(np.arange(count + 1))
        found = run_sums(bounds, self.rows.take(which, axis=0))
        if self.packed:
            found = unpack(found)
        found += self.base
        return found


MIXING_BITS = 10
MIXING_UNIT = 1 << MIXING_BITS
_MIXING = scalar(MIXING_BITS, np.int64)
_PAGE_BINS = np.searchsorted(PAGE_EDGES, np.arange(MOST_HITS + 1), side="right")
_BESIDE = [
    slice(ROLES.index(role) * len(LABELS), (ROLES.index(role) + 1) * len(LABELS))
    for role in WIDE_ROLES
    if role
]
"""Columns of what words lend to the lines beside theirs."""


def first_scores(reading: Reading, stage: FirstStage) -> Ints:
    """Score every line with the first stage.

    Args:
        reading: the batch's features.
        stage: the weights.

    Returns:
        int64 array of shape (lines, K), in units of `UNIT`.
    """
    tables = stage.prepared(reading.categories)
    by_page = _page_scores(reading, tables.page)
    count, reach = len(reading.coarse), max(ROLES)
    if count <= PART_LINES:
        return _line_scores(reading, stage, tables, by_page)
    scores = np.empty((len(LABELS), count), np.int64).T
    for begin in range(0, count, PART_LINES):
        # With the lines that lend to them.
        end, first = min(begin + PART_LINES, count), max(begin - reach, 0)
        part = reading.part(first, min(end + reach, count))
        found = _line_scores(part, stage, tables, by_page)
        scores[begin:end] = found[begin - first : end - first]
    return scores


def _line_scores(reading: Reading, stage: FirstArrays, tables: FirstTables, by_page: Ints) -> Ints:
    """Score some lines with the first stage; `by_page` is from `_page_scores`."""
    coarse, pages = reading.coarse, reading.lines.pages
    sums = tables.cue.sums(reading)
    lent, scores = sums[:, : -len(LABELS)], sums[:, -len(LABELS) :]
    scores += stage.bias
    tables.own.add(reading.values, coarse, scores)
    scores += by_page.take(pages, axis=1).T
    tables.context.add(reading.values, coarse, lent)
    words = tables.words.sums(reading)
    scores += words[:, : len(LABELS)]
    for i, part in enumerate(_BESIDE, start=1):
        lent[:, part] += words[:, i * len(LABELS) : (i + 1) * len(LABELS)]
    return with_neighbours(scores, lent, pages)


def _page_scores(reading: Reading, weights: Ints) -> Ints:
    """Sum the weights of each page's hits, of shape (K, pages)."""
    bins = _PAGE_BINS.take(reading.page_hits())
    rows = bins + np.arange(0, len(bins) * weights.shape[1], weights.shape[1])[:, None]
    found = weights.reshape(-1, weights.shape[-1]).take(rows, axis=0)
    return np.asarray(np.add.reduce(found, axis=0).T)


def with_neighbours(scores: Ints, lent: Ints, pages: Ints) -> Ints:
    """Add to each line what it says of itself and what the lines around it lend to it.

    Args:
        scores: of shape (lines, K).
        lent: of shape (lines, roles * K): what a line says of the line that sees it so.
        pages: the text each line belongs to.

    Returns:
        A new array of shape (lines, K).
    """
    if 0 < len(pages) < FEW_LINES and pages[0] == pages[-1]:
        return scores + _lent_to_few(lent)
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


def _lent_to_few(lent: Ints) -> Ints:
    """Sum what is lent to each line of a lone short page by itself and the lines around."""
    (count, width), size, reach = lent.shape, len(LABELS), max(ROLES)
    padded = np.zeros((count + 2 * reach, width), np.int64)
    padded[reach:-reach] = lent
    # A role further on the line after lends: what belongs together lies in even steps.
    line, one = padded.strides
    steps = (line, line + size * one, one)
    found: Ints = np.ndarray((count, len(ROLES), size), np.int64, padded, 0, steps)
    return np.asarray(np.add.reduce(found, axis=1))


def shares(scores: Ints) -> NDArray[np.uint8]:
    """Turn scores to probabilities in whole 255ths, without a floating-point sum."""
    return _shares(centred(scores))


def _shares(below: Ints) -> NDArray[np.uint8]:
    """Turn scores from `centred` to probabilities in whole 255ths."""
    # Labels first: numpy adds up long rows several times as fast as many short ones.
    odds = _EXP.take(-below.T // _STEP)
    total = np.add.reduce(odds, axis=0)
    odds *= _SHARES
    odds += total >> _HALF
    odds //= total
    found: NDArray[np.uint8] = odds.astype(np.uint8)
    return found.T


def second_scores(reading: Reading, scores: Ints, stage: SecondStage) -> Ints:
    """Score every line with the second stage.

    Args:
        reading: the batch's features.
        scores: the first stage's scores.
        stage: the weights.

    Returns:
        int64 array of shape (lines, K), in units of `UNIT`.
    """
    below = centred(scores)
    total: Ints = below @ stage.mixing
    total >>= _MIXING
    total += stage.bias
    stage.prepared.add(second_values(reading, _shares(below)), reading.coarse, total)
    return total


def centred(scores: Ints) -> Ints:
    """Return how far each score lies below its line's best, down to `LOWEST`."""
    below: Ints = np.maximum(scores - np.maximum.reduce(scores, 1, keepdims=True), _LOWEST)
    return below


def probabilities(scores: Ints) -> NDArray[np.float64]:
    """Return the softmax of scores, as float64 of the same shape; rows sum to 1."""
    odds = np.exp(centred(scores) / UNIT)
    # Summed column by column: the order is fixed, whatever the shape.
    total = odds[:, 0] + odds[:, 1] + odds[:, 2] + odds[:, 3]
    return np.asarray(odds / total[:, None])
