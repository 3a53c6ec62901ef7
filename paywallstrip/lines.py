"""Texts to lines: a batch of texts as one array of code points, cut at line ends."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.characters import TABLE_SIZE, CharacterClass, table

Ints = NDArray[np.int64]


class LineBatch(NamedTuple):
    """The non-blank lines of a batch of texts, in order.

    Attributes:
        points: uint32 array, the code points of all texts; one `\\n` stands after each text.
        classes: uint8 array, the `CharacterClass` of each code point.
        origins: int64 array of shape (texts + 1,), where each text starts in `points`.
        starts: int64 array of shape (lines,), first character of each line in `points`.
        ends: int64 array of shape (lines,), one past the last; the line end is not in it.
        heads: int64 array of shape (lines,), each line's first character that is not white space.
        tails: int64 array of shape (lines,), one past its last such character.
        inked: int64 array of shape (lines,), how many characters are not white space.
        pages: int64 array of shape (lines,), the index of the text a line belongs to.
        bounds: int64 array of shape (texts + 1,): lines `bounds[i]` up to `bounds[i + 1]`
            are those of text i.
    """

    points: NDArray[np.uint32]
    classes: NDArray[np.uint8]
    origins: Ints
    starts: Ints
    ends: Ints
    heads: Ints
    tails: Ints
    inked: Ints
    pages: Ints
    bounds: Ints


def split_lines(texts: Sequence[str]) -> LineBatch:
    """Cut texts into their non-blank lines.

    A line ends at `\\n`, `\\r\\n` or `\\r`, nowhere else. A line is blank if
    `str.strip()` leaves nothing of it.

    Args:
        texts: any number of strings; lone surrogates and NUL are characters like others.

    Returns:
        The lines of all texts as arrays of offsets.
    """
    joined = "\n".join([*texts, ""])
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    # Most text lies below the table's end; the clip is paid for only where it is not.
    known = points
    if len(points) and points.max() >= TABLE_SIZE:
        known = np.minimum(points, TABLE_SIZE - 1)
    classes = table().classes.take(known)
    sizes = np.fromiter((len(text) + 1 for text in texts), dtype=np.int64, count=len(texts))
    origins = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    starts, ends = _cut(points, classes)
    ink = np.flatnonzero(classes > CharacterClass.LINE_END)
    # A line is blank if no inked character lies between its start and its end.
    first, last = np.searchsorted(ink, starts), np.searchsorted(ink, ends)
    kept = first < last
    starts, ends = starts[kept], ends[kept]
    first, last = first[kept], last[kept]
    heads, tails = ink[first], ink[last - 1] + 1
    pages = np.searchsorted(origins, starts, side="right") - 1
    bounds = np.searchsorted(starts, origins)
    return LineBatch(
        points, classes, origins, starts, ends, heads, tails, last - first, pages, bounds
    )


def _cut(points: NDArray[np.uint32], classes: NDArray[np.uint8]) -> tuple[Ints, Ints]:
    """Return starts and ends of all lines, blank ones included."""
    breaks = np.flatnonzero(classes == CharacterClass.LINE_END)
    if not len(breaks):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    feeds = points[breaks] == 10
    # `\n` right after `\r` belongs to that line end. Where a text ends in `\r`, the
    # separator that follows it is swallowed likewise: only an empty line is lost.
    second = np.zeros(len(breaks), dtype=bool)
    second[1:] = feeds[1:] & ~feeds[:-1] & (np.diff(breaks) == 1)
    ends = breaks[~second]
    followed = np.append(second[1:], False)[~second]
    starts = np.concatenate([[0], ends[:-1] + 1 + followed[:-1]])
    return starts.astype(np.int64), ends.astype(np.int64)
