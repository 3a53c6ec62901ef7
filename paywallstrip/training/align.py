"""Alignment of the lines two converters made of the same page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from paywallstrip.training.matching import (
    COVERED_FROM,
    UNMATCHED,
    Text,
    found_characters,
    match,
)

CONTENT = "content"
SENTENCE = 25  # so many characters of content are a sentence's worth


def carry_labels(
    lines: Sequence[str], labels: Sequence[str], other_lines: Sequence[str]
) -> list[str | None]:
    """Carry the labels of a page's lines over to another converter's lines of the same page.

    A line that holds a sentence of content (25 characters, or half of the line) is content;
    any other takes the label that holds most of its characters.

    Args:
        lines: the labelled lines.
        labels: one label a line.
        other_lines: the lines to label.

    Returns:
        One label for each of `other_lines`; None where less than 60 % of its characters are found
        in `lines`.

    Raises:
        ValueError: there is not one label a line.
    """
    if len(lines) != len(labels):
        raise ValueError(f"{len(lines)} lines, but {len(labels)} labels")
    labelled, other = Text.of(lines), Text.of(other_lines)
    matched = match(labelled, other, reuse=True)
    carried: list[str | None] = []
    for (start, end), size in zip(other.spans(), other.sizes, strict=True):
        held: dict[str, int] = defaultdict(int)
        for word in range(start, end):
            if matched[word] != UNMATCHED:
                label = labels[labelled.line_of[matched[word]]]
                held[label] += len(other.words[word])
        if not held or sum(held.values()) < COVERED_FROM * size:
            carried.append(None)
        elif held[CONTENT] >= min(SENTENCE, size / 2):
            carried.append(CONTENT)
        else:
            carried.append(max(held, key=held.__getitem__))
    return carried


def covered(lines: Sequence[str], other_lines: Sequence[str]) -> list[float]:
    """Measure how much of each line stands in another converter's output of the same page.

    Each word of the output counts for one line only, in order where possible: of a headline
    that the page has three times and the output once, one is covered.

    Args:
        lines: the lines to look for.
        other_lines: the other converter's output.

    Returns:
        For each of `lines` the share of its characters found, 0 to 1; an extractor kept a line if
        this is 0.5 or more.
    """
    wanted, output = Text.of(lines), Text.of(other_lines)
    matched = match(output, wanted, reuse=False)
    return [
        found_characters(wanted, matched, start, end) / max(size, 1)
        for (start, end), size in zip(wanted.spans(), wanted.sizes, strict=True)
    ]
