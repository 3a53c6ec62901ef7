"""A fitted model to a nearby one: its weights move as far as a few new pages ask.

The weights of the model that is adapted are the centre of the penalty: what is fitted is the
difference, by the same multinomial logistic regression as in `fit`. How far a weight may go
depends on how much the model's own training lines said of it: a word that they did not have
moves freely, one that stood in thousands of them hardly. A column that the new pages say
nothing of keeps its weight. scikit-learn's `LogisticRegression` takes no scores to
start from, so the objective is written out here and minimised by scipy.

Only the first stage moves. The second one knows how labels follow each other, which a few
pages tell badly: moving it, too, lost more than it won (docs/experiments.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from paywallstrip.labels import LABELS
from paywallstrip.lines import Ints
from paywallstrip.model import Model
from paywallstrip.stages import UNIT, FirstStage, first_scores
from paywallstrip.training.evidence import to_information
from paywallstrip.training.fit import (
    Fit,
    Progress,
    Settings,
    export_first,
    first_columns,
    first_scales,
    thin,
)
from paywallstrip.training.rows import Rows

Floats = NDArray[np.float64]

UNTOLD = Settings(first_c=0.03, context_scale=0.05, own_scale=0.03, near_scale=0.05, cue_scale=1.0)
"""How far the weights of a model go that does not say how much its lines said of them: words
and cues, hardly shape."""
PAGE_LINES = 40
"""A page of more lines counts as much as one of so many: they are no independent witnesses."""
STEPS, TOLERANCE = 40, 1e-3


@dataclass(frozen=True)
class Strengths:
    """How far new pages may move a model; tried on groups left out, see docs/experiments.md.

    Attributes:
        weights: how much further a weight may go than the penalty it was trained with and
            the lines it was trained on say, as a factor of the variance, above 0.
        bias: inverse strength of the penalty on the difference of the bias, above 0.
        balance: how far the labels are made to count alike, from 0, as often as they occur,
            to 1, each as much as every other.

    Raises:
        ValueError: one of them lies outside its range.
    """

    weights: float = 1.0
    bias: float = 0.0001
    balance: float = 0.75

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("weights", "bias"):
            value = getattr(self, name)
            if not 0 < value < math.inf:
                raise ValueError(f"{name} must be a number above 0, got {value!r}")
        if not 0 <= self.balance <= 1:
            raise ValueError(f"balance must lie from 0 to 1, got {self.balance!r}")


def shift_model(model: Model, rows: Rows, strengths: Strengths, *, progress: Progress) -> Model:
    """Move a model towards labelled pages.

    Args:
        model: where to start from; it stays as it is.
        rows: the lines of the new pages.
        strengths: how far they may move it.
        progress: is told each step.

    Returns:
        A model with the same second stage, cues, word rarities, offsets, `info` and
        `evidence`.
    """
    progress(f"reading {len(rows.texts)} pages, {len(rows.targets)} lines")
    # No column is too rare: how far one may go is known of each.
    matrix = thin(first_columns(rows, model.extractor), _reach(model), least=1)
    before = np.concatenate(
        [first_scores(model.extractor.read(rows.texts[run]), model.first) for run in rows.runs()]
    )
    known = np.flatnonzero(rows.targets >= 0)
    progress(f"moving the weights of {matrix.x.shape[1]} columns")
    fit = fit_shift(
        matrix.x[known],
        rows.targets[known],
        line_weights(rows, known, strengths.balance),
        before[known] / UNIT,
        strengths,
        steps=STEPS,
        tolerance=TOLERANCE,
    )
    shift = export_first(fit, matrix, model.extractor, np.int16)
    return replace(model, first=_add(model.first.finely(), shift))


def _reach(model: Model) -> NDArray[np.float32]:
    """Return how far each weight may go: the standard deviation of what it may have been."""
    settings = UNTOLD if model.evidence is None else Settings()
    variance = settings.first_c * first_scales(model.extractor, settings).astype(np.float64) ** 2
    if model.evidence is not None:
        variance /= 1 + variance * to_information(model.evidence)
    return np.sqrt(variance).astype(np.float32)


def fit_shift(
    x: sparse.csr_matrix,
    targets: Ints,
    weights: Floats,
    centre: Floats,
    strengths: Strengths,
    *,
    steps: int,
    tolerance: float,
) -> Fit:
    """Fit the difference from a model whose scores are known.

    Minimises the log loss of `centre + x d + b`, summed over lines by their weights, plus
    `|d|² / (2 strengths.weights) + |b|² / (2 strengths.bias)`.

    Args:
        x: sparse matrix of shape (lines, columns).
        targets: int64 array of shape (lines,), index of the label, none of them open.
        weights: float64 array of shape (lines,), how much a line counts.
        centre: float64 array of shape (lines, labels), the scores before, in natural
            logarithms.
        strengths: of the penalty.
        steps: most steps of the solver.
        tolerance: the solver's stopping criterion, on the mean loss's largest slope.

    Returns:
        Differences of coefficients (labels, columns) and of the bias (labels,).
    """
    count, width, whole = centre.shape[1], x.shape[1], float(weights.sum())
    wide = sparse.csr_matrix(sparse.hstack([x, np.ones((len(targets), 1), np.float32)]))
    turned = wide.T.tocsr()
    truth = np.eye(count)[targets]
    stiffness = np.append(np.full(width, 1 / strengths.weights), 1 / strengths.bias)[:, None]

    def objective(flat: Floats) -> tuple[float, Floats]:
        shift = flat.reshape(width + 1, count)
        scores = centre + wide @ shift
        scores -= scores.max(axis=1, keepdims=True)
        odds = np.exp(scores)
        total = odds.sum(axis=1)
        loss = weights @ (np.log(total) - (scores * truth).sum(axis=1))
        slope = turned @ ((odds / total[:, None] - truth) * weights[:, None])
        pull = stiffness * shift
        value = float(loss + (pull * shift).sum() / 2)
        return value / whole, (slope + pull).ravel() / whole

    found = optimize.minimize(
        objective,
        np.zeros((width + 1) * count),
        jac=True,
        method="L-BFGS-B",
        # The stopping rules of scikit-learn's solver.
        options={"maxiter": steps, "gtol": tolerance, "ftol": 64 * np.finfo(float).eps},
    )
    shift = found.x.reshape(width + 1, count).T
    return shift[:, :-1], shift[:, -1]


def line_weights(rows: Rows, known: Ints, balance: float) -> Floats:
    """Return how much each labelled line counts: less on long pages, more if its label is rare."""
    per_page = np.minimum(1.0, PAGE_LINES / np.maximum(rows.sizes, 1))
    weights: Floats = (rows.weights * np.repeat(per_page, rows.sizes))[known]
    targets = rows.targets[known]
    # One more of each label, so that a single line of a label does not outweigh a page.
    counts = np.bincount(targets, weights, minlength=len(LABELS)) + 1
    balanced = weights * (counts.sum() / counts)[targets] ** balance
    result: Floats = balanced * (weights.sum() / balanced.sum())
    return result


def _add(stage: FirstStage, shift: FirstStage) -> FirstStage:
    """Add whole numbers of small types; a sum that does not fit stops at its type's limit."""
    pairs: Any = zip(stage, shift, strict=True)
    sums = []
    for weights, change in pairs:
        limits = np.iinfo(weights.dtype)
        found = np.clip(weights.astype(np.int64) + change, limits.min, limits.max)
        sums.append(found.astype(weights.dtype))
    return FirstStage(*sums)
