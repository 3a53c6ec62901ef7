"""Files that may not be written: to be replaced they need but a folder that may."""

import contextlib
import errno
import os
import stat
from pathlib import Path

_WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def refuse_protected(*paths: Path) -> None:
    """Refuse to replace files that are write-protected.

    Args:
        paths: the files; one that is missing is passed over.

    Raises:
        PermissionError: one is write-protected.
    """
    for path in paths:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            mode = stat.S_IMODE(path.stat().st_mode)
            # Who may do anything, as root, is not asked for leave: the mode says what is meant.
            if not mode & _WRITE or not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, "is write-protected", str(path))
