"""Corpora to a model folder: assemble, fit, choose thresholds, measure, write."""

import hashlib
import platform
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from paywallstrip.errors import DataError
from paywallstrip.features import FeatureExtractor
from paywallstrip.islands import apart
from paywallstrip.labels import CONTENT, PAYWALL
from paywallstrip.lines import Ints
from paywallstrip.model import Model, page_kinds
from paywallstrip.model_folder import DEFAULT_NAME
from paywallstrip.model_formats import save_model
from paywallstrip.training.card import check_card, write_card
from paywallstrip.training.corpus import fold_of, is_final, read_bodies
from paywallstrip.training.extractor import make_extractor
from paywallstrip.training.fit import Settings, fit_model
from paywallstrip.training.further import FURTHER
from paywallstrip.training.identity import identify
from paywallstrip.training.pages import assemble_pages
from paywallstrip.training.predictions import FOLD_NAME
from paywallstrip.training.rows import Rows
from paywallstrip.training.summary import summarise
from paywallstrip.training.thresholds import (
    TEXT_PRECISION,
    TEXT_TOLERANCE,
    Places,
    Thresholds,
    choose_islands,
    choose_offsets,
    choose_paywall_offset,
)
from paywallstrip.training.versions import (
    JOINED,
    ORIGINAL,
    OTHER_TYPE,
    SHORT,
    WITH_BLOCKS,
    WRITTEN_VIEW,
    TrainingPage,
)
from paywallstrip.training.views import BODIES
from paywallstrip.training.written import WRITTEN

if TYPE_CHECKING:
    from paywallstrip.training.html_pages import HtmlPage

Progress = Callable[[str], None]


def train_corpora(
    corpus: Path,
    out: Path,
    *,
    views: Path | None = None,
    folds: Path | None = None,
    settings: Settings | None = None,
    seed: int = 0,
    jobs: int = 2,
    progress: Progress = print,
) -> Model:
    """Train the shipped kind of model on the training part of the corpora.

    Args:
        corpus: the folder with `labelled.jsonl.xz` and `bodies.jsonl.xz`.
        out: the model folder to write.
        views: the folder of converted pages that `training.views` writes; None converts
            what is needed.
        folds: where to write the fold models `fold0` and up; None writes none.
        settings: scales and strengths; None for the ones the shipped model has.
        seed: for the choice of views and blocks.
        jobs: processes that convert and fit.
        progress: is told each step.

    Returns:
        The model as written.

    Raises:
        DataError: there is no page to train on, or a view is missing.
        ImportError: a converter is not installed.
        FileExistsError: `out` holds a README.md that is no model's.
        PermissionError: a file of the model in `out` is write-protected.
    """
    settings = settings or Settings()
    check_card(out)
    progress("reading the corpora")
    further = of_checkout(FURTHER, "further labels", progress)
    written = of_checkout(WRITTEN, "written pages", progress)
    pages = assemble_pages(
        corpus, views, part="train", seed=seed, further=further, written=written, n_jobs=jobs
    )
    if not pages:
        raise DataError(f"{corpus} holds no page of the training part")
    identity = identify(corpus, out, DEFAULT_NAME)
    groups = [fold_of(page.domain) for page in pages]
    rows = Rows(pages, groups)
    progress("counting words")
    extractor = corpus_extractor(pages, corpus)
    fitted = fit_model(rows, extractor, settings, with_folds=True, jobs=jobs, progress=progress)
    if fitted.scores is None:
        raise ValueError("thresholds need the scores of fold models")
    thresholds, figures = choose_thresholds(
        rows, fitted.scores, extractor, pages, tolerance=TEXT_TOLERANCE, precision=TEXT_PRECISION
    )
    described = identity | provenance(pages, asdict(settings), seed)
    chosen = {**thresholds._asdict(), "info": {**described, "folds": figures}}
    if folds is not None:
        for number, model in enumerate(fitted.folds):
            save_model(replace(model, **chosen), folds / FOLD_NAME.format(number))
    model = replace(fitted.model, **chosen)
    save_model(model, out)
    write_card(out)
    progress(f"wrote {out}")
    return model


def of_checkout(path: Path, what: str, progress: Progress) -> Path | None:
    """Return a path that a checkout has and an installed wheel lacks.

    Args:
        path: the file or folder.
        what: is in it.
        progress: is told where it is missing.

    Returns:
        The path, None where it is missing.
    """
    if path.exists():
        return path
    progress(f"training without what only a checkout has: {what}")
    return None


def corpus_extractor(pages: Iterable[TrainingPage], corpus: Path) -> FeatureExtractor:
    """Make the extractor with the rarities of words in the training part.

    Args:
        pages: the training pages; those as they are count.
        corpus: the folder of the corpora, whose bodies count too.
    """
    bodies = (p.body for p in read_bodies(corpus / BODIES) if not is_final(p.domain))
    originals = ("\n".join(page.lines) for page in pages if page.view == ORIGINAL)
    return make_extractor([*originals, *bodies])


def choose_thresholds(
    rows: Rows,
    scores: Ints,
    extractor: FeatureExtractor,
    pages: Iterable["TrainingPage | HtmlPage"],
    *,
    tolerance: float,
    precision: float,
) -> tuple[Thresholds, dict[str, Any]]:
    """Choose the thresholds on the fold models' scores, and measure with them.

    Args:
        rows: the training lines.
        scores: int64 array of shape (lines, labels), of models that have not seen their site.
        extractor: measures lines, and how much of a page is running text.
        pages: the pages of the rows.
        tolerance: how much leniency may cost, see `thresholds.choose_offsets`.
        precision: of what is called paywall, see `thresholds.choose_paywall_offset`.

    Returns:
        The thresholds, and figures of "dumps" and, where there are any, of "leftovers".
    """
    measured = []
    for run in rows.runs():
        reading = extractor.read(rows.texts[run])
        measured.append((reading.prose_share, reading.shape.size))
    prose, inked = (np.concatenate(parts) for parts in zip(*measured, strict=True))
    numbers = np.arange(len(rows.texts)).repeat(rows.sizes)
    # What is written or put together is made up, and thresholds are for articles.
    real = np.repeat([_chooses(page) for page in pages], rows.sizes)
    targets, weights = rows.targets[real], rows.weights[real]
    offsets = choose_offsets(scores[real], targets, prose[real], weights, tolerance)
    shifted = scores + offsets[page_kinds(prose)]
    paywall = choose_paywall_offset(shifted[real], targets, weights, precision)
    offsets[:, PAYWALL] += paywall
    shifted[:, PAYWALL] += paywall
    places = Places(inked[real], numbers[real])
    islands = choose_islands(shifted[real], targets, weights, places)
    lowered = apart(shifted.argmax(axis=1) == CONTENT, inked, numbers, islands)
    shifted[lowered, CONTENT] -= islands.penalty
    best = shifted.argmax(axis=1)
    sizes = np.array([len(line) for page in pages for line in page.lines])
    views = np.repeat([page.view for page in pages], rows.sizes)
    corpus = np.repeat([page.view == ORIGINAL for page in pages], rows.sizes)
    figures = {"dumps": _figures(rows, best, sizes, corpus)}
    leftover = real & ~np.isin(views, [ORIGINAL])
    if leftover.any():
        figures["leftovers"] = _figures(rows, best, sizes, leftover)
    return Thresholds(offsets, islands), figures


def _chooses(page: "TrainingPage | HtmlPage") -> bool:
    if page.view in (OTHER_TYPE, WRITTEN_VIEW, SHORT):
        return False
    return WITH_BLOCKS not in page.view and JOINED not in page.view


def _figures(rows: Rows, best: Ints, sizes: Ints, chosen: Any) -> dict[str, Any]:
    """Measure one set of lines; what is called content is kept."""
    known = chosen & (rows.targets >= 0)
    found = best[known]
    return summarise(rows.targets[known], found, found == CONTENT, sizes[known])


def provenance(
    pages: Iterable["TrainingPage | HtmlPage"], settings: dict[str, Any], seed: int
) -> dict[str, Any]:
    """Describe what a model was trained on, and with what, in plain types."""
    digest = hashlib.sha256()
    views: dict[str, int] = {}
    lines = 0
    domains = set()
    for page in pages:
        digest.update(
            repr((page.id, page.view, page.lines, page.labels)).encode("utf-8", "replace")
        )
        views[page.view] = views.get(page.view, 0) + 1
        lines += len(page.lines)
        domains.add(page.domain)
    return {
        "trained": datetime.now(UTC).date().isoformat(),
        "seed": seed,
        "settings": settings,
        "data": {
            "sha256": digest.hexdigest(),
            "pages": sum(views.values()),
            "lines": lines,
            "sites": len(domains),
            "views": dict(sorted(views.items())),
        },
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "scikit-learn", "scipy")},
        },
    }
