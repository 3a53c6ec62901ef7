"""Sums and distances along the lines of a page, exact and within the page."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from paywallstrip.lines import Ints

FAR = 99
"""The distance that stands for "none in this page"."""


class Spans(NamedTuple):
    """Runs of lines around each line, cut off at the ends of its page.

    Attributes:
        begins: int64 array of shape (spans, lines), first line of each run.
        ends: int64 array of shape (spans, lines), one past the last.
        sizes: uint8 array of shape (spans, lines), lines in each run.
    """

    begins: Ints
    ends: Ints
    sizes: NDArray[np.uint8]


def spans_around(spans: Sequence[tuple[int, int]], at: Ints, low: Ints, high: Ints) -> Spans:
    """Return the runs of lines from i + a to i + b for each pair (a, b).

    Args:
        spans: pairs of first and last line, relative to a line; less than 256 lines each.
        at: int64 array of shape (lines,), the lines i.
        low: int64 array of shape (lines,), first line of each line's page.
        high: int64 array of shape (lines,), one past its last.
    """
    shifts = np.array(spans, dtype=np.int64).T[:, :, None] + np.array([0, 1])[:, None, None]
    limits = at + shifts
    np.maximum(limits, low, out=limits)
    np.minimum(limits, high, out=limits)
    return Spans(limits[0], limits[1], (limits[1] - limits[0]).astype(np.uint8))


def running(values: NDArray[Any], dtype: DTypeLike = np.int64) -> NDArray[Any]:
    """Return prefix sums along the lines, the last axis, one longer than the values.

    In a type too small for the sums they are exact modulo its size, and so is every
    difference of two that fits into it.
    """
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1), dtype=dtype)
    np.cumsum(values, axis=-1, dtype=dtype, out=sums[..., 1:])
    return sums


class Windows(NamedTuple):
    """Sums of small whole numbers over runs of lines, made when they are asked for.

    Members are summed side by side in lanes of 64-bit words. No sum over a run may outgrow
    its lane: the prefix sums wrap around, but their differences are exact.

    Attributes:
        sums: uint64 array of shape (words, lines + 1), prefix sums.
        members: lanes in use; in a 64-bit word there are 8 or 4 of them.
        dtype: uint8 or uint16, the type of a lane.
        spans: pairs of first and last line of each run, relative to a line.
        places: int64 arrays of shape (lines,): the lines, the first one of each line's
            page, and one past the page's last.
        scale: averages are asked for, and multiplied with this; 0 for sums.
        unit: what they are divided by, beside the number of lines.
    """

    sums: NDArray[np.uint64]
    members: int
    dtype: type[np.uint8 | np.uint16]
    spans: Sequence[tuple[int, int]]
    places: tuple[Ints, Ints, Ints]
    scale: int = 0
    unit: int = 1

    @classmethod
    def over(
        cls,
        rows: NDArray[Any],
        members: int,
        spans: Sequence[tuple[int, int]],
        places: tuple[Ints, Ints, Ints],
        scale: int = 0,
        unit: int = 1,
    ) -> "Windows":
        """Make windows over rows of a shape (lines, lanes), the lanes of whole words.

        Args:
            rows: uint8 or uint16 array.
            members: lanes in use.
            spans: see `Windows`.
            places: see `Windows`.
            scale: averages are asked for, and multiplied with this; 0 for sums.
            unit: what they are divided by, beside the number of lines.
        """
        words = rows.view(np.uint64)
        sums = np.zeros((words.shape[1], len(words) + 1), np.uint64)
        for i, row in enumerate(sums):
            np.cumsum(words[:, i], out=row[1:])
        return cls(sums, members, rows.dtype.type, spans, places, scale, unit)

    def lanes(self, part: slice = slice(None)) -> NDArray[np.uint8]:
        """Return the windows' values for some lines, of shape (words, spans, lines, lanes)."""
        spans = spans_around(self.spans, *(each[part] for each in self.places))
        found = self.sums.take(spans.ends, axis=1)
        found -= self.sums.take(spans.begins, axis=1)
        lanes = found.view(self.dtype)
        if self.scale:
            if self.scale > 1:
                lanes *= self.dtype(self.scale)
            sizes = np.maximum(spans.sizes, 1).astype(np.float32) * np.float32(self.unit)
            lanes = quotients(lanes, np.repeat(sizes, lanes.shape[-1] // sizes.shape[-1], axis=1))
        return lanes.reshape(*found.shape, -1)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return all values as one row a span and member."""
        lanes = self.lanes()
        words, spans, lines, width = lanes.shape
        rows = lanes.transpose(1, 0, 3, 2).reshape(spans, words * width, lines)
        return rows[:, : self.members].reshape(-1, lines).astype(dtype or np.uint8)


def quotients(sums: NDArray[np.uint16], sizes: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Divide sums by sizes below 1,000, rounding down; quotients lie below 256.

    In float32, which is faster than whole numbers and exact here: a quotient that is no
    whole number is at least a thousandth away from the next one.
    """
    shares = sums.astype(np.float32)
    shares /= sizes
    return shares.astype(np.uint8)


def distances(
    flags: NDArray[np.bool_], low: Ints, high: Ints
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Measure how far the nearest flagged lines are.

    Args:
        flags: bool array of shape (k, lines).
        low: int64 array of shape (lines,), first line of each line's page.
        high: int64 array of shape (lines,), one past its last.

    Returns:
        Two uint8 arrays of shape (k, lines): lines back to the last flagged one before
        the line, and on to the next one after it; `FAR` where the page has none there,
        or none so near.
    """
    # All rows as one run of places: a flag of another row is farther away than the
    # page reaches, as one of another page is.
    found, size = np.flatnonzero(flags), flags.size
    places = np.arange(size).reshape(flags.shape)
    known = np.concatenate([[-FAR], found, [size + FAR]])
    edges = np.concatenate([[0], found, [size]])
    gaps = edges[1:] - edges[:-1]
    after = np.repeat(known[1:], gaps)
    # What comes after a place begins with the flag itself, what came before ends with it.
    gaps[0] += 1
    gaps[-1] -= 1
    before = np.repeat(known[:-1], gaps)
    index = np.arange(flags.shape[1])
    return (
        _within(places - before.reshape(flags.shape), index - low),
        _within(after.reshape(flags.shape) - places, high - 1 - index),
    )


def _within(distance: Ints, room: Ints) -> NDArray[np.uint8]:
    """Return distances as `FAR` at most, and as `FAR` where they lead out of the page."""
    near = np.minimum(distance, FAR).astype(np.uint8)
    return np.where(near > np.minimum(room, FAR).astype(np.uint8), np.uint8(FAR), near)
