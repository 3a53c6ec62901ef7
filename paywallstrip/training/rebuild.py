"""The training corpora, built again from the public repositories and the labels kept here.

``python -m paywallstrip.training.rebuild --repositories DIR --out CORPUS`` reads the pages in
clones of the repositories, converts them, finds every labelled line by its hash and lists the
pages that differ. ``--html-from CORPUS`` takes the HTML from corpora that one has.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from paywallstrip.errors import DataError, PaywallstripError
from paywallstrip.training.converters import CONVERTERS, load_all
from paywallstrip.training.corpus import BodyPage, LabelledPage, read_bodies, read_labelled
from paywallstrip.training.files import open_read, open_write
from paywallstrip.training.further import (
    FURTHER,
    FurtherLabels,
    converter_name,
    found_lines,
    line_hash,
    read_further,
)
from paywallstrip.training.repositories import Repositories, TrueBody
from paywallstrip.training.views import BODIES, LABELLED

LABELS = FURTHER.with_name("corpus.jsonl.xz")
"""The labels of the labelled corpus, by line hash."""
BODY_HASHES = FURTHER.with_name("bodies.jsonl")
"""What the bodies corpus consists of, with a hash of each body."""

Pages = Callable[[str], Sequence[str]]
Bodies = Callable[[str], Iterable[TrueBody]]


@dataclass(frozen=True, slots=True)
class KeptBody:
    """What is kept of a page of the bodies corpus.

    Attributes:
        id: the page's id.
        domain: its site.
        page_type: as in `BodyPage`.
        body: the `body_hash` of its true body.
    """

    id: str
    domain: str
    page_type: str
    body: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How far one page came back.

    Attributes:
        id: the page's id.
        wanted: the number of its labelled lines; 1 for a body.
        found: how many of them have the same hash.
        is_there: whether its HTML was found.
    """

    id: str
    wanted: int
    found: int
    is_there: bool = True


def body_hash(body: str) -> str:
    """Give the hash that stands for a body.

    Args:
        body: its text.

    Returns:
        The `line_hash` of it, all white space folded.
    """
    return line_hash(" ".join(body.split()))


def rebuild_labelled(
    labels: Iterable[FurtherLabels], pages: Pages, tally: list[Rebuilt]
) -> Iterator[LabelledPage]:
    """Give the labelled pages their text again.

    Args:
        labels: the labels of the pages.
        pages: gives a page's HTML by each encoding that it may be in, nothing if it is not
            there; the text with the most lines found is taken.
        tally: takes up how far each page came back.

    Yields:
        The pages of which a line was found, with the lines that were found.

    Raises:
        DataError: a page names an unknown converter.
        ImportError: a converter is not installed.
    """
    for page in labels:
        texts = pages(page.id)
        pairs, html = max(
            ((found_lines(page, text), text) for text in texts),
            key=lambda each: len(each[0]),
            default=([], ""),
        )
        tally.append(Rebuilt(page.id, len(page.hashes), len(pairs), bool(texts)))
        if pairs:
            yield LabelledPage(
                id=page.id,
                source=page.id.partition(":")[0],
                url="",
                domain=page.domain,
                converter=page.converter,
                lines=tuple(line for line, _ in pairs),
                labels=tuple(label for _, label in pairs),
                html=html,
            )


def rebuild_bodies(
    kept: Iterable[KeptBody], pages: Pages, bodies: Bodies, tally: list[Rebuilt]
) -> Iterator[BodyPage]:
    """Put the pages with a true body together again.

    Args:
        kept: which pages there are.
        pages: as for `rebuild_labelled`; the likeliest text is taken.
        bodies: gives the bodies that may be a page's; the one with the right hash is taken.
        tally: takes up which bodies came back.

    Yields:
        The pages of which both were found; a body with another hash is left out.
    """
    for page in kept:
        texts = pages(page.id)
        found = [body for body in bodies(page.id) if body_hash(body.body) == page.body]
        tally.append(Rebuilt(page.id, 1, bool(texts and found), bool(texts)))
        if texts and found:
            yield BodyPage(
                id=page.id,
                source=page.id.partition(":")[0],
                domain=page.domain,
                page_type=page.page_type,
                html=texts[0],
                **asdict(found[0]),
            )


def read_kept_bodies(path: str | Path = BODY_HASHES) -> list[KeptBody]:
    """Read which pages the bodies corpus consists of.

    Args:
        path: a JSON Lines file, one page a line.

    Returns:
        The pages in the file's order.

    Raises:
        FileNotFoundError: there is no such file.
        DataError: a page is not as it should be; the message names file and line.
    """
    kept = []
    with open_read(path) as file:
        for number, text in enumerate(file, start=1):
            try:
                kept.append(KeptBody(**json.loads(text)))
            except (ValueError, TypeError) as error:
                raise DataError(f"{path}:{number}: {error}") from error
    return kept


def write_corpus(pages: Iterable[LabelledPage | BodyPage], path: Path) -> None:
    """Write pages in the form of the corpora.

    Args:
        pages: the pages.
        path: a `.jsonl.xz` file, replaced if it exists.
    """
    with open_write(path) as file:
        for page in pages:
            # ASCII, as the corpora are: a page may hold half a surrogate pair.
            file.write(json.dumps(asdict(page)) + "\n")


def describe(title: str, tally: Sequence[Rebuilt]) -> str:
    """Write what came back, and every page that differs.

    Args:
        title: what was rebuilt.
        tally: how far each page came back.

    Returns:
        A heading and one line for each page that is missing or differs, worst first.
    """
    wanted, found = sum(page.wanted for page in tally), sum(page.found for page in tally)
    differing = sorted(
        (page for page in tally if page.found < page.wanted),
        key=lambda page: (page.found / page.wanted, page.id),
    )
    share = f" ({found / wanted:.2%})" if wanted else ""
    lines = [
        f"{title}: {found} of {wanted} hashes match{share}; "
        f"{len(differing)} of {len(tally)} pages differ"
    ]
    for page in differing:
        share = "not found" if not page.is_there else f"{page.found / page.wanted:7.2%}"
        lines.append(f"  {share:>9}  {page.found:5d} of {page.wanted:5d}  {page.id}")
    return "\n".join(lines) + "\n"


def rebuild(
    out: Path,
    pages: Pages,
    bodies: Bodies,
    *,
    labels: str | Path = LABELS,
    body_hashes: str | Path = BODY_HASHES,
) -> str:
    """Build both corpora again.

    Args:
        out: the folder they go into; made if it is missing.
        pages: as for `rebuild_labelled`.
        bodies: as for `rebuild_bodies`.
        labels: the labels by line hash.
        body_hashes: what the bodies corpus consists of.

    Returns:
        What came back, and every page that differs.

    Raises:
        DataError: the labels cannot be used, or a source is not laid out as expected.
        ImportError: converters are not installed; the message holds one pip line for all.
    """
    wanted, kept = read_further(labels), read_kept_bodies(body_hashes)
    load_all({CONVERTERS[converter_name(page.converter)] for page in wanted})
    out.mkdir(parents=True, exist_ok=True)
    lines: list[Rebuilt] = []
    write_corpus(rebuild_labelled(wanted, pages, lines), out / LABELLED)
    whole: list[Rebuilt] = []
    write_corpus(rebuild_bodies(kept, pages, bodies, whole), out / BODIES)
    return describe("labelled lines", lines) + describe("bodies", whole)


def from_corpus(corpus: Path) -> tuple[Pages, Bodies]:
    """Take HTML and bodies from corpora that are there.

    Args:
        corpus: their folder.

    Returns:
        The two functions that `rebuild` takes.
    """
    bodies = {page.id: page for page in read_bodies(corpus / BODIES)}
    html = {name: page.html for name, page in bodies.items()}
    html |= {page.id: page.html for page in read_labelled(corpus / LABELLED)}

    def body(page_id: str) -> Iterator[TrueBody]:
        if page := bodies.get(page_id):
            fields: dict[str, Any] = {name: getattr(page, name) for name in TrueBody.__slots__}
            yield TrueBody(**fields)

    return lambda page_id: [html[page_id]] if page_id in html else [], body


def main(arguments: Sequence[str] | None = None) -> int:
    """Rebuild the corpora from the command line.

    Args:
        arguments: the arguments; those of the process by default.

    Returns:
        The exit code: 0 if the corpora were written, however much of them came back; 2 if
        labels, repositories or converters are missing.
    """
    parser = argparse.ArgumentParser(prog="python -m paywallstrip.training.rebuild")
    parser.description = "Build the training corpora again, and list the pages that differ."
    sources = parser.add_mutually_exclusive_group(required=True)
    sources.add_argument("--repositories", type=Path, help="folder that holds the clones")
    sources.add_argument("--html-from", type=Path, help="folder of corpora to take the HTML from")
    parser.add_argument("--out", type=Path, required=True, help="folder for the corpora")
    parser.add_argument("--labels", type=Path, default=LABELS, help="labels by line hash")
    parser.add_argument("--bodies", type=Path, default=BODY_HASHES, help="hashes of the bodies")
    options = parser.parse_args(arguments)
    try:
        if options.repositories:
            clones = Repositories(options.repositories)
            source: tuple[Pages, Bodies] = clones.html, clones.bodies
        else:
            source = from_corpus(options.html_from)
        report = rebuild(options.out, *source, labels=options.labels, body_hashes=options.bodies)
    except (PaywallstripError, OSError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(report, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
