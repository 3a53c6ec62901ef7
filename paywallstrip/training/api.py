"""Training and evaluation on labelled pages of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from paywallstrip.classifier import Classifier
from paywallstrip.errors import DataError
from paywallstrip.labels import LABELS
from paywallstrip.scoring import LabelScores, confusion_matrix, label_scores
from paywallstrip.training.corpus import split_of

if TYPE_CHECKING:
    from paywallstrip.training.fit import Settings

_NAMES = frozenset(label.value for label in LABELS)


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A page of one's own with the label of every line.

    Attributes:
        lines: the non-blank lines in reading order.
        labels: one label a line, None where it is open.
        domain: the page's site; pages of one site are never on both sides of a split. Empty
            for a page that stands for itself.
    """

    lines: Sequence[str]
    labels: Sequence[str | None]
    domain: str = field(default="", kw_only=True)


def train(
    pages: Iterable[LabelledText],
    *,
    out: str | Path | None = None,
    settings: Settings | None = None,
    jobs: int = 1,
) -> Classifier:
    """Train a classifier on labelled pages; needs the extra `[train]`.

    It is trained on the pages as they are. The shipped model also saw each page through other
    converters, with written blocks set into it, and its thresholds were chosen on held-out
    sites: `paywallstrip train` does that.

    Args:
        pages: the pages; at least two labels must occur.
        out: a model folder to write, which `Classifier.load` reads; None writes none.
        settings: strengths and scales; None for those of the shipped model.
        jobs: processes that fit, 1 or more.

    Returns:
        The classifier.

    Raises:
        DataError: there is no page, a page has not one label a line, a label is unknown, a
            line is blank or holds a line end, or fewer than two labels occur.
        ImportError: the extra `[train]` is not installed.
    """
    found = list(pages)
    _check(found)
    if len({label for page in found for label in page.labels if label}) < 2:
        raise DataError("training needs lines of at least two labels")
    from paywallstrip.cues import compile_cues, read_cue_lists
    from paywallstrip.features import FeatureExtractor
    from paywallstrip.model import save_model
    from paywallstrip.training.fit import Rows, Settings, fit_model, word_rarity
    from paywallstrip.training.pages import ORIGINAL, TrainingPage

    settings = settings or Settings()
    rows = Rows(
        [
            TrainingPage(
                str(i), ORIGINAL, page.domain, "", tuple(page.lines), tuple(page.labels), 1.0
            )
            for i, page in enumerate(found)
        ],
        [split_of(page.domain or str(i)) % settings.folds for i, page in enumerate(found)],
    )
    cues = compile_cues(read_cue_lists())
    extractor = FeatureExtractor(cues, word_rarity(rows.texts, cues))
    fitted = fit_model(rows, extractor, settings, jobs=jobs, progress=lambda _: None, show=False)
    if out is not None:
        save_model(fitted.model, Path(out))
    return Classifier(fitted.model)


def evaluate(classifier: Classifier, pages: Iterable[LabelledText]) -> LabelScores:
    """Score a classifier's labels on labelled pages, pooled over lines.

    Args:
        classifier: the classifier; it should not have been trained on these sites.
        pages: the pages; lines whose label is open are left out.

    Returns:
        Precision, recall, F1 and support a label in the order of `Label`, and macro-F1.

    Raises:
        DataError: as `train`, but for the number of labels.
    """
    found = list(pages)
    _check(found)
    index: dict[Any, int] = {label.value: i for i, label in enumerate(LABELS)}
    truth = [index[label] if label else -1 for page in found for label in page.labels]
    results = classifier.classify_many("\n".join(page.lines) for page in found)
    given = [index[line.label.value] for page in results for line in page.lines]
    return label_scores(confusion_matrix(np.array(truth), np.array(given)))


def _check(pages: Sequence[LabelledText]) -> None:
    if not pages:
        raise DataError("there is no page")
    for number, page in enumerate(pages):
        if len(page.lines) != len(page.labels):
            raise DataError(
                f"page {number} has {len(page.lines)} lines, but {len(page.labels)} labels"
            )
        for line, label in zip(page.lines, page.labels, strict=True):
            if not line.strip() or "\n" in line or "\r" in line:
                raise DataError(f"page {number}: {line[:40]!r} is not one non-blank line")
            if label is not None and label not in _NAMES:
                raise DataError(
                    f"page {number}: unknown label {label!r}: one of {', '.join(LABELS)}"
                )
