"""Spans of a text, as labelling tools mark them, to labels of its lines and back."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paywallstrip.errors import DataError
from paywallstrip.lines import MARK, split_lines
from paywallstrip.training.records import LabelledSpan, PageRecord, line_bounds
from paywallstrip.training.shapes import LABEL_NAMES, OPTIONAL

_WIDE = "\uffff"  # characters after this one are two units of UTF-16


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text with a label, of any length.

    Attributes:
        start: offset of its first character.
        end: offset one past its last.
        label: one of the four labels.
        by: who or what gave it; empty if unknown.
        text: what the tool says stands there; None if it does not say.
    """

    start: int
    end: int
    label: str
    by: str = ""
    text: str | None = None


def label_lines(text: str, spans: Iterable[Span]) -> tuple[LabelledSpan, ...]:
    """Give each line the label of the span that covers it.

    A span may cover many lines, and may miss the edges of the first and the last: a line takes
    its label if more than half of its characters that are not white space are in it.

    Args:
        text: the page's text.
        spans: the spans; they may come in any order.

    Returns:
        Every non-blank line; its label is None where no span covers it.

    Raises:
        DataError: a label is none of the four, a span lies outside the text or holds another
            text than the tool says, or one line got two labels.
    """
    bounds = line_bounds(text)
    starts, ends = [start for start, _ in bounds], [end for _, end in bounds]
    given: list[tuple[str, str] | None] = [None] * len(bounds)
    for span in spans:
        _check(text, span)
        for index in range(bisect_right(ends, span.start), bisect_left(starts, span.end)):
            start, end = bounds[index]
            inside = _inked(text[max(start, span.start) : min(end, span.end)])
            if 2 * inside <= _inked(text[start:end]):
                continue
            before = given[index]
            if before and before[0] != span.label:
                raise DataError(
                    f"line {index + 1}: {text[start:end][:40]!r} is labelled "
                    f"{before[0]!r} and {span.label!r}; take one of the two away"
                )
            given[index] = before or (span.label, span.by)
    return tuple(
        LabelledSpan(start, end, *(label or (None, "")))
        for (start, end), label in zip(bounds, given, strict=True)
    )


def inked_spans(page: PageRecord) -> Iterator[tuple[int, Span]]:
    """Yield a span for each labelled line, without the white space around it.

    Tools that cut a text into tokens take no span that starts or ends inside one, and white
    space at a line's edge may be part of the token of the line end.

    Args:
        page: the page.

    Yields:
        The number of the line, from 1, and its span.
    """
    batch = split_lines([page.text])
    edges = zip(page.lines, batch.heads.tolist(), batch.tails.tolist(), strict=True)
    for number, (line, head, tail) in enumerate(edges, start=1):
        # A byte order mark is as much of a line as a letter here.
        if page.text.startswith(MARK, line.start):
            head = line.start
        if line.label is not None:
            yield number, Span(head, tail, line.label, line.by, page.text[head:tail])


def in_characters(text: str, spans: Sequence[Span]) -> Sequence[Span]:
    """Turn offsets that count UTF-16 units, as browsers do, into those that count characters.

    Which of the two a tool counts is found by which of them fits the text that the spans
    should hold, or else the edges of the lines. The two differ only after emoji and other
    characters beyond U+FFFF.

    Args:
        text: the page's text.
        spans: all spans of the page.

    Returns:
        The spans, with offsets in characters.
    """
    if not spans or not any(character > _WIDE for character in text):
        return spans
    places = {}  # offset in UTF-16 units -> in characters
    unit = 0
    for place, character in enumerate(text):
        places[unit] = place
        unit += 1 + (character > _WIDE)
    places[unit] = len(text)
    moved = [
        Span(places.get(each.start, -1), places.get(each.end, -1), each.label, each.by, each.text)
        for each in spans
    ]
    batch = split_lines([text])
    # With the white space of a line and without, as it is marked.
    places_at = (batch.starts, batch.ends, batch.heads, batch.tails)
    edges = {edge for each in places_at for edge in each.tolist()}

    def fit(some: Sequence[Span]) -> int:
        return sum(
            _plain(text[each.start : each.end]) == _plain(each.text)
            if each.text is not None
            else (each.start in edges) + (each.end in edges)
            for each in some
        )

    return moved if fit(moved) > fit(spans) else spans


def page_name(*names: Any) -> str:
    """Take the first name of a page that a tool's record holds; 0 is one like any other number.

    Args:
        names: those that may be there, None or empty where there is none.

    Returns:
        The name; empty if there is none.
    """
    return next((str(name) for name in names if name not in (None, "")), "")


def page_fields(record: Mapping[str, Any]) -> dict[str, str]:
    """Pick a page's url, domain, language and rules from a tool's record.

    Args:
        record: any mapping; fields that are absent or no strings are passed over.

    Returns:
        What is there.
    """
    return {name: record[name] for name in OPTIONAL if isinstance(record.get(name), str)}


def given_fields(page: PageRecord) -> dict[str, str]:
    """Return those of a page's url, domain, language and rules that are known.

    Args:
        page: the page.

    Returns:
        What `page_fields` picks from a tool's record again.
    """
    return {name: getattr(page, name) for name in OPTIONAL if getattr(page, name)}


def _check(text: str, span: Span) -> None:
    where = f"span {span.start} to {span.end}"
    if span.label not in LABEL_NAMES:
        raise DataError(f"{where}: label {span.label!r} is none of {', '.join(LABEL_NAMES)}")
    if not 0 <= span.start <= span.end <= len(text):
        raise DataError(f"{where} lies outside the text, which has {len(text)} characters")
    held = text[span.start : span.end]
    if span.text is not None and _plain(held) != _plain(span.text):
        raise DataError(
            f"{where} should hold {span.text[:40]!r}, but the text has {held[:40]!r} there; "
            "is it the text that was labelled?"
        )


def _plain(text: str) -> str:
    """White space aside: tools write line ends in their own way."""
    return "".join(text.split()).replace("\\n", "")


def _inked(text: str) -> int:
    return sum(map(len, text.split()))
