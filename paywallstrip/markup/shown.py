"""What holds inside elements to texts: those that are shown, and what parts them."""

from typing import NamedTuple

import numpy as np

from paywallstrip.lines import Ints
from paywallstrip.markup.elements import KINDS, STRINGS, Bit, Layout
from paywallstrip.markup.scope import LINK, Scope
from paywallstrip.markup.tags import Flags, Source, Tags, ranges
from paywallstrip.markup.texts import Runs, are_blank

_LINE_FEED = 10
_INPUT, _FRACTION, _BREAK = STRINGS[b"input"], STRINGS[b"mfrac"], STRINGS[b"br"]
_UNSEEN, _HIDDEN, _PREFORMATTED = int(Bit.UNSEEN), int(Bit.HIDDEN), int(Bit.PREFORMATTED)
_TITLE, _SVG = int(Bit.TITLE), int(Bit.SVG)
_SPACED, _BLOCK = int(Layout.SPACED), int(Layout.BLOCK)
_FED = np.zeros(len(STRINGS), dtype=np.bool_)
_FED[[STRINGS[name] for name in (b"pre", b"listing", b"textarea")]] = True
"""The parser writes one more line feed before one that begins the text of these, in HTML."""


class Texts(NamedTuple):
    """Texts, in order; a line feed in preformatted text parts two of them.

    Attributes:
        tags: int64 array of shape (texts,), the tag before each.
        runs: where each begins and ends.
        fed: bool array of shape (texts,), whether a line feed parts it from what is before.
        last: bool array of shape (texts,), whether none follows before the next tag.
        whole: bool array of shape (texts,), whether none stands on either side.
    """

    tags: Ints
    runs: Runs
    fed: Flags
    last: Flags
    whole: Flags

    def where(self, flags: Flags) -> "Texts":
        """Return some of them."""
        tags, runs, *others = self
        kept = (values.compress(flags) for values in others)
        return Texts(tags.compress(flags), runs.where(flags), *kept)


class Shown(NamedTuple):
    """What a browser shows.

    Attributes:
        texts: the texts that are shown and not blank.
        lines: int64 array of shape (texts,), a number that rises from line to line.
        gaps: bool array of shape (tags,), whether a tag, or a blank text after it, parts words.
        within: bool array of shape (tags,), whether a tag stands inside of what is hidden in the
            midst of a line.
        titles: int64 array, the tags before texts of titles.
    """

    texts: Texts
    lines: Ints
    gaps: Flags
    within: Flags
    titles: Ints


def find_shown(source: Source, tags: Tags, scope: Scope) -> Shown:
    """Find what is shown."""
    titles, texts = _find_texts(source, tags, scope)
    blank = are_blank(source, texts.runs)
    breaks = _find_breaks(tags, scope)
    dropped, apart = _find_dropped(tags, scope, breaks, texts, blank)
    breaks[apart] = True
    within = np.zeros(len(breaks), dtype=np.bool_)
    if len(dropped):
        within = _flag_spans(dropped, len(breaks))
        breaks &= ~within
        breaks[dropped[:, 1]] = False
        kept = ~within.take(texts.tags)
        texts, blank = texts.where(kept), blank.compress(kept)
    # What is not read parts nothing either.
    unread = within | scope.unseen
    within[dropped[:, 0]] = False
    gaps = KINDS.layouts.take(tags.kinds.take(scope.owners)) == _SPACED
    fractions = tags.kinds == _FRACTION
    if fractions.any():
        gaps |= fractions.take(tags.up.take(scope.owners))
    gaps &= ~unread.take(scope.owners)
    gaps[_find_unseen_inputs(source, tags, scope)] = False
    gaps[texts.tags.compress(blank & texts.whole)] = True
    lines = breaks.cumsum().take(texts.tags)
    lines += texts.fed.cumsum()
    texts, lines = texts.where(~blank), lines.compress(~blank)
    gaps[_find_touching(tags, scope, texts, unread)] = True
    return Shown(texts, lines, gaps, within, titles)


def _find_texts(source: Source, tags: Tags, scope: Scope) -> tuple[Ints, Texts]:
    """Find the texts: the tags before those that are titles, and those that are shown."""
    begins = tags.ends + 1
    ends = np.append(tags.starts[1:], source.origins[-1])
    ends[0] = begins[0]
    feeds = _FED.take(tags.kinds) & (source.octets.take(begins) == _LINE_FEED)
    begins += feeds & (source.octets.take(begins + 1) == _LINE_FEED)
    at = (begins < ends).nonzero()[0]
    bits = scope.bits.take(tags.inner.take(at))
    titles = at.compress((bits & (_TITLE | _SVG)) == _TITLE)
    seen = (bits & _UNSEEN) == 0
    at, bits = at.compress(seen), bits.compress(seen)
    whole = np.ones(len(at), dtype=np.bool_)
    runs = Runs(begins.take(at), ends.take(at))
    texts = Texts(at, runs, ~whole, whole, whole)
    feeding = (bits & _PREFORMATTED) != 0
    return titles, _parted(source, texts, feeding) if feeding.any() else texts


def _parted(source: Source, texts: Texts, feeding: Flags) -> Texts:
    """Part some of the texts where they have line feeds; a part may be empty."""
    feeds = (source.octets == _LINE_FEED).nonzero()[0]
    first = np.searchsorted(feeds, texts.runs.begins)
    counts = np.where(feeding, np.searchsorted(feeds, texts.runs.ends) - first, 0)
    parts = counts + 1
    number = ranges(np.zeros_like(parts), parts)
    last = number == counts.repeat(parts)
    begins, ends = texts.runs.begins.repeat(parts), texts.runs.ends.repeat(parts)
    feed = first.repeat(parts) + number
    begins[number > 0] = feeds[feed[number > 0] - 1] + 1
    ends[~last] = feeds[feed[~last]]
    whole = (counts == 0).repeat(parts)
    return Texts(texts.tags.repeat(parts), Runs(begins, ends), number > 0, last, whole)


def _find_breaks(tags: Tags, scope: Scope) -> Flags:
    """Flag the tags that end the line before them."""
    inside = scope.bits.take(scope.owners)
    outside = scope.bits.take(tags.up.take(scope.owners))
    block = KINDS.layouts.take(tags.kinds.take(scope.owners)) == _BLOCK
    block &= (outside & _UNSEEN) == 0
    hidden = scope.hidden.nonzero()[0]
    block[hidden.compress(tags.names.take(hidden) == _BREAK)] = False
    # What is hidden is a line of its own, whatever element it stands in.
    flips = tags.closing & (((inside ^ outside) & _HIDDEN) != 0)
    flips &= (inside & _UNSEEN) == 0
    flags: Flags = block | flips
    return flags


def _find_dropped(
    tags: Tags, scope: Scope, breaks: Flags, texts: Texts, blank: Flags
) -> tuple[Ints, list[int]]:
    """Find what is hidden in the midst of a line: no part of that line.

    Returns:
        int64 array of shape (elements, 2): start and end tag of the outermost such elements. Then
        the start tags of those that end the line instead, since there are blocks of text in them.
    """
    hidden = (scope.hidden & tags.opening).nonzero()[0]
    inline = KINDS.layouts.take(tags.kinds.take(hidden)) != _BLOCK
    inline &= (scope.bits.take(tags.up.take(hidden)) & _UNSEEN) == 0
    hidden = hidden.compress(inline)
    if not len(hidden):
        return np.zeros((0, 2), dtype=np.int64), []
    # In the order of the page: a tag, the line feeds after it, the text after those.
    written = np.append(-1, 3 * texts.tags.compress(texts.last & ~blank) + 2)
    broken = np.append(3 * breaks.nonzero()[0], 3 * texts.tags.compress(~texts.last) + 1)
    broken.sort(kind="stable")
    closing = tags.closing.nonzero()[0]
    closes = np.zeros(len(breaks), dtype=np.int64)
    closes[tags.up.take(closing)] = closing
    columns = (
        hidden,
        closes.take(hidden),
        written.take(np.searchsorted(written, 3 * hidden) - 1),
        broken.take(np.searchsorted(broken, 3 * hidden) - 1),
        _have_blocks(tags, scope, closes, hidden, texts.tags.compress(~blank)),
    )
    found, apart, last = [], [-1], -1
    rows = zip(*(each.tolist() for each in columns), strict=True)
    for begin, end, text, line_end, blocks in rows:
        if begin < last:
            continue
        line_end = max(line_end, 3 * apart[-1])
        # With nothing since the last one but what is dropped with it, the line goes on.
        begun = text > line_end if max(text, line_end) > 3 * last else last >= 0
        if begun and blocks:
            apart.append(begin)
        elif begun:
            last = end
            found.append((begin, end))
    return np.array(found, dtype=np.int64).reshape(-1, 2), apart[1:]


def _have_blocks(tags: Tags, scope: Scope, closes: Ints, hidden: Ints, written: Ints) -> Flags:
    """Tell which hidden elements have blocks in them that hold text.

    Args:
        tags: the tags.
        scope: what holds inside their elements.
        closes: int64 array of shape (tags,), the end tag of each element.
        hidden: int64 array of shape (elements,).
        written: int64 array, the tags before texts.
    """
    blocks = (tags.opening & ((scope.bits & _HIDDEN) != 0)).nonzero()[0]
    blocks = blocks.compress(KINDS.layouts.take(tags.kinds.take(blocks)) == _BLOCK)
    held = np.searchsorted(written, closes.take(blocks)) > np.searchsorted(written, blocks)
    blocks = blocks.compress(held)
    flags: Flags = np.searchsorted(blocks, closes.take(hidden)) > np.searchsorted(blocks, hidden)
    return flags


def _flag_spans(spans: Ints, count: int) -> Flags:
    """Flag what lies in some spans, their begin included and their end not."""
    steps = np.zeros(count + 1, dtype=np.int8)
    steps[spans[:, 0]] += 1
    steps[spans[:, 1]] -= 1
    flags: Flags = steps[:-1].cumsum(dtype=np.int8) > 0
    return flags


def _find_unseen_inputs(source: Source, tags: Tags, scope: Scope) -> list[int]:
    """Find the inputs that take no room."""
    inputs = (tags.names == _INPUT).nonzero()[0]
    spans = zip(*(each.take(inputs).tolist() for each in (tags.starts, tags.ends)), strict=True)
    # Quotes inside a value are written as entities.
    typed = [b' type="hidden"' in source.data[begin:end].lower() for begin, end in spans]
    unseen = scope.hidden.take(inputs) | np.array(typed, dtype=np.bool_)
    found: list[int] = inputs.compress(unseen).tolist()
    if tags.opening.take(inputs).any():
        # In a drawing, it has an end tag.
        found += (tags.closing & (tags.names.take(tags.up) == _INPUT)).nonzero()[0].tolist()
    return found


def _find_touching(tags: Tags, scope: Scope, texts: Texts, unread: Flags) -> Ints:
    """Find the links that touch another one: two buttons more often than one word.

    Args:
        tags: the tags.
        scope: what holds inside their elements.
        texts: the texts that are shown.
        unread: bool array of shape (tags,), whether nothing of an element is read.
    """
    ending = tags.closing.nonzero()[0]
    ending = ending.compress(tags.names.take(tags.up.take(ending)) == LINK)
    element = tags.up.take(ending)
    # An empty one without an address is a mark in the text.
    known = np.searchsorted(texts.tags, ending) > np.searchsorted(texts.tags, element)
    known |= scope.links.take(element)
    known &= ~unread.take(element)
    ending, element = ending.compress(known), element.compress(known)
    links = np.sort(element)
    flips = (scope.bits.take(element) ^ scope.bits.take(tags.up.take(element))) & _HIDDEN
    ending = ending.compress(flips == 0)
    if not (len(ending) and len(texts.tags)):
        return links[:0]
    last_end = ending.take(np.searchsorted(ending, links) - 1, mode="clip")
    last_text = texts.tags.take(np.searchsorted(texts.tags, links) - 1, mode="clip")
    return links.compress((last_end < links) & (last_end > last_text))
