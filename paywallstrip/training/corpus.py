"""The two corpora: readers, the split by site, and the language of a page."""

from __future__ import annotations

import hashlib
import json
import lzma
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paywallstrip.errors import DataError
from paywallstrip.training.shapes import is_one_line, kind_of, label_faults

BUCKETS = 100
FINAL_FROM = 80  # buckets from here on are the final part
FOLDS = 5

UNKNOWN_LANGUAGE = "und"
ARTICLE = "article"
UNKNOWN_TYPE = "unknown"

_HTML_TAG = re.compile(r"<html\b[^>]{0,4000}>", re.IGNORECASE)
_LANG = re.compile(r"\s(?:xml:)?lang\s*=\s*[\"']?\s*([A-Za-z]{2,3})(?![A-Za-z])", re.IGNORECASE)
# A page may open with a long comment (conditional ones, licences) before <html>.
_HEAD_CHARACTERS = 50_000


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """A page whose every line was labelled by reading.

    Attributes:
        id, source, url, domain: where the page comes from; `url` is empty where unknown.
        converter: what turned the HTML into `lines`, with its version.
        lines: the non-empty lines in reading order.
        labels: one label a line.
        html: the page, its scripts and styles emptied.
        page_type: as in `BodyPage`; `UNKNOWN_TYPE` where the source does not say.
    """

    id: str
    source: str
    url: str
    domain: str
    converter: str
    lines: tuple[str, ...]
    labels: tuple[str, ...]
    html: str
    page_type: str = UNKNOWN_TYPE

    @property
    def is_other_type(self) -> bool:
        """Whether it is known to be no article: a shop's, a forum's, an index."""
        return self.page_type not in (ARTICLE, UNKNOWN_TYPE)


@dataclass(frozen=True, slots=True)
class BodyPage:
    """A page with its true body text, without labels.

    Attributes:
        id, source, url, domain: where the page comes from; `url` is empty where unknown.
        page_type: `article`, `forum`, `product`, `listing`, `collection`, `service` or
            `documentation`.
        title, body: the headline and the true main text.
        must_have, must_not_have: snippets the body holds, or must not hold, where known.
        html: the page, its scripts and styles emptied.
    """

    id: str
    source: str
    url: str
    domain: str
    page_type: str
    title: str
    body: str
    must_have: tuple[str, ...]
    must_not_have: tuple[str, ...]
    html: str


_LABELLED_FIELDS = dict.fromkeys(("id", "source", "domain", "converter", "html"), str)
_BODY_FIELDS = dict.fromkeys(("id", "source", "domain", "page_type", "html"), str)


def read_records(
    path: str | Path, required: Mapping[str, type], optional: Mapping[str, type]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read a packed file of the corpora or of views, and check the fields of its pages.

    Args:
        path: a `.jsonl.xz` file, one JSON object a line.
        required: fields that must be there, each with its type, str or list; a list holds
            strings, but for the labels, which are left to `check_labels`.
        optional: fields that may be missing or null.

    Yields:
        Each object, after the words that name its place: file, line and page.

    Raises:
        DataError: a line is no such object.
    """
    with lzma.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            where = f"{path}:{number}"
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise DataError(f"{where}: {error}") from error
            if not isinstance(record, dict):
                raise DataError(f"{where}: not a JSON object")
            if isinstance(record.get("id"), str):
                where += f": page {record['id']}"
            for fault in _faults(record, required, optional):
                raise DataError(f"{where}: {fault}")
            yield where, record


def _faults(
    record: Mapping[str, Any], required: Mapping[str, type], optional: Mapping[str, type]
) -> Iterator[str]:
    for field in required:
        if field not in record:
            yield f"field {field!r} is missing"
    for field, kind in {**required, **optional}.items():
        value = record.get(field)
        if field in optional and value is None:
            continue
        if not isinstance(value, kind):
            wanted = kind_of(kind())
            yield f"field {field!r} must be {wanted}, found {kind_of(value)}"
        elif isinstance(value, list) and field != "labels":
            for each in value:
                if not isinstance(each, str):
                    yield f"field {field!r} must hold strings, found {kind_of(each)}"


def check_labels(where: str, lines: Sequence[str], labels: Sequence[Any]) -> None:
    """Check the labels of a page's lines, as the corpora and views have them.

    Args:
        where: names the page.
        lines: its lines.
        labels: what should be one label a line, None where it is open.

    Raises:
        DataError: they are something else.
    """
    if len(lines) != len(labels):
        raise DataError(f"{where}: {len(lines)} lines, {len(labels)} labels")
    for label in labels:
        for fault in label_faults(label):
            raise DataError(f"{where}: {fault}")


def read_labelled(path: str | Path) -> Iterator[LabelledPage]:
    """Read the labelled pages one by one.

    Args:
        path: a `.jsonl.xz` file, one page a line.

    Yields:
        The pages in the file's order.

    Raises:
        DataError: a page lacks a field, has not one known label a line, or a line is blank or
            holds a line end; the message names file, line and page.
    """
    fields = _LABELLED_FIELDS | {"lines": list, "labels": list}
    for where, record in read_records(path, fields, {"url": str}):
        lines, labels = tuple(record["lines"]), tuple(record["labels"])
        check_labels(where, lines, labels)
        for line in lines:
            if not is_one_line(line):
                raise DataError(f"{where}: {line[:40]!r} is not one non-blank line")
        yield LabelledPage(
            id=record["id"],
            source=record["source"],
            url=record.get("url") or "",
            domain=record["domain"],
            converter=record["converter"],
            lines=lines,
            labels=labels,
            html=record["html"],
        )


def read_bodies(path: str | Path) -> Iterator[BodyPage]:
    """Read the pages with a known body one by one.

    Args:
        path: a `.jsonl.xz` file, one page a line.

    Yields:
        The pages in the file's order.

    Raises:
        DataError: a page lacks a field, or one is of the wrong type; the message names file,
            line and page.
    """
    optional = {"url": str, "title": str, "body": str, "must_have": list, "must_not_have": list}
    for _, record in read_records(path, _BODY_FIELDS, optional):
        yield BodyPage(
            id=record["id"],
            source=record["source"],
            url=record.get("url") or "",
            domain=record["domain"],
            page_type=record["page_type"],
            title=record.get("title") or "",
            body=record.get("body") or "",
            must_have=tuple(record.get("must_have") or ()),
            must_not_have=tuple(record.get("must_not_have") or ()),
            html=record["html"],
        )


def split_of(domain: str) -> int:
    """Give the bucket of a site, the same on every machine and in every year.

    Args:
        domain: the registrable name, or the host of a hosted blog.

    Returns:
        0 to 99.
    """
    digest = hashlib.sha1(domain.encode("utf-8"), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


def is_final(domain: str) -> bool:
    """Tell whether a site belongs to the final part, which is never trained on.

    Args:
        domain: the site.

    Returns:
        Whether its bucket is 80 or more.
    """
    return split_of(domain) >= FINAL_FROM


def fold_of(domain: str) -> int:
    """Give the fold of a site of the training part.

    Args:
        domain: the site.

    Returns:
        0 to 4.

    Raises:
        ValueError: the site belongs to the final part, which has no folds.
    """
    bucket = split_of(domain)
    if bucket >= FINAL_FROM:
        raise ValueError(f"{domain} belongs to the final part: it is in no fold")
    return bucket % FOLDS


def language_of(html: str) -> str:
    """Read the language a page declares.

    Args:
        html: the page.

    Returns:
        The first two letters of `<html lang>`, lower case; `und` if it has none.
    """
    tag = _HTML_TAG.search(html[:_HEAD_CHARACTERS])
    found = _LANG.search(tag.group()) if tag else None
    return found.group(1)[:2].lower() if found else UNKNOWN_LANGUAGE
