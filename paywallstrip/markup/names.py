"""The names around each line: words of classes, ids and addresses, hashed into columns."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.features import Reading
from paywallstrip.lines import Ints
from paywallstrip.markup.lines import MarkupLines
from paywallstrip.tokens import Hashes, by_page, mix
from paywallstrip.windows import running

NAME_BITS = 17
NEAR_ANCESTORS = 3
"""The words of so many ancestors are hashed once more, as near ones."""
_CELL_BITS = 3
"""Lines are numbered by a table with this power of two times more cells than lines."""


class Names(NamedTuple):
    """Hashed columns of the words around the lines.

    Attributes:
        runs: pairs of int64 arrays: columns of words, and of shape (lines + 1,) the bounds of
            each line's words.
        single: int64 arrays of shape (lines,), one column a line.
    """

    runs: tuple[tuple[Ints, Ints], ...]
    single: tuple[Ints, ...]


def joined_field(pages: Sequence[MarkupLines], field: str) -> NDArray[Any]:
    """Return one field of all pages, one after the other."""
    arrays = [getattr(page, field) for page in pages]
    return np.concatenate(arrays) if arrays else np.zeros(0, np.int64)


def number_kinds(keys: NDArray[Any], reading: Reading) -> Ints:
    """Number the lines so that those of one page with the same key have one number.

    It is that of one of these lines.
    """
    salted = mix(by_page(keys.astype(np.uint64), reading.lines.pages))
    bits = len(salted).bit_length() + _CELL_BITS
    cells = (salted >> np.uint64(64 - bits)).view(np.int64)
    table = np.empty(1 << bits, np.int64)
    table[cells] = np.arange(len(salted))
    numbers = table.take(cells)
    # The last line of a cell stands for its kind; the few of other kinds there are sorted.
    others = (salted.take(numbers) != salted).nonzero()[0]
    if len(others):
        _, first, which = np.unique(salted.take(others), return_index=True, return_inverse=True)
        numbers[others] = others.take(first).take(which.reshape(-1))
    return numbers


def read_names(pages: Sequence[MarkupLines], texts: Hashes, place: Ints, heads: Hashes) -> Names:
    """Hash the words of classes, ids and addresses, and what a line says where.

    Args:
        pages: the pages.
        texts: uint64 array of shape (lines,), hash of each line's words.
        place: int64 array of shape (lines,), where it stands, a small number.
        heads: uint64 array of shape (lines,), what stands for the last heading.
    """
    words, levels = joined_field(pages, "words"), joined_field(pages, "word_levels")
    bounds = joined_bounds([page.word_bounds for page in pages])
    near = levels < NEAR_ANCESTORS
    near_bounds = running(near).take(bounds)
    targets = joined_field(pages, "target_words")
    target_bounds = joined_bounds([page.target_bounds for page in pages])
    return Names(
        (
            (name_column(words[near], 0), near_bounds),
            (name_column(words, 1), bounds),
            (name_column(targets, 2), target_bounds),
        ),
        (
            name_column(joined_field(pages, "tag_paths"), 3),
            name_column(joined_field(pages, "class_paths"), 4),
            name_column(texts + place.astype(np.uint64), 5),
            name_column(heads, 6),
        ),
    )


def joined_bounds(parts: Sequence[Ints]) -> Ints:
    """Join the bounds of each page's runs of words."""
    # Where each page's words begin: one small sum a page, where a difference would cost more.
    tops = np.cumsum([0, *(int(part[-1]) for part in parts)])
    joined = [part[1:] + top for part, top in zip(parts, tops[:-1], strict=True)]
    return np.concatenate([np.zeros(1, np.int64), *joined])


def name_column(words: NDArray[Any], kind: int) -> Ints:
    """Return the hashed column of each word for one kind of place that it stands in."""
    salt = np.uint64(0x94D049BB133111EB * (kind + 1) % 2**64)
    salted = mix(words.astype(np.uint64) ^ salt)
    return (salted >> np.uint64(64 - NAME_BITS)).astype(np.int64)
