"""Bytes taken eight at a time, as one number: many short names compared without a loop."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from paywallstrip.lines import Ints
from paywallstrip.tokens import Hashes

WIDTH = 8
"""So many bytes are in a number, the first one lowest."""
_ONES = np.uint64(0x0101010101010101)
_TOPS = np.uint64(0x8080808080808080)
_SPACES = np.uint64(0x20) * _ONES
_PARTS = np.array([(1 << 8 * size) - 1 for size in range(WIDTH + 1)], dtype=np.uint64)
_BITS = np.array([0x80 << 8 * i for i in range(WIDTH)], dtype=np.uint64)


def octets_at(octets: NDArray[np.uint8], at: Ints) -> Hashes:
    """Return the eight bytes from each of some places on.

    Args:
        octets: uint8 array; eight bytes must follow the last place.
        at: int64 array of places.
    """
    shape = (max(len(octets) - WIDTH + 1, 0),)
    numbers: NDArray[Any] = np.ndarray(shape, np.dtype("<u8"), octets.data, strides=(1,))
    return numbers[at]


def pack_octets(text: bytes) -> int:
    """Return a text of at most eight bytes as `octets_at` gives it, with zeros after it."""
    return int.from_bytes(text.ljust(WIDTH, b"\0"), "little")


def cut_before(numbers: Hashes, first: bytes, second: bytes) -> tuple[Hashes, NDArray[np.bool_]]:
    """Set to zero the first of two bytes, and all that follow it.

    Returns:
        What is left, and whether one of the two was found.
    """
    found = _equal(numbers, first) | _equal(numbers, second)
    found &= ~found + np.uint64(1)
    return numbers & ((found >> np.uint64(7)) - np.uint64(1)), found != 0


def _equal(numbers: Hashes, byte: bytes) -> Hashes:
    """Return the highest bit of each byte that is this one; above the first one it may lie."""
    differs = numbers ^ (np.uint64(byte[0]) * _ONES)
    return (differs - _ONES) & ~differs & _TOPS


def first_printed(octets: Hashes, sizes: Ints) -> Ints:
    """Return which byte is the first that is no white space of ASCII.

    Args:
        octets: uint64 array.
        sizes: int64 array, how many bytes of each count.

    Returns:
        int64 array, from 0 to 7; 8 where all bytes that count are white space.
    """
    kept = _PARTS.take(sizes, mode="clip")
    padded = (octets & kept) | (_SPACES & ~kept)
    low = padded & ~_TOPS
    controls = ~_at_least(low, 9) | (_at_least(low, 14) & ~_at_least(low, 28))
    printed = (_at_least(low, 33) | controls | padded) & _TOPS
    found: Ints = np.searchsorted(_BITS, printed & (~printed + np.uint64(1))).astype(np.int64)
    found[printed == 0] = WIDTH
    return found


def _at_least(low: Hashes, byte: int) -> Hashes:
    """Set the highest bit of each byte, which is not set yet, where it is this one or more."""
    return low + np.uint64(0x80 - byte) * _ONES
