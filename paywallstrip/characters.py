"""Code points to classes: the first look at a text, one table look-up a character."""

import os
from enum import IntEnum
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.arrays import read_arrays

TABLE_SIZE = 0x20000
"""Code points from here on share the table's last entry (Han extensions, private use)."""


class CharacterClass(IntEnum):
    """What kind of character a code point is; the values index per-line counts."""

    SPACE = 0
    LINE_END = 1
    LOWER = 2
    UPPER = 3
    UNCASED = 4
    MARK = 5
    DIGIT = 6
    NUMBER = 7
    IDEOGRAPH = 8
    TERMINATOR = 9
    PAUSE = 10
    QUOTE = 11
    APOSTROPHE = 12
    OPENING = 13
    CLOSING = 14
    DASH = 15
    BULLET = 16
    SEPARATOR = 17
    ELLIPSIS = 18
    CURRENCY = 19
    CODE = 20
    PUNCTUATION = 21
    SYMBOL = 22
    CONTROL = 23


CLASS_COUNT = len(CharacterClass)


class CharacterTable(NamedTuple):
    """The committed table, read once.

    Attributes:
        classes: uint8 array of shape (TABLE_SIZE,), a `CharacterClass` each.
        folds: uint32 array of shape (TABLE_SIZE,), the lower-case code point; every
            decimal digit folds to `0`.
        unicode: version of the Unicode database the table was made from.
    """

    classes: NDArray[np.uint8]
    folds: NDArray[np.uint32]
    unicode: str


@cache
def table() -> CharacterTable:
    """Return the character table of the package, read on the first call."""
    arrays = read_arrays(os.path.join(os.path.dirname(__file__), "data", "characters.npz"))
    folds = (np.arange(TABLE_SIZE, dtype=np.int32) + arrays["shifts"]).view(np.uint32)
    return CharacterTable(arrays["classes"], folds, str(arrays["unicode"]))
