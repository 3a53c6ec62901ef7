"""Output files: written under another name, renamed when whole, gone on with after a kill.

While `DIR/NAME` is made, `DIR/.NAME.part` holds what is written, `DIR/.NAME.rejects` what was
rejected, and `DIR/.NAME.state` how far both are known to be good. What stands behind that is
cut off before a run goes on.
"""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from paywallstrip.bulk import parquet
from paywallstrip.bulk.inputs import REJECTS, REMOVED, Input
from paywallstrip.bulk.locks import file_lock
from paywallstrip.bulk.records import BulkError, Cleaned, Mark, Reject, Totals
from paywallstrip.bulk.settings import Settings
from paywallstrip.bulk.text import Written

STATE_SECONDS = 1.0
LOCK = ".paywallstrip.lock"
"""Locked by the run that writes into an output folder; it stays there, empty."""


def rejects_path(target: Path) -> Path:
    """Return where the rejects of an output go."""
    return target.with_name(target.name + REJECTS)


def state_path(target: Path) -> Path:
    """Return where it is noted how much of an output is good."""
    return _hidden(target, "state")


def is_done(target: Path) -> bool:
    """Tell whether an input was dealt with: its output is there, or nothing of it was good."""
    _settle(target)
    return target.exists() or rejects_path(target).exists()


def is_begun(target: Path) -> bool:
    """Tell whether a run left anything of an output, whole or not."""
    return is_done(target) or _hidden(target, "part").exists()


def discard(target: Path) -> None:
    """Remove an output that is done, to have it made anew.

    The reject file goes last: it is what tells the next run that this has to be done.
    """
    target.unlink(missing_ok=True)
    rejects_path(target).unlink(missing_ok=True)


def count_rejects(target: Path) -> int:
    """Count the records rejected of an input that is done.

    Raises:
        BulkError: if its reject file is damaged.
    """
    path = rejects_path(target)
    if not path.exists():
        return 0
    count = 0
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                reject = json.loads(line)
                # Each has one: what has none was not written by a run.
                reject["reason"]
                count += reject.get("records", 1)
            except (ValueError, LookupError, AttributeError, TypeError):
                raise BulkError(
                    f"{path}: line {number} is no reject; remove the file, and --resume goes on"
                ) from None
    return count


def fingerprint(path: Path) -> list[int]:
    """Tell one state of a file from another, and from none."""
    try:
        about = path.stat()
    except OSError:
        # It has just gone; the run rejects it.
        return []
    return [about.st_size, about.st_mtime_ns]


def write_whole(target: Path, data: bytes) -> None:
    """Write a small file at once: it is there whole, or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with being_written(target) as stream:
        stream.write(data)


@contextlib.contextmanager
def being_written(target: Path) -> Iterator[BinaryIO]:
    """Let a file be written that is there whole, or not at all.

    Args:
        target: the file; its folder must be there.

    Raises:
        OSError: as `named` raises it.
    """
    part = _hidden(target, "part")
    with named(target):
        with part.open("wb") as stream:
            yield stream
        os.replace(part, target)


@contextlib.contextmanager
def named(target: Path) -> Iterator[None]:
    """Let what goes wrong inside with an output say which one it is.

    Args:
        target: the output, or the folder of several.

    Raises:
        OSError: with a file name, the target's unless it has one.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(error.errno, reason, error.filename or str(target)) from error


@contextlib.contextmanager
def resumable(target: Path) -> Iterator[None]:
    """Let what goes wrong inside with an output say which one it is, and how to go on.

    Args:
        target: the output, or the folder of several.

    Raises:
        OSError: as `named` raises it.
    """
    try:
        with named(target):
            yield
    except OSError as error:
        reason = f"{error.strerror}; once that is mended, --resume goes on"
        raise OSError(error.errno, reason, error.filename) from error


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other runs out of an output folder, until this process ends at the latest.

    Where the system has no such locks, as Windows and some file systems, nothing is kept out.

    Args:
        folder: the output folder; it must be there.

    Raises:
        BulkError: if another run writes into it.
        OSError: as `resumable` raises it, if nothing can be written into it.
    """
    with contextlib.ExitStack() as stack:
        try:
            with resumable(folder / LOCK):
                stack.enter_context(file_lock(folder / LOCK))
        except BlockingIOError:
            raise BulkError(
                f"another run writes into {folder}; wait until it ends, or choose another --out"
            ) from None
        yield


class Sink:
    """The output of one input of which a part is known to be good: bytes appended.

    Args:
        source: the input.
        target: the output file.
    """

    def __init__(self, source: Input, target: Path) -> None:
        self.source = source
        self.target = target
        self.totals = Totals()
        self.mark = Mark()
        self._part = _hidden(target, "part")
        self._rejects_part = _hidden(target, "rejects")
        self._state = state_path(target)
        # Asked before it is read: what changes or goes meanwhile is another input.
        self._input = fingerprint(source.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        sizes = self._continue()
        self._stream = _open_at(self._part, sizes[0])
        self._rejects = _open_at(self._rejects_part, sizes[1])
        self._saved = time.monotonic()

    def write(self, cleaned: Cleaned, after: Mark) -> None:
        """Append what became of a chunk.

        Args:
            cleaned: output, rejects and counts.
            after: where the input goes on.
        """
        if cleaned.output:
            self._append(cleaned.output)
        for reject in cleaned.rejects:
            self._rejects.write(_reject_line(self.source.path, reject))
        self.totals.add(cleaned.totals)
        self.mark = after
        if time.monotonic() - self._saved >= STATE_SECONDS:
            self._save()

    def finish(self) -> None:
        """Give output and rejects their names."""
        self._close()
        if self.totals.records or not self.totals.rejected:
            os.replace(self._part, self.target)
            _settle(self.target)
        else:
            self._part.unlink()
            self._state.unlink(missing_ok=True)
            os.replace(self._rejects_part, rejects_path(self.target))

    def release(self) -> None:
        """Close the files as they are; what of it is good, the state tells the next run."""
        for stream in (self._stream, self._rejects):
            # A stream whose last bytes the disk does not take would say so once more when it goes.
            with contextlib.suppress(OSError):
                stream.close()

    def _append(self, output: Any) -> None:
        self._stream.write(output)

    def _close(self) -> None:
        for stream in (self._stream, self._rejects):
            _to_disk(stream)
            stream.close()

    def _save(self) -> None:
        """Note how far the files are good."""
        for stream in (self._stream, self._rejects):
            _to_disk(stream)
        state = {
            "input": self._input,
            "mark": self.mark,
            "sizes": [self._stream.tell(), self._rejects.tell()],
            "totals": self.totals.to_dict(),
        }
        write_whole(self._state, json.dumps(state).encode())
        self._saved = time.monotonic()

    def _continue(self) -> tuple[int, int]:
        """Take up what an earlier run left; return how much of both files is good."""
        if not self._state.exists():
            return 0, 0
        try:
            state = json.loads(self._state.read_bytes())
            first, second = sizes = state["sizes"]
            mark, totals = Mark(*state["mark"]), Totals(**state["totals"])
            # A release that counted other things counted records otherwise, too.
            alike = state["totals"].keys() == totals.to_dict().keys()
            same = alike and state["input"] == self._input
            whole = same and all(
                path.exists() and path.stat().st_size >= size
                for path, size in zip((self._part, self._rejects_part), sizes, strict=True)
            )
        except (ValueError, LookupError, TypeError):
            # A machine that lost its power may leave a note that was never written out.
            whole = False
        if not whole:
            self._state.unlink()
            return 0, 0
        self.mark, self.totals = mark, totals
        return first, second


class ParquetSink(Sink):
    """The output of a Parquet file, which cannot be added to once its writer is gone.

    Args:
        source: the input.
        target: the output file.
        settings: how it is cleaned; an input without rows gets its columns from them.
    """

    def __init__(self, source: Input, target: Path, settings: Settings) -> None:
        super().__init__(source, target)
        self._settings = settings
        self._writer: parquet.Writer | None = None

    def _append(self, output: bytes) -> None:
        if self._writer is None:
            self._writer = parquet.Writer(self._part, self.source.path)
        self._writer.write(output)

    def _close(self) -> None:
        if self._writer is None and not self.totals.rejected:
            self._append(parquet.schema_batch(self.source.path, self._settings))
        if self._writer is not None:
            self._writer.close()
        super()._close()

    def release(self) -> None:
        """Close the files; nothing of them is good."""
        if self._writer is not None:
            with contextlib.suppress(OSError):
                self._writer.close()
        super().release()

    def _save(self) -> None:
        """Note nothing: the file is begun again after a kill."""


class TextSink:
    """The outputs of files that are one record each, each written at once.

    Args:
        folder: the output folder.
        sources: the inputs, one or more of one kind, to name them in their reject files.
    """

    def __init__(self, folder: Path, sources: list[Input]) -> None:
        self.totals = Totals()
        self.mark = Mark()
        self.target = folder
        self.what = f"{sources[0].kind} files"
        self._paths = {source.name: source.path for source in sources}

    def write(self, cleaned: Cleaned, after: Mark) -> None:
        """Write the files of a chunk."""
        for written in cleaned.output or []:
            self._write(written)
        self.totals.add(cleaned.totals)
        self.mark = after

    def _write(self, written: Written) -> None:
        target = self.target / written.name
        if written.result is None:
            lines = [_reject_line(self._paths[written.name], each) for each in written.rejects]
            write_whole(rejects_path(target), b"".join(lines))
            return
        # The removed lines first: the output's name says that all is there.
        if written.removed is not None:
            write_whole(removed_path(target), written.removed.encode())
        write_whole(target, written.result.encode())

    def finish(self) -> None:
        """Every file has its name already."""

    def release(self) -> None:
        """No file is open."""


def removed_path(target: Path) -> Path:
    """Return where the removed lines of a text file go."""
    return target.with_name(target.name.removesuffix(target.suffix) + REMOVED)


def _settle(target: Path) -> None:
    """Do what is left once an output has its name; a kill may have come between."""
    rejects = _hidden(target, "rejects")
    if not target.exists() or not rejects.exists():
        return
    state_path(target).unlink(missing_ok=True)
    if rejects.stat().st_size:
        os.replace(rejects, rejects_path(target))
    else:
        rejects.unlink()


def _hidden(target: Path, ending: str) -> Path:
    return target.with_name(f".{target.name}.{ending}")


def _open_at(path: Path, size: int) -> BinaryIO:
    """Open a file for writing behind its first bytes, the rest cut off."""
    stream = path.open("r+b" if path.exists() else "w+b")
    stream.truncate(size)
    stream.seek(size)
    return stream


def _to_disk(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _reject_line(path: Path, reject: Reject) -> bytes:
    record: dict[str, Any] = {"input": str(path), reject.unit: reject.number}
    if reject.records != 1:
        record["records"] = reject.records
    record["reason"] = reject.reason
    line = json.dumps(record, ensure_ascii=False) + "\n"
    return line.encode("utf-8", "backslashreplace")
