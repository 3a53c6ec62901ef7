"""Bytes of plain, gzip and zstd files, piece by piece; and the same way back."""

import gzip
import importlib
import io
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

from paywallstrip.bulk.records import DamagedError

PIECE = 1 << 16
# A byte of gzip may become a thousand, one of zstd 32 thousand: what is uncompressed at once
# stays small only if what goes in does, four megabytes and 32 at most.
GZIP_INPUT = 1 << 12
ZSTD_INPUT = 1 << 10
# The fast end: compressing must not cost what cleaning costs.
GZIP_LEVEL = 1
ZSTD_LEVEL = 1


def packing(path: Path) -> str:
    """Return how a file is compressed, by its name: ".gz", ".zst" or "".

    >>> packing(Path("A.JSONL.GZ"))
    '.gz'
    """
    ending = path.suffix.lower()
    return ending if ending in (".gz", ".zst") else ""


def pieces(path: Path, stream: BinaryIO) -> Iterator[bytes]:
    """Yield what a file holds, uncompressed.

    Args:
        path: its name says how it is compressed.
        stream: the open file.

    Returns:
        An iterator over pieces, none of them empty or longer than `PIECE`.

    Raises:
        DamagedError: once everything before the damage was yielded.
        ImportError: if it takes a package that is not installed.
    """
    packed = packing(path)
    if packed == ".gz":
        make = _isal("isal_zlib", zlib).decompressobj
        return _members(stream, GZIP_INPUT, lambda: make(wbits=31))
    if packed == ".zst":
        return _members(stream, ZSTD_INPUT, zstandard().ZstdDecompressor().decompressobj)
    return iter(lambda: stream.read(PIECE), b"")


class PieceFile(io.RawIOBase):
    """Pieces of bytes as a file that can only be read on.

    Args:
        content: the pieces, none of them empty.
    """

    def __init__(self, content: Iterator[bytes]) -> None:
        self._content = content
        self._rest = b""
        self._place = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Return the place; going anywhere else is not possible."""
        if (offset, whence) not in ((0, io.SEEK_CUR), (self._place, io.SEEK_SET)):
            raise io.UnsupportedOperation("this file can only be read on")
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what comes next, and return how much that was."""
        self._rest = self._rest or next(self._content, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        self._place += size
        return size


def compressed(path: Path, data: bytes) -> bytes:
    """Compress data as a whole member or frame; several behind one another are a file.

    Args:
        path: its name says how.
        data: what to compress.

    Returns:
        The bytes to append to the file.
    """
    packed = data
    if packing(path) == ".gz":
        # No time in it: equal input gives equal bytes.
        packed = _isal("igzip", gzip).compress(data, GZIP_LEVEL, mtime=0)
    elif packing(path) == ".zst":
        packed = zstandard().ZstdCompressor(level=ZSTD_LEVEL).compress(data)
    return packed


@cache
def _isal(name: str, standard: ModuleType) -> Any:
    """Return isal's twin of a standard module where it is installed: a few times as fast."""
    try:
        return importlib.import_module(f"isal.{name}")
    except ImportError:
        return standard


def zstandard() -> Any:
    """Import the package for zstd."""
    return require("zstandard", "zstandard")


def require(module: str, install: str) -> Any:
    """Import a package that a format needs.

    Args:
        module: what to import.
        install: what to install, as pip takes it.

    Returns:
        The module.

    Raises:
        ImportError: with the pip line, if it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise ImportError(
            f"{error}; this format needs: pip install {install}", name=module
        ) from error


def _members(stream: BinaryIO, size: int, make: Callable[[], Any]) -> Iterator[bytes]:
    """Yield the contents of members (gzip) or frames (zstd) that stand behind one another.

    `size` bytes are read at once.

    The standard library's and zstandard's file objects do the same, but one of them takes a
    file cut off for one that ends, and both lose what they had read before the damage.
    """
    data, member = b"", None
    while True:
        data = data or stream.read(size)
        if not data:
            break
        if member is None:
            # Tapes and some tools fill up with zeros.
            data = data.lstrip(b"\0")
            if not data:
                continue
            member = make()
        try:
            content = member.decompress(data)
        except Exception as error:
            # zlib.error, or zstandard's own, which cannot be named without importing it.
            raise DamagedError(f"cannot be decompressed from here on: {error}") from error
        for at in range(0, len(content), PIECE):
            yield content[at : at + PIECE]
        data = b""
        if member.eof:
            data, member = member.unused_data, None
    if member is not None:
        raise DamagedError("the file is cut off here")
