"""Tags and attributes to what holds inside each element: landmarks, headings, what is hidden."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from paywallstrip.lines import Ints
from paywallstrip.markup.attributes import Attributes, named
from paywallstrip.markup.elements import HEADING, KINDS, ROLES, STRINGS, Bit
from paywallstrip.markup.styles import Hiding, read_style
from paywallstrip.markup.tags import Flags, Source, Tags, narrowed
from paywallstrip.markup.texts import decoded

LINK = STRINGS[b"a"]
_DIALOG, _TEMPLATE = STRINGS[b"dialog"], STRINGS[b"template"]
# Quotes inside a value are written as entities.
_SHADOW = re.compile(rb' shadowrootmode="(?:open|closed)"', re.IGNORECASE)
_XLINK = re.compile(rb' xlink:href="')
_TELLING = re.compile(rb"none|visib", re.IGNORECASE)
_UNSEEN, _HIDDEN, _LINKED = int(Bit.UNSEEN), int(Bit.HIDDEN), int(Bit.LINK)
_SVG = int(Bit.SVG)
_BELOW_HEADING = (1 << HEADING) - 1


class Scope(NamedTuple):
    """What the tags and their attributes say; arrays of shape (tags,).

    Attributes:
        own: int64 array, what an element's name and attributes say of what stands in it, as in
            `elements.KINDS`.
        bits: int64 array, the same with what the elements around it say; 0 for one that is empty.
        hidden: bool array, whether an attribute hides it.
        links: bool array, whether it is an `a` with an address.
        owners: int64 array, the element that a tag begins or ends, else 0.
        unseen: bool array, whether nothing that stands in an element is ever shown.
    """

    own: Ints
    bits: Ints
    hidden: Flags
    links: Flags
    owners: Ints
    unseen: Flags


def read_scope(source: Source, tags: Tags, attributes: Attributes) -> Scope:
    """Find what holds inside each element."""
    own = KINDS.bits.take(tags.kinds)
    own[_find_shadows(source, tags)] &= ~_UNSEEN
    for tag, value in _values(source, attributes, "role"):
        own[tag] |= ROLES.get(value, 0)
    hidden = _find_hidden(source, tags, attributes)
    # Nobody asks for the attributes of what is never shown.
    hidden &= (own & _UNSEEN) == 0
    links = np.zeros(len(own), dtype=np.bool_)
    links[attributes.tags.compress(named(source, attributes, "href"))] = True
    anchors = tags.names == LINK
    links &= anchors
    own[links] |= _LINKED
    closed = tags.names == _DIALOG
    if closed.any():
        closed[attributes.tags.compress(named(source, attributes, "open"))] = False
        own[closed] |= _HIDDEN
    bits = _inherited(tags, own, hidden)
    if drawn := _find_drawn_links(source, tags, bits, (anchors & ~links).nonzero()[0]):
        links[drawn] = True
        own[drawn] |= _LINKED
        bits = _inherited(tags, own, hidden)
    asked = ((bits.take(tags.up) & _UNSEEN) == 0) | anchors
    if (hidden & ~asked).any():
        hidden &= asked
        bits = _inherited(tags, own, hidden)
    owners = np.where(tags.closing, tags.up, 0)
    starting = tags.starting.nonzero()[0]
    owners[starting] = starting
    unseen = ((own | bits.take(tags.up)) & _UNSEEN) != 0
    return Scope(own, bits, hidden, links, owners, unseen)


def _find_shadows(source: Source, tags: Tags) -> list[int]:
    """Find the templates whose contents are shown in the element around them."""
    templates = (tags.names == _TEMPLATE).nonzero()[0].tolist()
    return [
        tag for tag in templates if _SHADOW.search(source.data, tags.starts[tag], tags.ends[tag])
    ]


def _find_drawn_links(source: Source, tags: Tags, bits: Ints, anchors: Ints) -> list[int]:
    """Find those of some `a` that have an address as drawings had it once."""
    drawn = anchors.compress((bits.take(anchors) & _SVG) != 0).tolist()
    return [tag for tag in drawn if _XLINK.search(source.data, tags.starts[tag], tags.ends[tag])]


def _find_hidden(source: Source, tags: Tags, attributes: Attributes) -> Flags:
    """Flag the start tags that hide their elements."""
    hidden = np.zeros(len(tags.starts), dtype=np.bool_)
    given = {tag: decoded(value) for tag, value in _values(source, attributes, "hidden")}
    styles = dict(_values(source, attributes, "style"))
    # Most styles say nothing of it, which is seen faster than by reading them.
    telling = [tag for tag, style in styles.items() if _TELLING.search(style)]
    known: dict[tuple[bytes, str | None, bool], Hiding] = {}
    found: dict[Hiding, list[int]] = {hiding: [] for hiding in Hiding}
    for tag in sorted({*given, *telling}):
        said = (styles.get(tag, b""), given.get(tag), bool(KINDS.layouts[tags.kinds[tag]]))
        if said not in known:
            known[said] = read_style(decoded(said[0]), *said[1:])
        found[known[said]].append(tag)
    for hiding, which in found.items():
        hidden[which] = hiding >= Hiding.INVISIBLE
    if found[Hiding.INVISIBLE] and found[Hiding.SHOWN]:
        elements = np.array(found[Hiding.INVISIBLE])
        hidden[elements] = ~_hold(tags, elements, np.array(found[Hiding.SHOWN]))
    return hidden


def _hold(tags: Tags, elements: Ints, others: Ints) -> Flags:
    """Tell which elements hold one of some others."""
    closing = tags.closing.nonzero()[0]
    closes = np.zeros(len(tags.starts), dtype=np.int64)
    closes[tags.up.take(closing)] = closing
    ends = np.searchsorted(others, closes.take(elements))
    flags: Flags = ends > np.searchsorted(others, elements)
    return flags


def _values(source: Source, attributes: Attributes, name: str) -> Iterator[tuple[int, bytes]]:
    """Yield the tag and the value of each attribute of some name."""
    flags = named(source, attributes, name)
    places = (numbers.compress(flags).tolist() for numbers in attributes[:3])
    for tag, begin, end in zip(*places, strict=True):
        yield tag, source.data[begin:end]


def _inherited(tags: Tags, own: Ints, hidden: Flags) -> Ints:
    """Return what holds inside each element, from the outermost ones to the innermost."""
    elements = tags.opening.nonzero()[0]
    depth = tags.depth.take(elements)
    elements = elements.take(narrowed(depth).argsort(kind="stable"))
    levels = np.bincount(depth).cumsum().tolist()
    up = tags.up.take(elements)
    own = own.take(elements)
    # A heading inside another one is what the inner one says.
    kept = np.where(own > _BELOW_HEADING, _BELOW_HEADING, -1)
    own |= np.where(hidden.take(elements), _HIDDEN, 0)
    bits = np.zeros(len(hidden), dtype=np.int64)
    for low, high in pairwise(levels):
        level = bits.take(up[low:high])
        level &= kept[low:high]
        level |= own[low:high]
        bits[elements[low:high]] = level
    return bits
