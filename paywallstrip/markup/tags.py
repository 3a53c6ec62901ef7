"""Written pages to tags: where each begins and ends, its element, and what it stands in.

All pages of a batch are cut at once. A comment counts as a tag that does nothing, as do a
document type and an instruction.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.lines import Ints
from paywallstrip.markup.elements import FOREIGN, KINDS, STRINGS
from paywallstrip.markup.octets import WIDTH, cut_before, octets_at, pack_octets

Flags = NDArray[np.bool_]
Octets = NDArray[np.uint8]
Strings = defaultdict[bytes, int]
"""Tags, names and addresses by their number; what is looked up is added with the next one."""

LESS, MORE, QUOTE = b'<>"'
_SLASH, _BANG, _QUERY, _DASH = b"/!?-"
HEAD = b"\0 " + bytes(WIDTH)
"""What stands before the pages: something to cut a gap out of, and room to look back."""
_TAIL = bytes(2 * WIDTH)

_NEAR = 32
"""So many elements around some others are gone through for all of them at once."""
_DRAWN = np.array([name in (b"svg", b"math") for name in STRINGS])
_ROOTS = _DRAWN | np.array([name == b"foreignObject" for name in STRINGS])
"""What begins a drawing or a formula, and what ends it for what stands in it."""

_SHORT = sorted(
    (pack_octets(name), number) for name, number in STRINGS.items() if 0 < len(name) < WIDTH
)
_KEYS = np.array([key for key, _ in _SHORT], dtype=np.uint64)
_NUMBERS = np.array([number for _, number in _SHORT])


class Source(NamedTuple):
    """Written pages, one after the other.

    Attributes:
        data: the bytes, between `HEAD` and a tail that is not theirs.
        octets: uint8 array, the same.
        origins: int64 array of shape (pages + 1,), where each page begins.
    """

    data: bytes
    octets: Octets
    origins: Ints


class Marks(NamedTuple):
    """The signs that tags are made of, in order.

    Attributes:
        at: int64 array of shape (signs,), where each stands.
        signs: uint8 array of shape (signs,): `<` and `>` where a tag begins and ends, a quote,
            or 0 for what is none of them.
    """

    at: Ints
    signs: Octets


class Tags(NamedTuple):
    """The tags in order, after an entry for the document itself; arrays of shape (tags,).

    Elements are numbered by their start tags.

    Attributes:
        starts: int64 array, where the tag begins.
        ends: int64 array, where its `>` stands.
        starting: bool array, whether it is a start tag.
        closing: bool array, whether it is an end tag.
        opening: bool array, whether an element is open after it that was not before.
        names: int64 array, number of a start tag's name in the strings, else 0.
        kinds: int64 array, the same as index into `KINDS`; 0 for what has another meaning there.
        up: int64 array, the innermost element open before it: a start tag's parent, the
            element that an end tag closes.
        inner: int64 array, the innermost element open after it.
        depth: int64 array, how many are open after it.
    """

    starts: Ints
    ends: Ints
    starting: Flags
    closing: Flags
    opening: Flags
    names: Ints
    kinds: Ints
    up: Ints
    inner: Ints
    depth: Ints


def new_strings() -> Strings:
    """Return `elements.STRINGS` as `Strings`."""
    return defaultdict(count(len(STRINGS)).__next__, STRINGS)


def numbers_of(strings: Strings, values: Sequence[bytes]) -> Ints:
    """Return the numbers of some tags, names or addresses, as an array of shape (values,)."""
    return np.fromiter(map(strings.__getitem__, values), np.int64, len(values))


def join_pages(pages: list[bytes]) -> Source:
    """Put written pages one after the other."""
    data = b"".join([HEAD, *pages, _TAIL])
    origins = np.cumsum([len(HEAD), *map(len, pages)])
    return Source(data, np.frombuffer(data, np.uint8), origins)


def find_marks(source: Source) -> Marks:
    """Find where tags begin and end, and the quotes."""
    octets = source.octets
    marked = octets == LESS
    marked |= octets == MORE
    marked |= octets == QUOTE
    at = marked.nonzero()[0]
    signs = octets.take(at)
    less = (signs == LESS).nonzero()[0]
    marks = Marks(at, signs)
    _leave_comments(source, marks, less)
    if np.count_nonzero(signs == LESS) > np.count_nonzero(signs == MORE):
        # A name, or a document type, holds a `<`.
        less, more = (signs == LESS).nonzero()[0], (signs == MORE).nonzero()[0]
        begins = np.searchsorted(less, np.concatenate([[0], more[:-1]]))
        signs[np.delete(less, begins)] = 0
    return marks


def _leave_comments(source: Source, marks: Marks, less: Ints) -> None:
    """Leave nothing of comments but their first and last sign."""
    at, signs = marks
    octets = source.octets
    # One sign after the other: few tags have the first.
    which = less.compress(octets.take(at.take(less) + 1) == _BANG)
    which = which.compress(octets.take(at.take(which) + 2) == _DASH)
    if not len(which):
        return
    more = at.compress(signs == MORE)
    more = more.compress(octets.take(more - 1) == _DASH)
    more = more.compress(octets.take(more - 2) == _DASH)
    if not len(more):
        return
    begins = at.take(which)
    ends = more.take(np.searchsorted(more, begins + len("<!---->") - 1), mode="clip")
    before = signs.take(which - 1)
    taken = _are_comments(source.data, begins, ends, before)
    lows, highs = np.searchsorted(at, [begins.compress(taken), ends.compress(taken)])
    signs[ranges(lows + 1, highs)] = 0


def _are_comments(data: bytes, begins: Ints, ends: Ints, before: NDArray[np.uint8]) -> Flags:
    """Flag the comments among what looks so: others stand in another one, or in a tag.

    Args:
        data: the pages.
        begins: int64 array of shape (candidates,), where each begins.
        ends: int64 array of shape (candidates,), its last sign.
        before: uint8 array of shape (candidates,), the last mark before each.
    """
    tops = np.maximum.accumulate(ends)
    apart = np.ones(len(begins) + 1, dtype=np.bool_)
    np.greater_equal(begins[1:], tops[:-1], out=apart[1:-1])
    # Nearly all stand behind a tag, and apart from each other.
    taken: Flags = apart[:-1] & apart[1:] & (before == MORE)
    tops = np.maximum.accumulate(np.where(taken, ends, 0))
    last = 0
    for i in (~taken).nonzero()[0].tolist():
        begin, last = int(begins[i]), max(last, int(tops[i]))
        if begin < last:
            continue
        # In a tag, it is part of an attribute's name; in a text there may be quotes before it.
        if before[i] != MORE:
            opened = data.rfind(b"<", last, begin)
            if opened >= 0 and data.find(b">", opened, begin) < 0:
                continue
        taken[i], last = True, int(ends[i])
    return taken


def narrowed(depth: Ints) -> NDArray[Any]:
    """Return depths in two bytes, where they fit: sorted several times as fast."""
    return depth.astype(np.uint16) if depth.max(initial=0) < 1 << 16 else depth


def changes(values: Ints) -> Flags:
    """Flag the values that differ from the one before; the first one does."""
    flags = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=flags[1:])
    return flags


def ranges(begins: Ints, ends: Ints) -> Ints:
    """Return the numbers from each of some to another, one range after the other."""
    sizes = ends - begins
    tops = sizes.cumsum()
    numbers = np.arange(int(tops[-1]) if len(tops) else 0)
    numbers += (ends - tops).repeat(sizes)
    return numbers


def find_tags(source: Source, marks: Marks, strings: Strings) -> Tags:
    """Tell the tags apart, and find what each stands in."""
    document = np.zeros(1, dtype=np.int64)
    starts = np.concatenate([document, marks.at.compress(marks.signs == LESS)])
    ends = np.concatenate([document, marks.at.compress(marks.signs == MORE)])
    second = source.octets.take(starts + 1)
    closing = second == _SLASH
    starting = ~closing & (second != _BANG) & (second != _QUERY)
    starting[0] = False
    names = np.zeros(len(starts), dtype=np.int64)
    at = starting.nonzero()[0]
    names[at] = _read_names(source, starts.take(at) + 1, ends.take(at), strings)
    kinds = names
    if len(strings) > len(STRINGS):
        kinds = np.where(names < len(STRINGS), names, 0)
    empty = KINDS.empty.take(kinds)
    opening, depth = _count_open(starting & ~empty, closing)
    if depth[np.searchsorted(starts, source.origins[1:]) - 1].any():
        _fill_foreign(source, starts, ends, starting, empty)
        opening, depth = _count_open(starting & ~empty, closing)
    inner = _innermost(opening, depth)
    up = np.concatenate([document, inner[:-1]])
    kinds = _of_pages(kinds, up)
    return Tags(starts, ends, starting, closing, opening, names, kinds, up, inner, depth)


def _read_names(source: Source, begins: Ints, ends: Ints, strings: Strings) -> Ints:
    """Return the numbers of the names of some tags."""
    keys, whole = cut_before(octets_at(source.octets, begins), b" ", b">")
    at = np.searchsorted(_KEYS, keys)
    known = whole & (_KEYS.take(at, mode="clip") == keys)
    names = _NUMBERS.take(at, mode="clip")
    data = source.data
    others = (~known).nonzero()[0]
    spans = zip(begins[others].tolist(), ends[others].tolist(), strict=True)
    found = [data[begin:end].split(b" ", 1)[0] for begin, end in spans]
    # Names have no entities, unlike all else among the strings.
    names[others] = numbers_of(strings, [name.replace(b"&", b"&amp;") for name in found])
    return names


def _count_open(opening: Flags, closing: Flags) -> tuple[Flags, Ints]:
    """Return which tags open an element, the document first, and how many are open after each."""
    steps = opening.view(np.int8) - closing.view(np.int8)
    opening[0] = True
    return opening, steps.cumsum(dtype=np.int64)


def _fill_foreign(source: Source, starts: Ints, ends: Ints, starting: Flags, empty: Flags) -> None:
    """Find the elements that are empty in HTML, but not as these are, in drawings and formulas."""
    data = source.data
    open_tags: list[tuple[int, bytes]] = []
    for tag, (begin, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        name = data[begin + 1 : end].split(b" ", 1)[0]
        if starting[tag]:
            open_tags.append((tag, name))
        elif name.startswith(b"/"):
            while open_tags:
                opened, above = open_tags.pop()
                if above == name[1:]:
                    empty[opened] = False
                    break


def _innermost(opening: Flags, depth: Ints) -> Ints:
    """Return the innermost element that is open after each tag."""
    # Of those with as many elements open, each has the one that the last of them opened.
    order = narrowed(depth).argsort(kind="stable")
    opened = opening.take(order)
    inner = np.empty(len(order), dtype=np.int64)
    inner[order] = order.compress(opened).take(opened.cumsum() - 1)
    return inner


def _of_pages(kinds: Ints, up: Ints) -> Ints:
    """Take the elements of drawings and formulas that stand in neither for any others."""
    odd = (kinds >= FOREIGN).nonzero()[0]
    if not len(odd):
        return kinds
    around = nearest(up.take(odd), _ROOTS.take(kinds), up)
    plain = odd.compress(~_DRAWN.take(kinds.take(around)))
    kinds = kinds.copy()
    kinds[plain] = 0
    return kinds


def nearest(elements: Ints, flags: Flags, up: Ints) -> Ints:
    """Return the innermost flagged element around each; 0, the document, if there is none."""
    found = elements.copy()
    todo = np.arange(len(found))
    for _ in range(_NEAR):
        inside = found.take(todo)
        todo = todo.compress(~flags.take(inside) & (inside > 0))
        if not len(todo):
            return found
        found[todo] = up.take(found.take(todo))
    # Nobody writes pages like this: twice as far up in each step, for all elements.
    above = np.where(flags, np.arange(len(up)), up)
    while True:
        further = above.take(above)
        if np.array_equal(further, above):
            break
        above = further
    found[todo] = above.take(found.take(todo))
    return found
