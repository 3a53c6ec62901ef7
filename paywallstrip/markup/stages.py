"""Markup features to scores: a third stage after the two of the text.

It mixes the text's scores with what the markup says of a line, and with what the text says
of the lines that the markup puts beside it. Weights are fixed-point integers, as in
`stages`, and so is every sum of them.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.features import Reading
from paywallstrip.lines import Ints
from paywallstrip.markup.families import around_measures, context_measures, own_measures
from paywallstrip.markup.features import MarkupReading
from paywallstrip.markup.names import Names
from paywallstrip.markup.sequence import around_values
from paywallstrip.once import made_once
from paywallstrip.stages import MIXING_UNIT, centred, shares, with_neighbours
from paywallstrip.weighing import JointWeights, member_weights
from paywallstrip.word_weights import SCALE_ONE, in_pairs, pairs_at, run_sums, token_scale, unpack


class MarkupArrays(NamedTuple):
    """Weights of the third stage; K is the number of labels.

    Attributes:
        bias: int64 array of shape (K,), in units of `stages.UNIT`.
        mixing: int64 array of shape (K, K), in 1024ths: the text's score by label.
        context: int32 array of shape (context columns, roles * K), in units of `stages.UNIT`.
        own: int32 array of shape (own columns, K), in units of `stages.UNIT`.
        names: int16 array of shape (2**17, K), in units of `stages.WORD_UNIT`.
        around: int32 array of shape (columns of `around_measures`, K), in units of
            `stages.UNIT`.
    """

    bias: Ints
    mixing: Ints
    context: NDArray[np.int32]
    own: NDArray[np.int32]
    names: NDArray[np.int16]
    around: NDArray[np.int32]


class MarkupStages(MarkupArrays):
    """The weights, and what is made of them when they are first used."""

    @made_once
    def prepared(self) -> "MarkupTables":
        """The weights as tables that are fast to read."""
        return MarkupTables.make(self)

    def __getstate__(self) -> None:
        """Pickle the arrays alone."""


class MarkupTables(NamedTuple):
    """The weights, joined for reading, and those of names in pairs."""

    context: JointWeights
    own: JointWeights
    around: JointWeights
    names: NDArray[Any]

    @classmethod
    def make(cls, arrays: MarkupArrays) -> "MarkupTables":
        """Join the weights."""
        context, own, around = (
            JointWeights(measures, member_weights(measures, weights))
            for measures, weights in (
                (context_measures(), arrays.context),
                (own_measures(), arrays.own),
                (around_measures(), arrays.around),
            )
        )
        return cls(context, own, around, in_pairs(arrays.names))


def markup_scores(
    reading: Reading, markup: MarkupReading, scores: Ints, stages: MarkupStages
) -> Ints:
    """Score every line by its text's scores and its markup.

    Args:
        reading: the texts.
        markup: their markup.
        scores: int64 array of shape (lines, K), the second text stage's scores.
        stages: the weights.

    Returns:
        int64 array of shape (lines, K), in units of `stages.UNIT`.
    """
    tables = stages.prepared
    total: Ints = stages.bias + centred(scores) @ stages.mixing // MIXING_UNIT
    tables.own.add(markup.values, reading.coarse, total)
    total += _name_sums(markup.names, tables.names)
    around = around_values(reading, markup, shares(scores))
    tables.around.add(around, reading.coarse, total)
    lent = np.zeros((tables.context.width, len(total)), np.int64).T
    tables.context.add(markup.values, reading.coarse, lent)
    return with_neighbours(total, lent, reading.lines.pages)


def _name_sums(names: Names, weights: NDArray[Any]) -> Ints:
    """Sum the weights of the words around each line, from `in_pairs`.

    A line has too few words for the sums of pairs to outgrow their halves.
    """
    sums = pairs_at(weights, names.single[0])
    for columns in names.single[1:]:
        sums += pairs_at(weights, columns)
    sums *= SCALE_ONE
    for columns, bounds in names.runs:
        found = run_sums(bounds, pairs_at(weights, columns))
        found *= token_scale(np.diff(bounds))[:, None]
        sums += found
    return unpack(sums)
