"""Markup to features: what the first stage sees of a line's place in the HTML.

As with the text's features, every measure is a whole number put into bins, and words of
classes, ids and addresses are hashed; nothing is a list of sites.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.families import BROAD, OPENERS
from paywallstrip.features import Reading
from paywallstrip.lines import Ints, split_lines
from paywallstrip.markup import MarkupLines
from paywallstrip.markup_elements import LANDMARKS, TAGS
from paywallstrip.markup_families import (
    BODY_EDGES,
    CLIMBS,
    GROUPS,
    HEADINGS,
    INSIDE,
    KINDS,
    PLACES,
    PROFILE,
    TITLE_EDGES,
)
from paywallstrip.markup_tree import (
    LEVELS,
    Groups,
    Tree,
    build_tree,
    climbs,
    find_groups,
    first_best,
)
from paywallstrip.measures import bin_look_up, look_up
from paywallstrip.surroundings import Values, percent
from paywallstrip.tokens import Hashes, TokenBatch, mix, pair_hashes, split_tokens
from paywallstrip.windows import as_rows, distances, running, spans_around

NAME_BITS = 17
NEAR_ANCESTORS = 3
"""The words of so many ancestors are hashed once more, as near ones."""
LEAST_BODY = 200
"""An `articleBody` shorter than this says nothing."""
HEADLINE_FROM = 4500
"""Product of the shares of a line's and the title's words in each other that make a headline."""
_TOP_HEADING = 2000
_PAGE_SALT = np.uint64(0x2545F4914F6CDD1D)
_P, _LI = TAGS.index("p"), TAGS.index("li")


def _marks(*names: str) -> int:
    return sum(1 << LANDMARKS.index(name) for name in names)


_EDGE = _marks("nav", "aside", "footer")
_BODY = _marks("main", "article")
_CONTROL = _marks("button", "form", "dialog")
_FRAME = _marks("nav", "header", "footer")
_LINKED_FROM = 50


class Names(NamedTuple):
    """Hashed columns of the words around the lines.

    Attributes:
        runs: pairs of int64 arrays: columns of words, and of shape (lines + 1,) the bounds of
            each line's words.
        single: int64 arrays of shape (lines,), one column a line.
    """

    runs: tuple[tuple[Ints, Ints], ...]
    single: tuple[Ints, ...]


class MarkupReading(NamedTuple):
    """All that was computed of the markup of a batch of pages.

    Attributes:
        values: whole numbers for each binned family of `markup_families`.
        names: the hashed columns.
        tree: the elements around each line.
        groups: the innermost of them that hold ever more lines.
        kinds: for each of `PEERS` an int64 array of shape (lines,): lines of a page that are
            of one kind have the same number.
        tags: uint8 array of shape (lines,).
        inside: uint8 array of shape (landmarks, lines), 0 or 1.
        linked: int64 array of shape (lines,), percent of a line's characters in links.
        headings: uint8 array of shape (lines,).
    """

    values: Values
    names: Names
    tree: Tree
    groups: Groups
    kinds: dict[str, Ints]
    tags: NDArray[np.uint8]
    inside: NDArray[np.uint8]
    linked: Ints
    headings: NDArray[np.uint8]


class Masses(NamedTuple):
    """What is summed over elements; int64 arrays of shape (lines + 1,), prefix sums.

    Attributes:
        size: characters.
        linked: characters in links.
        prose: characters in lines of running text outside links.
        total: int64 array of shape (lines,), the prose of each line's page.
    """

    size: Ints
    linked: Ints
    prose: Ints
    total: Ints


def read_features(reading: Reading, pages: Sequence[MarkupLines]) -> MarkupReading:
    """Measure the markup of some pages.

    Args:
        reading: their texts, as `FeatureExtractor.read` gives it.
        pages: the pages, as many as the texts.

    Returns:
        Whole numbers only, none of which depends on what else is in the batch.

    Raises:
        ValueError: if the pages have other lines than their texts.
    """
    tags, headings = _joined(pages, "tags"), _joined(pages, "headings")
    if len(tags) != len(reading.coarse):
        raise ValueError(f"{len(reading.coarse)} lines of text, but {len(tags)} of markup")
    tree = build_tree(_joined(pages, "depth"), _joined(pages, "joined"), reading.places)
    groups = find_groups(tree, reading.places, GROUPS)
    length = np.maximum(reading.lines.tails - reading.lines.heads, 1)
    linked = np.minimum(percent(_joined(pages, "link_characters"), length), 100)
    inside, landmarks = _inside(pages), _joined(pages, "landmarks")
    kinds = {
        "tag": _kinds(tags, reading),
        "path": _kinds(_joined(pages, "tag_paths"), reading),
        "classes": _kinds(_joined(pages, "class_paths"), reading),
        "parent": _kinds(_joined(pages, "parents"), reading),
    }
    masses = _masses(reading, linked)
    alike = _kind_values(kinds, masses)
    place = _places(landmarks, linked)
    heading = last_heading(headings, reading, tree, itself=True)
    values = {
        "tag": tags,
        "tag-sized": tags,
        "linked": linked,
        "linked-sized": linked,
        "links": _joined(pages, "links"),
        "inside": inside,
        "inside-sized": inside,
        "strong": np.minimum(percent(_joined(pages, "strong_characters"), length), 100),
        "depth": tree.depth,
        "opened": np.maximum(tree.depth - np.maximum(tree.joined, 0), 0),
        **alike,
        "near": _near(reading, linked, tags, headings, alike, landmarks),
        **_group_values(groups, masses, kinds["path"]),
        **_main_values(reading, tree, masses),
        **_heading_values(reading, headings, heading),
        "cue-placed": _opener_hits(reading) * place.astype(np.uint8),
        **_title_values(reading, tree, headings, pages),
        **_claimed_values(reading, pages),
    }
    names = _names(pages, reading.shape.hashes, place, heading)
    return MarkupReading(values, names, tree, groups, kinds, tags, inside, linked, headings)


def _joined(pages: Sequence[MarkupLines], field: str) -> NDArray[Any]:
    arrays = [getattr(page, field) for page in pages]
    return np.concatenate(arrays) if arrays else np.zeros(0, np.int64)


def _inside(pages: Sequence[MarkupLines]) -> NDArray[np.uint8]:
    marks, hidden = _joined(pages, "landmarks"), _joined(pages, "hidden")
    rows = (marks >> np.arange(len(LANDMARKS), dtype=np.uint16)[:, None]) & np.uint16(1)
    found = np.empty((len(INSIDE), len(marks)), np.uint8)
    found[:-1], found[-1] = rows, hidden
    return found


def _kinds(keys: NDArray[Any], reading: Reading) -> Ints:
    """Number the lines so that those of one page with the same key have one number."""
    salted = mix(keys.astype(np.uint64) + reading.lines.pages.astype(np.uint64) * _PAGE_SALT)
    return np.unique(salted, return_inverse=True)[1].reshape(-1)


def _masses(reading: Reading, linked: Ints) -> Masses:
    size = np.maximum(reading.shape.size, 1)
    prose = np.where(reading.shape.prose & (linked < 40), size, 0)
    sums = running(np.stack([size, size * linked // 100, prose]))
    _, low, high = reading.places
    total = sums[2].take(high) - sums[2].take(low)
    return Masses(sums[0], sums[1], sums[2], total)


def _kind_values(kinds: dict[str, Ints], masses: Masses) -> Values:
    """Count the lines that are like a line, and what they hold."""
    size, characters, prose = (np.diff(each) for each in masses[:3])
    counts, shares, densities = {}, {}, {}
    for name, numbers in kinds.items():
        counts[name] = np.bincount(numbers).take(numbers)
        # Whole numbers far below 2**53: exact as float64.
        held, in_links, everything = (
            np.bincount(numbers, each).astype(np.int64).take(numbers)
            for each in (prose, characters, size)
        )
        shares[name] = percent(held, masses.total)
        densities[name] = percent(in_links, everything)
    return {
        "path-count": counts["path"],
        "classes-count": counts["classes"],
        "kind-count": np.stack([counts[name] for name in KINDS]),
        "kind-mass": np.stack([shares[name] for name in KINDS]),
        "kind-linked": np.stack([densities[name] for name in KINDS]),
        "parent-count": counts["parent"],
        "parent-linked": densities["parent"],
    }


def _near(
    reading: Reading,
    linked: Ints,
    tags: NDArray[np.uint8],
    headings: NDArray[np.uint8],
    alike: Values,
    landmarks: NDArray[np.uint16],
) -> NDArray[Any]:
    """Average the lines around each line, in percent."""
    profile = np.empty((len(PROFILE), len(tags)), np.int64)
    profile[0] = linked
    profile[1] = tags == _P
    profile[2] = tags == _LI
    profile[3] = headings > 0
    profile[4] = alike["path-count"] > 2
    profile[5] = alike["classes-count"] > 2
    profile[6] = (landmarks & _EDGE) > 0
    profile[7] = (landmarks & _BODY) > 0
    profile[1:] *= 100
    _, low, high = reading.places
    spans = spans_around(BROAD, low, high)
    sums = running(profile)
    held = sums.take(spans.ends, axis=1) - sums.take(spans.begins, axis=1)
    return as_rows((held // np.maximum(spans.sizes, 1)).transpose(1, 0, 2))


def _group_values(groups: Groups, masses: Masses, path: Ints) -> Values:
    """Measure the elements around each line."""
    starts, ends = groups
    lines = ends - starts
    size, linked, prose = (each.take(ends) - each.take(starts) for each in masses[:3])
    same = np.zeros(len(path), np.int64)
    same[1:] = path[1:] == path[:-1]
    repeats = running(same)
    inner = np.minimum(starts + 1, len(path))
    return {
        "group-lines": lines,
        "group-linked": percent(linked, size),
        "group-prose": percent(prose, size),
        "group-mass": percent(prose, masses.total),
        "group-alike": percent(repeats.take(ends) - repeats.take(inner), lines - 1),
    }


def _main_values(reading: Reading, tree: Tree, masses: Masses) -> Values:
    """Place the line against the innermost element that holds half of the running text."""
    depths, steps = climbs(tree, masses.prose, masses.total, CLIMBS)
    side, below = main_element(reading, tree, depths[CLIMBS.index(50)], masses.total)
    return {"climb": steps, "main": side, "main-depth": below}


def main_element(reading: Reading, tree: Tree, depth: Ints, total: Ints) -> tuple[Ints, Ints]:
    """Place each line against its page's main element.

    Args:
        reading: the texts.
        tree: the elements.
        depth: int64 array of shape (lines,), depth of the innermost element around each line
            that holds half of the page's mass; the deepest of them is the main one.
        total: int64 array of shape (lines,), the mass of each line's page.

    Returns:
        Two int64 arrays of shape (lines,): 0 without mass, 1 before the main element, 2 in
        it, 3 after it; and how far below it the line lies, `LEVELS` outside.
    """
    at = reading.places.at
    line = first_best(depth, reading.lines.bounds).take(reading.lines.pages)
    level = depth.take(line)
    start, end = tree.starts[level, line], tree.ends[level, line]
    within = (at >= start) & (at < end)
    side = np.where(at < start, 1, np.where(within, 2, 3))
    below = np.where(within, np.maximum(tree.depth - level, 0), LEVELS)
    return np.where(total > 0, side, 0), below


class LastHeading(NamedTuple):
    """The last heading of each line's page before or at the line.

    Attributes:
        line: int64 array of shape (lines,), its line; the line itself if there is none.
        known: bool array of shape (lines,), whether there is one.
        around: bool array of shape (lines,), whether it shares an element with the line that
            lies up to two levels above it.
    """

    line: Ints
    known: NDArray[np.bool_]
    around: NDArray[np.bool_]


def last_heading(
    headings: NDArray[np.uint8], reading: Reading, tree: Tree, *, itself: bool
) -> LastHeading:
    """Find the last heading up to each line.

    Args:
        headings: uint8 array of shape (lines,), the level of each heading; else 0.
        reading: the texts.
        tree: the elements.
        itself: whether a heading is its own last one.
    """
    at, low, _ = reading.places
    last = np.maximum.accumulate(np.where(headings > 0, at, -1))
    if not itself:
        last = np.concatenate([[-1], last[:-1]])[: len(at)]
    known = last >= low
    last = np.where(known, last, at)
    level = np.maximum(tree.depth.take(last) - 2, 0)
    return LastHeading(last, known, known & (tree.ends[level, last] > at))


def _heading_values(reading: Reading, headings: NDArray[np.uint8], last: LastHeading) -> Values:
    """Measure distances to headings, and what the last one is."""
    _, low, high = reading.places
    levels = (headings == np.arange(1, len(HEADINGS))[:, None]) & (headings > 0)
    levels[-1] |= headings > len(HEADINGS) - 1
    before, after = distances(np.concatenate([[headings > 0], levels]), low, high)
    level = headings.take(last.line).astype(np.int64)
    found = _opener_hits(reading).take(last.line, axis=1) & last.known
    return {
        "heading-before": before,
        "heading-after": after,
        "heading-level": np.where(last.known, np.where(last.around, level, level + 6), 0),
        "heading-cue": found * (last.around + np.uint8(1)),
    }


def _opener_hits(reading: Reading) -> NDArray[np.uint8]:
    """Return which lines hold a cue of each opening category, as (categories, lines)."""
    names = reading.categories
    hits = reading.cues.spread(reading.cues.counts, (len(names), len(reading.coarse)))
    found = np.zeros((len(OPENERS), len(reading.coarse)), np.uint8)
    for row, name in zip(found, OPENERS, strict=True):
        if name in names:
            row[:] = hits[names.index(name)] > 0
    return found


def _places(landmarks: NDArray[np.uint16], linked: Ints) -> Ints:
    """Return where each line stands, an index in `PLACES`."""
    in_link = linked >= _LINKED_FROM
    place = np.where(in_link, PLACES.index("link"), PLACES.index("text"))
    edge = np.where(in_link, PLACES.index("edge link"), PLACES.index("edge"))
    place = np.where((landmarks & _FRAME) > 0, edge, place)
    return np.where((landmarks & _CONTROL) > 0, PLACES.index("control"), place)


def _title_values(
    reading: Reading, tree: Tree, headings: NDArray[np.uint8], pages: Sequence[MarkupLines]
) -> Values:
    """Compare lines with the title, and place them against the headline."""
    at, low, high = reading.places
    texts = [_one_line(f"{page.title} {page.hints.headline or ''}") for page in pages]
    found, size = _found_words(reading, reading.tokens.hashes, *_keys(texts, pairs=False))
    of_line = percent(found, reading.tokens.counts)
    of_title = np.minimum(percent(found, size), 100)
    grades = bin_look_up(TITLE_EDGES)
    pair = look_up(grades, of_line).astype(np.int64) * (len(TITLE_EDGES) + 1)
    score = of_line * of_title + _TOP_HEADING * (headings == 1)
    line = first_best(score, reading.lines.bounds).take(reading.lines.pages)
    known = score.take(line) >= HEADLINE_FROM
    is_headline = (line == at) & known
    before, after = distances(is_headline[None], low, high)
    shared = (tree.starts.take(line, axis=1) == tree.starts).sum(axis=0) - 1
    return {
        "title": np.stack([of_line, of_title]),
        "title-pair": pair + look_up(grades, of_title),
        "headline-before": np.where(is_headline, 0, before[0]),
        "headline-after": np.where(is_headline, 0, after[0]),
        "headline-climb": np.where(known, np.maximum(tree.depth - shared, 0), LEVELS),
    }


def _claimed_values(reading: Reading, pages: Sequence[MarkupLines]) -> Values:
    """Look lines up in the `articleBody` that the page claims."""
    count = len(reading.coarse)
    bodies = [_one_line(page.hints.article_body or "") for page in pages]
    known = np.array([len(body) >= LEAST_BODY for body in bodies], dtype=bool)
    claimed = np.zeros(count, np.int64)
    if known.any():
        texts = [body if take else "" for body, take in zip(bodies, known, strict=True)]
        found, _ = _found_words(reading, pair_hashes(reading.tokens), *_keys(texts, pairs=True))
        share = percent(found, reading.tokens.counts)
        claimed = np.where(
            known.take(reading.lines.pages), 1 + look_up(bin_look_up(BODY_EDGES), share), 0
        )
    states = [0 if page.hints.is_free is None else 1 + page.hints.is_free for page in pages]
    free = np.array(states, dtype=np.int64).take(reading.lines.pages)
    return {"claimed-body": claimed, "claimed-free": free}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _keys(texts: Sequence[str], *, pairs: bool) -> tuple[Hashes, Ints]:
    """Hash the words of some texts, with their text's number; also count each text's words."""
    batch = split_lines(texts)
    tokens: TokenBatch = split_tokens(batch)
    owners = batch.pages.take(tokens.lines)
    hashes = pair_hashes(tokens) if pairs else tokens.hashes
    keys = mix(hashes + owners.astype(np.uint64) * _PAGE_SALT)
    return np.unique(keys), np.bincount(owners, minlength=len(texts))


def _found_words(reading: Reading, hashes: Hashes, keys: Hashes, sizes: Ints) -> tuple[Ints, Ints]:
    """Count the words of each line that are among the keys; also return its text's size."""
    pages, tokens = reading.lines.pages, reading.tokens
    count = len(tokens.counts)
    if not len(keys):
        return np.zeros(count, np.int64), sizes.take(pages)
    own = mix(hashes + pages.take(tokens.lines).astype(np.uint64) * _PAGE_SALT)
    places = np.minimum(np.searchsorted(keys, own), len(keys) - 1)
    found = running(keys.take(places) == own)
    return found.take(tokens.bounds[1:]) - found.take(tokens.bounds[:-1]), sizes.take(pages)


def _names(pages: Sequence[MarkupLines], texts: Hashes, place: Ints, last: LastHeading) -> Names:
    """Hash the words of classes, ids and addresses, and what a line says where."""
    heads = np.where(last.known, texts.take(last.line), np.uint64(0))
    words, levels = _joined(pages, "words"), _joined(pages, "word_levels")
    bounds = _bounds([page.word_bounds for page in pages])
    near = levels < NEAR_ANCESTORS
    near_bounds = running(near).take(bounds)
    targets = _joined(pages, "target_words")
    target_bounds = _bounds([page.target_bounds for page in pages])
    return Names(
        (
            (name_column(words[near], 0), near_bounds),
            (name_column(words, 1), bounds),
            (name_column(targets, 2), target_bounds),
        ),
        (
            name_column(_joined(pages, "tag_paths"), 3),
            name_column(_joined(pages, "class_paths"), 4),
            name_column(texts + place.astype(np.uint64), 5),
            name_column(heads + last.around, 6),
        ),
    )


def _bounds(parts: Sequence[Ints]) -> Ints:
    """Join the bounds of each page's runs of words."""
    counts = [np.diff(part) for part in parts]
    found = np.zeros(1 + sum(map(len, counts)), np.int64)
    np.cumsum(np.concatenate(counts) if counts else [], out=found[1:])
    return found


def name_column(words: NDArray[Any], kind: int) -> Ints:
    """Return the hashed column of each word for one kind of place that it stands in."""
    salt = np.uint64(0x94D049BB133111EB * (kind + 1) % 2**64)
    salted = mix(words.astype(np.uint64) ^ salt)
    return (salted >> np.uint64(64 - NAME_BITS)).astype(np.int64)
