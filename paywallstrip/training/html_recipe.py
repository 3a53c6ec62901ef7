"""Corpora to the folder of a model for HTML: as `recipe`, on the pages' HTML."""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from paywallstrip.cues import compile_cues, read_cue_lists
from paywallstrip.errors import DataError
from paywallstrip.features import FeatureExtractor
from paywallstrip.html_model import HtmlModel, save_html_model
from paywallstrip.model import DEFAULT_HTML_NAME
from paywallstrip.training.card import write_card
from paywallstrip.training.corpus import fold_of, is_final, read_bodies
from paywallstrip.training.fit import Rows, word_rarity
from paywallstrip.training.further import FURTHER
from paywallstrip.training.html_fit import HtmlSettings, fit_html_model
from paywallstrip.training.html_pages import assemble_html_pages
from paywallstrip.training.pages import ORIGINAL
from paywallstrip.training.recipe import choose_thresholds, provenance
from paywallstrip.training.views import BODIES

Progress = Callable[[str], None]


def train_html_corpora(
    corpus: Path,
    out: Path,
    *,
    folds: Path | None = None,
    settings: HtmlSettings | None = None,
    seed: int = 0,
    jobs: int = 2,
    progress: Progress = print,
) -> HtmlModel:
    """Train the shipped model for HTML on the training part of the corpora.

    Args:
        corpus: the folder with `labelled.jsonl.xz` and `bodies.jsonl.xz`.
        out: the model folder to write.
        folds: where to write the fold models `fold0` and up; None writes none.
        settings: scales and strengths; None for the ones the shipped model has.
        seed: for the choice of blocks.
        jobs: processes that fit.
        progress: is told each step.

    Returns:
        The model as written.

    Raises:
        DataError: there is no page to train on.
        ImportError: the extra `html`, or a converter of the further pages, is not installed.
    """
    settings = settings or HtmlSettings()
    progress("reading the corpora")
    # An installed wheel does not have the further labels.
    further = FURTHER if FURTHER.is_file() else None
    pages = assemble_html_pages(corpus, part="train", seed=seed, further=further)
    if not pages:
        raise DataError(f"{corpus} holds no page of the training part")
    rows = Rows(pages, [fold_of(page.domain) for page in pages])
    cues = compile_cues(read_cue_lists())
    bodies = (p.body for p in read_bodies(corpus / BODIES) if not is_final(p.domain))
    originals = (page.markup.text for page in pages if page.view == ORIGINAL)
    progress("counting words")
    extractor = FeatureExtractor(cues, word_rarity([*originals, *bodies], cues))
    fitted = fit_html_model(rows, extractor, settings, jobs=jobs, progress=progress)
    offsets, figures = choose_thresholds(rows, fitted.scores, extractor, pages)
    described = provenance(pages, asdict(settings), seed, DEFAULT_HTML_NAME)
    info = {**described, "folds": {"HTML": figures["dumps"]}}

    def finished(model: HtmlModel) -> HtmlModel:
        return replace(model, text=replace(model.text, offsets=offsets, info=info))

    if folds is not None:
        for number, model in enumerate(fitted.folds):
            save_html_model(finished(model), folds / f"fold{number}")
    model = finished(fitted.model)
    save_html_model(model, out)
    write_card(out)
    progress(f"wrote {out}")
    return model
