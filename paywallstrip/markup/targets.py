"""Where the links of a page lead, and what that says of its lines.

A line belongs to the address of its first link. A headline of another piece leads to an address
that holds its own words, a menu item to a short one, a button to another site; what leads to
one place makes up one card.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.features import Reading
from paywallstrip.lines import Ints
from paywallstrip.markup.addresses import KINDS
from paywallstrip.markup.families import DIGITS, LINKED_FROM, NAMED, PARTS
from paywallstrip.markup.lines import MarkupLines
from paywallstrip.markup.names import joined_bounds, joined_field, number_kinds
from paywallstrip.measures import Values, bin_look_up, look_up, percent
from paywallstrip.windows import running

_NAMED_FROM = 50
"""Percent of a line's words that its address must have to name the line."""
_LONG_NAME = 4
"""So many parts of an address's end are a title more often than a section."""
_FOREIGN = 20
"""A site that fewer percent of the page's links lead to is another one."""
_ONE, _BITS = np.uint64(1), np.uint64(63)
_SHIFTS = (np.uint64(0), np.uint64(7))
_HALF = np.uint64(32)


class Targets(NamedTuple):
    """What is known of the addresses that lines lead to.

    Attributes:
        values: whole numbers for the families of `markup.families` that are about addresses.
        kinds: lines of a page with the same address, and with one of the same build and site,
            numbered as by `number_kinds`.
        near: what lines are averaged over, bool arrays of shape (lines,): `slug` a long name,
            `foreign` another site, `repeat` an address that other lines have too, `named` one
            that holds half of the line's words.
    """

    values: Values
    kinds: dict[str, Ints]
    near: dict[str, NDArray[np.bool_]]


def read_targets(reading: Reading, pages: Sequence[MarkupLines], linked: Ints) -> Targets:
    """Measure where the lines lead.

    Args:
        reading: the pages' texts.
        pages: the pages.
        linked: int64 array of shape (lines,), percent of a line's characters in links.
    """
    kind, depth, digits, parts = (
        joined_field(pages, f"target_{name}").astype(np.int64)
        for name in ("kinds", "depths", "digits", "parts")
    )
    hosts = joined_field(pages, "target_hosts").astype(np.int64)
    led = kind > 0
    inside = led & (linked >= LINKED_FROM)
    same = number_kinds(joined_field(pages, "targets"), reading)
    repeats = np.bincount(same).take(same)
    host = _host_shares(reading, number_kinds(hosts * 2 + led, reading), led)
    named, names = _named(reading, pages)
    build = look_up(bin_look_up(PARTS), parts).astype(np.int64)
    shape = (kind * (len(PARTS) + 1) + build) * (len(DIGITS) + 1)
    shape += look_up(bin_look_up(DIGITS), digits)
    values = {
        "target-kind": np.where(inside, kind, len(KINDS) * led),
        "target-parts": parts * inside,
        "target-depth": depth * inside,
        "target-digits": digits * inside,
        "target-shape": shape * inside,
        "target-repeats": repeats * inside,
        "target-longest": _longest(same, reading.coarse) * inside,
        "target-host": host * inside,
        "target-overlap": np.stack([named, names]) * inside,
        "target-named": (build * (len(NAMED) + 1) + look_up(bin_look_up(NAMED), named) + 1)
        * inside,
    }
    pattern = number_kinds((hosts << 20) + shape * 8 + np.minimum(depth, 7), reading)
    near = {
        "slug": inside & (parts >= _LONG_NAME),
        "foreign": inside & (host < _FOREIGN),
        "repeat": inside & (repeats > 1),
        "named": inside & (named >= _NAMED_FROM),
    }
    return Targets(values, {"target": same, "pattern": pattern}, near)


def _host_shares(reading: Reading, hosts: Ints, led: NDArray[np.bool_]) -> Ints:
    """Return what percent of the page's lines with a link lead to the same site."""
    # Whole numbers far below 2**53: exact as float64.
    here = np.bincount(hosts, led).astype(np.int64).take(hosts)
    links = running(led)
    _, low, high = reading.places
    return percent(here, links.take(high) - links.take(low))


def _longest(same: Ints, coarse: NDArray[np.uint8]) -> Ints:
    """Return the coarse size, from 1 on, of the longest line with the same address."""
    found = np.zeros(len(same) + 1, np.int64)
    np.maximum.at(found, same, coarse.astype(np.int64) + 1)
    return found.take(same)


def _named(reading: Reading, pages: Sequence[MarkupLines]) -> tuple[Ints, Ints]:
    """Return what percent of a line's words its address has, and of the address's the line.

    A line keeps its address's words as bits of two numbers; a word of the line counts where both
    have its bit, which about one in fifty does by chance.
    """
    words = joined_field(pages, "target_words").astype(np.uint64)
    bounds = joined_bounds([page.target_bounds for page in pages])
    sizes = np.diff(bounds)
    some = sizes.nonzero()[0]
    tokens = reading.tokens
    keys = tokens.hashes >> _HALF
    hits = np.ones(len(keys), np.bool_)
    for shift in _SHIFTS:
        bits = np.zeros(len(sizes), np.uint64)
        if len(some):
            own = _ONE << (words >> shift & _BITS)
            bits[some] = np.bitwise_or.reduceat(own, bounds[:-1].take(some))
        hits &= (bits.take(tokens.lines) >> (keys >> shift & _BITS) & _ONE).astype(np.bool_)
    sums = running(hits)
    found = sums.take(tokens.bounds[1:]) - sums.take(tokens.bounds[:-1])
    of_address = percent(found, np.maximum(sizes, 1))
    return percent(found, np.maximum(tokens.counts, 1)), np.minimum(of_address, 100)
