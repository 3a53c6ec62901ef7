"""The file of labels while several write to it."""

import errno
from collections.abc import Iterable
from pathlib import Path

import pytest

pytest.importorskip("anywidget", reason="needs the extra [notebook]")

from paywallstrip.notebook.labels_file import LabelsFile
from paywallstrip.training.datafile import read_pages
from paywallstrip.training.records import PageRecord, make_page

PAGE = make_page("one", "Home", ["navigation"])


def test_nobody_writes_between_the_reading_and_the_writing_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl", reason="this system has no locks of this kind")
    kept_out = []

    def write(_: Iterable[PageRecord], path: Path) -> None:
        with (path.parent / ".labels.jsonl.lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                kept_out.append(path)

    monkeypatch.setattr("paywallstrip.notebook.labels_file.write_pages", write)
    LabelsFile(tmp_path / "labels.jsonl").put(PAGE)
    assert kept_out == [tmp_path / "labels.jsonl"]


def test_each_save_waits_for_those_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl", reason="this system has no locks of this kind")
    asked = []
    monkeypatch.setattr("fcntl.flock", lambda _, how: asked.append(how))
    file = LabelsFile(tmp_path / "labels.jsonl")
    for _ in range(2):
        file.put(PAGE)
    assert asked == [fcntl.LOCK_EX] * 2


def test_a_link_and_its_file_have_one_lock(tmp_path: Path) -> None:
    pytest.importorskip("fcntl", reason="this system has no locks of this kind")
    (tmp_path / "labels.jsonl").touch()
    (tmp_path / "link.jsonl").symlink_to("labels.jsonl")
    LabelsFile(tmp_path / "link.jsonl").put(PAGE)
    assert [path.name for path in tmp_path.glob(".*")] == [".labels.jsonl.lock"]


def test_labels_are_not_saved_where_others_may_be_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object, __: object) -> None:
        raise OSError(errno.EBADF, "Bad file descriptor")

    pytest.importorskip("fcntl", reason="this system has no locks of this kind")
    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(OSError, match="it cannot be locked"):
        LabelsFile(tmp_path / "labels.jsonl").put(PAGE)


def test_labels_are_saved_where_no_lock_can_be_made(tmp_path: Path) -> None:
    (tmp_path / ".labels.jsonl.lock").mkdir()
    LabelsFile(tmp_path / "labels.jsonl").put(PAGE)
    assert list(read_pages(tmp_path / "labels.jsonl")) == [PAGE]
