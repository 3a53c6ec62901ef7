"""A run over many files: what is to be done, in order, and what has been done of it."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from paywallstrip.bulk import jsonl, notes, parquet, text, warc
from paywallstrip.bulk.inputs import SINGLE, Input, Kind
from paywallstrip.bulk.jobs import in_order
from paywallstrip.bulk.outputs import (
    ParquetSink,
    Sink,
    TextSink,
    count_rejects,
    discard,
    is_done,
    locked,
    removed_path,
    resumable,
    state_path,
)
from paywallstrip.bulk.records import BulkError, Chunk, Cleaned, Mark, Totals, unreadable
from paywallstrip.bulk.settings import Settings

CLEAN: dict[Kind, Callable[[Chunk, Settings], Cleaned]] = {
    "text": text.clean,
    "html": text.clean_html,
    "jsonl": jsonl.clean,
    "parquet": parquet.clean,
    "warc": warc.clean,
}


@dataclass
class Progress:
    """How far a run is; whoever shows it reads it.

    Attributes:
        files: inputs in all.
        done_before: inputs that an earlier run finished.
        done: inputs finished by this one.
        size: bytes of the inputs that were not done before.
        consumed: bytes read of them.
        totals: counts over all records so far, those of an interrupted run included; of
            inputs that were done before the rejects alone.
        records_before: records that an interrupted run cleaned.
        consumed_before: bytes that it read for them, and the first chunk behind.
        current: the input being written.
    """

    files: int = 0
    done_before: int = 0
    done: int = 0
    size: int = 0
    consumed: int = 0
    totals: Totals = field(default_factory=Totals)
    records_before: int = 0
    consumed_before: int = 0
    current: str = ""


class _Step(NamedTuple):
    """What to do once a chunk has come back.

    Attributes:
        sink: where it goes.
        chunk: the chunk; None behind the last one.
        files: how many inputs are done then.
        size: how many bytes they have.
    """

    sink: Sink | TextSink
    chunk: Chunk | None
    files: int = 0
    size: int = 0


_Sent = tuple[Kind, Chunk] | None


def run(
    inputs: list[Input], out: Path, settings: Settings, *, jobs: int = 1, resume: bool = False
) -> Generator[Progress, None, None]:
    """Clean files into a folder.

    Args:
        inputs: the files, as `find_inputs` gives them.
        out: the output folder; made if it is not there.
        settings: how to clean.
        jobs: processes to use.
        resume: go on with what an earlier run left in the folder.

    Returns:
        An iterator that does the work; it yields the same object again and again, first
        before anything is read, last when all is done.

    Raises:
        BulkError: if outputs are there and `resume` is off, or were made by other settings or of
            other inputs, a note of an earlier run is damaged, a folder has an output's name, or
            another run writes into the output folder.
        OSError: if the output cannot be written.
    """
    _check_names(inputs, settings)
    _check_folders(inputs, out)
    out.mkdir(parents=True, exist_ok=True)
    with locked(out):
        yield from _run(inputs, out, settings, jobs, resume)


def _run(
    inputs: list[Input], out: Path, settings: Settings, jobs: int, resume: bool
) -> Generator[Progress, None, None]:
    todo = _prepare(inputs, out, settings, resume)
    progress = Progress(
        files=len(inputs),
        done_before=len(inputs) - len(todo),
        size=sum(each.size for each in todo),
    )
    left = set(todo)
    progress.totals.rejected = sum(
        count_rejects(out / each.name) for each in inputs if each not in left
    )
    yield progress
    finished = 0
    seen: Sink | TextSink | None = None
    opened: set[Sink | TextSink] = set()
    tasks = _tasks(todo, out, settings, opened)
    try:
        for step, cleaned in in_order(tasks, partial(_work, settings), jobs):
            sink, chunk = step.sink, step.chunk
            if sink is not seen:
                progress.totals.add(sink.totals)
                progress.records_before += sink.totals.records
                if sink.mark != Mark():
                    # How far the file was read is noted uncompressed: the next chunk tells.
                    progress.consumed_before += step.size if chunk is None else chunk.consumed
                seen = sink
            progress.current = sink.source.path.name if isinstance(sink, Sink) else sink.what
            if chunk is None or cleaned is None:
                with resumable(sink.target):
                    sink.finish()
                opened.discard(sink)
                finished += step.size
                progress.done += step.files
                progress.consumed = finished
            else:
                with resumable(sink.target):
                    sink.write(cleaned, chunk.after)
                progress.totals.add(cleaned.totals)
                progress.consumed = max(progress.consumed, finished + chunk.consumed)
            yield progress
    finally:
        # With several processes outputs are opened ahead of the one being written.
        for sink in opened:
            sink.release()


def _prepare(inputs: list[Input], out: Path, settings: Settings, resume: bool) -> list[Input]:
    """Check the output folder; return the inputs that are still to be done."""
    done = next((each for each in inputs if is_done(out / each.name)), None)
    if not resume and done is not None:
        raise BulkError(
            f"{out / done.name} is there already; --resume goes on with what is left, "
            "or choose another --out"
        )
    notes.check_settings(inputs, out, settings, resume)
    notes.check_names(inputs, out, settings)
    if resume:
        for each in notes.changed_since(inputs, out):
            discard(out / each.name)
    else:
        _check_removed(inputs, out, settings)
        _forget(inputs, out)
    notes.note(inputs, out, settings)
    return [each for each in inputs if not is_done(out / each.name)]


def _check_removed(inputs: list[Input], out: Path, settings: Settings) -> None:
    """Check that no file stands where removed lines are to go."""
    for each in inputs if settings.keep_removed else ():
        taken = removed_path(out / each.name)
        if each.kind in SINGLE and taken.exists():
            raise BulkError(f"{taken} is there already; take it away, or choose another --out")


def _check_names(inputs: list[Input], settings: Settings) -> None:
    """Check that no folder, file of rejects or of removed lines takes an output's name."""
    names = {each.name for each in inputs}
    for each in inputs:
        for folder in names.intersection(each.name.parents):
            raise BulkError(
                f"{folder} is the name of an output and of the folder that {each.path} goes to; "
                "run them into different folders"
            )
        for name in notes.names_of(each.name, settings)[1:]:
            if name in names:
                raise BulkError(f"{name} is the name of two outputs; rename {each.path}")
            names.add(name)


def _check_folders(inputs: list[Input], out: Path) -> None:
    """Check that no folder takes an output's name: it would pass for the finished output."""
    for each in inputs:
        if (out / each.name).is_dir():
            raise BulkError(
                f"{out / each.name} is a folder, but the output of {each.path} goes there; "
                "remove it, or choose another --out"
            )


def _forget(inputs: list[Input], out: Path) -> None:
    """Remove the notes of an interrupted run that is not to be gone on with."""
    for each in inputs:
        if each.kind not in SINGLE:
            state_path(out / each.name).unlink(missing_ok=True)


def _tasks(
    todo: list[Input], out: Path, settings: Settings, opened: set[Sink | TextSink]
) -> Iterator[tuple[_Step, _Sent]]:
    """Yield the chunks of all inputs in order, and an end behind each input's last one.

    Each output is added to `opened` before its first chunk.
    """
    for kind in SINGLE:
        files = [each for each in todo if each.kind == kind]
        if files:
            many = TextSink(out, files)
            opened.add(many)
            for chunk in text.read(files):
                yield _Step(many, chunk), (kind, chunk)
            yield _Step(many, None, len(files), sum(each.size for each in files)), None
    for each in todo:
        if each.kind in SINGLE:
            continue
        target = out / each.name
        with resumable(target):
            sink = _open(each, target, settings)
        opened.add(sink)
        for chunk in _chunks(each, sink.mark, settings):
            yield _Step(sink, chunk._replace(payload=None)), (each.kind, chunk)
        yield _Step(sink, None, 1, each.size), None


def _open(source: Input, target: Path, settings: Settings) -> Sink:
    if source.kind == "parquet":
        return ParquetSink(source, target, settings)
    return Sink(source, target)


def _chunks(source: Input, start: Mark, settings: Settings) -> Iterator[Chunk]:
    """Read an input; one that cannot be read gives a reject."""
    mark = start
    try:
        for chunk in _read(source, start, settings):
            mark = chunk.after
            yield chunk
    except (OSError, ValueError) as error:
        reject = unreadable(error, mark.offset)
        yield Chunk(None, mark.number, mark, source.size, (reject,))


def _read(source: Input, start: Mark, settings: Settings) -> Iterator[Chunk]:
    if source.kind == "parquet":
        return parquet.read(source.path, start, settings)
    read = jsonl.read if source.kind == "jsonl" else warc.read
    return read(source.path, start)


def _work(settings: Settings, sent: _Sent) -> Cleaned | None:
    """Clean one chunk, in whatever process."""
    if sent is None:
        return None
    kind, chunk = sent
    totals = Totals(left_out=chunk.left_out)
    rejects = list(chunk.rejects)
    totals.reject(rejects)
    if chunk.payload is None:
        return Cleaned(None, rejects, totals)
    cleaned = CLEAN[kind](chunk, settings)
    totals.add(cleaned.totals)
    return Cleaned(cleaned.output, rejects + cleaned.rejects, totals)
