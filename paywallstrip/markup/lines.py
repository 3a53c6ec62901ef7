"""HTML to lines: the text as a browser lays it out in blocks, and where each line stood.

The parser builds the tree as browsers do; one pass over it makes the lines. What a browser
never shows is left out: scripts, styles, templates, what stands in for a frame or a film.
What the page's own markup hides (`hidden`, `display: none`) is kept and flagged: pages show
much of it later, by script.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.lines import Ints
from paywallstrip.markup.addresses import read_addresses
from paywallstrip.markup.decoding import decode_html
from paywallstrip.markup.elements import HEADING, REACH, Bit
from paywallstrip.markup.hints import Hints, read_hints
from paywallstrip.markup.words import JoinedNames, NameWords, hash_names, read_joined
from paywallstrip.tokens import BASE, Hashes, mix

if TYPE_CHECKING:
    from paywallstrip.markup.reader import Notes

CLASS_REACH = 4
"""So many ancestors make up `MarkupLines.class_paths`."""
ELEMENT_WORDS = 16
"""So many words of one element are taken."""
LINE_WORDS = 64
"""So many words a line has at most, the nearest ancestors' first."""
TARGET_WORDS = 32
"""So many words of a link's address are taken."""


class MarkupLines(NamedTuple):
    """The lines of one HTML page, and what the markup says of each.

    Attributes:
        text: the lines, joined by `\\n`; none is blank, white space is folded.
        title: what stands in `<title>`, white space folded; may be empty.
        hints: what the page's JSON-LD claims.
        tags: uint8 array of shape (lines,), index in `elements.TAGS` of the innermost element
            that lays out a block, a cell or a control around the line's beginning.
        link_characters: int64 array of shape (lines,), characters inside `<a href>`.
        links: int64 array of shape (lines,), how many links have text in the line.
        strong_characters: int64 array of shape (lines,), characters in `b` or `strong`.
        depth: int64 array of shape (lines,), ancestors of the line's beginning.
        joined: int64 array of shape (lines,), depth of the innermost element around both
            the line and the one before it; 0 for the first line.
        landmarks: uint16 array of shape (lines,), bits in the order of `elements.LANDMARKS`.
        headings: uint8 array of shape (lines,), 1 to 6 inside a heading, else 0.
        hidden: bool array of shape (lines,), whether the markup hides the line.
        parents: int64 array of shape (lines,), number of the innermost block element, in
            document order: the same for all lines of one element.
        tag_paths: uint32 array of shape (lines,), hash of the tag names of the nearest
            `REACH` ancestors.
        class_paths: uint32 array of shape (lines,), hash of tag names and names of the
            nearest `CLASS_REACH` ancestors; digits in names count as the same.
        word_bounds: int64 array of shape (lines + 1,): the words of line i are
            `words[word_bounds[i]:word_bounds[i + 1]]`.
        words: uint32 array, hashed words of the classes, ids, roles and the like of the nearest
            `REACH` ancestors, the nearest one's first, as often as they stand there.
        word_levels: uint8 array, how many ancestors up the word stands, 0 for the innermost
            element around the line's beginning, less than `REACH`.
        target_bounds: int64 array of shape (lines + 1,), as `word_bounds`.
        target_words: uint32 array, hashed words of the address of the line's first link.
        targets: uint32 array of shape (lines,), hash of this address; 0 without a link.
        target_kinds: uint8 array of shape (lines,), with the next ones the address's parts as
            `addresses.Addresses` has them.
        target_hosts: uint32 array of shape (lines,).
        target_depths: uint8 array of shape (lines,).
        target_digits: uint8 array of shape (lines,).
        target_parts: uint8 array of shape (lines,).
    """

    text: str
    title: str
    hints: Hints
    tags: NDArray[np.uint8]
    link_characters: Ints
    links: Ints
    strong_characters: Ints
    depth: Ints
    joined: Ints
    landmarks: NDArray[np.uint16]
    headings: NDArray[np.uint8]
    hidden: NDArray[np.bool_]
    parents: Ints
    tag_paths: NDArray[np.uint32]
    class_paths: NDArray[np.uint32]
    word_bounds: Ints
    words: NDArray[np.uint32]
    word_levels: NDArray[np.uint8]
    target_bounds: Ints
    target_words: NDArray[np.uint32]
    targets: NDArray[np.uint32]
    target_kinds: NDArray[np.uint8]
    target_hosts: NDArray[np.uint32]
    target_depths: NDArray[np.uint8]
    target_digits: NDArray[np.uint8]
    target_parts: NDArray[np.uint8]


def read_markup(html: str | bytes) -> MarkupLines:
    """Turn an HTML page into lines.

    Args:
        html: the page; bytes are decoded as by `decoding.decode_html`.

    Returns:
        The lines and what the markup says of them.

    Raises:
        TypeError: if `html` is neither str nor bytes.
        PageError: if the page grows out of bounds when it is parsed.
        ImportError: if the extra `html` is not installed.

    >>> read_markup("<title>T</title><h1>One</h1><p>Two <a href=/>three</a>").text
    'One\\nTwo three'
    """
    return read_markups([html])[0]


def read_markups(pages: Sequence[str | bytes]) -> list[MarkupLines]:
    """Turn several HTML pages into lines; arguments and errors as for `read_markup`.

    What is said of a page does not depend on the others, but together they take less time.
    """
    try:
        from paywallstrip.markup.reader import read_notes
        from paywallstrip.markup.writer import write_groups
    except ImportError as error:
        raise ImportError(
            f'HTML needs a package that is missing ({error.name}): pip install "paywallstrip[html]"'
        ) from error
    found: list[MarkupLines] = []
    for group in write_groups(map(decode_html, pages)):
        found += as_markup_lines(read_notes(group))
    return found


def as_markup_lines(notes: "Notes") -> list[MarkupLines]:
    """Make arrays of what was noted of some pages."""
    strings = read_joined(notes.strings)
    hashed = hash_names(strings)
    places, links, ancestors = notes.places, notes.links, notes.ancestors
    own_tags = hashed.whole.take(notes.tags)
    own_names = own_tags + hashed.whole.take(notes.names)
    columns: dict[str, NDArray[Any]] = {
        "tags": places.tags.astype(np.uint8),
        "link_characters": links.characters,
        "links": links.counts,
        "strong_characters": notes.strong,
        "depth": places.depth,
        "joined": _joined(places.elements, places.depth, notes.up, notes.bounds),
        "landmarks": places.bits.astype(np.uint16),
        "headings": (places.bits >> HEADING).astype(np.uint8),
        "hidden": (places.bits & Bit.HIDDEN) != 0,
        "parents": places.blocks,
        "tag_paths": _path_hashes(own_tags.take(ancestors)),
        "class_paths": _path_hashes(own_names.take(ancestors[:CLASS_REACH])),
        **_addresses(links.targets, strings, hashed),
    }
    words = _words(notes.names, ancestors, hashed)
    return _apart(notes, columns, words, _targets(links.targets, hashed))


def _apart(
    notes: "Notes", columns: dict[str, NDArray[Any]], words: "Runs", targets: "Runs"
) -> list[MarkupLines]:
    """Give each page its own lines."""
    found = []
    pages = zip(notes.titles, notes.scripts, pairwise(notes.bounds.tolist()), strict=True)
    for title, scripts, (low, high) in pages:
        word_bounds, (own, levels) = words.part(low, high)
        target_bounds, (target,) = targets.part(low, high)
        found.append(
            MarkupLines(
                text="\n".join(notes.texts[low:high]),
                title=title,
                hints=read_hints(scripts),
                word_bounds=word_bounds,
                words=own,
                word_levels=levels,
                target_bounds=target_bounds,
                target_words=target,
                **{name: column[low:high] for name, column in columns.items()},
            )
        )
    return found


def _path_hashes(own: Hashes) -> NDArray[np.uint32]:
    """Hash each column of ancestors, the nearest in the first row."""
    path = np.zeros(own.shape[1], dtype=np.uint64)
    for row in own[::-1]:
        path *= np.uint64(BASE)
        path += row
    return (mix(path) >> np.uint64(32)).astype(np.uint32)


def _joined(elements: Ints, depth: Ints, up: Ints, bounds: Ints) -> Ints:
    """Return the depth of the innermost element around each line and the one before it."""
    # Elements are numbered as they open: an ancestor of this line that opened before the
    # line before began is an ancestor of that one too.
    around, result = elements.copy(), depth.copy()
    before = np.concatenate([elements[:1], elements[:-1]])
    first = bounds[:-1][bounds[:-1] < bounds[1:]]
    result[first] = 0
    before[first] = elements[first]
    inside = np.flatnonzero(around > before)
    while len(inside):
        around[inside] = up[around[inside]]
        result[inside] -= 1
        inside = inside[around[inside] > before[inside]]
    return result


class Runs(NamedTuple):
    """What lines hold of words, one line's after the other's.

    Attributes:
        bounds: int64 array of shape (lines + 1,), where each line's words begin.
        values: arrays of shape (words,), what is known of each word.
    """

    bounds: Ints
    values: tuple[NDArray[Any], ...]

    def part(self, low: int, high: int) -> "Runs":
        """Return those of the lines from one up to another."""
        first, last = self.bounds[low], self.bounds[high]
        bounds = self.bounds[low : high + 1] - first
        return Runs(bounds, tuple(value[first:last] for value in self.values))


def _words(names: Ints, ancestors: Ints, hashed: NameWords) -> Runs:
    """Return the hashed words of the names of each line's ancestors, and how far up each stands.

    Args:
        names: int64 array of shape (elements,), the name of each element.
        ancestors: int64 array of shape (REACH, lines), the elements around each line.
        hashed: the words of all names.
    """
    firsts = hashed.bounds.take(names)
    sizes = np.minimum(hashed.bounds.take(names + 1) - firsts, ELEMENT_WORDS).astype(np.uint16)
    # As many as the line still has room for.
    ends = np.minimum(sizes.take(ancestors).cumsum(axis=0, dtype=np.uint16), LINE_WORDS)
    counts = np.diff(ends, axis=0, prepend=np.uint16(0)).T.ravel()
    levels = np.tile(np.arange(REACH, dtype=np.uint8), ancestors.shape[1])
    bounds, words = _gathered(firsts.take(ancestors.T.ravel()), counts, hashed.words)
    return Runs(bounds[::REACH], (words, levels.repeat(counts)))


def _targets(addresses: Ints, hashed: NameWords) -> Runs:
    """Return the hashed words of the address of each line's first link."""
    firsts = hashed.bounds.take(addresses)
    counts = np.minimum(hashed.bounds.take(addresses + 1) - firsts, TARGET_WORDS)
    bounds, words = _gathered(firsts, counts, hashed.words)
    return Runs(bounds, (words,))


def _addresses(targets: Ints, strings: JoinedNames, hashed: NameWords) -> dict[str, NDArray[Any]]:
    """Return what is known of the address of each line's first link."""
    which, numbers = np.unique(targets, return_inverse=True)
    found = read_addresses(strings, which)._asdict()
    hashes = (hashed.whole.take(targets) >> np.uint64(32)).astype(np.uint32)
    return {
        "targets": np.where(targets > 0, hashes, np.uint32(0)),
        **{f"target_{name}": values.take(numbers) for name, values in found.items()},
    }


def _gathered(
    firsts: Ints, counts: NDArray[Any], words: NDArray[np.uint32]
) -> tuple[Ints, NDArray[np.uint32]]:
    """Return the runs of words that begin at `firsts`, one after the other, and their bounds."""
    bounds = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=bounds[1:])
    at = np.arange(bounds[-1])
    at += (firsts - bounds[:-1]).repeat(counts)
    return bounds, words.take(at)
