"""Hashed columns to sums of weights: those of a line's words, and of the line as a whole.

Weights are summed in pairs, the two halves of one whole number. As they are looked up, a
pair takes 16 or 32 bits, so that the tables stay in the cache; as they are summed, 64.
"""

import sys
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from paywallstrip.features import WIDE_ROLES, Reading
from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.scalars import scalar
from paywallstrip.windows import running_columns

SCALE_ONE = 64
"""A word of a one-word line counts 64 sixty-fourths."""
BYTE_STEP = 128
"""A weight in one byte counts so many times what one in two bytes does: training gives a weight
to a 32nd of a logarithm, adapting moves it by less."""
TOKEN_CHUNK = 1 << 16
"""Words whose weights are summed at once: a whole long page's would not fit into the cache."""
PACKED_SPAN = 1 << 13
"""Words up to which sums of pairs, four a word, keep to their halves, scaled or not."""

_HALF = scalar(32, np.int64)
_SCALES = np.rint(SCALE_ONE / np.sqrt(np.maximum(np.arange(4097), 1))).astype(np.int64)
_LOW = int(sys.byteorder == "big")
"""Which of two neighbours lies in the lower half of the number that they make."""


def token_scale(counts: Ints) -> Ints:
    """Return by how many sixty-fourths a word counts in a line of so many words."""
    return _SCALES.take(counts, mode="clip")


def step_of(table: NDArray[Any]) -> int:
    """Return by how much the weights of a table of hashed columns are to be multiplied."""
    return BYTE_STEP if table.itemsize == 1 else 1


class WordWeights:
    """Weights of hashed columns, ready to be summed in pairs.

    Args:
        wide: as in `FirstArrays`.
        narrow: as in `FirstArrays`.
    """

    def __init__(self, wide: NDArray[Any], narrow: NDArray[Any]) -> None:
        step = step_of(wide)
        self.scales, self.whole = _SCALES * step, scalar(SCALE_ONE * step, np.int64)
        begin = WIDE_ROLES.index(0) * len(LABELS)
        before, own, after = np.split(wide, [begin, begin + len(LABELS)], axis=1)
        self.own, self.narrow = in_pairs(own), in_pairs(narrow)
        self.beside = in_pairs(np.concatenate([before, after], axis=1))

    def sums(self, reading: Reading) -> Ints:
        """Sum the weights of each line's words, scaled, and of the line as a whole.

        Returns:
            int64 array of shape (lines, wide roles * K): for the line itself, then for the
            ones beside it.
        """
        bounds, counts = reading.tokens.bounds, reading.tokens.counts
        scale = self.scales.take(counts, mode="clip")[:, None]
        hashed, count = reading.hashed, reading.hashed.words.shape[1]
        own, beside = self._rows(np.concatenate([hashed.words, hashed.lines], axis=1))
        words = own[:count], beside[:count]
        lines = np.concatenate([own[count:], beside[count:]], axis=1)
        lines *= self.whole
        size, longest = int(bounds[-1]), counts.max(initial=0)
        if longest > PACKED_SPAN:
            pieces = np.union1d(bounds, np.arange(0, size, PACKED_SPAN))
            parts = unpack(self._token_sums(reading, words, pieces))
            return run_sums(pieces.searchsorted(bounds), parts) * scale + unpack(lines)
        found = self._token_sums(reading, words, bounds)
        found *= scale
        found += lines
        return unpack(found)

    def _rows(self, columns: Ints) -> tuple[Ints, Ints]:
        """Return the pairs of some words' or lines' columns, for the line and for those beside."""
        own = pairs_at(self.own, columns[0])
        for more in pairs_at(self.narrow, columns[1:]):
            own += more
        return own, pairs_at(self.beside, columns[0])

    def _token_sums(self, reading: Reading, words: tuple[Ints, Ints], bounds: Ints) -> Ints:
        """Sum the pairs of the tokens from each bound to the next."""
        size = int(bounds[-1])
        if size <= TOKEN_CHUNK:
            return self._some_sums(reading, words, bounds)
        cuts = bounds.searchsorted(np.arange(0, size, TOKEN_CHUNK))
        edges = pairwise([*cuts.tolist(), len(bounds) - 1])
        sums = [self._some_sums(reading, words, bounds[a : b + 1]) for a, b in edges]
        return np.concatenate(sums)

    def _some_sums(self, reading: Reading, words: tuple[Ints, Ints], bounds: Ints) -> Ints:
        part, numbers = slice(int(bounds[0]), int(bounds[-1])), reading.words.numbers
        if numbers is None:
            own, beside = (rows[part] for rows in words)
        else:
            which = numbers[part]
            own, beside = (rows.take(which, axis=0) for rows in words)
        own = own + pairs_at(self.narrow, reading.hashed.pairs[part])
        # Prefix sums may wrap around: their differences do not mind.
        return run_sums(bounds - part.start, own, beside)


def in_pairs(table: NDArray[Any]) -> NDArray[Any]:
    """Prepare a table of one or two bytes a weight whose columns are looked up in pairs."""
    # The smallest number there is could not lend.
    small = table.min(initial=0) > np.iinfo(table.dtype).min
    return lent(np.ascontiguousarray(table, table.dtype if small else np.int32))


def pairs_at(table: NDArray[Any], columns: Ints) -> Ints:
    """Look up rows of a table from `in_pairs`, each two columns as one whole number."""
    return table.take(columns, axis=0).astype(np.int32).view(np.int64)


def lent(halves: NDArray[Any]) -> NDArray[Any]:
    """Let a negative number in a lower half borrow from the upper one, in all pairs of columns.

    Args:
        halves: int8, int16 or int32 array in one piece, its last axis of even length.
    """
    pairs: NDArray[Any] = halves.view(f"u{2 * halves.itemsize}")
    sign = pairs.dtype.type(1 << 8 * halves.itemsize - 1)
    borrowed: NDArray[Any] = (pairs - ((pairs & sign) << pairs.dtype.type(1))).view(halves.dtype)
    return borrowed


def unpack(sums: Ints) -> Ints:
    """Take sums of pairs apart, each half of which fits into 32 bits.

    Args:
        sums: of shape (lines, pairs); faster if its columns lie in one piece each.

    Returns:
        Of shape (lines, 2 * pairs), its columns in one piece each.
    """
    halves = np.empty((sums.shape[1], 2, len(sums)), np.int64)
    low, high = halves[:, _LOW], halves[:, 1 - _LOW]
    low[:] = sums.T.astype(np.int32)
    np.subtract(sums.T, low, out=high)
    high >>= _HALF
    return halves.reshape(2 * sums.shape[1], len(sums)).T


def run_sums(bounds: Ints, *tables: Ints) -> Ints:
    """Sum the rows from each bound to the next, of tables side by side."""
    at_bounds = running_columns(*tables).take(bounds, axis=1)
    found: Ints = at_bounds[:, 1:] - at_bounds[:, :-1]
    return found.T
