"""Corpora and a model for text to the folder of a model for HTML."""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from paywallstrip.errors import DataError
from paywallstrip.html_model import HtmlModel, save_html_model
from paywallstrip.model_folder import DEFAULT_HTML_NAME, default_path
from paywallstrip.model_formats import load_model
from paywallstrip.training.card import check_card, write_card
from paywallstrip.training.corpus import FOLDS, fold_of
from paywallstrip.training.further import FURTHER
from paywallstrip.training.html_fit import HtmlSettings, fit_html_model
from paywallstrip.training.html_pages import assemble_html_pages
from paywallstrip.training.identity import identify
from paywallstrip.training.predictions import FOLD_NAME
from paywallstrip.training.recipe import choose_thresholds, of_checkout, provenance
from paywallstrip.training.rows import Rows
from paywallstrip.training.summary import HTML_SET
from paywallstrip.training.thresholds import HTML_PRECISION, HTML_TOLERANCE
from paywallstrip.training.written import WRITTEN

Progress = Callable[[str], None]


def train_html_corpora(
    corpus: Path,
    text_folds: Path,
    out: Path,
    *,
    text: Path | None = None,
    folds: Path | None = None,
    settings: HtmlSettings | None = None,
    jobs: int = 2,
    progress: Progress = print,
) -> HtmlModel:
    """Train the shipped model for HTML on the training part of the corpora.

    Args:
        corpus: the folder with `labelled.jsonl.xz` and `bodies.jsonl.xz`.
        text_folds: the folder of the fold models of `text`, as `train_corpora` writes them:
            what the model for text says of sites that it has seen would mislead.
        out: the model folder to write.
        text: the model for text to start from; None for the shipped one.
        folds: where to write the fold models `fold0` and up; None writes none.
        settings: scales and strengths; None for the ones the shipped model has.
        jobs: processes that fit.
        progress: is told each step.

    Returns:
        The model as written.

    Raises:
        DataError: there is no page to train on, or the fold models are not those of `text`.
        ModelError: a model folder is missing or damaged.
        ImportError: the extra `html`, or a converter of the further pages, is not installed.
        FileExistsError: `out` holds a README.md that is no model's.
        PermissionError: a file of the model in `out` is write-protected.
    """
    settings = settings or HtmlSettings()
    start = load_model(default_path() if text is None else text)
    start_folds = [load_model(text_folds / FOLD_NAME.format(fold)) for fold in range(FOLDS)]
    for each in start_folds:
        if each.info.get("data") != start.info.get("data"):
            raise DataError(f"{text_folds} holds fold models of another model for text")
    check_card(out)
    progress("reading the corpora")
    further = of_checkout(FURTHER, "further labels", progress)
    seed = start.info.get("seed", 0)
    written = of_checkout(WRITTEN, "written pages", progress)
    pages = assemble_html_pages(corpus, part="train", further=further, written=written, seed=seed)
    if not pages:
        raise DataError(f"{corpus} holds no page of the training part")
    rows = Rows(pages, [fold_of(page.domain) for page in pages])
    fitted = fit_html_model(rows, start, start_folds, settings, jobs=jobs, progress=progress)
    thresholds, figures = choose_thresholds(
        rows,
        fitted.scores,
        start.extractor,
        pages,
        tolerance=HTML_TOLERANCE,
        precision=HTML_PRECISION,
    )
    described = identify(corpus, out, DEFAULT_HTML_NAME)
    described |= provenance(pages, asdict(settings), seed)
    weights = {"text": {name: start.info.get(name) for name in ("name", "weights_sha256", "data")}}
    info = {**described, **weights, "folds": {HTML_SET: figures["dumps"]}}

    def finished(model: HtmlModel) -> HtmlModel:
        return replace(model, text=replace(model.text, info=info, **thresholds._asdict()))

    if folds is not None:
        for number, model in enumerate(fitted.folds):
            save_html_model(finished(model), folds / FOLD_NAME.format(number))
    model = finished(fitted.model)
    save_html_model(model, out)
    write_card(out)
    progress(f"wrote {out}")
    return model
