"""Lines to whole numbers: the values behind each family of features, by name.

Arrays have the lines last, one row a member, so that every step runs along memory. A
value may be cut off where its family's last bin begins: no bin changes by that.
"""

from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.characters import CLASS_COUNT, CharacterClass
from paywallstrip.families import (
    BROAD,
    OPENER_WORDS,
    OPENERS,
    PROFILE,
    SIZE_EDGES,
    TURNS,
    WINDOWS,
    ZONE_REACH,
    ZONES,
)
from paywallstrip.lines import Ints, LineBatch
from paywallstrip.measures import (
    PART_LINES,
    Values,
    bin_look_up,
    by_parts,
    look_up,
    make_look_up,
    percent,
)
from paywallstrip.scalars import HUNDRED, ONE, TWO, scalar
from paywallstrip.shape import PROSE_SIZE, Shape
from paywallstrip.tokens import by_page, group_order
from paywallstrip.windows import (
    FAR,
    FEW_LINES,
    Places,
    Spans,
    Windows,
    distances,
    running,
)

MOST_HITS = 20
"""More hits of a category in a line or a page than this all fall into one bin."""
PROFILE_UNIT = 16
STRIDES = 5
"""Strides of 1 to so many lines over which lines that look alike are counted."""
_WINDOWS, _BROAD = Spans.of(WINDOWS), Spans.of(BROAD)
_ZONES = np.array([OPENERS.index(name) for name in ZONES], dtype=np.int64)
_TURNS = Spans.of([(1 - reach, reach) for reach in TURNS])
_FAR, _OPENER_WORDS, _PROSE_SIZE, _MENU_WORDS = (
    scalar(value, np.int64) for value in (FAR, OPENER_WORDS, PROSE_SIZE, 4)
)


class CueHits(NamedTuple):
    """The categories that were found in each line, ordered by line and category.

    What is int64 here is int32 if the lines were read in chunks, where that will do.

    Attributes:
        lines: int64 array of shape (pairs,), the line.
        categories: int64 array of shape (pairs,), the category.
        counts: int64 array of shape (pairs,), hits of the category in the line.
        first: bool array of shape (pairs,), whether one begins with the line's first word.
        whole: bool array of shape (pairs,), whether one is all the line's words.
    """

    lines: Ints
    categories: Ints
    counts: Ints
    first: NDArray[np.bool_]
    whole: NDArray[np.bool_]

    def spread(self, values: NDArray[Any], shape: tuple[int, int]) -> NDArray[np.uint8]:
        """Return values, one a pair, as an array of shape (lines, categories); 0 elsewhere."""
        table = np.zeros(shape, np.uint8)
        table[self.lines, self.categories] = np.minimum(values, MOST_HITS)
        return table


def count_copies(shape: Shape, batch: LineBatch) -> NDArray[np.int64]:
    """Count the lines of a line's page that are the same word for word, itself included."""
    key = shape.hashes
    if len(batch.bounds) > 2:
        key = by_page(key, batch.pages)
    order = group_order(key)
    ordered = key.take(order)
    run = np.zeros(len(key), dtype=np.int64)
    np.add.accumulate(ordered[1:] != ordered[:-1], dtype=np.int64, out=run[1:])
    copies = np.empty(len(key), dtype=np.int64)
    copies[order] = np.bincount(run).take(run)
    return copies


def place_values(places: Places) -> Values:
    """Measure where in its page the line stands."""
    if len(places.at) <= PART_LINES:
        return places.once("values", lambda: _place_values(places))
    return by_parts(len(places.at), lambda part: _place_values(places.part(part)))


def _place_values(places: Places) -> Values:
    lines = places.high - places.low
    passed = places.at - places.low
    return {
        "from-top": passed,
        "from-end": places.high - ONE - places.at,
        "place": HUNDRED * passed // lines,
        "page-lines": lines,
    }


def cue_values(hits: NDArray[np.uint8], width: int, places: Places) -> Values:
    """Count hits of each category in the lines around.

    Args:
        hits: of shape (lines, lanes), a multiple of 8 lanes.
        width: how many categories there are.
        places: where the lines stand.
    """
    # Ten lines of at most 20 hits: sums fit into a byte.
    return {"cue-near": Windows.over(hits, width, _WINDOWS, places)}


def distance_values(
    hits: NDArray[np.uint8], shape: Shape, categories: tuple[str, ...], places: Places
) -> Values:
    """Measure how far running text and short lines of the opening categories are, on both sides.

    For the categories of `ZONES` also the longest row of such lines so far.
    """
    flags = np.zeros((len(OPENERS) + 1, len(shape.words)), dtype=bool)
    known, columns = _opener_columns(categories)
    flags[known] = hits.take(columns, axis=1).T
    flags &= shape.words <= _OPENER_WORDS
    flags[-1] = shape.prose
    before, after = distances(flags, places.low, places.high)
    graded = look_up(_DISTANCES, before[-1]) * _GRADES + look_up(_DISTANCES, after[-1])
    return {
        "opened-before": before[:-1],
        "opened-after": after[:-1],
        "zone": _longest_rows(flags.take(_ZONES, axis=0), places),
        "prose-before": before[-1],
        "prose-after": after[-1],
        "prose-between": graded,
    }


# One-based, so that bin 0 stands for no line at all.
_DISTANCES = bin_look_up((2, 4, 9, 30))
_GRADES = scalar(5, np.uint8)


def _longest_rows(flags: NDArray[np.bool_], places: Places) -> NDArray[np.uint8]:
    """Return how many marks the longest row has that began at or before each line of its page.

    A row begins at any mark; it has the marks up to `ZONE_REACH` lines on.
    """
    if not np.count_nonzero(flags):
        return np.zeros(flags.shape, np.uint8)
    sums = running(flags, np.int32)
    ends = np.minimum(places.at + (ZONE_REACH + 1), places.high)
    # Pages after one another hold ever larger numbers: the maximum so far is the page's own.
    floor = places.low * (ZONE_REACH + 2)
    rows = (sums.take(ends, axis=1) - sums[:, :-1]) * flags + floor
    np.maximum.accumulate(rows, axis=1, out=rows)
    longest: NDArray[np.uint8] = (rows - floor).astype(np.uint8)
    return longest


@cache
def _opener_columns(categories: tuple[str, ...]) -> tuple[Ints, Ints]:
    """Return which openers a model has cues for, and the numbers of their categories."""
    known = [i for i, name in enumerate(OPENERS) if name in categories]
    columns = [categories.index(OPENERS[i]) for i in known]
    return np.array(known, dtype=np.int64), np.array(columns, dtype=np.int64)


def prose_values(shape: Shape, batch: LineBatch, places: Places) -> Values:
    """Measure how much running text the page has, before the line and around it."""
    prose = shape.prose
    rows = np.empty((3, len(prose)), np.int64)
    rows[1], rows[2] = shape.size, prose
    np.multiply(shape.size, prose, out=rows[0])
    sums = running(rows)
    values = by_parts(len(prose), lambda part: _prose_values(sums, part, places))
    values["prose-run"] = _runs(prose, batch)
    return values


def _prose_values(sums: Ints, part: slice, places: Places) -> Values:
    """Measure some lines by prefix sums over the whole batch."""
    at_low = sums.take(places.low[part], axis=1)
    total, everything, lines = sums.take(places.high[part], axis=1) - at_low
    return {
        "prose-passed": percent(sums[0, part] - at_low[0], total),
        "page-prose": percent(total, everything),
        "page-prose-lines": lines,
    }


def _runs(flags: NDArray[np.bool_], batch: LineBatch) -> Ints:
    """Return the length of the run of set flags that each line stands in, within its page."""
    change = np.ones(len(flags), dtype=bool)
    np.not_equal(flags[1:], flags[:-1], out=change[1:])
    borders = batch.borders
    if len(borders):
        change[borders] = True
    run = np.add.accumulate(change, dtype=np.int64) - ONE
    return np.bincount(run).take(run) * flags


def seam_values(shape: Shape, batch: LineBatch) -> Values:
    """Pair the last character of each line with the first of the next one."""
    above, below = np.empty((2, len(shape.first)), np.uint8)
    above[1:], below[:-1] = shape.last[:-1], shape.first[1:]
    above[:1] = below[-1:] = CLASS_COUNT
    borders = batch.borders
    if len(borders):
        above[borders] = below[borders - ONE] = CLASS_COUNT
    # Widened first: numpy 1 would keep the arrays' own narrow type beside a single number.
    return {
        "seam-before": above.astype(np.uint16) * _KINDS + shape.first,
        "seam-after": shape.last.astype(np.uint16) * _KINDS + below,
    }


def turn_values(shape: Shape, batch: LineBatch, places: Places) -> Values:
    """Count how often short and long lines take turns around each line."""
    long = shape.size >= _PROSE_SIZE
    turns = np.zeros(len(long), dtype=bool)
    np.not_equal(long[1:], long[:-1], out=turns[1:])
    borders = batch.borders
    if len(borders):
        turns[borders] = False
    return {"alternation": _TURNS.between(running(turns).take(_TURNS.limits(places)))}


def sibling_values(shape: Shape, batch: LineBatch) -> Values:
    """Count, for each stride, the lines up to two strides away that look alike."""
    # From the value on, where the other edges count from the value after.
    count, rim = len(shape.size), 2 * STRIDES
    padded = np.empty(count + 2 * rim, np.int64)
    # No line looks like what stands beyond the first and the last one.
    padded[:rim] = padded[-rim:] = -1
    look = padded[rim:-rim]
    look[:] = look_up(_LOOKS, shape.size)
    look *= _LOOK_STEP
    look += shape.closing
    look += look
    look += shape.digits
    if len(batch.bounds) > 2:
        # Lines of other pages never look alike.
        look |= batch.pages << 16
    return {"siblings": _few_alike(padded) if count < FEW_LINES else _alike(padded)}


def _few_alike(padded: Ints) -> NDArray[np.uint8]:
    """Count the lines that look alike of a few, by one look-up.

    Args:
        padded: how each line looks, with `2 * STRIDES` that are like none on either side.

    Returns:
        uint8 array of shape (STRIDES, lines).
    """
    looks = padded.take(_around_few(len(padded) - 4 * STRIDES))
    # Whether the lines alike that are one stride away go on for another one.
    alike = (looks[1:] == looks[:-1]).view(np.uint8)
    near = alike[1:3]
    before, after = near + (near & alike[::3])
    return np.asarray(before + after)


@lru_cache(maxsize=64)
def _around_few(count: int) -> Ints:
    """Return where the looks two strides before to two after each line stand."""
    strides = np.arange(-2, 3)[:, None] * np.arange(1, STRIDES + 1)
    return np.asarray(strides[:, :, None] + np.arange(2 * STRIDES, 2 * STRIDES + count))


def _alike(padded: Ints) -> NDArray[np.uint8]:
    """Count the lines that look alike, as `_few_alike` does, of any number."""
    rim = 2 * STRIDES
    count = len(padded) - 2 * rim
    width = len(padded) - STRIDES
    same = np.zeros(STRIDES * (width + 2) + rim, np.uint8)
    for i in range(STRIDES):
        # Whether a line looks like the one a stride before it.
        row = same[i * width : (i + 1) * width].view(bool)
        np.equal(padded[STRIDES:], padded[STRIDES - i - 1 : -i - 1], out=row)

    def shifted(steps: int) -> NDArray[np.uint8]:
        # In rows that are longer by so much, each begins that many strides further on.
        begin = rim - STRIDES + steps
        rows = same[begin : begin + STRIDES * (width + steps)]
        return rows.reshape(STRIDES, width + steps)[:, :count]

    before, after = shifted(0), shifted(1)
    alike = before + after
    alike += before & shifted(-1)
    alike += after & shifted(2)
    return alike


_LOOK_STEP = scalar(CLASS_COUNT, np.int64)
_LOOKS = bin_look_up(tuple(edge + 1 for edge in (6, 13, 25, 50, 100, 200)))


def profile_values(shape: Shape, copies: Ints, places: Places) -> Values:
    """Average what the lines around look like, in percent."""
    profile = np.zeros((len(shape.size), -(-len(PROFILE) // 4) * 4), np.uint16)
    long, closed = shape.size >= _PROSE_SIZE, shape.closing == _TERMINATOR
    flags = (
        shape.prose,
        shape.words <= _MENU_WORDS,
        closed,
        shape.digits,
        TWO * shape.capitals > shape.cased,
        None,
        shape.first == _BULLET,
        copies > ONE,
        long,
        long & ~closed,
    )
    for i, flag in enumerate(flags):
        # In sixteenths, so that the windows' sums stay whole numbers.
        if flag is None:
            profile[:, i] = look_up(_SIZE_GRADES, shape.size)
        else:
            np.multiply(flag, _UNIT, out=profile[:, i])
    return {"near": Windows.over(profile, len(PROFILE), _BROAD, places, 100, PROFILE_UNIT)}


_TERMINATOR, _BULLET = (
    scalar(kind, np.uint8) for kind in (CharacterClass.TERMINATOR, CharacterClass.BULLET)
)
_UNIT, _KINDS = scalar(PROFILE_UNIT, np.uint16), scalar(CLASS_COUNT + 1, np.uint16)
_SIZE_GRADES = make_look_up(
    np.minimum(np.searchsorted(SIZE_EDGES, np.arange(SIZE_EDGES[-1] + 2)), PROFILE_UNIT)
)


def topic_values(totals: Ints, weights: Ints) -> Values:
    """Take in what the line's words share with the page; `weights` are from `shared_and_near`."""
    count = len(totals)
    return by_parts(count, lambda part: _topic_values(totals[part], weights[..., part]))


def _topic_values(totals: Ints, weights: Ints) -> Values:
    shared, near = percent(weights, totals)
    return {
        "rare-words": totals,
        "shared": shared[0],
        "shared-weight": weights[0, 0],
        "cohesion": near,
        "shared-other": shared[1],
    }
