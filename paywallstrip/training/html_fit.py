"""HTML pages to a model: one stage on top of the two of a model for text.

It is fitted on what the text's stages say of pages that they have not seen: on the scores of
the text's fold models.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse

from paywallstrip.features import ROLES, FeatureExtractor, Reading
from paywallstrip.html_model import HtmlModel
from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.markup.families import around_measures, context_measures, own_measures
from paywallstrip.markup.features import MarkupReading, read_features
from paywallstrip.markup.lines import MarkupLines
from paywallstrip.markup.names import NAME_BITS
from paywallstrip.markup.sequence import around_values
from paywallstrip.markup.stages import MarkupStages
from paywallstrip.measures import table_width, to_columns
from paywallstrip.model import Model
from paywallstrip.stages import (
    MIXING_UNIT,
    UNIT,
    WORD_UNIT,
    centred,
    first_scores,
    second_scores,
    shares,
)
from paywallstrip.training.design import one_hot, shift
from paywallstrip.training.fit import Fit, Matrix, Progress, Settings, fit_without, thin, to_whole
from paywallstrip.training.progress import track
from paywallstrip.training.rows import Rows
from paywallstrip.word_weights import token_scale

if TYPE_CHECKING:
    from paywallstrip.training.html_pages import HtmlPage

NAMES = 1 << NAME_BITS


@dataclass(frozen=True)
class HtmlSettings:
    """Numbers that training is run with; tried on folds of sites, see docs/accuracy-html.md.

    Attributes:
        solver: strengths, folds, and the solver's limits.
        context_scale: scale of the markup columns a line lends to its neighbours.
        own_scale: scale of the markup columns of the line alone.
        name_scale: scale of hashed classes, ids, addresses and paths.
        around_scale: scale of what the text says of the lines around in the markup.
    """

    solver: Settings = field(
        default_factory=lambda: Settings(first_c=0.1, iterations=250, tolerance=3e-4)
    )
    context_scale: float = 0.5
    own_scale: float = 0.3
    name_scale: float = 2.0
    around_scale: float = 0.3


@dataclass(frozen=True)
class HtmlFitted:
    """What training gives; as `fit.Fitted`.

    Attributes:
        model: fitted on all rows.
        folds: one model a fold, fitted without the fold's sites.
        scores: int64 array of shape (lines, labels), the scores of each row by the model of
            its fold.
    """

    model: HtmlModel
    folds: tuple[HtmlModel, ...]
    scores: Ints


class Data:
    """Rows whose pages are `html_pages.HtmlPage`, and how they are read."""

    def __init__(self, rows: Rows, extractor: FeatureExtractor) -> None:
        self.rows, self.extractor = rows, extractor
        self.runs = rows.runs()

    def markups(self, run: slice) -> list[MarkupLines]:
        """Return the markup of some pages."""
        return [cast("HtmlPage", page).markup for page in self.rows.pages[run]]

    def read(self, run: slice) -> tuple[Reading, MarkupReading]:
        """Read the texts and the markup of some pages."""
        reading = self.extractor.read(self.rows.texts[run])
        return reading, read_features(reading, self.markups(run))


def fit_html_model(
    rows: Rows,
    text: Model,
    text_folds: Sequence[Model],
    settings: HtmlSettings,
    *,
    jobs: int = 1,
    progress: Progress = print,
    show: bool = True,
) -> HtmlFitted:
    """Fit the third stage on everything, and once more for each fold without its sites.

    Args:
        rows: the training lines; their pages are `html_pages.HtmlPage`.
        text: the model for text to start from.
        text_folds: for each fold of sites the model that was fitted like it without them.
        settings: scales and strengths.
        jobs: fits that run at the same time.
        progress: is told each step.
        show: whether a bar shows how many fits are done.

    Returns:
        The models; their `info` and their offsets are those of the models for text.
    """
    data = Data(rows, text.extractor)
    progress(f"reading {len(rows.texts)} pages, {len(rows.targets)} lines")
    matrix = third_matrix(data, text_folds, settings)
    folds, solver = range(settings.solver.folds), settings.solver
    held = [frozenset[int](), *(frozenset({fold}) for fold in folds)]
    progress(f"fitting the third stage {len(held)} times on {matrix.x.shape[1]} columns")
    found = Parallel(jobs, return_as="generator")(
        delayed(fit_without)(matrix, rows, h, solver, solver.first_c) for h in held
    )
    fits = track(found, len(held), "third stage", show=show)
    starts = [text, *text_folds]
    models = [export(fit, matrix, start) for fit, start in zip(fits, starts, strict=True)]
    scores = np.zeros((len(rows.targets), len(LABELS)), dtype=np.int64)
    for fold, model in zip(folds, models[1:], strict=True):
        score_rows(Data(rows.only(fold), model.extractor), model, scores, rows.groups == fold)
    return HtmlFitted(models[0], tuple(models[1:]), scores)


def third_matrix(data: Data, text_folds: Sequence[Model], settings: HtmlSettings) -> Matrix:
    """Build the third stage's design matrix.

    Its columns are, in order: the text's scores, the markup's context columns for each role,
    its own columns, names, and what the text says of the lines around.
    """
    parts, at = [], 0
    for run in data.runs:
        reading, markup = data.read(run)
        here = slice(at, at + len(reading.coarse))
        scores = _text_scores(reading, text_folds, data.rows.groups[here])
        parts.append(_design(reading, markup, scores))
        at = here.stop
    scales = [
        np.ones(len(LABELS)),
        np.full(table_width(context_measures()) * len(ROLES), settings.context_scale),
        np.full(table_width(own_measures()), settings.own_scale),
        np.full(NAMES, settings.name_scale),
        np.full(table_width(around_measures()), settings.around_scale),
    ]
    whole = sparse.vstack(parts, format="csr")
    return thin(whole, np.concatenate(scales).astype(np.float32))


def _text_scores(reading: Reading, text_folds: Sequence[Model], groups: Ints) -> Ints:
    """Score each line by the model for text of its fold."""
    scores = np.zeros((len(groups), len(LABELS)), dtype=np.int64)
    for fold in np.unique(groups).tolist():
        first = first_scores(reading, text_folds[fold].first)
        found = second_scores(reading, first, text_folds[fold].second)
        scores[groups == fold] = found[groups == fold]
    return scores


def _design(reading: Reading, markup: MarkupReading, scores: Ints) -> sparse.csr_matrix:
    numbers = sparse.csr_matrix((centred(scores) / UNIT).astype(np.float32))
    around = around_values(reading, markup, shares(scores))
    context, own, last = (
        one_hot(to_columns(measures, values, reading.coarse), table_width(measures))
        for measures, values in (
            (context_measures(), markup.values),
            (own_measures(), markup.values),
            (around_measures(), around),
        )
    )
    lent = [shift(reading, role) @ context for role in ROLES]
    parts = [numbers, *lent, own, _name_columns(markup), last]
    return sparse.hstack(parts, format="csr", dtype=np.float32)


def _name_columns(markup: MarkupReading) -> sparse.csr_matrix:
    count = len(markup.tags)
    one = token_scale(np.ones(1, np.int64))[0]
    rows, columns, values = [], [], []
    for words, bounds in markup.names.runs:
        counts = np.diff(bounds)
        owners = np.repeat(np.arange(count), counts)
        rows.append(owners)
        columns.append(words)
        values.append(token_scale(counts).take(owners) / one)
    for words in markup.names.single:
        rows.append(np.arange(count))
        columns.append(words)
        values.append(np.ones(count))
    cells = (np.concatenate(rows), np.concatenate(columns))
    return sparse.csr_matrix(
        (np.concatenate(values).astype(np.float32), cells), shape=(count, NAMES)
    )


def export(fit: Fit, matrix: Matrix, text: Model) -> HtmlModel:
    """Turn a fit into the whole numbers that scoring adds up."""
    count, roles = len(LABELS), len(ROLES)
    context, own, around = (
        table_width(measures()) for measures in (context_measures, own_measures, around_measures)
    )
    coefficients, bias = fit
    widths = (count, context * roles, own, NAMES, around)
    whole = np.zeros((sum(widths), count))
    whole[matrix.used] = (coefficients * matrix.scales).T
    mixing, lent, alone, names, last = np.split(whole, np.cumsum(widths)[:-1])
    lent = lent.reshape(roles, context, count).transpose(1, 0, 2).reshape(context, -1)
    markup = MarkupStages(
        bias=to_whole(bias, UNIT, np.int64),
        mixing=to_whole(mixing, MIXING_UNIT, np.int64),
        context=to_whole(lent, UNIT, np.int32),
        own=to_whole(alone, UNIT, np.int32),
        names=to_whole(names, WORD_UNIT, np.int16),
        around=to_whole(last, UNIT, np.int32),
    )
    return HtmlModel(text, markup)


def score_rows(data: Data, model: HtmlModel, scores: Ints, where: NDArray[np.bool_]) -> None:
    """Score rows, as shipped code would, into their place among all scores."""
    parts = [model.score(data.markups(run))[1] for run in data.runs]
    if parts:
        scores[where] = np.concatenate(parts)
