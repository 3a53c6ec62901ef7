"""HTML pages to a model: the text's two stages and the markup's part, fitted as one.

As in `fit`, the second stage is fitted on what the first one says of pages it has not seen.
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
from paywallstrip.markup_features import NAME_BITS, MarkupReading, read_features
from paywallstrip.markup_sequence import second_values
from paywallstrip.markup_stages import MarkupStages
from paywallstrip.measures import table_width, to_columns
from paywallstrip.model import PAGE_KINDS, Model
from paywallstrip.sequence import second_measures as text_second_measures
from paywallstrip.sequence import second_values as text_second_values
from paywallstrip.stages import (
    MIXING_UNIT,
    UNIT,
    WORD_UNIT,
    SecondStage,
    centred,
    shares,
    token_scale,
)
from paywallstrip.training.design import first_design, one_hot, shift
from paywallstrip.training.fit import (
    Fit,
    Matrix,
    Progress,
    Rows,
    Settings,
    export_first,
    first_scales,
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
        text: those of the text's columns.
        context_scale: scale of the markup columns a line lends to its neighbours.
        own_scale: scale of the markup columns of the line alone.
        name_scale: scale of hashed classes, ids, addresses and paths.
        second_scale: scale of the second stage's markup columns.
    """

    text: Settings = field(default_factory=Settings)
    context_scale: float = 0.5
    own_scale: float = 0.3
    name_scale: float = 3.0
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
    """The rows, and what is read of them: once a fit, since it does not change."""

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
    extractor: FeatureExtractor,
    settings: HtmlSettings,
    *,
    jobs: int = 1,
    progress: Progress = print,
    show: bool = True,
) -> HtmlFitted:
    """Fit both stages on everything, and once more for each fold without its sites.

    Args:
        rows: the training lines; their pages are `html_pages.HtmlPage`.
        extractor: the feature extractor with its cue lists and word rarities.
        settings: scales and strengths.
        jobs: fits that run at the same time.
        progress: is told each step.
        show: whether a bar shows how many fits are done.

    Returns:
        The models; their `info` is empty and their offsets are zero.
    """
    data = Data(rows, extractor)
    progress(f"reading {len(rows.texts)} pages, {len(rows.targets)} lines")
    matrix = first_matrix(data, settings)
    folds = range(settings.text.folds)
    outers = [frozenset[int](), *(frozenset({fold}) for fold in folds)]
    wanted = {outer | {fold} for outer in outers for fold in folds} | set(outers)
    held = sorted(wanted, key=lambda h: (len(h), sorted(h)))
    progress(f"fitting the first stage {len(held)} times on {matrix.x.shape[1]} columns")
    found = Parallel(jobs, return_as="generator")(
        delayed(fit_without)(matrix, rows, h, settings.text, settings.text.first_c) for h in held
    )
    shown = track(found, len(held), "first stage", show=show)
    fits = dict(zip(held, shown, strict=True))
    progress("fitting the second stage")
    models = [_model_of(data, matrix, fits, outer, settings) for outer in outers]
    scores = np.zeros((len(rows.targets), len(LABELS)), dtype=np.int64)
    for fold, model in zip(folds, models[1:], strict=True):
        score_rows(rows.only(fold), model, scores, rows.groups == fold)
    return HtmlFitted(models[0], tuple(models[1:]), scores)


def first_matrix(data: Data, settings: HtmlSettings) -> Matrix:
    """Build the first stage's design matrix: the text's columns, then the markup's."""
    parts = []
    for run in data.runs:
        reading, markup = data.read(run)
        text = first_design(reading, data.extractor)
        parts.append(sparse.hstack([text, _markup_design(reading, markup)], format="csr"))
    return thin(sparse.vstack(parts, format="csr"), _first_scales(data.extractor, settings))


def _markup_design(reading: Reading, markup: MarkupReading) -> sparse.csr_matrix:
    """Return the markup's columns: context columns for each role, own columns, names."""
    measures = context_measures(), own_measures()
    context, own = (
        one_hot(to_columns(each, markup.values, reading.coarse), table_width(each))
        for each in measures
    )
    parts = [shift(reading, role) @ context for role in ROLES]
    parts += [own, _name_columns(markup)]
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


def _first_scales(extractor: FeatureExtractor, settings: HtmlSettings) -> NDArray[np.float32]:
    context = np.full(table_width(context_measures()), settings.context_scale)
    own = np.full(table_width(own_measures()), settings.own_scale)
    parts = [context] * len(ROLES) + [own, np.full(NAMES, settings.name_scale)]
    text = first_scales(extractor, settings.text)
    return np.concatenate([text, *parts]).astype(np.float32)


def _model_of(
    data: Data,
    matrix: Matrix,
    fits: Mapping[frozenset[int], Fit],
    outer: frozenset[int],
    settings: HtmlSettings,
) -> HtmlModel:
    """Fit the second stage that goes with the first stage fitted without `outer`."""
    rows = data.rows
    inner = Data(rows.without(outer), data.extractor)
    scores = np.zeros((len(rows.targets), len(LABELS)), dtype=np.int64)
    for fold in set(range(settings.text.folds)) - outer:
        coefficients, bias = fits[outer | {fold}]
        here = rows.groups == fold
        scores[here] = np.rint((matrix.x[here] @ coefficients.T + bias) * UNIT)
    kept = ~np.isin(rows.groups, list(outer))
    second = second_matrix(inner, scores[kept], settings)
    fit = fit_without(second, inner.rows, frozenset(), settings.text, settings.text.second_c)
    return _export(fits[outer], matrix, fit, second, data.extractor)


def second_matrix(data: Data, scores: Ints, settings: HtmlSettings) -> Matrix:
    """Build the second stage's design matrix from the first stage's scores."""
    text, markup = text_second_measures(), second_measures()
    parts, at = [], 0
    for run in data.runs:
        reading, read = data.read(run)
        here = slice(at, at + len(reading.coarse))
        found = shares(scores[here])
        values = text_second_values(reading, found), second_values(reading, read, found)
        columns = [
            one_hot(to_columns(m, value, reading.coarse), table_width(m))
            for m, value in zip((text, markup), values, strict=True)
        ]
        parts.append(sparse.hstack(columns, format="csr"))
        at = here.stop
    numbers = sparse.csr_matrix((centred(scores) / UNIT).astype(np.float32))
    whole = sparse.hstack([sparse.vstack(parts), numbers], format="csr", dtype=np.float32)
    scales = [
        np.full(table_width(text), settings.text.second_scale),
        np.full(table_width(markup), settings.second_scale),
        np.ones(len(LABELS)),
    ]
    return thin(whole, np.concatenate(scales).astype(np.float32))


def _export(
    first: Fit,
    first_columns: Matrix,
    second: Fit,
    second_columns: Matrix,
    extractor: FeatureExtractor,
) -> HtmlModel:
    """Turn both fits into the whole numbers that scoring adds up."""
    count = len(LABELS)
    context_width, own_width = (table_width(m()) for m in (context_measures, own_measures))
    text_width = len(first_scales(extractor, Settings()))
    markup_width = context_width * len(ROLES) + own_width + NAMES
    whole = _spread(first, first_columns, text_width + markup_width)[text_width:]
    cut = context_width * len(ROLES)
    context = whole[:cut].reshape(len(ROLES), context_width, count).transpose(1, 0, 2)
    text_second, markup_second = (table_width(m()) for m in (text_second_measures, second_measures))
    table = _spread(second, second_columns, text_second + markup_second + count)
    stage = SecondStage(
        to_whole(second[1], UNIT, np.int64),
        to_whole(table[:text_second], UNIT, np.int32),
        to_whole(table[-count:], MIXING_UNIT, np.int64),
    )
    offsets = np.zeros((len(PAGE_KINDS) + 1, count), np.int64)
    info: dict[str, Any] = {}
    text_first = export_first(*_text_part(first, first_columns, text_width), extractor)
    text = Model(extractor, text_first, stage, offsets, info)
    markup = MarkupStages(
        to_whole(context.reshape(context_width, -1), UNIT, np.int32),
        to_whole(whole[cut : cut + own_width], UNIT, np.int32),
        to_whole(whole[cut + own_width :], WORD_UNIT, np.int16),
        to_whole(table[text_second:-count], UNIT, np.int32),
    )
    return HtmlModel(text, markup)


def _text_part(fit: Fit, matrix: Matrix, width: int) -> tuple[Fit, Matrix]:
    """Return a fit and its matrix without the markup's columns."""
    count = int(np.searchsorted(matrix.used, width))
    part = Matrix(matrix.x[:, :count], matrix.used[:count], matrix.scales[:count])
    return (fit[0][:, :count], fit[1]), part


def _spread(fit: Fit, matrix: Matrix, width: int) -> NDArray[np.float64]:
    """Return the weight of each column, 0 for those left out, as (width, labels)."""
    whole = np.zeros((width, len(LABELS)))
    whole[matrix.used] = (fit[0] * matrix.scales).T
    return whole


def score_rows(inside: Rows, model: HtmlModel, scores: Ints, where: NDArray[np.bool_]) -> None:
    """Score rows, as shipped code would, into their place among all scores."""
    data = Data(inside, model.extractor)
    parts: Sequence[Ints] = [model.score(data.markups(run))[1] for run in data.runs]
    if parts:
        scores[where] = np.concatenate(parts)
