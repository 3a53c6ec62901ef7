"""Locks between processes where the file system has its own mind about them."""

import errno
import sys
import threading
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


def test_where_the_system_has_none_nobody_is_kept_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with file_lock(tmp_path / "lock") as held:
        assert held is None


def test_a_lock_that_another_one_holds_is_said_to_be_held(tmp_path: Path) -> None:
    with file_lock(tmp_path / "lock"), pytest.raises(BlockingIOError), file_lock(tmp_path / "lock"):
        pass


def test_a_lock_that_another_one_holds_is_waited_for(tmp_path: Path) -> None:
    done: list[str] = []

    def write() -> None:
        with file_lock(tmp_path / "lock", wait=True):
            done.append("second")

    other = threading.Thread(target=write, daemon=True)
    with file_lock(tmp_path / "lock"):
        other.start()
        other.join(0.2)
        done.append("first")
    other.join(60)
    assert done == ["first", "second"]


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
    message = r"it cannot be locked \(EIO\): '.*lock'"
    with pytest.raises(LockError, match=message), file_lock(tmp_path / "lock"):
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
