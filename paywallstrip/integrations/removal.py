"""The spans of a text whose removal leaves its body."""

from collections.abc import Sequence

from paywallstrip.page import Line, joint, line_end


def removed_spans(text: str, lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Return what to cut out of a text to get its body.

    Args:
        text: the whole input.
        lines: its lines, as `classify` returns them.

    Returns:
        Pairs of character offsets, start and end, in order, apart from each other and none
        of them empty; one for each run of removed lines.

    >>> from paywallstrip import classify
    >>> removed_spans("Log in\\nSign up\\n", classify("Log in\\nSign up\\n").lines)
    [(0, 15)]
    """
    spans = []
    first = 0
    while first < len(lines):
        if lines[first].kept:
            first += 1
            continue
        last = first
        while last + 1 < len(lines) and not lines[last + 1].kept:
            last += 1
        before = lines[first - 1] if first else None
        after = lines[last + 1] if last + 1 < len(lines) else None
        spans.append(_span(text, (lines[first], lines[last]), before, after))
        first = last + 1
    return spans


def _span(
    text: str, run: tuple[Line, Line], before: Line | None, after: Line | None
) -> tuple[int, int]:
    """Return what to cut for the run of removed lines between two kept ones.

    Args:
        text: the whole input.
        run: the first and the last of the removed lines.
        before: the kept line before them; None at the head.
        after: the kept line after them; None at the tail.
    """
    start, end = run[0].start, run[1].end
    if before is None:
        return 0, len(text) if after is None else after.start
    own = len(line_end(text, before.end))
    if after is None:
        kept_end = own if text.endswith(("\n", "\r")) else 0
        return before.end + kept_end, len(text)
    gap = text[before.end : start]
    stays = joint(gap, text[end : after.start])
    if stays == gap:
        return start, after.start
    # What stays after the kept line's own end is the last part of the gap below.
    return before.end + own, after.start - (len(stays) - own)
