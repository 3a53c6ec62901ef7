"""Draw docs/before-after.svg: a written page with its labels, and the body that is left.

Usage: python tools/make_picture.py [--check]. With --check nothing is written; the exit code
is 1 if the picture is not the one that the shipped model gives.
"""

import sys
import textwrap
from collections.abc import Sequence
from html import escape
from pathlib import Path

from paywallstrip import Classifier, Label, Line

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "tests" / "pages" / "sample-metered-en.tsv"
PICTURE = ROOT / "docs" / "before-after.svg"

# Label to the colours of its text and of the band behind it.
COLOURS = {
    Label.CONTENT: ("#14532d", "#ecfdf3"),
    Label.PAYWALL: ("#b42318", "#fef3f2"),
    Label.NAVIGATION: ("#475467", "#f2f4f7"),
    Label.RELATED_LINKS: ("#93570a", "#fffaeb"),
}
TEXT = "#101828"
FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"

ROW = 17
SIZE = 12
LEFT, TAG, COLUMN, GAP, TOP = 20, 96, 440, 36, 64
WRAP = 66
"""Characters a row: no browser's own font makes so many wider than the column."""
ROWS = 2
"""Rows that a long line is cut to."""


def draw(lines: Sequence[Line]) -> str:
    """Draw a classified page.

    Args:
        lines: its lines.

    Returns:
        An SVG document.
    """
    right = LEFT + TAG + COLUMN + GAP
    width = right + COLUMN + LEFT
    before, bottom = _before(lines)
    after, other = _after([line for line in lines if line.kept], right)
    height = max(bottom, other) + LEFT
    dropped = sum(not line.kept for line in lines)
    heads = [
        _text(LEFT, 30, f"The page: {len(lines)} lines", TEXT, size=16, weight=600),
        _text(right, 30, f"Its body: {len(lines) - dropped} lines", TEXT, size=16, weight=600),
        _text(right, 50, "whole and in order; long lines are cut in this picture only", "#667085"),
        _legend(),
    ]
    title = "A page's lines, coloured by label, and the body that is left of them"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" font-family="{FONT}" font-size="{SIZE}" '
            'role="img">',
            f"<title>{title}</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            *heads,
            *before,
            *after,
            "</svg>",
            "",
        ]
    )


def _before(lines: Sequence[Line]) -> tuple[list[str], int]:
    """All lines with their labels; also where they end."""
    parts, y = [], TOP
    for line in lines:
        colour, band = COLOURS[line.label]
        rows = _rows(line.text)
        height = len(rows) * ROW
        parts.append(
            f'<rect x="{LEFT}" y="{y}" width="{TAG + COLUMN}" height="{height - 1}" fill="{band}"/>'
        )
        parts.append(_text(LEFT + 6, y + 12, line.label.value, colour, weight=600))
        for i, row in enumerate(rows):
            shown = TEXT if line.kept else colour
            parts.append(_text(LEFT + TAG, y + 12 + i * ROW, row, shown))
        y += height
    return parts, y


def _after(lines: Sequence[Line], x: int) -> tuple[list[str], int]:
    """The kept lines alone; also where they end."""
    parts, y = [], TOP
    for line in lines:
        rows = _rows(line.text)
        parts += [_text(x, y + 12 + i * ROW, row, TEXT) for i, row in enumerate(rows)]
        y += len(rows) * ROW + ROW // 2
    parts.insert(
        0, f'<rect x="{x - 16}" y="{TOP - 4}" width="2" height="{y - TOP}" fill="#079455"/>'
    )
    return parts, y


def _legend() -> str:
    spans = "".join(
        f'<tspan fill="{COLOURS[label][0]}" font-weight="600">{label.value}</tspan> {what}  '
        for label, what in (
            (Label.CONTENT, "kept;"),
            (Label.PAYWALL, ""),
            (Label.NAVIGATION, ""),
            (Label.RELATED_LINKS, "dropped"),
        )
    )
    return f'<text x="{LEFT}" y="50" fill="#667085">{spans.rstrip()}</text>'


def _rows(text: str) -> list[str]:
    return textwrap.wrap(text, WRAP, max_lines=ROWS, placeholder=" …")


def _text(x: int, y: int, text: str, fill: str, *, size: int = SIZE, weight: int = 400) -> str:
    more = (f' font-size="{size}"' if size != SIZE else "") + (
        f' font-weight="{weight}"' if weight != 400 else ""
    )
    return f'<text x="{x}" y="{y}" fill="{fill}"{more}>{escape(text)}</text>'


def sample() -> str:
    """Read the sample page without its labels.

    Returns:
        Its text.
    """
    lines = SAMPLE.read_text("utf-8").splitlines()
    return "".join(f"{line.partition(chr(9))[2]}\n" for line in lines)


def main(arguments: Sequence[str]) -> int:
    """Write the picture, or check it.

    Args:
        arguments: `--check` or nothing.

    Returns:
        The exit code.
    """
    picture = draw(Classifier.load().classify(sample()).lines)
    if "--check" not in arguments:
        PICTURE.write_text(picture, "utf-8")
        return 0
    if PICTURE.is_file() and PICTURE.read_text("utf-8") == picture:
        return 0
    print(f"{PICTURE.name} is not up to date: make picture", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
