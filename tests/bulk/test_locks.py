"""Locks between processes where the file system has its own mind about them."""

import errno
from pathlib import Path
from typing import Any

import pytest

from paywallstrip.bulk.locks import LockError, file_lock

pytest.importorskip("fcntl", reason="this system has no locks of this kind")


def refuse(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Have the system refuse each lock with an error."""

    def flock(_: object, __: int) -> None:
        raise OSError(number, errno.errorcode[number])

    monkeypatch.setattr("fcntl.flock", flock)


def write_protected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files be opened for reading only: root may write where others may not."""
    real = Path.open

    def opened(path: Path, mode: str) -> Any:
        if mode == "ab":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, mode)

    monkeypatch.setattr(Path, "open", opened)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_where_there_are_no_locks_nobody_is_kept_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    refuse(monkeypatch, number)
    with file_lock(tmp_path / "lock") as held:
        assert held is None


def test_a_lock_that_cannot_be_had_is_not_taken_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, errno.EIO)
    with pytest.raises(LockError, match="it cannot be locked"), file_lock(tmp_path / "lock"):
        pass


def test_a_lock_of_another_user_that_needs_writing_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lock").touch()
    write_protected(monkeypatch)
    refuse(monkeypatch, errno.EBADF)
    with pytest.raises(LockError, match=r"chmod a\+w .*lock"), file_lock(tmp_path / "lock"):
        pass


def test_a_lock_that_may_not_be_made_is_not_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_protected(monkeypatch)
    with pytest.raises(PermissionError), file_lock(tmp_path / "lock"):
        pass
