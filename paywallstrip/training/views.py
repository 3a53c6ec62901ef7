"""The views of each page: its lines as every converter gives them, with the labels carried along.

`python -m paywallstrip.training.views --corpus DIR --out DIR` converts both corpora once and
writes the views beside each other; a run that was broken off goes on where it stopped.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import lzma
import re
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import NoReturn

from paywallstrip.links import without_addresses
from paywallstrip.training.align import carry_labels
from paywallstrip.training.converters import CONVERTERS, load_all
from paywallstrip.training.corpus import (
    BodyPage,
    LabelledPage,
    check_labels,
    read_bodies,
    read_labelled,
    read_records,
)
from paywallstrip.training.progress import track

LABELLED = "labelled.jsonl.xz"
BODIES = "bodies.jsonl.xz"
VERSIONS = "versions.json"

TIME_LIMIT = 30.0  # seconds for a page and converter
_REMINDER = 1.0  # seconds until a converter that swallowed the time limit meets it again
_PAGES_A_BLOCK = 16  # written at once; so many may have to be done again
_WAITING_PAGES = 4  # handed out in advance to each worker

_LINE_END = re.compile(r"\r\n|\n|\r")

Page = LabelledPage | BodyPage


@dataclass(frozen=True, slots=True)
class View:
    """A page as one converter gives it.

    Attributes:
        id: the page.
        view: the converter, a key of `CONVERTERS`.
        lines: the non-empty lines in order, their white space folded; none where the converter
            fails.
        labels: one label a line, None where it is open; None as a whole where the page has no
            labels.
    """

    id: str
    view: str
    lines: tuple[str, ...]
    labels: tuple[str | None, ...] | None


class _TimeUp(BaseException):
    """Not an `Exception`, so that a converter's own handlers let it through."""


def fold_lines(text: str) -> list[str]:
    """Cut a text into its non-empty lines, white space folded.

    Args:
        text: the text; a line ends at a newline, a carriage return or both.

    Returns:
        The lines, stripped, each run of white space in them one space.
    """
    folded = (" ".join(line.split()) for line in _LINE_END.split(text))
    return [line for line in folded if line]


def lines_shown(lines: Iterable[str]) -> list[str]:
    """Return what a reader is shown of each line: words of addresses have no counterpart."""
    return [without_addresses(line) for line in lines]


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Break off what runs inside after some time.

    Works in the main thread of a process, on systems that have timer signals; code in C is
    broken off when it returns.

    Args:
        seconds: the limit.

    Raises:
        TimeoutError: the time is up.
    """

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        raise _TimeUp

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, _REMINDER)
    try:
        yield
    except _TimeUp as error:
        raise TimeoutError(f"not done after {seconds:g} s") from error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def views_of(page: Page, seconds: float = TIME_LIMIT) -> list[View]:
    """Convert a page with every converter.

    Args:
        page: the page.
        seconds: the time limit for each converter; a view that takes longer has no lines.

    Returns:
        One view a converter, in the order of `CONVERTERS`.

    Raises:
        ImportError: a converter is not installed.
    """
    views = []
    for name, convert in CONVERTERS.items():
        try:
            with time_limit(seconds):
                lines = fold_lines(convert(page.html))
        except TimeoutError:
            lines = []
        labels = None
        if isinstance(page, LabelledPage):
            labels = tuple(carry_labels(page.lines, page.labels, lines_shown(lines)))
        views.append(View(page.id, name, tuple(lines), labels))
    return views


def read_views(path: str | Path) -> Iterator[View]:
    """Read views one by one.

    Args:
        path: a file that `build_views` wrote.

    Yields:
        The views, those of a page together.

    Raises:
        DataError: a line of the file is no view; the message names file, line and page.
    """
    if not Path(path).stat().st_size:  # of no pages; no valid xz file
        return
    fields = {"id": str, "view": str, "lines": list}
    for where, record in read_records(path, fields, {"labels": list}):
        labels = record.get("labels")
        if labels is not None:
            check_labels(where, record["lines"], labels)
        yield View(
            record["id"],
            record["view"],
            tuple(record["lines"]),
            None if labels is None else tuple(labels),
        )


def build_views(
    corpus_dir: str | Path,
    out_dir: str | Path,
    n_jobs: int = 1,
    wanted: Callable[[Page], bool] = lambda _: True,
) -> None:
    """Convert both corpora with every converter: labelled pages, then bodies, articles first.

    Args:
        corpus_dir: where `labelled.jsonl.xz` and `bodies.jsonl.xz` lie.
        out_dir: where the two files of the same names go; one JSON object a view. Pages that stand
            there already are not done again.
        n_jobs: processes that convert, 1 or more.
        wanted: tells which pages to convert; all of them by default.

    Raises:
        ImportError: a converter is not installed.
        ValueError: the views that lie in `out_dir` come from other versions of the converters.
    """
    corpus, out = Path(corpus_dir), Path(out_dir)
    out.mkdir(parents=True, exist_ok=True)
    load_all(CONVERTERS.values())
    _check_versions(out / VERSIONS)
    with ProcessPoolExecutor(n_jobs, initializer=_quiet) as pool:
        labelled = filter(wanted, read_labelled(corpus / LABELLED))
        _build(pool, n_jobs, out / LABELLED, labelled)
        # The sort is stable: within each half the corpus's order stays.
        bodies = sorted(
            filter(wanted, read_bodies(corpus / BODIES)),
            key=lambda page: page.page_type != "article",
        )
        _build(pool, n_jobs, out / BODIES, bodies)


def _build(pool: ProcessPoolExecutor, n_jobs: int, path: Path, pages: Iterable[Page]) -> None:
    todo = list(pages)
    done = _repair(path)
    total = len(todo)
    todo = [page for page in todo if page.id not in done]
    converted = _in_order(pool, n_jobs, views_of, todo)
    shown = track(converted, total, path.name, done=total - len(todo))
    block: list[View] = []
    with path.open("ab") as file:
        for number, views in enumerate(shown, start=1):
            block += views
            if number % _PAGES_A_BLOCK == 0 or number == len(todo):
                file.write(_packed(block))
                file.flush()
                block = []


def _in_order(
    pool: ProcessPoolExecutor, n_jobs: int, call: Callable[[Page], list[View]], pages: list[Page]
) -> Iterator[list[View]]:
    """Map over pages as the pool does, but without queueing all of them at once."""
    waiting: deque[Future[list[View]]] = deque()
    for page in pages:
        waiting.append(pool.submit(call, page))
        if len(waiting) >= n_jobs * _WAITING_PAGES:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _packed(views: Sequence[View]) -> bytes:
    """Views as one xz stream: streams in a row are a valid file, and a torn one shows."""
    records = []
    for view in views:
        record: dict[str, object] = {"id": view.id, "view": view.view, "lines": view.lines}
        if view.labels is not None:
            record["labels"] = view.labels
        # Escaped, since a page may hold half a surrogate pair, which UTF-8 cannot hold.
        records.append(json.dumps(record, separators=(",", ":")) + "\n")
    return lzma.compress("".join(records).encode("ascii"))


def _repair(path: Path) -> set[str]:
    """Cut off a torn last stream and return the pages that are there."""
    if not path.exists():
        return set()
    content = path.read_bytes()
    rest, done = content, set()
    while rest:
        stream = lzma.LZMADecompressor()
        try:
            block = stream.decompress(rest)
        except lzma.LZMAError:
            break
        if not stream.eof:
            break
        rest = stream.unused_data
        done |= {json.loads(line)["id"] for line in block.splitlines()}
    if rest:
        with path.open("r+b") as file:
            file.truncate(len(content) - len(rest))
    return done


def _check_versions(path: Path) -> None:
    """Write down the converters' versions, or compare them with those of an earlier run."""
    packages = sorted({each.requirement.split()[0] for each in CONVERTERS.values()})
    versions = {package: version(package) for package in packages}
    if not path.exists():
        path.write_text(json.dumps(versions, indent=1) + "\n", encoding="utf-8")
        return
    earlier = json.loads(path.read_text(encoding="utf-8"))
    if earlier != versions:
        changed = sorted(
            name for name in versions | earlier if versions.get(name) != earlier.get(name)
        )
        raise ValueError(
            f"{path.parent} holds views by other versions of {', '.join(changed)}:"
            " give another folder, or empty this one"
        )


def _quiet() -> None:
    # Extractors log at length about pages they cannot cope with.
    logging.disable(logging.CRITICAL)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `build_views` from the command line.

    Args:
        arguments: the arguments; those of the process by default.
    """
    parser = argparse.ArgumentParser(prog="python -m paywallstrip.training.views")
    parser.description = "Convert the corpora with every converter and carry their labels along."
    parser.add_argument("--corpus", type=Path, required=True, help="folder of the two corpora")
    parser.add_argument("--out", type=Path, required=True, help="folder the views go to")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    options = parser.parse_args(arguments)
    build_views(options.corpus, options.out, n_jobs=options.jobs)


if __name__ == "__main__":
    main()
