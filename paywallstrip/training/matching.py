"""Matching of the words of two outputs for the same page.

Lines that stand in both outputs once anchor the alignment. Between two anchors, sequences of
three words that are unique on both sides anchor it further, then single words; what is small
by then is compared by `difflib`. So the cost stays close to linear. Matches of a few stray words
are dropped, and lines that found no partner in order are looked up out of order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import NamedTuple, TypeVar

from paywallstrip import scoring

COVERED_FROM = 0.6  # a line of which less is matched has found no partner
UNMATCHED = -1

_ANCHOR_WORDS = 3  # length of the sequences that anchor a gap
_DEPTH = 12  # how often a gap is cut by anchors before it is left to difflib
_SMALL = 10_000  # words times words: so small a gap goes to difflib at once
_LARGE = 160_000  # a gap without anchors above this stays unmatched
_FAMILIAR = 4  # from so many words in a row on, a match is no accident
_LOOKED_UP = 0.5  # share of a line that a look-up must find

_T = TypeVar("_T", str, tuple[str, ...])


@dataclass(frozen=True)
class Text:
    """The words of a page's lines, numbered through.

    Attributes:
        words: all words. A line without any has one: itself without its white space.
        line_of: the line of each word.
        firsts: first word of each line, and the number of words at the end.
    """

    words: list[str]
    line_of: list[int]
    firsts: list[int]

    @classmethod
    def of(cls, lines: Sequence[str]) -> Text:
        """Split lines into words.

        Args:
            lines: the lines.

        Returns:
            Their words, those that body scores compare.
        """
        words: list[str] = []
        line_of: list[int] = []
        firsts = [0]
        for number, line in enumerate(lines):
            found = scoring.words(line) or ["".join(line.split())]
            words += found
            line_of += [number] * len(found)
            firsts.append(len(words))
        return cls(words, line_of, firsts)

    @cached_property
    def sizes(self) -> list[int]:
        """Characters of each line, those in its words."""
        return [sum(map(len, self.words[start:end])) for start, end in self.spans()]

    @cached_property
    def keys(self) -> list[str]:
        """What two equal lines have in common."""
        return [" ".join(self.words[start:end]) for start, end in self.spans()]

    def spans(self) -> Iterator[tuple[int, int]]:
        """First word and the one after the last, line by line."""
        return zip(self.firsts, self.firsts[1:], strict=False)


class _Gap(NamedTuple):
    """A stretch of words on both sides in which nothing is matched yet."""

    start: int
    end: int
    other_start: int
    other_end: int
    depth: int

    @property
    def is_empty(self) -> bool:
        return self.start >= self.end or self.other_start >= self.other_end

    @property
    def is_leading(self) -> bool:
        return not self.start or not self.other_start

    @property
    def area(self) -> int:
        return (self.end - self.start) * (self.other_end - self.other_start)


def found_characters(text: Text, matched: list[int], start: int, end: int) -> int:
    """Count the characters of a stretch's words that are matched.

    Args:
        text: the text.
        matched: what `match` gave for it as its target.
        start, end: first word of the stretch, and the one after its last.

    Returns:
        Characters.
    """
    return sum(len(text.words[i]) for i in range(start, end) if matched[i] != UNMATCHED)


def match(source: Text, target: Text, *, reuse: bool) -> list[int]:
    """Find for each word of one text the word of another that it is.

    Args:
        source, target: two converters' outputs for the same page.
        reuse: whether a word of `source` may stand for several of `target`.

    Returns:
        For each word of `target` the index of a word in `source`, or -1.
    """
    matched = _match_in_order(source, target)
    _drop_stray(source, target, matched)
    _look_up(source, target, matched, reuse=reuse)
    return matched


def _match_in_order(source: Text, target: Text) -> list[int]:
    matched = [UNMATCHED] * len(target.words)
    start = other_start = 0
    gaps: list[_Gap] = []
    for line, other in _common_lines(source, target):
        first, other_first = source.firsts[line], target.firsts[other]
        gaps.append(_Gap(start, first, other_start, other_first, 0))
        start, other_start = source.firsts[line + 1], target.firsts[other + 1]
        matched[other_first:other_start] = range(first, start)
    gaps.append(_Gap(start, len(source.words), other_start, len(target.words), 0))
    while gaps:
        gap = gaps.pop()
        if not gap.is_empty:
            gaps += _fill(source.words, target.words, gap, matched)
    return matched


def _common_lines(source: Text, target: Text) -> list[tuple[int, int]]:
    """Pair lines that both sides have once, so that most characters are paired in order."""
    return _heaviest(
        [
            (line, other, source.sizes[line])
            for line, other in _common_items(source.keys, target.keys)
        ]
    )


def _common_items(items: Sequence[_T], others: Sequence[_T]) -> list[tuple[int, int]]:
    """Positions of the items that occur once on both sides, in the order of `items`."""
    places: dict[_T, int] = {}
    for place, item in enumerate(items):
        places[item] = UNMATCHED if item in places else place
    pairs: dict[_T, tuple[int, int]] = {}
    repeated: set[_T] = set()
    for other, item in enumerate(others):
        place = places.get(item, UNMATCHED)
        if place != UNMATCHED:
            if item in pairs:
                repeated.add(item)
            pairs[item] = (place, other)
    return sorted(pair for item, pair in pairs.items() if item not in repeated)


def _heaviest(pairs: Sequence[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """Choose pairs that rise on both sides so that their weights sum up to the most.

    `pairs` are sorted by their first number, each of which occurs once.
    """
    # Chains that end at a higher number are worth keeping only if they weigh more.
    ends: list[int] = []
    weights: list[int] = []
    chain: list[int] = []
    before: list[int] = []
    for index, (_, other, weight) in enumerate(pairs):
        at = bisect_left(ends, other)
        before.append(chain[at - 1] if at else UNMATCHED)
        total = weight + (weights[at - 1] if at else 0)
        until = at
        while until < len(ends) and weights[until] <= total:
            until += 1
        if until == at and at < len(ends) and ends[at] == other:
            continue
        ends[at:until], weights[at:until], chain[at:until] = [other], [total], [index]
    chosen: list[tuple[int, int]] = []
    index = chain[-1] if chain else UNMATCHED
    while index != UNMATCHED:
        chosen.append(pairs[index][:2])
        index = before[index]
    return chosen[::-1]


def _fill(words: list[str], others: list[str], gap: _Gap, matched: list[int]) -> list[_Gap]:
    """Match what is plain in a gap, and return the gaps that are left in it."""
    gap = _trim(words, others, gap, matched)
    if gap.is_empty:
        return []
    if gap.area > _SMALL and gap.depth < _DEPTH:
        anchors = _anchors(words, others, gap)
        if anchors:
            return _cut(gap, anchors, matched)
    if gap.area <= _LARGE:
        _compare(words, others, gap, matched)
    return []


def _trim(words: list[str], others: list[str], gap: _Gap, matched: list[int]) -> _Gap:
    """Match the equal words at both ends of a gap."""
    start, end, other_start, other_end, depth = gap

    def trim_end() -> None:
        nonlocal end, other_end
        while end > start and other_end > other_start and words[end - 1] == others[other_end - 1]:
            end, other_end = end - 1, other_end - 1
            matched[other_end] = end

    # Before the first anchor, the nearer to the anchor the likelier: a headline that the menu
    # repeats is the one above its article.
    if gap.is_leading:
        trim_end()
    while start < end and other_start < other_end and words[start] == others[other_start]:
        matched[other_start] = start
        start, other_start = start + 1, other_start + 1
    trim_end()
    return _Gap(start, end, other_start, other_end, depth)


def _anchors(words: list[str], others: list[str], gap: _Gap) -> list[tuple[int, int]]:
    """Find words of a gap that are matched beyond doubt: by their sequence, else by themselves."""
    here = words[gap.start : gap.end]
    there = others[gap.other_start : gap.other_end]
    sequences = [
        list(zip(*(side[shift:] for shift in range(_ANCHOR_WORDS)), strict=False))
        for side in (here, there)
    ]
    common = _common_items(*sequences) or _common_items(here, there)
    weighted = [(place, other, len(here[place])) for place, other in common]
    return [(gap.start + place, gap.other_start + other) for place, other in _heaviest(weighted)]


def _cut(gap: _Gap, anchors: list[tuple[int, int]], matched: list[int]) -> list[_Gap]:
    """Match the anchors of a gap and return the gaps between them."""
    gaps = []
    start, other_start = gap.start, gap.other_start
    for place, other in anchors:
        matched[other] = place
        gaps.append(_Gap(start, place, other_start, other, gap.depth + 1))
        start, other_start = place + 1, other + 1
    gaps.append(_Gap(start, gap.end, other_start, gap.other_end, gap.depth + 1))
    return [each for each in gaps if not each.is_empty]


def _compare(words: list[str], others: list[str], gap: _Gap, matched: list[int]) -> None:
    """Match the longest common runs of a small gap."""
    here = words[gap.start : gap.end]
    there = others[gap.other_start : gap.other_end]
    if gap.is_leading:  # see `_trim`: of two equal runs, difflib takes the first
        here.reverse()
        there.reverse()
    matcher = SequenceMatcher(None, here, there, autojunk=False)
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            place, other = block.a + step, block.b + step
            if gap.is_leading:
                matched[gap.other_end - 1 - other] = gap.end - 1 - place
            else:
                matched[gap.other_start + other] = gap.start + place


def _drop_stray(source: Text, target: Text, matched: list[int]) -> None:
    """Unmatch words of two lines that share nothing but a few stray words."""
    sizes: dict[tuple[int, int], int] = defaultdict(int)
    familiar: set[tuple[int, int]] = set()
    found, other_found = [0] * len(source.sizes), [0] * len(target.sizes)
    before: tuple[int, int] | None = None
    run = length = 0
    for other, place in enumerate(matched):
        if place == UNMATCHED:
            before = None
            continue
        pair = source.line_of[place], target.line_of[other]
        size = len(target.words[other])
        goes_on = pair == before and matched[other - 1] == place - 1
        run, length = (run + 1, length + size) if goes_on else (1, size)
        # Four characters in a row are an accident in scripts where each is a word.
        if run >= _FAMILIAR and length >= _FAMILIAR * 2:
            familiar.add(pair)
        before = pair
        sizes[pair] += size
        found[pair[0]] += size
        other_found[pair[1]] += size

    def is_stray(pair: tuple[int, int]) -> bool:
        if pair in familiar:
            return False
        size, other_size = source.sizes[pair[0]], target.sizes[pair[1]]
        is_whole = 2 * sizes[pair] >= min(size, other_size)
        # A short line in a long one: the rest of the long one must be there, too.
        has_rest = 2 * found[pair[0]] >= size and 2 * other_found[pair[1]] >= other_size
        return not (is_whole and has_rest)

    stray = {pair for pair in sizes if is_stray(pair)}
    for other, place in enumerate(matched):
        if place != UNMATCHED and (source.line_of[place], target.line_of[other]) in stray:
            matched[other] = UNMATCHED


def _look_up(source: Text, target: Text, matched: list[int], *, reuse: bool) -> None:
    """Match lines that found no partner in order with equal or nearly equal ones anywhere."""
    missing = [
        line
        for line, (start, end) in enumerate(target.spans())
        if found_characters(target, matched, start, end) < COVERED_FROM * target.sizes[line]
    ]
    if not missing:
        return
    used = set(matched)
    by_key: dict[str, list[int]] = defaultdict(list)
    for line in range(len(source.keys) - 1, -1, -1):  # so that pop() gives the first
        if used.isdisjoint(range(source.firsts[line], source.firsts[line + 1])):
            by_key[source.keys[line]].append(line)
    if reuse:
        for line, key in enumerate(source.keys):
            by_key[key] = by_key[key] or [line]
    rest = []
    for line in missing:
        found = by_key.get(target.keys[line])
        if found:
            place = source.firsts[found[-1] if reuse and len(found) == 1 else found.pop()]
            start, end = target.firsts[line], target.firsts[line + 1]
            matched[start:end] = range(place, place + end - start)
            used.update(matched[start:end])
        else:
            rest.append(line)
    _look_up_sequences(source, target, matched, rest, None if reuse else used)


def _look_up_sequences(
    source: Text, target: Text, matched: list[int], lines: list[int], used: set[int] | None
) -> None:
    """Match lines by their sequences of four words, wherever words that are not used stand."""
    if not lines:
        return
    taken: set[int] = set() if used is None else used
    places: dict[tuple[str, ...], int] = {}
    for place in range(len(source.words) - _FAMILIAR + 1):
        if taken.isdisjoint(range(place, place + _FAMILIAR)):
            places.setdefault(tuple(source.words[place : place + _FAMILIAR]), place)
    for line in lines:
        start, end = target.firsts[line], target.firsts[line + 1]
        before = matched[start:end]
        for other in range(start, end - _FAMILIAR + 1):
            place = places.get(tuple(target.words[other : other + _FAMILIAR]), UNMATCHED)
            if place != UNMATCHED and taken.isdisjoint(range(place, place + _FAMILIAR)):
                matched[other : other + _FAMILIAR] = range(place, place + _FAMILIAR)
        if found_characters(target, matched, start, end) < _LOOKED_UP * target.sizes[line]:
            matched[start:end] = before
        elif used is not None:
            used.update(matched[start:end])
