"""A look along the markup: what the text's stages said of the lines of one element.

As in `sequence`, probabilities come in whole 255ths, so that every sum is exact. Grades and
pairs of them fit into bytes.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from paywallstrip.features import Reading
from paywallstrip.labels import CONTENT, LABELS
from paywallstrip.lines import Ints
from paywallstrip.markup.elements import TAGS
from paywallstrip.markup.families import CLIMBS, GRADES, LINK_EDGES, PEERS, SIDE_EDGES
from paywallstrip.markup.features import MarkupReading, last_heading, main_element
from paywallstrip.markup.tree import Groups, climbs
from paywallstrip.measures import Values, bin_look_up, look_up, percent
from paywallstrip.sequence import ONE, ROUGH
from paywallstrip.windows import running

_PAIRED = 3
"""So many elements around a line are paired with the line's own probability."""
_BODY_FROM = 60
"""Lines whose probability of content is lower, in 255ths, are no part of the body's mass."""
_SURE_FROM = 128
"""Lines with a label's probability from here on, in 255ths, are counted as likely to have it."""
_ROUGH = bin_look_up(ROUGH)
_LINKED = bin_look_up(LINK_EDGES)
_SIDES = bin_look_up(SIDE_EDGES)


def around_values(reading: Reading, markup: MarkupReading, shares: NDArray[np.uint8]) -> Values:
    """Measure the text's answers in the elements around every line.

    Args:
        reading: the batch as the text's stages read it.
        markup: its markup.
        shares: uint8 array of shape (lines, labels), probabilities in 255ths.

    Returns:
        Whole numbers for each family of `families.around_measures`, by name, with the
        lines last.
    """
    by_label = np.ascontiguousarray(shares.T)
    own = by_label.astype(np.int64)
    grades = look_up(_ROUGH, by_label)
    peers = np.concatenate([_peer_means(own, markup.kinds[peer]) for peer in PEERS])
    sums = running(own)
    groups = _group_means(own, sums, markup.groups)
    best = own.argmax(axis=0)
    linked = look_up(_LINKED, markup.linked)
    return {
        "p-peers": peers,
        "p-peers-paired": _paired(grades, peers),
        "p-group": groups,
        "p-group-paired": _paired(grades, groups[: _PAIRED * len(LABELS)]),
        "p-inside": ((grades[:, None] + 1) * markup.inside).reshape(
            len(grades) * len(markup.inside), len(best)
        ),
        "best-tag": best * len(TAGS) + markup.tags,
        "p-linked": grades * (len(LINK_EDGES) + 1) + linked,
        **_heading_values(reading, markup, grades),
        **_mass_values(reading, markup, own[CONTENT]),
        "p-sides": _sides(sums, markup.groups),
        "sure": _sure_others(own, markup.groups),
    }


def _peer_means(own: Ints, numbers: Ints) -> Ints:
    """Average the other lines with the same number; a line without any stands for them."""
    others = np.bincount(numbers).take(numbers) - 1
    sums = np.stack([np.bincount(numbers, row).astype(np.int64).take(numbers) for row in own])
    return np.where(others > 0, (sums - own) // np.maximum(others, 1), own)


def _group_means(own: Ints, sums: Ints, groups: Groups) -> Ints:
    """Average the other lines of each element around a line, element by element."""
    others = groups.ends - groups.starts - 1
    means = _other_sums(own, sums, groups) // np.maximum(others, 1)
    return _by_element(np.where(others > 0, means, own[:, None]))


def _sure_others(own: Ints, groups: Groups) -> Ints:
    """Count the other lines of each element around a line that are likely to have each label."""
    sure = own >= _SURE_FROM
    return _by_element(_other_sums(sure, running(sure), groups))


def _other_sums(own: NDArray[Any], sums: Ints, groups: Groups) -> Ints:
    """Sum the other lines of each element around a line, from the running sums of all lines."""
    held = sums.take(groups.ends, axis=1) - sums.take(groups.starts, axis=1)
    others: Ints = held - own[:, None]
    return others


def _by_element(found: Ints) -> Ints:
    """Turn an array of shape (labels, elements, lines) into rows, element by element."""
    labels, elements, count = found.shape
    # Sizes in full: of no lines at all, numpy could not tell the first one.
    return found.transpose(1, 0, 2).reshape(labels * elements, count)


def _paired(grades: NDArray[np.uint8], means: Ints) -> NDArray[np.uint8]:
    """Pair each label's grade with the grade of its mean, for every set of means."""
    pairs = np.tile(grades, (len(means) // len(grades), 1))
    pairs *= np.uint8(GRADES)
    pairs += look_up(_ROUGH, means)
    return pairs


def _heading_values(reading: Reading, markup: MarkupReading, grades: NDArray[np.uint8]) -> Values:
    """Tell what the text said of the last heading before the line."""
    last = last_heading(markup.headings, reading, markup.tree, itself=False)
    of_last = grades.take(last.line, axis=1) + 1
    return {"p-heading": of_last * last.known, "p-heading-around": of_last * last.around}


def _mass_values(reading: Reading, markup: MarkupReading, content: Ints) -> Values:
    """Place the line against the elements that hold the likely content."""
    size = np.maximum(reading.shape.size, 1)
    sums = running(np.where(content > _BODY_FROM, content * size // ONE, 0))
    _, low, high = reading.places
    total = sums.take(high) - sums.take(low)
    held = sums.take(markup.groups.ends) - sums.take(markup.groups.starts)
    depths, steps = climbs(markup.tree, sums, total, CLIMBS)
    side, _ = main_element(reading, markup.tree, depths[CLIMBS.index(50)], total)
    return {"p-mass": percent(held, total), "p-climb": steps, "p-main": side}


def _sides(sums: Ints, groups: Groups) -> NDArray[np.uint8]:
    """Pair what stands before an element with what follows it, inside of the next larger one."""
    pairs = []
    for k in (1, 2):
        inner, outer = (
            (groups.starts[k - 1], groups.ends[k - 1]),
            (groups.starts[k], groups.ends[k]),
        )
        before = _means(sums, outer[0], inner[0])
        after = _means(sums, inner[1], outer[1])
        pairs.append(look_up(_SIDES, before) * (len(SIDE_EDGES) + 1) + look_up(_SIDES, after))
    return np.concatenate(pairs)


def _means(sums: Ints, starts: Ints, ends: Ints) -> Ints:
    held = sums.take(ends, axis=1) - sums.take(starts, axis=1)
    return np.asarray(held // np.maximum(ends - starts, 1))
