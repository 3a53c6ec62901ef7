"""Tags to attributes: where the values of those stand that say anything of a line."""

import re
from typing import NamedTuple

import numpy as np

from paywallstrip.lines import Ints
from paywallstrip.markup.octets import WIDTH, octets_at, pack_octets
from paywallstrip.markup.tags import LESS, QUOTE, Flags, Marks, Source, Tags, changes
from paywallstrip.tokens import Hashes

_SPACE, _MORE, _EQUALS = b" >="
_NAMED = ("class", "id", "role", "itemprop", "rel", "data-testid", "data-component")
ASKED = (*_NAMED, "href", "xlink:href", "hidden", "style", "open")
"""The attributes that say anything of a line."""
_ATTRIBUTE = re.compile(rb' (=?[^=]*)="([^"]*)"')


def _pattern(name: bytes) -> tuple[np.uint64, np.uint64, np.uint64, int]:
    """Return how far to shift a word, what its rest has to be, the word before, and the size."""
    tail, head = name[-WIDTH:], name[:WIDTH]
    shift = np.uint64(8 * (WIDTH - len(tail)))
    return shift, np.uint64(pack_octets(tail)), np.uint64(pack_octets(head)), len(name)


# With the space before: no other name ends in the same way then.
_PATTERNS = {name: _pattern(b" " + name.encode()) for name in ASKED}


class Attributes(NamedTuple):
    """The attributes in order; arrays of shape (attributes,).

    Attributes:
        tags: int64 array, the tag that each stands in.
        begins: int64 array, where its value begins, after the quote.
        ends: int64 array, the quote where it ends.
        words: uint64 array, the last eight bytes of its name and what stands before it.
    """

    tags: Ints
    begins: Ints
    ends: Ints
    words: Hashes


def find_attributes(source: Source, marks: Marks, tags: Tags) -> Attributes:
    """Find all attributes."""
    quotes = (marks.signs == QUOTE).nonzero()[0]
    at = marks.at.take(quotes)
    tag = (marks.signs == LESS).cumsum().take(quotes)
    inside = (at < tags.ends.take(tag)) & tags.starting.take(tag)
    at, tag = at.compress(inside), tag.compress(inside)
    pairs = _pairs(source, at, tag)
    if pairs is None:
        # Most quotes that stand in names show it.
        likely = _are_openings(source, at) | _are_closings(source, at)
        pairs = _pairs(source, at.compress(likely), tag.compress(likely)) or _paired(
            source, tags, at, tag
        )
    opening, closing, tag = pairs
    words = octets_at(source.octets, opening - 1 - WIDTH)
    return Attributes(tag, opening + 1, closing, words)


def _pairs(source: Source, at: Ints, tag: Ints) -> tuple[Ints, Ints, Ints] | None:
    """Pair the quotes; None where some are not around values."""
    opening, closing = at[::2], at[1::2]
    good = (
        len(opening) == len(closing)
        and (tag[::2] == tag[1::2]).all()
        and _are_openings(source, opening).all()
        and _are_closings(source, closing).all()
    )
    return (opening, closing, tag[::2]) if good else None


def _are_openings(source: Source, at: Ints) -> Flags:
    flags: Flags = source.octets.take(at - 1) == _EQUALS
    return flags


def _are_closings(source: Source, at: Ints) -> Flags:
    following = source.octets.take(at + 1)
    flags: Flags = (following == _SPACE) | (following == _MORE)
    return flags


def _paired(source: Source, tags: Tags, at: Ints, tag: Ints) -> tuple[Ints, Ints, Ints]:
    """Pair the quotes where some tags have quotes in names, and read those tags by themselves."""
    begins = changes(tag)
    which = begins.cumsum() - 1
    first = begins.nonzero()[0]
    even = (np.arange(len(at)) - first.take(which)) % 2 == 0
    odd = np.where(even, ~_are_openings(source, at), ~_are_closings(source, at))
    odd |= even & np.append(begins[1:], True)
    spoilt = np.zeros(len(first), dtype=np.bool_)
    spoilt[which[odd]] = True
    good = ~spoilt.take(which)
    found = []
    for number in tag.take(first[spoilt]).tolist():
        begin, end = int(tags.starts[number]), int(tags.ends[number])
        # A tag's own name may hold all that a value does, but no space.
        begin = source.data.find(b" ", begin, end)
        if begin >= 0:
            values = _ATTRIBUTE.finditer(source.data, begin, end)
            found += [(value.start(2) - 1, value.end(2), number) for value in values]
    pairs = (at[good & even], at[good & ~even], tag[good & even])
    rest = np.array(found, dtype=np.int64).reshape(-1, 3).T
    joined = [np.concatenate(parts) for parts in zip(pairs, rest, strict=True)]
    order = joined[0].argsort()
    return joined[0][order], joined[1][order], joined[2][order]


def named(source: Source, attributes: Attributes, name: str) -> Flags:
    """Return which attributes have a name, which is one of `ASKED`."""
    shift, tail, head, size = _PATTERNS[name]
    flags: Flags = attributes.words >> shift == tail
    if size > WIDTH:
        # What comes before: two words overlap, and cover every name that is asked for.
        at = flags.nonzero()[0]
        flags[at] = octets_at(source.octets, attributes.begins[at] - 2 - size) == head
    return flags


def are_names(source: Source, attributes: Attributes) -> Flags:
    """Return which attributes tell what an element is, and say something."""
    flags = np.zeros(len(attributes.tags), dtype=np.bool_)
    for name in _NAMED:
        flags |= named(source, attributes, name)
    return flags & (attributes.ends > attributes.begins)
