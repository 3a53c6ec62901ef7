"""Find the input files, and say what each one's output is called."""

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from paywallstrip.bulk.records import BulkError

Kind = Literal["text", "html", "jsonl", "parquet", "warc"]

ENDINGS: dict[Kind, tuple[str, ...]] = {
    "text": (".txt", ".text"),
    "html": (".html", ".htm", ".xhtml"),
    # `.json` as corpora use it: one object a line.
    "jsonl": tuple(
        name + packed for name in (".jsonl", ".ndjson", ".json") for packed in ("", ".gz", ".zst")
    ),
    "parquet": (".parquet",),
    "warc": tuple(name + packed for name in (".warc", ".wet") for packed in ("", ".gz", ".zst")),
}
SINGLE: tuple[Kind, ...] = ("text", "html")
"""Formats of which a file is one record."""
REJECTS = ".rejects.jsonl"
REMOVED = ".removed.txt"
LONGEST_NAME = 255
"""Bytes that a file's name may have on all common file systems."""
LONGEST_OUTPUT = LONGEST_NAME - len(f".{REJECTS}.part")
"""Bytes that an output's name may have: the longest name beside it is that of its reject file
while that is written."""


class Input(NamedTuple):
    """A file to clean.

    Attributes:
        path: where it is.
        name: its output's path below the output folder.
        kind: its format.
        size: its size in bytes.
    """

    path: Path
    name: Path
    kind: Kind
    size: int


def kind_of(path: Path) -> Kind | None:
    """Tell a file's format by its name; None for a name that says nothing.

    >>> kind_of(Path("part-0001.jsonl.zst"))
    'jsonl'
    >>> kind_of(Path("picture.png")) is None
    True
    """
    name = path.name.lower()
    for kind, endings in ENDINGS.items():
        if name.endswith(endings):
            return kind
    return None


def find_inputs(given: Iterable[str], out: Path) -> list[Input]:
    """Find the files that arguments name.

    Args:
        given: files, folders (searched through, names of no known format passed over) and
            glob patterns (`**` reaches through folders).
        out: the output folder; files in it are no inputs.

    Returns:
        The files, each once, in the order given and sorted within a folder or pattern, links last.

    Raises:
        BulkError: if an argument names nothing, a folder cannot be read, a file is of no known
            format or a pipe, its name is too long for what stands beside its output, two outputs
            would have one name, or an output would replace its input.
    """
    out = out.resolve()
    found: dict[Path, Input] = {}
    owners: dict[Path, Path] = {}
    for argument in given:
        for path, name in _named(argument, out):
            kind = kind_of(path)
            if kind is None:
                raise BulkError(f"{path}: of no known format; {_known_endings()}")
            if not path.is_file():
                raise BulkError(f"{path}: a pipe or a device, not a regular file")
            real = path.resolve()
            if real in found:
                continue
            if kind == "html":
                # What comes out is text.
                name = name.with_name(name.name + ENDINGS["text"][0])
            if len(os.fsencode(name.name)) > LONGEST_OUTPUT:
                raise BulkError(
                    f"{path}: its output {name.name} has a name of more than {LONGEST_OUTPUT} "
                    "bytes, beside which no reject file could be written; shorten it"
                )
            if real == out / name:
                raise BulkError(f"{path}: its output would replace it; choose another --out")
            if name in owners:
                raise BulkError(
                    f"{owners[name]} and {path} would both be written to {name}; "
                    "run them into different folders"
                )
            owners[name] = path
            found[real] = Input(path, name, kind, path.stat().st_size)
    if not found:
        raise BulkError(
            "no file of a known format was found; hidden files and what lies in --out are no "
            f"inputs, and {_known_endings()}"
        )
    return list(found.values())


def _known_endings() -> str:
    known = ", ".join(ending for endings in ENDINGS.values() for ending in endings)
    return f"a name must end in {known}"


def _named(argument: str, out: Path) -> Iterator[tuple[Path, Path]]:
    """Yield the files of one argument with their names below the output folder."""
    if not argument:
        raise BulkError("an input is empty; name a file, a folder or a pattern, . for this folder")
    path = Path(argument)
    if path.is_dir():
        yield from _below(path, out)
    elif path.exists():
        yield path, Path(path.name)
    elif glob.has_magic(argument):
        fixed = _fixed_part(argument)
        if ".." in Path(argument).parts[len(fixed.parts) :]:
            raise BulkError(
                f"{argument}: with .. behind a wildcard its outputs would lie outside --out; "
                "give a pattern without it"
            )
        matches = sorted(map(Path, glob.glob(argument, recursive=True)))
        files = [match for match in matches if match.is_file() and not _ours(match, out)]
        if not files:
            raise BulkError(f"{argument}: no file matches")
        # Links behind all else, so that a file keeps its own name.
        for match in sorted(files, key=lambda match: _through_link(match, fixed)):
            yield match, match.relative_to(fixed)
    elif argument == "-":
        raise BulkError("-: run takes files; `paywallstrip clean` reads standard input")
    else:
        raise BulkError(f"{argument}: no such file or folder")


def _through_link(path: Path, folder: Path) -> bool:
    """Tell whether a file, or a folder on the way to it from another one, is a link."""
    return path.resolve() != folder.resolve() / path.relative_to(folder)


def _below(folder: Path, out: Path) -> Iterator[tuple[Path, Path]]:
    """Yield the files in a folder, sorted, without hidden ones and our own.

    A link to a folder is followed unless that is reached without it, or holds this one. What links
    name comes behind all else, so that what has a name of its own keeps it; a link to nothing is
    passed over.
    """
    reached, links = {folder.resolve()}, [folder]
    linked: list[Path] = []
    while links:
        start, found = links.pop(0), []
        for parent, folders, files in os.walk(start, onerror=_refuse):
            # In place: this is how `os.walk` is told where to go.
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            found += [path for name in folders if (path := Path(parent, name)).is_symlink()]
            for name in sorted(files):
                path = Path(parent, name)
                if kind_of(path) is None or _ours(path, out):
                    continue
                if path.is_symlink():
                    linked.append(path)
                else:
                    yield path, path.relative_to(folder)
        for link in found:
            real = link.resolve()
            known = any(real.is_relative_to(one) or one.is_relative_to(real) for one in reached)
            if not known:
                reached.add(real)
                links.append(link)
    yield from ((path, path.relative_to(folder)) for path in linked if path.exists())


def _refuse(error: OSError) -> None:
    """Say which folder cannot be read: what is in it would be missing without a word."""
    raise BulkError(f"{error.filename}: {error.strerror}") from error


def _ours(path: Path, out: Path) -> bool:
    """Tell whether a file is hidden, a reject file, or in the output folder."""
    return (
        path.name.startswith(".")
        or path.name.endswith(REJECTS)
        # Of a file that links to itself `resolve` would raise.
        or Path(os.path.realpath(path)).is_relative_to(out)
    )


def _fixed_part(pattern: str) -> Path:
    """Return the folders of a pattern before its first wildcard."""
    parts = Path(pattern).parts
    magic = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    return Path(*parts[:magic])
