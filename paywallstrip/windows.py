"""Sums and distances along the lines of a page, exact and within the page."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from paywallstrip.lines import Ints
from paywallstrip.scalars import ONE, scalar

FAR = 99
"""The distance that stands for "none in this page"."""
CHUNK_LINES = 1 << 14
"""Lines whose distances are measured at once."""
FEW_ROWS = 1 << 9
"""Tables of fewer rows are turned over in one step."""

_FAR, _NEAR_FAR, _BYTE_FAR = (scalar(FAR, kind) for kind in (np.int64, np.int32, np.uint8))

FEW_LINES = 1 << 8
"""Of a lone page of fewer lines is remembered what depends on their number alone."""

Made = TypeVar("Made")


class PlaceArrays(NamedTuple):
    """Where each line stands; every array has shape (lines,).

    Attributes:
        at: its number in the batch.
        low: number of the first line of its page.
        high: one past the number of the last.
    """

    at: Ints
    low: Ints
    high: Ints


class Places(PlaceArrays):
    """Where each line stands, and what was made of that before, of a lone short page."""

    @classmethod
    def of(cls, pages: Ints, bounds: Ints) -> "Places":
        """Return where lines stand.

        Args:
            pages: int64 array of shape (lines,), the page of each.
            bounds: int64 array of shape (pages + 1,), the lines of each page.
        """
        if len(bounds) == 2 and len(pages) < FEW_LINES:
            return _lone_places(len(pages))
        return cls(np.arange(len(pages)), bounds[:-1].take(pages), bounds[1:].take(pages))

    def part(self, lines: slice) -> "Places":
        """Return where some of the lines stand."""
        return Places(self.at[lines], self.low[lines], self.high[lines])

    def once(self, key: object, make: Callable[[], Made]) -> Made:
        """Return what depends on the places alone, made once where they are remembered.

        Args:
            key: what tells it from all else that is made of them.
            make: makes it; nobody writes to it later.
        """
        known: dict[object, Any] | None = self.__dict__.get("known")
        if known is None:
            return make()
        found: Made | None = known.get(key)
        if found is None:
            found = known[key] = make()
        return found


@lru_cache(maxsize=64)
def _lone_places(count: int) -> Places:
    """Return where the lines of a lone page stand."""
    at, low, high = np.arange(count), np.zeros(count, np.int64), np.full(count, count)
    places = Places(at, low, high)
    places.__dict__["known"] = {}
    return places


class Spans(NamedTuple):
    """Runs of lines from a to b around each line, of several kinds.

    Attributes:
        pairs: the first and the last line of each kind.
        edges: int64 array of shape (edges, 1), all the different a and b + 1, in order.
        before: how many of them are negative.
        begins: which edge each kind of run begins at.
        ends: which one it ends before.
    """

    pairs: tuple[tuple[int, int], ...]
    edges: Ints
    before: int
    begins: Ints
    ends: Ints

    @classmethod
    def of(cls, pairs: Sequence[tuple[int, int]]) -> "Spans":
        """Prepare runs; each pair is its first and last line, less than 256 lines apart."""
        edges = np.array(sorted({edge for a, b in pairs for edge in (a, b + 1)}), dtype=np.int64)
        first, last = np.array(pairs, dtype=np.int64).T
        begins, ends = np.searchsorted(edges, [first, last + 1])
        return cls(tuple(pairs), edges[:, None], int((edges < 0).sum()), begins, ends)

    def limits(self, places: Places) -> Ints:
        """Return where each edge lies for each line, cut off at the ends of its page."""
        return places.once(self.pairs, lambda: self._limits(places))

    def sizes(self, places: Places, unit: int, width: int) -> NDArray[np.float32]:
        """Return how many lines each run has, times `unit`, and 1 for none, `width` times each."""
        key = self.pairs, unit, width
        return places.once(key, lambda: self._sizes(places, unit, width))

    def _limits(self, places: Places) -> Ints:
        at, low, high = places
        found = self.edges + at
        np.maximum(found[: self.before], low, out=found[: self.before])
        np.minimum(found[self.before :], high, out=found[self.before :])
        return found

    def _sizes(self, places: Places, unit: int, width: int) -> NDArray[np.float32]:
        sizes = np.maximum(self.between(self.limits(places)), ONE).astype(np.float32)
        if unit > 1:
            sizes *= np.float32(unit)
        repeated: NDArray[np.float32] = sizes.repeat(width, axis=1)
        return repeated

    def between(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the differences over each run, from values at the edges: (…, edges, lines)."""
        found = values.take(self.ends, axis=-2)
        found -= values.take(self.begins, axis=-2)
        return found


def running(values: NDArray[Any], dtype: DTypeLike = np.int64) -> NDArray[Any]:
    """Return prefix sums along the lines, the last axis, one longer than the values.

    In a type too small for the sums they are exact modulo its size, and so is every
    difference of two that fits into it.
    """
    sums = np.empty((*values.shape[:-1], values.shape[-1] + 1), dtype=dtype)
    sums[..., 0] = 0
    # Of few values twice as fast as `cumsum`.
    np.add.accumulate(values, -1, dtype, sums[..., 1:])
    return sums


def running_columns(*tables: NDArray[Any]) -> NDArray[Any]:
    """Return prefix sums down the columns of some tables, of shape (columns, rows + 1).

    Copied one by one, columns turn over several times as fast as the tables as a whole; of
    few rows the calls take longer.
    """
    width = sum([table.shape[1] for table in tables])
    sums = np.empty((width, len(tables[0]) + 1), dtype=tables[0].dtype)
    sums[:, 0] = 0
    if len(tables) == 1 and len(tables[0]) < FEW_ROWS:
        np.add.accumulate(tables[0].T, 1, out=sums[:, 1:])
        return sums
    begin = 0
    for table in tables:
        turned, end = table.T, begin + table.shape[1]
        if len(table) < FEW_ROWS:
            sums[begin:end, 1:] = turned
        else:
            for row, column in zip(sums[begin:end], turned, strict=True):
                row[1:] = column
        begin = end
    return np.add.accumulate(sums, 1, out=sums)


class Lanes(NamedTuple):
    """Small whole numbers of several windows around each line, held side by side.

    Attributes:
        values: uint8 array of shape (words, windows, lines, lanes).
        members: lanes in use in all words together.
    """

    values: NDArray[np.uint8]
    members: int

    def lanes(self, part: slice | None = None) -> NDArray[np.uint8]:
        """Return the values for some lines, of shape (words, windows, lines, lanes)."""
        return self.values if part is None else self.values[:, :, part]

    def part(self, lines: slice) -> "Lanes":
        """Return the values of some lines."""
        return self._replace(values=self.lanes(lines))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return all values as one row a window and member."""
        return _as_rows(self.values, self.members)


class Windows(NamedTuple):
    """Sums of small whole numbers over runs of lines, made when they are asked for.

    Members are summed side by side in lanes of 64-bit words. No sum over a run may outgrow
    its lane: the prefix sums wrap around, but their differences are exact.

    Attributes:
        sums: uint64 array of shape (words, lines + 1), prefix sums.
        members: lanes in use; in a 64-bit word there are 8 or 4 of them.
        dtype: uint8 or uint16, the type of a lane.
        spans: the runs.
        places: where the lines stand.
        scale: averages are asked for, and multiplied with this; 0 for sums.
        unit: what they are divided by, beside the number of lines.
    """

    sums: NDArray[np.uint64]
    members: int
    dtype: type[np.unsignedinteger[Any]]
    spans: Spans
    places: Places
    scale: int = 0
    unit: int = 1

    @classmethod
    def over(
        cls,
        rows: NDArray[Any],
        members: int,
        spans: Spans,
        places: Places,
        scale: int = 0,
        unit: int = 1,
    ) -> "Windows":
        """Make windows over rows of a shape (lines, lanes), the lanes of whole words.

        Args:
            rows: uint8 or uint16 array; the rest as for `Windows`.
            members: lanes in use.
            spans: the runs.
            places: where the lines stand.
            scale: 0 for sums.
            unit: what averages are divided by.
        """
        sums = running_columns(rows.view(np.uint64))
        return cls(sums, members, rows.dtype.type, spans, places, scale, unit)

    def lanes(self, part: slice | None = None) -> NDArray[np.uint8]:
        """Return the values for some lines, of shape (words, windows, lines, lanes)."""
        if part is not None:
            return self.part(part).lanes()
        count = len(self.places[0])
        if count > CHUNK_LINES:
            parts = (slice(i, i + CHUNK_LINES) for i in range(0, count, CHUNK_LINES))
            return np.concatenate([self.part(lines).lanes() for lines in parts], axis=2)
        limits = self.spans.limits(self.places)
        found = self.spans.between(self.sums.take(limits, axis=1))
        lanes = found.view(self.dtype)
        width = found.itemsize // lanes.itemsize
        if self.scale:
            if self.scale > 1:
                lanes *= self.dtype(self.scale)
            lanes = quotients(lanes, self.spans.sizes(self.places, self.unit, width))
        return lanes.reshape(*found.shape, width)

    def part(self, lines: slice) -> "Windows":
        """Return the same windows over some lines, by the same sums."""
        return self._replace(places=self.places.part(lines))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return all values as one row a window and member."""
        return _as_rows(self.lanes(), self.members)


def _as_rows(lanes: NDArray[np.uint8], members: int) -> NDArray[np.uint8]:
    words, windows, lines, width = lanes.shape
    rows = lanes.transpose(1, 0, 3, 2).reshape(windows, words * width, lines)
    return rows[:, :members].reshape(windows * members, lines)


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
    count = flags.shape[1]
    if 0 < count <= FAR and not low[-1] and high[0] == count:
        return _lone_distances(flags)
    if count <= CHUNK_LINES:
        return _distances(flags, low, high)
    before, after = np.empty((2, *flags.shape), np.uint8)
    for begin in range(0, count, CHUNK_LINES):
        # What is farther away is too far.
        end, first = min(begin + CHUNK_LINES, count), max(begin - FAR, 0)
        part, own = slice(first, end + FAR), slice(begin - first, end - first)
        found = _distances(flags[:, part], low[part] - first, high[part] - first)
        before[:, begin:end], after[:, begin:end] = (near[:, own] for near in found)
    return before, after


def _lone_distances(flags: NDArray[np.bool_]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Measure distances in a lone page of at most `FAR` lines."""
    count = flags.shape[1]
    both, near = np.empty((2, 2, *flags.shape), np.uint8)
    if not np.count_nonzero(flags):
        near.fill(FAR)
        return near[0], near[1]
    both[0], both[1] = flags, flags[:, ::-1]
    # Counted from `FAR` on, a place is so far away from 0, which stands for none.
    places = _LONE_PLACES[:count]
    both *= places
    np.maximum.accumulate(both, axis=2, out=both)
    near[:, :, 0] = FAR
    np.subtract(places[1:], both[:, :, :-1], out=near[:, :, 1:])
    before, after = np.minimum(near, _BYTE_FAR, out=near)
    return before, after[:, ::-1]


_LONE_PLACES = np.arange(FAR, 2 * FAR, dtype=np.uint8)


def _distances(
    flags: NDArray[np.bool_], low: Ints, high: Ints
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    # All rows as one run of places: a flag of another row is farther away than the
    # page reaches, as one of another page is.
    found, size = flags.ravel().nonzero()[0], flags.size
    known = np.empty(len(found) + 2, np.int32)
    known[0], known[1:-1], known[-1] = 0, found, size
    gaps = known[1:] - known[:-1]
    known[0], known[-1] = -FAR, size + FAR
    places = np.arange(size, dtype=np.int32)
    far = np.empty((2, *flags.shape), dtype=np.int32)
    np.subtract(known[1:].repeat(gaps), places, out=far[1].reshape(size))
    # What comes after a place begins with the flag itself, what came before ends with it.
    gaps[0] += 1
    gaps[-1] -= 1
    np.subtract(places, known[:-1].repeat(gaps), out=far[0].reshape(size))
    near = np.minimum(far, _NEAR_FAR, out=far).astype(np.uint8)
    room, index = np.empty((2, 1, len(low)), np.int64), places[: len(low)]
    np.subtract(index, low, out=room[0, 0])
    np.subtract(high - ONE, index, out=room[1, 0])
    # What leads out of the page is as good as none.
    beyond = (near > np.minimum(room, _FAR, out=room).astype(np.uint8)).view(np.uint8)
    beyond *= _BYTE_FAR
    before, after = np.maximum(near, beyond, out=near)
    return before, after
