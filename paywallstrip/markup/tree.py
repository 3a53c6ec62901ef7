"""Lines to the elements around them, without the elements themselves.

A line's depth and the depth of the innermost element that it shares with the line before
tell where every element around two lines or more begins and ends: an element is a run of
lines, and the elements around a line are nested runs.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.lines import Ints
from paywallstrip.windows import Places

LEVELS = 40
"""Elements nested more deeply than this count as one."""


class Tree(NamedTuple):
    """The elements around each line as runs of lines.

    Attributes:
        joined: int64 array of shape (lines,), depth of the innermost element around a line
            and the one before it; -1 for the first line of a page.
        depth: int64 array of shape (lines,), depth of the line, below `LEVELS`.
        starts: int64 array of shape (levels, lines), first line of the element of each depth
            around each line; depth 0 is the page, the last level lies below every line.
        ends: int64 array of shape (levels, lines), one past its last line.
    """

    joined: Ints
    depth: Ints
    starts: Ints
    ends: Ints


class Groups(NamedTuple):
    """The innermost elements that hold ever more lines, as runs of lines.

    Attributes:
        starts: int64 array of shape (groups, lines), first line of each.
        ends: int64 array of shape (groups, lines), one past the last.
    """

    starts: Ints
    ends: Ints


def build_tree(depth: Ints, joined: Ints, places: Places) -> Tree:
    """Find the elements around each line.

    Args:
        depth: int64 array of shape (lines,), as in `markup.MarkupLines`.
        joined: int64 array of shape (lines,), as there.
        places: where each line stands in its page.
    """
    at, count = places.at, len(depth)
    shared = np.where(at == places.low, -1, np.minimum(joined, LEVELS - 1))
    # No more levels than the batch has: those below its deepest line are all alike.
    levels = min(LEVELS, 2 + int(depth.max(initial=0)))
    # Where an element of each depth begins: what is shared lies above it.
    begins = shared < np.arange(levels)[:, None]
    starts = np.maximum.accumulate(np.where(begins, at, 0), axis=1)
    ends = np.full((levels, count), count)
    following = np.where(begins, at, count)[:, :0:-1]
    ends[:, :-1] = np.minimum.accumulate(following, axis=1)[:, ::-1]
    return Tree(shared, np.minimum(depth, LEVELS - 1), starts, ends)


def find_groups(tree: Tree, places: Places, count: int) -> Groups:
    """Return for each line the `count` innermost elements that hold ever more lines.

    The first one is the innermost element that holds another line; beyond the whole page
    the page is repeated.
    """
    at = places.at
    following = np.append(tree.joined[1:], -1) if len(at) else at
    starts, ends = [], []
    first, last = at, at
    for _ in range(count):
        level = np.maximum(np.maximum(tree.joined.take(first), following.take(last)), 0)
        first, end = tree.starts[level, at], tree.ends[level, at]
        last = end - 1
        starts.append(first)
        ends.append(end)
    return Groups(np.array(starts), np.array(ends))


def climbs(tree: Tree, sums: Ints, total: Ints, edges: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Measure how far up a line's elements hold some share of the page's mass.

    Args:
        tree: the elements.
        sums: int64 array of shape (lines + 1,), prefix sums of a mass.
        total: int64 array of shape (lines,), the mass of the line's page.
        edges: percentages.

    Returns:
        Two int64 arrays of shape (edges, lines): the depth of the innermost element that
        holds as much, and how many levels above the line it is.
    """
    held = 100 * (sums.take(tree.ends) - sums.take(tree.starts))
    known = total > 0
    depths = np.array([count_levels(held >= edge * total) - 1 for edge in edges])
    return depths, np.where(known, np.maximum(tree.depth - depths, 0), LEVELS)


def count_levels(flags: NDArray[np.bool_]) -> Ints:
    """Count the levels that are flagged for each line; flags of shape (levels, lines)."""
    # There are few levels: counted in bytes, which is several times as fast.
    counts: Ints = np.add.reduce(flags.view(np.uint8), axis=0, dtype=np.uint8).astype(np.int64)
    return counts


def first_best(scores: Ints, bounds: Ints) -> Ints:
    """Return for each page the first of the lines with the best score; 0 for a page without any.

    Args:
        scores: int64 array of shape (lines,).
        bounds: int64 array of shape (pages + 1,), the lines of each page.
    """
    found = np.zeros(len(bounds) - 1, dtype=np.int64)
    pages = np.flatnonzero(np.diff(bounds))
    if len(pages):
        begins = bounds[pages]
        best = np.maximum.reduceat(scores, begins)
        is_best = scores == np.repeat(best, np.diff(bounds)[pages])
        numbers = np.where(is_best, np.arange(len(scores)), len(scores))
        found[pages] = np.minimum.reduceat(numbers, begins)
    return found
