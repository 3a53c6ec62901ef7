"""Runs of written markup to text: which are blank, and what they say, white space folded."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.lines import Ints
from paywallstrip.markup.octets import WIDTH, first_printed, octets_at
from paywallstrip.markup.tags import Flags, Octets, Source, ranges

SPACE = 32
_ROUNDS = 8
"""So many words of white space are looked through for all runs at once."""
_ENTITIES = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"nbsp": b"\xc2\xa0"}
"""What is written as an entity, in texts and values."""
_WIDE_SPACES = tuple(
    chr(point).encode()
    for point in (
        *(0x85, 0xA0, 0x1680),
        *range(0x2000, 0x200B),
        *(0x2028, 0x2029, 0x202F, 0x205F, 0x3000),
    )
)
_WIDE_CODES = np.array(
    [int.from_bytes(space.ljust(3, b"\0"), "big") for space in _WIDE_SPACES], dtype=np.uint32
)
_LEADS = sorted({space[0] for space in _WIDE_SPACES})
_ENTITY = np.uint32(int.from_bytes(b"&n\0", "big"))
"""What an entity for white space begins with, as `_codes` gives it."""
_THREE = np.uint32(0xE00000)
"""Below this the character has two bytes."""
# What begins no white space, if it is none of ASCII itself.
_SURE = np.ones(256, dtype=np.bool_)
_SURE[[ord("&"), *_LEADS]] = False


class Runs(NamedTuple):
    """Runs of bytes; int64 arrays of shape (runs,), where each begins and ends."""

    begins: Ints
    ends: Ints

    def where(self, flags: Flags) -> "Runs":
        """Return some of them."""
        return Runs(self.begins.compress(flags), self.ends.compress(flags))


def unescaped(text: bytes) -> bytes:
    """Put the characters in place of the entities that the parser writes.

    >>> unescaped(b"R&amp;D &lt;&nbsp;&amp;lt;").decode()
    'R&D <\\xa0&lt;'
    """
    if b"&" not in text:
        return text
    first, *rest = text.split(b"&")
    parts = [first]
    for part in rest:
        name, _, after = part.partition(b";")
        parts += (_ENTITIES[name], after)
    return b"".join(parts)


def decoded(text: bytes) -> str:
    """Return what was written out as text."""
    return unescaped(text).decode("utf-8", "surrogatepass")


def are_blank(source: Source, runs: Runs) -> Flags:
    """Return which runs are nothing but white space."""
    blank = np.ones(len(runs.begins), dtype=np.bool_)
    at, ends = runs
    todo = np.arange(len(at))
    doubtful = []
    for _ in range(_ROUNDS):
        words = octets_at(source.octets, at)
        found = first_printed(words, np.minimum(ends - at, WIDTH))
        seen = found < WIDTH
        place = at + found
        sure = seen & _are_printed(source.octets, place)
        blank[todo.compress(sure)] = False
        doubtful.append(todo.compress(seen & ~sure))
        at = at + WIDTH
        going = ~seen & (at < ends)
        at, ends, todo = at.compress(going), ends.compress(going), todo.compress(going)
        if not len(todo):
            break
    for run in np.concatenate([*doubtful, todo]).tolist():
        text = source.data[runs.begins[run] : runs.ends[run]]
        blank[run] = text.isspace() or decoded(text).isspace()
    return blank


def _are_printed(octets: Octets, at: Ints) -> Flags:
    """Return where something stands that is sure to be no white space, and none of ASCII is."""
    sure = _SURE.take(octets.take(at))
    doubtful = (~sure).nonzero()[0]
    if len(doubtful):
        codes = _codes(octets, at.take(doubtful))
        sure[doubtful] = ~_are_spaces(codes) & (codes != _ENTITY)
    return sure


def gather(octets: Octets, runs: Runs) -> Octets:
    """Put runs of bytes one after the other."""
    return octets.take(ranges(runs.begins, runs.ends))


def fold_texts(source: Source, runs: Runs, first: Flags, apart: NDArray[np.bool_]) -> list[str]:
    """Return the texts that some runs make up.

    Args:
        source: the pages.
        runs: the runs.
        first: bool array of shape (runs,), whether a text begins there; one does at the first.
        apart: bool array of shape (runs,), whether a space is put before a run.
    """
    if not len(first):
        return []
    # The bytes before the pages are a zero and a space.
    glue = first | apart
    sizes = glue + np.int64(1)
    begins, ends = runs.begins.repeat(sizes), runs.ends.repeat(sizes)
    at = (sizes.cumsum() - 2)[glue]
    begins[at] = ~first[glue]
    ends[at] = begins[at] + 1
    joined = unescaped(gather(source.octets, Runs(begins, ends)).tobytes())
    octets = np.frombuffer(bytearray(joined), np.uint8)
    spaces = _find_spaces(octets)
    # A space stays if none follows it, nor the end of the text.
    ends_here = spaces | (octets == 0)
    spaces[:-1] &= ends_here[1:]
    octets = octets.compress(~spaces)
    leading = (octets[1:] == SPACE) & (octets[:-1] == 0)
    if leading.any():
        octets = octets.compress(np.append(True, ~leading))
    return octets[1:].tobytes().decode("utf-8", "surrogatepass").split("\0")


def _find_spaces(octets: Octets) -> Flags:
    """Write every white space as spaces, and flag them."""
    spaces = (octets - np.uint8(9)) < 5
    spaces |= (octets - np.uint8(28)) < 5
    wide = octets == _LEADS[0]
    for lead in _LEADS[1:]:
        wide |= octets == lead
    at = wide.nonzero()[0]
    if len(at):
        codes = _codes(octets, at)
        found = _are_spaces(codes)
        at, codes = at.compress(found), codes.compress(found)
        spaces[at] = spaces[at + 1] = True
        spaces[at.compress(codes >= _THREE) + 2] = True
    octets[(spaces & (octets != SPACE)).nonzero()[0]] = SPACE
    return spaces


def _codes(octets: Octets, at: Ints) -> NDArray[np.uint32]:
    """Return the characters of two bytes or three at some places, as numbers of three bytes."""
    codes: NDArray[np.uint32] = octets.take(at).astype(np.uint32) << np.uint32(16)
    codes |= octets.take(at + 1, mode="clip").astype(np.uint32) << np.uint32(8)
    third = octets.take(at + 2, mode="clip").astype(np.uint32)
    codes |= np.where(codes < _THREE, np.uint32(0), third)
    return codes


def _are_spaces(codes: NDArray[np.uint32]) -> Flags:
    """Return which codes are white space."""
    flags: Flags = _WIDE_CODES.take(np.searchsorted(_WIDE_CODES, codes), mode="clip") == codes
    return flags
