"""numpy applies what scikit-learn fitted: the same probabilities, but for rounding.

Weights are stored as whole numbers: those of binned columns in units of `UNIT`, those of
hashed ones in the coarser `WORD_UNIT`, the mixing of the first stage's scores in
`MIXING_UNIT`. Each is off by at most half a unit, so a line's score is off by at most the
sum, over its columns, of half a unit times the column's value. If every score is off by
at most b, a probability is off by at most b / 2: its slope is p (1 - p) times a difference
of two scores. That bound is worked out for every line; beside it stands only what
scikit-learn loses by computing in float32.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("sklearn", reason="needs the extra [train]")
pytest.importorskip("joblib", reason="needs the extra [train]")

from scipy import sparse
from sklearn.linear_model import LogisticRegression

from paywallstrip.features import ROLES, WIDE_ROLES, FeatureExtractor
from paywallstrip.labels import LABELS
from paywallstrip.reading import HASH_BITS
from paywallstrip.stages import (
    MIXING_UNIT,
    UNIT,
    WORD_UNIT,
    centred,
    first_scores,
    probabilities,
    second_scores,
)
from paywallstrip.training.design import first_design
from paywallstrip.training.fit import (
    Matrix,
    Settings,
    export_first,
    export_second,
    first_matrix,
    second_matrix,
)
from paywallstrip.training.rows import Rows
from paywallstrip.training.versions import TrainingPage
from paywallstrip.word_weights import BYTE_STEP
from tests.toy import toy_model
from tests.written import INDEX, read_page

FLOAT32 = 2e-5
SETTINGS = Settings(first_c=1.0, second_c=1.0)


@dataclass
class Stage:
    """One stage, fitted and exported.

    Attributes:
        fitted: scikit-learn's probabilities of every line.
        applied: numpy's.
        bound: how far they may lie apart, by line.
        scores: numpy's scores.
        largest: the largest weight, in the unit it is stored in, over what fits there.
    """

    fitted: NDArray[np.float64]
    applied: NDArray[np.float64]
    bound: NDArray[np.float64]
    scores: NDArray[np.int64]
    largest: float


@pytest.fixture(scope="module")
def rows() -> Rows:
    pages = []
    for entry in INDEX[::2]:
        written = read_page(entry["name"])
        lines = tuple(line for line in written.text.split("\n") if line.strip())
        labels = tuple(label.value for label in written.labels)
        pages.append(
            TrainingPage(
                entry["name"], "original", entry["domain"], entry["language"], lines, labels, 1.0
            )
        )
    return Rows(pages, [i % 5 for i in range(len(pages))])


@pytest.fixture(scope="module")
def extractor() -> FeatureExtractor:
    return toy_model().extractor


def regress(matrix: Matrix, rows: Rows, strength: float) -> LogisticRegression:
    regression = LogisticRegression(C=strength, max_iter=100)
    return regression.fit(matrix.x, rows.targets, sample_weight=rows.weights)


def half(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn how far scores may be off to how far probabilities may."""
    return np.asarray(value / 2 + FLOAT32)


@pytest.fixture(scope="module")
def first(rows: Rows, extractor: FeatureExtractor) -> Stage:
    matrix = first_matrix(rows, extractor, SETTINGS)
    regression = regress(matrix, rows, SETTINGS.first_c)
    fit = (regression.coef_, regression.intercept_)
    stage = export_first(fit, matrix, extractor)
    hashed = (1 << HASH_BITS) * (len(WIDE_ROLES) + 1)
    binned = extractor.context_width * len(ROLES) + extractor.own_width
    unit = np.concatenate(
        [np.full(binned, 0.5 / UNIT), np.full(hashed, 0.5 * BYTE_STEP / WORD_UNIT)]
    )
    readings = [extractor.read(rows.texts[run]) for run in rows.runs()]
    design = sparse.vstack([first_design(reading, extractor) for reading in readings])
    off = abs(design)[:, matrix.used] @ unit[matrix.used] + 0.5 / UNIT
    scores = np.concatenate([first_scores(reading, stage) for reading in readings])
    return Stage(
        regression.predict_proba(matrix.x),
        probabilities(scores),
        half(off),
        scores,
        float(max(np.abs(a.astype(np.int64)).max() / np.iinfo(a.dtype).max for a in stage)),
    )


@pytest.fixture(scope="module")
def second(rows: Rows, extractor: FeatureExtractor, first: Stage) -> Stage:
    matrix = second_matrix(rows, extractor, first.scores, SETTINGS)
    regression = regress(matrix, rows, SETTINGS.second_c)
    stage = export_second((regression.coef_, regression.intercept_), matrix)
    parts, at = [], 0
    for run in rows.runs():
        reading = extractor.read(rows.texts[run])
        here = slice(at, at + len(reading.coarse))
        parts.append(second_scores(reading, first.scores[here], stage))
        at = here.stop
    columns = matrix.x.getnnz(axis=1)
    mixed = np.abs(centred(first.scores) / UNIT).sum(axis=1)
    # One unit more: what is mixed in is cut to whole units.
    off = (columns + 3) * 0.5 / UNIT + mixed * 0.5 / MIXING_UNIT
    scores = np.concatenate(parts)
    return Stage(regression.predict_proba(matrix.x), probabilities(scores), half(off), scores, 0.0)


def test_the_first_stages_probabilities_differ_by_rounding_only(first: Stage) -> None:
    assert (np.abs(first.fitted - first.applied).max(axis=1) <= first.bound).all()


def test_the_second_stages_probabilities_differ_by_rounding_only(second: Stage) -> None:
    assert (np.abs(second.fitted - second.applied).max(axis=1) <= second.bound).all()


def test_rounding_moves_no_probability_of_the_second_stage_by_a_hundredth(second: Stage) -> None:
    assert np.abs(second.fitted - second.applied).max() < 1e-2


# A hashed weight has one byte, a step of a 32nd of a logarithm; a word has a dozen of them.
def test_rounding_moves_hardly_a_probability_of_the_first_stage_by_a_hundredth(
    first: Stage,
) -> None:
    moved = np.abs(first.fitted - first.applied).max(axis=1)
    assert (moved > 1e-2).mean() < 0.005


def test_rounding_moves_no_probability_of_the_first_stage_by_three_hundredths(
    first: Stage,
) -> None:
    assert np.abs(first.fitted - first.applied).max() < 3e-2


def test_no_weight_is_too_large_for_its_whole_number(first: Stage) -> None:
    assert first.largest < 1


def test_both_have_learned_something(rows: Rows, first: Stage) -> None:
    assert (first.applied.argmax(axis=1) == rows.targets).mean() > 0.9


def test_every_label_was_there_to_learn(rows: Rows) -> None:
    assert set(rows.targets.tolist()) == set(range(len(LABELS)))
