"""Locks between processes, each on a file of its own that stays there, empty."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


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
        except OSError:
            # This file system knows no locks.
            pass
        yield


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("ab")
    except PermissionError:
        # A file that another user made can be locked all the same.
        return path.open("rb")
