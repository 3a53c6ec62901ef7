"""This library beside other extractors, on the same pages and by the same scorer.

``paywallstrip evaluate --corpus DIR --views DIR --model DIR --part folds --out docs/evaluation``
prints the tables and writes them there as evaluation.md, and every figure with its interval as
evaluation.json.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from paywallstrip.labels import LABELS
from paywallstrip.model_folder import JSON_FILE, default_path
from paywallstrip.scoring import confusion_matrix, reliability
from paywallstrip.training.body_figures import (
    judge_alone,
    judge_bodies,
    judge_leftovers,
)
from paywallstrip.training.cases import (
    BodyCase,
    LabelledCase,
    Part,
    corpus_fingerprint,
    load_bodies,
    load_labelled,
)
from paywallstrip.training.converters import CONVERTERS, LEFTOVERS
from paywallstrip.training.corpus import is_final
from paywallstrip.training.figures import Figure
from paywallstrip.training.files import new_folders
from paywallstrip.training.html_figures import (
    HTML,
    HtmlBody,
    HtmlLabelled,
    HtmlPredict,
    judge_html_bodies,
    judge_html_lines,
    load_html_bodies,
    load_html_labelled,
    load_html_predict,
    summarise_html,
)
from paywallstrip.training.labelled_figures import (
    Answers,
    judge_leftover_mean,
    judge_lines,
    judge_strictness,
    judge_view,
)
from paywallstrip.training.plots import draw_answers, load_figure
from paywallstrip.training.predictions import Predict, describe_models, load_predict
from paywallstrip.training.report import describe_run, to_markdown, write_report
from paywallstrip.training.summary import record_final, summarise_cases
from paywallstrip.training.views import BODIES, LABELLED, build_views

LEVELS = tuple(round(step / 10, 1) for step in range(11))
"""The values of `strictness` that are tabulated."""

Note = Callable[[str], None]


@dataclass(frozen=True)
class Evaluation:
    """All that was measured.

    Attributes:
        figures: every figure.
        answers: the models' answers on the labelled lines, for plots.
    """

    figures: list[Figure]
    answers: Answers


def evaluate(
    labelled: Sequence[LabelledCase],
    bodies: Sequence[BodyCase],
    predict: Predict,
    *,
    html_labelled: Sequence[HtmlLabelled] = (),
    html_bodies: Sequence[HtmlBody] = (),
    levels: Sequence[float] = LEVELS,
    note: Note = lambda _: None,
) -> Evaluation:
    """Measure everything on one part of the corpora.

    Args:
        labelled: its labelled pages, at least one.
        bodies: its pages with a true body.
        predict: the models, none of which has seen the sites it is asked about.
        html_labelled: the labelled pages as models for HTML see them; none leaves them out.
        html_bodies: the pages with a true body, likewise.
        levels: the values of `strictness` to tabulate; none for no such table.
        note: is told what is being done.

    Returns:
        The figures and the answers.
    """
    note("labelled lines")
    figures, answers = judge_lines(labelled, predict)
    triples = {}
    for name in CONVERTERS:
        note(f"labelled pages by {name}")
        found, counts = judge_view(labelled, name, predict)
        figures += found
        if name in LEFTOVERS:
            triples[name] = counts
    figures += judge_leftover_mean(triples)
    if html_labelled:
        figures += judge_html_lines(labelled, html_labelled)
    if html_bodies:
        figures += judge_html_bodies(bodies, html_bodies)
    if levels:
        note("strictness")
        figures += judge_strictness(labelled, predict, levels)
    if bodies:
        note("true bodies")
        figures += judge_bodies(bodies, predict)
        note("leftovers against true bodies")
        figures += judge_leftovers(bodies, predict)
        figures += judge_alone(bodies, predict)
    return Evaluation(figures, answers)


def curves(answers: Answers) -> dict[str, object]:
    """Sum the answers up for evaluation.json.

    Args:
        answers: the models' answers on the labelled lines.

    Returns:
        The confusion matrix, true labels in rows, and each label's reliability.
    """
    bins = {}
    for index, label in enumerate(LABELS):
        found = reliability(answers.probabilities[:, index], answers.truth == index)
        bins[label.value] = {
            "stated": found.stated.round(5).tolist(),
            "observed": found.observed.round(5).tolist(),
            "lines": found.counts.tolist(),
        }
    matrix = confusion_matrix(answers.truth, answers.predicted)
    labels = [label.value for label in LABELS]
    return {"labels": labels, "confusion": matrix.tolist(), "reliability": bins}


def compare(
    corpus: Path,
    views: Path | None,
    model: Path | None,
    part: Part,
    out: Path | None,
    *,
    html_model: Path | None = None,
    levels: Sequence[float] = LEVELS,
    plots: bool = False,
    record: bool = False,
    jobs: int = 1,
    note: Note = lambda _: None,
) -> str:
    """Measure everything on one part of the corpora, and write it down.

    Args:
        corpus: folder of the two corpora.
        views: folder of the views; None converts the pages, and keeps none of it.
        model: as for `load_predict`.
        part: the part.
        out: the folder the report goes to; None writes none.
        html_model: the models for HTML, like `model`; None leaves HTML out.
        levels: the values of `strictness` to tabulate; none for no such table.
        plots: whether to draw plots into `out`, too.
        record: whether the models' figures also go into their folders; for the final part.
        jobs: processes that convert pages.
        note: is told what is being done.

    Returns:
        The report as Markdown.

    Raises:
        ModelError: if a model folder is missing, damaged or of the other kind.
        OSError: if a corpus or a view file is missing, or something cannot be written.
        ValueError: if the part has no labelled page or a page no views, if figures on folds are
            to be recorded, or as `load_predict`.
        ImportError: if plots are wanted and matplotlib is missing, or a converter is.
    """
    # What may fail at once does before the long part.
    predict = load_predict(model, part)
    html_predict = None if html_model is None else load_html_predict(html_model, part)
    if record:
        _check_recording(model, html_model, part)
    if plots:
        load_figure()
    _check_files(corpus, views)
    with new_folders(out), _converted(corpus, views, part, jobs, note) as folder:
        cases = _read(corpus, folder, part, html_predict, note)
        result = evaluate(
            cases.labelled,
            cases.bodies,
            predict,
            html_labelled=cases.html_labelled,
            html_bodies=cases.html_bodies,
            levels=levels,
            note=note,
        )
        run = _describe(corpus, folder, model, html_model, part, cases)
        if record:
            note("writing the figures into the model folder")
            when = {name: run[name] for name in ("date", "corpus", "pages")}
            record_final(model or default_path(), summarise_cases(cases.labelled, predict), when)
            if html_model is not None:
                record_final(html_model, summarise_html(cases.html_labelled), when)
        if out is None:
            return to_markdown(run, result.figures)
        text = write_report(out, run, result.figures, curves(result.answers))
        if plots:
            draw_answers(result.answers, out)
        return text


class _Cases(NamedTuple):
    """The pages of one part."""

    labelled: list[LabelledCase]
    bodies: list[BodyCase]
    html_labelled: list[HtmlLabelled]
    html_bodies: list[HtmlBody]


def _check_recording(model: Path | None, html_model: Path | None, part: Part) -> None:
    if part != "final":
        raise ValueError("only figures on the final part are recorded in a model folder")
    for folder in (model or default_path(), html_model):
        if folder is not None and not os.access(folder / JSON_FILE, os.W_OK):
            reason = "the figures cannot be written there"
            raise PermissionError(errno.EACCES, reason, str(folder / JSON_FILE))


def _check_files(*folders: Path | None) -> None:
    for folder in filter(None, folders):
        for name in (LABELLED, BODIES):
            (folder / name).stat()


@contextlib.contextmanager
def _converted(
    corpus: Path, views: Path | None, part: Part, jobs: int, note: Note
) -> Iterator[Path]:
    """Give the folder of views, or convert what is needed into one that goes away."""
    if views is not None:
        yield views
        return
    with tempfile.TemporaryDirectory() as folder:
        note("converting pages; --views takes pages that were converted before")
        build_views(corpus, folder, jobs, lambda page: is_final(page.domain) == (part == "final"))
        yield Path(folder)


def _read(
    corpus: Path, views: Path, part: Part, html_predict: HtmlPredict | None, note: Note
) -> _Cases:
    note("reading labelled pages")
    labelled = load_labelled(corpus, views, part)
    if not labelled:
        raise ValueError(f"{corpus} has no labelled page in the part {part!r}")
    note("reading true bodies")
    bodies = load_bodies(corpus, views, part)
    if html_predict is None:
        return _Cases(labelled, bodies, [], [])
    note("HTML in")
    return _Cases(
        labelled,
        bodies,
        load_html_labelled(corpus, part, html_predict),
        load_html_bodies(corpus, part, html_predict),
    )


def _describe(
    corpus: Path,
    views: Path,
    model: Path | None,
    html_model: Path | None,
    part: Part,
    cases: _Cases,
) -> dict[str, Any]:
    pages = {"labelled pages": len(cases.labelled), "true bodies": len(cases.bodies)}
    models = describe_models(model, part)
    if html_model is not None:
        found = describe_models(html_model, part)
        models |= {f"{name} ({HTML})": digest for name, digest in found.items()}
    return describe_run(part, models, corpus_fingerprint(corpus), views, pages)
