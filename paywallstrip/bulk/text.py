"""Plain text and HTML: a file is a record. Small files travel together."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from paywallstrip.bulk.inputs import Input
from paywallstrip.bulk.records import (
    CHUNK_BYTES,
    PAGE_BYTES,
    TOO_LARGE,
    Chunk,
    Cleaned,
    Mark,
    Reject,
    Totals,
    reason_of,
    unreadable,
)
from paywallstrip.bulk.settings import Found, Settings
from paywallstrip.labels import LABELS, labelled_line

CHUNK_FILES = 256


class Written(NamedTuple):
    """What one file became.

    Attributes:
        name: its output's path below the output folder.
        result: the body, or the labelled lines; None if it was rejected.
        removed: the removed lines, if they are kept.
        rejects: why it was rejected.
    """

    name: Path
    result: str | None
    removed: str | None = None
    rejects: tuple[Reject, ...] = ()


def read(inputs: Sequence[Input]) -> Iterator[Chunk]:
    """Yield the paths of some files at a time.

    Args:
        inputs: files of one of both kinds.

    Returns:
        An iterator over chunks whose payload is a list of inputs.
    """
    held: list[Input] = []
    size = consumed = first = 0
    for each in inputs:
        held.append(each)
        size += each.size
        if size >= CHUNK_BYTES or len(held) >= CHUNK_FILES:
            consumed += size
            yield Chunk(held, first, Mark(), consumed)
            first += len(held)
            held, size = [], 0
    if held:
        yield Chunk(held, first, Mark(), consumed + size)


def clean(chunk: Chunk, settings: Settings) -> Cleaned:
    """Clean some files of text.

    Args:
        chunk: as `read` yields them.
        settings: how to clean.

    Returns:
        A list of `Written`, one a file.
    """
    rows = settings.beside(_rows(chunk.payload))
    return _cleaned(((name, reject or _known(found)) for (name, reject), found in rows), settings)


def clean_html(chunk: Chunk, settings: Settings) -> Cleaned:
    """Clean some files of HTML; arguments and result as for `clean`.

    A body gets a line end, as `paywallstrip clean --html` writes it: its lines are our own.
    """
    return _cleaned(_pages(chunk.payload, settings), settings, "\n")


def _cleaned(
    files: Iterable[tuple[Path, Reject | Found | None]], settings: Settings, end: str = ""
) -> Cleaned:
    """Write what was found of each file, `end` behind a body, or note why nothing was."""
    totals = Totals()
    written = []
    for name, found in files:
        if isinstance(found, Reject):
            totals.reject([found])
            written.append(Written(name, None, rejects=(found,)))
        elif found is not None:
            totals.count(found.outcome)
            removed = _removed(found) if settings.keep_removed else None
            body = found.outcome.body
            result = _labelled(found) if settings.label_only else body and body + end
            written.append(Written(name, result, removed))
    return Cleaned(written, [], totals)


def _pages(inputs: Sequence[Input], settings: Settings) -> Iterator[tuple[Path, Reject | Found]]:
    """Yield each HTML file's name with what is found of it, or why nothing is."""
    pages, rejects = [], {}
    for each in inputs:
        try:
            if each.size > PAGE_BYTES:
                raise ValueError(TOO_LARGE)
            pages.append(each.path.read_bytes())
        except (OSError, ValueError, MemoryError) as error:
            rejects[each] = unreadable(error)
    found = iter(settings.pages(pages))
    for each in inputs:
        if each in rejects:
            yield each.name, rejects[each]
        else:
            yield each.name, _known(next(found))


def _known(found: Found | Exception | None) -> Any:
    """Return what was found of a file, a reject in place of an error."""
    return Reject("byte", 0, reason_of(found)) if isinstance(found, Exception) else found


def _rows(inputs: Sequence[Input]) -> Iterator[tuple[tuple[Path, Reject | None], str | None]]:
    """Yield each file's name and why it has no text, with its text."""
    for each in inputs:
        text, reject = _read(each.path)
        yield (each.name, reject), text


def _read(path: Path) -> tuple[str | None, Reject | None]:
    """Return a file's text, or why it has none."""
    try:
        return path.read_bytes().decode("utf-8"), None
    except UnicodeDecodeError as error:
        return None, Reject("byte", error.start, f"not UTF-8: {error.reason}")
    except (OSError, MemoryError) as error:
        return None, unreadable(error)


def _labelled(found: Found) -> str:
    """Write each line as `paywallstrip label` does in a pipe."""
    text, outcome = found
    return "".join(
        labelled_line(LABELS[label], kept, text[start:end])
        for start, end, label, kept in zip(
            outcome.starts.tolist(),
            outcome.ends.tolist(),
            outcome.labels.tolist(),
            outcome.kept.tolist(),
            strict=True,
        )
    )


def _removed(found: Found) -> str:
    """Write the removed lines, one a line."""
    return "".join(f"{line}\n" for line in found.removed)
