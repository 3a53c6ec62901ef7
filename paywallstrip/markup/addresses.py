"""Addresses of links to numbers: what their build says of where they lead.

Which site and which page an address means is not looked up anywhere. That a headline's words
stand in its address, that an address has an article's number in it, or that several lines lead
to one place: such things are told by its characters.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.characters import CharacterClass
from paywallstrip.lines import Ints
from paywallstrip.markup.words import JoinedNames
from paywallstrip.tokens import spans_hash
from paywallstrip.windows import running

KINDS = ("none", "fragment", "path", "web", "other")
"""Kinds of address: of the page's own parts, of the same site, with a site's name, of no page."""
_FRAGMENT, _PATH, _WEB, _OTHER = range(1, len(KINDS))
_SLASH, _COLON = ord("/"), ord(":")
_QUERY = (ord("?"), ord("#"))
_JOINERS = (ord("-"), ord("_"))


class Addresses(NamedTuple):
    """What some addresses are made of; arrays of shape (addresses,).

    Attributes:
        kinds: uint8, index in `KINDS`.
        hosts: uint32, hash of the site that is named, or of a scheme like `mailto`; 0 for none.
        depths: uint8, slashes in the path.
        digits: uint8, digits in the path.
        parts: uint8, parts of the path's last segment that is not empty, as `-` and `_` join
            them; 0 without a path.
    """

    kinds: NDArray[np.uint8]
    hosts: NDArray[np.uint32]
    depths: NDArray[np.uint8]
    digits: NDArray[np.uint8]
    parts: NDArray[np.uint8]


def read_addresses(names: JoinedNames, which: Ints) -> Addresses:
    """Take addresses apart.

    Args:
        names: addresses, among other names.
        which: int64 array of shape (addresses,), numbers of the names that are addresses.

    >>> from paywallstrip.markup.words import read_joined
    >>> names = ["", "#top", "/a/fine-day-7/", "https://b.example/x?y=1", "mailto:c@b.example"]
    >>> found = read_addresses(read_joined(chr(0).join([*names, ""])), np.arange(5))
    >>> [KINDS[kind] for kind in found.kinds]
    ['none', 'fragment', 'path', 'web', 'other']
    >>> found.depths.tolist(), found.digits.tolist(), found.parts.tolist()
    ([0, 0, 3, 1, 0], [0, 0, 1, 0, 0], [0, 0, 3, 1, 0])
    """
    points = names.points
    starts, stops = names.origins.take(which), names.origins.take(which + 1) - 1
    slashes = (points == _SLASH).nonzero()[0]
    ends = np.minimum(_next((points == _QUERY[0]) | (points == _QUERY[1]), starts), stops)
    # A colon before the first slash ends a scheme.
    colons = np.minimum(_next(points == _COLON, starts), ends)
    scheme = (colons < ends) & (colons < _after(slashes, starts, len(points)))
    opening = np.where(scheme, colons + 1, starts)
    # The line feed after the last name is followed by none: `opening + 1` stays inside.
    web = (points.take(opening, mode="clip") == _SLASH) & (
        points.take(opening + 1, mode="clip") == _SLASH
    )
    host = np.where(web, opening + 2, starts)
    path = np.where(web, np.minimum(_after(slashes, host, len(points)), ends), starts)
    # An address of another scheme has no path, and its scheme for a site.
    other = scheme & ~web
    named = np.where(other, colons, path)
    path = np.where(other, ends, path)
    kinds = np.where(web, _WEB, np.where(other, _OTHER, _PATH))
    kinds = np.where(points.take(starts, mode="clip") == _QUERY[1], _FRAGMENT, kinds)
    kinds = np.where(starts < stops, kinds, 0)
    digits = running(names.classes == CharacterClass.DIGIT)
    return Addresses(
        kinds.astype(np.uint8),
        (spans_hash(names.sums, host, named) >> np.uint64(32)).astype(np.uint32),
        _small(slashes.searchsorted(ends) - slashes.searchsorted(path)),
        _small(digits.take(ends) - digits.take(path)),
        _small(_parts(points, slashes, path, ends)),
    )


def _parts(points: NDArray[np.uint32], slashes: Ints, path: Ints, ends: Ints) -> Ints:
    """Count the parts of the last segment of each path."""
    trailing = (ends > path) & (points.take(np.maximum(ends - 1, 0)) == _SLASH)
    ends = ends - trailing
    last = np.append(-1, slashes).take(slashes.searchsorted(ends)) + 1
    begins = np.maximum(path, last)
    joiners = running((points == _JOINERS[0]) | (points == _JOINERS[1]))
    inside = joiners.take(ends) - joiners.take(np.minimum(begins, ends))
    return np.where(ends > begins, inside + 1, 0)


def _next(flags: NDArray[np.bool_], starts: Ints) -> Ints:
    """Return where the first flag at or after each start is set, or the number of flags."""
    return _after(flags.nonzero()[0], starts, len(flags))


def _after(places: Ints, starts: Ints, none: int) -> Ints:
    """Return the first place at or after each start, or `none`."""
    return np.append(places, none).take(places.searchsorted(starts))


def _small(counts: Ints) -> NDArray[np.uint8]:
    return np.minimum(counts, 255).astype(np.uint8)
