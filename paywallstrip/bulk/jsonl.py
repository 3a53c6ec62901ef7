"""JSON lines: a record is one object a line. What a line holds stays as it was written."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from paywallstrip.bulk.compression import compressed, packing, pieces
from paywallstrip.bulk.records import (
    CHUNK_BYTES,
    CHUNK_RECORDS,
    PAGE_BYTES,
    TOO_LARGE,
    Chunk,
    Cleaned,
    DamagedError,
    Mark,
    Reject,
    Totals,
    reason_of,
)
from paywallstrip.bulk.settings import Settings

MARK = b"\xef\xbb\xbf"
ESCAPES = tuple((char.encode(), json.dumps(char)[1:-1].encode()) for char in '\\"\n\r\t')
"""What a string may not hold as it is, the backslash first; of control characters the common."""
EXPECTED = "an object a line is expected"
RARE = bytes(code for code in range(0x20) if code not in b"\n\r\t")


def read(path: Path, start: Mark) -> Iterator[Chunk]:
    """Yield whole lines, some at a time.

    Args:
        path: a file, plain or compressed.
        start: where to go on; its offset counts uncompressed bytes.

    Returns:
        An iterator over chunks whose payload is a pair of the path and the lines' bytes.

    Raises:
        OSError: if the file cannot be opened or read.
    """
    with path.open("rb") as stream:
        offset, number = start
        content = pieces(path, stream)
        if packing(path):
            content = _skip(content, offset)
        else:
            stream.seek(offset)
        try:
            for block in _blocks(content):
                if isinstance(block, int):
                    offset, number = offset + block, number + 1
                    reject = Reject("line", number, TOO_LARGE)
                    yield Chunk(None, number, Mark(offset, number), stream.tell(), (reject,))
                    continue
                first = number + 1
                offset += len(block)
                number += block.count(b"\n")
                yield Chunk((path, block), first, Mark(offset, number), stream.tell())
        except DamagedError as error:
            reject = Reject("line", number + 1, str(error))
            yield Chunk(None, number + 1, Mark(offset, number), stream.tell(), (reject,))


def fields(path: Path) -> Iterator[list[str]]:
    """Yield the names of the fields of each object in the first chunk.

    Args:
        path: a file, plain or compressed.

    Returns:
        An iterator over lists; lines that are no objects are passed over.

    Raises:
        OSError: if the file cannot be opened or read.
    """
    first = next(read(path, Mark()), None)
    block = b"" if first is None or first.payload is None else first.payload[1]
    for line in block.removeprefix(MARK).split(b"\n"):
        try:
            record = _loaded(line.decode("utf-8"))
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            yield list(record)


def clean(chunk: Chunk, settings: Settings) -> Cleaned:
    """Clean some lines.

    Args:
        chunk: as `read` yields them.
        settings: how to clean.

    Returns:
        The bytes to append to the output.
    """
    path, block = chunk.payload
    totals = Totals()
    rejects: list[Reject] = []
    names = [b", " + _value(name) + b": " for name in settings.added]
    written: list[bytes] = []
    for (number, line), found in settings.beside(_rows(block, chunk.first, settings, rejects)):
        if isinstance(found, MemoryError):
            rejects.append(Reject("line", number, reason_of(found)))
            continue
        totals.count(found and found.outcome)
        # The fields are put behind the object's own, which keep their spelling.
        written.append(line[:-1])
        for name, value in zip(names, settings.values(found), strict=True):
            written += name, _value(value)
        written.append(b"}\n")
    totals.reject(rejects)
    output = compressed(path, b"".join(written)) if written else b""
    return Cleaned(output, rejects, totals)


def _rows(
    block: bytes, first: int, settings: Settings, rejects: list[Reject]
) -> Iterator[tuple[tuple[int, bytes], str | None]]:
    """Yield each line and its number with its text; lines that have none are added to the rejects."""
    added = settings.added
    for number, line in enumerate(block.split(b"\n"), first):
        if len(line) > PAGE_BYTES:
            # By less than a piece: `_blocks` has let it through.
            rejects.append(Reject("line", number, TOO_LARGE))
            continue
        if number == 1:
            line = line.removeprefix(MARK)
        line = line.strip()
        if not line:
            continue
        try:
            text = _text(line, settings.column, added)
        except (ValueError, RecursionError, MemoryError) as error:
            rejects.append(Reject("line", number, _reason(error)))
        else:
            yield (number, line), text


def _text(line: bytes, column: str, added: list[str]) -> str | None:
    """Return the text in a line; a `ValueError` says why it has none."""
    record = _loaded(line.decode("utf-8"))
    if not isinstance(record, dict):
        raise ValueError(f"not a JSON object but {type(record).__name__}; {EXPECTED}")
    if column not in record:
        raise ValueError(f"has no field {column!r}; give --text-column")
    for name in added:
        if name in record:
            raise ValueError(f"has a field {name!r} already; give --prefix")
    text = record[column]
    if text is not None and not isinstance(text, str):
        raise ValueError(f"field {column!r} holds no string but {type(text).__name__}")
    return text


def _loaded(line: str) -> Any:
    """Read a line; whole numbers of more digits than Python takes are none of our business."""
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return json.loads(line, parse_int=float)


def _reason(error: Exception) -> str:
    """Say in a line why a record cannot be read."""
    if isinstance(error, json.JSONDecodeError):
        # Some of its messages end in the word already.
        message = error.msg.removesuffix(" at")
        return f"not JSON: {message} at character {error.pos}; {EXPECTED}"
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8: {error.reason} at byte {error.start}"
    if isinstance(error, RecursionError):
        return "not readable: nested too deep"
    return reason_of(error)


def _value(value: Any) -> bytes:
    """Write a value as UTF-8."""
    try:
        if isinstance(value, str):
            data = value.encode("utf-8")
            if len(data.translate(None, RARE)) == len(data):
                return _quoted(data)
        return json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        # Half of a surrogate pair: it came in as an escape and goes out as one.
        return json.dumps(value).encode("ascii")


def _quoted(data: bytes) -> bytes:
    """Write a string without rare control characters: a third of the time `json` takes."""
    for char, escape in ESCAPES:
        data = data.replace(char, escape)
    return b'"' + data + b'"'


def _skip(stream: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Leave the first bytes out."""
    for piece in stream:
        if size >= len(piece):
            size -= len(piece)
        else:
            yield piece[size:]
            size = 0


def _blocks(stream: Iterator[bytes]) -> Iterator[bytes | int]:
    """Put pieces together to whole lines; of a damaged file those before the damage.

    A line longer than a page may be is not held: its length stands for it.
    """
    held: list[bytes] = []
    rest: list[bytes] = []
    size = lines = begun = 0
    try:
        for piece in stream:
            if begun > PAGE_BYTES and (first := piece.find(b"\n") + 1):
                yield begun + first
                piece, begun = piece[first:], 0
            cut = piece.rfind(b"\n") + 1
            if cut:
                held += *rest, piece[:cut]
                size += begun + cut
                lines += piece.count(b"\n")
                rest, begun = [], 0
            rest.append(piece[cut:])
            begun += len(rest[-1])
            full = size >= CHUNK_BYTES or lines >= CHUNK_RECORDS
            if held and (full or begun > PAGE_BYTES):
                yield b"".join(held)
                held, size, lines = [], 0, 0
            if begun > PAGE_BYTES:
                rest = []
    except DamagedError:
        if held:
            yield b"".join(held)
        raise
    if begun > PAGE_BYTES:
        yield begun
    elif any(held + rest):
        yield b"".join(held + rest)
