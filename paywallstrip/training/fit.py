"""Labelled pages to a model: two logistic regressions, fitted by scikit-learn.

The second stage is fitted on what the first one says of pages it has not seen: the
first stage is fitted once for each fold of sites, and once more on everything.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from paywallstrip.features import ROLES, WIDE_ROLES, FeatureExtractor
from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.measures import Measure, table_width, to_columns
from paywallstrip.model import PAGE_KINDS, Model, first_width
from paywallstrip.sequence import second_measures, second_values
from paywallstrip.stages import (
    MIXING_UNIT,
    UNIT,
    WORD_UNIT,
    FirstStage,
    SecondStage,
    centred,
    first_scores,
    second_scores,
    shares,
)
from paywallstrip.training.design import HASHED, first_design, one_hot
from paywallstrip.training.evidence import gather_evidence
from paywallstrip.training.progress import track
from paywallstrip.training.rows import Rows
from paywallstrip.word_weights import BYTE_STEP

RARE_COLUMN = 4
"""Columns set in fewer lines than this get no weight."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Settings:
    """Numbers that training is run with; tried on folds of sites, see docs/experiments.md.

    A column's scale multiplies its ones: a larger scale means less shrinking of its weight.

    Attributes:
        first_c: inverse strength of the first stage's penalty.
        second_c: inverse strength of the second stage's penalty.
        context_scale: scale of the columns a line lends to its neighbours.
        own_scale: scale of the columns of the line alone.
        cue_scale: scale of the columns that count the line's own cues.
        near_scale: scale of the columns that count the cues of lines around.
        hashed_scale: scale of hashed words and lines.
        second_scale: scale of the second stage's columns.
        zone_scale: scale of the second stage's columns of rows of readers' comments.
        folds: groups of sites that the second stage's training scores come from.
        iterations: most steps of the solver.
        tolerance: the solver's stopping criterion.
    """

    first_c: float = 0.05
    second_c: float = 0.03
    context_scale: float = 0.5
    own_scale: float = 0.3
    cue_scale: float = 3.0
    near_scale: float = 0.5
    hashed_scale: float = 3.0
    second_scale: float = 0.2
    zone_scale: float = 2.0
    folds: int = 5
    iterations: int = 300
    tolerance: float = 2e-4


@dataclass(frozen=True)
class Fitted:
    """What training gives.

    Attributes:
        model: fitted on all rows.
        folds: one model a fold, fitted without the fold's sites; empty if not asked for.
        scores: int64 array of shape (lines, labels), the second stage's scores of each
            row by the model of its fold; None without fold models.
    """

    model: Model
    folds: tuple[Model, ...]
    scores: Ints | None


def fit_model(
    rows: Rows,
    extractor: FeatureExtractor,
    settings: Settings,
    *,
    with_folds: bool = False,
    jobs: int = 1,
    progress: Progress = print,
    show: bool = True,
) -> Fitted:
    """Fit both stages, and if asked once more for each fold without its sites.

    A fold's second stage, too, is fitted on scores of pages that its first stage has not
    seen: for that the first stage is fitted without every pair of folds.

    Args:
        rows: the training lines.
        extractor: the feature extractor with its cue lists and word rarities.
        settings: scales and strengths.
        with_folds: whether to fit the fold models.
        jobs: fits that run at the same time.
        progress: is told each step.
        show: whether a bar shows how many fits are done.

    Returns:
        The models; their `info` is empty and their offsets are zero.
    """
    progress(f"reading {len(rows.texts)} pages, {len(rows.targets)} lines")
    matrix = first_matrix(rows, extractor, settings)
    folds = range(settings.folds)
    outers = [frozenset[int]()] + ([frozenset({f}) for f in folds] if with_folds else [])
    wanted = {outer | {f} for outer in outers for f in folds} | set(outers)
    held = sorted(wanted, key=lambda h: (len(h), sorted(h)))
    progress(f"fitting the first stage {len(held)} times on {matrix.x.shape[1]} columns")
    # A generator, so that a bar can show how many are done.
    found = Parallel(jobs, return_as="generator")(
        delayed(fit_without)(matrix, rows, h, settings, settings.first_c) for h in held
    )
    shown = track(found, len(held), "first stage", show=show)
    fits = dict(zip(held, shown, strict=True))
    progress("fitting the second stage")
    models: list[Model] = Parallel(jobs, prefer="threads")(
        delayed(_second_of)(rows, extractor, matrix, fits, outer, settings) for outer in outers
    )
    evidence = gather_evidence(matrix, rows, fits[frozenset()], first_width(extractor))
    model = replace(models[0], evidence=evidence)
    if not with_folds:
        return Fitted(model, (), None)
    scores = np.zeros((len(rows.targets), len(LABELS)), dtype=np.int64)
    for fold, apart in zip(folds, models[1:], strict=True):
        _score_fold(rows, apart, fold, scores)
    return Fitted(model, tuple(models[1:]), scores)


def _second_of(
    rows: Rows,
    extractor: FeatureExtractor,
    matrix: "Matrix",
    fits: "Mapping[frozenset[int], Fit]",
    outer: frozenset[int],
    settings: Settings,
) -> Model:
    """Fit the second stage that goes with the first stage fitted without `outer`."""
    inner = rows.without(outer)
    scores = np.zeros((len(rows.targets), len(LABELS)), dtype=np.int64)
    for fold in set(range(settings.folds)) - outer:
        coefficients, bias = fits[outer | {fold}]
        here = rows.groups == fold
        scores[here] = np.rint((matrix.x[here] @ coefficients.T + bias) * UNIT)
    kept = ~np.isin(rows.groups, list(outer))
    second = fit_second(inner, extractor, scores[kept], settings)
    first = export_first(fits[outer], matrix, extractor)
    offsets = np.zeros((len(PAGE_KINDS) + 1, len(LABELS)), np.int64)
    return Model(extractor, first, second, offsets, {})


def _score_fold(rows: Rows, model: Model, fold: int, scores: Ints) -> None:
    """Score the fold's rows, as shipped code would, into their place."""
    inside = rows.only(fold)
    parts = []
    for run in inside.runs():
        reading = model.extractor.read(inside.texts[run])
        first = first_scores(reading, model.first)
        parts.append(second_scores(reading, first, model.second))
    if parts:
        scores[rows.groups == fold] = np.concatenate(parts)


@dataclass(frozen=True)
class Matrix:
    """A design matrix without its rare columns.

    Attributes:
        x: float32 sparse matrix of shape (lines, used columns), scaled.
        used: int64 array, which columns of the whole table they are.
        scales: float32 array of shape (used,), by what each was multiplied.
    """

    x: sparse.csr_matrix
    used: Ints
    scales: NDArray[np.float32]


def first_matrix(rows: Rows, extractor: FeatureExtractor, settings: Settings) -> Matrix:
    """Build the first stage's design matrix of all rows."""
    return thin(first_columns(rows, extractor), first_scales(extractor, settings))


def first_columns(rows: Rows, extractor: FeatureExtractor) -> sparse.csr_matrix:
    """Return all of the first stage's columns for all rows, as they are."""
    parts = [first_design(extractor.read(rows.texts[run]), extractor) for run in rows.runs()]
    return sparse.vstack(parts, format="csr")


def thin(whole: sparse.csr_matrix, scales: NDArray[np.float32], least: int = RARE_COLUMN) -> Matrix:
    """Leave out columns that are set in fewer than the least number of lines; scale the others."""
    counts = np.bincount(whole.indices, minlength=whole.shape[1])
    used = np.flatnonzero(counts >= least)
    x = (whole[:, used] @ sparse.diags(scales[used])).tocsr().astype(np.float32)
    return Matrix(x, used, scales[used])


def first_scales(extractor: FeatureExtractor, settings: Settings) -> NDArray[np.float32]:
    """Return the scale of each of the first stage's columns, in the order of `first_design`."""
    near = {"cue": settings.near_scale, "cue-near": settings.near_scale}
    near["cue-page"] = settings.near_scale
    lines = dict.fromkeys(("cue-sized", "cue-first", "cue-whole"), settings.cue_scale)
    own = {**near, **lines}
    hashed = np.full(HASHED * (len(WIDE_ROLES) + 1), settings.hashed_scale)
    parts = [
        scales_of(
            extractor.context,
            settings.context_scale,
            {"cue": settings.cue_scale} if role == 0 else near,
        )
        for role in ROLES
    ]
    parts += [scales_of(extractor.own, settings.own_scale, own), hashed]
    return np.concatenate(parts).astype(np.float32)


def scales_of(
    measures: tuple[Measure, ...], plain: float, named: Mapping[str, float]
) -> NDArray[np.float64]:
    """Return the scale of each column of some families, by their names or `plain`."""
    parts = [np.full(m.width, named.get(m.name, plain)) for m in measures]
    return np.concatenate([[0.0], *parts])


Fit = tuple[NDArray[np.float64], NDArray[np.float64]]


def fit_without(
    matrix: Matrix, rows: Rows, held: frozenset[int], settings: Settings, strength: float
) -> Fit:
    """Fit on all folds but some."""
    chosen = (rows.targets >= 0) & ~np.isin(rows.groups, list(held))
    return fit_regression(matrix, rows, chosen, settings, strength)


def fit_regression(
    matrix: Matrix, rows: Rows, chosen: NDArray[np.bool_], settings: Settings, strength: float
) -> Fit:
    """Fit on some lines; return coefficients (labels, columns) and bias (labels,).

    Args:
        matrix: the design matrix.
        rows: its lines.
        chosen: bool array of shape (lines,); all chosen lines have a label.
        settings: the solver's limits.
        strength: inverse strength of the penalty.
    """
    at = np.flatnonzero(chosen)
    regression = LogisticRegression(
        C=strength, max_iter=settings.iterations, tol=settings.tolerance
    )
    regression.fit(matrix.x[at], rows.targets[at], sample_weight=rows.weights[at])
    coefficients = np.zeros((len(LABELS), matrix.x.shape[1]))
    bias = np.full(len(LABELS), -30.0)
    found, intercept = regression.coef_, regression.intercept_
    if len(found) == 1:
        # Of two labels one row is fitted, the score of the one against the other.
        found, intercept = (np.concatenate([-each, each]) / 2 for each in (found, intercept))
    coefficients[regression.classes_] = found
    bias[regression.classes_] = intercept
    return coefficients, bias


def export_first(
    fit: Fit,
    matrix: Matrix,
    extractor: FeatureExtractor,
    dtype: type[np.int8 | np.int16] = np.int8,
) -> FirstStage:
    """Turn a fit into the whole numbers that `stages.first_scores` adds up.

    Args:
        fit: the coefficients and bias.
        matrix: what was fitted on.
        extractor: measures the columns.
        dtype: of the hashed columns' weights; two bytes tell what adapting changes.
    """
    coefficients, bias = fit
    count = len(LABELS)
    width = extractor.context_width
    whole = np.zeros((first_width(extractor), count))
    whole[matrix.used] = (coefficients * matrix.scales).T
    at = width * len(ROLES)
    context = whole[:at].reshape(len(ROLES), width, count)
    own = whole[at : at + extractor.own_width]
    hashed = whole[at + extractor.own_width :].reshape(len(WIDE_ROLES) + 1, HASHED, count)
    wide = hashed[:-1]
    unit = WORD_UNIT // (BYTE_STEP if dtype is np.int8 else 1)
    return FirstStage(
        to_whole(bias, UNIT, np.int64),
        to_whole(context.transpose(1, 0, 2).reshape(width, -1), UNIT, np.int32),
        to_whole(own, UNIT, np.int32),
        to_whole(wide.transpose(1, 0, 2).reshape(HASHED, -1), unit, dtype),
        to_whole(hashed[-1], unit, dtype),
    )


def to_whole(weights: NDArray[np.float64], unit: int, dtype: type[np.integer[Any]]) -> NDArray[Any]:
    """Turn weights into whole numbers of a type, in units of 1 / `unit`."""
    limits = np.iinfo(dtype)
    return np.clip(np.rint(weights * unit), limits.min, limits.max).astype(dtype)


def second_matrix(
    rows: Rows, extractor: FeatureExtractor, scores: Ints, settings: Settings
) -> Matrix:
    """Build the second stage's design matrix from the first stage's scores."""
    measures = second_measures()
    width, parts, at = table_width(measures), [], 0
    for run in rows.runs():
        reading = extractor.read(rows.texts[run])
        here = slice(at, at + len(reading.coarse))
        values = second_values(reading, shares(scores[here]))
        parts.append(one_hot(to_columns(measures, values, reading.coarse), width))
        at = here.stop
    numbers = sparse.csr_matrix((centred(scores) / UNIT).astype(np.float32))
    whole = sparse.hstack([sparse.vstack(parts), numbers], format="csr", dtype=np.float32)
    scales = scales_of(measures, settings.second_scale, {"zone": settings.zone_scale})
    return thin(whole, np.concatenate([scales, np.ones(len(LABELS))]).astype(np.float32))


def fit_second(
    rows: Rows, extractor: FeatureExtractor, scores: Ints, settings: Settings
) -> SecondStage:
    """Fit the second stage on scores of pages that the first one has not seen."""
    matrix = second_matrix(rows, extractor, scores, settings)
    return export_second(
        fit_without(matrix, rows, frozenset(), settings, settings.second_c), matrix
    )


def export_second(fit: Fit, matrix: Matrix) -> SecondStage:
    """Turn a fit into the whole numbers that `stages.second_scores` adds up."""
    coefficients, bias = fit
    count = len(LABELS)
    width = table_width(second_measures())
    whole = np.zeros((width + count, count))
    whole[matrix.used] = (coefficients * matrix.scales).T
    return SecondStage(
        to_whole(bias, UNIT, np.int64),
        to_whole(whole[:width], UNIT, np.int32),
        to_whole(whole[width:], MIXING_UNIT, np.int64),
    )
