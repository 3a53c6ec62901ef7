"""The pages of an evaluation, aligned and counted once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from paywallstrip.scoring import Ints, are_headlines, without_headline, words
from paywallstrip.training.converters import CONVERTERS
from paywallstrip.training.corpus import (
    UNKNOWN_TYPE,
    BodyPage,
    LabelledPage,
    fold_of,
    is_final,
    language_of,
    read_bodies,
    read_labelled,
)
from paywallstrip.training.rivals import Bools, Overlap, label_indices, overlap
from paywallstrip.training.views import (
    BODIES,
    LABELLED,
    View,
    fold_lines,
    lines_shown,
    read_views,
)

Part = Literal["folds", "final"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a page comes from: what figures are grouped by.

    Attributes:
        id: the page.
        source: the corpus it was taken from.
        fold: 0 to 4, or None in the final part.
        language: two letters, or ``und``.
        page_type: as in `BodyPage`; ``unknown`` for a page without a true body.
    """

    id: str
    source: str
    fold: int | None
    language: str
    page_type: str


@dataclass(frozen=True, slots=True)
class LabelledView:
    """A labelled page as one converter gives it.

    Attributes:
        lines: its lines.
        truth: int64 array of shape (lines,), the labels carried over; -1 where open.
        sizes: int64 array of shape (lines,), characters.
        overlap: its lines against the labelled ones.
    """

    lines: tuple[str, ...]
    truth: Ints
    sizes: Ints
    overlap: Overlap


@dataclass(frozen=True, slots=True)
class LabelledCase:
    """A labelled page with all its views.

    Attributes:
        origin: where it comes from.
        converter: what made its lines, without the version.
        lines: its lines.
        truth: int64 array of shape (lines,), their labels.
        sizes: int64 array of shape (lines,), their characters.
        views: the page by each converter.
    """

    origin: Origin
    converter: str
    lines: tuple[str, ...]
    truth: Ints
    sizes: Ints
    views: Mapping[str, LabelledView]


@dataclass(frozen=True, slots=True)
class BodyView:
    """A page with a true body, as one converter gives it.

    Attributes:
        lines: its lines.
        headlines: bool array of shape (lines,), lines that are only the headline.
        tokens: int32 array of shape (tokens,), each token's place in the body's vocabulary;
            -1 for one the body does not have.
        owners: int32 array of shape (tokens,), the line of each token.
    """

    lines: tuple[str, ...]
    headlines: Bools
    tokens: NDArray[np.int32]
    owners: NDArray[np.int32]

    def score(self, body: Ints, kept: Bools) -> float:
        """Compare a choice of lines with the true body; headlines are left out.

        Args:
            body: int64 array of shape (vocabulary,), how often the body has each token.
            kept: bool array of shape (lines,).

        Returns:
            Word F1, 0 to 1, as `scoring.word_f1` gives it.
        """
        chosen = self.tokens[(kept & ~self.headlines)[self.owners]]
        counts = np.bincount(chosen[chosen >= 0], minlength=len(body))
        total = len(chosen) + int(body.sum())
        return 2 * int(np.minimum(counts, body).sum()) / total if total else 1.0


@dataclass(frozen=True, slots=True)
class BodyCase:
    """A page with a true body and all its views.

    Attributes:
        origin: where it comes from.
        body: the true body's lines, headlines left out.
        counts: int64 array of shape (vocabulary,), how often `body` has each of its tokens.
        views: the page by each converter.
    """

    origin: Origin
    body: tuple[str, ...]
    counts: Ints
    views: Mapping[str, BodyView]


def corpus_fingerprint(corpus: Path) -> str:
    """Identify the two corpora by their content.

    Args:
        corpus: the folder they lie in.

    Returns:
        A SHA-256 over the two files.

    Raises:
        FileNotFoundError: if one is missing.
    """
    digest = hashlib.sha256()
    for name in (LABELLED, BODIES):
        digest.update(hashlib.sha256((corpus / name).read_bytes()).digest())
    return digest.hexdigest()


def origin_of(page: LabelledPage | BodyPage, page_type: str) -> Origin:
    """Describe a page.

    Args:
        page: the page.
        page_type: its type.

    Returns:
        Its source, fold and language.
    """
    fold = None if is_final(page.domain) else fold_of(page.domain)
    return Origin(page.id, page.source, fold, language_of(page.html), page_type)


def load_labelled(corpus: Path, views: Path, part: Part) -> list[LabelledCase]:
    """Read the labelled pages of one part and align their views.

    Args:
        corpus: folder of the corpora.
        views: folder of the views.
        part: the part.

    Returns:
        The pages in the corpus's order.

    Raises:
        ValueError: if a page lacks a view.
    """
    types = {page.id: page.page_type for page in read_bodies(corpus / BODIES)}
    by_page = _views_by_page(views / LABELLED)
    cases = []
    for page in read_labelled(corpus / LABELLED):
        if is_final(page.domain) != (part == "final"):
            continue
        found = {view.view: _labelled_view(page, view) for view in _of(page.id, by_page)}
        cases.append(
            LabelledCase(
                origin_of(page, types.get(page.id, UNKNOWN_TYPE)),
                page.converter.split()[0],
                page.lines,
                label_indices(page.labels),
                _sizes(page.lines),
                found,
            )
        )
    return cases


def load_bodies(corpus: Path, views: Path, part: Part) -> list[BodyCase]:
    """Read the pages with a true body of one part and count the words of their views.

    Args:
        corpus: folder of the corpora.
        views: folder of the views.
        part: the part.

    Returns:
        The pages in the corpus's order.

    Raises:
        ValueError: if a page lacks a view.
    """
    by_page = _views_by_page(views / BODIES)
    cases = []
    for page in read_bodies(corpus / BODIES):
        if is_final(page.domain) != (part == "final"):
            continue
        outputs = {view.view: view.lines for view in _of(page.id, by_page)}
        cases.append(body_case(origin_of(page, page.page_type), page, outputs))
    return cases


def body_case(origin: Origin, page: BodyPage, outputs: Mapping[str, Sequence[str]]) -> BodyCase:
    """Count the words of a page and of what converters made of it.

    Args:
        origin: where it comes from.
        page: the page.
        outputs: the lines of each converter.

    Returns:
        The page, ready to be scored.
    """
    body = without_headline(fold_lines(page.body), page.title)
    vocabulary: dict[str, int] = {}
    tokens = [vocabulary.setdefault(word, len(vocabulary)) for line in body for word in words(line)]
    counts = np.bincount(np.array(tokens, dtype=np.int64), minlength=len(vocabulary))
    views = {name: _body_view(lines, page.title, vocabulary) for name, lines in outputs.items()}
    return BodyCase(origin, tuple(body), counts, views)


def _body_view(lines: Sequence[str], headline: str, vocabulary: Mapping[str, int]) -> BodyView:
    found = [[vocabulary.get(word, -1) for word in words(line)] for line in lines]
    return BodyView(
        tuple(lines),
        are_headlines(lines, headline),
        np.array([token for line in found for token in line], dtype=np.int32),
        np.repeat(np.arange(len(lines), dtype=np.int32), [len(line) for line in found]),
    )


def _labelled_view(page: LabelledPage, view: View) -> LabelledView:
    if view.labels is None:
        raise ValueError(f"page {page.id}: its view by {view.view} has no labels")
    # Of a line of Markdown what a reader is shown: no labelled line holds an address.
    shown = lines_shown(view.lines)
    return LabelledView(
        view.lines, label_indices(view.labels), _sizes(shown), overlap(page.lines, shown)
    )


def _sizes(lines: Sequence[str]) -> Ints:
    return np.array([len(line) for line in lines], dtype=np.int64)


def _views_by_page(path: Path) -> dict[str, list[View]]:
    groups = groupby(read_views(path), key=lambda view: view.id)
    return {page: list(views) for page, views in groups}


def _of(page: str, by_page: Mapping[str, list[View]]) -> list[View]:
    found = by_page.get(page, [])
    missing = CONVERTERS.keys() - {view.view for view in found}
    if missing:
        which = f"view by {min(missing)}" if found else "views"
        raise ValueError(f"page {page} has no {which}: run paywallstrip.training.views to the end")
    return found
