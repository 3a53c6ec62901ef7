"""The two corpora: readers, the split by site, and the language of a page."""

from __future__ import annotations

import hashlib
import json
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paywallstrip.errors import DataError

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


_LABELLED_FIELDS = ("id", "source", "domain", "converter", "lines", "labels", "html")
_BODY_FIELDS = ("id", "source", "domain", "page_type", "html")


def _records(path: Path, fields: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            try:
                record = json.loads(line)
                if not isinstance(record, dict):
                    raise ValueError("not a JSON object")
                for field in fields:
                    if field not in record:
                        raise ValueError(f"field {field!r} is missing")
            except ValueError as error:  # JSON's own errors are of this kind too
                raise DataError(f"{path}:{number}: {error}") from error
            yield record


def read_labelled(path: str | Path) -> Iterator[LabelledPage]:
    """Read the labelled pages one by one.

    Args:
        path: a `.jsonl.xz` file, one page a line.

    Yields:
        The pages in the file's order.

    Raises:
        DataError: a page lacks a field, or has not one label a line.
    """
    for record in _records(Path(path), _LABELLED_FIELDS):
        lines, labels = tuple(record["lines"]), tuple(record["labels"])
        if len(lines) != len(labels):
            raise DataError(f"page {record['id']}: {len(lines)} lines, {len(labels)} labels")
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
        DataError: a page lacks a field.
    """
    for record in _records(Path(path), _BODY_FIELDS):
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
