"""CSV: one row a line of a page, for spreadsheets and data frames.

A page's text is put together again from its rows. Blank lines come back as empty ones, every
line end as a newline, and the last line ends with one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from paywallstrip.errors import DataError
from paywallstrip.training.files import open_read, open_write
from paywallstrip.training.records import LabelledSpan, PageRecord, line_bounds
from paywallstrip.training.shapes import LABEL_NAMES, OPTIONAL, is_one_line

REQUIRED = ("page", "line", "text", "label")
COLUMNS = (*REQUIRED, "by", *OPTIONAL)
_DIGITS = 20
_LARGEST = 2**31 - 1
_MOST_LINES = 1 << 20
"""The most lines of a page, blank ones among them, as a spreadsheet has rows: all are made."""


def write_table(pages: Iterable[PageRecord], path: str | Path) -> None:
    """Write pages as a table; every field is quoted.

    Args:
        pages: the pages. One without a line is left out: a table has a row a line.
        path: the file, replaced if it exists.

    Raises:
        DataError: two pages that follow each other have the same id, and would be read back as
            one; pages of one id have different lines; or a page has over a million.
    """
    with open_write(path) as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        before = None
        numbers: dict[str, tuple[int, ...]] = {}
        for page in filter(lambda page: page.lines, pages):
            if before == page.id:
                raise DataError(f"page {page.id} comes twice in a row: give one another id")
            before = page.id
            rows = list(_rows_of(page))
            own = tuple(number for _, number, *_ in rows)
            if numbers.setdefault(page.id, own) != own:
                raise DataError(f"page {page.id} comes with other lines, too: give one another id")
            writer.writerows(rows)


def read_table(path: str | Path) -> Iterator[PageRecord]:
    """Read pages from a table.

    Args:
        path: a CSV file with a header; commas, semicolons or tabs part its columns. It needs
            `page`, `line` (number of the line in its page, from 1, blank lines counted),
            `text` and `label` (empty for an open line); rows of a page stand together. What
            is said of the page, such as its domain, may be left out in some of its rows.

    Yields:
        The pages in the file's order.

    Raises:
        FileNotFoundError: the file does not exist.
        DataError: a row cannot be used; the message names file, row and page.
    """
    with open_read(path, newline="") as file:
        # csv knows but one limit, for the whole process; its own is below the longest lines.
        before = csv.field_size_limit(_LARGEST)
        numbers: dict[str, list[str]] = {}
        try:
            for page_id, group in groupby(_rows(path, file), key=lambda row: row[1]["page"]):
                rows = list(group)
                # A page labelled twice has the same ones; parts of a page do not.
                own = [row["line"] for _, row in rows]
                if numbers.setdefault(page_id, own) != own:
                    raise DataError(
                        f"{path}:{rows[0][0]}: page {page_id} comes again with other lines: its "
                        "rows must stand together, so sort by page and line"
                    )
                yield _page(str(path), page_id, rows)
        except csv.Error as error:
            raise DataError(f"{path}: not CSV: {error}") from error
        finally:
            csv.field_size_limit(before)


def _rows_of(page: PageRecord) -> Iterator[tuple[Any, ...]]:
    fields = [getattr(page, name) for name in OPTIONAL]
    number, at = 1, 0
    for line in page.lines:
        number += _count_ends(page.text[at : line.start])
        at = line.start
        if number > _MOST_LINES:
            raise DataError(f"page {page.id} has more than {_MOST_LINES:,} lines: cut it")
        text = page.text[line.start : line.end]
        yield (page.id, number, text, line.label or "", line.by, *fields)


def _count_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _rows(path: str | Path, file: IO[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row by column, with the line of the file that it ends on."""
    header = file.readline()
    # The first that gives all columns; the other ones may stand in a quoted name.
    found = {mark: next(csv.reader([header], delimiter=mark)) for mark in ",;\t"}
    delimiter = next((mark for mark in found if set(REQUIRED) <= set(found[mark])), ",")
    names = found[delimiter]
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise DataError(
            f"{path}:1: column {missing[0]!r} is missing: expected {', '.join(REQUIRED)}"
        )
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if twice:
        raise DataError(f"{path}:1: column {twice[0]!r} stands there twice: which one counts?")
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    for row in reader:
        number = reader.line_num + 1
        if not any(row):
            continue
        if len(row) == len(names) and not row[names.index("page")]:
            raise DataError(f"{path}:{number}: column 'page' is empty")
        if len(row) != len(names):
            raise DataError(f"{path}:{number}: {len(row)} fields, but {len(names)} columns")
        yield number, dict(zip(names, row, strict=True))


def _page(path: str, page_id: str, rows: list[tuple[int, dict[str, str]]]) -> PageRecord:
    texts: list[str] = []
    given: list[tuple[str | None, str]] = []
    for number, row in rows:
        where = f"{path}:{number}: page {page_id}, line {row['line'][:_DIGITS]}"
        label = row["label"].strip() or None
        if label is not None and label not in LABEL_NAMES:
            raise DataError(
                f"{where}: label {label!r} is none of {', '.join(LABEL_NAMES)}, nor empty"
            )
        line = _line_number(row["line"])
        if not len(texts) < line <= _MOST_LINES:
            raise DataError(
                f"{where}: line numbers must be whole, start at 1, rise and end by {_MOST_LINES:,}"
            )
        if not is_one_line(row["text"]):
            raise DataError(f"{where}: {row['text'][:40]!r} is not one non-blank line")
        texts += [""] * (line - len(texts) - 1)
        texts.append(row["text"])
        given.append((label, row.get("by", "") if label else ""))
    text = "".join(f"{line}\n" for line in texts)
    lines = tuple(
        LabelledSpan(start, end, *label)
        for (start, end), label in zip(line_bounds(text), given, strict=True)
    )
    return PageRecord(page_id, text, lines, **_fields(path, page_id, rows))


def _line_number(text: str) -> int:
    """Read the number of a line; 0, which none has, for anything else."""
    # Of thousands of digits Python makes no number.
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else 0


def _fields(path: str, page_id: str, rows: list[tuple[int, dict[str, str]]]) -> dict[str, Any]:
    """Take what is the same in all rows of a page; a row may leave it empty."""
    fields = dict.fromkeys(OPTIONAL, "")
    for number, row in rows:
        for name in OPTIONAL:
            value = row.get(name, "")
            if value and fields[name] and value != fields[name]:
                raise DataError(
                    f"{path}:{number}: page {page_id}: {name} {value!r}, but {fields[name]!r} in "
                    "a row above: one page has one"
                )
            fields[name] = fields[name] or value
    return fields
