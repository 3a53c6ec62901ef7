"""Labels by line hash, and the further labelled pages: joined to the bodies corpus.

The pages' texts belong to their publishers, so the file holds hashes in their place: whoever
has the HTML converts it again and finds each line by its hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from paywallstrip.errors import DataError
from paywallstrip.labels import LABELS
from paywallstrip.training.converters import CONVERTERS
from paywallstrip.training.corpus import BodyPage, LabelledPage
from paywallstrip.training.files import open_read
from paywallstrip.training.views import fold_lines

FURTHER = Path(__file__).parents[2] / "models" / "labels" / "further.jsonl"
"""The labels kept in a checkout; an installed wheel does not have them."""
HASH_DIGITS = 12

_FIELDS = ("id", "domain", "converter", "rules", "labelled_by")


@dataclass(frozen=True, slots=True)
class FurtherLabels:
    """The labels of one page, without its text.

    Attributes:
        id: the page's id in the bodies corpus.
        domain: its site.
        converter: what turned its HTML into lines, with its version.
        rules: first 12 hex digits of the SHA-256 of the labelling rules it was labelled by.
        labelled_by: how, e.g. "reading".
        hashes: one `line_hash` a line, in reading order.
        labels: one label a line.
    """

    id: str
    domain: str
    converter: str
    rules: str
    labelled_by: str
    hashes: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """Labels that have their text again.

    Attributes:
        pages: the pages, with only the lines that were found; a page without any is left out.
        wanted: the number of labelled lines.
        found: how many of them were found.
        differing: ids of the pages of which a line was not found.
    """

    pages: tuple[LabelledPage, ...]
    wanted: int
    found: int
    differing: tuple[str, ...]

    @property
    def share(self) -> float:
        """The share of the labelled lines that was found, 0 to 1; 1 if none was wanted."""
        return self.found / self.wanted if self.wanted else 1.0


def line_hash(line: str) -> str:
    """Give the hash that stands for a line.

    Args:
        line: the line, its white space folded.

    Returns:
        The first 12 hex digits of the SHA-256 of its UTF-8 form.
    """
    # A page may hold half a surrogate pair.
    return hashlib.sha256(line.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_DIGITS]


def converter_name(described: str) -> str:
    """Find the converter that a page names.

    Args:
        described: the converter with its version, as the corpora write it, e.g.
            "html-text 0.7.1".

    Returns:
        Its name in `CONVERTERS`; the version is not compared.

    Raises:
        DataError: there is no such converter.
    """
    name = described.split(" ", 1)[0]
    if name == "resiliparse":
        name = "resiliparse-main" if "main_content=True" in described else "resiliparse-plain"
    if name not in CONVERTERS:
        raise DataError(f"unknown converter {described!r}: known are {', '.join(CONVERTERS)}")
    return name


def read_further(path: str | Path = FURTHER) -> list[FurtherLabels]:
    """Read labels kept by line hash.

    Args:
        path: a JSON Lines file, one page a line; `.xz` is unpacked.

    Returns:
        The pages in the file's order.

    Raises:
        FileNotFoundError: there is no such file.
        DataError: a page is not as it should be; the message names file and line.
    """
    pages: list[FurtherLabels] = []
    seen: set[str] = set()
    with open_read(path) as file:
        for number, text in enumerate(file, start=1):
            try:
                page = _parsed(json.loads(text))
                if page.id in seen:
                    raise ValueError(f"page {page.id} stands here twice")
            except ValueError as error:  # JSON's own errors are of this kind too
                raise DataError(f"{path}:{number}: {error}") from error
            seen.add(page.id)
            pages.append(page)
    return pages


def _parsed(record: Any) -> FurtherLabels:
    if not isinstance(record, dict):
        raise ValueError("not a JSON object")
    for field in (*_FIELDS, "hashes", "labels"):
        if field not in record:
            raise ValueError(f"field {field!r} is missing")
    if not isinstance(record["hashes"], list) or not isinstance(record["labels"], list):
        raise ValueError("hashes and labels must be lists")
    hashes, labels = tuple(record["hashes"]), _expanded(record["labels"])
    if len(hashes) != len(labels):
        raise ValueError(f"page {record['id']}: {len(hashes)} hashes, {len(labels)} labels")
    fields = {field: str(record[field]) for field in _FIELDS}
    return FurtherLabels(**fields, hashes=hashes, labels=labels)


def _expanded(runs: Any) -> tuple[str, ...]:
    """Turn runs like `["navigation", 14]` into one label a line."""
    labels: list[str] = []
    for run in runs:
        match run:
            case [str(label), int(count)] if label in LABELS and count > 0:
                labels += [label] * count
            case _:
                raise ValueError(f"{run!r} is no run of a label, like ['content', 3]")
    return tuple(labels)


def join_further(labels: Iterable[FurtherLabels], bodies: Iterable[BodyPage]) -> Joined:
    """Convert the labelled pages again and find their lines by hash, in order.

    Args:
        labels: the labels of the pages.
        bodies: the corpus that has their HTML; further pages in it are passed over.

    Returns:
        The pages in the order of `labels`, and how many lines were found.

    Raises:
        DataError: a page names an unknown converter.
        ImportError: a converter is not installed.
    """
    wanted = list(labels)
    ids = {page.id for page in wanted}
    html_of = {body.id: body for body in bodies if body.id in ids}
    joined, differing, found = [], [], 0
    for page in wanted:
        body = html_of.get(page.id)
        lines = found_lines(page, body.html) if body else []
        found += len(lines)
        if len(lines) < len(page.hashes):
            differing.append(page.id)
        if body and lines:
            joined.append(_labelled(page, body, lines))
    return Joined(tuple(joined), sum(len(page.hashes) for page in wanted), found, tuple(differing))


def found_lines(page: FurtherLabels, html: str) -> list[tuple[str, str]]:
    """Convert a page again and find its labelled lines by hash, in order.

    Args:
        page: the labels.
        html: the page.

    Returns:
        The lines that the converter still gives, each with its label.

    Raises:
        DataError: the page names an unknown converter.
        ImportError: the converter is not installed.
    """
    lines = fold_lines(CONVERTERS[converter_name(page.converter)](html))
    hashes = tuple(line_hash(line) for line in lines)
    pairs: list[tuple[str, str]] = []
    for old, new, size in _matching(page.hashes, hashes):
        pairs += zip(lines[new : new + size], page.labels[old : old + size], strict=True)
    return pairs


def _matching(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    if old == new:  # the rule, and much faster
        return [(0, 0, len(old))]
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return [(block.a, block.b, block.size) for block in blocks]


def _labelled(page: FurtherLabels, body: BodyPage, pairs: list[tuple[str, str]]) -> LabelledPage:
    return LabelledPage(
        id=page.id,
        source=body.source,
        url=body.url,
        domain=page.domain,
        converter=page.converter,
        lines=tuple(line for line, _ in pairs),
        labels=tuple(label for _, label in pairs),
        html=body.html,
        page_type=body.page_type,
    )
