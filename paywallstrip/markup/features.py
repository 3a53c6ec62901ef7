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
from paywallstrip.lines import Ints
from paywallstrip.markup.claims import claimed_values, title_values
from paywallstrip.markup.elements import LANDMARKS, TAGS
from paywallstrip.markup.families import (
    CLIMBS,
    GROUPS,
    HEADINGS,
    INSIDE,
    KINDS,
    LINKED_FROM,
    PLACES,
    PROFILE,
)
from paywallstrip.markup.lines import MarkupLines
from paywallstrip.markup.names import Names, joined_field, number_kinds, read_names
from paywallstrip.markup.targets import Targets, read_targets
from paywallstrip.markup.tree import (
    LEVELS,
    Groups,
    Tree,
    build_tree,
    climbs,
    find_groups,
    first_best,
)
from paywallstrip.measures import Values, percent
from paywallstrip.windows import Spans, distances, quotients, running

_BROAD = Spans.of(BROAD)
_P, _LI = TAGS.index("p"), TAGS.index("li")


def _marks(*names: str) -> int:
    return sum(1 << LANDMARKS.index(name) for name in names)


_EDGE = _marks("nav", "aside", "footer")
_BODY = _marks("main", "article")
_CONTROL = _marks("button", "form", "dialog")
_FRAME = _marks("nav", "header", "footer")


class MarkupReading(NamedTuple):
    """All that was computed of the markup of a batch of pages.

    Attributes:
        values: whole numbers for each binned family of `markup.families`.
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
    tags, headings = joined_field(pages, "tags"), joined_field(pages, "headings")
    if len(tags) != len(reading.coarse):
        raise ValueError(f"{len(reading.coarse)} lines of text, but {len(tags)} of markup")
    tree = build_tree(joined_field(pages, "depth"), joined_field(pages, "joined"), reading.places)
    groups = find_groups(tree, reading.places, GROUPS)
    length = np.maximum(reading.lines.tails - reading.lines.heads, 1)
    linked = np.minimum(percent(joined_field(pages, "link_characters"), length), 100)
    inside, landmarks = _inside(pages), joined_field(pages, "landmarks")
    kinds = {
        "tag": reading.lines.pages * len(TAGS) + tags,
        "path": number_kinds(joined_field(pages, "tag_paths"), reading),
        "classes": number_kinds(joined_field(pages, "class_paths"), reading),
        "parent": number_kinds(joined_field(pages, "parents"), reading),
    }
    targets = read_targets(reading, pages, linked)
    kinds |= targets.kinds
    masses = _masses(reading, linked)
    alike = _kind_values(kinds, masses)
    place = _places(landmarks, linked)
    heading = last_heading(headings, reading, tree, itself=True)
    cued = _opener_hits(reading)
    values = {
        "tag": tags,
        "tag-sized": tags,
        "linked": linked,
        "linked-sized": linked,
        "links": joined_field(pages, "links"),
        "inside": inside,
        "inside-sized": inside,
        "strong": np.minimum(percent(joined_field(pages, "strong_characters"), length), 100),
        "depth": tree.depth,
        "opened": np.maximum(tree.depth - np.maximum(tree.joined, 0), 0),
        **alike,
        "near": _near(reading, linked, tags, headings, alike, landmarks, targets),
        **targets.values,
        **_group_values(groups, masses, kinds["path"]),
        **_main_values(reading, tree, masses),
        **_heading_values(reading, headings, heading, cued),
        "cue-placed": cued * place.astype(np.uint8),
        **title_values(reading, tree, headings, pages),
        **claimed_values(reading, pages),
    }
    texts = reading.shape.hashes
    heads = np.where(heading.known, texts.take(heading.line), np.uint64(0)) + heading.around
    names = read_names(pages, texts, place, heads)
    return MarkupReading(values, names, tree, groups, kinds, tags, inside, linked, headings)


def _inside(pages: Sequence[MarkupLines]) -> NDArray[np.uint8]:
    marks, hidden = joined_field(pages, "landmarks"), joined_field(pages, "hidden")
    rows = (marks >> np.arange(len(LANDMARKS), dtype=np.uint16)[:, None]) & np.uint16(1)
    found = np.empty((len(INSIDE), len(marks)), np.uint8)
    found[:-1], found[-1] = rows, hidden
    return found


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
    targets: Targets,
) -> NDArray[Any]:
    """Average the lines around each line, in percent."""
    marks = {
        "p": tags == _P,
        "li": tags == _LI,
        "heading": headings > 0,
        "path": alike["path-count"] > 2,
        "classes": alike["classes-count"] > 2,
        "edge": (landmarks & _EDGE) > 0,
        "body": (landmarks & _BODY) > 0,
        **targets.near,
    }
    profile = np.empty((len(PROFILE), len(tags)), np.uint8)
    for row, name in zip(profile, PROFILE, strict=True):
        if name == "linked":
            row[:] = linked
        else:
            np.multiply(marks[name], np.uint8(100), out=row)
    limits = _BROAD.limits(reading.places)
    # No run of lines is so long that its sum would not fit.
    held = _BROAD.between(running(profile, np.uint16).take(limits, axis=1))
    means = quotients(held, _BROAD.sizes(reading.places, unit=1, width=1))
    # Sizes in full: of no lines at all, numpy could not tell the first one.
    return means.transpose(1, 0, 2).reshape(len(BROAD) * len(PROFILE), len(tags))


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


def _heading_values(
    reading: Reading, headings: NDArray[np.uint8], last: LastHeading, cued: NDArray[np.uint8]
) -> Values:
    """Measure distances to headings, and what the last one is and holds of `cued`."""
    _, low, high = reading.places
    levels = (headings == np.arange(1, len(HEADINGS))[:, None]) & (headings > 0)
    levels[-1] |= headings > len(HEADINGS) - 1
    before, after = distances(np.concatenate([[headings > 0], levels]), low, high)
    level = headings.take(last.line).astype(np.int64)
    found = cued.take(last.line, axis=1) & last.known
    return {
        "heading-before": before,
        "heading-after": after,
        "heading-level": np.where(last.known, np.where(last.around, level, level + 6), 0),
        "heading-cue": found * (last.around + np.uint8(1)),
    }


def _opener_hits(reading: Reading) -> NDArray[np.uint8]:
    """Return which lines hold a cue of each opening category, as (categories, lines)."""
    names = reading.categories
    hits = reading.cues.spread(reading.cues.counts, (len(reading.coarse), len(names)))
    found = np.zeros((len(OPENERS), len(reading.coarse)), np.uint8)
    for row, name in zip(found, OPENERS, strict=True):
        if name in names:
            row[:] = hits[:, names.index(name)] > 0
    return found


def _places(landmarks: NDArray[np.uint16], linked: Ints) -> Ints:
    """Return where each line stands, an index in `PLACES`."""
    in_link = linked >= LINKED_FROM
    place = np.where(in_link, PLACES.index("link"), PLACES.index("text"))
    edge = np.where(in_link, PLACES.index("edge link"), PLACES.index("edge"))
    place = np.where((landmarks & _FRAME) > 0, edge, place)
    return np.where((landmarks & _CONTROL) > 0, PLACES.index("control"), place)
