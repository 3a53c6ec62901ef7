"""Texts to lines: a batch of texts as one array of code points, cut at line ends."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.characters import CharacterClass, table
from paywallstrip.scalars import ONE, scalar

Ints = NDArray[np.int64]
Points = NDArray[np.uint32] | NDArray[np.uint16]

LOWER, LINE_END = (
    scalar(kind, np.uint8) for kind in (CharacterClass.LOWER, CharacterClass.LINE_END)
)
MARK = "\ufeff"
"""The byte order mark, which stays in front of a text that was read as plain UTF-8."""
_FEED, _MARK = (scalar(ord(character), np.uint16) for character in ("\n", MARK))


class LineBatch(NamedTuple):
    """The non-blank lines of a batch of texts, in order.

    Attributes:
        points: uint32 array, the code points of all texts, uint16 of a long one if that will
            do; one `\\n` stands after each text.
        classes: uint8 array, the `CharacterClass` of each code point.
        marks: int64 array, int32 of a long text, where in `points` the characters stand that
            are no small letters.
        kinds: uint8 array, the class of each of those.
        origins: int64 array of shape (texts + 1,), where each text starts in `points`.
        starts: int64 array of shape (lines,), first character of each line in `points`.
        ends: int64 array of shape (lines,), one past the last; the line end is not in it.
        heads: int64 array of shape (lines,), each line's first character that is not white space,
            behind a byte order mark that the line begins with.
        tails: int64 array of shape (lines,), one past its last such character.
        inked: int64 array of shape (lines,), how many characters are not white space.
        pages: int64 array of shape (lines,), the index of the text a line belongs to.
        bounds: int64 array of shape (texts + 1,): lines `bounds[i]` up to `bounds[i + 1]`
            are those of text i.
    """

    points: Points
    classes: NDArray[np.uint8]
    marks: Ints
    kinds: NDArray[np.uint8]
    origins: Ints
    starts: Ints
    ends: Ints
    heads: Ints
    tails: Ints
    inked: Ints
    pages: Ints
    bounds: Ints

    @property
    def borders(self) -> Ints:
        """Return the lines before which another text ends, none of a single text."""
        borders = self.bounds[1:-1]
        if len(borders):
            borders = borders[(borders > 0) & (borders < len(self.pages))]
        return borders


def split_lines(texts: Sequence[str]) -> LineBatch:
    """Cut texts into their non-blank lines.

    A line ends at `\\n`, `\\r\\n` or `\\r`, nowhere else. A line is blank if
    `str.strip()` leaves nothing of it.

    Args:
        texts: any number of strings; lone surrogates and NUL are characters like others.

    Returns:
        The lines of all texts as arrays of offsets.
    """
    points = _points(texts)
    origins = np.array([0, *accumulate([len(text) + 1 for text in texts])], np.int64)
    classes, marks, kinds = _classes(points)
    blank = (kinds <= LINE_END).nonzero()[0]
    gaps, breaks = marks.take(blank), (kinds.take(blank) == LINE_END).nonzero()[0]
    # Of a long page it is large.
    del blank
    starts, ends, first, last = _cut(points, gaps, breaks)
    # A line is blank if all between its start and its end are gaps.
    inked = (ends - starts) - (last - first)
    kept = inked.nonzero()[0]
    if len(kept) < len(inked):
        starts, ends, first, last, inked = (
            a.take(kept) for a in (starts, ends, first, last, inked)
        )
    begins = starts
    if any(MARK in text for text in texts):
        # It says nothing of the line, unless it is all there is.
        begins = starts + ((points.take(starts) == _MARK) & (inked > 1))
    heads, tails = _trim(gaps, begins, ends, first, last)
    bounds = starts.searchsorted(origins)
    pages = np.arange(len(texts)).repeat(bounds[1:] - bounds[:-1])
    return LineBatch(
        points, classes, marks, kinds, origins, starts, ends, heads, tails, inked, pages, bounds
    )


PIECE = 1 << 19
"""Characters looked up at once: numpy turns them into indices twice as large."""


def _classes(points: Points) -> tuple[NDArray[np.uint8], Ints, NDArray[np.uint8]]:
    """Return the class of each code point, where those stand that are no small letters, and theirs.

    Most characters are small letters: the others alone are looked at one by one.
    """
    if len(points) <= PIECE:
        # What lies beyond the table has the class of its last entry.
        classes = table().classes.take(points, mode="clip")
        marks = (classes != LOWER).nonzero()[0]
        return classes, marks, classes.take(marks)
    classes, kinds = np.empty((2, len(points)), np.uint8)
    # Room for as many as there are characters: what is not written to takes up no memory.
    narrow = len(points) < 1 << 31
    marks = np.empty(len(points), np.int32 if narrow else np.int64)
    end = 0
    for at in range(0, len(points), PIECE):
        part = slice(at, at + PIECE)
        classes[part], found, theirs = _classes(points[part])
        begin, end = end, end + len(found)
        kinds[begin:end] = theirs
        np.add(found, at, out=marks[begin:end], casting="unsafe")
    return classes, marks[:end], kinds[:end]


def _points(texts: Sequence[str]) -> Points:
    """Return the code points of all texts, with a `\\n` after each."""
    size = sum(map(len, texts)) + len(texts)
    if size <= PIECE:
        joined = "\n".join([*texts, ""])
        return np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    points: Points = np.empty(size, np.uint16)
    at = 0
    for text in texts:
        # Piece by piece into place: whole copies of long texts would be made twice.
        for begin in range(0, len(text), PIECE):
            encoded = text[begin : begin + PIECE].encode("utf-32-le", "surrogatepass")
            piece = np.frombuffer(encoded, dtype="<u4")
            if piece.max() > 0xFFFF and points.dtype == np.uint16:
                points = points.astype(np.uint32)
            points[at : at + len(piece)] = piece
            at += len(piece)
        points[at] = ord("\n")
        at += 1
    return points


def _cut(points: Points, gaps: Ints, breaks: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return starts and ends of all lines, blank ones included, and their gaps.

    Args:
        points: the code points.
        gaps: where white space and line ends stand.
        breaks: which of the gaps are line ends.

    Returns:
        For each line its start, its end, its first gap, and one past its last, its own
        line end not counted.
    """
    if not len(breaks):
        return breaks, breaks, breaks, breaks
    ends = gaps.take(breaks).astype(np.int64, copy=False)
    feeds = points.take(ends) == _FEED
    # `\n` right after `\r` belongs to that line end. Where a text ends in `\r`, the
    # separator that follows it is swallowed likewise: only an empty line is lost.
    starts, first = np.zeros((2, len(breaks)), dtype=np.int64)
    if np.count_nonzero(feeds) == len(feeds):
        np.add(ends[:-1], ONE, out=starts[1:])
        np.add(breaks[:-1], ONE, out=first[1:])
        return starts, ends, first, breaks
    second = np.zeros(len(breaks), dtype=bool)
    second[1:] = feeds[1:] & ~feeds[:-1] & (ends[1:] - ends[:-1] == 1)
    followed = np.append(second[1:], False)
    starts[1:] = (ends + 1 + followed)[:-1]
    first[1:] = (breaks + 1 + followed)[:-1]
    # A line before which a `\n` was swallowed begins after that one.
    lone = (~second).nonzero()[0]
    begins = np.append(0, lone[:-1] + 1)
    return starts.take(begins), ends.take(lone), first.take(begins), breaks.take(lone)


def _trim(gaps: Ints, starts: Ints, ends: Ints, first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Return each line's first inked character from `starts` on and one past its last one."""
    before = (gaps.take(first) == starts).nonzero()[0]
    after = (gaps.take(last - 1, mode="wrap") == ends - 1).nonzero()[0]
    if not len(before) and not len(after):
        return starts, ends
    # Neighbouring gaps share a key, so that a run of white space is skipped in one step.
    keys = gaps - np.arange(len(gaps), dtype=gaps.dtype)
    heads, tails = starts.copy(), ends.copy()
    begin = first.take(before)
    heads[before] += keys.searchsorted(keys.take(begin), side="right") - begin
    final = last.take(after) - 1
    tails[after] = gaps.take(keys.searchsorted(keys.take(final)))
    return heads, tails
