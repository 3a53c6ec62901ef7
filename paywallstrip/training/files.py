"""Text files that may be packed, read line by line and written whole or not at all; new folders."""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import lzma
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from paywallstrip.bulk.compression import PieceFile, packing, pieces, zstandard
from paywallstrip.bulk.records import DamagedError
from paywallstrip.errors import DataError
from paywallstrip.protected import refuse_protected


@contextlib.contextmanager
def open_read(
    path: str | Path, *, newline: str = "\n", errors: str = "strict"
) -> Iterator[IO[str]]:
    """Open a UTF-8 file for reading; a byte order mark is passed over.

    Args:
        path: the file; `.gz`, `.xz` and `.zst` are unpacked.
        newline: as `open` takes it; as it stands only `\\n` ends a line.
        errors: likewise; as it stands what is not UTF-8 is refused.

    Yields:
        The open file.

    Raises:
        FileNotFoundError: it does not exist.
        DataError: it is cut off, not packed as its name says, or not UTF-8.
        ImportError: it ends in `.zst`, and zstandard is not installed.
    """
    with _unpacked(Path(path)) as raw:
        try:
            with io.TextIOWrapper(
                raw, encoding="utf-8-sig", newline=newline, errors=errors
            ) as file:
                yield cast("IO[str]", file)
        except UnicodeDecodeError as error:
            raise DataError(f"{path}: not UTF-8: {error.reason}") from error
        except (EOFError, lzma.LZMAError, DamagedError) as error:
            message = f"{path}: cut off, or not packed as its name says: {error}"
            raise DataError(message) from error


@contextlib.contextmanager
def open_write(path: str | Path) -> Iterator[IO[str]]:
    """Open a UTF-8 file for writing; it takes its place when the block ends without an error.

    Args:
        path: the file, replaced if it exists, with its permissions kept; of a link, what it
            points to. Packed if it ends in `.gz`, `.xz` or `.zst`.

    Yields:
        The open file.

    Raises:
        FileNotFoundError: its folder does not exist.
        PermissionError: the file is write-protected.
        DataError: what was written is no UTF-8.
        ImportError: it ends in `.zst`, and zstandard is not installed.
    """
    # A link stays one; other paths are named in errors as they were given.
    target = Path(os.path.realpath(path)) if os.path.islink(path) else Path(path)
    if not target.parent.is_dir():  # or the error would name the draft
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target.parent))
    refuse_protected(target)
    # In the same folder, so that the replacement is one step; with the ending that packs it.
    draft = target.with_name(f".{os.getpid()}-{Path(path).name}")
    try:
        with (
            _packed(draft) as raw,
            io.TextIOWrapper(raw, encoding="utf-8", newline="\n") as file,
        ):
            # There may be no old file, and some file systems know no permissions.
            with contextlib.suppress(OSError):
                draft.chmod(stat.S_IMODE(target.stat().st_mode))
            yield cast("IO[str]", file)
        os.replace(draft, target)
    except OSError as error:
        # As `open` was given it: a path or a str.
        if str(error.filename) != str(draft):
            raise
        raise OSError(error.errno, error.strerror, str(target)) from error
    except UnicodeEncodeError as error:
        raise DataError(f"{path}: half a surrogate pair cannot be written here") from error
    finally:
        draft.unlink(missing_ok=True)


def write_whole(path: str | Path, text: str) -> None:
    """Write a UTF-8 file, or leave the one that is there as it is.

    Args:
        path: as `open_write` takes it.
        text: what to write.

    Raises:
        OSError, DataError: as for `open_write`.
    """
    with open_write(path) as file:
        file.write(text)


def folder_name(path: str | Path) -> str:
    """Return the name of a folder, such as a model is named after.

    Args:
        path: the folder; it need not be there.

    Returns:
        Its name; bytes of it that are no UTF-8 are escaped, as no UTF-8 file can hold them.
    """
    return Path(path).resolve().name.encode("utf-8", "backslashreplace").decode("utf-8")


@contextlib.contextmanager
def new_folders(*folders: Path | None) -> Iterator[None]:
    """Make folders that are missing; what fails inside takes those that are empty away again.

    One that cannot be made or written to should be known before hours have gone by.

    Args:
        folders: the folders; None is passed over.

    Yields:
        Nothing.

    Raises:
        OSError: a folder cannot be made, or may not be written to.
    """
    made: list[Path] = []
    try:
        for folder in filter(None, folders):
            made[:0] = [each for each in (folder, *folder.parents) if not each.exists()]
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        yield
    except BaseException:
        for folder in made:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


@contextlib.contextmanager
def _unpacked(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading; the packages' own readers take one cut off for one that ends."""
    if path.suffix.lower() == ".xz":
        with lzma.open(path) as raw:
            yield cast("IO[bytes]", raw)
        return
    with path.open("rb") as file:
        if not packing(path):
            yield file
            return
        if not os.fstat(file.fileno()).st_size:
            raise DataError(f"{path}: cut off, or not packed as its name says: it is empty")
        yield io.BufferedReader(PieceFile(pieces(path, file)))


class _Gzip(gzip.GzipFile):
    """A gzip file that owns the file below it, as `gzip.open` does by name."""

    def __init__(self, path: Path) -> None:
        raw = path.open("wb")
        super().__init__(filename="", mode="wb", fileobj=cast("Any", raw), mtime=0)
        self.myfileobj = cast("Any", raw)  # closed with it


def _packed(path: Path) -> Any:
    """Open a file for writing."""
    match path.suffix.lower():
        case ".gz":
            # Without the file's name and the time in it, equal pages make equal files.
            return _Gzip(path)
        case ".xz":
            return lzma.open(path, "wb")
        case ".zst":
            return zstandard().open(path, "wb")
    return path.open("wb")
