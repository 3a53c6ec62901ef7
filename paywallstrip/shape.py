"""Lines to shape: how long a line is, of what characters, how it begins and ends."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.characters import CLASS_COUNT, CharacterClass
from paywallstrip.families import COUNTED
from paywallstrip.lines import LINE_END, Ints, LineBatch
from paywallstrip.measures import Values, percent
from paywallstrip.scalars import ONE, TWO, scalar
from paywallstrip.tokens import Hashes, TokenBatch, first_from, mix

PROSE_SIZE = 80
PROSE_WORDS = 8

_UPPER, _LOWER, _UNCASED, _IDEOGRAPH, _DIGIT, _TERMINATOR = (
    int(CharacterClass[name])
    for name in ("UPPER", "LOWER", "UNCASED", "IDEOGRAPH", "DIGIT", "TERMINATOR")
)
_COUNTED = np.array(COUNTED, dtype=np.int64)
_PROSE_SIZE, _PROSE_WORDS, _NONE, _LOW_HALF, _HALF = (
    scalar(value, np.int64) for value in (PROSE_SIZE, PROSE_WORDS, 0, 0xFFFFFFFF, 32)
)
_ODD = scalar(1, np.uint64)
_CONTINUES = np.zeros(CLASS_COUNT, dtype=bool)
_CONTINUES[[CharacterClass.CLOSING, CharacterClass.QUOTE, CharacterClass.APOSTROPHE]] = True


class Shape(NamedTuple):
    """Whole-number measures of each line; every array has shape (lines,).

    Attributes:
        counts: int64 array of shape (classes, lines), characters of each class; empty once the
            lines of several chunks were put together.
        size: characters from the first to the last inked one; an ideograph counts two.
        words: tokens; two ideographs count as one.
        capitals: tokens that begin with an upper-case letter.
        cased: tokens that begin with a letter that has a case.
        first: class of the first inked character.
        last: class of the last inked character.
        closing: class of the last character before closing quotes and brackets.
        hashes: uint64, hash of the line's tokens in order; equal lines hash alike.
        prose: whether the line looks like a sentence of running text.
        digits: whether it has a digit.
    """

    counts: Ints
    size: Ints
    words: Ints
    capitals: Ints
    cased: Ints
    first: NDArray[np.uint8]
    last: NDArray[np.uint8]
    closing: NDArray[np.uint8]
    hashes: Hashes
    prose: NDArray[np.bool_]
    digits: NDArray[np.bool_]


def measure(batch: LineBatch, tokens: TokenBatch) -> Shape:
    """Measure the shape of every line.

    Args:
        batch: the lines.
        tokens: their tokens.

    Returns:
        Whole numbers only, so that no sum depends on what else is in the batch.
    """
    counts = class_counts(batch)
    ideographs = counts[_IDEOGRAPH]
    size = batch.tails - batch.heads + ideographs
    words = tokens.counts - (ideographs >> ONE)
    capitals, small = _openings(tokens)
    terminators = counts[_TERMINATOR]
    last = batch.classes.take(batch.tails - ONE)
    prose = (size >= _PROSE_SIZE) & (words >= _PROSE_WORDS) & (terminators > _NONE)
    return Shape(
        counts,
        size,
        words,
        capitals,
        capitals + small,
        batch.classes.take(batch.heads),
        last,
        _closing(batch, last),
        line_hashes(tokens),
        prose,
        counts[_DIGIT] > _NONE,
    )


def _openings(tokens: TokenBatch) -> tuple[Ints, Ints]:
    """Count the tokens of each line that begin with a capital, and with a small letter."""
    # Both in one sum of two halves.
    sums = np.empty(len(tokens.openings) + 1, dtype=np.int64)
    sums[0] = 0
    np.add.accumulate(_OPENINGS.take(tokens.openings), out=sums[1:])
    at_bounds = sums.take(tokens.bounds)
    found = at_bounds[1:] - at_bounds[:-1]
    return found & _LOW_HALF, found >> _HALF


_OPENINGS = np.zeros(CLASS_COUNT, dtype=np.int64)
_OPENINGS[_UPPER], _OPENINGS[_LOWER] = 1, 1 << 32


def class_counts(batch: LineBatch) -> Ints:
    """Count the characters of each class in each line, as (classes, lines).

    White space and line ends are not counted: no feature looks at these two classes.
    """
    count = len(batch.starts)
    inked = (batch.kinds > LINE_END).nonzero()[0]
    places = batch.marks.take(inked)
    bounds = first_from(places, batch.starts)
    spans = bounds[1:] - bounds[:-1]
    cells = np.multiply(batch.kinds.take(inked), count, dtype=np.int64)
    cells += np.arange(count).repeat(spans)
    counts = np.bincount(cells, minlength=count * CLASS_COUNT).reshape(CLASS_COUNT, count)
    counts[_LOWER] = batch.inked - spans
    return counts


def line_hashes(tokens: TokenBatch) -> Hashes:
    """Hash each line's tokens in order; lines without a token hash to one value.

    A sum of position-dependent mixes: exact in any order, and cheaper than a scan.
    """
    begins = tokens.bounds[:-1]
    places = np.arange(len(tokens.hashes)) - begins.repeat(tokens.counts)
    salted = mix(tokens.hashes + (places.astype(np.uint64) << _ODD) + _ODD)
    sums = np.empty(len(salted) + 1, dtype=np.uint64)
    sums[0] = 0
    np.add.accumulate(salted, out=sums[1:])
    at_bounds = sums.take(tokens.bounds)
    return mix(at_bounds[1:] - at_bounds[:-1])


def _closing(batch: LineBatch, last: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the class of the last character that is no closing quote or bracket."""
    some = _CONTINUES.take(last).nonzero()[0]
    if not len(some):
        return last
    heads, at = batch.heads.take(some), batch.tails.take(some) - 1
    for _ in range(2):
        at -= _CONTINUES.take(batch.classes.take(at)) & (at > heads)
    closing = last.copy()
    closing[some] = batch.classes.take(at)
    return closing


def shape_values(shape: Shape, functions: Ints) -> Values:
    """Measure the line itself; `functions` counts its function words."""
    counts = shape.counts
    upper = counts[_UPPER]
    letters = upper + counts[_LOWER] + counts[_UNCASED]
    letters += counts[_IDEOGRAPH] * TWO
    capitalised = percent(shape.capitals, shape.cased)
    function = percent(functions, shape.words)
    return {
        "size": shape.size,
        "words": shape.words,
        "word-length": letters // np.maximum(shape.words, ONE),
        "upper-share": percent(upper, letters),
        "capitalised-share": capitalised,
        "capitalised-sized": capitalised,
        "digit-share": percent(counts[_DIGIT], shape.size),
        "function-share": function,
        "function-sized": function,
        "count": counts.take(_COUNTED, axis=0),
        "first": shape.first,
        "first-sized": shape.first,
        "last": shape.last,
        "closing": shape.closing,
        "closing-sized": shape.closing,
    }
