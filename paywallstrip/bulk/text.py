"""Plain text: a file is a record. Small files travel together."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from paywallstrip.bulk.inputs import Input
from paywallstrip.bulk.records import CHUNK_BYTES, Chunk, Cleaned, Mark, Reject, Totals
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
        inputs: text files.

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
    """Clean some files.

    Args:
        chunk: as `read` yields them.
        settings: how to clean.

    Returns:
        A list of `Written`, one a file.
    """
    totals = Totals()
    written = []
    for (name, reject), found in settings.beside(_rows(chunk.payload)):
        if reject is not None:
            totals.reject([reject])
            written.append(Written(name, None, rejects=(reject,)))
        elif found is not None:
            totals.count(found.outcome)
            removed = _removed(found) if settings.keep_removed else None
            result = _labelled(found) if settings.label_only else found.outcome.body
            written.append(Written(name, result, removed))
    return Cleaned(written, [], totals)


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
    except OSError as error:
        return None, Reject("byte", 0, f"cannot be read: {error.strerror or error}")


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
