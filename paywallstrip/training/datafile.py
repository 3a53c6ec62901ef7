"""Labelled pages of one's own in files: one JSON object a page, one page a line.

`docs/labelled-pages.md` describes the format; `paywallstrip/data/labelled-page.schema.json` is
its JSON Schema. What the schema cannot say of a page, `records` checks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from paywallstrip.errors import DataError
from paywallstrip.training.files import open_read, open_write
from paywallstrip.training.records import (
    LabelledSpan,
    PageRecord,
    page_faults,
    preview,
    span_faults,
)
from paywallstrip.training.shapes import parse_json, record_faults

_OPENINGS = ("[", "{", "[{")
"""The first line of JSON that is laid out over several ones."""
_UTF_16 = ("\udcff\udcfe", "\udcfe\udcff")
"""Its byte order marks, as they come where UTF-8 is read."""
# Valid inside a JSON string, but half a surrogate pair is no UTF-8, and the others end a line
# for readers that split at more than `\n`.
_ESCAPED = re.compile("[\ud800-\udfff\u2028\u2029\x85]")
# Escaped like this the two stand for one character.
_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


_Labelled = tuple[str, int, str]
"""A label, and the row and id of the page that has it."""


_PAGE_FIELDS = [field.name for field in fields(PageRecord)]
_LINE_FIELDS = [field.name for field in fields(LabelledSpan)]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a page in a file.

    Attributes:
        path: the file.
        row: the line of the file that the page stands on, from 1; 0 if all of it is meant.
        page: the page's id; empty if it has none that can be read.
        line: the line of the page, counting its non-blank lines from 1; None if the whole
            page is meant.
        message: what was found and what was expected.
        severity: "error" if the page cannot be used, "warning" if it should be looked at.
    """

    path: str
    row: int
    page: str
    line: int | None
    message: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        """Write it as `FILE:ROW: page ID, line N: MESSAGE`."""
        parts = [f"{self.path}:{self.row}" if self.row else self.path]
        page = f"page {_shown(self.page)}" if self.page else ""
        line = f"line {self.line}" if self.line is not None else ""
        if page or line:
            parts.append(", ".join(filter(None, (page, line))))
        return ": ".join((*parts, self.message))


def read_pages(*paths: str | Path) -> Iterator[PageRecord]:
    """Read labelled pages one by one.

    Args:
        paths: JSON Lines files, one page a line; `.gz`, `.xz` and `.zst` are unpacked (the
            last needs the package zstandard). Blank lines are passed over.

    Returns:
        An iterator over the pages, in the files' order.

    Raises:
        FileNotFoundError: a file does not exist.
        DataError: a page is not as the format has it; the message names the file, the line
            the page stands on, and the line of the page.
        ImportError: a file ends in `.zst`, and zstandard is not installed.
        TypeError: a path is neither a str nor a path, such as a list of them.
    """
    given: tuple[object, ...] = paths
    for path in given:
        if not isinstance(path, (str, PathLike)):
            kind = type(path).__name__
            raise TypeError(f"paths must be str or Path, got {kind}; of a list: read_pages(*paths)")
    return _each(paths)


def _each(paths: Iterable[str | Path]) -> Iterator[PageRecord]:
    for path in paths:
        for row, content in _rows(path):
            page, problems = _parsed(str(path), row, content)
            if page is None:
                raise DataError(str(problems[0]))
            yield page


def write_pages(pages: Iterable[PageRecord], path: str | Path) -> None:
    """Write labelled pages; the file appears when all of it is written, or not at all.

    Args:
        pages: the pages.
        path: the file, replaced if it exists; packed if it ends in `.gz`, `.xz` or `.zst`.

    Raises:
        DataError: a page is not as the format has it; the message names it.
        PermissionError: the file is write-protected.
        ImportError: the file ends in `.zst`, and zstandard is not installed.
        TypeError: `pages` is no iterable, or an element no `PageRecord`.
    """
    if isinstance(pages, PageRecord) or not isinstance(pages, Iterable):
        kind = type(pages).__name__
        raise TypeError(f"pages must be an iterable of PageRecord, got {kind}; pass a list")
    with open_write(path) as file:
        for number, page in enumerate(pages):
            _check_record(page, number)
            for line, message in page_faults(page):
                where = f"page {page.id}{'' if line is None else f', line {line}'}"
                raise DataError(f"{path}: {where}: {message}")
            try:
                content = dump_json(_as_json(page))
            except DataError as error:
                raise DataError(f"{path}: page {page.id}: {error}") from None
            file.write(content + "\n")


def _check_record(page: Any, number: int) -> None:
    if not isinstance(page, PageRecord):
        kind = type(page).__name__
        raise TypeError(
            f"page {number} must be a PageRecord, got {kind}; make_page(id, text, labels) makes one"
        )


def _as_json(page: PageRecord) -> dict[str, Any]:
    """Return a page as the file has it, ten times as fast as `asdict`, which copies all values."""
    record = {name: getattr(page, name) for name in _PAGE_FIELDS}
    return record | {
        "lines": [{name: getattr(line, name) for name in _LINE_FIELDS} for line in page.lines]
    }


def dump_json(record: Any) -> str:
    """Write a value as JSON on one line that every reader takes for one line.

    Args:
        record: what `json.dumps` takes.

    Returns:
        JSON, readable in all scripts; only what is no UTF-8 or may end a line is escaped.

    Raises:
        DataError: a text has both halves of a surrogate pair one after the other.
    """
    content = json.dumps(record, ensure_ascii=False)
    if _HALVES.search(content):
        raise DataError(
            "the halves of a surrogate pair cannot be written one after the other, as they would "
            "be read as one character; make one of them first: "
            "text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')"
        )
    return _ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", content)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a file of labelled pages.

    Attributes:
        pages: how many pages it has, those that cannot be used among them.
        without_domain: how many of those that can be used do not say which site they are of.
        problems: what is wrong, in the file's order.
    """

    pages: int
    without_domain: int
    problems: tuple[Problem, ...]


def validate_file(path: str | Path) -> list[Problem]:
    """Find all that is wrong with a file of labelled pages.

    Beside what `read_pages` refuses, it warns of pages that contradict each other: one text
    with a line of two labels, and one id for two texts.

    Args:
        path: a file as `read_pages` takes it.

    Returns:
        The problems in the file's order; an empty list if there is none.

    Raises:
        FileNotFoundError: the file does not exist.
        ImportError: it ends in `.zst`, and zstandard is not installed.
    """
    return list(check_file(path).problems)


def check_file(path: str | Path) -> Checked:
    """Count the pages of a file, and find all that is wrong with it.

    Args:
        path: as for `validate_file`.

    Returns:
        What was found.

    Raises:
        FileNotFoundError, ImportError: as for `validate_file`.
    """
    problems: list[Problem] = []
    pages = without_domain = 0
    # A text to the label, row and page that each line had first; an id to its first page.
    by_text: dict[str, list[_Labelled | None]] = {}
    by_id: dict[str, tuple[int, PageRecord]] = {}
    try:
        for row, content in _rows(path):
            page, found = _parsed(str(path), row, content)
            problems += found
            pages += 1
            if page is None:
                continue
            without_domain += not page.domain.strip()
            first_row, first = by_id.setdefault(page.id, (row, page))
            if first.text != page.text:
                message = f"row {first_row} has this id, too, for another text"
                problems.append(_warning(path, row, page, None, message))
            firsts = by_text.setdefault(page.text, [None] * len(page.lines))
            problems += [
                _warning(path, row, page, line, message)
                for line, message in _contradictions(firsts, row, page)
            ]
    except DataError as error:  # the file itself: cut off, no UTF-8, no lines of JSON
        message = str(error).removeprefix(f"{path}: ")
        problems.append(Problem(str(path), 0, "", None, message))
    return Checked(pages, without_domain, tuple(problems))


def _warning(
    path: str | Path, row: int, page: PageRecord, line: int | None, message: str
) -> Problem:
    return Problem(str(path), row, page.id, line, message, "warning")


def _contradictions(
    firsts: list[_Labelled | None], row: int, page: PageRecord
) -> Iterator[tuple[int, str]]:
    """Compare a page's labels with the first ones of the same text, and note those it adds."""
    for index, line in enumerate(page.lines):
        before = firsts[index]
        if line.label is None:
            continue
        if before is None:
            firsts[index] = (line.label, row, page.id)
        elif before[0] != line.label:
            text = preview(page.text[line.start : line.end])
            first, first_row, first_id = before
            yield (
                index + 1,
                f"{text} is {line.label!r} here, but {first!r} in row {first_row} "
                f"(page {_shown(first_id)})",
            )


def _shown(page_id: str) -> str:
    """Return an id without quotes; what would steer a terminal or is no UTF-8 is escaped."""
    return repr(page_id)[1:-1]


def _rows(path: str | Path) -> Iterator[tuple[int, str]]:
    """Yield each line of a file that is not blank, and its number."""
    is_first = True
    # A row that is no UTF-8 is named like any other that is wrong.
    with open_read(path, errors="surrogateescape") as file:
        for row, content in enumerate(file, start=1):
            if is_first and content.startswith(_UTF_16):
                raise DataError(f"{path}: not UTF-8, but UTF-16: save it as UTF-8")
            if is_first and content.strip() in _OPENINGS:
                raise DataError(
                    f"{path}: one page a line is expected, not an array or indented JSON; "
                    "`jq -c` writes lines, of an array `jq -c '.[]'`"
                )
            if content.strip():
                is_first = False
                yield row, content


def _parsed(path: str, row: int, content: str) -> tuple[PageRecord | None, list[Problem]]:
    """Read one page; None if something is wrong with it."""
    try:
        record = parse_json(content)
    except ValueError as error:
        return None, [Problem(path, row, "", None, str(error))]
    name = record.get("id") if isinstance(record, dict) else None
    shown = name if isinstance(name, str) else ""
    found = list(record_faults(record))
    if not found:
        lines = tuple(LabelledSpan(**line) for line in record["lines"])
        page = PageRecord(**{**record, "lines": lines})
        found = list(span_faults(page))
        if not found:
            return page, []
    return None, [Problem(path, row, shown, line, message) for line, message in found]
