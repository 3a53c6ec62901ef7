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


def spans_around(spans: Sequence[tuple[int, int]], low: Ints, high: Ints) -> Spans:
    """Return the runs of lines from i + a to i + b for each pair (a, b).

    Args:
        spans: pairs of first and last line, relative to a line; less than 256 lines each.
        low: int64 array of shape (lines,), first line of each line's page.
        high: int64 array of shape (lines,), one past its last.
    """
    index = np.arange(len(low))
    shifts = np.array(spans, dtype=np.int64).T[:, :, None]
    begins = np.minimum(np.maximum(index + shifts[0], low), high)
    ends = np.minimum(np.maximum(index + (shifts[1] + 1), low), high)
    return Spans(begins, ends, (ends - begins).astype(np.uint8))


def running(values: NDArray[Any], dtype: DTypeLike = np.int64) -> NDArray[Any]:
    """Return prefix sums along the lines, the last axis, one longer than the values.

    In a type too small for the sums they are exact modulo its size, and so is every
    difference of two that fits into it.
    """
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1), dtype=dtype)
    np.cumsum(values, axis=-1, dtype=dtype, out=sums[..., 1:])
    return sums


def span_sums(values: NDArray[Any], dtype: DTypeLike, spans: Spans) -> NDArray[Any]:
    """Return sums over runs of lines, of shape (spans, members, lines).

    Members are summed side by side, as many as fit into 64 bits. No sum over a run may
    outgrow the type: prefix sums then wrap around, but their differences are exact.

    Args:
        values: small whole numbers of shape (members, lines), none negative.
        dtype: uint8 or uint16, the type that every sum over a run fits into.
        spans: the runs.
    """
    members, lines = values.shape
    lanes = 8 // np.dtype(dtype).itemsize
    words = -(-members // lanes)
    rows = np.zeros((lines, words * lanes), dtype)
    rows[:, :members] = values.T
    sums = running(np.ascontiguousarray(rows.view(np.uint64).T), np.uint64)
    found = sums.take(spans.ends, axis=1)
    found -= sums.take(spans.begins, axis=1)
    # From (words, spans, lines, lanes) to one row a member.
    split = found.view(dtype).reshape(words, len(spans.sizes), lines, lanes)
    turned = np.ascontiguousarray(split.transpose(1, 0, 3, 2))
    return turned.reshape(len(spans.sizes), words * lanes, lines)[:, :members]


def quotients(sums: NDArray[np.uint16], sizes: NDArray[np.integer[Any]]) -> NDArray[np.uint8]:
    """Divide sums by sizes below 1,000, rounding down; quotients lie below 256.

    In float32, which is faster than whole numbers and exact here: a quotient that is no
    whole number is at least a thousandth away from the next one.
    """
    return (sums.astype(np.float32) / sizes.astype(np.float32)).astype(np.uint8)


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


def as_rows(values: NDArray[Any]) -> NDArray[Any]:
    """Return values of shape (spans, members, lines) as one row a span and member."""
    return values.reshape(values.shape[0] * values.shape[1], values.shape[2])
