"""The file that labelled pages are kept in while somebody labels."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from paywallstrip.bulk.locks import LockError, file_lock
from paywallstrip.errors import DataError
from paywallstrip.training.datafile import read_pages, write_pages
from paywallstrip.training.records import PageRecord

Stamp = tuple[int, int, int] | None


class LabelsFile:
    """A file of labelled pages that is whole at any moment.

    Every change writes the file anew and puts it in the old one's place. What others have
    written to it in the meantime stays: they are kept out, by a lock on `.NAME.lock` beside it,
    from when it is read until it is written.
    """

    def __init__(self, path: str | Path) -> None:
        """Read the file, if it is there.

        Args:
            path: the file, `.jsonl`; its folder must be there.

        Raises:
            FileNotFoundError: there is no such folder.
            DataError: the file is there, but holds something else than labelled pages, or
                one page twice.
        """
        self.path = Path(path)
        if not self.path.parent.is_dir():
            raise FileNotFoundError(f"there is no folder {self.path.parent}: make it first")
        self._records: dict[str, PageRecord] = {}
        self._stamp: Stamp = None
        # Where the file is a link, all who write to it through whatever name take one lock.
        real = Path(os.path.realpath(self.path))
        self._lock = real.with_name(f".{real.name}.lock")
        self._is_held = False
        self.refresh()

    def get(self, page: str) -> PageRecord | None:
        """Return a page as the file had it when it was read last, None if it had it not."""
        return self._records.get(page)

    def __iter__(self) -> Iterator[PageRecord]:
        return iter(self._records.values())

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep others from writing to the file, which is read anew before the block begins.

        Raises:
            DataError: as `refresh` raises it.
            OSError: it cannot be told whether another one writes.
        """
        if self._is_held:
            yield
            return
        with contextlib.ExitStack() as stack:
            # Where no lock can be made the file cannot be written, as a rule: that names it.
            try:
                stack.enter_context(file_lock(self._lock, wait=True))
            except LockError:
                raise
            except OSError:
                pass
            self._is_held = True
            try:
                self.refresh()
                yield
            finally:
                self._is_held = False

    def put(self, record: PageRecord) -> None:
        """Add a page, or put it in the place of what the file has of it.

        Args:
            record: the page; its id says which one it is.

        Raises:
            OSError: the file cannot be written; it is then as it was.
        """
        with self.held():
            records = {**self._records, record.id: record}
            write_pages(records.values(), self.path)
            self._records, self._stamp = records, self._look()

    def refresh(self) -> None:
        """Read the file, unless it is as it was left.

        Raises:
            DataError: it holds something else than labelled pages by now, or one page twice.
        """
        stamp = self._look()
        if stamp != self._stamp and stamp is not None:
            self._records = self._read()
        self._stamp = stamp

    def _read(self) -> dict[str, PageRecord]:
        records: dict[str, PageRecord] = {}
        for record in read_pages(self.path):
            if record.id in records:
                # Whose labels would be gone on with? To keep one is to lose the other.
                raise DataError(f"{self.path}: page {record.id!r} is there twice; use another file")
            records[record.id] = record
        return records

    def _look(self) -> Stamp:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
