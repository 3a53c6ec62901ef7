"""Sums and distances along the lines of a page, exact and within the page."""

import numpy as np
from numpy.typing import NDArray

from paywallstrip.lines import Ints

FAR = 99
"""The distance that stands for "none in this page"."""


def running(values: Ints) -> Ints:
    """Return prefix sums along the lines, int64, one longer than the values."""
    sums = np.zeros((len(values) + 1, *values.shape[1:]), dtype=np.int64)
    np.cumsum(values, axis=0, out=sums[1:])
    return sums


def distances(flags: NDArray[np.bool_], low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Measure how far the nearest flagged lines are.

    Args:
        flags: bool array of shape (lines, k).
        low: int64 array of shape (lines,), first line of each line's page.
        high: int64 array of shape (lines,), one past its last.

    Returns:
        Two int64 arrays of shape (lines, k): lines back to the last flagged one before
        the line, and on to the next one after it; `FAR` where the page has none there.
    """
    count, width = flags.shape
    if not count:
        return np.zeros((0, width), np.int64), np.zeros((0, width), np.int64)
    index = np.arange(count)[:, None]
    before = np.full((count, width), -1, dtype=np.int64)
    before[1:] = np.maximum.accumulate(np.where(flags, index, -1), axis=0)[:-1]
    after = np.full((count, width), count, dtype=np.int64)
    onward = np.where(flags, index, count)[::-1]
    after[:-1] = np.minimum.accumulate(onward, axis=0)[::-1][1:]
    back = np.where(before >= low[:, None], index - before, FAR)
    on = np.where(after < high[:, None], after - index, FAR)
    return np.minimum(back, FAR), np.minimum(on, FAR)
