"""WARC and WET: a record is a page, as text or as HTML. Needs `pip install fastwarc`.

fastwarc reads twice as fast as warcio, the other well-kept reader, and zstd too.
"""

import io
import json
import re
import uuid
import zlib
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

from paywallstrip.bulk.archive import Item, records
from paywallstrip.bulk.compression import GZIP_INPUT, compressed, require
from paywallstrip.bulk.records import (
    CHUNK_BYTES,
    CHUNK_RECORDS,
    PAGE_BYTES,
    TOO_LARGE,
    Chunk,
    Cleaned,
    Mark,
    Reject,
    Totals,
    reason_of,
)
from paywallstrip.bulk.settings import Found, Settings
from paywallstrip.groups import grouped
from paywallstrip.markup.decoding import decode_declared
from paywallstrip.model_folder import HTML_KIND, TEXT_KIND

WANTED = ("conversion", "response", "resource")
HTML = ("text/html", "application/xhtml+xml")
GZIP_SIGN = b"\x1f\x8b\x08"
GZIP_BITS = zlib.MAX_WBITS | 16
WINDOW_BITS = {"gzip": GZIP_BITS, "x-gzip": GZIP_BITS, "deflate": zlib.MAX_WBITS}
"""How zlib is told what it uncompresses, by encoding."""
READERS = {"br": "BrotliReader", "zstd": "ZstdReader", "chunked": "ChunkedReader"}
"""What fastwarc undoes other encodings by: what `parse_http` undoes has no bounds."""
MOST_OF_A_REASON = 100
OK = 200
HTML_BEGIN = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<(?:\?xml|!--)[^>]*>\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE,
)
MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[!?/A-Za-z]")
# Of the page, not of the record: they hold for what becomes of it, too.
KEPT_HEADERS = ("warc-target-uri", "warc-date", "warc-identified-content-language")


class Page(NamedTuple):
    """A record to clean.

    Attributes:
        item: the record.
        content: its text, or its HTML.
        html: which of both.
    """

    item: Item
    content: str | bytes
    html: bool


def read(path: Path, start: Mark) -> Iterator[Chunk]:
    """Yield some records at a time.

    Args:
        path: an archive, plain or compressed.
        start: where to go on; its number counts records and rejects.

    Returns:
        An iterator over chunks whose payload is a pair of the path and the records. What came
        before an error is given out before it is raised.

    Raises:
        OSError: if the file cannot be opened.
    """
    with path.open("rb") as stream:
        held: list[Item] = []
        rejects: list[Reject] = []
        size = number = left_out = 0
        failure: Exception | None = None
        try:
            for each in records(path, stream, WANTED):
                number += 1
                if number <= start.number:
                    continue
                if isinstance(each, Reject):
                    rejects.append(each)
                elif not each.wanted:
                    left_out += 1
                else:
                    held.append(each)
                    size += len(each.block)
                if size >= CHUNK_BYTES or len(held) >= CHUNK_RECORDS:
                    at = Mark(0, number), stream.tell()
                    yield Chunk((path, held), 0, *at, tuple(rejects), left_out)
                    held, rejects, size, left_out = [], [], 0, 0
        except Exception as error:
            # What was read before is still owed.
            failure = error
        if held or rejects or left_out:
            payload = (path, held) if held else None
            yield Chunk(payload, 0, Mark(0, number), stream.tell(), tuple(rejects), left_out)
        if failure is not None:
            raise failure


def kind_needed(path: Path) -> str | None:
    """Return the kind of model for an archive, by its first record of the types wanted.

    Args:
        path: an archive, plain or compressed.

    Returns:
        "text" or "html"; None if no such record can be read.
    """
    with path.open("rb") as stream:
        items = (each for each in records(path, stream, WANTED) if isinstance(each, Item))
        first = next((each for each in items if each.wanted), None)
    if first is None:
        return None
    return TEXT_KIND if _headers(first)["warc-type"] == "conversion" else HTML_KIND


def clean(chunk: Chunk, settings: Settings) -> Cleaned:
    """Clean some records; those that are neither plain text nor HTML are counted, no more.

    Args:
        chunk: as `read` yields them.
        settings: how to clean.

    Returns:
        The bytes to append to the output: a `conversion` record a page, and where lines or
        labels are wanted a `metadata` record behind it.
    """
    path, items = chunk.payload
    totals = Totals()
    rejects: list[Reject] = []
    written = []
    for pages in _pages(items, rejects, totals):
        for item, found in _found(pages, rejects, settings):
            totals.count(found.outcome)
            written += [compressed(path, record) for record in _records(item, found, settings)]
    totals.reject(rejects)
    return Cleaned(b"".join(written), rejects, totals)


def _pages(items: list[Item], rejects: list[Reject], totals: Totals) -> Iterator[list[Page]]:
    """Yield what is to be cleaned; at once, unless it is much more than the records were."""
    found = _read_pages(items, rejects, totals)
    return grouped(found, lambda page: len(page.content), repeat(PAGE_BYTES))


def _read_pages(items: list[Item], rejects: list[Reject], totals: Totals) -> Iterator[Page]:
    """Yield what is to be cleaned of each record, and note what cannot be or is no page."""
    for item in items:
        try:
            page = _page(item)
        except (OSError, ValueError, MemoryError) as error:
            rejects.append(Reject("byte", item.offset, f"{_uri(item)}: {reason_of(error)}"))
            continue
        if page is None:
            totals.left_out += 1
        else:
            yield page


def _page(item: Item) -> Page | None:
    """Return what is to be cleaned of a record; a `ValueError` says why it cannot be."""
    headers = _headers(item)
    kind = _media_type(headers.get("content-type", ""))
    if headers["warc-type"] == "conversion":
        return Page(item, _decoded(_block(item)), False) if kind == "text/plain" else None
    if kind in HTML:
        return Page(item, _block(item), True)
    return _http_page(item) if kind == "application/http" else None


def _http_page(item: Item) -> Page | None:
    """Take the HTML out of an HTTP response; None if it is of another type.

    A page that a server sent without a type is known by its beginning, as browsers do.
    """
    record = _response(item)
    kind = (record.http_content_type or "").lower()
    if kind in HTML:
        return Page(item, decode_declared(_content(item, record), record.http_charset or ""), True)
    if kind or record.http_headers is None or record.http_headers.status_code != OK:
        return None
    try:
        content = _content(item, record)
    except (OSError, ValueError):
        return None
    return Page(item, content, True) if HTML_BEGIN.match(content) else None


def _content(item: Item, record: Any) -> bytes:
    """Return what an HTTP response holds, its encodings undone."""
    _check_size(item.length)
    fields = {name.lower(): value.lower() for name, value in record.http_headers.items()}
    content: bytes = record.reader.read()
    if any(map(fields.get, ("transfer-encoding", "content-encoding"))):
        content = _undone(content, fields)
    return content


def _response(item: Item) -> Any:
    """Read an HTTP response; its encodings are left as they are."""
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\n"
        f"Content-Length: {len(item.block)}\r\n\r\n"
    )
    parse = require("fastwarc.warc", "fastwarc").WarcRecord.from_bytes
    record = parse(head.encode() + item.block + b"\r\n\r\n")
    record.parse_http(auto_decode="none")
    return record


def _undone(stored: bytes, fields: dict[str, str]) -> bytes:
    """Return what an HTTP response holds with all encodings undone; `stored` is as it stands."""
    encodings = _encodings(fields, "content-encoding")
    applied = encodings + _encodings(fields, "transfer-encoding")
    # Chunks begin with their size: what begins like this was taken out of them.
    if stored.startswith(GZIP_SIGN) and len(encodings) < 2:
        applied = ["gzip"]
    content = stored
    try:
        for name in reversed(applied):
            content = _decoded_by(name, content)
    except (OSError, zlib.error) as error:
        # Some crawlers store what they have undone under the headers that came with it.
        if MARKUP.match(stored):
            return stored
        reason = str(error)[:MOST_OF_A_REASON]
        raise ValueError(f"the response's encoding cannot be undone: {reason}") from error
    return content


def _encodings(fields: dict[str, str], header: str) -> list[str]:
    """Return the encodings that a header names, in the order in which they were applied."""
    names = (name.strip() for name in fields.get(header, "").split(","))
    return [name for name in names if name not in ("", "identity")]


def _decoded_by(name: str, data: bytes) -> bytes:
    """Undo one encoding.

    Raises:
        OSError, zlib.error: the data are damaged, or the encoding is not known.
        ValueError: they are cut off, or hold too much.
    """
    if name in WINDOW_BITS:
        try:
            return _unpacked(data, WINDOW_BITS[name])
        except zlib.error:
            if name != "deflate":
                raise
            # Some servers leave out what zlib puts around it; browsers take both.
            return _unpacked(data, -zlib.MAX_WBITS)
    if name not in READERS:
        raise OSError(f"unknown encoding {name}")
    reader = getattr(require("fastwarc.stream_io", "fastwarc"), READERS[name])
    content: bytes = reader(io.BytesIO(data)).read(PAGE_BYTES + 1)
    _check_size(len(content))
    return content


def _unpacked(data: bytes, wbits: int) -> bytes:
    """Uncompress what may be several members one after the other, piece by piece.

    fastwarc does the same, but of what is cut off gives half, without a word.

    Raises:
        ValueError: the last one is cut off, or they hold too much.
        zlib.error: it is damaged, or something else.
    """
    found: list[bytes] = []
    size = 0
    member = zlib.decompressobj(wbits)
    # What stands behind a member is copied, so that small pieces are fast, too.
    for at in range(0, len(data), GZIP_INPUT):
        piece = data[at : at + GZIP_INPUT]
        while piece:
            if member.eof:
                # Anything else behind the last member is padding.
                if not GZIP_SIGN.startswith(piece[: len(GZIP_SIGN)]):
                    return b"".join(found)
                member = zlib.decompressobj(wbits)
            found.append(member.decompress(piece))
            size += len(found[-1])
            _check_size(size)
            piece = member.unused_data
    if data and not member.eof:
        raise ValueError("the response is cut off")
    return b"".join(found)


def _found(
    pages: list[Page], rejects: list[Reject], settings: Settings
) -> Iterator[tuple[Item, Found]]:
    """Yield each page's record with what is found of it, in order."""
    texts = settings.texts(str(page.content) for page in pages if not page.html)
    markup = iter(settings.pages([page.content for page in pages if page.html]))
    for page in pages:
        found = next(markup) if page.html else next(texts)
        if isinstance(found, Found):
            yield page.item, found
        else:
            reason = reason_of(found)
            rejects.append(Reject("byte", page.item.offset, f"{_uri(page.item)}: {reason}"))


def _records(item: Item, found: Found, settings: Settings) -> Iterator[bytes]:
    """Write what a page becomes."""
    own = dict(zip(("found", "kept_share", "removed"), settings.values(found), strict=False))
    text = found.text if settings.label_only else own["found"]
    kept = [(name, value) for name, value in item.headers if name.lower() in KEPT_HEADERS]
    before = next((value for name, value in item.headers if name.lower() == "warc-record-id"), "")
    # Made from the old one, so that a run that is begun again gives the same.
    name = _identifier(before or f"{_uri(item)} {item.offset}")
    link = [("WARC-Refers-To", before)] if before else []
    share = ("Paywallstrip-Kept-Share", f"{own['kept_share']:.6f}")
    yield _record("conversion", name, [*kept, *link, share], "text/plain", text)
    about: dict[str, Any] = {}
    if settings.label_only:
        about["spans"] = own["found"]
    if settings.keep_removed:
        about["removed"] = own["removed"]
    if about:
        content = json.dumps(about)
        fields = [*kept, ("WARC-Refers-To", name)]
        yield _record("metadata", _identifier(name), fields, "application/json", content)


def _record(
    kind: str, name: str, fields: list[tuple[str, str]], media_type: str, content: str
) -> bytes:
    """Write a record."""
    block = content.encode("utf-8", "replace")
    header = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", name),
        *fields,
        ("Content-Type", media_type),
        ("Content-Length", str(len(block))),
    ]
    lines = "".join(f"{field}: {value}\r\n" for field, value in header)
    return b"WARC/1.0\r\n" + lines.encode("utf-8", "replace") + b"\r\n" + block + b"\r\n\r\n"


def _identifier(seed: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, seed)}>"


def _block(item: Item) -> bytes:
    """Return what follows a record's header, after checking that it is all there."""
    _check_size(item.length)
    return item.block


def _check_size(size: int) -> None:
    if size > PAGE_BYTES:
        raise ValueError(TOO_LARGE)


def _decoded(block: bytes) -> str:
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8: {error.reason} at byte {error.start}") from error


def _media_type(value: str) -> str:
    """Return a media type without its parameters."""
    return value.partition(";")[0].strip().lower()


def _headers(item: Item) -> dict[str, str]:
    """Return a record's header fields by their names in lower case."""
    return {name.lower(): value for name, value in item.headers}


def _uri(item: Item) -> str:
    """Return what messages call a record."""
    names = [value for name, value in item.headers if name.lower() == "warc-target-uri"]
    return names[0] if names else "a record without address"
