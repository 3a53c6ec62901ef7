"""Records of a WARC file, one after the other, whatever is damaged between them.

Needs `pip install fastwarc`.
"""

import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from paywallstrip.bulk.compression import PIECE, pieces, require
from paywallstrip.bulk.records import DamagedError, Reject

GZIP = b"\x1f\x8b\x08"
WINDOW = 1 << 20
HEADER_END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\nContent-Length:\s*(\d+)", re.IGNORECASE)
# What stands between two records, and what tapes are filled up with.
PADDING = b"\r\n\0"


class Item(NamedTuple):
    """A record as it stands in the archive.

    Attributes:
        offset: its first byte, in the file or, of an archive compressed as a whole, in what
            that holds.
        headers: its header fields, in order.
        block: what follows the header.
    """

    offset: int
    headers: list[tuple[str, str]]
    block: bytes


def records(path: Path, stream: BinaryIO, wanted: tuple[str, ...]) -> Iterator[Item | Reject]:
    """Yield the records of some types, and a reject for each damaged stretch.

    Behind a damaged record reading goes on with the next whole one, if the archive is plain or
    each record is a gzip member of its own, as the standard recommends.

    Args:
        path: its name says how it is compressed.
        stream: the open file.
        wanted: values of the header `WARC-Type`.

    Returns:
        An iterator in the order of the file.
    """
    if path.suffix == ".zst" or (path.suffix == ".gz" and not _by_record(stream)):
        yield from _whole(path, stream, wanted)
    else:
        yield from _one_by_one(stream, wanted, packed=path.suffix == ".gz")


def _whole(path: Path, stream: BinaryIO, wanted: tuple[str, ...]) -> Iterator[Item | Reject]:
    """Read an archive that can only be uncompressed from its start."""
    last = 0
    stream.seek(0)
    try:
        for record in _iterator(io.BufferedReader(_Content(pieces(path, stream)))):
            last = record.stream_pos
            if (item := _item(record, wanted)) is not None:
                yield item
    except (OSError, DamagedError) as error:
        yield Reject("byte", last, f"cannot be read from here on: {error}")


def _one_by_one(stream: BinaryIO, wanted: tuple[str, ...], packed: bool) -> Iterator[Item | Reject]:
    """Read an archive in which a record can be found by its first bytes."""
    begin: int | None = 0
    while begin is not None:
        good = None
        reason = "the file is cut off"
        stream.seek(begin)
        try:
            for record in _iterator(stream):
                if (item := _item(record, wanted)) is not None:
                    yield item
                good = record.stream_pos
        except OSError as error:
            reason = str(error)
        bad = begin if good is None else _end(stream, good, packed)
        stream.seek(bad)
        if not stream.read(WINDOW).strip(PADDING):
            return
        begin = _next(stream, bad + 1, packed)
        until = "the end" if begin is None else f"byte {begin}"
        yield Reject("byte", bad, f"cannot be read until {until}: {reason}")


def _iterator(stream: BinaryIO) -> Any:
    return require("fastwarc.warc", "fastwarc").ArchiveIterator(stream, parse_http=False)


def _item(record: Any, wanted: tuple[str, ...]) -> Item | None:
    """Read a record, if it is of a type wanted."""
    if record.headers.get("WARC-Type") not in wanted:
        return None
    block = record.reader.read()
    # The reader takes the end of the file for the end of the record.
    if len(block) != record.content_length:
        raise OSError(f"a record of {record.content_length} bytes has only {len(block)}")
    return Item(record.stream_pos, list(record.headers.items()), block)


def _by_record(stream: BinaryIO) -> bool:
    """Tell whether the first gzip member holds one record and no more."""
    stream.seek(0)
    member = zlib.decompressobj(wbits=31)
    end = None
    head, size = b"", 0
    try:
        while not member.eof and (data := stream.read(PIECE)):
            content = member.decompress(data)
            size += len(content)
            if end is None:
                head += content
                end = _record_size(head)
            if size > (WINDOW if end is None else end + len(HEADER_END)):
                return False
    except zlib.error:
        # Damaged: if it was the only one, the search for the next one finds none.
        return True
    return True


def _record_size(content: bytes) -> int | None:
    """Return how long the record at the start is, line ends behind it not counted."""
    header = content.find(HEADER_END)
    length = LENGTH.search(content, 0, header + 2) if header >= 0 else None
    return None if length is None else header + len(HEADER_END) + int(length[1])


def _end(stream: BinaryIO, begin: int, packed: bool) -> int:
    """Return where the record at `begin` ends; `begin` itself if that one is damaged."""
    stream.seek(begin)
    if not packed:
        size = _record_size(stream.read(WINDOW))
        # Two line ends follow a record.
        return begin if size is None else begin + size + len(HEADER_END)
    member = zlib.decompressobj(wbits=31)
    try:
        while not member.eof and (data := stream.read(PIECE)):
            member.decompress(data)
    except zlib.error:
        return begin
    return stream.tell() - len(member.unused_data) if member.eof else begin


def _next(stream: BinaryIO, begin: int, packed: bool) -> int | None:
    """Return where the next record that can be read starts, at `begin` or behind it."""
    sign = GZIP if packed else b"\nWARC/1."
    while True:
        stream.seek(begin)
        window = stream.read(WINDOW)
        place = window.find(sign)
        if place >= 0:
            found = begin + place + (0 if packed else 1)
            if not packed or _starts_record(stream, found):
                return found
            begin = found + 1
        elif len(window) < WINDOW:
            return None
        else:
            begin += len(window) - len(sign)


def _starts_record(stream: BinaryIO, begin: int) -> bool:
    """Tell whether a gzip member with a record starts here; its magic may stand anywhere."""
    stream.seek(begin)
    try:
        return zlib.decompressobj(wbits=31).decompress(stream.read(PIECE), 8).startswith(b"WARC/")
    except zlib.error:
        return False


class _Content(io.RawIOBase):
    """Pieces of bytes as a file."""

    def __init__(self, content: Iterator[bytes]) -> None:
        self._content = content
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._content, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
