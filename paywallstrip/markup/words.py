"""Names in markup to words: classes, ids and addresses, cut and hashed without a loop.

Such names put words together in many manners: `teaser-list`, `teaserList`, `teaser_list2`.
A word here is a run of letters, cut where the case rises; digits and signs are between words.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.characters import CharacterClass, table
from paywallstrip.lines import Ints
from paywallstrip.tokens import Hashes, prefix_sums, spans_hash

_LAST = CharacterClass.UNCASED
"""The classes of letters are those from `LOWER` to this one."""
SHORTEST = 2
"""Single letters tell nothing."""


class JoinedNames(NamedTuple):
    """Some names, one after the other.

    Attributes:
        points: uint32 array of shape (characters,), the code points, a zero after each name.
        classes: uint8 array of shape (characters,), their `CharacterClass`.
        sums: uint64 array of shape (characters + 1,), from `tokens.prefix_sums`.
        origins: int64 array of shape (names + 1,): name i begins at `origins[i]` and ends
            before `origins[i + 1] - 1`.
    """

    points: NDArray[np.uint32]
    classes: NDArray[np.uint8]
    sums: Hashes
    origins: Ints


class NameWords(NamedTuple):
    """The words of some names.

    Attributes:
        whole: uint64 array of shape (names,), the hash of each name as a whole.
        bounds: int64 array of shape (names + 1,): the words of name i are
            `words[bounds[i]:bounds[i + 1]]`.
        words: uint32 array, the hash of each word.
    """

    whole: Hashes
    bounds: Ints
    words: NDArray[np.uint32]


def read_joined(joined: str) -> JoinedNames:
    """Take names that stand one after the other.

    Args:
        joined: class and id attributes, addresses, anything without zero characters, each with
            one after it.
    """
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    origins = np.concatenate([[0], (points == 0).nonzero()[0] + 1])
    classes = table().classes.take(points, mode="clip")
    return JoinedNames(points, classes, prefix_sums(points), origins)


def hash_names(names: JoinedNames) -> NameWords:
    """Cut names into words and hash them; upper and lower case hash alike, and all digits.

    Args:
        names: the names.

    Returns:
        The words of each, in order.

    >>> names = ["teaserList__item-3", "TEASER list_item", "RSSFeed"]
    >>> words = hash_names(read_joined(chr(0).join([*names, ""])))
    >>> words.bounds.tolist()
    [0, 3, 6, 8]
    >>> bool((words.words[:3] == words.words[3:6]).all())
    True
    """
    starts, ends = _cut(names.classes)
    whole = spans_hash(names.sums, names.origins[:-1], names.origins[1:] - 1)
    words = (spans_hash(names.sums, starts, ends) >> np.uint64(32)).astype(np.uint32)
    return NameWords(whole, np.searchsorted(starts, names.origins), words)


def _cut(classes: NDArray[np.uint8]) -> tuple[Ints, Ints]:
    """Return starts and ends of the words; no word ends where the array does."""
    letter = (classes - np.uint8(CharacterClass.LOWER)) <= _LAST - CharacterClass.LOWER
    upper = classes == CharacterClass.UPPER
    # In `RSSFeed` the last of the capitals begins the next word.
    rises = upper[1:] & ~upper[:-1]
    rises[:-1] |= upper[1:-1] & (classes[2:] == CharacterClass.LOWER)
    opens = letter.copy()
    opens[1:] &= ~letter[:-1] | rises
    closes = letter[:-1] & (~letter[1:] | rises)
    starts, ends = np.flatnonzero(opens), np.flatnonzero(closes) + 1
    long_enough = ends - starts >= SHORTEST
    return starts[long_enough], ends[long_enough]
