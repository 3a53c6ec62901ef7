"""Records of a WARC file, one after the other, whatever is damaged between them.

Needs `pip install fastwarc`.
"""

import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from paywallstrip.bulk.compression import GZIP_INPUT, PIECE, PieceFile, packing, pieces, require
from paywallstrip.bulk.records import PAGE_BYTES, DamagedError, Reject

MEMBER = re.compile(rb"\x1f\x8b\x08")
RECORD = re.compile(rb"[\n\0]WARC/1\.")
LONGEST_SIGN = 8
"""Bytes of the longer of both, by which the next member or record is known."""
NEAR = 16
"""Bytes behind a record in which the next one begins, if it is in the same member."""
MEMBER_HEADER = 10
WINDOW = 1 << 20
HEADER_END = b"\r\n\r\n"
LENGTH_FIELD = "Content-Length"
# Of more digits it is none that a file can have.
LENGTH = re.compile(rb"\r\nContent-Length:\s*(\d{1,18})(?!\d)", re.IGNORECASE)
# What stands between two records, and what tapes are filled up with.
PADDING = b"\r\n\0"
# What a whole record ends with: two line ends, or padding, or the end of the file.
BEHIND = re.compile(rb"\r\n\r\n|\n\n|[\r\n]*(?=\0|\Z)")


class Item(NamedTuple):
    """A record as it stands in the archive.

    Attributes:
        offset: its first byte, in the file or, of an archive compressed as a whole, in what
            that holds.
        headers: its header fields, in order.
        block: what follows the header; if that is more than `PAGE_BYTES`, the beginning of it.
            Empty if the record is not wanted.
        length: how many bytes follow the header.
        wanted: whether it is of a type wanted.
    """

    offset: int
    headers: list[tuple[str, str]]
    block: bytes
    length: int
    wanted: bool


def records(path: Path, stream: BinaryIO, wanted: tuple[str, ...]) -> Iterator[Item | Reject]:
    """Yield the records, those of some types with what they hold, and a reject for each damage.

    Behind a damaged record reading goes on with the next whole one, if the archive is plain or
    each record is a gzip member of its own, as the standard recommends.

    Args:
        path: its name says how it is compressed.
        stream: the open file.
        wanted: values of the header `WARC-Type`.

    Returns:
        An iterator in the order of the file.
    """
    packed = packing(path)
    if packed == ".zst" or (packed and not _by_record(stream)):
        yield from _whole(path, stream, wanted)
    else:
        yield from _one_by_one(stream, wanted, packed=bool(packed))


def _whole(path: Path, stream: BinaryIO, wanted: tuple[str, ...]) -> Iterator[Item | Reject]:
    """Read an archive that can only be uncompressed from its start."""
    last = 0
    stream.seek(0)
    try:
        for record in _iterator(PieceFile(pieces(path, stream))):
            last = record.stream_pos
            yield _item(record, wanted)
    except (OSError, DamagedError) as error:
        yield Reject("byte", last, f"cannot be read from here on: {error}")


def _one_by_one(stream: BinaryIO, wanted: tuple[str, ...], packed: bool) -> Iterator[Item | Reject]:
    """Read an archive in which a record can be found by its first bytes."""
    begin: int | None = 0
    while begin is not None:
        good = held = length = None
        reason = "the file is cut off"
        stream.seek(begin)
        try:
            for record in _iterator(stream):
                if held is not None:
                    yield held
                    held = None
                held = _item(record, wanted)
                # Of several in one member the first byte is the member's, and not their own.
                length = None if record.stream_pos == good else record.content_length
                good = record.stream_pos
        except OSError as error:
            reason = str(error)
        bad = begin if good is None else _end(stream, good, length, packed)
        # Held back until now: a member cut off may give a whole record and no error.
        if held is not None and bad > held.offset:
            yield held
        # Of a plain record the sign begins one byte before it, at `bad` at the earliest.
        begin = _next(stream, bad + packed, packed)
        if not _only_padding(stream, bad, begin):
            until = "the end" if begin is None else f"byte {begin}"
            yield Reject("byte", bad, f"cannot be read until {until}: {reason}")


def _only_padding(stream: BinaryIO, begin: int, end: int | None) -> bool:
    """Tell whether there is nothing but padding from one byte to another, None for the end."""
    stream.seek(begin)
    while window := stream.read(WINDOW if end is None else min(WINDOW, end - stream.tell())):
        if window.strip(PADDING):
            return False
    return True


def _iterator(stream: BinaryIO | io.RawIOBase) -> Any:
    return require("fastwarc.warc", "fastwarc").ArchiveIterator(stream, parse_http=False)


def _item(record: Any, wanted: tuple[str, ...]) -> Item:
    """Read a record; what it holds is kept if it is of a type wanted."""
    length, block = record.content_length, b""
    _check_spelling(record)
    is_wanted = record.headers.get("WARC-Type") in wanted
    if is_wanted:
        # The beginning of one too large still tells whether it is a page.
        block = record.reader.read(length if length <= PAGE_BYTES else PIECE)
    # The reader takes the end of the file for the end of the record.
    found = len(block) + record.reader.consume()
    if found != length:
        raise OSError(f"a record of {length} bytes has only {found}")
    return Item(record.stream_pos, list(record.headers.items()), block, length, is_wanted)


def _check_spelling(record: Any) -> None:
    """Refuse a record whose length fastwarc does not see; it would be read as one of 0 bytes."""
    if record.content_length:
        return
    for name, value in record.headers.items():
        if name.lower() == LENGTH_FIELD.lower() and name != LENGTH_FIELD and value.strip(" 0"):
            raise OSError(
                f"fastwarc knows the header {name} as {LENGTH_FIELD} alone; have it written so"
            )


def _by_record(stream: BinaryIO) -> bool:
    """Tell whether the first gzip member holds one record and no more."""
    stream.seek(0)
    member = zlib.decompressobj(wbits=31)
    end = None
    head = behind = b""
    size = 0
    try:
        while not member.eof and len(behind) < NEAR and (data := stream.read(GZIP_INPUT)):
            content = member.decompress(data)
            size += len(content)
            if end is None:
                head += content
                content = head
                end = _record_size(head)
            if end is not None:
                behind += content[max(end - (size - len(content)), 0) :][:NEAR]
            elif size > WINDOW:
                return False
    except zlib.error:
        # Damaged: if it was the only one, the search for the next one finds none.
        return True
    # Anything else there says that its length is wrong.
    return b"WARC/" not in behind[:NEAR]


def _record_size(content: bytes) -> int | None:
    """Return how long the record at the start is, line ends behind it not counted."""
    header = content.find(HEADER_END)
    length = LENGTH.search(content, 0, header + 2) if header >= 0 else None
    return None if length is None else header + len(HEADER_END) + int(length[1])


def _end(stream: BinaryIO, begin: int, length: int | None, packed: bool) -> int:
    """Return where a record ends; its first byte if it is damaged.

    Args:
        stream: the open file.
        begin: the record's first byte.
        length: of its block, as its header says; None if that is not to be checked.
        packed: whether it is a gzip member.
    """
    stream.seek(begin)
    if packed:
        return _member_end(stream, length) or begin
    header = stream.read(WINDOW).find(HEADER_END)
    end = begin + header + len(HEADER_END) + (length or 0)
    if header < 0 or end > stream.seek(0, io.SEEK_END):
        return begin
    stream.seek(end)
    behind = BEHIND.match(stream.read(len(HEADER_END)))
    return begin if behind is None else end + behind.end()


def _member_end(stream: BinaryIO, length: int | None) -> int | None:
    """Read a gzip member; return where it ends, None if it or the record in it is damaged."""
    member = zlib.decompressobj(wbits=31)
    head = behind = b""
    left = None
    try:
        while not member.eof and (data := stream.read(GZIP_INPUT)):
            content = member.decompress(data)
            if left is None:
                head += content
                header = head.find(HEADER_END)
                if header < 0:
                    continue
                content, left = head[header + len(HEADER_END) :], length or 0
            behind += content[left:][: len(HEADER_END)]
            left = max(left - len(content), 0)
    except zlib.error:
        return None
    whole = left == 0 and BEHIND.match(behind[: len(HEADER_END)])
    if not member.eof or not (whole or length is None):
        return None
    return stream.tell() - len(member.unused_data)


def _next(stream: BinaryIO, begin: int, packed: bool) -> int | None:
    """Return where the next record that can be read starts, at `begin` or behind it."""
    sign = MEMBER if packed else RECORD
    while True:
        stream.seek(begin)
        window = stream.read(WINDOW)
        # Of a sign at the very end the rest is not to be seen; the next window has it whole.
        for found in sign.finditer(window, 0, len(window) - MEMBER_HEADER):
            at = found.start()
            if not packed:
                return begin + at + 1
            if _is_member(window[at : at + MEMBER_HEADER]):
                return begin + at
        if len(window) < WINDOW:
            return None
        begin += len(window) - MEMBER_HEADER - LONGEST_SIGN


def _is_member(header: bytes) -> bool:
    """Tell whether this looks like a member's header; its first bytes may stand anywhere.

    What the member holds is not looked at: if that is damaged, it is to be rejected by itself.
    """
    flags, speed, system = header[3], header[8], header[9]
    return not flags & 0xE0 and speed in (0, 2, 4) and (system <= 13 or system == 255)
