"""HTML pages to a model: two stages on top of those of a model for text.

As in `fit`, each stage is fitted on what the one before says of pages that it has not seen:
the text's scores come from its fold models, the third stage's from fits without a fold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse

from paywallstrip.features import ROLES, FeatureExtractor, Reading
from paywallstrip.html_model import HtmlModel
from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.markup import MarkupLines
from paywallstrip.markup_families import context_measures, own_measures, second_measures
from paywallstrip.markup_features import MarkupReading, read_features
from paywallstrip.markup_names import NAME_BITS
from paywallstrip.markup_sequence import second_values
from paywallstrip.markup_stages import MarkupStages
from paywallstrip.measures import table_width, to_columns
from paywallstrip.model import Model
from paywallstrip.sequence import second_measures as text_second_measures
from paywallstrip.sequence import second_values as text_second_values
from paywallstrip.stages import (
    MIXING_UNIT,
    UNIT,
    WORD_UNIT,
    SecondStage,
    centred,
    first_scores,
    second_scores,
    shares,
    token_scale,
)
from paywallstrip.training.design import one_hot, shift
from paywallstrip.training.fit import (
    Fit,
    Matrix,
    Progress,
    Rows,
    Settings,
    fit_without,
    thin,
    to_whole,
)
from paywallstrip.training.progress import track

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
        text_second_scale: scale of the fourth stage's columns along the text.
        second_scale: scale of its columns along the markup.
    """

    solver: Settings = field(default_factory=lambda: Settings(iterations=50))
    context_scale: float = 0.5
    own_scale: float = 0.3
    name_scale: float = 3.0
    text_second_scale: float = 0.2
    second_scale: float = 0.4


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
    """Fit both stages on everything, and once more for each fold without its sites.

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
    outers = [frozenset[int](), *(frozenset({fold}) for fold in folds)]
    wanted = {outer | {fold} for outer in outers for fold in folds} | set(outers)
    held = sorted(wanted, key=lambda h: (len(h), sorted(h)))
    progress(f"fitting the third stage {len(held)} times on {matrix.x.shape[1]} columns")
    found = Parallel(jobs, return_as="generator")(
        delayed(fit_without)(matrix, rows, h, solver, solver.first_c) for h in held
    )
    fits = dict(zip(held, track(found, len(held), "third stage", show=show), strict=True))
    progress("fitting the fourth stage")
    starts = [text, *text_folds]
    models = [
        _model_of(data, matrix, fits, outer, start, settings)
        for outer, start in zip(outers, starts, strict=True)
    ]
    scores = np.zeros((len(rows.targets), len(LABELS)), dtype=np.int64)
    for fold, model in zip(folds, models[1:], strict=True):
        score_rows(Data(rows.only(fold), model.extractor), model, scores, rows.groups == fold)
    return HtmlFitted(models[0], tuple(models[1:]), scores)


def third_matrix(data: Data, text_folds: Sequence[Model], settings: HtmlSettings) -> Matrix:
    """Build the third stage's design matrix: the text's scores, then the markup's columns."""
    scores = np.zeros((len(data.rows.targets), len(LABELS)), dtype=np.int64)
    parts, at = [], 0
    for run in data.runs:
        reading, markup = data.read(run)
        parts.append(_markup_design(reading, markup))
        here = slice(at, at + len(reading.coarse))
        groups = data.rows.groups[here]
        for fold in np.unique(groups).tolist():
            first = first_scores(reading, text_folds[fold].first)
            found = second_scores(reading, first, text_folds[fold].second)
            scores[here][groups == fold] = found[groups == fold]
        at = here.stop
    numbers = sparse.csr_matrix((centred(scores) / UNIT).astype(np.float32))
    whole = sparse.hstack([numbers, sparse.vstack(parts)], format="csr", dtype=np.float32)
    scales = [
        np.ones(len(LABELS)),
        np.full(table_width(context_measures()) * len(ROLES), settings.context_scale),
        np.full(table_width(own_measures()), settings.own_scale),
        np.full(NAMES, settings.name_scale),
    ]
    return thin(whole, np.concatenate(scales).astype(np.float32))


def _markup_design(reading: Reading, markup: MarkupReading) -> sparse.csr_matrix:
    """Return the markup's columns: context columns for each role, own columns, names."""
    context, own = (
        one_hot(to_columns(measures, markup.values, reading.coarse), table_width(measures))
        for measures in (context_measures(), own_measures())
    )
    parts = [shift(reading, role) @ context for role in ROLES]
    return sparse.hstack([*parts, own, _name_columns(markup)], format="csr", dtype=np.float32)


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


def _model_of(
    data: Data,
    matrix: Matrix,
    fits: Mapping[frozenset[int], Fit],
    outer: frozenset[int],
    text: Model,
    settings: HtmlSettings,
) -> HtmlModel:
    """Fit the fourth stage that goes with the third stage fitted without `outer`."""
    rows = data.rows
    scores = np.zeros((len(rows.targets), len(LABELS)), dtype=np.int64)
    for fold in set(range(settings.solver.folds)) - outer:
        coefficients, bias = fits[outer | {fold}]
        here = rows.groups == fold
        scores[here] = np.rint((matrix.x[here] @ coefficients.T + bias) * UNIT)
    kept = ~np.isin(rows.groups, list(outer))
    inner = Data(rows.without(outer), data.extractor)
    fourth = fourth_matrix(inner, scores[kept], settings)
    fit = fit_without(fourth, inner.rows, frozenset(), settings.solver, settings.solver.second_c)
    return export((fits[outer], matrix), (fit, fourth), text)


def fourth_matrix(data: Data, scores: Ints, settings: HtmlSettings) -> Matrix:
    """Build the fourth stage's design matrix from the third stage's scores."""
    text, markup = text_second_measures(), second_measures()
    parts, at = [], 0
    for run in data.runs:
        reading, read = data.read(run)
        here = slice(at, at + len(reading.coarse))
        found = shares(scores[here])
        values = text_second_values(reading, found), second_values(reading, read, found)
        columns = [
            one_hot(to_columns(measures, value, reading.coarse), table_width(measures))
            for measures, value in zip((text, markup), values, strict=True)
        ]
        parts.append(sparse.hstack(columns, format="csr"))
        at = here.stop
    numbers = sparse.csr_matrix((centred(scores) / UNIT).astype(np.float32))
    whole = sparse.hstack([numbers, sparse.vstack(parts)], format="csr", dtype=np.float32)
    scales = [
        np.ones(len(LABELS)),
        np.full(table_width(text), settings.text_second_scale),
        np.full(table_width(markup), settings.second_scale),
    ]
    return thin(whole, np.concatenate(scales).astype(np.float32))


def export(third: tuple[Fit, Matrix], fourth: tuple[Fit, Matrix], text: Model) -> HtmlModel:
    """Turn both fits into the whole numbers that scoring adds up."""
    count, roles = len(LABELS), len(ROLES)
    context, own = (table_width(measures()) for measures in (context_measures, own_measures))
    along_text, along = (table_width(m()) for m in (text_second_measures, second_measures))
    mixing, lent, alone, names = _cut(third, (count, context * roles, own, NAMES))
    last_mixing, table, second = _cut(fourth, (count, along_text, along))
    lent = lent.reshape(roles, context, count).transpose(1, 0, 2).reshape(context, -1)
    markup = MarkupStages(
        bias=to_whole(third[0][1], UNIT, np.int64),
        mixing=to_whole(mixing, MIXING_UNIT, np.int64),
        context=to_whole(lent, UNIT, np.int32),
        own=to_whole(alone, UNIT, np.int32),
        names=to_whole(names, WORD_UNIT, np.int16),
        second=to_whole(second, UNIT, np.int32),
    )
    last = SecondStage(
        to_whole(fourth[0][1], UNIT, np.int64),
        to_whole(table, UNIT, np.int32),
        to_whole(last_mixing, MIXING_UNIT, np.int64),
    )
    return HtmlModel(text, markup, last)


def _cut(fitted: tuple[Fit, Matrix], widths: Sequence[int]) -> list[NDArray[Any]]:
    """Return the weights of each group of columns, 0 for those left out, as (width, labels)."""
    (coefficients, _), matrix = fitted
    whole = np.zeros((sum(widths), len(LABELS)))
    whole[matrix.used] = (coefficients * matrix.scales).T
    return np.split(whole, np.cumsum(widths)[:-1])


def score_rows(data: Data, model: HtmlModel, scores: Ints, where: NDArray[np.bool_]) -> None:
    """Score rows, as shipped code would, into their place among all scores."""
    parts = [model.score(data.markups(run))[1] for run in data.runs]
    if parts:
        scores[where] = np.concatenate(parts)
