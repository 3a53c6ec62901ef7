"""A labelled page of one's own: its text, its lines with their labels, and what is wrong with it.

The entries in `lines` are the non-blank lines of `text`, each once and in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from paywallstrip.errors import DataError
from paywallstrip.lines import split_lines
from paywallstrip.training.shapes import OPTIONAL, giver_faults, label_faults, string_faults

_PREVIEW = 40


@dataclass(frozen=True, slots=True)
class LabelledSpan:
    """One non-blank line of a page and its label.

    Attributes:
        start: offset of its first character in the page's text.
        end: offset one past its last character; the line end is not in it.
        label: one of the four labels, or None while it is open.
        by: who or what gave the label, e.g. a name or a model's name; empty if unknown.
    """

    start: int
    end: int
    label: str | None
    by: str = ""


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page with the label of every line, as it stands in a file.

    Attributes:
        id: names the page; the same page labelled by two people has the same id twice.
        text: the page's text.
        lines: every non-blank line of `text`, in order.
        url: where the page is from; empty if unknown.
        domain: its site; pages of one site are never on both sides of a split. Empty for a
            page that stands for itself.
        language: a BCP 47 tag like "de"; empty if unknown.
        rules: which version of the labelling rules it was labelled by; empty if unknown.
    """

    id: str
    text: str
    lines: tuple[LabelledSpan, ...]
    url: str = ""
    domain: str = ""
    language: str = ""
    rules: str = ""

    @property
    def line_texts(self) -> tuple[str, ...]:
        """The text of each entry of `lines`, without its line end."""
        return tuple(self.text[line.start : line.end] for line in self.lines)

    @property
    def labels(self) -> tuple[str | None, ...]:
        """The label of each entry of `lines`."""
        return tuple(line.label for line in self.lines)


def line_bounds(text: str) -> list[tuple[int, int]]:
    """Give start and end of each non-blank line of a text, as the library splits it.

    Args:
        text: any text.

    Returns:
        Offsets into the text, in order.

    >>> line_bounds("News\\n\\nThe ferry runs again.\\r\\n")
    [(0, 4), (6, 27)]
    """
    lines = split_lines([text])
    return list(zip(lines.starts.tolist(), lines.ends.tolist(), strict=True))


def make_page(
    page_id: str,
    text: str,
    labels: Sequence[str | None] | None = None,
    *,
    by: str = "",
    url: str = "",
    domain: str = "",
    language: str = "",
    rules: str = "",
) -> PageRecord:
    """Make a page of a text and the labels of its lines.

    Args:
        page_id: names the page.
        text: its text.
        labels: one for each non-blank line, None where it is open; None leaves all open.
        by: who or what gave the labels.
        url: see `PageRecord`.
        domain: see `PageRecord`.
        language: see `PageRecord`.
        rules: see `PageRecord`.

    Returns:
        The page.

    Raises:
        DataError: there is not one label a line, a label is none of the four, the name is empty,
            or a field is no str.
        TypeError: the text is no str.

    >>> page = make_page("ferry:1", "News\\n\\nThe ferry runs again.", ["navigation", "content"])
    >>> page.lines[1]
    LabelledSpan(start=6, end=27, label='content', by='')
    """
    if not isinstance(text, str):
        raise TypeError(f"page {page_id}: text must be a str, got {type(text).__name__}")
    bounds = line_bounds(text)
    given = [None] * len(bounds) if labels is None else list(labels)
    if len(given) != len(bounds):
        raise DataError(f"page {page_id}: {len(bounds)} non-blank lines, but {len(given)} labels")
    lines = tuple(
        LabelledSpan(start, end, None if label is None else str(label), by if label else "")
        for (start, end), label in zip(bounds, given, strict=True)
    )
    page = PageRecord(page_id, text, lines, url, domain, language, rules)
    for line, message in page_faults(page):
        raise DataError(f"page {page_id}{'' if line is None else f', line {line}'}: {message}")
    return page


def page_faults(page: PageRecord) -> Iterator[tuple[int | None, str]]:
    """Find what is wrong with a page that comes from Python, where anything goes.

    Args:
        page: the page; its lines are `LabelledSpan`, whatever these hold.

    Yields:
        The line of the page that a fault is about, from 1, None for the whole page; and what
        was found and expected.
    """
    strings = {name: getattr(page, name) for name in ("id", "text", *OPTIONAL)}
    yield from ((None, message) for message in string_faults(strings))
    for number, line in enumerate(page.lines, start=1):
        yield from ((number, message) for message in giver_faults(line.by))
    yield from span_faults(page)


def span_faults(page: PageRecord) -> Iterator[tuple[int | None, str]]:
    """Find what is wrong with a page of the right shape: where its lines stand, and their labels.

    Args:
        page: the page.

    Yields:
        As for `page_faults`.
    """
    bounds = line_bounds(page.text)
    for number, (line, (start, end)) in enumerate(zip(page.lines, bounds, strict=False), start=1):
        if (line.start, line.end) != (start, end):
            # All that follow are off, too, as a rule: one message serves better.
            yield (
                number,
                f"start {line.start} and end {line.end} are not those of a line: expected "
                f"{start} and {end}, {preview(page.text[start:end])}",
            )
            break
    else:
        if len(page.lines) != len(bounds):
            yield (
                None,
                f"{len(page.lines)} entries in 'lines', but the text has {len(bounds)} "
                "non-blank lines",
            )
    for number, line in enumerate(page.lines, start=1):
        yield from ((number, message) for message in label_faults(line.label))


def preview(text: str) -> str:
    """Quote the beginning of a line, for messages.

    Args:
        text: the line.
    """
    return repr(text if len(text) <= _PREVIEW else f"{text[: _PREVIEW - 1]}…")
