"""Texts to lines: what a browser shows as blocks, and where each line stands.

Needs the extra `html`. The pages of a batch are written out by the parser and cut into tags and
texts; what is done here and before is done for all of them at once.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from paywallstrip.lines import Ints
from paywallstrip.markup.attributes import Attributes, are_names, find_attributes, named
from paywallstrip.markup.elements import KINDS, REACH, Bit, Layout
from paywallstrip.markup.scope import LINK, Scope, read_scope
from paywallstrip.markup.shown import Shown, find_shown
from paywallstrip.markup.tags import (
    Flags,
    Source,
    Strings,
    Tags,
    changes,
    find_marks,
    find_tags,
    join_pages,
    nearest,
    new_strings,
    numbers_of,
)
from paywallstrip.markup.texts import SPACE, Runs, decoded, fold_texts, gather
from paywallstrip.markup.writer import Written

HREF_REACH = 300
"""So many characters of a link's address are kept."""
# Plain numbers: to compare members of an enumeration takes longer than most of what is done here.
_BLOCK, _STRONG, _LINK = int(Layout.BLOCK), int(Bit.STRONG), int(Bit.LINK)


class Places(NamedTuple):
    """Where lines stand; int64 arrays of shape (lines,).

    Attributes:
        elements: the element each begins in.
        bits: what holds there, as in `elements.KINDS`.
        blocks: which of its page's elements is the innermost block around it.
        tags: its index in `TAGS`.
        depth: how many elements it stands in.
    """

    elements: Ints
    bits: Ints
    blocks: Ints
    tags: Ints
    depth: Ints


class Links(NamedTuple):
    """The links in lines; int64 arrays of shape (lines,).

    Attributes:
        characters: characters in links.
        counts: links with text.
        targets: number of the first one's address, 0 without one.
    """

    characters: Ints
    counts: Ints
    targets: Ints


class Notes(NamedTuple):
    """What was read of some pages; tags, names and addresses by their number.

    Attributes:
        texts: the lines of all pages, in order; none is blank, white space is folded.
        bounds: int64 array of shape (pages + 1,), where each page's lines begin.
        places: where the lines stand.
        ancestors: int64 array of shape (REACH, lines): each line's element, that one's parent
            and so on.
        links: the links in them.
        strong: int64 array of shape (lines,), characters in bold.
        up: int64 array of shape (elements,), each element's parent; element 0 is the document.
        tags: int64 array of shape (elements,), each element's tag.
        names: int64 array of shape (elements,), its class, id and the like; 0 for those that
            are nobody's ancestors.
        strings: tags, names and addresses in the order of their numbers, a zero after each.
        titles: what stands in each page's first `<title>` that says anything.
        scripts: the texts of each page's JSON-LD.
    """

    texts: list[str]
    bounds: Ints
    places: Places
    ancestors: Ints
    links: Links
    strong: Ints
    up: Ints
    tags: Ints
    names: Ints
    strings: str
    titles: list[str]
    scripts: list[list[str]]


class Pieces(NamedTuple):
    """The texts that lines are put together from; arrays of shape (texts,).

    Attributes:
        runs: where each begins and ends.
        elements: int64 array, the element it stands in.
        bits: int64 array, what holds there.
        lines: int64 array, the number of its line.
        first: bool array, whether it begins one.
        apart: bool array, whether a space parts it from the one before, in the same line.
    """

    runs: Runs
    elements: Ints
    bits: Ints
    lines: Ints
    first: Flags
    apart: Flags


def read_notes(pages: Sequence[Written]) -> Notes:
    """Find the lines of pages.

    Args:
        pages: the pages, as the parser writes them.
    """
    strings = new_strings()
    source = join_pages([page.markup for page in pages])
    marks = find_marks(source)
    tags = find_tags(source, marks, strings)
    attributes = find_attributes(source, marks, tags)
    scope = read_scope(source, tags, attributes)
    shown = find_shown(source, tags, scope)
    pieces = _find_pieces(tags, scope, shown)
    texts = fold_texts(source, pieces.runs, pieces.first, pieces.apart)
    ancestors = _find_ancestors(pieces.elements.compress(pieces.first), tags.up)
    # Asked for before the addresses, which stand together then.
    names = _read_names(source, attributes, ancestors, strings, len(tags.up))
    firsts = np.searchsorted(tags.starts, source.origins)
    bounds = np.searchsorted(ancestors[0], firsts)
    return Notes(
        texts,
        bounds,
        _find_places(tags, scope, shown, ancestors[0], firsts, bounds),
        ancestors,
        _read_links(source, tags, attributes, scope, pieces, texts, strings),
        _measure(source, pieces, (pieces.bits & _STRONG) != 0, len(texts)),
        tags.up,
        tags.names,
        names,
        decoded(b"\0".join([*strings, b""])),
        _read_titles(source, tags, shown.titles, firsts),
        [page.scripts for page in pages],
    )


def _find_pieces(tags: Tags, scope: Scope, shown: Shown) -> Pieces:
    """Put the texts that are shown into lines."""
    texts = shown.texts
    first = changes(shown.lines)
    apart = changes(shown.gaps.cumsum().take(texts.tags)) & ~first
    elements = tags.inner.take(texts.tags)
    lines = first.cumsum() - 1
    return Pieces(texts.runs, elements, scope.bits.take(elements), lines, first, apart)


def _find_ancestors(elements: Ints, up: Ints) -> Ints:
    """Return an array of shape (REACH, lines): each line's element, its parent and so on."""
    result = np.empty((REACH, len(elements)), dtype=np.int64)
    for row in result:
        row[:] = elements
        elements = up.take(elements)
    return result


def _find_places(
    tags: Tags, scope: Scope, shown: Shown, elements: Ints, firsts: Ints, bounds: Ints
) -> Places:
    """Find where lines stand.

    Args:
        tags: the tags.
        scope: what holds inside their elements.
        shown: what is shown.
        elements: int64 array of shape (lines,), the element each begins in.
        firsts: int64 array of shape (pages + 1,), each page's first tag.
        bounds: int64 array of shape (pages + 1,), each page's first line.
    """
    # Only what can be seen is numbered, and each link.
    unseen = scope.unseen | shown.within
    numbers = (tags.starting & (~unseen | (tags.names == LINK))).cumsum()
    before = numbers.take(firsts[:-1] - 1).repeat(np.diff(bounds))
    blocks = nearest(elements, KINDS.layouts.take(tags.kinds) == _BLOCK, tags.up)
    kinds = KINDS.tags.take(tags.kinds)
    return Places(
        elements,
        scope.bits.take(elements),
        numbers.take(blocks) - before,
        kinds.take(nearest(elements, kinds > 0, tags.up)),
        tags.depth.take(elements),
    )


def _read_names(
    source: Source, attributes: Attributes, ancestors: Ints, strings: Strings, count: int
) -> Ints:
    """Return the number of the class, id and the like of each element that is an ancestor."""
    names = np.zeros(count, dtype=np.int64)
    asked = np.zeros(count, dtype=np.bool_)
    asked[ancestors.ravel()] = True
    taken = are_names(source, attributes) & asked.take(attributes.tags)
    tags = attributes.tags.compress(taken)
    if len(tags):
        # Each with the quote after it, which makes way for a space where another one follows.
        runs = Runs(attributes.begins.compress(taken), attributes.ends.compress(taken) + 1)
        octets = gather(source.octets, runs)
        first = changes(tags)
        quotes = (runs.ends - runs.begins).cumsum() - 1
        octets[quotes[:-1].compress(~first[1:])] = SPACE
        values = octets.tobytes().split(b'"')[:-1]
        names[tags.compress(first)] = numbers_of(strings, values)
    return names


def _read_links(
    source: Source,
    tags: Tags,
    attributes: Attributes,
    scope: Scope,
    pieces: Pieces,
    texts: Sequence[str],
    strings: Strings,
) -> Links:
    """Find the links in lines."""
    count = len(texts)
    inside = (pieces.bits & _LINK) != 0
    link = nearest(pieces.elements.compress(inside), scope.links, tags.up)
    line = pieces.lines.compress(inside)
    first = changes(line)
    counts = np.bincount(line.compress(first | changes(link)), minlength=count)
    # Most lines with links are one from end to end.
    others = np.bincount(pieces.lines.compress(~inside | pieces.apart), minlength=count)
    mixed = inside & (others > 0).take(pieces.lines)
    characters = _measure(source, pieces, mixed, count)
    alone = line.compress(first)
    alone = alone.compress(others.take(alone) == 0)
    characters[alone] = [len(texts[i]) for i in alone.tolist()]
    targets = np.zeros(count, dtype=np.int64)
    targets[line.compress(first)] = _read_addresses(
        source, attributes, link.compress(first), strings
    )
    return Links(characters, counts, targets)


def _measure(source: Source, pieces: Pieces, flags: Flags, count: int) -> Ints:
    """Return for each line how many characters some of its texts have, put together."""
    lengths = np.zeros(count, dtype=np.int64)
    if not flags.any():
        return lengths
    lines = pieces.lines.compress(flags)
    first = changes(lines)
    texts = fold_texts(source, pieces.runs.where(flags), first, np.zeros_like(first))
    lengths[lines.compress(first)] = [*map(len, texts)]
    return lengths


def _read_addresses(source: Source, attributes: Attributes, links: Ints, strings: Strings) -> Ints:
    """Return the numbers of the addresses of some links."""
    flags = named(source, attributes, "href")
    known = attributes.tags.compress(flags)
    at = np.searchsorted(known, links)
    lost = np.append(known, 0).take(at) != links
    if lost.any():
        # Drawings have another name for it.
        others = np.isin(attributes.tags, links.compress(lost))
        flags |= named(source, attributes, "xlink:href") & others
        at = np.searchsorted(attributes.tags.compress(flags), links)
    begins, ends = attributes.begins.compress(flags), attributes.ends.compress(flags)
    runs = Runs(begins.take(at), ends.take(at) + 1)
    values = gather(source.octets, runs).tobytes().split(b'"')[:-1]
    for i in (runs.ends - runs.begins > HREF_REACH).nonzero()[0].tolist():
        kept = decoded(values[i])[:HREF_REACH].encode("utf-8", "surrogatepass")
        values[i] = kept.replace(b"&", b"&amp;")
    return numbers_of(strings, values)


def _read_titles(source: Source, tags: Tags, titles: Ints, firsts: Ints) -> list[str]:
    """Return each page's title, white space folded; may be empty."""
    found = [""] * (len(firsts) - 1)
    pages = np.searchsorted(firsts, titles, side="right") - 1
    begins, ends = tags.ends.take(titles) + 1, tags.starts.take(titles + 1)
    columns = (pages, begins, ends)
    for page, begin, end in zip(*(column.tolist() for column in columns), strict=True):
        found[page] = found[page] or " ".join(decoded(source.data[begin:end]).split())
    return found
