"""The pages written for the project as labelled pages: `models/pages/` to train on, `tests/pages/`.

``python -m paywallstrip.training.written FOLDER OUT`` writes them in the format that
`docs/labelled-pages.md` describes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from paywallstrip.errors import DataError, PaywallstripError
from paywallstrip.training.datafile import write_pages
from paywallstrip.training.records import PageRecord, make_page

WRITTEN = Path(__file__).parents[2] / "models" / "pages"
"""The pages written to train the shipped model on; an installed wheel does not have them."""
INDEX = "index.json"
ENDING = ".tsv"


def read_written(folder: str | Path, *, names: Sequence[str] | None = None) -> Iterator[PageRecord]:
    """Read pages of which each line is `LABEL<TAB>TEXT`, a blank line of the page empty.

    Args:
        folder: holds `index.json`, which lists name, domain and language of each page, and a
            file `NAME.tsv` for each.
        names: the pages wanted; None for all.

    Yields:
        The pages in the index's order, the id that of the file.

    Raises:
        FileNotFoundError: the folder or a page of the index is missing.
        DataError: a name is not in the index, a line has no label, or it is none of the four;
            the message names the file and the line.
    """
    entries = json.loads((Path(folder) / INDEX).read_text("utf-8"))
    unknown = set(names or ()) - {entry["name"] for entry in entries}
    if unknown:
        raise DataError(f"{folder}/{INDEX} has no page {', '.join(sorted(unknown))}")
    for entry in entries:
        if names is None or entry["name"] in names:
            path = Path(folder) / f"{entry['name']}{ENDING}"
            text, labels = read_lines(path)
            yield make_page(
                entry["name"],
                text,
                labels,
                by="reading",
                domain=entry["domain"],
                language=entry["language"],
            )


def read_lines(path: Path) -> tuple[str, list[str]]:
    """Read one page, each line with its label before it.

    Args:
        path: the file.

    Returns:
        The page's text, and a label for each line that is not empty.

    Raises:
        FileNotFoundError: there is no such file.
        DataError: a line has no label.
    """
    return split_labels(path.read_text("utf-8"), str(path))


def split_labels(content: str, name: str) -> tuple[str, list[str]]:
    """Take the labels off the lines of a page.

    Args:
        content: `LABEL<TAB>TEXT` a line, a blank line of the page empty.
        name: of the page, for the error.

    Returns:
        The page's text, and a label for each line that is not empty.

    Raises:
        DataError: a line has no label.
    """
    lines, labels = [], []
    for number, line in enumerate(content.removesuffix("\n").split("\n"), start=1):
        label, tab, text = line.partition("\t")
        if line and not tab:
            raise DataError(f"{name}:{number}: expected a label, a tab and the line: {line[:40]!r}")
        lines.append(text)
        if line:
            labels.append(label)
    return "\n".join(lines) + "\n", labels


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages from the command line.

    Args:
        arguments: the arguments; those of the process by default.

    Returns:
        The exit code: 0 if they were written, 2 if they cannot be read.
    """
    parser = argparse.ArgumentParser(prog="python -m paywallstrip.training.written")
    parser.description = "Write the pages of a folder as labelled pages."
    parser.add_argument("folder", type=Path, help="folder of index.json and the pages")
    parser.add_argument("out", type=Path, help="file to write, .jsonl")
    parser.add_argument("--names", nargs="+", help="pages wanted; all unless given")
    options = parser.parse_args(arguments)
    try:
        write_pages(read_written(options.folder, names=options.names), options.out)
    except (PaywallstripError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
