"""The pages that every tool is given: as text for those that take text, else as HTML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from itertools import chain, cycle, islice
from pathlib import Path
from typing import Literal, NamedTuple

from paywallstrip.training.corpus import read_labelled
from paywallstrip.training.views import LABELLED

FIRST_CHARACTERS = 8000
"""A fresh process is given the page whose text is nearest to this length."""
FIT_LINES = 2_000
_FILE = "pages.jsonl"

Kind = Literal["lines", "characters", "line"]


class Inputs(NamedTuple):
    """Pages in two forms, side by side.

    Attributes:
        texts: their texts.
        html: their HTML.
    """

    texts: list[str]
    html: list[str]

    @classmethod
    def read(cls, folder: Path) -> Inputs:
        """Read what `write_inputs` wrote."""
        with (folder / _FILE).open(encoding="utf-8", newline="\n") as file:
            rows = [json.loads(line) for line in file]
        return cls([row["text"] for row in rows], [row["html"] for row in rows])

    def sizes(self) -> dict[str, int]:
        """Count pages, lines and characters."""
        return {
            "pages": len(self.texts),
            "lines": sum(text.count("\n") + 1 for text in self.texts),
            "characters": sum(map(len, self.texts)),
            "HTML characters": sum(map(len, self.html)),
        }

    def single(self, kind: Kind, size: int, takes: str) -> tuple[str, int]:
        """Make one page of a given size.

        Args:
            kind: what is counted: lines; characters of a real page, cut; characters of a
                single line.
            size: how many.
            takes: "text", or "html" for a page with one paragraph a line, which is lighter
                than the HTML of real pages.

        Returns:
            The page, and how many characters its text has.
        """
        text = self._text(kind, size)
        if takes == "text":
            return text, len(text)
        body = "\n".join(f"<p>{escape(line, quote=False)}</p>" for line in text.split("\n"))
        return f"<html><body>\n{body}\n</body></html>", len(text)

    def _text(self, kind: Kind, size: int) -> str:
        if kind == "characters":
            page: str = min(self.texts, key=lambda text: abs(len(text) - FIRST_CHARACTERS))
            return page[:size]
        lines = cycle(chain.from_iterable(text.split("\n") for text in self.texts))
        if kind == "lines":
            return "\n".join(islice(lines, size))
        whole = " ".join(chain.from_iterable(text.split("\n") for text in self.texts)) + " "
        return (whole * (size // len(whole) + 1))[:size]


def write_inputs(corpus: Path, folder: Path, count: int) -> tuple[list[str], list[str]]:
    """Choose pages of the corpus, evenly over the file, and write them for the workers.

    Args:
        corpus: the folder with the labelled corpus.
        folder: where the inputs go.
        count: how many pages; fewer if the corpus has no more.

    Returns:
        Lines of these pages and their labels, to fit the plain pipeline on.

    Raises:
        ValueError: if the corpus has no page.
    """
    pages = list(read_labelled(corpus / LABELLED))
    if not pages:
        raise ValueError(f"{corpus / LABELLED} has no page to measure on")
    count = min(count, len(pages))
    chosen = [pages[i * len(pages) // count] for i in range(count)]
    texts = ["\n".join(page.lines) for page in chosen]
    with (folder / _FILE).open("w", encoding="utf-8", newline="\n") as file:
        for page, text in zip(chosen, texts, strict=True):
            file.write(json.dumps({"text": text, "html": page.html}) + "\n")
    first = min(range(count), key=lambda i: abs(len(texts[i]) - FIRST_CHARACTERS))
    for takes, page_text in (("text", texts[first]), ("html", chosen[first].html)):
        first_page(folder, takes).write_text(page_text, encoding="utf-8", newline="")
    return _sample(
        [(line, label) for p in chosen for line, label in zip(p.lines, p.labels, strict=True)]
    )


def first_page(folder: Path, takes: str) -> Path:
    """Name the file with the page that a fresh process is given."""
    return folder / f"first.{takes}"


def _sample(labelled: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    some = labelled[:: max(len(labelled) // FIT_LINES, 1)][:FIT_LINES]
    return [line for line, _ in some], [label for _, label in some]
