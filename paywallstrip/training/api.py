"""Training, adaptation and evaluation on labelled pages of one's own."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from paywallstrip.classifier import Classifier
from paywallstrip.errors import DataError
from paywallstrip.labels import CONTENT, LABELS
from paywallstrip.scoring import LabelScores, confusion_matrix, label_scores
from paywallstrip.training.arguments import (
    check_count,
    check_kind,
    check_out,
    check_progress,
    check_settings,
    list_pages,
)
from paywallstrip.training.files import folder_name, new_folders
from paywallstrip.training.own_checks import check_pages, check_training
from paywallstrip.training.own_pages import (
    LABEL_INDEX,
    LabelledText,
    count_sites,
    fingerprint,
    judge_each_other,
    site_folds,
    targets_of,
)

if TYPE_CHECKING:
    from paywallstrip.lines import Ints
    from paywallstrip.model import Model
    from paywallstrip.training.fit import Settings
    from paywallstrip.training.rows import Rows
    from paywallstrip.training.shift import Strengths

Progress = Callable[[str], None]

FOLDS = 5
"""Folds of sites that an adapted model is measured on."""
_EXTRA = ("sklearn", "scipy", "joblib")


def train(
    pages: Iterable[LabelledText],
    *,
    out: str | Path | None = None,
    settings: Settings | None = None,
    cross_validate: bool = False,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Classifier:
    """Train a classifier on labelled pages, from scratch; needs the extra `[train]`.

    It is trained on the pages as they are. The shipped model also saw each page through other
    converters, with written blocks set into it, and its thresholds were chosen on held-out
    sites. With fewer than some hundred pages `adapt` gives the better model.

    Nothing is left to chance: the same pages and package versions give the same files.

    Args:
        pages: the pages, at least two; at least two labels must occur.
        out: a model folder to write, which `Classifier.load` reads; a model that is there is
            replaced. None writes none.
        settings: strengths and scales; None for those of the shipped model.
        cross_validate: whether the model card says how models trained without a fold of sites
            do on it; takes some three times as long, and at least three sites. Of one site alone
            each page is taken for a site, and the card says so.
        jobs: processes that fit, 1 or more.
        progress: is told each step; None says and shows nothing.

    Returns:
        The classifier.

    Raises:
        DataError: there is no page, a page has not one label a line, a label is unknown, a
            line is blank or holds a line end, too few labels occur, or `cross_validate` is asked
            for on copies of a single page.
        TypeError: a page is no `LabelledText`, `jobs` no whole number, `settings` none, `out` no
            path, or `progress` no function.
        ValueError: `jobs` is less than 1, one of the settings out of range, or `out` empty.
        ImportError: the extra `[train]` is not installed.
        OSError: the folder `out` cannot be made, holds a README.md that is no model's, or a
            model of which a file is write-protected.

    Warns:
        DataWarning: the pages can be used but will disappoint: few, all of one site, a label
            missing, lines with contradictory labels, `cross_validate` on pages without a
            domain or of one site.
    """
    _require_extra()
    from paywallstrip.training.extractor import make_extractor
    from paywallstrip.training.fit import Settings, fit_model

    check_count(jobs, "jobs", 1)
    settings = Settings() if settings is None else settings
    check_settings(settings)
    check_progress(progress)
    found = list_pages(pages)
    rows = _rows(found, settings.folds, adapted=False, cross_validate=cross_validate)
    settings = replace(settings, folds=len(set(rows.page_groups)))
    with _folder(out):
        fitted = fit_model(
            rows,
            make_extractor(rows.texts),
            settings,
            with_folds=cross_validate,
            jobs=jobs,
            progress=progress or _silent,
            show=progress is not None,
        )
        info = _provenance(found, out) | {"settings": asdict(settings)}
        if fitted.scores is not None:
            info["folds"] = {_judged(found): _figures(rows, fitted.scores.argmax(axis=1))}
        return _finished(replace(fitted.model, info=info), out)


def adapt(
    pages: Iterable[LabelledText],
    *,
    base: Classifier | None = None,
    out: str | Path | None = None,
    strengths: Strengths | None = None,
    cross_validate: bool = False,
    progress: Progress | None = None,
) -> Classifier:
    """Adapt a classifier to a few labelled pages; needs the extra `[train]`.

    The weights stay close to what they were, so that what the classifier knows of other sites
    is kept; docs/adaptation.md has what is won and lost. Cue lists and thresholds stay.

    Nothing is left to chance: the same pages, base and package versions give the same files.

    Args:
        pages: the pages, at least two.
        base: where to start from; None for the shipped model.
        out: a model folder to write, which `Classifier.load` reads; a model that is there is
            replaced. None writes none.
        strengths: how far the pages may move the weights; None for what did best.
        cross_validate: whether the model card says how the base, adapted without a fold of
            sites, does on it, and how the base does; takes some five times as long. Of one site
            alone each page is taken for a site, and the card says so.
        progress: is told each step; None says and shows nothing.

    Returns:
        The adapted classifier; the base is not changed.

    Raises:
        DataError: as for `train`, but one label is enough.
        TypeError: a page is no `LabelledText`, `base` no `Classifier`, `strengths` none, `out` no
            path, or `progress` no function.
        ValueError: `out` is empty.
        ImportError: the extra `[train]` is not installed.
        OSError: the folder `out` cannot be made, holds a README.md that is no model's, or a
            model of which a file is write-protected.

    Warns:
        DataWarning: as for `train`, but for few pages.
    """
    _require_extra()
    from paywallstrip.training.shift import Strengths, shift_model

    strengths = Strengths() if strengths is None else strengths
    check_kind(strengths, Strengths, "strengths")
    check_progress(progress)
    model = _checked(Classifier.load() if base is None else base, "base").model
    found = list_pages(pages)
    rows = _rows(found, FOLDS, adapted=True, cross_validate=cross_validate)
    say = progress or _silent
    with _folder(out):
        moved = shift_model(model, rows, strengths, progress=say)
        info = _provenance(found, out) | {"strengths": asdict(strengths), "base": _named(model)}
        if cross_validate:
            say("adapting once more without each fold")
            info["folds"] = {
                _judged(found): _figures(rows, _held_out(model, rows, strengths)),
                "pages, before the adaptation": _figures(rows, _best(model, rows)),
            }
        return _finished(replace(moved, info=info), out)


def evaluate(classifier: Classifier, pages: Iterable[LabelledText]) -> LabelScores:
    """Score a classifier's labels on labelled pages, pooled over lines.

    Args:
        classifier: the classifier; it should not have been trained on these sites.
        pages: the pages; lines whose label is open are left out.

    Returns:
        Precision, recall, F1 and support a label in the order of `Label`, and macro-F1.

    Raises:
        DataError: there is no page, a page has not one label a line, a label is unknown, a line
            is blank or holds a line end, or no line has a label.
    """
    _checked(classifier, "classifier")
    found = list_pages(pages)
    check_pages(found)
    targets = targets_of(found)
    if (targets < 0).all():
        raise DataError("no line has a label: there is nothing to judge by")
    results = classifier.classify_many("\n".join(page.lines) for page in found)
    given = [LABEL_INDEX[line.label.value] for page in results for line in page.lines]
    return label_scores(confusion_matrix(targets, np.array(given)))


def _checked(classifier: Any, name: str) -> Classifier:
    if isinstance(classifier, Classifier):
        return classifier
    kind = type(classifier).__name__
    raise TypeError(f"{name} must be a Classifier, got {kind}; use Classifier.load(path)")


def _rows(
    pages: Sequence[LabelledText], folds: int, *, adapted: bool, cross_validate: bool
) -> Rows:
    """Check the pages and lay their lines out for training."""
    from paywallstrip.training.rows import Rows
    from paywallstrip.training.versions import ORIGINAL, TrainingPage

    check_pages(pages)
    used = _used(pages)
    groups = site_folds(used, folds)
    check_training(used, groups, adapted=adapted, cross_validate=cross_validate)
    return Rows(
        [
            TrainingPage(
                str(i), ORIGINAL, page.domain, "", tuple(page.lines), tuple(page.labels), 1.0
            )
            for i, page in enumerate(used)
        ],
        groups,
    )


def _used(pages: Sequence[LabelledText]) -> list[LabelledText]:
    # A page without a label teaches nothing, and would be a fold without lines.
    return [page for page in pages if any(page.labels)]


def _judged(pages: Sequence[LabelledText]) -> str:
    """Name what the figures on folds of sites are of, as the card has it."""
    apart = not judge_each_other(_used(pages))
    return "pages" if apart else "pages of one site that judged each other, each taken for a site"


def _held_out(model: Model, rows: Rows, strengths: Strengths) -> Ints:
    """Return the labels that the model gives each fold, adapted to all others."""
    from paywallstrip.training.shift import shift_model

    best = np.zeros(len(rows.targets), dtype=np.int64)
    for fold in sorted(set(rows.page_groups)):
        others = rows.without(frozenset({fold}))
        moved = shift_model(model, others, strengths, progress=_silent)
        best[rows.groups == fold] = _best(moved, rows.only(fold))
    return best


def _best(model: Model, rows: Rows) -> Ints:
    """Return the label that a model gives each line."""
    results = Classifier(model).classify_many(rows.texts)
    return np.array(
        [LABEL_INDEX[line.label.value] for page in results for line in page.lines], dtype=np.int64
    )


def _figures(rows: Rows, best: Ints) -> dict[str, Any]:
    from paywallstrip.training.summary import summarise

    sizes = np.array([len(line) for page in rows.pages for line in page.lines])
    known = rows.targets >= 0
    found = best[known]
    return summarise(rows.targets[known], found, found == CONTENT, sizes[known])


def _provenance(pages: Sequence[LabelledText], out: str | Path | None) -> dict[str, Any]:
    """Say what a model was made of; no date, so that the same pages give the same file."""
    targets = targets_of(pages)
    return {
        "name": "unnamed" if out is None else folder_name(out),
        "data": {
            "sha256": fingerprint(pages),
            "pages": len(pages),
            "lines": len(targets),
            "sites": count_sites(pages),
            "pages_without_site": sum(not page.site for page in pages),
            "labels": {label.value: int((targets == i).sum()) for i, label in enumerate(LABELS)},
        },
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "scikit-learn", "scipy")},
        },
    }


def _named(model: Model) -> Mapping[str, Any]:
    return {key: model.info.get(key) for key in ("name", "weights_sha256")}


def save_folder(classifier: Classifier, out: str | Path) -> None:
    """Write a classifier for text to a model folder, with its card.

    Args:
        classifier: the classifier.
        out: the folder, which `Classifier.load` reads; a model that is there is replaced. The
            model is named after it.

    Raises:
        OSError: the folder cannot be written, holds a README.md that is no model's, or a model
            of which a file is write-protected.
        TypeError, ValueError: `out` is no path, or an empty one.
    """
    from paywallstrip.model_formats import save_model
    from paywallstrip.training.card import check_card, write_card

    check_out(out)
    folder = Path(out)
    check_card(folder)
    model = _checked(classifier, "classifier").model
    save_model(replace(model, info={**model.info, "name": folder_name(folder)}), folder)
    write_card(folder)


def _finished(model: Model, out: str | Path | None) -> Classifier:
    classifier = Classifier(model)
    if out is not None:
        save_folder(classifier, out)
    return classifier


@contextmanager
def _folder(out: str | Path | None) -> Iterator[None]:
    """Make the model folder before the long part, and take it away if that fails."""
    from paywallstrip.training.card import check_card

    if out is not None:
        check_out(out)
        check_card(Path(out))
    with new_folders(None if out is None else Path(out)):
        yield


def _require_extra() -> None:
    if not all(map(find_spec, _EXTRA)):
        raise ImportError('training needs an extra: pip install "paywallstrip[train]"')


def _silent(_: str) -> None:
    pass
