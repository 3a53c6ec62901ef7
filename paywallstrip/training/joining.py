"""Lines put together or wrapped, as some extractors and converters leave them.

A page whose paragraphs stand without block elements, or whose mark-up an extractor throws away
too early, comes as one long line or a few. Nobody labels such lines by themselves: their labels
follow from those of what was put together. Others wrap their lines as for a terminal or a letter.
"""

import textwrap
from collections.abc import Sequence
from random import Random
from typing import TypeVar

from paywallstrip.labels import Label

Known = TypeVar("Known")

ALL_IN_ONE = 0.3
"""How often everything becomes one line."""
RUNS = (2, 3, 4, 6, 10)
"""So many lines, about, become one otherwise."""
WIDTHS = (60, 110)
"""Lines are wrapped at so many characters, from and to; 72 and 80 are common."""


def join_lines(
    lines: Sequence[str], labels: Sequence[str | None], rng: Random
) -> tuple[list[str], list[str | None]]:
    """Put neighbouring lines together.

    Args:
        lines: the page's lines.
        labels: one label a line, None where it is not known.
        rng: makes the choices.

    Returns:
        Fewer lines, and their labels: content if any of the lines put together is, the rule for
        a line that holds a sentence of the piece; else the label of most characters. Open if
        one of them is open and none is content.

    >>> join_lines(["One.", "Two.", "Share"], ["content", "content", "navigation"], Random(1))
    (['One. Two. Share'], ['content'])
    """
    size = len(lines) if rng.random() < ALL_IN_ONE else rng.choice(RUNS)
    joined: list[str] = []
    found: list[str | None] = []
    at = 0
    while at < len(lines):
        stop = min(at + rng.randint(1, 2 * size - 1) if size < len(lines) else size, len(lines))
        joined.append(" ".join(lines[at:stop]))
        found.append(_label(lines[at:stop], labels[at:stop]))
        at = stop
    return joined, found


def wrap_lines(
    lines: Sequence[str], labels: Sequence[Known], width: int
) -> tuple[list[str], list[Known]]:
    """Break lines between words.

    Args:
        lines: the page's lines.
        labels: what is known of each line.
        width: characters of a line at most; a longer word stays whole.

    Returns:
        The lines as they come out, each with the label of the one that it is a piece of.
    """
    wrapper = textwrap.TextWrapper(width, break_long_words=False, break_on_hyphens=False)
    pieces = [
        (piece, label)
        for line, label in zip(lines, labels, strict=True)
        for piece in wrapper.wrap(line)
    ]
    return [piece for piece, _ in pieces], [label for _, label in pieces]


def _label(lines: Sequence[str], labels: Sequence[str | None]) -> str | None:
    if Label.CONTENT in labels:
        return Label.CONTENT.value
    if None in labels:
        return None
    sizes: dict[str | None, int] = {}
    for line, label in zip(lines, labels, strict=True):
        sizes[label] = sizes.get(label, 0) + len(line)
    return max(sizes, key=lambda label: sizes[label])
