"""What this library is compared with, and how another output is judged on labelled lines.

The extractors come from `converters`; here are the line rules of C4, the raw input, and the
oracles, which choose among whole lines knowing the truth: no filter of lines can do better.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paywallstrip.labels import LABELS, Label
from paywallstrip.scoring import Floats, Ints
from paywallstrip.training.align import covered
from paywallstrip.training.matching import UNMATCHED, Text, match

Bools = NDArray[np.bool_]

OPEN = -1
"""The index that stands for a label that is not known."""
KEPT_FROM = 0.5
"""A line was kept if at least this share of its characters stands in the output."""

# The rules of C4: Raffel et al., "Exploring the Limits of Transfer Learning with a Unified
# Text-to-Text Transformer", section 2.2 (arXiv:1910.10683). Only its rules for single lines
# are here: those that drop whole pages (too few sentences, braces, bad words, other
# languages) judge pages, not lines. Where versions of paper and code differ, in three or five
# words a line, this takes three, which is kinder to short lines.
C4_MIN_WORDS = 3
_C4_END = (".", "!", "?", '"', "”")
_C4_ELLIPSIS = "..."  # left out by the published code
_C4_POLICY = re.compile(
    "javascript|terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies"
)


def c4_keeps(lines: Sequence[str], min_words: int = C4_MIN_WORDS) -> Bools:
    """Apply C4's rules for single lines.

    A line stays if it ends in terminal punctuation (not in an ellipsis), has enough words, and
    speaks neither of JavaScript nor of policies and cookies in the phrases C4 lists.

    Args:
        lines: the lines of a page.
        min_words: words, parted by white space, that a line needs.

    Returns:
        Bool array of shape (lines,).
    """
    kept = [
        line.endswith(_C4_END)
        and not line.endswith(_C4_ELLIPSIS)
        and len(line.split()) >= min_words
        and not _C4_POLICY.search(line.lower())
        for line in map(str.strip, lines)
    ]
    return np.array(kept, dtype=bool)


def keep_all(lines: Sequence[str]) -> Bools:
    """Keep every line: the raw input.

    Args:
        lines: the lines of a page.

    Returns:
        Bool array of shape (lines,), all true.
    """
    return np.ones(len(lines), dtype=bool)


def oracle_keeps(lines: Sequence[str], body: Sequence[str]) -> Bools:
    """Keep the lines whose words are mostly in the true body.

    Args:
        lines: the lines of a page.
        body: the lines of its true body; each of its words counts for one line only, so a
            menu item does not pass because its word occurs somewhere in the article.

    Returns:
        Bool array of shape (lines,).
    """
    return np.array([share >= KEPT_FROM for share in covered(lines, body)], dtype=bool)


class Overlap(NamedTuple):
    """Which labelled line has how many of its characters in which line of an output.

    One alignment serves the whole output and any choice of its lines, so the two differ by
    nothing but the lines dropped.

    Attributes:
        rows: int64 array of shape (pairs,), labelled lines.
        columns: int64 array of shape (pairs,), lines of the output.
        characters: int64 array of shape (pairs,), characters the two share.
        sizes: int64 array of shape (lines,), characters of each labelled line, those in words.
    """

    rows: Ints
    columns: Ints
    characters: Ints
    sizes: Ints

    def kept(self, chosen: Bools) -> Bools:
        """Tell which labelled lines stand in a choice of the output's lines.

        Args:
            chosen: bool array of shape (output lines,).

        Returns:
            Bool array of shape (lines,): whether half of a line's characters are there.
        """
        return self.share(chosen) >= KEPT_FROM

    def share(self, chosen: Bools) -> Floats:
        """Measure how much of each labelled line stands in a choice of the output's lines.

        Args:
            chosen: bool array of shape (output lines,).

        Returns:
            float64 array of shape (lines,), 0 to 1.
        """
        found = self.characters * chosen[self.columns]
        sums = np.bincount(self.rows, weights=found, minlength=len(self.sizes))
        shares: Floats = sums / np.maximum(self.sizes, 1)
        return shares


def overlap(lines: Sequence[str], output: Sequence[str]) -> Overlap:
    """Align an output to the labelled lines of the same page, as `align.covered` does.

    Args:
        lines: the labelled lines.
        output: the lines of the output.

    Returns:
        The pairs of lines that share words.
    """
    wanted, given = Text.of(lines), Text.of(output)
    places = np.array(match(given, wanted, reuse=False), dtype=np.int64)
    lengths = np.array([len(word) for word in wanted.words], dtype=np.int64)
    found = np.flatnonzero(places != UNMATCHED)
    rows = np.array(wanted.line_of, dtype=np.int64)[found]
    columns = np.array(given.line_of, dtype=np.int64)[places[found]]
    width = max(len(output), 1)
    pairs, inverse = np.unique(rows * width + columns, return_inverse=True)
    characters = np.bincount(inverse, weights=lengths[found], minlength=len(pairs))
    return Overlap(
        pairs // width,
        pairs % width,
        characters.astype(np.int64),
        np.array(wanted.sizes, dtype=np.int64),
    )


def label_indices(labels: Sequence[str | None]) -> Ints:
    """Turn labels into their indices in `LABELS`.

    Args:
        labels: the labels of lines, None where a label is open.

    Returns:
        int64 array of shape (lines,); `OPEN` for None.

    Raises:
        ValueError: if a label is not one of the four.
    """
    places = [OPEN if label is None else LABELS.index(Label(label)) for label in labels]
    return np.array(places, dtype=np.int64)
