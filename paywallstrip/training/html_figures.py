"""Figures of HTML in, beside those of text in and of other extractors, on the same pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from paywallstrip.classifier import Classifier
from paywallstrip.page import Page
from paywallstrip.scoring import Ints, confusion_matrix, page_counts
from paywallstrip.training.align import carry_labels
from paywallstrip.training.body_figures import BODY_TABLE, article_groups, body_groups
from paywallstrip.training.cases import (
    BodyCase,
    BodyView,
    LabelledCase,
    LabelledView,
    Part,
    body_case,
    origin_of,
)
from paywallstrip.training.converters import LEFTOVERS, RIVALS
from paywallstrip.training.corpus import (
    BodyPage,
    LabelledPage,
    is_final,
    read_bodies,
    read_labelled,
)
from paywallstrip.training.figures import (
    CONTENT,
    OURS,
    WORDS,
    Figure,
    all_pages,
    label_statistics,
    make_differences,
    make_figures,
    system_on,
)
from paywallstrip.training.labelled_figures import (
    CONTENT_TABLE,
    LABEL_TABLE,
    content_rows,
    labelled_groups,
)
from paywallstrip.training.predictions import Prediction, model_folders
from paywallstrip.training.rivals import OPEN, Bools, keep_all, label_indices, overlap
from paywallstrip.training.summary import HTML_SET, summarise
from paywallstrip.training.views import BODIES, LABELLED, fold_lines

HTML = HTML_SET
OURS_ON_HTML = system_on(OURS, HTML)

HtmlPredict = Callable[[int | None, Sequence[str]], Iterable[Page]]
"""A function from a fold and pages of its sites to what a model says that has not seen it."""

CorpusPage = TypeVar("CorpusPage", LabelledPage, BodyPage)


@dataclass(frozen=True)
class HtmlLabelled:
    """A labelled page as the model for HTML sees it, and as the other extractors do.

    Attributes:
        view: the lines of its HTML, with labels carried over.
        prediction: what the model says of them.
        rivals: for each of `RIVALS` which of the labelled lines it keeps.
    """

    view: LabelledView
    prediction: Prediction
    rivals: dict[str, Bools]


@dataclass(frozen=True)
class HtmlBody:
    """A page with a true body as the model for HTML sees it.

    Attributes:
        view: the lines of its HTML.
        kept: bool array of shape (lines,).
        rivals: for each of `RIVALS` its output.
    """

    view: BodyView
    kept: Bools
    rivals: dict[str, BodyView]


def load_html_predict(model: Path | None, part: Part) -> HtmlPredict:
    """Make the predicting function from model folders for HTML.

    Args:
        model: as for `predictions.load_predict`.
        part: the pages to judge.

    Returns:
        The function.

    Raises:
        ModelError: if a folder is missing, damaged or of a model for text.
    """
    classifiers = {
        fold: Classifier.load(folder) for fold, folder in model_folders(model, part).items()
    }
    for classifier in classifiers.values():
        _ = classifier.html_model  # refuses a model for text before anything is read
    return lambda fold, pages: classifiers[fold].classify_html_many(pages)


def load_html_labelled(corpus: Path, part: Part, predict: HtmlPredict) -> list[HtmlLabelled]:
    """Classify the labelled pages of one part, in the order of `cases.load_labelled`."""
    pages = _of_part(read_labelled(corpus / LABELLED), part)
    return [_labelled(page, found) for page, found in _predicted(pages, predict)]


def load_html_bodies(corpus: Path, part: Part, predict: HtmlPredict) -> list[HtmlBody]:
    """Classify the pages with a true body of one part, in the order of `cases.load_bodies`."""
    pages = _of_part(read_bodies(corpus / BODIES), part)
    return [_body(page, found) for page, found in _predicted(pages, predict)]


def _of_part(pages: Iterable[CorpusPage], part: Part) -> list[CorpusPage]:
    return [page for page in pages if is_final(page.domain) == (part == "final")]


def _predicted(
    pages: Sequence[CorpusPage], predict: HtmlPredict
) -> Iterator[tuple[CorpusPage, Page]]:
    by_fold: dict[int | None, list[int]] = defaultdict(list)
    for index, page in enumerate(pages):
        by_fold[origin_of(page, "").fold].append(index)
    found: dict[int, Page] = {}
    for fold, indices in by_fold.items():
        answers = predict(fold, [pages[index].html for index in indices])
        found.update(zip(indices, answers, strict=True))
    return ((page, found[index]) for index, page in enumerate(pages))


def _labelled(page: LabelledPage, found: Page) -> HtmlLabelled:
    lines = tuple(line.text for line in found.lines)
    view = LabelledView(
        lines,
        label_indices(carry_labels(page.lines, page.labels, lines)),
        np.array([len(line) for line in lines], dtype=np.int64),
        overlap(page.lines, lines),
    )
    rivals = {}
    for name, convert in RIVALS.items():
        output = fold_lines(convert(page.html))
        rivals[name] = overlap(page.lines, output).kept(keep_all(output))
    return HtmlLabelled(view, Prediction.of(found), rivals)


def _body(page: BodyPage, found: Page) -> HtmlBody:
    outputs: dict[str, Sequence[str]] = {HTML: [line.text for line in found.lines]}
    outputs |= {name: fold_lines(convert(page.html)) for name, convert in RIVALS.items()}
    views = dict(body_case(origin_of(page, page.page_type), page, outputs).views)
    kept = np.array([line.kept for line in found.lines], dtype=bool)
    return HtmlBody(views.pop(HTML), kept, views)


def judge_html_lines(cases: Sequence[LabelledCase], found: Sequence[HtmlLabelled]) -> list[Figure]:
    """Score the models for HTML on the labelled pages.

    Labels are judged on the lines of the HTML, by those carried over; content by what of the
    labelled lines is kept.

    Args:
        cases: the labelled pages.
        found: the same pages as the models for HTML see them.

    Returns:
        The figures, and how far the models lie ahead of each extractor.
    """
    groups, everything = labelled_groups(cases), all_pages(len(cases))
    confusion = [confusion_matrix(one.view.truth, one.prediction.labels).ravel() for one in found]
    figures = make_figures(LABEL_TABLE, HTML, confusion, label_statistics(), groups)
    kept = {OURS_ON_HTML: [one.view.overlap.kept(one.prediction.kept) for one in found]}
    for name in RIVALS:
        kept[name] = [one.rivals[name] for one in found]
    rows = {system: content_rows(cases, chosen) for system, chosen in kept.items()}
    for system, counts in rows.items():
        figures += make_figures(CONTENT_TABLE, system, counts, CONTENT, groups)
    for name in LEFTOVERS:
        views = [case.views[name] for case in cases]
        rows[name] = content_rows(cases, [v.overlap.kept(keep_all(v.lines)) for v in views])
    table = system_on(CONTENT_TABLE, HTML)
    return figures + make_differences(table, rows, OURS_ON_HTML, CONTENT, everything)


def judge_html_bodies(cases: Sequence[BodyCase], found: Sequence[HtmlBody]) -> list[Figure]:
    """Score the models for HTML on the pages with a true body.

    Args:
        cases: the pages.
        found: the same pages as the models for HTML see them.

    Returns:
        The figures, and how far the models lie ahead of each extractor.
    """
    pairs = list(zip(cases, found, strict=True))
    counts = {OURS_ON_HTML: page_counts([one.view.score(c.counts, one.kept) for c, one in pairs])}
    for name in RIVALS:
        views = [(case, one.rivals[name]) for case, one in pairs]
        counts[name] = page_counts([v.score(c.counts, keep_all(v.lines)) for c, v in views])
    figures = []
    for system, rows in counts.items():
        figures += make_figures(BODY_TABLE, system, rows, WORDS, body_groups(cases))
    for name in LEFTOVERS:
        views = [(case, case.views[name]) for case in cases]
        counts[name] = page_counts([v.score(c.counts, keep_all(v.lines)) for c, v in views])
    table = system_on(BODY_TABLE, HTML)
    return figures + make_differences(table, counts, OURS_ON_HTML, WORDS, article_groups(cases))


def summarise_html(found: Sequence[HtmlLabelled]) -> dict[str, Any]:
    """Sum the answers up for the model's folder, as `summary.summarise_cases` does."""
    truth: Ints = np.concatenate([one.view.truth for one in found])
    known = truth != OPEN
    answers = [
        np.concatenate(arrays)[known]
        for arrays in (
            [one.prediction.labels for one in found],
            [one.prediction.kept for one in found],
            [one.view.sizes for one in found],
        )
    ]
    return {HTML: summarise(truth[known], *answers)}
