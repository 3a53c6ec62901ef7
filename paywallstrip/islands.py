"""The last look: content that stands far behind the page's main run of it.

What comes long after the body is more often another piece, a comment or a notice than a part
of the body, however much like one it reads. So its score as content is lowered by as much as
pages that training had not seen asked for.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.lines import Ints


class Islands(NamedTuple):
    """Which content stands apart, and what that takes from its score.

    Attributes:
        gap: a line of content that follows the last one after at most so many lines, 1 being
            the next, goes on with its run.
        share: the main run is the page's first one of two lines or more with at least so many
            percent of the characters of the largest, 1 to 100, or the largest: comments are
            often longer than what they are on, and the title alone stands far above the body.
        distance: a run stands apart that begins so many lines or more after the last line of
            the main one, 1 or more.
        penalty: what its lines lose of their score as content, in units of `stages.UNIT`.
    """

    gap: int
    share: int
    distance: int
    penalty: int


NO_ISLANDS = Islands(gap=1, share=100, distance=1, penalty=0)
"""Of models that do not look again."""


def apart(content: NDArray[np.bool_], sizes: Ints, pages: Ints, islands: Islands) -> Ints:
    """Find the lines of content that stand apart.

    Args:
        content: bool array of shape (lines,), whether a line is called content.
        sizes: int64 array of shape (lines,), characters of each line.
        pages: int64 array of shape (lines,), the page of each line, in order.
        islands: what stands apart.

    Returns:
        int64 array, their numbers, in order.
    """
    at = content.nonzero()[0]
    if not islands.penalty or len(at) < 2:
        return at[:0]
    page = pages.take(at)
    begins = np.ones(len(at), bool)
    begins[1:] = (page[1:] != page[:-1]) | (at[1:] - at[:-1] > islands.gap)
    first = begins.nonzero()[0]
    page = page.take(first)
    begins = np.ones(len(first), bool)
    begins[1:] = page[1:] != page[:-1]
    opens = begins.nonzero()[0]
    if len(opens) == len(first):
        return at[:0]
    last = np.append(first[1:], len(at))
    runs = np.append(opens[1:], len(first)) - opens
    characters = np.add.reduceat(sizes.take(at), first)
    most = np.maximum.reduceat(characters, opens).repeat(runs)
    several = at.take(last - 1) > at.take(first)
    large = (100 * characters >= islands.share * most) & (several | (characters == most))
    candidates = large.nonzero()[0]
    main = candidates.take(candidates.searchsorted(opens))
    ends = at.take(last.take(main) - 1).repeat(runs)
    far = at.take(first) - ends >= islands.distance
    found: Ints = at[far.repeat(last - first)]
    return found
