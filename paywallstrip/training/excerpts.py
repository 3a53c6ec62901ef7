"""Small pages cut out of large ones: a headline and a paragraph, with or without furniture.

Pages of a few lines are what people try first, and rare in the corpora: there they are
pages that failed to load.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby
from random import Random

from paywallstrip.labels import Label

MOST_LINES = 6
"""So many lines of the piece at most."""
MOST_AROUND = 3
"""So many lines of the page's top, and of its end, at most."""
MOST_OF_A_SHORT_PAGE = MOST_LINES + 2 * MOST_AROUND
"""A page of no more lines is short as it is."""
NO_BODY = 0.15
"""How often the lines are from anywhere, whether the piece is there or not."""
FROM_TOP = 0.5
"""How often the piece begins with its first line."""
WHOLE = 0.5
"""How often what stands between lines of the piece comes with them."""
TELLING = 0.5
"""How often the elements of the page say what they are for."""
INSIDE = 0.5
"""How often a line or two that lead elsewhere, in the midst of the piece, stand in its element."""
HEADLINE = 120
"""A first line of the piece that is shorter, in characters, is the headline."""

Labels = Sequence[str | None]

_PARTS = {
    Label.CONTENT: ("article", "main"),
    Label.RELATED_LINKS: ("aside", "section"),
    Label.PAYWALL: ("section", "div"),
}
_LISTED = (Label.NAVIGATION, Label.RELATED_LINKS)


def cut_short(lines: Sequence[str], labels: Labels, rng: Random) -> tuple[list[str], Labels]:
    """Choose a few lines of a page, in order.

    Args:
        lines: the page's lines.
        labels: one label a line, None where it is not known.
        rng: source of the choices.

    Returns:
        The lines and their labels; none of a page without lines.
    """
    count, total = rng.randint(1, MOST_LINES), len(lines)
    piece = [i for i, label in enumerate(labels) if label == Label.CONTENT]
    if not piece or rng.random() < NO_BODY:
        begin = rng.randrange(max(total - count, 0) + 1)
        chosen = set(range(begin, min(begin + count, total)))
    else:
        first = 0 if rng.random() < FROM_TOP else rng.randrange(len(piece))
        own = piece[first : first + count]
        chosen = set(range(own[0], own[-1] + 1) if rng.random() < WHOLE else own)
        if len(chosen) > 2 * MOST_LINES:
            chosen = set(own)
    return _with_ends(chosen, lines, labels, rng)


def cut_around(
    number: int, lines: Sequence[str], labels: Labels, rng: Random
) -> tuple[list[str], Labels]:
    """Choose a few lines of a page around one of them, in order; the rest as for `cut_short`."""
    begin, end = number - rng.randint(1, MOST_LINES), number + rng.randint(1, MOST_LINES) + 1
    return _with_ends(set(range(max(begin, 0), min(end, len(lines)))), lines, labels, rng)


def _with_ends(
    chosen: set[int], lines: Sequence[str], labels: Labels, rng: Random
) -> tuple[list[str], Labels]:
    """Pick the chosen lines, and perhaps some of the page's top and of its end."""
    total = len(lines)
    top = range(min(rng.randint(0, MOST_AROUND), total))
    picked = sorted({*chosen, *top, *range(total - min(rng.randint(0, MOST_AROUND), total), total)})
    return [lines[i] for i in picked], [labels[i] for i in picked]


def as_html(lines: Sequence[str], labels: Labels, rng: Random) -> str:
    """Write lines as a small page of HTML, one block a line.

    Args:
        lines: the lines.
        labels: one label a line, None where it is not known.
        rng: source of the choices.

    Returns:
        The page.

    >>> print(as_html(["Home", "It rained."], ["navigation", "content"], Random(1)))
    <html><body><header><ul><li><a href="/1">Home</a></li></ul></header><main><p>It rained.</p></main></body></html>
    """
    telling = rng.random() < TELLING
    listed = rng.choice(("li", "p", "div"))
    content = [i for i, label in enumerate(labels) if label == Label.CONTENT]
    headline = content[0] if len(content) > 1 and len(lines[content[0]]) < HEADLINE else -1
    parts = []
    inside = leading_away(labels) if rng.random() < INSIDE else set()
    places = [Label.CONTENT if i in inside else label for i, label in enumerate(labels)]
    for label, run in groupby(range(len(lines)), key=places.__getitem__):
        numbers = list(run)
        after = bool(content) and numbers[0] > content[0]
        blocks = [
            _pointer(lines[i], i, rng)
            if i in inside
            else _block(lines[i], i, label, listed, heads=i == headline)
            for i in numbers
        ]
        written = "".join(blocks)
        if label in _LISTED and listed == "li":
            written = f"<ul>{written}</ul>"
        part = _part(label, rng, after=after) if telling else "div"
        parts.append(f"<{part}>{written}</{part}>")
    return f"<html><body>{''.join(parts)}</body></html>"


def leading_away(labels: Labels) -> set[int]:
    """Find the lines that lead elsewhere, one or two at a time, between lines of the piece.

    Args:
        labels: one label a line, None where it is not known.

    Returns:
        Their numbers.

    >>> leading_away(["content", "related-links", "content", "related-links"])
    {1}
    """
    found: set[int] = set()
    runs = [(label, list(run)) for label, run in groupby(range(len(labels)), labels.__getitem__)]
    for before, (label, numbers), after in zip(runs, runs[1:], runs[2:], strict=False):
        between = before[0] == after[0] == Label.CONTENT
        if label == Label.RELATED_LINKS and between and len(numbers) <= 2:
            found |= set(numbers)
    return found


def _pointer(line: str, number: int, rng: Random) -> str:
    """Write a line that leads elsewhere as a paragraph; its first words may stand before the link."""
    lead, colon, rest = line.partition(": ")
    if not rest:
        lead, colon = "", ""
        words = line.split(" ")
        if len(words) > 3 and rng.random() < 0.5:
            lead, colon = " ".join(words[:2]), " "
        rest = line[len(lead + colon) :]
    return f'<p>{escape(lead + colon)}<a href="/{number + 1}">{escape(rest)}</a></p>'


def _part(label: str | None, rng: Random, *, after: bool) -> str:
    """Name the element that lines of a label stand in."""
    if label == Label.NAVIGATION:
        return "footer" if after else rng.choice(("nav", "header"))
    return rng.choice(_PARTS[Label(label)]) if label else "div"


def _block(line: str, number: int, label: str | None, listed: str, *, heads: bool) -> str:
    """Write one line; menus and other pieces are links."""
    text = escape(line)
    if label in _LISTED:
        return f'<{listed}><a href="/{number + 1}">{text}</a></{listed}>'
    tag = "h1" if heads else "p"
    return f"<{tag}>{text}</{tag}>"
