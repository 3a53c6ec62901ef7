"""Locks between processes, each on a file of its own that stays there, empty."""

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
"""What a file system says that knows no locks."""


class LockError(OSError):
    """A lock's file is there, but the lock cannot be had or waited for."""


@contextlib.contextmanager
def file_lock(path: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold a lock until the block or this process ends.

    Where the system has no such locks, as Windows and some file systems, nobody is kept out.

    Args:
        path: the lock's file, made if it is missing; its folder must be there.
        wait: whether to wait until another one lets go of the lock.

    Yields:
        Nothing.

    Raises:
        BlockingIOError: another one holds it, and `wait` is off.
        LockError: it cannot be told whether another one holds it.
        OSError: the file cannot be made or opened.
    """
    try:
        from fcntl import LOCK_EX, LOCK_NB, flock
    except ImportError:
        yield
        return
    with _opened(path) as stream:
        try:
            flock(stream, LOCK_EX if wait else LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise _refusal(path, stream, error) from error
        yield


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("ab")
    except PermissionError:
        # A file that another user made can be locked all the same, but not over NFS.
        with contextlib.suppress(FileNotFoundError):
            return path.open("rb")
        # There is none, and none may be made.
        raise


def _refusal(path: Path, stream: BinaryIO, error: OSError) -> LockError:
    hint = "" if stream.writable() else f"; its owner has to let others write: chmod a+w {path}"
    return LockError(error.errno, f"it cannot be locked ({error.strerror}){hint}", str(path))
