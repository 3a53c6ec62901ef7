"""Files of arrays: an .npz archive read from one piece of memory, checked, without copies.

numpy's own reader does the same through the standard library's `zipfile`: importing that
takes longer than the reading. What does not look as expected is left to numpy's reader.
"""

import io
import math
import os
import struct
import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_LONGEST_HEADER = 1 << 12
LARGEST = 64 << 20
"""Bytes that a file may have, packed or unpacked: several times those of any model folder.

A few kilobytes can be packed so that they fill any memory when they are unpacked."""


class _Entry(NamedTuple):
    """An entry in an archive's directory; sizes in bytes."""

    mark: bytes
    made_by: int
    needed: int
    flags: int
    method: int
    time: int
    date: int
    checksum: int
    packed: int
    full: int
    name: int
    extra: int
    comment: int
    disk: int
    inner: int
    outer: int
    local: int


class Archive(NamedTuple):
    """What an .npz file holds.

    Attributes:
        arrays: the arrays by name, not writeable; a member that is no array as numpy gives it.
        checksum: of its members, as `checksum_of` takes it.
    """

    arrays: dict[str, Any]
    checksum: int


class _UnexpectedError(Exception):
    """An archive of another make."""


class TooLargeError(Exception):
    """A file that has more bytes than `LARGEST`, or would have if it were unpacked."""


def read_arrays(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read all arrays of an .npz file; argument and errors as for `read_archive`."""
    return read_archive(path).arrays


def checksum_of(members: Iterable[tuple[str, int]]) -> int:
    """Return a checksum of an archive's members, whatever their order and packing.

    Args:
        members: their file names, and the CRC-32 of each as the archive's directory has it.
    """
    return zlib.crc32(repr(sorted(members)).encode())


def read_archive(path: str | os.PathLike[str]) -> Archive:
    """Read all arrays of an .npz file.

    Args:
        path: the file; never unpickled, whatever is in it.

    Returns:
        The arrays, and a checksum that costs no reading.

    Raises:
        TooLargeError: if it would take more than `LARGEST` bytes; no more are unpacked.
        Exception: of many kinds, if the file is damaged or none of arrays.
    """
    with open(path, "rb") as file:
        content = file.read(LARGEST + 1)
    _check_size(len(content))
    try:
        members = _members(content)
        checksum = checksum_of((name, crc) for name, crc, _ in members)
        return Archive(dict(_array(name, data) for name, _, data in members), checksum)
    except (_UnexpectedError, struct.error, zlib.error, ValueError):
        # Damage as well: numpy's reader names it.
        archive = np.load(path, allow_pickle=False)
    if isinstance(archive, np.ndarray):
        raise ValueError("it holds a single array, not an archive")
    with archive:
        entries = archive.zip.infolist()
        _check_size(sum(entry.file_size for entry in entries))
        checksum = checksum_of((entry.filename, entry.CRC) for entry in entries)
        return Archive({name: archive[name] for name in archive.files}, checksum)


def _check_size(size: int) -> None:
    if size > LARGEST:
        raise TooLargeError(f"it would take more than {LARGEST >> 20} MB of memory")


def _members(content: bytes) -> list[tuple[str, int, memoryview]]:
    """Return name, checksum and bytes of the files in an archive, the checksums checked."""
    end = len(content) - _END.size
    mark, disk, start, here, count, size, at, comment = _END.unpack_from(content, max(end, 0))
    plain = (mark, disk, start, comment) == (b"PK\5\6", 0, 0, 0)
    if not plain or here != count or at + size != end:
        raise _UnexpectedError
    whole, full, found = memoryview(content), 0, []
    for _ in range(count):
        entry = _Entry(*_ENTRY.unpack_from(content, at))
        head = _LOCAL.unpack_from(content, entry.local)
        marks = (entry.mark, head[0], entry.flags)
        if marks != (b"PK\1\2", b"PK\3\4", 0) or entry.method not in (_STORED, _DEFLATED):
            raise _UnexpectedError
        full += entry.full
        _check_size(full)
        begin = entry.local + _LOCAL.size + head[-2] + head[-1]
        data = whole[begin : begin + entry.packed]
        if entry.method == _DEFLATED:
            # A byte more than there should be is enough to tell that there are too many.
            unpacked = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, entry.full + 1)
            data = memoryview(unpacked)
        if len(data) != entry.full or zlib.crc32(data) != entry.checksum:
            raise _UnexpectedError
        at += _ENTRY.size
        found.append((content[at : at + entry.name].decode("ascii"), entry.checksum, data))
        at += entry.name + entry.extra + entry.comment
    return found


def _array(name: str, data: memoryview) -> tuple[str, NDArray[Any]]:
    """Return a member's name without its suffix, and its array where its bytes lie."""
    # The header alone is copied.
    head = io.BytesIO(data[:_LONGEST_HEADER])
    if not name.endswith(".npy") or np.lib.format.read_magic(head) != (1, 0):
        raise _UnexpectedError
    shape, turned, dtype = np.lib.format.read_array_header_1_0(head)
    if turned or dtype.hasobject or dtype.itemsize * math.prod(shape) != len(data) - head.tell():
        raise _UnexpectedError
    found = np.frombuffer(data, dtype, offset=head.tell()).reshape(shape)
    if not found.flags.aligned:
        # numpy would copy the whole array at every look-up.
        found = found.copy()
        found.flags.writeable = False
    return name[: -len(".npy")], found
