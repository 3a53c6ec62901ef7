"""Features to scores: two logistic regressions, applied in whole numbers.

Weights are fixed-point integers, and so is every sum of them: a line's scores do not
depend on the order of additions, hence not on what else is in the batch. The second
stage sees the first one's probabilities around the line.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.features import ROLES, WIDE_ROLES, FeatureExtractor, Reading
from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.measures import to_columns
from paywallstrip.sequence import ONE, second_measures, second_values

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


class FirstStage(NamedTuple):
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


class SecondStage(NamedTuple):
    """Weights of the second stage.

    Attributes:
        bias: int64 array of shape (K,), in units of `UNIT`.
        table: int32 array of shape (columns, K), in units of `UNIT`.
        mixing: int64 array of shape (K, K), in 1024ths: first-stage score by label.
    """

    bias: Ints
    table: NDArray[np.int32]
    mixing: Ints


MIXING_UNIT = 1024


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
    features, lines = reading.features, reading.lines
    scores = stage.bias + _sum_columns(stage.own, features.own)
    scale = token_scale(np.diff(features.bounds))[:, None]
    for hashed in features.narrow:
        scores += _sum_tokens(stage.narrow, hashed, features.bounds) * scale
    for hashed in features.narrow_lines:
        scores += stage.narrow.take(hashed, axis=0).astype(np.int64) * SCALE_ONE
    wide = _sum_tokens(stage.wide, features.wide, features.bounds) * scale
    wide += stage.wide.take(features.wide_lines, axis=0).astype(np.int64) * SCALE_ONE
    context = _sum_columns(stage.context, features.context)
    for roles, sums in ((ROLES, context), (WIDE_ROLES, wide)):
        for i, role in enumerate(roles):
            part = sums[:, i * len(LABELS) : (i + 1) * len(LABELS)]
            _add_shifted(scores, part, role, lines.pages)
    return scores


def _sum_columns(table: NDArray[np.int32], columns: Ints) -> Ints:
    """Sum the table's rows that each line names."""
    total = np.zeros((len(columns), table.shape[1]), dtype=np.int64)
    for i in range(columns.shape[1]):
        total += table.take(columns[:, i], axis=0)
    return total


def _sum_tokens(table: NDArray[np.int16], columns: Ints, bounds: Ints) -> Ints:
    """Sum, over each line's tokens, the rows that they name."""
    sums = np.zeros((len(columns) + 1, table.shape[1]), dtype=np.int64)
    np.cumsum(table.take(columns, axis=0), axis=0, out=sums[1:])
    return sums.take(bounds[1:], axis=0) - sums.take(bounds[:-1], axis=0)


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


def shares(scores: Ints) -> Ints:
    """Turn scores to probabilities in whole 255ths, without a floating-point sum."""
    below = np.minimum(scores.max(axis=1, keepdims=True) - scores, -LOWEST)
    odds = _EXP.take(below // _EXP_STEP)
    total = odds.sum(axis=1, keepdims=True)
    return (odds * ONE + total // 2) // total


def second_scores(
    reading: Reading, scores: Ints, stage: SecondStage, extractor: FeatureExtractor
) -> Ints:
    """Score every line with the second stage.

    Args:
        reading: the batch's features.
        scores: the first stage's scores.
        stage: the weights.
        extractor: the extractor that read the batch.

    Returns:
        int64 array of shape (lines, K), in units of `UNIT`.
    """
    values = second_values(reading, shares(scores), extractor.rarity)
    columns = to_columns(second_measures(), values, reading.coarse)
    total = stage.bias + _sum_columns(stage.table, columns)
    return total + centred(scores) @ stage.mixing // MIXING_UNIT


def centred(scores: Ints) -> Ints:
    """Return how far each score lies below its line's best, down to `LOWEST`."""
    return np.maximum(scores - scores.max(axis=1, keepdims=True), LOWEST)


def probabilities(scores: Ints) -> NDArray[np.float64]:
    """Return the softmax of scores, as float64 of the same shape; rows sum to 1."""
    odds = np.exp(centred(scores) / UNIT)
    # Summed column by column: the order is fixed, whatever the shape.
    total = odds[:, 0] + odds[:, 1] + odds[:, 2] + odds[:, 3]
    return np.asarray(odds / total[:, None])
