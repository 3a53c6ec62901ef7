"""The corpora's pages and bodies as they lie in clones of the public repositories.

The clones lie side by side in one folder, each under the name in `CLONES`. In a page's id the
part after the colon is the file's path in that folder, for WCXB and Fundus its number or name.
`docs/data.md` describes what is expected where.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from paywallstrip.bulk.compression import pieces
from paywallstrip.bulk.records import DamagedError
from paywallstrip.errors import DataError

CLONES = {
    "trafilatura": "adbar/trafilatura",
    "parser": "postlight/parser",
    "readability": "mozilla/readability",
    "goose3": "goose3/goose3",
    "newspaper4k": "AndyTheFactory/newspaper4k",
    "fundus": "flairNLP/fundus",
    "web-content-extraction-benchmark": "Murrough-Foley/web-content-extraction-benchmark",
}
"""Name of the folder of each clone, and where it is cloned from on GitHub."""
FUNDUS, WCXB = "fundus", "wcxb-dev"

_FOLDERS = {FUNDUS: "fundus", WCXB: "web-content-extraction-benchmark"}
_ENDINGS = re.compile(r"\.(?:html?|json)(?:\.gz)?$")
_DATE = re.compile(r"(?:_\d+)+$")
_CHARSET = re.compile(rb"<meta\b[^>]{0,500}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.I)
_HEAD_BYTES = 50_000


@dataclass(frozen=True, slots=True)
class TrueBody:
    """The true body of a page as its source gives it.

    Attributes:
        url: where the page is from; empty if unknown.
        title: its headline.
        body: its main text.
        must_have: snippets the body holds.
        must_not_have: snippets it does not hold.
    """

    url: str
    title: str
    body: str
    must_have: tuple[str, ...] = ()
    must_not_have: tuple[str, ...] = ()


class Repositories:
    """Clones of the public repositories in one folder.

    Args:
        folder: the folder; what is missing in it shows as pages that are not found.

    Raises:
        DataError: there is no such folder, or none of the clones is in it.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        if not any((self.folder / name).is_dir() for name in CLONES):
            raise DataError(f"{self.folder} holds none of the clones: {', '.join(CLONES)}")

    def html(self, page_id: str) -> list[str]:
        """Read a page.

        Args:
            page_id: its id in the corpora.

        Returns:
            The page by each character encoding that it may be in, the likeliest first; an
            empty list if the page is not there.
        """
        path = self._path(page_id)
        return [] if path is None else decodings(_bytes(path))

    def bodies(self, page_id: str) -> Iterator[TrueBody]:
        """Read the true body of a page of WCXB or Fundus.

        Args:
            page_id: its id in the corpora.

        Yields:
            The body; for Fundus that of each version of the publisher's layout, one of which
            is the page's.

        Raises:
            DataError: the file is not laid out as expected.
        """
        source, _, name = page_id.partition(":")
        country, page = name.split("/", 1) if source == FUNDUS else ("", name)
        # Fundus has one file a publisher, whose name stands before the date in the page's.
        path = self._json.get((source, country, _DATE.sub("", page) if country else page))
        if path is None:
            return
        try:
            record = json.loads(_bytes(path))
            yield from _fundus_bodies(record) if source == FUNDUS else _wcxb_bodies(record)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(f"{path}: not laid out as expected: {error!r}") from error

    def _path(self, page_id: str) -> Path | None:
        source, _, name = page_id.partition(":")
        if source == FUNDUS:
            country, _, page = name.partition("/")
            return self._pages.get((source, country, page))
        if source == WCXB:
            return self._pages.get((source, "", name))
        for path in (self.folder / name, self.folder / f"{name}.gz"):
            if path.is_file():
                return path
        return None

    @cached_property
    def _pages(self) -> dict[tuple[str, str, str], Path]:
        return self._index(".htm")

    @cached_property
    def _json(self) -> dict[tuple[str, str, str], Path]:
        return self._index(".json")

    def _index(self, ending: str) -> dict[tuple[str, str, str], Path]:
        """The files of WCXB and Fundus by source, country and name without its ending."""
        found: dict[tuple[str, str, str], Path] = {}
        for source, clone in _FOLDERS.items():
            for path in sorted((self.folder / clone).rglob(f"*{ending}*")):
                inside = path.relative_to(self.folder / clone).parts[:-1]
                name = _ENDINGS.sub("", path.name)
                if source == FUNDUS and inside:
                    found.setdefault((source, inside[-1], name), path)
                # The test split has numbers of its own.
                elif source == WCXB and any(part.startswith("dev") for part in inside):
                    found.setdefault((source, "", name), path)
        return found


def decodings(data: bytes) -> list[str]:
    """Decode a page by each character encoding that it may be in.

    Args:
        data: the page.

    Returns:
        Different texts, the likeliest first: by its byte order mark or as UTF-8 if it is
        that, by the encoding it declares, and as Windows-1252, which browsers fall back to.
    """
    declared = _CHARSET.search(data[:_HEAD_BYTES])
    names = ["utf-8-sig"]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        names = ["utf-16"]
    if declared:
        names.append(declared.group(1).decode("ascii"))
    texts = []
    for name in (*names, "windows-1252"):
        try:
            texts.append(data.decode(name))
        except (UnicodeError, LookupError):
            continue
    if not texts:
        texts.append(data.decode("utf-8", "replace"))
    return list(dict.fromkeys(texts))


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        try:
            return b"".join(pieces(path, file))
        except DamagedError as error:
            raise DataError(f"{path}: cut off, or not packed as its name says: {error}") from error


def _wcxb_bodies(record: Any) -> Iterator[TrueBody]:
    truth = record["ground_truth"]
    yield TrueBody(
        url=str(record.get("url") or ""),
        title=str(truth.get("title") or ""),
        body=str(truth["main_content"] or ""),
        must_have=tuple(truth.get("with") or ()),
        must_not_have=tuple(truth.get("without") or ()),
    )


def _fundus_bodies(versions: Any) -> Iterator[TrueBody]:
    for article in versions.values():
        body = article.get("body")
        if body:
            parts = list(body["summary"])
            for section in body["sections"]:
                parts += [*section["headline"], *section["paragraphs"]]
            yield TrueBody("", str(article.get("title") or ""), "\n".join(parts))
